"""A plan as it was read from somebody's file: neutral values, believed by nobody yet.

Units: times are wall minutes (minutes since 1970-01-01T00:00 on the program's local clock), durations and lags
working minutes unless said otherwise, percentages 0..100, money exact `Decimal` in major currency units (a plan's
rates and products of rates may be finer than a minor unit; whoever stores them rounds, once).
References are codes: a project's code, and (project code, activity code).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

Shift = tuple[int, int]
"""Minutes of the day `[from, to)`, 0..1440."""

Week = tuple[tuple[Shift, ...], ...]
"""Seven days from Monday, each with its shifts."""

DAY = 1440
SUMMARY, TASK, LEVEL_OF_EFFORT = "summary", "task", "level_of_effort"
START_MILESTONE, FINISH_MILESTONE = "start_milestone", "finish_milestone"
MILESTONES = (START_MILESTONE, FINISH_MILESTONE)
WORKING, ELAPSED, PERCENT = "working", "elapsed", "percent"
NO_CONSTRAINT = "ASAP"
_EPOCH = datetime(1970, 1, 1)


@dataclass(slots=True)
class ProgramDraft:
    """What the file says about the program as a whole; empty strings where it says nothing."""

    code: str = ""
    name: str = ""
    currency: str = ""
    time_zone: str = ""


@dataclass(slots=True)
class ProjectDraft:
    """A component project. `start` is the wall minute its network hangs from, `calendar` a calendar's code.

    `kind` is one of software, infrastructure, process, organisation, procurement or empty; `lag_calendar` one of
    predecessor, successor, project, elapsed; `status_date` the latest one known.
    """

    code: str
    name: str
    kind: str = ""
    manager: str = ""
    calendar: str = ""
    start: int | None = None
    finish: int | None = None
    minutes_per_day: int = 480
    lag_calendar: str = "predecessor"
    status_date: int | None = None
    row: int = 0


@dataclass(slots=True)
class CalendarDraft:
    """A working calendar; its code is unique in the whole draft. An exception replaces its day."""

    code: str
    name: str
    week: Week
    exceptions: dict[date, tuple[Shift, ...]] = field(default_factory=dict)


@dataclass(slots=True)
class ActivityDraft:
    """An element of the WBS tree: summary, task, milestone or level of effort.

    `duration` is in working minutes of its calendar (elapsed durations come on a calendar that works around the
    clock). `manual` notes that the planner had switched logic off; such a task comes with a must-start-on date.
    `fixed_cost` and `resource_cost` are planned amounts, `cost_per_hour` a rate on the activity itself; all three
    are in `total_cost`. `position` counts rows within the project from 0, `row` is the line in the file.
    """

    project: str
    code: str
    name: str
    kind: str = TASK
    wbs: str = ""
    parent: str = ""
    position: int = 0
    calendar: str = ""
    duration: int = 0
    constraint: str = NO_CONSTRAINT
    constraint_date: int | None = None
    deadline: int | None = None
    manual: bool = False
    optimistic: int | None = None
    most_likely: int | None = None
    pessimistic: int | None = None
    baseline_start: int | None = None
    baseline_finish: int | None = None
    baseline_duration: int | None = None
    baseline_cost: Decimal | None = None
    fixed_cost: Decimal = Decimal(0)
    cost_per_hour: Decimal = Decimal(0)
    resource_cost: Decimal = Decimal(0)
    total_cost: Decimal = Decimal(0)
    cost_category: str = ""
    cost_nature: str = ""
    actual_start: int | None = None
    actual_finish: int | None = None
    remaining: int | None = None
    percent_complete: Decimal | None = None
    actual_cost: Decimal | None = None
    priority: int | None = None
    notes: str = ""
    row: int = 0


@dataclass(slots=True)
class DependencyDraft:
    """A link: FS, SS, FF or SF. `lag` is minutes of the `lag_unit`, or percent of the predecessor's duration."""

    from_project: str
    from_activity: str
    to_project: str
    to_activity: str
    type: str = "FS"
    lag: int = 0
    lag_unit: str = WORKING
    row: int = 0


@dataclass(slots=True)
class ResourceDraft:
    """A person, role, machine or material; `project` is empty for one shared by the whole program."""

    project: str
    code: str
    name: str
    kind: str = ""
    availability: Decimal = Decimal(1)
    cost_per_use: Decimal = Decimal(0)
    cost_per_hour: Decimal = Decimal(0)
    email: str = ""
    calendar: str = ""
    row: int = 0


@dataclass(slots=True)
class AssignmentDraft:
    """A resource on an activity. `units` 1 is one whole resource; `fixed_quantity` a quantity not driven by time."""

    project: str
    activity: str
    resource_project: str
    resource: str
    units: Decimal = Decimal(1)
    fixed_quantity: bool = False
    effort: int | None = None
    cost: Decimal | None = None
    row: int = 0


@dataclass(slots=True)
class StatusDateDraft:
    """A moment at which a project's progress was taken; periods count up from 1."""

    project: str
    period: int
    name: str
    at: int
    row: int = 0


@dataclass(slots=True)
class ProgressDraft:
    """How far an activity was at one status date. `actual_cost` is cumulative."""

    project: str
    period: int
    activity: str
    actual_start: int | None = None
    actual_finish: int | None = None
    actual_duration: int | None = None
    remaining: int | None = None
    percent_complete: Decimal | None = None
    actual_cost: Decimal | None = None
    row: int = 0


@dataclass(slots=True)
class BaselineDraft:
    """A further frozen set of dates and cost of an activity (the current one is on the activity itself)."""

    project: str
    activity: str
    number: int
    start: int | None
    finish: int | None
    duration: int | None
    cost: Decimal | None


@dataclass(slots=True)
class BudgetLineDraft:
    """A budgeted amount of a project by category, nature (capital, operating) and month (`YYYY-MM`, may be empty)."""

    project: str
    category: str
    nature: str
    period: str
    amount: Decimal
    description: str = ""
    row: int = 0


@dataclass(slots=True)
class ActualCostDraft:
    """A cost that was incurred, with the reference that identifies it in the system it came from."""

    project: str
    activity: str
    date: date
    category: str
    nature: str
    amount: Decimal
    reference: str
    description: str = ""
    vendor: str = ""
    row: int = 0


@dataclass(slots=True)
class SecondConstraintDraft:
    """A further bound on an activity that has a constraint already: SNET, SNLT, FNET or FNLT."""

    project: str
    activity: str
    constraint: str
    constraint_date: int
    row: int = 0


@dataclass(slots=True)
class SettingsDraft:
    """How the tool that wrote the file schedules a project, as far as projects differ.

    `progress` is `retained_logic` or `progress_override`; late dates run back from `must_finish_by`.
    """

    project: str
    progress: str = "retained_logic"
    must_finish_by: int | None = None


@dataclass(slots=True)
class BaselineCostDraft:
    """What an activity costs in the current baseline, where the file says it exactly: in full at its start, spread."""

    project: str
    activity: str
    start: Decimal
    spread: Decimal


@dataclass(slots=True)
class ProgressNowDraft:
    """A project whose activities themselves say how far they are now: newer than its last status date."""

    project: str
    row: int = 0


@dataclass(slots=True)
class StoredDraft:
    """The dates (wall minutes) and floats (working minutes) that the tool itself computed for an activity."""

    early_start: int | None = None
    early_finish: int | None = None
    late_start: int | None = None
    late_finish: int | None = None
    total_float: int | None = None
    free_float: int | None = None


@dataclass(slots=True)
class Draft:
    """Everything read from one file or folder. `source` is `bundle`, `mspdi`, `xer`, `pmxml` or `gan`."""

    source: str
    program: ProgramDraft = field(default_factory=ProgramDraft)
    calendars: list[CalendarDraft] = field(default_factory=list)
    projects: list[ProjectDraft] = field(default_factory=list)
    activities: list[ActivityDraft] = field(default_factory=list)
    dependencies: list[DependencyDraft] = field(default_factory=list)
    resources: list[ResourceDraft] = field(default_factory=list)
    assignments: list[AssignmentDraft] = field(default_factory=list)
    status_dates: list[StatusDateDraft] = field(default_factory=list)
    progress: list[ProgressDraft] = field(default_factory=list)
    baselines: list[BaselineDraft] = field(default_factory=list)
    budget: list[BudgetLineDraft] = field(default_factory=list)
    actuals: list[ActualCostDraft] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    """Elements, columns and files that were not understood and therefore not carried over."""
    seconds: list[SecondConstraintDraft] = field(default_factory=list)
    settings: list[SettingsDraft] = field(default_factory=list)
    baseline_costs: list[BaselineCostDraft] = field(default_factory=list)
    progress_now: list[ProgressNowDraft] = field(default_factory=list)
    own_codes: bool = False
    """Whether calendars have codes of their own: they were made here, and do not stand for a number in a file."""
    dropped: list[str] = field(default_factory=list)
    """What was understood and has no place here, counted and named: `12 user fields (UDFVALUE)`."""
    stored: dict[tuple[str, str], StoredDraft] = field(default_factory=dict)
    """By activity, for comparing only: neither kept nor part of the content."""
    marks: dict[tuple[str, str], str] = field(default_factory=dict)
    """By activity, or by project with an empty code, the rule by which dates may differ; for comparing only."""


NOTES_LENGTH = 4_000


def note(text: str, most: int | None = NOTES_LENGTH) -> str:
    """A note as it is kept: its lines without blanks at their ends, at most 4,000 characters (None: all of them)."""
    lines = [" ".join(line.replace("\x00", "").split()) for line in text.strip().splitlines()]
    return "\n".join(lines).strip()[:most].rstrip()


def wall(moment: datetime) -> int:
    """Wall minutes of a local date and time without zone; seconds are dropped."""
    return (moment - _EPOCH) // timedelta(minutes=1)


def from_wall(minutes: int) -> datetime:
    """The local date and time (without zone) of a wall minute."""
    return _EPOCH + timedelta(minutes=minutes)


def iso(minutes: int) -> str:
    """A wall minute as `2014-05-09T17:00`."""
    return from_wall(minutes).isoformat(timespec="minutes")
