"""Reads of what is handed over: where it may still be edited directly, and what became of a requirement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import Exists, OuterRef, QuerySet

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.values import CLOSED
from programs.portfolio.models import Program, Project

OFFICE = "the office"
LATEST = 200


def free_projects(program_id: int) -> QuerySet[Project]:
    """Projects that are open and stand in no baseline: their scope is nobody's promise yet.

    A project without activities is held by a deliverable of its own that a baseline froze.
    """
    # By name: baselines stand on the plan, and the plan (through benefits) on deliverables.
    lines: Any = apps.get_model("programs", "BaselineActivity").objects
    scope: Any = apps.get_model("programs", "BaselineScope").objects
    return (
        Project.objects.filter(program_id=program_id)
        .exclude(state__in=CLOSED)
        .exclude(Exists(lines.filter(activity__project_id=OuterRef("pk"))))
        .exclude(Exists(scope.filter(deliverable__project_id=OuterRef("pk"))))
        .order_by("position", "pk")
    )


def mine(access: Access, program: Program) -> QuerySet[Project]:
    """Those of the free projects whose plan this person edits."""
    found = free_projects(program.pk)
    if access.may(Permission.EDIT_PLAN, program.pk):
        return found
    return found.filter(pk__in=access.projects_with(Permission.EDIT_PLAN, program.pk))


def requirements(program: Program, user: Any) -> QuerySet[Requirement]:
    """The requirements of a program, each with its deliverable, project and people."""
    rows: QuerySet[Requirement] = Requirement.objects.visible_to(user).filter(program_id=program.pk)
    return rows.select_related("deliverable__project", "deliverable__warrant", "accepted_by", "produced_by")


def deliverables(program: Program, user: Any) -> QuerySet[Deliverable]:
    """The deliverables of a program."""
    rows: QuerySet[Deliverable] = Deliverable.objects.visible_to(user).filter(program_id=program.pk)
    return rows.select_related("project", "warrant")


def people(program_id: int) -> QuerySet[User]:
    """Who is a member of the program."""
    ids = Membership.objects.filter(program_id=program_id).values("user_id")
    return User.objects.filter(pk__in=ids).order_by("name", "pk")


def own(requirement: Requirement, person: User) -> bool:
    """Does this person manage its project, or was ever named its producer? Taken out of it, they still made it."""
    if person.pk in (requirement.produced_by_id, requirement.deliverable.project.manager_id):
        return True
    events: Any = apps.get_model("programs", "RequirementEvent").objects
    return bool(events.filter(pgh_obj_id=requirement.pk, produced_by_id=person.pk).exists())


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a requirement: when, who, what, and the words given with it."""

    at: datetime
    who: str
    what: str
    note: str = ""


def trail(requirement: Requirement) -> list[Step]:
    """The latest 200 changes of a requirement, newest first (written by the database). One query."""
    events: Any = apps.get_model("programs", "RequirementEvent").objects.filter(pgh_obj_id=requirement.pk)
    steps: list[Step] = []
    before: Any = None
    newest = list(events.order_by("-pgh_id")[: LATEST + 1])[
        ::-1
    ]  # one more: what the oldest shown one changed
    if len(newest) > LATEST:
        before = newest.pop(0)
    for one in newest:
        who = (one.pgh_context or {}).get("name") or OFFICE
        why = (one.pgh_context or {}).get("why", "")

        def say(what: str, note: str = "", event: Any = one, by: str = who) -> None:
            steps.append(Step(event.pgh_created_at, by, what, note))

        if before is None:
            say("wrote it", f"due {formats.day(one.due_on)}")
        elif one.accepted_on and not before.accepted_on:
            say(f"accepted it as of {formats.day(one.accepted_on)}", one.evidence)
        elif before.accepted_on and not one.accepted_on:
            say("took the acceptance back", why)
        elif changed := _changed(before, one, ("text", "due_on", "produced_by_id")):
            say(f"changed {changed}", why)
        before = one
    return steps[::-1]


def _changed(before: Any, after: Any, names: Collection[str]) -> str:
    said = {"text": "its words", "due_on": "its day", "produced_by_id": "who produces it"}
    return " and ".join(said[name] for name in names if getattr(before, name) != getattr(after, name))
