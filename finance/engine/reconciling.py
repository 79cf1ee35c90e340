"""Why an estimate and a budget differ, line by line; no database, no Django.

A line (a category and nature of cost, say) stands in one of the two only, or in both with different amounts. So

    budget - estimate = budgeted only - estimated only + (more budgeted than estimated) - (less budgeted than estimated)

and each line is in exactly one of these. What a line has in another year than it was budgeted for makes no difference
to the whole: it is told apart, as `shifted`. Amounts are whole minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

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
