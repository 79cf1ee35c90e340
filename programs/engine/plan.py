"""What the engine is given: a plan as parallel sequences, and the rules it is scheduled by.

A sequence left empty means that the plan does not use that feature; everything else has one entry per
activity, per link or per project. Times are wall minutes (minutes since 1970-01-01T00:00 on the program's
local clock), durations and lags working minutes, `None` where there is no such date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum

from programs.engine.worktime import WorkCalendar


class LinkKind(IntEnum):
    """Which end of the predecessor holds which end of the successor.

    The odd ones leave the predecessor's start, those from two on arrive at the successor's finish.
    """

    FINISH_START = 0
    START_START = 1
    FINISH_FINISH = 2
    START_FINISH = 3


class LagUnit(IntEnum):
    """What the number in `Plan.lag` counts; negative numbers are leads."""

    WORKING = 0
    """Working minutes on the calendar that the project's `lag_calendar` names."""
    ELAPSED = 1
    """Minutes on the wall clock, nights and holidays included."""
    PERCENT = 2
    """Percent of the predecessor's duration, run as working minutes."""


class LagCalendar(Enum):
    """Whose calendar a lag runs on: a setting of the project that the successor belongs to."""

    PREDECESSOR = "predecessor"
    SUCCESSOR = "successor"
    ALL_HOURS = "24 hours"
    PROJECT_DEFAULT = "project default"


class Kind(IntEnum):
    """What an activity is to the scheduler."""

    TASK = 0
    START_MILESTONE = 1
    """No length; stands at the beginning of the next working time."""
    FINISH_MILESTONE = 2
    """No length; stands at the end of the working time before. So does a task of no length."""
    LEVEL_OF_EFFORT = 3
    """Supports other work: takes no part in the passes, lasts from its starting links to its finishing links."""
    SUMMARY = 4
    """Takes no part in the passes: lasts from the first to the last of the activities under it."""


class Constraint(IntEnum):
    """The eight constraints. Those on a date need the date beside them."""

    AS_SOON_AS_POSSIBLE = 0
    AS_LATE_AS_POSSIBLE = 1
    START_NO_EARLIER_THAN = 2
    START_NO_LATER_THAN = 3
    FINISH_NO_EARLIER_THAN = 4
    FINISH_NO_LATER_THAN = 5
    MUST_START_ON = 6
    """Wins over links; a broken link is a finding. A date that yields to links is the pair no earlier + no later."""
    MUST_FINISH_ON = 7


class Progress(Enum):
    """What becomes of links and remaining work once work has started."""

    RETAINED_LOGIC = "retained logic"
    """Remaining work waits for the status date and for every predecessor, even when it was begun out of sequence."""
    PROGRESS_OVERRIDE = "progress override"
    """Remaining work waits for the status date only; links into started and out of completed activities vanish."""
    ACTUAL_DATES = "actual dates"
    """Started work lies at its actual start for its whole duration; the status date moves nothing."""


class StartFloor(Enum):
    """Which activities the project start (and the status date) holds back."""

    EVERY_ACTIVITY = "every activity"
    OPEN_STARTS_AND_FINISH_LINKS = "activities without predecessors or held by their finish"
    """A lead may pull an activity in front of the project start, a link to its finish may not."""
    OPEN_STARTS = "activities without predecessors"


class LatestFinish(Enum):
    """The finish that open ends may slip to and that the longest path is traced from."""

    PROGRAM = "program"
    EACH_PROJECT = "each project"


class Alap(Enum):
    """What "as late as possible" uses up."""

    FREE_FLOAT = "free float"
    """Moves as far as no successor notices, and not past a "no later than" date or deadline of its own."""
    TOTAL_FLOAT = "total float"
    """Moves to its late dates and takes its successors along; the program's finish stands."""


@dataclass(frozen=True, slots=True)
class Rules:
    """How a plan is scheduled: each point on which the common tools differ, by name. The defaults are ours."""

    progress: Progress = Progress.RETAINED_LOGIC
    start_floor: StartFloor = StartFloor.EVERY_ACTIVITY
    late_constraints_pull: bool = False
    """True: a "no later than" date pulls the early dates before their predecessors allow, a broken link is a
    finding. False: it moves late dates only, and negative float tells."""
    alap: Alap = Alap.FREE_FLOAT
    float_to: LatestFinish = LatestFinish.PROGRAM
    longest_path_to: LatestFinish = LatestFinish.PROGRAM
    late_finish_at_next_work: bool = False
    """How a late finish (of a finish milestone or behind a link to a finish) is read on another calendar.
    False: as the end of its own work, as Primavera stores it; a predecessor at work in the gap that follows
    then shows a negative float. True: as the beginning of its next work, the exact inverse of the forward
    pass."""


PRIMAVERA = Rules()
"""As Primavera P6 schedules with retained logic."""

MICROSOFT_PROJECT = Rules(
    progress=Progress.ACTUAL_DATES,
    start_floor=StartFloor.OPEN_STARTS_AND_FINISH_LINKS,
    late_constraints_pull=True,
    alap=Alap.TOTAL_FLOAT,
)
"""As MS Project schedules; its lags run on the successor's calendar (`Project.lag_calendar`)."""


@dataclass(frozen=True, slots=True)
class Project:
    """One component project: where it begins, how far it has come and its own settings."""

    start: int
    """Wall minute before which nothing in it begins."""
    status_date: int | None = None
    """Wall minute up to which progress is known; without one, progress is taken to be known up to the last
    actual date of the project."""
    must_finish_by: int | None = None
    """Wall minute that replaces the latest finish of this project's activities in the backward pass."""
    lag_calendar: LagCalendar = LagCalendar.PREDECESSOR
    calendar: int = 0
    """Index of the project's default calendar; lags use it under `LagCalendar.PROJECT_DEFAULT`."""
    critical_float: int | None = None
    """None: critical is what lies on the longest path. Otherwise: total float up to so many working minutes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A network of activities and links over any number of projects and calendars.

    `calendars` and `projects` are referred to by index. Of the rest only `calendar` and `duration` are
    required; `validate` says in words what is wrong with a plan, `schedule` takes a valid one.
    """

    calendars: Sequence[WorkCalendar]
    projects: Sequence[Project]

    calendar: Sequence[int]
    """Per activity, index into `calendars`."""
    duration: Sequence[int]
    """Per activity, working minutes on its calendar."""
    project: Sequence[int] = ()
    """Per activity, index into `projects`; empty: all in the first."""
    kind: Sequence[int] = ()
    """Per activity, a `Kind`; empty: all tasks."""
    parent: Sequence[int] = ()
    """Per activity, index of the summary it lies under, -1 for none."""
    constraint: Sequence[int] = ()
    constraint_date: Sequence[int | None] = ()
    second_constraint: Sequence[int] = ()
    second_constraint_date: Sequence[int | None] = ()
    deadline: Sequence[int | None] = ()
    """Per activity: bounds its late finish, never moves its early dates."""
    actual_start: Sequence[int | None] = ()
    actual_finish: Sequence[int | None] = ()
    remaining: Sequence[int | None] = ()
    """Per activity, working minutes left of a started one; None: its whole duration."""

    predecessor: Sequence[int] = ()
    """Per link, index of an activity."""
    successor: Sequence[int] = ()
    link_kind: Sequence[int] = ()
    """Per link, a `LinkKind`; empty: all finish to start."""
    lag: Sequence[int] = ()
    """Per link, in its `lag_unit`; empty: none."""
    lag_unit: Sequence[int] = ()
    """Per link, a `LagUnit`; empty: all working minutes."""
