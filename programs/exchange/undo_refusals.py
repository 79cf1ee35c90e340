"""Why an import is not undone: records that stand on its rows, and projects that are closed."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

from pmo import formats
from programs.baselines.models import BaselineActivity
from programs.lives.services import CLOSED
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity
from programs.schedule_health.models import HealthAssessment

from . import rows
from .effects import TABLES
from .undo_found import Undoing
from .writing import MODELS


def refuse(undoing: Undoing) -> None:
    """Add the sentences for which it is refused, and find the computed rows that go along. Two queries."""
    _closed(undoing)
    undoing.refusals += records(undoing, "rows that this import added")


def _closed(undoing: Undoing) -> None:
    """Refuse to touch activities, links and assignments of closed projects, as the database does. One query.

    A link is of its successor's project.
    """
    now = undoing.now[rows.ACTIVITY]
    touched = {*undoing.take.get(rows.ACTIVITY, ()), *undoing.restore.get(rows.ACTIVITY, ())}
    ids = {now[pk]["project_id"] for pk in touched}
    ids |= {image["project_id"] for image in undoing.bring.get(rows.ACTIVITY, {}).values()}
    of = {
        image[column]
        for kind, column in ((rows.DEPENDENCY, "successor_id"), (rows.ASSIGNMENT, "activity_id"))
        for image in (
            *(undoing.now[kind][pk] for pk in {*undoing.take.get(kind, ()), *undoing.restore.get(kind, ())}),
            *undoing.bring.get(kind, {}).values(),
        )
    }
    if not ids and not of:
        return
    named = models.Q(pk__in=ids) | models.Q(
        pk__in=Activity.objects.filter(pk__in=of).order_by().values("project_id")
    )
    projects = Project.objects.filter(named, state__in=CLOSED)
    undoing.refusals += [
        f"{code} {name} is closed: its plan stays as it is."
        for code, name in projects.order_by("position", "pk").values_list("code", "name")
    ]


def records(undoing: Undoing, ground: str) -> list[str]:
    """Records that stand on rows that would go (`ground` in words): none of them may lose it. One query.

    Notes on the way which computed rows go along.
    """
    parts: list[sql.Composed] = []
    values: list[Any] = []
    kinds = {model: kind for kind, model in TABLES.items()}
    for model in apps.get_models():
        if any(base.__module__.startswith("pghistory") for base in model.__mro__[1:]):
            continue
        for one in model._meta.concrete_fields:
            kind = kinds.get(one.related_model) if one.is_relation else None  # type: ignore[arg-type]
            ids = undoing.take.get(kind or "", [])
            if not ids or model in MODELS.values() or model is Program:
                continue
            own_lines = undoing.take.get(rows.BASELINE, []) if model is BaselineActivity else []
            if own_lines and one.name == "baseline":
                continue
            if _computed(model, one):
                undoing.computed.append((model, one, ids))
                continue
            parts.append(
                sql.SQL(
                    "select {what}, count(*) from {table} where program_id = %s and {column} = any(%s){own}"
                ).format(
                    what=sql.Literal(model._meta.label),
                    table=sql.Identifier(model._meta.db_table),
                    column=sql.Identifier(one.column),
                    own=sql.SQL(" and not baseline_id = any(%s)") if own_lines else sql.SQL(""),
                )
            )
            values += [undoing.program.pk, ids, *([own_lines] if own_lines else [])]
    if not parts:
        return []
    found: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(" union all ").join(parts), values)
        for label, number in cursor.fetchall():
            found[label] = max(found.get(label, 0), number)
    return [_sentence(label, number, ground) for label, number in found.items() if number]


def _computed(model: type[models.Model], one: Any) -> bool:
    """Is a row worth nothing without what it names: computed from it, and computed anew from what is left?"""
    return one.remote_field.on_delete in (models.CASCADE, models.SET_NULL) or (
        model is HealthAssessment and one.name == "baseline"
    )


_WORDS = {
    "programs.BaselineActivity": ("line of another baseline", "lines of other baselines"),
    "programs.BaselineLink": ("link of a baseline", "links of baselines"),
    "finance.ActualLine": ("posted cost", "posted costs"),
    "finance.StagedActual": ("cost that waits to be posted", "costs that wait to be posted"),
    "finance.Account": ("account of the ledger", "accounts of the ledger"),
    "finance.Budget": ("budget", "budgets"),
    "programs.IssueActivity": ("issue about it", "issues about it"),
    "programs.Gate": ("gate that opens by it", "gates that open by it"),
    "finance.ContractMilestone": ("milestone of a contract", "milestones of contracts"),
    "finance.CapitalisationMark": ("mark of capitalisation", "marks of capitalisation"),
    "finance.ControlAccount": ("control account", "control accounts"),
    "finance.EarningStep": ("step of weighted milestones", "steps of weighted milestones"),
    "pmo.Membership": ("role of a person in a project", "roles of persons in projects"),
}


def words_of(label: str, number: int) -> str:
    """So many records of a model, as people call them."""
    meta = apps.get_model(label)._meta
    words = _WORDS.get(label, (str(meta.verbose_name), str(meta.verbose_name_plural)))
    return formats.counted(number, *words)


def _sentence(label: str, number: int, ground: str) -> str:
    verb = "stands" if number == 1 else "stand"
    return f"{words_of(label, number)} {verb} on {ground}."
