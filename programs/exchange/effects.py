"""What an acceptance does to the plan's rows, kept beside it so that it can be undone as one act."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from programs.baselines.models import Baseline
from programs.portfolio.models import Program

from . import rows
from .comparison import Comparison
from .models import ImportEffect, PlanImport
from .writing import MODELS, Ids

PROGRAM = "program"
"""The program's own row, which an acceptance may give a calendar and a status date."""
TABLES: dict[str, type[models.Model]] = {**MODELS, rows.BASELINE: Baseline, PROGRAM: Program}
Image = dict[str, Any]
"""A row's columns but id, program and version: as Postgres writes them in JSON, decimals as text, so exact."""
Images = dict[str, dict[int, Image]]
_LEFT_OUT = ["id", "program_id", "version"]


def images(program_id: int, wanted: Mapping[str, Iterable[int]]) -> Images:
    """The rows of these kinds and ids as they are now. One query; an id that is gone is not in the answer."""
    listed = {kind: list(ids) for kind, ids in wanted.items()}
    found: Images = {kind: {} for kind in listed}
    parts: list[sql.Composed] = []
    values: list[Any] = []
    for kind, ids in listed.items():
        if ids:
            own = "id" if kind == PROGRAM else "program_id"
            parts.append(
                sql.SQL(
                    "select {kind}, id, (to_jsonb(t) - %s::text[])::text from {table} t"
                    " where {own} = %s and id = any(%s)"
                ).format(
                    kind=sql.Literal(kind),
                    table=sql.Identifier(TABLES[kind]._meta.db_table),
                    own=sql.Identifier(own),
                )
            )
            values += [_LEFT_OUT, program_id, ids]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts), values)
            for kind, pk, text in cursor.fetchall():
                found[kind][pk] = json.loads(text, parse_float=str)
    return found


def before(program: Program, comparison: Comparison) -> Images:
    """The rows that an acceptance is about to change, the program's own among them."""
    wanted = {
        kind: [comparison.here.ids[kind][key] for key in comparison.sides[kind].changed] for kind in MODELS
    }
    return images(program.pk, wanted | {PROGRAM: [program.pk]})


def record(
    program: Program,
    found: PlanImport,
    comparison: Comparison,
    ids: Ids,
    former: Images,
    *,
    baseline: Baseline | None,
    former_baseline: int | None,
    taken: dict[str, Any],
) -> ImportEffect:
    """Keep what was made, changed and taken out, after everything is written. `former` is what `before` gave."""
    made = {kind: [ids[kind][key] for key in comparison.sides[kind].created] for kind in MODELS}
    made[rows.BASELINE] = [baseline.pk] if baseline else []
    now = images(
        program.pk,
        {kind: [*made.get(kind, ()), *former.get(kind, ())] for kind in TABLES},
    )
    kept: dict[str, Any] = {}
    for kind in TABLES:
        if kind == rows.BASELINE:
            continue
        created = [(pk, now[kind][pk]) for pk in made.get(kind, ())]
        fields = sorted(created[0][1]) if created else []
        changed = [
            [pk, differs]
            for pk, was in former.get(kind, {}).items()
            if (differs := _differs(was, now[kind][pk]))
        ]
        if created or changed:
            kept[kind] = {
                "fields": fields,
                "created": [[pk, *(image[name] for name in fields)] for pk, image in created],
                "changed": changed,
            }
    effect: ImportEffect = ImportEffect.objects.create(
        program=program,
        plan_import=found,
        created={TABLES[kind]._meta.db_table: pks for kind, pks in made.items() if pks},
        kept=kept,
        taken=taken,
        former_baseline=former_baseline if baseline and baseline.is_current else None,
    )
    return effect


_COUNTERS = {"plan_version", "ledger_version"}


def _differs(was: Image, now: Image) -> dict[str, list[Any]]:
    return {name: [was[name], now[name]] for name in was if was[name] != now[name] and name not in _COUNTERS}
