"""Two budget versions side by side: which amounts differ, by cell, by line and by fiscal year (minor units)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from finance.budgets.models import Budget
from finance.budgets.selectors import Grid, budget_grid
from finance.structure.fiscal import FiscalYear, span
from finance.structure.models import Category, Nature
from pmo.money import to_decimal

Key = tuple[str, str]
"""category, nature"""


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount before and after, minor units."""

    before: int
    after: int

    @property
    def difference(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Difference:
    """All amounts of two versions by line and period; sums are made of these and of nothing else."""

    cells: Mapping[tuple[Key, str], Pair]
    years: list[FiscalYear]

    @property
    def lines(self) -> list[Key]:
        """The lines of either version, in the order of the categories."""
        order = {category: n for n, category in enumerate(Category.values)}
        return sorted({line for line, _ in self.cells}, key=lambda line: (order[line[0]], line[1]))

    def of(self, line: Key | None = None, year: FiscalYear | None = None) -> Pair:
        """The sum of a line (None: all) in a fiscal year (None: all)."""
        chosen = [
            pair
            for (where, code), pair in self.cells.items()
            if line in (None, where) and (year is None or code in year.periods)
        ]
        return Pair(sum(one.before for one in chosen), sum(one.after for one in chosen))

    def changed(self) -> list[tuple[Key, str, Pair]]:
        """The cells that differ, by line and period."""
        place = {line: n for n, line in enumerate(self.lines)}
        found = [(line, code, pair) for (line, code), pair in self.cells.items() if pair.difference]
        return sorted(found, key=lambda one: (place[one[0]], one[1]))


def compare(before: Grid | None, after: Grid, start_month: int) -> Difference:
    """What differs from one grid to the other; without a `before` everything is new."""
    one, other = _cells(before), _cells(after)
    cells = {where: Pair(one.get(where, 0), other.get(where, 0)) for where in one | other}
    codes = {code for _, code in cells}
    return Difference(cells, span(codes, start_month) if codes else [])


def versions(before: Budget | None, after: Budget) -> Difference:
    """The same of two stored versions. Two queries."""
    earlier = budget_grid(before) if before is not None else None
    return compare(earlier, budget_grid(after), after.program.fiscal_year_start_month)


def default_before(after: Budget) -> Budget | None:
    """What a version is compared with where nobody said: the one in force, or for that the one before it."""
    mine = Budget.objects.filter(program_id=after.program_id, project=after.project).exclude(pk=after.pk)
    active = mine.filter(state=Budget.State.ACTIVE).first()
    found: Budget | None = active or mine.filter(number__lt=after.number).order_by("-number").first()
    return found


def rows(found: Difference, currency: str) -> Iterable[list[object]]:
    """Every cell of either version for a file: amounts in major units, exact."""
    for line in found.lines:
        for (where, code), pair in sorted(found.cells.items()):
            if where == line:
                amounts = (to_decimal(one, currency) for one in (pair.before, pair.after, pair.difference))
                yield [*line, code, *amounts, currency]


HEADS = ("category", "nature", "period", "before", "after", "difference", "currency")


def _cells(grid: Grid | None) -> dict[tuple[Key, str], int]:
    if grid is None:
        return {}
    return {((row.category, row.nature), code): n for row in grid.rows for code, n in row.amounts.items()}


def label(line: Key) -> str:
    """`Labour, capital`."""
    return f"{Category(line[0]).label}, {Nature(line[1]).label.lower()}"
