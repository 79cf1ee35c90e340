"""Conversions between calendars, one value at a time and for whole rows of runs, by the same formulas.

`Clock` asks the calendars themselves and remembers the span of time that was touched; `RowClock` answers for rows from
tables over that span. The way from one calendar's work axis to another's is composed once: both calendars change only
at multiples of a common number of minutes, so within such a step the way is a constant or a constant plus the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.worktime import DAY, BeyondCalendar, WorkCalendar

Row = npt.NDArray[np.int32]


class Reader(NamedTuple):
    """How a place on a calendar's work axis becomes a wall minute."""

    calendar: int
    finish: bool
    """At the end of the work before, else at the beginning of the next work."""
    base: int | None = None
    """Of a point in time: up to this place it stands at a beginning, after it at an end (see `links._point`)."""


class Clock:
    """Single values, straight from the calendars; `low` and `high` are the wall minutes touched so far."""

    def __init__(self, calendars: Sequence[WorkCalendar]) -> None:
        self._calendars = calendars
        self.low, self.high = 1 << 60, -(1 << 60)

    def read(self, reader: Reader, work: int) -> int:
        """The wall minute of a place on a work axis."""
        calendar = self._calendars[reader.calendar]
        finish = reader.finish if reader.base is None else work > reader.base
        at = calendar.finish_time(work) if finish else calendar.start_time(work)
        self._touch(at)
        return at

    def work_at(self, calendar: int, at: int) -> int:
        """The work done on a calendar by a wall minute."""
        self._touch(at)
        return self._calendars[calendar].work_at(at)

    def cross(self, reader: Reader, write: int, work: int) -> int:
        """From one work axis to another."""
        return self.work_at(write, self.read(reader, work))

    def _touch(self, at: int) -> None:
        if at < self.low:
            self.low = at
        if at > self.high:
            self.high = at


class RowClock:
    """The same for rows of int32, within the wall minutes `low .. high`."""

    def __init__(self, calendars: Sequence[WorkCalendar], low: int, high: int) -> None:
        self._calendars, self._low, self._high = calendars, low, high
        self._tables: dict[int, tuple[Row, Row, Row]] = {}
        self._ways: dict[tuple[Reader, int], tuple[np.int32, np.int32, Row, Row]] = {}

    def table(self, calendar: int) -> tuple[Row, Row, Row]:
        """Starts and ends of the working intervals and the work before each, a margin on either side included."""
        known = self._tables.get(calendar)
        if known is None:
            own = self._calendars[calendar]
            first = min(self._low, own.finish_time(own.work_at(self._low))) - 1
            first -= first % DAY  # cut at midnight, so that the cut is a place where any calendar may change
            last = self._high
            try:
                last = own.start_time(own.work_at(self._high)) + 1
                last += -last % DAY
                spans = own.spans(first, last)
            except BeyondCalendar:  # a calendar of given intervals, at its end
                spans = own.spans(first, self._high)
            starts = np.array([start for start, _ in spans], np.int32)
            ends = np.array([end for _, end in spans], np.int32)
            done = np.concatenate(([0], np.cumsum(ends - starts)[:-1])) + own.work_at(spans[0][0])
            known = self._tables[calendar] = (starts, ends, done.astype(np.int32))
        return known

    def read(self, reader: Reader, work: Row) -> Row:
        """The wall minutes of places on a work axis."""
        starts, _, done = self.table(reader.calendar)
        # The end of work w is one minute after the beginning of its last minute.
        back = (
            np.int32(reader.finish)
            if reader.base is None
            else (work > np.int32(reader.base)).astype(np.int32)
        )
        begun = work - back
        k = np.maximum(np.searchsorted(done, begun, "right") - 1, 0)
        at: Row = starts[k] - done[k] + begun + back
        return at

    def work_at(self, calendar: int, at: Row) -> Row:
        """The work done on a calendar by wall minutes."""
        starts, ends, done = self.table(calendar)
        k = np.searchsorted(starts, at, "right") - 1
        inside = np.minimum(at, ends[np.maximum(k, 0)]) - starts[np.maximum(k, 0)]
        found: Row = np.where(k < 0, done[0], done[k] + inside)
        return found

    def cross(self, reader: Reader, write: int, work: Row) -> Row:
        """From one work axis to another, by the composed table."""
        if reader.base is not None:
            return self.work_at(write, self.read(reader, work))
        way = self._ways.get((reader, write))
        if way is None:
            way = self._ways[reader, write] = self._compose(reader, write)
        origin, step, values, slopes = way
        rest = work - origin
        place = rest // step
        rest -= place * step
        rest *= slopes.take(place, mode="clip")
        rest += values.take(place, mode="clip")
        return rest

    def _compose(self, reader: Reader, write: int) -> tuple[np.int32, np.int32, Row, Row]:
        """Origin and step in working minutes, and per step the value at its beginning and its slope."""
        starts, ends, done = self.table(reader.calendar)
        others = self.table(write)
        step = 0
        for boundary in (starts, ends, others[0], others[1]):
            step = gcd(step, int(np.gcd.reduce(boundary)))
        # Steps of minutes begun: minute `u` begins at start_time(u) and ends a minute later, at finish_time(u + 1).
        lengths = (ends - starts) // step
        before = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        number = int(lengths.sum())
        begins = np.repeat(starts - before * step, lengths) + np.arange(number) * step
        minute = np.int32(1 if reader.finish else 0)
        values = self.work_at(write, (begins + minute).astype(np.int32))
        following = self.work_at(write, (begins + minute + (step > 1)).astype(np.int32))
        slopes = (following - values).astype(np.int32)
        return np.int32(done[0] + minute), np.int32(step), values, slopes
