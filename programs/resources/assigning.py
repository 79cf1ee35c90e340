"""Commands on who works on what. Units do not change how long work takes; the plan's version moves all the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.lives.services import refuse_planning
from programs.portfolio.models import Program
from programs.resources import overload
from programs.resources.models import Assignment, Resource
from programs.resources.wording import MOST
from programs.schedule.following import follow
from programs.schedule.models import Activity
from programs.schedule.services import bump, lock_plan

WORK = (Activity.Kind.TASK, Activity.Kind.LEVEL_OF_EFFORT)
"""Kinds of activity that somebody works on."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """What became of an assignment (None: it is gone), and who is asked for too much now, in a sentence or nothing."""

    assignment: Assignment | None
    says: str


def assign(
    *, program: Program, activity_id: int, wanted: Sequence[tuple[int, Any]], by: User | None, at: datetime
) -> Assigned:
    """Put resources on an activity, each (`wanted`: ids) with its units. Refused at `resource`, `units`, `activity`."""
    locked = lock_plan(program.pk)
    activity = (
        Activity.objects.filter(program_id=program.pk, pk=activity_id).select_related("project").first()
    )
    if activity is None:
        raise Refused("There is no such activity in this program.", field="activity")
    check(locked, activity)
    refuse_idle(activity.kind)
    known = {
        one.pk: one for one in Resource.objects.filter(program_id=program.pk, pk__in=[pk for pk, _ in wanted])
    }
    there = set(activity.assignments.values_list("resource_id", flat=True))
    made: Assignment | None = None
    for pk, units in wanted:
        if pk not in known:
            raise Refused("There is no such resource in this program.", field="resource")
        if pk in there:
            raise Refused(f"{known[pk].name} is on it already: change the units there.", field="resource")
        refuse_retired(known[pk].name, known[pk].retired_at is not None)
        there.add(pk)
        made = Assignment.objects.create(
            program=locked, activity=activity, resource=known[pk], units=units_of(units)
        )
    return _done(locked, activity, set(known), made, at)


def refuse_retired(name: str, retired: bool) -> None:
    """Refused at `resource` where it takes no new work; the database says it in the same words."""
    if retired:
        raise Refused(f"{name} is retired: bring it back before it takes new work.", field="resource")


def change(*, assignment_id: int, units: Any, version: int | None, by: User | None, at: datetime) -> Assigned:
    """Give an assignment other units. `version` is the one seen: a later edit in between is a Conflict."""
    program, found = _found(assignment_id, version)
    wanted = units_of(units)
    if wanted == found.units:
        return Assigned(found, "")
    found.units = wanted
    found.version += 1
    found.save(update_fields=["units", "version"])
    return _done(program, found.activity, {found.resource_id}, found, at)


def release(*, assignment_id: int, version: int | None, by: User | None, at: datetime) -> Assigned:
    """Take a resource off an activity."""
    program, found = _found(assignment_id, version)
    found.delete()
    bump(program)
    follow(program, at=at)
    return Assigned(None, "")


def check(program: Program, activity: Activity) -> None:
    """May this person say who works on the activity? It was read with its project."""
    current_access().require(Permission.EDIT_PLAN, program.pk, activity.project_id)
    refuse_planning(activity.project)


def refuse_idle(kind: str) -> None:
    """Refused where nobody can work on an activity of this kind."""
    if kind not in WORK:
        raise Refused("Only work has people: a milestone or a summary has nobody assigned.", field="activity")


def units_of(value: Any, *, none: bool = False) -> Decimal:
    """Units as the database keeps them, more than nothing unless `none`. Raises Refused at `units`."""
    try:
        units = Decimal(str(value))
    except InvalidOperation:
        raise Refused("Write units as a number, such as 0.5.", field="units") from None
    if not units.is_finite() or not 0 <= units <= MOST or units != round(units, 4):
        least = "0 (not assigned)" if none else "0.0001"
        raise Refused(f"Give units from {least} to 1,000,000, with at most four decimals.", field="units")
    if not units and not none:
        raise Refused("Give more than nothing, or take the resource off.", field="units")
    return units


def _found(assignment_id: int, version: int | None) -> tuple[Program, Assignment]:
    """The plan under its lock and the assignment in it, for who may edit it. Raises Conflict where it is gone."""
    program_id = Assignment.objects.filter(pk=assignment_id).values_list("program_id", flat=True).first()
    gone = Conflict("Somebody took this resource off meanwhile.", code="changed")
    if program_id is None:
        raise gone
    program = lock_plan(program_id)
    found: Assignment | None = (
        Assignment.objects.filter(pk=assignment_id).select_related("activity__project", "resource").first()
    )
    if found is None:
        raise gone
    check(program, found.activity)
    if version is not None and version != found.version:
        raise Conflict("Somebody changed this after you opened it. Here is how it is now.", code="changed")
    return program, found


def _done(
    program: Program, activity: Activity, resources: set[int], made: Assignment | None, at: datetime
) -> Assigned:
    bump(program)
    follow(program, at=at)
    return Assigned(made, overload.in_words(overload.found(program, resources, {activity.pk})))
