"""Funding by source and year: what each unit asked for and was given, by group of sources, in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from finance.funding.models import FundingPlan
from programs.portfolio.models import Program


@dataclass(slots=True)
class Unit:
    """One unit in one fiscal year: minor units by group of sources, and how many requests they come from."""

    year: int
    unit: str
    name: str
    requests: int
    funds: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Of all sources together."""
        return sum(self.funds.values())


@dataclass(frozen=True, slots=True)
class Funding:
    """The table: its columns, its rows by year and unit, and what can be chosen."""

    funds: list[str]
    units: list[Unit]
    steps: list[str]
    step: int
    years: list[int]

    def total(self, fund: str | None = None) -> int:
        """Of a group of sources, or of all, minor units."""
        return sum(unit.funds.get(fund, 0) if fund else unit.total for unit in self.units)


def plans(program: Program) -> list[FundingPlan]:
    """The files that count, the newest first."""
    return list(FundingPlan.objects.filter(program=program, withdrawn_at=None).order_by("-pk"))


def funding(program: Program, plan: FundingPlan | None, step: str = "", year: int | None = None) -> Funding:
    """One file's requests as they stood at a step ("": the last one), of one fiscal year or of all.

    Two statements; a step that the file does not have is taken as its last.
    """
    if plan is None:
        return Funding([], [], [], 0, [])
    place = plan.steps.index(step) if step in plan.steps else len(plan.steps) - 1
    units: dict[tuple[int, str], Unit] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select distinct fiscal_year from finance_fundingline where program_id = %s and plan_id = %s order by 1",
            [program.pk, plan.pk],
        )
        years = [found[0] for found in cursor.fetchall()]
        cursor.execute(
            """select fiscal_year, unit, max(unit_name), fund, sum(amounts[%(step)s])::bigint,
                      array_agg(distinct request)
                 from finance_fundingline
                where program_id = %(program)s and plan_id = %(plan)s
                  and (%(year)s::int is null or fiscal_year = %(year)s)
                group by fiscal_year, unit, fund order by fiscal_year desc, unit, fund""",
            {"program": program.pk, "plan": plan.pk, "step": place + 1, "year": year},
        )
        asked: dict[tuple[int, str], set[str]] = {}
        for fiscal_year, unit, name, fund, amount, requests in cursor.fetchall():
            one = units.setdefault((fiscal_year, unit), Unit(fiscal_year, unit, name, 0))
            one.funds[fund] = amount
            asked.setdefault((fiscal_year, unit), set()).update(requests)
    for key, one in units.items():
        one.requests = len(asked[key])
    return Funding(plan.funds, list(units.values()), plan.steps, place, years)
