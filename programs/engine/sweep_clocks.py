"""All calendars of a plan at once: many conversions between wall clocks and work axes in one call (numpy).

The intervals of all calendars lie in one sorted table, each calendar shifted by a span of its own, so that a
single binary search serves activities on any mixture of calendars. What a table does not know (past the end of
what is worked out, or one of the ends of a calendar of given intervals) is asked of the calendar itself, number by
number: it extends itself, answers, or refuses, exactly as in the plain passes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from programs.engine.worktime import Known, WorkCalendar

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_SPAN = 1 << 42
"""More than any wall minute or work minute apart: calendars do not meet in the table."""
_BELOW = 1 << 41


class Clocks:
    """The conversions of `WorkCalendar` on arrays; `at` says per number whose calendar, as `keys` writes it."""

    def __init__(self, calendars: Sequence[WorkCalendar]) -> None:
        self._calendars = calendars
        self._lay_out()

    @staticmethod
    def keys(calendar: Ints) -> Ints:
        """Indices of calendars as the conversions take them."""
        return calendar * _SPAN

    @staticmethod
    def calendars(at: Ints) -> Ints:
        """The indices that such keys were made of."""
        return at // _SPAN

    def work_at(self, at: Ints, t: Ints) -> Ints:
        """Working minutes done by wall minutes `t`."""
        row = self._starts.searchsorted(at + t, "right")
        work: Ints = np.minimum(t, self._ends[row]) + self._to_work[row]
        unknown = self._start_unknown[row]
        if unknown.any():
            for n in np.flatnonzero(unknown).tolist():
                work[n] = self._calendars[int(at[n]) // _SPAN].work_at(int(t[n]))
            self._renew()
        return work

    def clock(self, at: Ints, w: Ints, finish: Bools | bool) -> Ints:
        """Wall minutes with `w` working minutes done: the end of that work where `finish`, else the next beginning."""
        row = self._done.searchsorted(at + w - finish, "right")  # whole minutes: before w is up to w - 1
        t: Ints = w + self._to_clock[row]
        unknown = self._done_unknown[row]
        if unknown.any():
            ends = np.broadcast_to(finish, w.shape)
            for n in np.flatnonzero(unknown).tolist():
                calendar = self._calendars[int(at[n]) // _SPAN]
                t[n] = (calendar.finish_time if ends[n] else calendar.start_time)(int(w[n]))
            self._renew()
        return t

    def _renew(self) -> None:
        """Take over what calendars have added to themselves while they were asked."""
        if any(
            calendar.known().starts is not known.starts
            for calendar, known in zip(self._calendars, self._known, strict=True)
        ):
            self._lay_out()

    def _lay_out(self) -> None:
        """Tables with a row before each calendar and one behind it that only the calendar itself can answer.

        Rows are counted from one, as `searchsorted` on the right counts what lies at or before a number; row
        nought is what lies before everything.
        """
        self._known = [calendar.known() for calendar in self._calendars]
        rows = [_rows(number * _SPAN, known) for number, known in enumerate(self._known)]
        starts, ends, to_work, start_unknown, done, to_clock, done_unknown = (
            np.concatenate(column) for column in zip(*rows, strict=True)
        )
        self._starts: Ints = starts
        self._ends: Ints = np.concatenate(([0], ends))
        self._to_work: Ints = np.concatenate(([0], to_work))
        self._start_unknown: Bools = np.concatenate(([True], start_unknown))
        self._done: Ints = done
        self._to_clock: Ints = np.concatenate(([0], to_clock))
        self._done_unknown: Bools = np.concatenate(([True], done_unknown))


def _rows(key: int, known: Known) -> tuple[Ints, Ints, Ints, Bools, Ints, Ints, Bools]:
    """One calendar's rows, of wall clock to work and of work to wall clock."""
    starts, ends, done = (np.array(column, dtype=np.int64) for column in known[:3])
    count = len(starts)
    # Between the first minute known and the first work nothing is done: a row that stands still.
    first = known.first
    edges = np.zeros(count + 3, dtype=np.bool_)
    edges[[0, -1]] = True
    return (
        np.concatenate(([key - _BELOW, key + first], key + starts, [key + known.last + 1])),
        np.concatenate(([0, first], ends, [0])),
        np.concatenate(([0, known.least - first], done - starts, [0])),
        edges,
        np.concatenate(([key - _BELOW], key + done, [key + known.most])),
        np.concatenate(([0], starts - done, [0])),
        np.delete(edges, 1),
    )
