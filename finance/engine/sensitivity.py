"""Three-point estimates: their sum, how sure it is, and which line moves it most.

Pure. Amounts are whole minor units of one currency. A line's mean is that of PERT, (low + 4 likely + high) / 6, its
standard deviation (high - low) / 6. Lines are taken as independent of each other for the deviation of the sum; the sum
of all lows and of all highs is what full dependence would give, and is told beside it.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

P80 = Fraction(8416, 10_000)
"""Standard deviations above the mean that eight in ten values of a normal distribution stay below."""


@dataclass(frozen=True, slots=True)
class Line:
    """A cost with its three points; `low <= likely <= high`. `key` is the caller's."""

    key: Hashable
    label: str
    low: int
    likely: int
    high: int

    def __post_init__(self) -> None:
        if not self.low <= self.likely <= self.high:
            raise ValueError("low <= likely <= high")


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of lines: at their points, its mean, its standard deviation and its P80 (lines independent)."""

    low: int
    likely: int
    high: int
    mean: int
    deviation: int
    p80: int


@dataclass(frozen=True, slots=True)
class Swing:
    """What the whole costs when one line is at its low or its high and all others are at their likely amount."""

    key: Hashable
    label: str
    low: int
    high: int

    @property
    def width(self) -> int:
        return self.high - self.low


def total(lines: Sequence[Line]) -> Total:
    """Sum up (an empty sequence gives zeros). The mean is rounded half-even, the deviation down to whole units."""
    mean = sum((Fraction(one.low + 4 * one.likely + one.high, 6) for one in lines), Fraction(0))
    deviation = isqrt(sum((one.high - one.low) ** 2 for one in lines)) // 6
    return Total(
        sum(one.low for one in lines),
        sum(one.likely for one in lines),
        sum(one.high for one in lines),
        round(mean),
        deviation,
        round(mean + P80 * deviation),
    )


def tornado(lines: Sequence[Line]) -> list[Swing]:
    """Each line's swing of the whole, the widest first (equal ones in the order given); lines without one left out."""
    base = sum(one.likely for one in lines)
    found = [
        Swing(one.key, one.label, base - one.likely + one.low, base - one.likely + one.high)
        for one in lines
        if one.high > one.low
    ]
    return sorted(found, key=lambda swing: -swing.width)
