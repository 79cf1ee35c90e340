"""The budget policy as if the budget in force were another: what would be found, and what would not be any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from finance.conformity.gathering import as_clause, facts, fiscal_year, in_force
from finance.engine.clause_kinds import evaluate
from finance.engine.conformity import NO_SUBJECT, Basis, Breach, Cell, Facts, Place
from finance.structure import periods
from programs.portfolio.models import Program, Project

Amended = Mapping[tuple[int | None, str, str, str], int]
"""Project, category, nature and period code -> signed amount (minor units)."""


def compared(program: Program, amended: Amended, at: datetime) -> tuple[list[str], list[str]]:
    """What would be found anew (or worse), and what would no longer be found: sentences, in the order of the clauses.

    The clauses in force are held against the facts of now and against the same with these amounts in the budget and in
    the books. Eleven queries at most, one where there is no clause.
    """
    clauses = [as_clause(one) for one in in_force(program, periods.local_day(program, at))]
    if not clauses:
        return [], []
    now = facts(program, at, {one.kind for one in clauses})
    then = _amended(now, program, amended)
    fresh: list[str] = []
    gone: list[str] = []
    for clause in clauses:
        before, after = (
            {one.key: one for one in evaluate(clause, known).breaches if one.subject == NO_SUBJECT}
            for known in (now, then)
        )
        fresh += [
            _said(clause.code, one)
            for key, one in after.items()
            if key not in before or one.amount > before[key].amount
        ]
        gone += [_said(clause.code, one) for key, one in before.items() if key not in after]
    return fresh, gone


def _said(code: str, breach: Breach) -> str:
    return f"{code}: {breach.sentence}"


def _amended(now: Facts, program: Program, amended: Amended) -> Facts:
    codes = dict(Project.objects.filter(program=program).values_list("pk", "code"))

    def place(project_id: int | None, category: str, nature: str) -> Place:
        return Place(project_id, codes.get(project_id or 0, ""), category, nature)

    cells: dict[tuple[Place, int], int] = {}
    by_place: dict[Place, int] = {}
    for (project_id, category, nature, period), amount in amended.items():
        where = place(project_id, category, nature)
        year = fiscal_year(period, program.fiscal_year_start_month)
        cells[where, year] = cells.get((where, year), 0) + amount
        by_place[where] = by_place.get(where, 0) + amount
    bases = []
    for basis in now.bases:
        if basis.subject != NO_SUBJECT:
            continue
        mine = dict(cells)
        kept = [
            Cell(one.place, one.year, one.amount + mine.pop((one.place, one.year), 0)) for one in basis.cells
        ]
        bases.append(
            Basis(basis.label, [*kept, *(Cell(where, year, sum_) for (where, year), sum_ in mine.items())])
        )
    return replace(
        now,
        bases=bases,
        positions=[replace(one, budget=one.budget + by_place.get(one.place, 0)) for one in now.positions],
        requests=[replace(one, available=one.available + by_place.get(one.place, 0)) for one in now.requests],
    )
