"""Taking out what a file does not have any more: rows leave the plan, and are kept whole for the undo."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

from programs.portfolio.models import Program
from programs.schedule.models import Progress

from . import rows
from .effects import images
from .gone import Gone
from .missing_records import COMPUTED
from .origin import MODELS

_FIRST = (rows.ASSIGNMENT, rows.DEPENDENCY, rows.ACTIVITY, rows.PROGRESS)
"""Whoever refers to another goes before it; records that work had not begun may go only after their activity."""
_TABLES: dict[str, type[models.Model]] = {**MODELS, rows.PROGRESS: Progress}


def take_out(program: Program, gone: list[Gone]) -> dict[str, Any]:
    """Delete the rows, and what was computed from them; returns them as `ImportEffect.taken` keeps them.

    The caller holds the program's row, has looked for what keeps a row (`missing`) and computes the schedule.
    """
    ids = {kind: [one.pk for one in gone if one.kind == kind] for kind in MODELS}
    ids[rows.PROGRESS] = list(
        Progress.objects.filter(program_id=program.pk, activity_id__in=ids[rows.ACTIVITY])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    former = images(program.pk, ids)
    for kind, model in MODELS.items():  # so that nobody's view of before can be saved over what came back
        found = former[kind]
        there: Any = model
        for pk, version in there.objects.filter(pk__in=found).values_list("pk", "version"):
            found[pk]["version"] = version
    with connection.cursor() as cursor:
        for table, column, named in computed(ids):
            naming = table._base_manager.filter(program_id=program.pk, **{f"{column.attname}__in": named})
            if column.remote_field.on_delete is models.SET_NULL:
                naming.update(**{column.attname: None})
            else:
                naming.delete()
        for kind in _FIRST:
            if ids[kind]:
                cursor.execute(
                    sql.SQL("delete from {} where program_id = %s and id = any(%s)").format(
                        sql.Identifier(_TABLES[kind]._meta.db_table)
                    ),
                    [program.pk, ids[kind]],
                )
    kept: dict[str, Any] = {}
    for kind, found in former.items():
        if found:
            fields = sorted(next(iter(found.values())))
            kept[kind] = {
                "fields": fields,
                "rows": [[pk, *(image[name] for name in fields)] for pk, image in found.items()],
            }
    return kept


def computed(ids: dict[str, list[int]]) -> list[tuple[type[models.Model], Any, list[int]]]:
    """Rows that are worth nothing without those of `ids`, or forget them: model, column, ids in it."""
    kinds = {model: kind for kind, model in MODELS.items()}
    found = []
    for model in apps.get_models():
        if model._meta.label not in COMPUTED:
            continue
        columns: list[Any] = list(model._meta.concrete_fields)
        for one in columns:
            kind = kinds.get(one.related_model) if one.is_relation else None
            if kind and ids[kind] and one.remote_field.on_delete in (models.CASCADE, models.SET_NULL):
                found.append((model, one, ids[kind]))
    return found
