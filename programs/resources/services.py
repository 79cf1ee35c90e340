"""Commands on resources: add, edit, copy, retire, bring back, remove. Loads and costs follow from them, no date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.lives.services import refuse_planning
from programs.portfolio.models import Program
from programs.resources.models import Availability, Resource
from programs.schedule.services import lock_plan

FIELDS = frozenset({"code", "name", "kind", "project", "capacity", "calendar"})
MONEY = frozenset({"cost_per_hour", "cost_per_use"})
"""Minor units with four decimals; read and written by who sees money."""
MOST_CAPACITY = Decimal(100_000)
MOST_COST = Decimal(10**12)
MOST_DAYS = 3_660
"""Days in a row with another capacity."""
CHANGED = "Somebody changed this resource after you opened it."


def _require(program_id: int, project_id: int | None, names: set[str]) -> None:
    """Who edits the plan keeps its resources, or those of the own project; what they cost, who sees money."""
    access = current_access()
    access.require(Permission.EDIT_PLAN, program_id, project_id)
    if names & MONEY and not access.may(Permission.VIEW_MONEY, program_id):
        raise NotAllowed("What a resource costs is written by who may see money.")


def _check(one: Resource) -> None:
    try:
        one.clean_fields(exclude=["program", "project", "calendar"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
    if not one.name.strip():
        raise Refused("Give it a name.", field="name")
    if not 0 <= one.capacity <= MOST_CAPACITY:
        raise Refused(f"A capacity lies between 0 and {MOST_CAPACITY:,} units.", field="capacity")
    for name in sorted(MONEY):
        if not 0 <= getattr(one, name) <= MOST_COST:
            raise Refused("A cost is zero or more.", field=name)
    others = Resource.objects.filter(program_id=one.program_id, project=one.project).exclude(pk=one.pk)
    if others.filter(code__iexact=one.code).exists():
        where = one.project.code if one.project else "The program"
        raise Refused(f"{where} has a resource of this code already.", field="code")


def _found(resource: Resource, version: int | None) -> Resource:
    """The resource as it is under its lock, with its project; Conflict where it is not the version that was seen."""
    live: Resource = (
        Resource.objects.select_for_update(of=("self",), no_key=True)
        .select_related("project")
        .get(pk=resource.pk)
    )
    if version is not None and version != live.version:
        raise Conflict(CHANGED, code="changed")
    return live


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> Resource:
    """A resource of the program, or of one of its projects. `values`: of `FIELDS` and `MONEY`."""
    if set(values) - FIELDS - MONEY:
        raise Refused("This cannot be recorded here.", code="not-editable")
    project = values.get("project")
    _require(program.pk, project.pk if project else None, set(values))
    if project is not None:
        refuse_planning(project)
    made = Resource(program=program, **values)
    _check(made)
    made.save(force_insert=True)
    return made


def edit(
    *, resource: Resource, version: int, changes: Mapping[str, Any], by: User | None, at: datetime
) -> Resource:
    """Change some of `FIELDS` and `MONEY`; Conflict if somebody changed it meanwhile."""
    if set(changes) - FIELDS - MONEY:
        raise Refused("This cannot be edited here.", code="not-editable")
    live = _found(resource, version)
    _require(live.program_id, live.project_id, set(changes))
    if "project" in changes and changes["project"] != live.project:
        _require(live.program_id, changes["project"].pk if changes["project"] else None, set())
    for name, value in changes.items():
        setattr(live, name, value)
    _check(live)
    live.version += 1
    live.save(update_fields=[*changes, "version"])
    return live


def copy(*, resource: Resource, code: str, name: str, by: User | None, at: datetime) -> Resource:
    """Another one like it, with its capacity, calendar and cost, and no work."""
    live = _found(resource, None)
    _require(live.program_id, live.project_id, set())
    if live.project is not None:
        refuse_planning(live.project)
    seen = current_access().may(Permission.VIEW_MONEY, live.program_id)
    cost = {one: getattr(live, one) for one in MONEY} if seen else {}
    made = Resource(
        program_id=live.program_id,
        project=live.project,
        code=code,
        name=name,
        kind=live.kind,
        capacity=live.capacity,
        calendar_id=live.calendar_id,
        **cost,
    )
    _check(made)
    made.save(force_insert=True)
    return made


def retire(*, resource: Resource, version: int, reason: str, by: User | None, at: datetime) -> Resource:
    """It takes no new work from now on, with the reason; the work that it has stays with it."""
    lock_plan(
        resource.program_id
    )  # whoever gives it work meanwhile did so before, or is told that it is retired
    live = _found(resource, version)
    _require(live.program_id, live.project_id, set())
    words = reason.strip()
    if not words or len(words) > 400:
        raise Refused("Say why, in up to 400 characters.", field="reason")
    if live.retired_at is not None:
        raise Refused(f"{live.code} is retired already.")
    live.retired_at, live.retired_why = at, words
    live.version += 1
    live.save(update_fields=["retired_at", "retired_why", "version"])
    return live


def bring_back(*, resource: Resource, version: int, by: User | None, at: datetime) -> Resource:
    """A retired resource takes work again."""
    live = _found(resource, version)
    _require(live.program_id, live.project_id, set())
    if live.retired_at is None:
        raise Refused(f"{live.code} is not retired.")
    live.retired_at, live.retired_why = None, ""
    live.version += 1
    live.save(update_fields=["retired_at", "retired_why", "version"])
    return live


def set_availability(
    *,
    resource: Resource,
    version: int | None,
    first: date,
    last: date,
    capacity: Decimal,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Availability:
    """How much of it there is at once from one day to another, both included: nothing while it is away."""
    live = _found(resource, version)
    _require(live.program_id, live.project_id, set())
    if last < first:
        raise Refused("The last day lies before the first.", field="last")
    if (last - first).days > MOST_DAYS:
        raise Refused("At most ten years at once.", field="last")
    if not 0 <= capacity <= MOST_CAPACITY:
        raise Refused(f"A capacity lies between 0 and {MOST_CAPACITY:,} units.", field="capacity")
    other = live.availability.filter(first__lte=last, last__gte=first).order_by("first").first()
    if other is not None:
        raise Refused(
            f"From {formats.day(other.first)} to {formats.day(other.last)} it is said already: "
            f"{formats.number(other.capacity, 2)} at once. Take that out first.",
            field="first",
        )
    live.version += 1
    live.save(update_fields=["version"])
    made: Availability = Availability.objects.create(
        program_id=live.program_id, resource=live, first=first, last=last, capacity=capacity, reason=reason
    )
    return made


def end_availability(
    *, availability: Availability, version: int | None, by: User | None, at: datetime
) -> Resource:
    """In these days there is as much of the resource as ever; `version` is the resource's."""
    live = _found(availability.resource, version)
    _require(live.program_id, live.project_id, set())
    live.version += 1
    live.save(update_fields=["version"])
    Availability.objects.filter(pk=availability.pk).delete()
    return live


def remove(*, resource: Resource, version: int | None, by: User | None, at: datetime) -> None:
    """Take one away that never had work, no rate and no estimate; its history stays. The database holds the same."""
    live = _found(resource, version)
    _require(live.program_id, live.project_id, set())
    live.availability.all().delete()
    live.delete()
