"""What was granted, committed, accrued and spent: by project, category, nature and period, from the ledger alone.

From the sums that triggers keep, now and at another moment (see `sources`). All amounts are minor units of the
program's currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from finance.earned_value import selectors as earned_value
from finance.ledger import sources
from finance.ledger.choice import ALL, Choice
from finance.spend.figures import Line
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.clocks import AsOf
from programs.portfolio.models import Program


@dataclass(slots=True)
class Spend:
    """The sums of a program or of what was chosen of it, cut four ways; each cut adds up to `total`."""

    total: Line
    projects: list[Line] = field(default_factory=list)
    categories: list[Line] = field(default_factory=list)
    natures: list[Line] = field(default_factory=list)
    periods: list[Line] = field(default_factory=list)


_FOUR_WAYS = """
select s.project_id, s.category, s.nature, s.period, s.kind, sum(s.amount)::bigint as amount,
       grouping(s.project_id, s.category, s.nature, s.period) as cut
  from ({source}) s
 where (%(project)s::bigint is null or s.project_id = %(project)s)
   and (%(category)s = '' or s.category = %(category)s) and (%(nature)s = '' or s.nature = %(nature)s)
 group by grouping sets ((s.project_id, s.kind), (s.category, s.kind), (s.nature, s.kind), (s.period, s.kind))
"""
_CUTS = {0b0111: "projects", 0b1011: "categories", 0b1101: "natures", 0b1110: "periods"}


def spend(program: Program, when: AsOf | None, choice: Choice = ALL) -> Spend:
    """The sums as of a moment (None: now). One query for the sums, one for the projects' names."""
    parameters: dict[str, Any] = {
        "program": program.pk,
        "project": choice.project_id,
        "category": choice.category,
        "nature": choice.nature,
    }
    now = when is None or when.is_now
    if when is not None:
        parameters |= {"at": when.at, "known": when.known, "day": when.day}
    with connection.cursor() as cursor:
        cursor.execute(
            "select id, code from programs_project where program_id = %s order by position, id", [program.pk]
        )
        names: dict[Any, str] = dict(cursor.fetchall())
        cursor.execute(_FOUR_WAYS.format(source=sources.CELLS if now else sources.THEN), parameters)
        rows = cursor.fetchall()
    found: dict[str, dict[Any, Line]] = {name: {} for name in _CUTS.values()}
    total = Line(None, "Total")
    for project_id, category, nature, period, kind, amount, cut in rows:
        name = _CUTS[cut]
        key = {"projects": project_id, "categories": category, "natures": nature, "periods": period}[name]
        line = found[name].setdefault(key, Line(key, _label(name, key, names)))
        line.add(kind, amount)
        if name == "natures":
            total.add(kind, amount)
    return Spend(
        total,
        _sorted(found["projects"], [*names, None]),
        _sorted(found["categories"], Category.values),
        _sorted(found["natures"], Nature.values),
        _sorted(found["periods"], sorted(found["periods"])),
    )


def _label(cut: str, key: Any, names: dict[Any, str]) -> str:
    match cut:
        case "projects":
            return names.get(key, "Program")
        case "categories":
            return str(Category(key).label)
        case "natures":
            return str(Nature(key).label)
    return formats.period(str(key))


def _sorted(lines: dict[Any, Line], order: Iterable[Any]) -> list[Line]:
    return [lines[key] for key in order if key in lines and not lines[key].is_empty()]


def forecasts(program: Program, when: AsOf) -> dict[int | None, int]:
    """Estimate at completion at today's cost index, by project, in minor units (where it is defined)."""
    run = earned_value.newest_run(program, None if when.is_now else when.known)
    if run is None:
        return {}
    found: dict[int | None, int] = {}
    for shown in earned_value.projects_at(run, when.at):
        estimate = shown.minor("eac_cpi")
        if shown.project is not None and estimate is not None:
            found[shown.project.pk] = estimate
    return found
