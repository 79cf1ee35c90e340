"""What hangs on rows that a file does not have any more: records keep them, the rest is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models
from psycopg2 import sql

from pmo import formats
from pmo.money import format_exact, round_half_even
from programs.baselines.models import BaselineActivity
from programs.portfolio.models import Program
from programs.schedule.models import Progress

from . import rows
from .comparison import field_name
from .draft import MILESTONES
from .effects import Images, images
from .gone import Gone
from .models import PlanImport
from .origin import MODELS
from .rows import Present, Row
from .undo_refusals import words_of

COMPUTED = {"programs.ComputedDates", "finance.EarnedValueRow"}
"""Computed from the plan, and computed anew without the row."""
_UNTOLD = {"position", "level"}


def tell(found: list[Gone], here: Present, program: Program) -> None:
    """Put on each row what hangs on it, and why it stays where that is of record. Four queries."""
    by_id = {(one.kind, one.pk): one for one in found}
    acts = [one for one in found if one.kind == rows.ACTIVITY]
    _progress(acts, here)
    _baselines({one.pk: one for one in acts}, here, program)
    for kind, pk, label, count in _records(found, program):
        one = by_id[kind, pk]
        words = words_of(label, count)
        one.hangs.append(words)
        one.stays = one.stays or words
    for one in acts:
        row = here.tables[rows.ACTIVITY][one.key]
        planned = row["fixed_cost"] or row["cost_per_hour"]
        if row["fixed_cost"]:
            minor = round_half_even(row["fixed_cost"])
            one.hangs.append(f"planned cost {format_exact(minor, program.currency)}")
        elif planned:
            one.hangs.append("planned cost by the hour")
    for kind, pk, names in _edited(found, program):
        by_id[kind, pk].hangs.append(f"edited here since: {', '.join(field_name(name) for name in names)}")


def _progress(acts: list[Gone], here: Present) -> None:
    """Work that has begun. That it had not begun at a status date keeps no row: such records go with it."""
    told: dict[tuple[Any, ...], int] = {}
    silent: dict[tuple[Any, ...], int] = {}
    minutes = {one.key: here.tables[rows.ACTIVITY][one.key]["duration_minutes"] for one in acts}
    for key, record in here.tables[rows.PROGRESS].items():
        at = (key[0], key[2])
        which = told if _says(record, minutes.get(at)) else silent
        which[at] = which.get(at, 0) + 1
    for one in acts:
        row = here.tables[rows.ACTIVITY][one.key]
        words = ""
        if row["actual_start"] or row["percent_complete"]:
            words = f"progress, {row['percent_complete']:.0f} %"
        elif one.key in told:
            words = f"progress reported at {formats.counted(told[one.key], 'status date', 'status dates')}"
        if words:
            one.hangs.append(words)
            one.stays = one.stays or words
        elif one.key in silent:
            one.hangs.append(
                f"not begun at {formats.counted(silent[one.key], 'status date', 'status dates')}"
            )


def _says(record: Row, minutes: int | None) -> bool:
    """Does a progress record tell more than that nothing has begun? `minutes`: the work of its activity."""
    return bool(
        record["actual_start"]
        or record["actual_finish"]
        or record["actual_minutes"]
        or record["percent_complete"]
        or record["remaining_minutes"] not in (None, minutes)
    )


def _baselines(acts: dict[int, Gone], here: Present, program: Program) -> None:
    """Baselines it stands in; a milestone of the current one is committed. One query."""
    listed: dict[int, list[str]] = {}
    committed = set()
    for pk, number, current in (
        BaselineActivity.objects.filter(program_id=program.pk, activity_id__in=acts)
        .order_by("baseline__number")
        .values_list("activity_id", "baseline__number", "baseline__is_current")
    ):
        listed.setdefault(pk, []).append(f"B{number}")
        if current and here.tables[rows.ACTIVITY][acts[pk].key]["kind"] in MILESTONES:
            committed.add(pk)
    for pk, names in listed.items():
        words = f"stands in baseline {', '.join(names)}"
        if pk in committed:
            words = f"committed milestone, {words}"
        acts[pk].hangs.append(words)
        acts[pk].stays = acts[pk].stays or words


def _records(found: list[Gone], program: Program) -> Iterator[tuple[str, int, str, int]]:
    """Kind, id, model and number of the records that name a row. One query over every table that may."""
    ids: dict[str, list[int]] = {}
    for one in found:
        ids.setdefault(one.kind, []).append(one.pk)
    kinds = {model: kind for kind, model in MODELS.items()}
    told = {*MODELS.values(), Progress, BaselineActivity}
    parts: list[sql.Composed] = []
    values: list[Any] = []
    for model in apps.get_models():
        if model in told or model._meta.label in COMPUTED or _is_history(model):
            continue
        for column in model._meta.concrete_fields:
            kind = kinds.get(column.related_model) if column.is_relation else None  # type: ignore[arg-type]
            if kind and kind in ids:
                parts.append(
                    sql.SQL(
                        "select {kind}, {column}, {label}, count(*) from {table}"
                        " where program_id = %s and {column} = any(%s) group by {column}"
                    ).format(
                        kind=sql.Literal(kind),
                        label=sql.Literal(model._meta.label),
                        column=sql.Identifier(column.column),
                        table=sql.Identifier(model._meta.db_table),
                    )
                )
                values += [program.pk, ids[kind]]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts), values)
            yield from cursor.fetchall()


def _is_history(model: type[models.Model]) -> bool:
    return any(base.__module__.startswith("pghistory") for base in model.__mro__[1:])


def _edited(found: list[Gone], program: Program) -> Iterator[tuple[str, int, list[str]]]:
    """Fields that no longer stand as the last import left them. Two queries."""
    wanted = {kind: [one.pk for one in found if one.kind == kind] for kind in MODELS}
    left: dict[tuple[str, int], dict[str, Any]] = {}
    statement = """
        select k.kind, {what}
          from programs_importeffect e join programs_planimport i on i.id = e.plan_import_id
          cross join unnest(%s::text[]) k(kind)
          cross join jsonb_array_elements(e.kept -> k.kind -> {list}) r
         where e.program_id = %s and i.state = %s and (r ->> 0)::int8 = any(%s)
         order by i.accepted_at, e.id"""
    every = [pk for pks in wanted.values() for pk in pks]
    given: list[Any] = [list(wanted), program.pk, PlanImport.State.ACCEPTED, every]
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(what="(e.kept -> k.kind -> 'fields')::text, r::text", list="'created'"), given
        )
        for kind, fields, row in cursor.fetchall():
            pk, *values = json.loads(row, parse_float=str)
            left[kind, pk] = dict(zip(json.loads(fields), values, strict=True))
        cursor.execute(statement.format(what="r::text", list="'changed'"), given)
        for kind, row in cursor.fetchall():
            pk, differs = json.loads(row, parse_float=str)
            left.setdefault((kind, pk), {}).update({name: after for name, (_, after) in differs.items()})
    now: Images = images(program.pk, wanted)
    for one in found:
        image = left.get((one.kind, one.pk), {})
        names = [
            name
            for name, value in sorted(image.items())
            if name not in _UNTOLD and now[one.kind][one.pk].get(name, value) != value
        ]
        if names:
            yield one.kind, one.pk, [name.removesuffix("_id") for name in names]
