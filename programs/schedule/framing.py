"""What a plan stands in: its projects, their working time and the rules of the program, without its activities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from programs.calendars.models import Calendar, CalendarException
from programs.engine import LagCalendar, Progress, Rules, WorkCalendar
from programs.engine import Project as EngineProject
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock

# Monday to Friday, 08:00-12:00 and 13:00-17:00: for a program that has defined no calendar yet.
OFFICE_WEEK = [[[480, 720], [780, 1020]]] * 5 + [[], []]

LAG_CALENDARS = {
    "predecessor": LagCalendar.PREDECESSOR,
    "successor": LagCalendar.SUCCESSOR,
    "elapsed": LagCalendar.ALL_HOURS,
    "project": LagCalendar.PROJECT_DEFAULT,
}
PROGRESS = {
    Program.Progress.RETAINED: Progress.RETAINED_LOGIC,
    Program.Progress.OVERRIDE: Progress.PROGRESS_OVERRIDE,
}


@dataclass(frozen=True, slots=True)
class Calendars:
    """A program's working calendars by id; index 0 is the one for whatever names none."""

    order: list[WorkCalendar]
    index: dict[int | None, int]

    def of(self, calendar_id: int | None) -> WorkCalendar:
        return self.order[self.index.get(calendar_id, 0)]

    def day_minutes(self, calendar_id: int | None = None) -> int:
        """Working minutes of its usual day, at least one: what a duration in days is counted in."""
        return max(1, self.usual[self.index.get(calendar_id, 0)])

    usual: list[int]
    """Working minutes of each calendar's usual day, by index."""


Exceptions = dict[date, list[tuple[int, int]]]


@dataclass(frozen=True, slots=True)
class Otherwise:
    """Working time as an edit that is not saved would have it; what is not named is read as it stands."""

    weeks: Mapping[int, Any] = field(default_factory=dict)
    """Of calendars, by id."""
    exceptions: Mapping[int, Exceptions] = field(default_factory=dict)
    """All of a calendar's, by its id."""
    projects: Mapping[int, int | None] = field(default_factory=dict)
    """The calendar of a project, by the project's id."""


FRAMED = (
    "time_zone",
    "starts_at",
    "status_at",
    "calendar_id",
    "progress_rule",
    "criticality_rule",
    "critical_float_minutes",
)
"""What of the program itself its plan depends on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What a plan stands in: its projects and their working time, without activities and links."""

    facts: tuple[Any, ...]
    """All that it was made of: two frames of equal facts are equal."""
    clock: ProgramClock
    calendars: Calendars
    projects: list[EngineProject]
    index: dict[int, int]
    """Per project id, its place among `projects`."""
    default_calendar: list[int]
    """Per place of a project, the index of its calendar."""
    rules: Rules


def _usual_day(week: list[list[list[int]]]) -> int:
    days = sorted(sum(to - begin for begin, to in day) for day in week if day)
    return days[len(days) // 2] if days else 480


def load_calendars(program: Program, clock: ProgramClock, other: Otherwise | None = None) -> Calendars:
    """Two queries: the program's calendars with their exceptions, built around its start."""
    return _built(program, clock, *_calendar_rows(program, other))


def _calendar_rows(
    program: Program, other: Otherwise | None
) -> tuple[list[tuple[int | None, Any]], dict[int, Exceptions]]:
    """Weeks by calendar, that of the program first, and the days that differ from them."""
    exceptions: dict[int, Exceptions] = {}
    for calendar_id, day, shifts in CalendarException.objects.filter(program_id=program.pk).values_list(
        "calendar_id", "day", "shifts"
    ):
        exceptions.setdefault(calendar_id, {})[day] = [(begin, to) for begin, to in shifts]
    weeks: list[tuple[int | None, Any]] = list(
        Calendar.objects.filter(program_id=program.pk).order_by("pk").values_list("pk", "week")
    )
    if other is not None:
        exceptions |= other.exceptions
        weeks = [(pk, other.weeks.get(pk or 0, week)) for pk, week in weeks]
    weeks.sort(key=lambda one: one[0] != program.calendar_id)
    return weeks or [(None, OFFICE_WEEK)], exceptions


def _built(
    program: Program,
    clock: ProgramClock,
    weeks: list[tuple[int | None, Any]],
    exceptions: Mapping[int, Exceptions],
) -> Calendars:
    first = program.starts_at.astimezone(clock.zone).date()
    built = [
        WorkCalendar.weekly(
            [[(begin, to) for begin, to in day] for day in week],
            exceptions.get(pk or 0, {}),
            first=first - timedelta(days=31),
            last=first + timedelta(days=3 * 366),
        )
        for pk, week in weeks
    ]
    index: dict[int | None, int] = {None: 0}
    index |= {pk: position for position, (pk, _) in enumerate(weeks)}
    return Calendars(
        order=built,
        index=index,
        usual=[_usual_day(week) for _, week in weeks],
    )


def frame_of(program: Program, other: Otherwise | None = None, known: Frame | None = None) -> Frame:
    """Projects and working time, three queries; `known` itself where nothing of it is another than it was."""
    weeks, exceptions = _calendar_rows(program, other)
    projects: list[tuple[Any, ...]] = list(
        Project.objects.filter(program_id=program.pk)
        .order_by("position", "pk")
        .values_list("pk", "starts_at", "status_at", "lag_calendar", "calendar_id")
    )
    if other is not None:
        projects = [(*row[:4], other.projects.get(row[0], row[4])) for row in projects]
    own = tuple(getattr(program, name) for name in FRAMED)
    facts = (own, weeks, exceptions, projects)
    if known is not None and known.facts == facts:
        return known
    clock = ProgramClock(program.time_zone)
    calendars = _built(program, clock, weeks, exceptions)
    threshold = (
        program.critical_float_minutes
        if program.criticality_rule == Program.Criticality.TOTAL_FLOAT
        else None
    )
    default_calendar = [calendars.index.get(row[4], 0) for row in projects]
    return Frame(
        facts=facts,
        clock=clock,
        calendars=calendars,
        projects=[
            EngineProject(
                start=clock.wall(starts_at or program.starts_at),
                status_date=clock.wall_or_none(status_at or program.status_at),
                lag_calendar=LAG_CALENDARS[lag_calendar],
                calendar=default_calendar[position],
                critical_float=threshold,
            )
            for position, (_, starts_at, status_at, lag_calendar, _) in enumerate(projects)
        ],
        index={row[0]: position for position, row in enumerate(projects)},
        default_calendar=default_calendar,
        # Late finishes read as the exact inverse of the forward pass: no float is shown negative without a cause.
        rules=Rules(
            progress=PROGRESS[Program.Progress(program.progress_rule)], late_finish_at_next_work=True
        ),
    )
