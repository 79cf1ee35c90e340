"""The list of a program's component projects: what is true of each before it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program, Project
from programs.portfolio.selectors import members
from programs.schedule.clock import ProgramClock

CHANGED = "Somebody changed this project after you opened it. Here is how it is now."
PROJECT_FIELDS = frozenset({"code", "name", "kind", "outcomes"})
EDITABLE = PROJECT_FIELDS | {"manager", "priority"}
MOST_PROJECTS = 500


def require_keeping(program: Program) -> None:
    """Whoever keeps the program keeps its list of projects."""
    current_access().require(Permission.EDIT_PROGRAM, program.pk)


def check_fields(project: Project) -> None:
    """Refused at the field for what cannot be recorded, and for a code that the program has already."""
    try:
        project.clean_fields(exclude=["program", "manager", "calendar"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
    others = Project.objects.filter(program_id=project.program_id).exclude(pk=project.pk)
    if others.filter(code__iexact=project.code).exists():
        raise Refused("The program has a project of this code already.", field="code")


def new_project(program: Program, values: Mapping[str, Any]) -> Project:
    """A project at the end of the list, with values of `PROJECT_FIELDS` only; Refused where there are too many."""
    if set(values) - PROJECT_FIELDS:
        raise Refused("This cannot be recorded here.", code="not-editable")
    there = Project.objects.filter(program_id=program.pk)
    if there.count() >= MOST_PROJECTS:
        raise Refused(f"A program has at most {MOST_PROJECTS} projects.")
    last = there.aggregate(last=Max("position"))["last"] or 0
    project = Project(program=program, position=last + 1, **values)
    check_fields(project)
    project.save(force_insert=True)
    return project


def held(project: Project, version: int | None) -> Project:
    """The project as it is under its lock; Conflict where it is not the version that was seen."""
    live: Project = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
    if version is not None and version != live.version:
        raise Conflict(CHANGED, code="changed")
    return live


def check_manager(
    program: Program, found: Project, wanted: User | None, by: User | None, at: datetime
) -> None:
    """Refused for somebody without a role in the program, and for who would hand over what is hers."""
    if (wanted.pk if wanted else None) == found.manager_id:
        return
    if by is not None and by.pk == found.manager_id:
        raise Refused(
            "You manage this project: somebody else who keeps the program hands it over.", field="manager"
        )
    today = at.astimezone(ProgramClock(program.time_zone).zone).date()
    if wanted is not None and not members(program.pk, today).filter(pk=wanted.pk).exists():
        raise Refused(f"{wanted.name} holds no role in this program.", field="manager")
