"""Links between calendars: how a date on one work axis becomes a bound on another, forwards and backwards.

The backward way undoes the forward one: where the forward pass reads the end of the predecessor's work, the
backward pass asks for the work done by the latest moment that the successor leaves. Lags on the predecessor's
or successor's calendar are additions on that axis; only a lag on a third calendar needs a stop in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from programs.engine.plan import Kind, LagCalendar, LagUnit, Plan, Progress, Rules
from programs.engine.worktime import WorkCalendar

Convert = Callable[[int], int]

Crossing = tuple[int, int, Convert, int, Convert, int]
"""Slot to read, minutes to add, conversion to the wall clock, elapsed minutes to add, conversion to the other
work axis, minutes to add."""

ALL_HOURS = -1
"""In place of a calendar's index: the wall clock, on which every minute counts."""


def lag_of(plan: Plan, link: int) -> tuple[int, int]:
    """A link's lag in minutes and the index of the calendar it runs on (`ALL_HOURS`: none, the wall clock)."""
    lag = plan.lag[link] if plan.lag else 0
    unit = plan.lag_unit[link] if plan.lag_unit else LagUnit.WORKING
    i, j = plan.predecessor[link], plan.successor[link]
    if unit == LagUnit.PERCENT:
        lag = (plan.duration[i] * lag + 50) // 100
    project = plan.projects[plan.project[j] if plan.project else 0]
    setting = project.lag_calendar
    if not lag or unit == LagUnit.ELAPSED or setting is LagCalendar.ALL_HOURS:
        return lag, ALL_HOURS
    if setting is LagCalendar.PROJECT_DEFAULT:
        return lag, project.calendar
    return lag, plan.calendar[i if setting is LagCalendar.PREDECESSOR else j]


class Links:
    """The ways of a plan's links across calendars, and what progress makes of them."""

    __slots__ = (
        "_finish_time",
        "_plan",
        "_rules",
        "_start_time",
        "_work_at",
        "base",
        "held_from",
        "kind",
        "length",
        "project",
    )

    def __init__(
        self,
        plan: Plan,
        rules: Rules,
        *,
        kind: Sequence[int],
        project: Sequence[int],
        length: Sequence[int],
        held_from: Sequence[int],
        base: Sequence[int],
    ) -> None:
        self._plan, self._rules = plan, rules
        self.kind, self.project, self.length, self.held_from = kind, project, length, held_from
        self.base = base
        # Bound once: a plan has thousands of crossings over a handful of calendars.
        self._start_time = [calendar.start_time for calendar in plan.calendars]
        self._finish_time = [calendar.finish_time for calendar in plan.calendars]
        self._work_at = [calendar.work_at for calendar in plan.calendars]

    def is_end(self, i: int) -> bool:
        """Whether an activity is a point that stands at the end of the work before it."""
        kind = self.kind[i]
        return kind == Kind.FINISH_MILESTONE or (kind == Kind.TASK and not self._plan.duration[i])

    def down(self, i: int, j: int, typ: int, lag: int, axis: int) -> Crossing:
        """The forward way from predecessor `i` to the start of successor `j`."""
        here, there = self._plan.calendar[i], self._plan.calendar[j]
        slot = 2 * i + 1 - (typ & 1)
        after = -self.length[j] if typ > 1 else 0
        read: Convert = (self._start_time if typ & 1 else self._finish_time)[here]
        write = self._work_at[there]
        if lag and axis == here:
            return slot, lag, read, 0, write, after
        if self.kind[i] == Kind.START_MILESTONE:
            read = self._start_time[here]
        elif self.is_end(i):
            read = _point(self._plan.calendars[here], self.base[i])
        if not lag or axis == there:
            return slot, 0, read, 0, write, lag + after
        if axis == ALL_HOURS:
            return slot, 0, read, lag, write, after
        back = (self._start_time if typ & 1 else self._finish_time)[axis]
        return slot, 0, _by_way_of(read, self._work_at[axis], lag, back), 0, write, after

    def up(self, i: int, j: int, typ: int, lag: int, axis: int) -> Crossing:
        """The backward way from successor `j` to the finish of predecessor `i`."""
        here, there = self._plan.calendar[i], self._plan.calendar[j]
        slot = 2 * j + (typ >> 1)
        after = self.length[i] if typ & 1 else 0
        read, write = self._start_time[there], self._work_at[here]
        if lag and axis == there:
            return slot, -lag, read, 0, write, after
        elapsed = lag and axis == ALL_HOURS  # minutes of the night count: only the exact inverse will do
        if (typ > 1 or self.is_end(j)) and not (elapsed or self._rules.late_finish_at_next_work):
            read = self._finish_time[there]
        if not lag or axis == here:
            return slot, 0, read, 0, write, after - lag
        if axis == ALL_HOURS:
            return slot, 0, read, -lag, write, after
        return slot, 0, _by_way_of(read, self._work_at[axis], -lag, self._start_time[axis]), 0, write, after

    def under_progress(
        self, i: int, j: int, typ: int, lag: int, axis: int
    ) -> tuple[int | None, int | None, int | None]:
        """What progress makes of a link with a started end.

        Returns its lag on the way down (None: it holds nothing), a fixed bound on the start of `j` in its
        place (where the lag runs from an actual date), and its lag on the way up (None: it holds nothing).
        """
        plan = self._plan
        begun, ended = plan.actual_start, plan.actual_finish
        i_started, j_started = begun[i] is not None, begun[j] is not None
        i_done = bool(ended) and ended[i] is not None
        leaves_start = bool(typ & 1)
        if self._rules.progress is Progress.ACTUAL_DATES:
            j_done = bool(ended) and ended[j] is not None
            back = None if j_done or i_done or (leaves_start and i_started) else lag
            return None if j_started else lag, None, back
        if self._rules.progress is Progress.PROGRESS_OVERRIDE:
            down = None if j_started or i_done else lag
            up = None if j_started or (leaves_start and i_started) else lag
            if down is None:
                return None, None, up
        else:
            # Once the predecessor has started, its start no longer waits for the lag, but the logic stays.
            down, up = lag, 0 if leaves_start and i_started else lag
        actual = begun[i] if leaves_start else ended[i] if i_done else None
        if actual is None:
            return down, None, up
        until = self._after(actual, lag, axis, leaves_start)
        if until < self.held_from[self.project[j]]:
            return 0, None, None if up is None else 0  # the lag ran out before the status date: it is spent
        work = plan.calendars[plan.calendar[j]].work_at(until)
        return None, work - (self.length[j] if typ > 1 else 0), up

    def _after(self, t: int, lag: int, axis: int, leaves_start: bool) -> int:
        """The wall minute `lag` after wall minute `t`, at the beginning or the end of work."""
        if not lag:
            return t
        if axis == ALL_HOURS:
            return t + lag
        calendar = self._plan.calendars[axis]
        work = calendar.work_at(t) + lag
        return calendar.start_time(work) if leaves_start else calendar.finish_time(work)


def _point(calendar: WorkCalendar, base: int) -> Convert:
    """When a finish milestone is reached: at the end of the work before it, but never before its project starts."""

    def convert(work: int) -> int:
        return calendar.start_time(work) if work <= base else calendar.finish_time(work)

    return convert


def _by_way_of(read: Convert, done: Convert, lag: int, write: Convert) -> Convert:
    """Read a date, let the lag run on a third calendar, and come back to the wall clock."""

    def convert(work: int) -> int:
        return write(done(read(work)) + lag)

    return convert


def crossed(slots: list[int], way: Crossing) -> int:
    """The bound that a crossing gives, from the list of early or late slots."""
    slot, before, read, elapsed, write, after = way
    return write(read(slots[slot] + before) + elapsed) + after
