"""What a simulation is given beside the plan: ranges, risks, correlation and costs, and what is wrong with them.

Plain values, standard library only. Durations are working minutes, money minor units of the program's currency,
probabilities and correlations fractions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import isfinite, sqrt

from programs.engine.plan import Kind, Plan

MOST_RUNS = 1_000_000
LONGEST = 100 * 366 * 1440
"""Minutes of a century: no duration or delay may be longer."""


class CannotSimulate(ValueError):
    """The inputs make no sense; `problems` has one sentence for each fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = list(problems)


class Cancelled(Exception):
    """The progress callback asked the simulation to stop."""


class Shape(Enum):
    """The distribution between an optimistic and a pessimistic value."""

    PERT = "beta-PERT"
    """Beta with shape parameters 1 + 4 (m - a) / (b - a) and 1 + 4 (b - m) / (b - a): Malcolm et al., 1959."""
    TRIANGULAR = "triangular"
    UNIFORM = "uniform"
    DISCRETE = "discrete"


@dataclass(frozen=True, slots=True)
class Spread:
    """A quantity that is not known: its distribution. Make one with `pert`, `triangular`, `uniform`, `discrete`."""

    shape: Shape
    low: float
    likely: float
    high: float
    values: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    """Of a discrete one: its values, and how likely each is beside the others."""

    @classmethod
    def pert(cls, low: float, likely: float, high: float) -> Spread:
        """Optimistic, most likely, pessimistic."""
        return cls(Shape.PERT, low, likely, high)

    @classmethod
    def triangular(cls, low: float, likely: float, high: float) -> Spread:
        """Optimistic, most likely, pessimistic, with straight sides: more weight in the tails than PERT."""
        return cls(Shape.TRIANGULAR, low, likely, high)

    @classmethod
    def uniform(cls, low: float, high: float) -> Spread:
        """Everything between two values equally likely."""
        return cls(Shape.UNIFORM, low, (low + high) / 2, high)

    @classmethod
    def discrete(cls, values: Sequence[float], weights: Sequence[float]) -> Spread:
        """Only these values, each with its weight."""
        at = (
            max(range(len(values)), key=lambda i: weights[i])
            if len(values) == len(weights) and values
            else None
        )
        low, high = (min(values), max(values)) if values else (0.0, 0.0)
        return cls(
            Shape.DISCRETE, low, low if at is None else values[at], high, tuple(values), tuple(weights)
        )

    @classmethod
    def fixed(cls, value: float) -> Spread:
        """No spread at all."""
        return cls(Shape.UNIFORM, value, value, value)

    @property
    def mean(self) -> float:
        """The expected value, by the closed form of the distribution."""
        a, m, b = self.low, self.likely, self.high
        if self.shape is Shape.PERT:
            return (a + 4 * m + b) / 6
        if self.shape is Shape.TRIANGULAR:
            return (a + m + b) / 3
        if self.shape is Shape.UNIFORM:
            return (a + b) / 2
        return sum(v * w for v, w in zip(self.values, self.weights, strict=True)) / sum(self.weights)

    @property
    def deviation(self) -> float:
        """The standard deviation, by the closed form of the distribution."""
        a, m, b = self.low, self.likely, self.high
        if self.shape is Shape.PERT:
            return sqrt(max((self.mean - a) * (b - self.mean) / 7, 0.0))
        if self.shape is Shape.TRIANGULAR:
            return sqrt(max((a * a + m * m + b * b - a * m - a * b - m * b) / 18, 0.0))
        if self.shape is Shape.UNIFORM:
            return (b - a) / sqrt(12)
        squares = sum(w * (v - self.mean) ** 2 for v, w in zip(self.values, self.weights, strict=True))
        return sqrt(squares / sum(self.weights))


@dataclass(frozen=True, slots=True)
class Impact:
    """What a risk does to one activity when it occurs; several of them may be given at once."""

    activity: int = -1
    """Index of the activity; -1 for money that belongs to none."""
    minutes: Spread | None = None
    """Working minutes added to what is left of the activity."""
    factor: Spread | None = None
    """What is left of the activity is multiplied by this (before minutes are added)."""
    cost: Spread | None = None
    """Minor units added to the cost."""
    project: int = 0
    """Where the cost belongs when there is no activity."""


@dataclass(frozen=True, slots=True)
class RiskEvent:
    """A risk of the register: occurs in a run with its probability, and then hits everything it names.

    How hard it hits is drawn once per run for all its impacts: a risk that is bad for one is bad for all, which is
    what makes the activities it names move together. With a probability of 1 it is a common driver without a doubt.
    """

    name: str
    probability: float
    impacts: tuple[Impact, ...]
    key: int | None = None
    """Names its random numbers; None: its place in the list."""


@dataclass(frozen=True, slots=True)
class Driver:
    """Something that moves several durations together: per activity the correlation with it (-1..1)."""

    name: str
    loadings: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Correlation:
    """How durations move together: by shared drivers, or by a matrix of rank correlations (Spearman).

    Two activities on one driver correlate by the product of their loadings. An activity stands in the matrix or on
    drivers, not both.
    """

    drivers: tuple[Driver, ...] = ()
    activities: tuple[int, ...] = ()
    """The activities that the rows and columns of the matrix stand for."""
    matrix: tuple[tuple[float, ...], ...] = ()
    nearest: bool = False
    """A matrix that nothing can have: False refuses it, True takes the nearest that something can, and says so."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What the activities cost, per activity and in minor units; a sequence left empty counts as zeros."""

    fixed: Sequence[float] = ()
    """Whatever the duration."""
    per_hour: Sequence[float] = ()
    """Per working hour of the activity: grows with its duration."""
    uncertainty: Mapping[int, Spread] | None = None
    """Per activity, a factor (1 = as planned) on both."""


def problems_of(
    plan: Plan,
    uncertainty: Mapping[int, Spread],
    risks: Sequence[RiskEvent],
    correlation: Correlation | None,
    costs: Costs | None,
    iterations: int,
    seed: int,
) -> list[str]:
    """Everything that is wrong with the inputs of a simulation, one sentence each; the plan itself is `validate`'s."""
    found = [*_frame(iterations, seed)]
    for i, spread in uncertainty.items():
        if (
            spread.shape is not Shape.DISCRETE
            and 0 <= spread.low <= spread.likely <= spread.high <= LONGEST
            and 0 <= i < len(plan.duration)
            and plan.duration[i] > 0
            and not (plan.kind and plan.kind[i])
        ):
            continue  # nothing is wrong with it, as with nearly all
        found += _target(plan, i, f"activity {i}")
        found += _spread(spread, f"activity {i}: its duration", 0, LONGEST)
    for at, risk in enumerate(risks):
        found += _risk(plan, risk, f"risk {at} ({risk.name})")
    if correlation is not None:
        found += _correlation(plan, correlation)
    if costs is not None:
        found += _costs(plan, costs)
    return found


def _frame(iterations: int, seed: int) -> Iterator[str]:
    if not 1 <= iterations <= MOST_RUNS:
        yield f"{iterations:,} runs: give a number from 1 to {MOST_RUNS:,}"
    if not 0 <= seed < 1 << 63:
        yield f"seed {seed}: give a whole number from 0 to {(1 << 63) - 1}"


def _target(plan: Plan, i: int, what: str) -> Iterator[str]:
    if not 0 <= i < len(plan.duration):
        yield f"{what}: there is no activity {i}"
    elif plan.kind and plan.kind[i] != Kind.TASK:
        kind = Kind(plan.kind[i]).name.lower().replace("_", " ")
        yield f"{what}: a {kind} has no duration of its own that could vary"
    elif plan.duration[i] <= 0:
        yield f"{what}: activity {i} has no length in the plan, so its duration cannot vary"


def _spread(spread: Spread, what: str, lowest: float, highest: float) -> Iterator[str]:
    numbers = (spread.low, spread.likely, spread.high, *spread.values, *spread.weights)
    if not all(isfinite(number) for number in numbers):
        yield f"{what} has a value that is not a number"
        return
    if spread.shape is Shape.DISCRETE:
        if not spread.values or len(spread.values) != len(spread.weights):
            yield f"{what} needs as many weights as values, and at least one"
            return
        if min(spread.weights) < 0 or sum(spread.weights) <= 0:
            yield f"{what} has weights that are negative or add up to nothing"
    if spread.low > spread.high:
        yield f"{what} has an optimistic value of {spread.low:g} above the pessimistic {spread.high:g}"
    elif not spread.low <= spread.likely <= spread.high:
        yield f"{what} has a most likely value of {spread.likely:g} outside {spread.low:g} to {spread.high:g}"
    if spread.low < lowest:
        yield f"{what} may not be less than {lowest:g}, and {spread.low:g} is"
    if spread.high > highest:
        yield f"{what} may not be more than {highest:g}, and {spread.high:g} is"


def _risk(plan: Plan, risk: RiskEvent, what: str) -> Iterator[str]:
    if not 0 <= risk.probability <= 1:  # which NaN is not either
        yield f"{what}: a probability lies between 0 and 1, and {risk.probability:g} does not"
    for impact in risk.impacts:
        if impact.minutes is None and impact.factor is None:
            if impact.activity >= len(plan.duration) or impact.activity < -1:
                yield f"{what}: there is no activity {impact.activity}"
        else:
            yield from _target(plan, impact.activity, what)
        if impact.activity < 0 and not 0 <= impact.project < len(plan.projects):
            yield f"{what}: there is no project {impact.project}"
        if impact.minutes is not None:
            yield from _spread(impact.minutes, f"{what}: its delay", -LONGEST, LONGEST)
        if impact.factor is not None:
            yield from _spread(impact.factor, f"{what}: its factor", 0, 1000)
        if impact.cost is not None:
            yield from _spread(impact.cost, f"{what}: its cost", -1e18, 1e18)


def _correlation(plan: Plan, correlation: Correlation) -> Iterator[str]:
    shares: dict[int, float] = {}
    for driver in correlation.drivers:
        for i, loading in driver.loadings.items():
            yield from _target(plan, i, f"driver {driver.name}")
            if not -1 <= loading <= 1:
                yield f"driver {driver.name}: activity {i} correlates by {loading:g}, not between -1 and 1"
            shares[i] = shares.get(i, 0.0) + loading * loading
    for i, share in shares.items():
        if share > 1 + 1e-9:
            yield f"activity {i}: its drivers explain {share:.0%} of its spread; squares add up to 1 at most"
    size = len(correlation.activities)
    for i in correlation.activities:
        yield from _target(plan, i, "correlation matrix")
        if i in shares:
            yield f"activity {i}: stands in the correlation matrix and on a driver; give one of them"
    if len(set(correlation.activities)) != size:
        yield "correlation matrix: an activity stands in it twice"
    if len(correlation.matrix) != size or any(len(row) != size for row in correlation.matrix):
        yield f"correlation matrix: {size} activities need {size} rows of {size} numbers"
        return
    for a, row in enumerate(correlation.matrix):
        for b, value in enumerate(row):
            if not -1 <= value <= 1 or (a == b and value != 1):
                yield f"correlation matrix: row {a + 1}, column {b + 1} cannot be {value:g}"
            elif abs(value - correlation.matrix[b][a]) > 1e-12:
                yield f"correlation matrix: row {a + 1}, column {b + 1} differs from its mirror image"


def _costs(plan: Plan, costs: Costs) -> Iterator[str]:
    for name, column in (("fixed", costs.fixed), ("per_hour", costs.per_hour)):
        if len(column) not in (0, len(plan.duration)):
            yield f"costs: {name} has {len(column)} entries for {len(plan.duration)} activities"
        elif not all(isfinite(value) for value in column):
            yield f"costs: {name} has a value that is not a number"
    for i, spread in (costs.uncertainty or {}).items():
        if not 0 <= i < len(plan.duration):
            yield f"costs: there is no activity {i}"
        yield from _spread(spread, f"activity {i}: its cost factor", 0, 1000)
