"""Copying a plan: calendars, projects, activities, links, roles and their allocation, moved to another start.

What is copied is the plan, not its history: no actuals, status dates, baselines, money, decisions, risks or people.
Called by the commands of `services`, inside their transaction and after their checks. Instants move by whole days on
the clock's face: eight in the morning stays eight in the morning, in the new program's zone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from pmo.refusals import Refused
from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import PlannedOutcome, Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule.clock import ProgramClock
from programs.schedule.models import Activity, Dependency

MOST_COPIED = 5000
"""Activities that are copied while a person waits. A larger plan leaves as a file and comes in by the import."""
BATCH = 1000
Shift = Callable[[datetime | None], datetime | None]


@dataclass(frozen=True)
class Copied:
    """How much was copied, and what was left out on purpose."""

    projects: int
    activities: int
    links: int
    people_left: int = 0
    links_left: int = 0


def shifter(source: Program, target: Program, days: int) -> Shift:
    """Instants of the source's plan as those of the target's, `days` later on the clock's face."""
    here, there = ProgramClock(source.time_zone), ProgramClock(target.time_zone)

    def shift(instant: datetime | None) -> datetime | None:
        if instant is None:
            return None
        try:
            return there.instant(here.wall(instant) + 1440 * days)
        except (OverflowError, ValueError):
            raise Refused(
                "A date of this plan would be moved out of the calendar.", field="starts_on"
            ) from None

    return shift


def copy_program(source: Program, target: Program, days: int) -> Copied:
    """The whole plan of `source` in the empty program `target`, `days` later."""
    _refuse_too_many(Activity.objects.filter(program_id=source.pk).count())
    shift = shifter(source, target, days)
    calendars = _calendars(source, target)
    target.calendar = calendars.get(source.calendar_id or 0)
    target.save(update_fields=["calendar"])
    projects = {}
    for one in Project.objects.filter(program_id=source.pk).order_by("position", "pk"):
        projects[one.pk] = Project.objects.create(
            program=target,
            code=one.code,
            name=one.name,
            kind=one.kind,
            outcomes=one.outcomes,
            priority=one.priority,
            calendar=calendars.get(one.calendar_id or 0),
            lag_calendar=one.lag_calendar,
            starts_at=shift(one.starts_at),
            position=one.position,
        )
        _outcomes(one, projects[one.pk], days)
    resources, people = _resources(source, target, projects)
    return _plan(target, projects, {pk: one.pk for pk, one in calendars.items()}, resources, shift, people)


def copy_project(project: Project, copy: Project, days: int) -> Copied:
    """The plan of a project in another, empty one of the same program: its calendars and resources are shared.

    Links inside it are kept; links to other projects are not copied, and counted.
    """
    _refuse_too_many(project.activities.count())
    _outcomes(project, copy, days)
    program = project.program
    calendars = {pk: pk for pk in Calendar.objects.filter(program=program).values_list("pk", flat=True)}
    # Somebody who is a project's own resource is not lent to its copy.
    shared = Resource.objects.filter(program=program, project=None, retired_at=None).exclude(
        kind=Resource.Kind.PERSON
    )
    resources = {pk: pk for pk in shared.values_list("pk", flat=True)}
    own = Resource.objects.filter(program=program, project=project, retired_at=None).exclude(
        kind=Resource.Kind.PERSON
    )
    for one in own:
        resources[one.pk] = _resource(one, program, copy).pk
    people = _left(Assignment.objects.filter(activity__project=project), resources)
    return _plan(
        copy.program, {project.pk: copy}, calendars, resources, shifter(program, program, days), people
    )


def _outcomes(source: Project, target: Project, days: int) -> None:
    """What is planned comes along, moved by so many days; what was seen of it does not."""
    PlannedOutcome.objects.bulk_create(
        PlannedOutcome(
            program_id=target.program_id,
            project=target,
            position=one.position,
            outcome=one.outcome,
            measure=one.measure,
            target=one.target,
            due_on=one.due_on + timedelta(days=days),
        )
        for one in PlannedOutcome.objects.filter(project=source).order_by("position", "pk")
    )


def _refuse_too_many(count: int) -> None:
    if count > MOST_COPIED:
        raise Refused(
            f"This plan has {count:,} activities; {MOST_COPIED:,} are copied here. "
            "Export it as a bundle and import that into the new program.",
            field="begin",
        )


def _left(rows: Any, resources: dict[int, int]) -> int:
    """Allocations whose resource does not come along."""
    return int(rows.exclude(resource_id__in=resources).count())


def _calendars(source: Program, target: Program) -> dict[int, Calendar]:
    """Calendars with the days that differ: holidays stay on their day, they do not move with the plan."""
    made = {
        one.pk: Calendar.objects.create(program=target, code=one.code, name=one.name, week=one.week)
        for one in Calendar.objects.filter(program_id=source.pk).order_by("pk")
    }
    CalendarException.objects.bulk_create(
        (
            CalendarException(
                program=target,
                calendar=made[one.calendar_id],
                day=one.day,
                shifts=one.shifts,
                reason=one.reason,
            )
            for one in CalendarException.objects.filter(program_id=source.pk)
        ),
        batch_size=BATCH,
    )
    return made


def _resource(one: Resource, program: Program, project: Project | None) -> Resource:
    """The same role or equipment, at no rate: what it costs is the new program's own affair."""
    made: Resource = Resource.objects.create(
        program=program, project=project, code=one.code, name=one.name, kind=one.kind, capacity=one.capacity
    )
    return made


def _resources(source: Program, target: Program, projects: dict[int, Project]) -> tuple[dict[int, int], int]:
    """Roles, equipment and environments by their former id; persons stay where they are, their places are counted."""
    rows = Resource.objects.filter(program_id=source.pk, retired_at=None).exclude(kind=Resource.Kind.PERSON)
    made = {
        one.pk: _resource(one, target, projects[one.project_id] if one.project_id else None).pk
        for one in rows.order_by("pk")
    }
    return made, _left(Assignment.objects.filter(program_id=source.pk), made)


def _ids(table: str, count: int) -> list[int]:
    """That many ids of a table, taken before its rows are written, so that parents are known."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)", [table, count]
        )
        return [row[0] for row in cursor.fetchall()]


def _plan(
    target: Program,
    projects: dict[int, Project],
    calendars: dict[int, int],
    resources: dict[int, int],
    shift: Shift,
    people: int,
) -> Copied:
    """Activities, the links among them, and who works on them; everything planned anew."""
    rows = list(
        Activity.objects.filter(project_id__in=projects).order_by(
            "project__position", "level", "position", "pk"
        )
    )
    new = dict(zip((one.pk for one in rows), _ids("programs_activity", len(rows)), strict=True))
    _write(Activity, (_activity(one, target, projects, calendars, new, shift) for one in rows))
    inside, outside = [], 0
    for link in Dependency.objects.filter(predecessor__project_id__in=projects).order_by("pk"):
        if link.successor_id in new:
            inside.append(
                Dependency(
                    program=target,
                    predecessor_id=new[link.predecessor_id],
                    successor_id=new[link.successor_id],
                    kind=link.kind,
                    lag=link.lag,
                    lag_unit=link.lag_unit,
                )
            )
        else:
            outside += 1
    outside += (
        Dependency.objects.filter(successor__project_id__in=projects)
        .exclude(predecessor__project_id__in=projects)
        .count()
    )
    _write(Dependency, inside)
    _write(
        Assignment,
        (
            Assignment(
                program=target,
                activity_id=new[one.activity_id],
                resource_id=resources[one.resource_id],
                units=one.units,
            )
            for one in Assignment.objects.filter(activity__project_id__in=projects).order_by("pk")
            if one.resource_id in resources
        ),
    )
    return Copied(len(projects), len(rows), len(inside), people, outside)


def _write(model: Any, rows: Iterable[Any]) -> None:
    model.objects.bulk_create(rows, batch_size=BATCH)


def _activity(
    one: Activity,
    target: Program,
    projects: dict[int, Project],
    calendars: dict[int, int],
    new: dict[int, int],
    shift: Shift,
) -> Activity:
    """An activity as it was planned: no progress, no cost, its dated wishes moved."""
    return Activity(
        pk=new[one.pk],
        program=target,
        project=projects[one.project_id],
        parent_id=new.get(one.parent_id or 0),
        code=one.code,
        wbs=one.wbs,
        position=one.position,
        level=one.level,
        kind=one.kind,
        name=one.name,
        duration_minutes=one.duration_minutes,
        calendar_id=calendars.get(one.calendar_id or 0),
        constraint=one.constraint,
        constraint_at=shift(one.constraint_at),
        deadline_at=shift(one.deadline_at),
        optimistic_minutes=one.optimistic_minutes,
        likely_minutes=one.likely_minutes,
        pessimistic_minutes=one.pessimistic_minutes,
        notes=one.notes,
        # Its steps are the earned value's, and stay behind.
        technique=Activity.Technique.PERCENT
        if one.technique == Activity.Technique.MILESTONES
        else one.technique,
    )
