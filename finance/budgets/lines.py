"""Writing the lines of a draft: one or a whole block from a spreadsheet, all of them or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.apps import apps

from finance.budgets.models import Budget, BudgetLine
from finance.structure import periods
from finance.structure.models import Category, FiscalPeriod, Nature
from pmo import formats
from pmo.money import LIMIT, format_exact
from pmo.refusals import Conflict, Refused

MOST_AT_ONCE = 5_000
"""Amounts in one call: some thirty years of a project's lines."""


class Cell(NamedTuple):
    """Where an amount stands in a version."""

    category: str
    nature: str
    period: str


class LineChange(NamedTuple):
    """An amount to write (minor units; zero takes the line out) and the line's version that was seen.

    `version` 0: there was no line; None: whatever is there is written over.
    """

    cell: Cell
    amount_minor: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a cell was not written; for somebody else's edit (`conflict`) the line's version now."""

    message: str
    conflict: bool = False
    version: int = 0


class CellsRefused(Refused):
    """Some cells cannot be written, so none was: `problems` says why, cell by cell."""

    def __init__(self, problems: Mapping[Cell, Problem], asked: Sequence[LineChange] = ()) -> None:
        first = next(iter(problems.values()))
        count = formats.counted(len(problems), "cell", "cells")
        more = f" ({count} of {len(asked):,}; nothing was saved)" if len(asked) > 1 else ""
        super().__init__(first.message + more, code="changed" if first.conflict else "cells")
        self.problems = dict(problems)
        if len(asked) > 1:
            places = {change.cell: n for n, change in enumerate(asked)}
            self.errors = {f"lines.{places[cell]}": [one.message] for cell, one in problems.items()}


class CellsOvertaken(CellsRefused, Conflict):
    """The same where nothing is wrong but that somebody else was first."""


def refuse(problems: Mapping[Cell, Problem], asked: Sequence[LineChange]) -> None:
    """Raise what fits these problems; nothing when there are none."""
    if problems:
        overtaken = all(one.conflict for one in problems.values())
        raise (CellsOvertaken if overtaken else CellsRefused)(problems, asked)


def locked(budget: Budget) -> Budget:
    """The version, held against other writers until the end of the transaction."""
    found: Budget = (
        Budget.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "project")
        .get(pk=budget.pk)
    )
    return found


def write(budget: Budget, changes: Sequence[LineChange]) -> None:
    """Write these amounts of a draft (already locked), all or none; a line that is as wanted stays untouched.

    Raises CellsRefused with every cell that is wrong, that somebody else changed meanwhile, or that lies in a closed
    period and would differ from the version in force.
    """
    if budget.state != Budget.State.DRAFT:
        raise Refused("Only the lines of a draft budget can be changed.")
    if len(changes) > MOST_AT_ONCE:
        raise Refused(f"{MOST_AT_ONCE:,} amounts can be written at once, these are {len(changes):,}.")
    refuse(_unfit(budget, changes), changes)
    wanted = {change.cell: change for change in changes}
    dated = periods.ensure(budget.program, {cell.period for cell in wanted})
    there = {
        Cell(line.category, line.nature, line.period.code): line
        for line in BudgetLine.objects.filter(budget=budget, period__in=dated.values()).select_related(
            "period"
        )
    }
    refuse(_overtaken(budget, changes, there) | _closed(budget, changes, there, dated), changes)
    gone, kept, new = [], [], []
    for cell, change in wanted.items():
        line = there.get(cell)
        if line is None and change.amount_minor:
            new.append(
                BudgetLine(
                    program_id=budget.program_id,
                    budget=budget,
                    category=cell.category,
                    nature=cell.nature,
                    period=dated[cell.period],
                    amount_minor=change.amount_minor,
                )
            )
        elif line is not None and not change.amount_minor:
            gone.append(line.pk)
        elif line is not None and line.amount_minor != change.amount_minor:
            line.amount_minor, line.version = change.amount_minor, line.version + 1
            kept.append(line)
    if gone:
        BudgetLine.objects.filter(pk__in=gone).delete()
    BudgetLine.objects.bulk_update(kept, ["amount_minor", "version"], batch_size=500)
    BudgetLine.objects.bulk_create(new, batch_size=1000)


def _unfit(budget: Budget, changes: Iterable[LineChange]) -> dict[Cell, Problem]:
    """What is wrong with the cells by themselves."""
    problems: dict[Cell, Problem] = {}
    seen: set[Cell] = set()
    for change in changes:
        cell = change.cell
        try:
            if cell in seen:
                raise Refused("This cell is written twice.")
            if cell.category not in Category.values:
                raise Refused("This cost category does not exist.")
            if cell.nature not in Nature.values:
                raise Refused("Cost is capital or operating.")
            if not 0 <= change.amount_minor <= LIMIT:
                raise Refused("A budgeted amount is zero or more.")
            periods.first_day(cell.period)
            fits(budget, cell.category)
        except Refused as refusal:
            problems[cell] = Problem(refusal.message)
        seen.add(cell)
    return problems


def fits(budget: Budget, category: str) -> None:
    """Management reserve is the program's, held outside every project's baseline; else Refused."""
    if budget.project_id is not None and category == Category.MANAGEMENT_RESERVE:
        raise Refused("Management reserve is the program's, not a project's.", field="category")
    if budget.project_id is None and category not in (Category.MANAGEMENT_RESERVE, Category.CONTINGENCY):
        raise Refused("The program's own budget holds its reserves only.", field="category")


def _overtaken(
    budget: Budget, changes: Sequence[LineChange], there: Mapping[Cell, BudgetLine]
) -> dict[Cell, Problem]:
    """The cells that somebody else wrote after they were seen, with who wrote what."""
    late = []
    for change in changes:
        line = there.get(change.cell)
        if change.version not in (None, line.version if line else 0):
            late.append(change)
    if not late:
        return {}
    writers = _writers(budget, {change.cell for change in late})
    problems = {}
    for change in late:
        line = there.get(change.cell)
        now = format_exact(line.amount_minor, budget.program.currency) if line else "no amount"
        who = writers.get(change.cell, "Somebody")
        problems[change.cell] = Problem(
            f"{who} changed this amount after you opened it: there is {now} now.",
            conflict=True,
            version=line.version if line else 0,
        )
    return problems


def _writers(budget: Budget, cells: set[Cell]) -> dict[Cell, str]:
    """Who wrote these cells last, by the history."""
    event = apps.get_model("finance", "BudgetLineEvent")
    rows = (
        event.objects.filter(budget_id=budget.pk, period__code__in={cell.period for cell in cells})
        .order_by("pgh_id")
        .values_list("category", "nature", "period__code", "pgh_context__name")
    )
    return {Cell(*row[:3]): row[3] for row in rows if row[3]}


def _closed(
    budget: Budget,
    changes: Sequence[LineChange],
    there: Mapping[Cell, BudgetLine],
    dated: Mapping[str, FiscalPeriod],
) -> dict[Cell, Problem]:
    """The cells of closed periods: they may only be set to what is in force."""
    shut = {code for code, period in dated.items() if period.state != FiscalPeriod.State.OPEN}
    moved = [
        change
        for change in changes
        if change.cell.period in shut
        and change.amount_minor != (there[change.cell].amount_minor if change.cell in there else 0)
    ]
    if not moved:
        return {}
    in_force = {
        Cell(*row[:3]): row[3]
        for row in BudgetLine.objects.filter(
            program_id=budget.program_id,
            budget__project=budget.project,
            budget__state=Budget.State.ACTIVE,
            period__code__in=shut,
        ).values_list("category", "nature", "period__code", "amount_minor")
    }
    return {
        change.cell: Problem(f"{change.cell.period} is closed: a new version keeps its lines as they were.")
        for change in moved
        if change.amount_minor != in_force.get(change.cell, 0)
    }
