"""A large plan as arrays: what `layout` writes down activity by activity, worked out by columns (numpy).

The words are those of `layout`, the rules too: whoever changes one of the two changes both, and the tests compare
every field of their schedules. Missing dates are `MISSING`, all numbers 64-bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from programs.engine.layout import NEVER
from programs.engine.plan import Constraint, Kind, Plan, Progress, Rules, StartFloor
from programs.engine.sweep_clocks import Bools, Clocks, Ints

MISSING = -(1 << 62)
_LARGEST_DATE, _LARGEST_AMOUNT = 1 << 40, 1 << 31


class TooLarge(Exception):
    """A number so absurd that sums of such numbers could leave 64 bits."""


def whole(column: Sequence[int], largest: int = _LARGEST_AMOUNT) -> Ints:
    """A column of whole numbers. Raises `TooLarge` for what no plan can mean."""
    try:
        numbers = np.array(column, dtype=np.int64)
    except OverflowError as refused:
        raise TooLarge from refused
    if len(numbers) and not (-largest < numbers.min() and numbers.max() < largest):
        raise TooLarge
    return numbers


def small(column: Sequence[int], count: int) -> Ints:
    """A column of kinds and the like, which are below 256; all zero where it is left out."""
    return np.frombuffer(bytes(column or count), dtype=np.uint8).astype(np.int64)


def dates(column: Sequence[int | None], count: int) -> Ints:
    """A column of wall minutes (or of minutes left), `MISSING` where there is none."""
    if not column:
        return np.full(count, MISSING)
    known = np.array([date is not None for date in column], dtype=np.bool_)
    if not known.any():
        return np.full(count, MISSING)
    return np.where(known, whole([date or 0 for date in column], _LARGEST_DATE), MISSING)


@dataclass(slots=True)
class Limits:
    """What constraints and deadlines say, per activity in work on its own axis: `layout.Bounds` by columns."""

    lowest: Ints
    highest: Ints
    start: Ints
    """`MISSING` where nothing fixes it."""
    deadline: Ints
    late: Bools
    bound: Bools
    """Whether there is anything of all this."""


@dataclass(slots=True)
class Columns:
    """The activities of a plan and what does not depend on computed dates."""

    clocks: Clocks
    calendar: Ints
    at: Ints
    """The calendar as `Clocks` takes it."""
    project: Ints
    kind: Ints
    duration: Ints
    length: Ints
    begun: Ints
    ended: Ints
    left: Ints
    started: Bools
    completed: Bools
    settled: bool
    held_from: Ints
    """Per project."""
    base: Ints
    floor: Ints
    is_end: Bools
    """A point that stands at the end of the work before it."""
    taking_part: Bools


def columns_of(plan: Plan, rules: Rules) -> Columns:
    """The activity side of `lay_out`, without floors and limits, which depend on links and lengths."""
    count = len(plan.duration)
    clocks = Clocks(plan.calendars)
    calendar, kind = whole(plan.calendar), small(plan.kind, count)
    project = whole(plan.project) if plan.project else np.zeros(count, dtype=np.int64)
    duration = whole(plan.duration)
    begun = dates(plan.actual_start, count)
    started = begun != MISSING
    ended = dates(plan.actual_finish, count)
    completed = started & (ended != MISSING)
    left = np.where(started, dates(plan.remaining, count), MISSING)
    settled = rules.progress is Progress.ACTUAL_DATES
    at = clocks.keys(calendar)

    length = np.where((kind == Kind.START_MILESTONE) | (kind == Kind.FINISH_MILESTONE), 0, duration)
    if settled:
        c = completed
        length[c] = clocks.work_at(at[c], ended[c]) - clocks.work_at(at[c], begun[c])
    else:
        length = np.where((left != MISSING) & (length != 0), left, length)
        length[completed] = 0  # a completed activity is a point in the network of what remains

    columns = Columns(
        clocks=clocks,
        calendar=calendar,
        at=at,
        project=project,
        kind=kind,
        duration=duration,
        length=length,
        begun=begun,
        ended=ended,
        left=left,
        started=started,
        completed=completed,
        settled=settled,
        held_from=_held_from(plan, project, settled, (begun, ended)),
        base=duration,
        floor=duration,
        is_end=(kind == Kind.FINISH_MILESTONE) | ((kind == Kind.TASK) & (duration == 0)),
        taking_part=kind < Kind.LEVEL_OF_EFFORT,
    )
    columns.base = by_calendar(columns, columns.held_from)
    return columns


def _held_from(plan: Plan, project: Ints, settled: bool, actual: tuple[Ints, Ints]) -> Ints:
    """Per project, its start or its status date; where that is missing, its last actual date."""
    if settled:
        return np.array([p.start for p in plan.projects], dtype=np.int64)
    held = np.array(
        [p.start if p.status_date is None else max(p.start, p.status_date) for p in plan.projects],
        dtype=np.int64,
    )
    unknown = np.array([p.status_date is None for p in plan.projects], dtype=np.bool_)[project]
    if unknown.any():
        for date in actual:
            np.maximum.at(held, project[unknown], date[unknown])
    return held


def by_calendar(columns: Columns, moment: Ints) -> Ints:
    """Per activity, the work done on its calendar by a wall minute of its project; each pair is asked once."""
    calendars = int(columns.calendar.max(initial=0)) + 1
    pair = columns.project * calendars + columns.calendar
    work = np.zeros(len(moment) * calendars, dtype=np.int64)
    work[pair] = 1
    pairs = np.flatnonzero(work)
    work[pairs] = columns.clocks.work_at(columns.clocks.keys(pairs % calendars), moment[pairs // calendars])
    by_activity: Ints = work[pair]
    return by_activity


def set_floors(columns: Columns, rules: Rules, successor: Ints, typ: Ints, acts: Bools) -> None:
    """Who is held by the project start; where started work lies at its actual start, that.

    `acts` tells of each link whether it holds its successor at all: progress may have let go of it.
    """
    floor = columns.floor = columns.base.copy()
    if rules.start_floor is not StartFloor.EVERY_ACTIVITY:
        freed = np.zeros(len(floor), dtype=np.bool_)
        freed[successor] = True
        if rules.start_floor is StartFloor.OPEN_STARTS_AND_FINISH_LINKS:
            freed[successor[typ > 1]] = False
        held = np.zeros(len(floor), dtype=np.bool_)
        held[successor[acts]] = True
        freed &= held  # else progress let go of all its links
        floor[freed] = NEVER
    if columns.settled:
        s = columns.started
        floor[s] = columns.clocks.work_at(columns.at[s], columns.begun[s])


def limits_of(columns: Columns, plan: Plan) -> Limits | None:
    """Constraints and deadlines of unfinished activities; floors are raised by those that hold a start.

    None where the plan has nothing of the kind.
    """
    count = len(columns.length)
    pairs = [
        (small(kinds, count), dates(days, count))
        for kinds, days in (
            (plan.constraint, plan.constraint_date),
            (plan.second_constraint, plan.second_constraint_date),
        )
        if any(kinds)
    ]
    deadline = dates(plan.deadline, count)
    due = (deadline != MISSING) & ~columns.completed
    if not pairs and not due.any():
        return None
    limits = Limits(
        lowest=np.full(count, NEVER),
        highest=np.full(count, -NEVER),
        start=np.full(count, MISSING),
        deadline=np.full(count, -NEVER),
        late=np.zeros(count, dtype=np.bool_),
        bound=due.copy(),
    )
    for constraint, date in pairs:
        _bind(columns, limits, constraint, date)
    limits.deadline[due] = columns.clocks.work_at(columns.at[due], deadline[due])
    return limits


def _bind(columns: Columns, limits: Limits, constraint: Ints, date: Ints) -> None:
    """Add one column of constraints; started activities are held by late dates only."""
    applies = (constraint != Constraint.AS_SOON_AS_POSSIBLE) & ~columns.completed
    limits.bound |= applies
    alap = np.flatnonzero(applies & (constraint == Constraint.AS_LATE_AS_POSSIBLE))
    limits.late[alap] = ~columns.started[alap]
    i = np.flatnonzero(applies & (constraint != Constraint.AS_LATE_AS_POSSIBLE) & (date != MISSING))
    kind, begun, length = constraint[i], columns.started[i], columns.length[i]
    on_start = np.isin(
        kind,
        (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN, Constraint.MUST_START_ON),
    )
    # As a start: a constraint on the finish is one on the start, a length earlier.
    start = columns.clocks.work_at(columns.at[i], date[i]) - np.where(on_start, 0, length)
    earliest = np.isin(kind, (Constraint.START_NO_EARLIER_THAN, Constraint.FINISH_NO_EARLIER_THAN))
    latest = np.isin(kind, (Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN))
    n = earliest & ~begun
    limits.lowest[i[n]] = np.maximum(limits.lowest[i[n]], start[n])
    columns.floor[i[n]] = np.maximum(columns.floor[i[n]], start[n])
    n = ~earliest & (begun | latest)
    limits.highest[i[n]] = np.minimum(limits.highest[i[n]], (start + length)[n])
    n = ~earliest & ~begun & ~latest
    limits.start[i[n]] = start[n]
