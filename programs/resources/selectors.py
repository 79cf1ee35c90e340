"""Reads of resources: who may keep which, what hangs on one, and what happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Count, Q, QuerySet

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource

OFFICE = "The office"
TRAIL = 50
"""Steps that are shown, the latest."""
OPEN = Q(assignments__activity__actual_finish=None)
SHOWN = {
    "code": "code",
    "name": "name",
    "kind": "kind",
    "project_id": "project",
    "capacity": "capacity",
    "calendar_id": "calendar",
    "cost_per_hour": "cost an hour",
    "cost_per_use": "cost of a use",
}


def resources(program: Program, user: Any) -> QuerySet[Any]:
    """The program's resources with how many activities each is on (`used`), and on how many unfinished (`open`)."""
    return (
        Resource.objects.visible_to(user)
        .filter(program_id=program.pk)
        .select_related("project", "calendar")
        .annotate(used=Count("assignments"), open=Count("assignments", filter=OPEN))
        .order_by("project__position", "code", "pk")
    )


def may_keep(access: Access, resource: Resource) -> bool:
    """May this person edit the resource? Who edits the plan: the program's, or that of its project."""
    return access.may(Permission.EDIT_PLAN, resource.program_id, resource.project_id)


def places(access: Access, program: Program) -> QuerySet[Project]:
    """The projects for which this person may keep resources."""
    rows = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
    if access.may(Permission.EDIT_PLAN, program.pk):
        return rows
    return rows.filter(pk__in=access.projects_with(Permission.EDIT_PLAN, program.pk))


def was_used(resource: Resource) -> bool:
    """Did it ever have work? Then it is retired and not removed."""
    if Assignment.objects.filter(resource_id=resource.pk).exists():
        return True
    history: Any = apps.get_model("programs", "AssignmentEvent")
    return bool(history.objects.filter(resource_id=resource.pk).exists())


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail: who did what when, and what was said."""

    at: datetime
    who: str
    what: str
    note: str = ""


def trail(resource: Resource, currency: str, *, money: bool) -> list[Step]:
    """What happened to a resource, the latest first. Costs are named only where `money` is seen. Three statements."""
    history: Any = apps.get_model("programs", "ResourceEvent")
    rows = history.objects.filter(pgh_obj_id=resource.pk).order_by("pgh_id")
    calendars = dict(
        apps.get_model("programs", "Calendar")
        .objects.filter(program_id=resource.program_id)
        .values_list("pk", "code")
    )
    projects = dict(Project.objects.filter(program_id=resource.program_id).values_list("pk", "code"))

    def text(name: str, value: Any) -> str:
        if value is None:
            return "none"
        if name == "kind":
            return Resource.Kind(value).label.lower()
        if name == "capacity":
            return formats.number(value, 2)
        if name == "project_id":
            return str(projects.get(value, "?"))
        if name == "calendar_id":
            return str(calendars.get(value, "one that is gone"))
        if name.startswith("cost"):
            return formats.money_exact(round(value), currency)
        return str(value)

    steps: list[Step] = []
    before: dict[str, Any] | None = None
    named = [name for name in SHOWN if money or not name.startswith("cost")]
    fields = (*SHOWN, "retired_at", "retired_why", "pgh_created_at", "pgh_context__name", "pgh_context__why")
    for row in rows.values(*fields):
        who, moment = row["pgh_context__name"] or OFFICE, row["pgh_created_at"]
        why = row["pgh_context__why"] or ""
        if before is None:
            steps.append(Step(moment, who, "added it", why))
        elif row["retired_at"] != before["retired_at"]:
            what = "retired it" if row["retired_at"] else "brought it back"
            steps.append(Step(moment, who, what, row["retired_why"] or why))
        else:
            parts = [
                f"{SHOWN[name]} {text(name, before[name])} to {text(name, row[name])}"
                for name in named
                if before[name] != row[name]
            ]
            if parts:
                said = "; ".join(parts)
                steps.append(Step(moment, who, "changed it", f"{said}. {why}" if why else said))
        before = row
    return steps[: -TRAIL - 1 : -1]
