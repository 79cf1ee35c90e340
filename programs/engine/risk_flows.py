"""What holds an activity from below, and the bounds of every date over all runs that follow from it.

A bound on an activity's finish is kept as such, because the start it gives depends on the activity's length in the run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from programs.engine.risk_clock import Clock, Reader

FAR = 1 << 30
"""No place on a work axis and no wall minute lies further out: they are kept in 32 bits."""


_UNREAD = Reader(0, False)


class Via(Enum):
    """Where a link's lag is counted."""

    SAME = "no conversion"
    BEFORE = "on the predecessor's calendar"
    AFTER = "on the successor's calendar"
    ELAPSED = "on the wall clock"
    THIRD = "on another calendar"


@dataclass(slots=True)
class Inflow:
    """One thing that holds an activity from below: a link, or a constraint on its finish (`link` -1)."""

    link: int
    slot: int
    """`2i` the start, `2i + 1` the finish of activity `i`; -1: nothing, the bound is `lag` itself."""
    at_finish: bool
    """Holds the finish: the start is that less the activity's length."""
    lag: int = 0
    percent: int = 0
    """Of the predecessor's length, in place of `lag`."""
    via: Via = Via.SAME
    read: Reader = _UNREAD
    third: Reader = _UNREAD
    write: int = 0
    low: int = 0
    high: int = 0

    def bound(self, at: Any, lag: Any, clock: Any) -> Any:
        """The bound from the place of the slot: single numbers with a `Clock`, rows with a `RowClock`."""
        if self.via is Via.SAME:
            return at + lag
        if self.via is Via.AFTER:
            return clock.cross(self.read, self.write, at) + lag
        if self.via is Via.BEFORE:
            return clock.cross(self.read, self.write, at + lag)
        if self.via is Via.ELAPSED:
            return clock.work_at(self.write, clock.read(self.read, at) + lag)
        work = clock.work_at(self.third.calendar, clock.read(self.read, at)) + lag
        return clock.cross(self.third, self.write, work)


@dataclass(slots=True)
class Held:
    """Constraints that win over links: a fixed place, or (where late constraints pull) the last one allowed."""

    start: int | None = None
    finish: int | None = None
    last_start: int | None = None
    last_finish: int | None = None


def bounds(
    order: Sequence[int],
    floor: Sequence[int],
    inflows: Sequence[Sequence[Inflow]],
    held: Mapping[int, Held],
    least: Sequence[int],
    most: Sequence[int],
    clock: Clock,
) -> tuple[list[int], list[int]]:
    """The earliest and latest place of every slot over all runs, by one forward pass with intervals.

    Every way is monotone, so the bounds of a date follow from the bounds of what it hangs on. With equal least and
    most lengths both are the early dates themselves.
    """
    low, high = [0] * (2 * len(least)), [0] * (2 * len(least))
    for j in order:
        short, long = least[j], most[j]
        first = last = floor[j]
        ends, ends_last = first + short, last + long
        for flow in inflows[j]:
            if flow.slot < 0:
                flow.low = flow.high = flow.lag
            else:
                a, b = low[flow.slot], high[flow.slot]
                lag, lag_most = flow.lag, flow.lag
                if flow.percent:
                    i = flow.slot >> 1
                    lags = [(minutes * flow.percent + 50) // 100 for minutes in (least[i], most[i])]
                    lag, lag_most = min(lags), max(lags)
                flow.low = flow.bound(a, lag, clock)
                same = a == b and lag == lag_most
                flow.high = flow.low if same else flow.bound(b, lag_most, clock)
            if flow.at_finish:
                first, last = max(first, flow.low - long), max(last, flow.high - short)
                ends, ends_last = max(ends, flow.low), max(ends_last, flow.high)
            else:
                first, last = max(first, flow.low), max(last, flow.high)
                ends, ends_last = max(ends, flow.low + short), max(ends_last, flow.high + long)
        if j in held:
            first, last, ends, ends_last = _hold(held[j], short, long, (first, last, ends, ends_last))
        low[2 * j], high[2 * j], low[2 * j + 1], high[2 * j + 1] = first, last, ends, ends_last
    return low, high


def _hold(held: Held, short: int, long: int, dates: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    if held.start is not None:
        return held.start, held.start, held.start + short, held.start + long
    if held.finish is not None:
        return held.finish - long, held.finish - short, held.finish, held.finish
    first, last, ends, ends_last = dates
    if (place := held.last_start) is not None:
        first, last = min(first, place), min(last, place)
        ends, ends_last = min(ends, place + short), min(ends_last, place + long)
    if (place := held.last_finish) is not None:
        first, last = min(first, place - long), min(last, place - short)
        ends, ends_last = min(ends, place), min(ends_last, place)
    return first, last, ends, ends_last
