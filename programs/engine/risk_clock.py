"""Conversions between calendars for whole rows of runs, from tables over the span of time that the runs can touch.

The way from one calendar's work axis to another's is composed once: both calendars change only at multiples of a common
number of minutes, so within such a step the way is a constant or a constant plus the rest. Many ways lie in one table,
so that links between any calendars are followed together.
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


WALL = -1
"""In place of a calendar: the wall clock."""
_LARGEST = 1 << 22
"""Steps in a common table at most; else ways with different steps have tables of their own."""


class RowClock:
    """Conversions of rows of int32 within the wall minutes `low .. high`."""

    def __init__(self, calendars: Sequence[WorkCalendar], low: int, high: int) -> None:
        self._calendars, self._low, self._high = calendars, low, high
        self._tables: dict[int, tuple[Row, Row, Row]] = {}

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
        """From one work axis to another."""
        return self.work_at(write, self.read(reader, work))

    def step(self, reader: Reader, write: int) -> int:
        """The greatest number of minutes of which all boundaries of both calendars are multiples."""
        step = 0
        for calendar in (reader.calendar, write):
            if calendar != WALL:
                for boundary in self.table(calendar)[:2]:
                    step = gcd(step, int(np.gcd.reduce(boundary)))
        return step

    def size(self, reader: Reader) -> int:
        """Working minutes in the table of a calendar."""
        starts, ends, _ = self.table(reader.calendar)
        return int((ends - starts).sum())

    def extent(self, calendar: int) -> tuple[int, int]:
        """The first and the last boundary of a calendar's table."""
        starts, ends, _ = self.table(calendar)
        return int(starts[0]), int(ends[-1])


class _Grid:
    """The time that some calendars' tables span, in steps of which all their boundaries are multiples."""

    def __init__(self, clock: RowClock, calendars: Sequence[int], step: int) -> None:
        self._clock, self.step = clock, step
        extents = [clock.extent(calendar) for calendar in calendars]
        self.first = min(first for first, _ in extents)
        self._number = (max(last for _, last in extents) - self.first) // step
        self._known: dict[int, tuple[Row, Row]] = {}
        self._working: dict[int, npt.NDArray[np.intp]] = {}

    def work(self, calendar: int) -> tuple[Row, Row]:
        """Per step, the work done by its beginning, and 1 where it is worked in."""
        known = self._known.get(calendar)
        if known is None:
            starts, ends, done = self._clock.table(calendar)
            turns = np.zeros(self._number + 1, np.int32)
            turns[(starts - self.first) // self.step] += 1
            # Where one interval ends and the next begins at once, both are in the same place.
            np.subtract.at(turns, (ends - self.first) // self.step, 1)
            works = np.cumsum(turns, dtype=np.int32)
            by_then = np.cumsum(works, dtype=np.int32)
            by_then -= works
            by_then *= np.int32(self.step)
            by_then += done[0]
            known = self._known[calendar] = by_then, works
        return known

    def steps(self, calendar: int) -> npt.NDArray[np.intp]:
        """The steps that are worked in."""
        known = self._working.get(calendar)
        if known is None:
            known = self._working[calendar] = np.flatnonzero(self.work(calendar)[1])
        return known

    def compose(self, reader: Reader, write: int) -> tuple[int, Row, Row]:
        """The origin of a way, and per step of work the value at its beginning and its slope."""
        # Steps of minutes begun: minute `u` begins at start_time(u) and ends a minute later, at finish_time(u + 1).
        steps, minute = self.steps(reader.calendar), np.int32(reader.finish)
        origin = int(self._clock.table(reader.calendar)[2][0]) + int(minute)
        if write == WALL:
            moments = (steps * self.step + (self.first + int(minute))).astype(np.int32)
            return origin, moments, np.ones(len(steps), np.int32)
        by_then, works = self.work(write)
        slopes = works.take(steps)
        values = by_then.take(steps)
        values += minute * slopes
        return origin, values, slopes


class Joined:
    """Ways from work axes to others (or to the wall clock, `WALL`), composed and laid end to end in common tables."""

    def __init__(self, clock: RowClock, ways: Sequence[tuple[Reader, int]]) -> None:
        steps = [clock.step(reader, write) for reader, write in ways]
        common = gcd(*steps) if steps else 1
        if sum(clock.size(reader) for reader, _ in ways) <= common * _LARGEST:
            steps = [common] * len(steps)
        self.offset, self.origin = np.zeros(len(ways), np.int32), np.zeros(len(ways), np.int32)
        self.step = np.array(steps, np.int64)
        self._tables: dict[int, tuple[Row, Row]] = {}
        for step in sorted(set(steps)):
            own = [at for at, other in enumerate(steps) if other == step]
            calendars = {calendar for at in own for calendar in (ways[at][0].calendar, ways[at][1])} - {WALL}
            grid = _Grid(clock, sorted(calendars), step)
            values, slopes, length = [], [], 0
            for at in own:
                origin, value, slope = grid.compose(*ways[at])
                self.origin[at], self.offset[at] = origin, length
                length += len(value)
                values.append(value)
                slopes.append(slope)
            self._tables[step] = np.concatenate(values), np.concatenate(slopes)

    def across(self, step: int, origin: Row, offset: Row, work: Row) -> Row:
        """Places `work` (a row per way with this step, overwritten) on the other axes; columns as they are."""
        values, slopes = self._tables[step]
        work -= origin
        if step == 1:
            work += offset
            return values.take(work, mode="clip")
        place = work // np.int32(step)
        work -= place * np.int32(step)
        place += offset
        at = place.astype(np.intp)
        work *= slopes.take(at, mode="clip")
        work += values.take(at, mode="clip")
        return work
