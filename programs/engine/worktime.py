"""Working calendars as two axes: the wall clock and the work done on it.

Wall minutes count from 1970-01-01T00:00 on the program's local clock. A calendar's *work axis* counts its
working minutes from an origin of its own (the beginning of the period it was built for), so that on one
calendar a duration is an addition and a wait is a maximum. Three conversions connect the two axes:

    work_at(t)      work done by wall minute t
    start_time(w)   latest wall minute with that work done: the beginning of the next work, for starts
    finish_time(w)  earliest wall minute with that work done: the end of the work before, for finishes

`finish_time(w) <= t` exactly when `w <= work_at(t)`. This pair of inverses is what makes a backward pass
across calendars exact: no float is lost or invented by going to another calendar and back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

Shift = tuple[int, int]
"""Minutes of the day `[from, to)`, 0..1440. A night shift is two shifts, before and after midnight."""

DAY = 1440
_EPOCH = date(1970, 1, 1).toordinal()
_REACH_DAYS = 100 * 366
"""How far past the period it was built for a weekly calendar extends itself: a century, then it refuses."""

_NO_EXCEPTIONS: Mapping[date, Sequence[Shift]] = MappingProxyType({})
_extending = Lock()


class BeyondCalendar(ValueError):
    """A date or an amount of work lies past the period that a calendar knows."""


class Known(NamedTuple):
    """What a calendar has worked out so far; see `WorkCalendar.known`."""

    starts: list[int]
    """Wall minutes at which intervals of work begin, in order."""
    ends: list[int]
    done: list[int]
    """Working minutes done before each interval."""
    first: int
    """First and last wall minute that can be converted without asking further."""
    last: int
    least: int
    """Work done at the beginning and at the end."""
    most: int


class WorkCalendar:
    """Disjoint working intervals in order, and the work done before each of them.

    A weekly calendar extends itself when asked past the period it was built for, up to a century on either
    side; a calendar of given intervals knows only those. Past what is known every conversion raises
    `BeyondCalendar`. The work axis keeps its origin when a calendar is extended, so numbers on it stay
    comparable. Safe to share between threads.
    """

    __slots__ = ("_days", "_exceptions", "_from", "_least", "_limits", "_most", "_table", "_to", "_week")

    _table: tuple[list[int], list[int], list[int]]
    """Starts, ends, work done before the start. Replaced whole on extension, never changed in place."""

    def __init__(
        self,
        spans: Iterable[tuple[int, int]],
        *,
        week: tuple[tuple[Shift, ...], ...] | None = None,
        exceptions: Mapping[int, tuple[Shift, ...]] | None = None,
        days: tuple[int, int] | None = None,
    ) -> None:
        starts, ends, done, total = _accumulate(spans, 0)
        if not starts and not (week and any(week)):
            raise ValueError("a calendar without any working time cannot schedule anything")
        self._week = week
        self._exceptions = exceptions or {}
        self._days = days if days is not None else (starts[0] // DAY, (ends[-1] - 1) // DAY + 1)
        self._limits = (
            max(self._days[0] - _REACH_DAYS, date.min.toordinal() - _EPOCH),
            min(self._days[1] + _REACH_DAYS, date.max.toordinal() - _EPOCH),
        )
        self._table = (starts, ends, done)
        self._least, self._most = 0, total
        # Before the first of given intervals no work is done: that is an answer. After the last one is not
        # known.
        self._from = self._days[0] * DAY if days is not None else -(1 << 40)
        self._to = self._days[1] * DAY if days is not None else ends[-1]
        if not starts:
            self._extend(later=True)

    @classmethod
    def weekly(
        cls,
        week: Sequence[Sequence[Shift]],
        exceptions: Mapping[date, Sequence[Shift]] = _NO_EXCEPTIONS,
        *,
        first: date,
        last: date,
    ) -> WorkCalendar:
        """A repeating week (`week[0]` is Monday, seven entries, several shifts a day) with exceptions by date.

        An exception replaces the whole day: no shifts for a holiday, shifts for a working weekend. `first`
        and `last` (both included) are the period built at once; later dates are added when they are asked
        for. Raises `ValueError` for shifts that overlap, run backwards or leave the day, or a week without
        work.
        """
        if len(week) != 7:
            raise ValueError(f"a working week has 7 days, not {len(week)}")
        if last < first:
            raise ValueError(f"a calendar cannot end on {last} before it begins on {first}")
        days = tuple(_checked(day) for day in week)
        by_day = {day.toordinal() - _EPOCH: _checked(shifts) for day, shifts in exceptions.items()}
        span = (first.toordinal() - _EPOCH, last.toordinal() - _EPOCH + 1)
        return cls(_worked(days, by_day, *span), week=days, exceptions=by_day, days=span)

    @classmethod
    def intervals(cls, starts_ends: Sequence[tuple[int, int]]) -> WorkCalendar:
        """A calendar of given working intervals `[start, end)` in wall minutes, in order, not overlapping.

        It ends where the last interval ends and refuses what lies after it. Raises `ValueError` for intervals
        that overlap or run backwards.
        """
        before: int | None = None
        for start, end in starts_ends:
            if end <= start or (before is not None and start < before):
                raise ValueError(
                    f"working interval {start}-{end} runs backwards or overlaps the one before it"
                )
            before = end
        return cls(starts_ends)

    @property
    def hours(self) -> Hashable:
        """Equal for two weekly calendars that always work at the same minutes and count them from the same origin."""
        if self._week is None:
            return self
        return self._week, self._days, tuple(sorted(self._exceptions.items()))

    def work_at(self, t: int) -> int:
        """Working minutes done by wall minute `t`, counted from the calendar's own origin."""
        if not self._from <= t <= self._to:
            self._reach_time(t)
        starts, ends, done = self._table
        k = bisect_right(starts, t) - 1
        if k < 0:
            return done[0]
        end = ends[k]
        return done[k] + (t if t < end else end) - starts[k]

    def start_time(self, w: int) -> int:
        """The latest wall minute by which `w` working minutes are done: where the next work begins."""
        if not self._least <= w < self._most:
            self._reach_work(w)
        starts, _, done = self._table
        k = bisect_right(done, w) - 1
        return starts[k] + w - done[k]

    def finish_time(self, w: int) -> int:
        """The earliest wall minute by which `w` working minutes are done: where the work before ends."""
        if not self._least < w <= self._most:
            self._reach_work(w)
        starts, _, done = self._table
        k = bisect_left(done, w) - 1
        if k < 0:
            k = 0
        return starts[k] + w - done[k]

    def between(self, a: int, b: int) -> int:
        """Working minutes between two wall minutes; negative when `b` is before `a`."""
        return self.work_at(b) - self.work_at(a)

    def spans(self, a: int, b: int) -> list[tuple[int, int]]:
        """The working intervals between two wall minutes, cut to them, in order: for drawing a calendar."""
        self.between(a, b)
        starts, ends, _ = self._table
        k = max(bisect_right(starts, a) - 1, 0)
        cut = []
        while k < len(starts) and starts[k] < b:
            start, end = max(starts[k], a), min(ends[k], b)
            if start < end:
                cut.append((start, end))
            k += 1
        return cut

    def known(self) -> Known:
        """All of what is worked out at this moment, for converting many dates at once. Not to be changed."""
        with _extending:
            return Known(*self._table, self._from, self._to, self._least, self._most)

    def made_of(self) -> list[object]:
        """What it was made of, the same however far it is worked out: plain values, for comparing calendars.

        Week (of a calendar of given intervals: None), exceptions by day since 1970, given intervals.
        """
        starts, ends, _ = self._table
        given = [*zip(starts, ends, strict=True)] if self._week is None else []
        return [self._week, sorted(self._exceptions.items()), given]

    def _reach_time(self, t: int) -> None:
        with _extending:  # looked at again inside: another thread may have extended it meanwhile
            while t > self._to:
                self._extend(later=True)
            while t < self._from:
                self._extend(later=False)

    def _reach_work(self, w: int) -> None:
        """Extend so that both conversions of `w` are known; the two ends of a finite calendar are still its own."""
        if (self._week is None or not any(self._week)) and self._least <= w <= self._most:
            return
        with _extending:
            while w >= self._most:
                self._extend(later=True)
            while w <= self._least:
                self._extend(later=False)

    def _extend(self, *, later: bool) -> None:
        """Add as many days again as are known, after the end or before the beginning, or refuse; under the lock."""
        low, high = self._days
        more = max(high - low, 366)
        if self._week is None:
            raise BeyondCalendar(f"the calendar's working times are given {self._known()} and no further")
        if later:
            low, high = high, min(high + more, self._limits[1])
        else:
            low, high = max(low - more, self._limits[0]), low
        if low >= high:
            raise BeyondCalendar(f"no plan reaches that far: the calendar is worked out {self._known()}")
        starts, ends, _ = self._table
        added = _worked(self._week, self._exceptions, low, high)
        if later:
            known, least = [*zip(starts, ends, strict=True), *added], self._least
            self._days = (self._days[0], high)
        else:
            known, least = [*added, *zip(starts, ends, strict=True)], self._least - _total(added)
            self._days = (low, self._days[1])
        starts, ends, done, most = _accumulate(known, least)
        # The table before the bounds: a reader in another thread looks at the bounds first.
        self._table = (starts, ends, done)
        self._least, self._most = least, most
        self._from, self._to = self._days[0] * DAY, self._days[1] * DAY

    def _known(self) -> str:
        first, last = (date.fromordinal(_EPOCH + day) for day in (self._days[0], self._days[1] - 1))
        return f"from {first:%-d %b %Y} to {last:%-d %b %Y}"


def _checked(shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    """One day's shifts in order of the clock; refuses overlaps and times outside the day."""
    day = tuple(sorted((int(start), int(end)) for start, end in shifts))
    before = 0
    for start, end in day:
        if start < before or end <= start or end > DAY:
            raise ValueError(
                f"shift {start}-{end} overlaps another, runs backwards or leaves the day of 0-{DAY} minutes"
            )
        before = end
    return day


def _worked(
    week: tuple[tuple[Shift, ...], ...], exceptions: Mapping[int, tuple[Shift, ...]], low: int, high: int
) -> list[tuple[int, int]]:
    """The shifts of days `[low, high)` (days since the epoch, which was a Thursday) in wall minutes."""
    spans = []
    for day in range(low, high):
        shifts = exceptions[day] if day in exceptions else week[(day + 3) % 7]
        if shifts:
            midnight = day * DAY
            for start, end in shifts:
                spans.append((midnight + start, midnight + end))
    return spans


def _total(spans: Iterable[tuple[int, int]]) -> int:
    return sum(end - start for start, end in spans)


def _accumulate(spans: Iterable[tuple[int, int]], total: int) -> tuple[list[int], list[int], list[int], int]:
    """Starts, ends and work done before each interval from `total` on, touching intervals merged; and the sum."""
    starts: list[int] = []
    ends: list[int] = []
    done: list[int] = []
    for start, end in spans:
        if ends and ends[-1] == start:
            ends[-1] = end
        else:
            starts.append(start)
            ends.append(end)
            done.append(total)
        total += end - start
    return starts, ends, done, total
