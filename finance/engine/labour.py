"""Labour from allocations: working hours of each month times the rate of their day.

Pure. Instants are wall minutes (minutes since 1970-01-01T00:00 on the program's local clock), rates minor units an
hour, hours and costs exact fractions; nothing is rounded here.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from programs.engine.worktime import WorkCalendar

_EPOCH = date(1970, 1, 1)
_DAY = 1440


@dataclass(frozen=True, slots=True)
class Allocation:
    """Units of a resource on an activity from `start` to `finish`, on the activity's calendar."""

    resource: int
    start: int
    finish: int
    units: Fraction
    calendar: WorkCalendar


@dataclass(frozen=True, slots=True)
class Rates:
    """A resource's rates: `base` before the first step, then each from its day (ascending) on; `per_use` at a start."""

    base: Fraction
    per_use: Fraction = Fraction(0)
    days: Sequence[date] = field(default_factory=tuple)
    rates: Sequence[Fraction] = field(default_factory=tuple)

    def at(self, day: date) -> Fraction:
        """The rate of a day."""
        place = bisect_right(self.days, day)
        return self.rates[place - 1] if place else self.base


@dataclass(slots=True)
class Labour:
    """Hours worked and what they cost."""

    hours: Fraction = Fraction(0)
    cost: Fraction = Fraction(0)


def by_month(allocations: Iterable[Allocation], rates: Mapping[int, Rates]) -> dict[tuple[int, str], Labour]:
    """Hours and cost of each resource in each month (`2026-11`).

    Each stretch between changes of month or rate is counted by the activity's own working time, so that the hours of
    all months add up to those of the allocation.
    """
    found: dict[tuple[int, str], Labour] = {}
    for one in allocations:
        rate = rates[one.resource]
        first = _day(one.start)
        if rate.per_use:
            _at(found, one.resource, first).cost += rate.per_use * one.units
        if one.finish <= one.start:
            continue
        days = _edges(first, _day(one.finish - 1), rate.days)
        cuts = [one.start, *(_wall(day) for day in days), one.finish]
        for begin, end in pairwise(cuts):
            hours = Fraction(one.calendar.between(begin, end), 60) * one.units
            if hours:
                day = _day(begin)
                labour = _at(found, one.resource, day)
                labour.hours += hours
                labour.cost += hours * rate.at(day)
    return found


def _at(found: dict[tuple[int, str], Labour], resource: int, day: date) -> Labour:
    return found.setdefault((resource, f"{day.year:04d}-{day.month:02d}"), Labour())


def _edges(first: date, last: date, steps: Sequence[date]) -> list[date]:
    """The days after `first` up to `last` on which a month or a rate begins, in order."""
    edges = {day for day in steps if first < day <= last}
    month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= last:
        edges.add(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return sorted(edges)


def _day(wall: int) -> date:
    return _EPOCH + timedelta(days=wall // _DAY)


def _wall(day: date) -> int:
    return (day - _EPOCH).days * _DAY
