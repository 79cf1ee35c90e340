"""Why an estimate and a budget differ, line by line; no database, no Django.

A line (a category and nature of cost, say) stands in one of the two only, or in both with different amounts. So

    budget - estimate = budgeted only - estimated only + (more budgeted than estimated) - (less budgeted than estimated)

and each line is in exactly one of these. What a line has in another year than it was budgeted for makes no difference
to the whole: it is told apart, as `shifted`. Amounts are whole minor units of one currency.

Year by year (`by_year`) what a line has in another year, and what a category has in another line (capital where
operating cost was budgeted), stand apart with their sign: each adds up to nothing, and what remains is the difference
of the whole.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import Generic, TypeVar

from finance.engine.earned_value import to_the_cent

K = TypeVar("K", bound=Hashable)


class Why(Enum):
    """Where a difference comes from, in the order in which it is told."""

    NOT_BUDGETED = "not_budgeted"
    NOT_ESTIMATED = "not_estimated"
    SHORT = "short"
    SPARE = "spare"
    SAME = "same"


@dataclass(frozen=True, slots=True)
class Cause(Generic[K]):
    """A line: its sums, and of its amounts the part that is estimated in another year than it is budgeted in."""

    line: K
    why: Why
    estimate: int
    budget: int
    shifted: int

    @property
    def difference(self) -> int:
        """Budget less estimate."""
        return self.budget - self.estimate


def causes(lines: Iterable[tuple[K, Mapping[int, int], Mapping[int, int]]]) -> list[Cause[K]]:
    """Every line (key, estimate by year, budget by year) with its cause, the largest difference of each first.

    Lines without any amount are left out; the differences add up to budget less estimate of all of them.
    """
    found = []
    for line, estimate, budget in lines:
        planned, granted = sum(estimate.values()), sum(budget.values())
        years = [
            budget.get(year, 0) - estimate.get(year, 0) for year in sorted(estimate.keys() | budget.keys())
        ]
        if not any(estimate.values()) and not any(budget.values()):
            continue
        if not any(budget.values()):
            why = Why.NOT_BUDGETED
        elif not any(estimate.values()):
            why = Why.NOT_ESTIMATED
        else:
            why = Why.SHORT if granted < planned else Why.SPARE if granted > planned else Why.SAME
        more, less = sum(n for n in years if n > 0), -sum(n for n in years if n < 0)
        found.append(Cause(line, why, planned, granted, min(more, less)))
    order = {why: n for n, why in enumerate(Why)}
    return sorted(found, key=lambda one: (order[one.why], -abs(one.difference)))


@dataclass(frozen=True, slots=True)
class YearCause(Generic[K]):
    """A line in a year: budget less estimate is `rest` + `elsewhere` + `shifted`; `why` names the rest.

    `elsewhere`: offset by another line of the same group in that year. `shifted`: by the same line in another year.
    """

    group: str
    line: K
    year: int
    estimate: int
    budget: int
    rest: int
    elsewhere: int
    shifted: int
    why: Why

    @property
    def difference(self) -> int:
        """Budget less estimate."""
        return self.budget - self.estimate


def remaining(differences: Sequence[int]) -> list[int]:
    """Of each difference the part that no other one offsets: of the sign of their sum, adding up to it.

    Those of the other sign are offset wholly; the offset is shared by the size of the differences, to the cent.
    """
    whole = sum(differences)
    sign = 1 if whole > 0 else -1
    sides = [max(0, one * sign) for one in differences]
    if not whole:
        return [0] * len(differences)
    parts = [Fraction(side * abs(whole), sum(sides)) for side in sides]
    return [sign * part for part in to_the_cent(parts, abs(whole))]


def by_year(lines: Iterable[tuple[str, K, Mapping[int, int], Mapping[int, int]]]) -> list[YearCause[K]]:
    """Every line (group, key, estimate by year, budget by year) in every year in which the two differ.

    In the order of the lines and years. All `rest` add up to budget less estimate; `shifted` of a line and `elsewhere`
    of a group in a year add up to nothing.
    """
    told = list(lines)
    kept: dict[tuple[int, int], int] = {}
    for at, (_, _, estimate, budget) in enumerate(told):
        years = sorted(estimate.keys() | budget.keys())
        parts = remaining([budget.get(year, 0) - estimate.get(year, 0) for year in years])
        kept |= {(at, year): part for year, part in zip(years, parts, strict=True)}
    groups: dict[tuple[str, int], list[int]] = {}
    for at, year in kept:
        groups.setdefault((told[at][0], year), []).append(at)
    rests: dict[tuple[int, int], int] = {}
    for (_, year), places in groups.items():
        parts = remaining([kept[at, year] for at in places])
        rests |= {(at, year): part for at, part in zip(places, parts, strict=True)}
    found = []
    for at, year in sorted(kept):
        group, line, estimate, budget = told[at]
        planned, granted, rest = estimate.get(year, 0), budget.get(year, 0), rests[at, year]
        if planned == granted:
            continue
        if rest < 0:
            why = Why.SHORT if any(budget.values()) else Why.NOT_BUDGETED
        elif rest > 0:
            why = Why.SPARE if any(estimate.values()) else Why.NOT_ESTIMATED
        else:
            why = Why.SAME
        apart = granted - planned - kept[at, year]
        found.append(YearCause(group, line, year, planned, granted, rest, kept[at, year] - rest, apart, why))
    return found
