"""Who works on one activity, and who was put on it or taken off when: for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.apps import apps

from programs.resources.models import Assignment, Resource
from programs.resources.wording import percent
from programs.schedule.models import Activity

STEPS = 50


@dataclass(frozen=True, slots=True)
class Mate:
    """One resource on the activity, in words; `percent` of one unit."""

    pk: int
    version: int
    resource_id: int
    name: str
    code: str
    kind: str
    percent: str
    material: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One change: when, who, what, and why if it was said."""

    at: datetime
    who: str
    what: str
    why: str


def team(activity: Activity) -> list[Mate]:
    """Who is on the activity, in the order in which they came. One query."""
    rows = Assignment.objects.filter(activity=activity).select_related("resource").order_by("pk")
    return [
        Mate(
            one.pk,
            one.version,
            one.resource_id,
            one.resource.name,
            one.resource.code,
            one.resource.get_kind_display(),
            percent(one.units),
            one.resource.kind == Resource.Kind.MATERIAL,
        )
        for one in rows
    ]


def history(activity: Activity) -> list[Step]:
    """The latest changes of who works on it, newest first (written by the database). Two queries."""
    events: Any = apps.get_model("programs", "AssignmentEvent").objects.filter(
        program_id=activity.program_id, activity_id=activity.pk
    )
    rows = list(events.order_by("-pgh_id")[: STEPS + 1])
    names = dict(Resource.objects.filter(pk__in={one.resource_id for one in rows}).values_list("pk", "name"))
    # Oldest first, to know what each had before.
    before: dict[int, Decimal] = {}
    found: list[Step] = []
    for one in reversed(rows):
        name, context = names.get(one.resource_id, "A resource that is gone"), one.pgh_context or {}
        was = before.get(one.pgh_obj_id)
        before[one.pgh_obj_id] = one.units
        if one.pgh_label == "insert":
            what = f"{name} at {percent(one.units)} %"
        elif one.pgh_label == "delete":
            what = f"{name} taken off"
        elif was == one.units:
            continue
        else:
            what = (
                f"{name} from {percent(was)} to {percent(one.units)} %"
                if was
                else f"{name} to {percent(one.units)} %"
            )
        found.append(
            Step(one.pgh_created_at, context.get("name") or "the office", what, context.get("why", ""))
        )
    return found[::-1][:STEPS]
