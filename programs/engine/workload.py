"""Who is asked for how much, period by period: demand, what there is, and the most at once. Pure, whole numbers.

Times are wall minutes of one clock, units ten-thousandths of a unit (a person at half time is 5000). Demand counts
working minutes on the calendar of the work; what there is, working minutes on the calendar of who does it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from programs.engine.worktime import WorkCalendar

UNIT = 10_000


@dataclass(frozen=True, slots=True)
class Work:
    """One allocation: from, to (wall minutes), units at once, and the calendar that the work is done on."""

    start: int
    finish: int
    units: int
    calendar: WorkCalendar


def demand(work: Iterable[Work], edges: Sequence[int]) -> list[int]:
    """Unit minutes (ten-thousandths) asked for in each period between two neighbours of `edges`, which ascend.

    The sum over the periods is units times working minutes of the part of the work that lies between the first
    and the last edge.
    """
    found = [0] * (len(edges) - 1)
    done: dict[int, list[int]] = {}
    for one in work:
        if one.finish <= edges[0] or one.start >= edges[-1]:
            continue
        known = done.get(id(one.calendar))
        if known is None:
            known = done[id(one.calendar)] = [one.calendar.work_at(edge) for edge in edges]
        begin, end = one.calendar.work_at(one.start), one.calendar.work_at(one.finish)
        for period, (low, high) in enumerate(pairwise(known)):
            minutes = min(end, high) - max(begin, low)
            if minutes > 0:
                found[period] += one.units * minutes
    return found


def available(units: int, calendar: WorkCalendar, edges: Sequence[int]) -> list[int]:
    """Unit minutes (ten-thousandths) that `units` at once can give in each period."""
    return [units * (high - low) for low, high in pairwise([calendar.work_at(edge) for edge in edges])]


def most_at_once(work: Iterable[Work], edges: Sequence[int]) -> list[int]:
    """The most units (ten-thousandths) asked for at any one working minute of each period.

    Work that meets only at night or on a day off does not meet: each piece of work counts on its own calendar.
    """
    found = [0] * (len(edges) - 1)
    steps: list[dict[int, int]] = [defaultdict(int) for _ in found]
    for one in work:
        for period, (low, high) in enumerate(pairwise(edges)):
            begin, end = max(one.start, low), min(one.finish, high)
            if begin < end:
                for span_begin, span_end in one.calendar.spans(begin, end):
                    steps[period][span_begin] += one.units
                    steps[period][span_end] -= one.units
    for period, changes in enumerate(steps):
        asked = 0
        for moment in sorted(changes):
            asked += changes[moment]
            found[period] = max(found[period], asked)
    return found
