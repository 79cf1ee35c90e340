"""What a simulation is given beside the plan: ranges, risks, correlation and costs.

Plain values, standard library only. Durations are working minutes, money minor units of the program's currency,
probabilities and correlations fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import sqrt

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
