"""Straight-line depreciation by month: pure arithmetic on whole minor units."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import NamedTuple


class Charge(NamedTuple):
    """What one month takes off, and what is left after it (minor units); `period` such as 2027-01."""

    period: str
    amount: int
    left: int


def straight_line(cost: int, months: int, begins: date) -> list[Charge]:
    """Equal parts of a cost (minor units) over so many months, from the month of `begins` on (IAS 16.55, 16.62).

    What is taken off up to a month is cost x months so far / months, rounded half to even: the parts add up to the
    cost, and differ by one minor unit at most. No residual value. Raises ValueError without months or cost.
    """
    if months <= 0 or cost <= 0:
        raise ValueError("a cost is written off over one month at least")
    made, taken = [], 0
    for n in range(months):
        so_far = round(Fraction(cost) * (n + 1) / months)
        month = begins.year * 12 + begins.month - 1 + n
        made.append(Charge(f"{month // 12:04}-{month % 12 + 1:02}", so_far - taken, cost - so_far))
        taken = so_far
    return made


def book_value(cost: int, months: int, begins: date, day: date) -> int:
    """What is left of the cost on a day, the whole of its month being taken off (minor units)."""
    passed = (day.year - begins.year) * 12 + day.month - begins.month + 1
    gone = min(max(0, passed), months)
    return cost - round(Fraction(cost) * gone / months)
