"""The plan of a program as the engine wants it: five queries into parallel sequences.

Activities, links and their dates are read as plain numbers, instants as seconds since 1970 (UTC): 10,000 rows of
numbers cost a third of as many with `datetime`s, and the rows are put in order here, where that is cheaper still.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import connection

from programs.engine import Constraint, Kind, LagUnit, LinkKind, Plan, Rules
from programs.engine.groups import with_group_links
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.framing import (
    LAG_CALENDARS,
    OFFICE_WEEK,
    PROGRESS,
    Calendars,
    Exceptions,
    Frame,
    Otherwise,
    frame_of,
    load_calendars,
)

__all__ = [
    "CONSTRAINTS",
    "KINDS",
    "LAG_CALENDARS",
    "LAG_UNITS",
    "LINKS",
    "OFFICE_WEEK",
    "PROGRESS",
    "SECONDS",
    "Calendars",
    "Exceptions",
    "Loaded",
    "Otherwise",
    "Row",
    "load",
    "load_calendars",
    "loaded_of",
]

SECONDS = "floor(date_part('epoch', {}))::int8"
"""An instant in SQL as whole seconds since 1970-01-01T00:00 UTC: what `ProgramClock.wall_of_second` takes."""
ACTIVITY = f"""
id, project_id, position, parent_id, kind, calendar_id, duration_minutes, "constraint",
{SECONDS.format("constraint_at")}, {SECONDS.format("deadline_at")}, {SECONDS.format("actual_start")},
{SECONDS.format("actual_finish")}, remaining_minutes
"""
ACTIVITIES = "programs_activity where program_id = %(program)s"
LINK = "id, predecessor_id, successor_id, kind, lag, lag_unit"
LINKS_OF = "programs_dependency where program_id = %(program)s"

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
STANDS, LEADS = 4, 3
"""So many of a row's first columns say where an activity stands, and between which two a link leads."""
PATCHED = (
    "kind",
    "calendar",
    "duration",
    "constraint",
    "constraint_date",
    "deadline",
    "actual_start",
    "actual_finish",
    "remaining",
)
"""The plan's columns of an activity's other ones, in their order."""
PATCHED_LINK = ("link_kind", "lag", "lag_unit")

Row = tuple[Any, ...]
"""An activity or a link, in the order of the columns of the statements above."""


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


def load(program: Program, other: Otherwise | None = None) -> Loaded:
    """Everything the engine needs to schedule the whole program, across its projects; `other`: with other calendars."""
    frame = frame_of(program, other)
    return loaded_of(frame, fetched(program.pk, ACTIVITY, ACTIVITIES), fetched(program.pk, LINK, LINKS_OF))


def fetched(program_id: int, columns: str, rows: str) -> list[Row]:
    """All rows of a program, in no order: `columns` and `rows` are texts of this package."""
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from {rows}", {"program": program_id})  # noqa: S608 - its own texts
        found: list[Row] = cursor.fetchall()
        return found


def loaded_of(frame: Frame, rows: list[Row], links: list[Row]) -> Loaded:
    """The plan of these activities and links, in whatever order they are given; both lists are put in order."""
    project_index, calendars, clock = frame.index, frame.calendars, frame.clock
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
        projects=frame.projects,
        calendar=[
            frame.default_calendar[project] if calendar is None else calendars.index[calendar]
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
        rules=frame.rules,
        clock=clock,
        activity_ids=pks,
        project_of=own_project,
        link_ids=link_pks,
        calendars=calendars,
    )


def patched(
    loaded: Loaded,
    frame: Frame,
    activities: Mapping[int, tuple[Row, Row]],
    links: Mapping[int, tuple[Row, Row]],
) -> Loaded | None:
    """The plan in the same frame after some rows (each given as it was and as it is) were written anew.

    None where one of them stands in another place or leads elsewhere: then the plan is put together anew.
    """
    if any(was[:STANDS] != now[:STANDS] for was, now in activities.values()):
        return None
    if any(was[:LEADS] != now[:LEADS] for was, now in links.values()):
        return None
    plan, calendars, wall = loaded.given, frame.calendars, frame.clock.wall_of_second
    columns: dict[str, list[Any]] = {name: list(getattr(plan, name)) for name in PATCHED if activities}
    index = {pk: position for position, pk in enumerate(loaded.activity_ids)} if activities else {}
    for pk, (_, row) in activities.items():
        kind, calendar, duration, constraint, *dated, left = row[STANDS:]
        at = index[pk]
        own = frame.default_calendar[plan.project[at]] if calendar is None else calendars.index[calendar]
        walls = [None if second is None else wall[second] for second in dated]
        values = (KINDS[kind], own, duration, CONSTRAINTS[constraint], *walls, left)
        for name, value in zip(PATCHED, values, strict=True):
            columns[name][at] = value
    if links:
        columns |= {name: list(getattr(plan, name)) for name in PATCHED_LINK}
        place = {pk: position for position, pk in enumerate(loaded.link_ids)}
        for pk, (_, row) in links.items():
            kind, lag, unit = row[LEADS:]
            for name, value in zip(PATCHED_LINK, (LINKS[kind], lag, LAG_UNITS[unit]), strict=True):
                columns[name][place[pk]] = value
    given = replace(plan, **columns)
    return replace(loaded, plan=with_group_links(given), given=given)


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows of a table as its columns; as many empty ones where there is no row."""
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(width)]
