"""Taking out what a file does not have any more: rows leave the plan, and are kept whole for the undo."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

from programs.portfolio.models import Program

from . import rows
from .effects import images
from .gone import Gone
from .missing_records import COMPUTED
from .origin import MODELS

_FIRST = (rows.ASSIGNMENT, rows.DEPENDENCY, rows.ACTIVITY)
"""Whoever refers to another goes before it."""


def take_out(program: Program, gone: list[Gone]) -> dict[str, Any]:
    """Delete the rows, and what was computed from them; returns them as `ImportEffect.taken` keeps them.

    The caller holds the program's row, has looked for what keeps a row (`missing`) and computes the schedule.
    """
    ids = {kind: [one.pk for one in gone if one.kind == kind] for kind in MODELS}
    former = images(program.pk, ids)
    for kind, found in former.items():  # so that nobody's view of before can be saved over what came back
        model: Any = MODELS[kind]
        for pk, version in model.objects.filter(pk__in=found).values_list("pk", "version"):
            found[pk]["version"] = version
    with connection.cursor() as cursor:
        for table, column, named in computed(ids):
            there = table._base_manager.filter(program_id=program.pk, **{f"{column.attname}__in": named})
            if column.remote_field.on_delete is models.SET_NULL:
                there.update(**{column.attname: None})
            else:
                there.delete()
        for kind in _FIRST:
            if ids[kind]:
                cursor.execute(
                    sql.SQL("delete from {} where program_id = %s and id = any(%s)").format(
                        sql.Identifier(MODELS[kind]._meta.db_table)
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
