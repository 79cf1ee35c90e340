"""Depreciation of what is written down or retired on the way: pure arithmetic on whole minor units."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple


class WriteDown(NamedTuple):
    """What is taken off besides, at the end of a month (minor units); `amount` None takes all that is left."""

    period: str
    amount: int | None


class Month(NamedTuple):
    """A month of an asset: the equal part, what was written down besides, and what is left (minor units)."""

    period: str
    amount: int
    written_down: int
    left: int


def months_of(cost: int, months: int, begins: date, changes: Sequence[WriteDown] = ()) -> list[Month]:
    """As `straight_line`, with what was written down: the month's equal part goes first, what is then left is spread
    over the months that remain (IAS 36.63). The last month is that in which all that was left was taken off.

    A change of more than is left takes what is left. `changes` stand in the order of their months; one after the last
    month, when nothing is left, makes no month of its own.
    """
    if months <= 0 or cost < 0:
        raise ValueError("a cost is written off over one month at least")
    first = begins.year * 12 + begins.month - 1
    made: list[Month] = []
    base, since, left = cost, 0, cost
    for n in range(months):
        month = first + n
        period = f"{month // 12:04}-{month % 12 + 1:02}"
        now = base - round(Fraction(base) * (n + 1 - since) / (months - since))
        charge, left = left - now, now
        here = [change for change in changes if change.period == period]
        down = 0
        for change in here:
            part = left if change.amount is None else min(change.amount, left)
            down, left = down + part, left - part
        made.append(Month(period, charge, down, left))
        if any(change.amount is None for change in here):
            break
        if down:
            base, since = left, n + 1
    return made


def left_on(cost: int, months: int, begins: date, day: date, changes: Sequence[WriteDown] = ()) -> int:
    """What is left of the cost on a day, the whole of its month being taken off (minor units)."""
    until = f"{day.year:04}-{day.month:02}"
    left = cost
    for one in months_of(cost, months, begins, changes):
        if one.period > until:
            break
        left = one.left
    return left
