"""What a simulation says, as plain values: distributions of finishes and costs, and what moves them.

Standard library only, so that a page can read a stored result without numpy. Finishes are wall minutes; standard
deviations of activities are working minutes on their calendars, those of projects and of the program wall minutes;
money is minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from math import ceil
from typing import NamedTuple

PERCENTS = (10, 50, 80, 90)
STEPS = tuple(range(5, 100, 5))
"""The percentiles that are told of milestones."""


class Distribution(NamedTuple):
    """The outcome of one quantity over all runs."""

    p10: float
    p50: float
    p80: float
    p90: float
    mean: float
    deviation: float
    planned: float
    """What the plan says without uncertainty."""
    confidence: float
    """The share of runs that did as planned or better."""

    def at(self, percent: int) -> float:
        """One of the `PERCENTS`: the least value that so many percent of the runs did not exceed."""
        return {10: self.p10, 50: self.p50, 80: self.p80, 90: self.p90}[percent]


class ActivityRisk(NamedTuple):
    """An activity over all runs."""

    activity: int
    finish: Distribution
    exact: bool
    """False: the percentiles come from a histogram of 510 bins between the extremes of the first runs."""
    mean_length: float
    length_deviation: float
    """Working minutes still to do."""
    criticality: float
    """Criticality index: the share of runs in which it lay on the longest path."""
    cruciality: float
    """Correlation (product-moment) of its duration with the finish of the program."""
    sensitivity: float
    """Schedule sensitivity index: criticality x deviation of its duration / deviation of the program's finish (PMI)."""


@dataclass(frozen=True, slots=True)
class RiskOutcome:
    """A risk of the register over all runs; the means are None where no run had it (or had it not)."""

    risk: int
    occurred: float
    """Share of the runs."""
    finish_with: float | None
    finish_without: float | None
    """Mean finish of the program in wall minutes."""
    cost_with: float | None
    cost_without: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the tornado: how far the program's mean finish lies from the overall mean at either end of an input."""

    activity: int
    risk: int
    """One of them is -1."""
    low: float
    """Wall minutes: in the tenth of runs with the shortest duration; in the runs without the risk."""
    high: float
    """In the tenth with the longest duration; in the runs with the risk."""
    rank_correlation: float
    """Spearman's, of the input with the finish of the program."""

    @property
    def swing(self) -> float:
        """From end to end."""
        return abs(self.high - self.low)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The running figures after so many runs, in wall minutes."""

    runs: int
    mean: float
    p80: float


@dataclass(frozen=True, slots=True)
class Convergence:
    """How much the figures of the program's finish could still move, and whether that is little enough."""

    course: tuple[Checkpoint, ...]
    mean_error: float
    """Standard error of the mean, wall minutes."""
    p80_low: float
    p80_high: float
    """A 95 % interval for the P80, from the ranks of the runs: no assumption about the distribution."""
    tolerance: float
    """Wall minutes that half the interval may be: a hundredth of the way from the start of what is left to the P80."""

    @property
    def enough(self) -> bool:
        """Whether more runs would hardly change the P80."""
        return (self.p80_high - self.p80_low) / 2 <= self.tolerance


@dataclass(frozen=True, slots=True)
class Simulation:
    """A finished simulation; lists over projects are in the plan's order."""

    iterations: int
    seed: int
    program: Distribution
    projects: list[Distribution]
    activities: list[ActivityRisk]
    """What takes part in scheduling (no summaries, no levels of effort), by index."""
    risks: list[RiskOutcome]
    tornado: list[Bar]
    """The widest first, at most 25."""
    convergence: Convergence
    cost: Distribution | None
    project_costs: list[Distribution]
    finishes: Sequence[int]
    """The program's finish in each run, in the order of the runs."""
    costs: Sequence[float]
    """The program's cost in each run; empty without costs."""
    notes: list[str]
    milestones: dict[int, list[int]] = field(default_factory=dict)
    """By index of a milestone whose finish differs between runs: the wall minutes that so many percent of the runs
    (`STEPS`) did not exceed."""

    def percentile(self, percent: float) -> int:
        """The program's finish that `percent` (0..100) of the runs did not exceed."""
        return _ranked(sorted(self.finishes), percent)

    def confidence(self, finish: int, cost: float | None = None) -> float:
        """The share of runs that finish by `finish` and, where given, cost at most `cost`."""
        if cost is None:
            return sum(f <= finish for f in self.finishes) / self.iterations
        pairs = zip(self.finishes, self.costs, strict=True)
        return sum(f <= finish and c <= cost for f, c in pairs) / self.iterations

    def frontier(self, percent: float) -> list[tuple[int, float]]:
        """Pairs of finish and least cost that `percent` of the runs keep together, by finish.

        An earlier finish needs more money: each pair is as good as the others in confidence. Empty without costs.
        """
        return frontier(self.finishes, self.costs, percent)

    def s_curve(self, points: int = 101) -> list[tuple[int, float]]:
        """Finish and the share of runs done by then, at evenly spaced shares."""
        ordered = sorted(self.finishes)
        return [(_ranked(ordered, 100 * at / (points - 1)), at / (points - 1)) for at in range(points)]


def frontier(finishes: Sequence[int], costs: Sequence[float], percent: float) -> list[tuple[int, float]]:
    """The joint confidence frontier: for each finish, the least cost so that `percent` of the runs keep both."""
    if not costs:
        return []
    runs = sorted(zip(finishes, costs, strict=True))
    wanted = max(ceil(len(runs) * percent / 100 - 1e-9), 1)
    cheapest: list[float] = []  # the cheapest `wanted` runs so far, the dearest of them on top
    pairs: list[tuple[int, float]] = []
    for at, (finish, cost) in enumerate(runs):
        heappush(cheapest, -cost)
        if len(cheapest) > wanted:
            heappop(cheapest)
        last_of_its_date = at + 1 == len(runs) or runs[at + 1][0] != finish
        if len(cheapest) == wanted and last_of_its_date and (not pairs or -cheapest[0] < pairs[-1][1]):
            pairs.append((finish, -cheapest[0]))
    return pairs


def _ranked(ordered: Sequence[int], percent: float) -> int:
    return ordered[rank(len(ordered), percent)]


def rank(runs: int, percent: float) -> int:
    """The place, from 0, of a percentile among ordered runs: the first with at least that share up to it."""
    return min(max(ceil(runs * percent / 100 - 1e-9) - 1, 0), runs - 1)
