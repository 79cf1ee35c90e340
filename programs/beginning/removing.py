"""A component project that nothing is recorded of may be taken out of the program; any other is closed instead.

The database holds the same: whatever names the project keeps it there, and who removes it keeps the program.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Project
from programs.schedule.services import lock_plan

NAMED = 4
_WORDS = {
    "finance.ActualLine": ("posted cost", "posted costs"),
    "finance.Account": ("account of the ledger", "accounts of the ledger"),
    "finance.Budget": ("budget", "budgets"),
    "finance.CapitalRequest": ("capital request", "capital requests"),
    "finance.Estimate": ("cost estimate", "cost estimates"),
    "pmo.Membership": ("role of a person", "roles of people"),
    "programs.Activity": ("activity", "activities"),
    "programs.Deliverable": ("deliverable", "deliverables"),
    "programs.Gate": ("gate", "gates"),
    "programs.Issue": ("issue", "issues"),
    "programs.ProjectMove": ("step of its life", "steps of its life"),
    "programs.Resource": ("resource", "resources"),
    "programs.Risk": ("risk", "risks"),
    "programs.StatusPeriod": ("status date", "status dates"),
}
"""What people know by a name. Everything else counts as other records."""


def _naming() -> list[tuple[type[models.Model], Any]]:
    """Every table whose rows name a project, and the column; computed rows and history left out."""
    return [
        (model, one)
        for model in apps.get_models()
        if not any(base.__module__.startswith("pghistory") for base in model.__mro__[1:])
        for one in model._meta.concrete_fields
        if one.is_relation
        and one.related_model is Project
        and one.remote_field.on_delete is not models.CASCADE  # type: ignore[union-attr]
    ]


def records(project: Project) -> list[str]:
    """What is recorded of a project, counted in words (`3 activities`), the most first; one query."""
    parts: list[sql.Composed] = []
    labels = []
    for model, one in _naming():
        labels.append(model._meta)
        parts.append(
            sql.SQL("select {n}, count(*) from {table} where {column} = %(project)s").format(
                n=sql.Literal(len(parts)),
                table=sql.Identifier(model._meta.db_table),
                column=sql.Identifier(one.column),
            )
        )
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" union all ").join(parts), {"project": project.pk})
        found = sorted((row for row in cursor.fetchall() if row[1]), key=lambda row: -row[1])
    said, others = [], 0
    for n, count in found:
        if words := _WORDS.get(labels[n].label):
            said.append(formats.counted(count, *words))
        else:
            others += count
    if others:
        said.append(formats.counted(others, "other record", "other records"))
    return said


def why_not(project: Project) -> str:
    """Why a project is not removed, or "" where it may be."""
    found = records(project)
    if not found:
        return ""
    more = " and more" if len(found) > NAMED else ""
    return (
        f"{project.code} has {', '.join(found[:NAMED])}{more}: a project that anything is recorded of is closed, "
        "not removed."
    )


def remove_project(*, project: Project, version: int | None, by: User | None, at: datetime) -> None:
    """Take an empty project out of its program; its history stays. `version` is the one that was seen."""
    current_access().require(Permission.EDIT_PROGRAM, project.program_id)
    lock_plan(project.program_id)
    live = Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()
    if live is None or (version is not None and version != live.version):
        raise Conflict("Somebody changed this project after you opened it.", code="changed")
    reason = why_not(live)
    if reason:
        raise Refused(reason, code="in-use")
    for one in Project._meta.related_objects:
        if one.on_delete is models.CASCADE:  # computed from it, and worth nothing without it
            one.related_model._base_manager.filter(**{one.field.name: live}).delete()
    with connection.cursor() as cursor:  # no collector: what names it was looked for above
        cursor.execute("delete from programs_project where id = %s", [live.pk])
