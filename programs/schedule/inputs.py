"""The plan of a program as the engine wants it: five queries into parallel sequences.

Activities, links and their dates are read as plain numbers, instants as seconds since 1970 (UTC): 10,000 rows of
numbers cost a third of as many with `datetime`s, and the rows are put in order here, where that is cheaper still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from programs.calendars.models import Calendar, CalendarException
from programs.engine import (
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LinkKind,
    Plan,
    Progress,
    Rules,
    WorkCalendar,
)
from programs.engine import Project as EngineProject
from programs.engine.groups import with_group_links
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock

SECONDS = "floor(date_part('epoch', {}))::int8"
"""An instant in SQL as whole seconds since 1970-01-01T00:00 UTC: what `ProgramClock.wall_of_second` takes."""
ACTIVITIES = f"""
select id, project_id, position, parent_id, kind, calendar_id, duration_minutes, "constraint",
       {SECONDS.format("constraint_at")}, {SECONDS.format("deadline_at")}, {SECONDS.format("actual_start")},
       {SECONDS.format("actual_finish")}, remaining_minutes
  from programs_activity where program_id = %(program)s
"""  # noqa: S608 - made of constants of this file
LINKS_OF = """
select id, predecessor_id, successor_id, kind, lag, lag_unit from programs_dependency where program_id = %(program)s
"""

# Monday to Friday, 08:00-12:00 and 13:00-17:00: for a program that has defined no calendar yet.
OFFICE_WEEK = [[[480, 720], [780, 1020]]] * 5 + [[], []]

KINDS: dict[str, int] = {
    "summary": Kind.SUMMARY,
    "task": Kind.TASK,
    "start_milestone": Kind.START_MILESTONE,
    "finish_milestone": Kind.FINISH_MILESTONE,
    "level_of_effort": Kind.LEVEL_OF_EFFORT,
}
CONSTRAINTS: dict[str, int] = {
    "ASAP": Constraint.AS_SOON_AS_POSSIBLE,
    "ALAP": Constraint.AS_LATE_AS_POSSIBLE,
    "SNET": Constraint.START_NO_EARLIER_THAN,
    "SNLT": Constraint.START_NO_LATER_THAN,
    "FNET": Constraint.FINISH_NO_EARLIER_THAN,
    "FNLT": Constraint.FINISH_NO_LATER_THAN,
    "MSO": Constraint.MUST_START_ON,
    "MFO": Constraint.MUST_FINISH_ON,
}
LINKS: dict[str, int] = {
    "FS": LinkKind.FINISH_START,
    "SS": LinkKind.START_START,
    "FF": LinkKind.FINISH_FINISH,
    "SF": LinkKind.START_FINISH,
}
LAG_UNITS = {"working": LagUnit.WORKING, "elapsed": LagUnit.ELAPSED, "percent": LagUnit.PERCENT}
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


@dataclass(frozen=True, slots=True)
class Loaded:
    """The engine's plan and what its indices stand for.

    Behind the activities and links listed the plan may hold others, which carry links of groups to what is in them.
    """

    plan: Plan
    given: Plan
    """The same object as `plan` where no link leads from or to a summary; else the plan before those were carried."""
    rules: Rules
    clock: ProgramClock
    activity_ids: list[int]
    project_of: list[int]
    link_ids: list[int]
    calendars: Calendars


def _usual_day(week: list[list[list[int]]]) -> int:
    days = sorted(sum(to - begin for begin, to in day) for day in week if day)
    return days[len(days) // 2] if days else 480


def load_calendars(program: Program, clock: ProgramClock, other: Otherwise | None = None) -> Calendars:
    """Two queries: the program's calendars with their exceptions, built around its start."""
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
    if not weeks:
        weeks = [(None, OFFICE_WEEK)]
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


def load(program: Program, other: Otherwise | None = None) -> Loaded:
    """Everything the engine needs to schedule the whole program, across its projects; `other`: with other calendars."""
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock, other)
    projects: list[tuple[Any, ...]] = list(
        Project.objects.filter(program_id=program.pk)
        .order_by("position", "pk")
        .values_list("pk", "starts_at", "status_at", "lag_calendar", "calendar_id")
    )
    if other is not None:
        projects = [(*row[:4], other.projects.get(row[0], row[4])) for row in projects]
    project_index = {row[0]: position for position, row in enumerate(projects)}
    default_calendar = [calendars.index.get(row[4], 0) for row in projects]
    threshold = (
        program.critical_float_minutes
        if program.criticality_rule == Program.Criticality.TOTAL_FLOAT
        else None
    )
    engine_projects = [
        EngineProject(
            start=clock.wall(starts_at or program.starts_at),
            status_date=clock.wall_or_none(status_at or program.status_at),
            lag_calendar=LAG_CALENDARS[lag_calendar],
            calendar=default_calendar[position],
            critical_float=threshold,
        )
        for position, (_, starts_at, status_at, lag_calendar, _) in enumerate(projects)
    ]
    values = {"program": program.pk}
    with connection.cursor() as cursor:
        cursor.execute(ACTIVITIES, values)
        rows = cursor.fetchall()
        cursor.execute(LINKS_OF, values)
        links = cursor.fetchall()
    rows.sort(key=lambda row: (project_index[row[1]], row[2], row[0]))
    links.sort()
    pks, own_project, _, parents, kinds, own_calendar, durations, constraints, *dated, left = _columns(
        rows, 13
    )
    constraint_at, deadlines, begun, ended = dated
    link_pks, before, after, link_kinds, lags, units = _columns(links, 6)
    index = {pk: position for position, pk in enumerate(pks)}
    project_at = [project_index[pk] for pk in own_project]

    def walls(seconds: Sequence[int | None]) -> list[int | None]:
        return [None if second is None else wall[second] for second in seconds]

    wall = clock.wall_of_second
    plan = Plan(
        calendars=calendars.order,
        projects=engine_projects,
        calendar=[
            default_calendar[project] if calendar is None else calendars.index[calendar]
            for calendar, project in zip(own_calendar, project_at, strict=True)
        ],
        duration=durations,
        project=project_at,
        kind=[KINDS[kind] for kind in kinds],
        parent=[-1 if parent is None else index[parent] for parent in parents],
        constraint=[CONSTRAINTS[constraint] for constraint in constraints],
        constraint_date=walls(constraint_at),
        deadline=walls(deadlines),
        actual_start=walls(begun),
        actual_finish=walls(ended),
        remaining=left,
        predecessor=[index[pk] for pk in before],
        successor=[index[pk] for pk in after],
        link_kind=[LINKS[kind] for kind in link_kinds],
        lag=lags,
        lag_unit=[LAG_UNITS[unit] for unit in units],
    )
    return Loaded(
        plan=with_group_links(plan),
        given=plan,
        # Late finishes read as the exact inverse of the forward pass: no float is shown negative without a cause.
        rules=Rules(
            progress=PROGRESS[Program.Progress(program.progress_rule)], late_finish_at_next_work=True
        ),
        clock=clock,
        activity_ids=pks,
        project_of=own_project,
        link_ids=link_pks,
        calendars=calendars,
    )


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows of a table as its columns; as many empty ones where there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
