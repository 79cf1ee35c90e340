"""Which rows of the plan came by an earlier import of the same source: only these can be missing from a file."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from programs.portfolio.models import Program
from programs.resources.models import Assignment
from programs.schedule.models import Activity, Dependency

from . import rows
from .draft import Draft
from .models import ImportEffect, PlanImport

_TOOLS = {PlanImport.Format.XER: "primavera", PlanImport.Format.PMXML: "primavera"}
MODELS = {rows.ACTIVITY: Activity, rows.DEPENDENCY: Dependency, rows.ASSIGNMENT: Assignment}
"""Rows that a plan loses in the tool it is kept in. Calendars, resources and what was reported stay here."""


@dataclass(frozen=True, slots=True)
class Came:
    """The import that made a row."""

    plan_import: int
    file_name: str
    at: datetime | None


@dataclass(slots=True)
class Origin:
    """By kind and id, the import that made the row; rows that people added are not in it.

    `whole`: the file was written here, so it held every row of its projects when it went out.
    """

    came: dict[str, dict[int, Came]] = field(default_factory=lambda: {kind: {} for kind in MODELS})
    whole: bool = False


def origin(program: Program, draft: Draft, source: str = "") -> Origin:
    """What accepted imports of the file's own tool (a table: of the same `source`) made. One query.

    A file that this office wrote, and a bundle, hold the whole plan, whatever its rows came by.
    """
    whole = draft.own_codes or draft.source == PlanImport.Format.BUNDLE
    found = Origin(whole=whole)
    ours = (_tool(draft.source), source)
    for pk, kind, named, file_name, at, created in (
        ImportEffect.objects.filter(program_id=program.pk, plan_import__state=PlanImport.State.ACCEPTED)
        .order_by("plan_import__accepted_at", "pk")
        .values_list(
            "plan_import_id",
            "plan_import__format",
            "plan_import__source_name",
            "plan_import__file_name",
            "plan_import__accepted_at",
            "created",
        )
    ):
        if not whole and (_tool(kind), named) != ours:
            continue
        by = Came(pk, file_name, at)
        for row_kind, model in MODELS.items():
            ids = created.get(model._meta.db_table, ())
            found.came[row_kind].update(dict.fromkeys(ids, by))
    return found


def _tool(source: str) -> str:
    return _TOOLS.get(PlanImport.Format(source), source)
