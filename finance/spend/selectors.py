"""What was granted, committed, accrued and spent: by project, category, nature and period, from the ledger alone.

Now: from the two summary tables that a trigger keeps. At another moment (`at` a day, `known` an instant): from the
postings effective by then and recorded by then; budget counts from the instant it was recorded, for all its
periods. All amounts are minor units of the program's currency.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from finance.earned_value import selectors as earned_value
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


_NOW = """
select c.project_id, c.category, c.nature, p.code as period, c.kind, sum(c.amount)::bigint as amount,
       grouping(c.project_id, c.category, c.nature, p.code) as cut
  from finance_ledgercell c join finance_fiscalperiod p on p.id = c.period_id
 where c.program_id = %(program)s
   and (%(project)s::bigint is null or c.project_id = %(project)s)
   and (%(category)s = '' or c.category = %(category)s) and (%(nature)s = '' or c.nature = %(nature)s)
 group by grouping sets ((c.project_id, c.kind), (c.category, c.kind), (c.nature, c.kind), (p.code, c.kind))
"""
_THEN = """
select a.project_id, a.category, a.nature, f.code as period, a.kind, sum(p.amount)::bigint as amount,
       grouping(a.project_id, a.category, a.nature, f.code) as cut
  from finance_posting p join finance_account a on a.id = p.account_id
  join finance_journal j on j.id = p.journal_id join finance_fiscalperiod f on f.id = j.period_id
 where p.program_id = %(program)s
   and (%(project)s::bigint is null or a.project_id = %(project)s)
   and (%(category)s = '' or a.category = %(category)s) and (%(nature)s = '' or a.nature = %(nature)s)
   and j.recorded_at <= %(known)s
   and case j.kind when 'grant' then j.recorded_at <= %(at)s else j.effective <= %(day)s end
 group by grouping sets ((a.project_id, a.kind), (a.category, a.kind), (a.nature, a.kind), (f.code, a.kind))
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
        cursor.execute(_NOW if now else _THEN, parameters)
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
