"""Writing what a file brings, in bulk and in order, inside the transaction of the acceptance."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import connection, models
from psycopg2 import sql

from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity, Dependency, Progress, StatusPeriod

from . import rows
from .comparison import Comparison
from .rows import Key, Row

AT_ONCE = 1_000
MODELS: dict[str, type[models.Model]] = {
    rows.CALENDAR: Calendar,
    rows.EXCEPTION: CalendarException,
    rows.PROJECT: Project,
    rows.ACTIVITY: Activity,
    rows.DEPENDENCY: Dependency,
    rows.RESOURCE: Resource,
    rows.ASSIGNMENT: Assignment,
    rows.STATUS: StatusPeriod,
    rows.PROGRESS: Progress,
}
Ids = dict[str, dict[Key, int]]


def write(program: Program, comparison: Comparison) -> Ids:
    """Create and change the plan's rows (not its baseline). Returns every row's id by its key.

    The caller holds the program's row and computes the schedule afterwards. History is written by triggers. What
    the database refuses comes up as it is; the command's runner has the sentence.
    """
    ids: Ids = {kind: dict(known) for kind, known in comparison.here.ids.items()}
    for kind, model in MODELS.items():
        side, table = comparison.sides[kind], comparison.tables[kind]
        if kind == rows.ACTIVITY:  # a group and what is in it are written together, so ids come first
            ids[kind].update(zip(side.created, _next_ids(model, len(side.created)), strict=True))
        more = {"position": _last_position(program)} if kind == rows.PROJECT else {}
        created = [
            model(program_id=program.pk, **_columns(kind, key, table[key], ids), **_numbered(more, place))
            for place, key in enumerate(side.created, 1)
        ]
        if kind == rows.ACTIVITY:
            for key, one in zip(side.created, created, strict=True):
                one.pk = ids[kind][key]
        model._default_manager.bulk_create(created, batch_size=AT_ONCE)
        ids[kind].update((key, one.pk) for key, one in zip(side.created, created, strict=True))
        changed = {
            key: {name: after for name, (_, after) in fields.items()} for key, fields in side.changed.items()
        }
        _update(kind, model, changed, comparison.here.tables[kind], ids)
    return ids


def _numbered(more: dict[str, int], place: int) -> dict[str, int]:
    return {name: value + place for name, value in more.items()}


def _columns(kind: str, key: Key, row: Row, ids: Ids) -> dict[str, Any]:
    """The model's fields for a row: its own, its key's, and references as ids."""
    fields = dict(row)
    if "calendar" in fields:
        calendar = fields.pop("calendar")
        fields["calendar_id"] = ids[rows.CALENDAR][calendar,] if calendar else None
    if "parent" in fields:
        parent = fields.pop("parent")
        fields["parent_id"] = ids[rows.ACTIVITY][key[0], parent] if parent else None
    if "type" in fields:  # of a link: what a file calls its kind, which it may change
        fields["kind"] = fields.pop("type")
    return fields | _KEYS[kind](key, ids)


def _activity_key(key: Key, ids: Ids) -> dict[str, Any]:
    return {"project_id": ids[rows.PROJECT][key[0],], "code": key[1]}


_KEYS: dict[str, Callable[[Key, Ids], dict[str, Any]]] = {
    rows.CALENDAR: lambda key, ids: {"code": key[0]},
    rows.EXCEPTION: lambda key, ids: {"calendar_id": ids[rows.CALENDAR][key[0],], "day": key[1]},
    rows.PROJECT: lambda key, ids: {"code": key[0]},
    rows.ACTIVITY: _activity_key,
    rows.DEPENDENCY: lambda key, ids: {
        "predecessor_id": ids[rows.ACTIVITY][key[0], key[1]],
        "successor_id": ids[rows.ACTIVITY][key[2], key[3]],
    },
    rows.RESOURCE: lambda key, ids: {
        "project_id": ids[rows.PROJECT][key[0],] if key[0] else None,
        "code": key[1],
    },
    rows.ASSIGNMENT: lambda key, ids: {
        "activity_id": ids[rows.ACTIVITY][key[0], key[1]],
        "resource_id": ids[rows.RESOURCE][key[2], key[3]],
    },
    rows.STATUS: lambda key, ids: {"project_id": ids[rows.PROJECT][key[0],], "number": key[1]},
    rows.PROGRESS: lambda key, ids: {
        "period_id": ids[rows.STATUS][key[0], key[1]],
        "activity_id": ids[rows.ACTIVITY][key[0], key[2]],
    },
}


def _next_ids(model: type[models.Model], count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def _last_position(program: Program) -> int:
    last = Project.objects.filter(program_id=program.pk).aggregate(last=models.Max("position"))["last"]
    return last or 0


def _update(
    kind: str, model: type[models.Model], changed: dict[Key, Row], here: dict[Key, Row], ids: Ids
) -> None:
    """One statement per kind: every changed row with all fields that any of them changes, and the next version."""
    if not changed:
        return
    names = sorted({name for row in changed.values() for name in row})
    values: list[list[Any]] = []
    columns: list[str] = []
    for key, row in changed.items():
        whole = {name: row.get(name, here[key][name]) for name in names}
        keys = _KEYS[kind](key, ids)
        fields = {name: value for name, value in _columns(kind, key, whole, ids).items() if name not in keys}
        columns = sorted(fields)
        values.append([ids[kind][key], *(fields[name] for name in columns)])
    update_rows(model, columns, values)


def update_rows(model: type[models.Model], columns: list[str], values: Iterable[list[Any]]) -> None:
    """`update ... from unnest(...)`: rows of id and values of `columns`, prepared by the model's own fields."""
    fields = [model._meta.pk, *(_field(model, name) for name in columns)]
    assert all(fields)  # noqa: S101 - names of our own models
    lists = [
        [field.get_db_prep_save(value, connection) for value in column]
        for field, column in zip(fields, zip(*values, strict=True), strict=True)
    ]
    named = [sql.Identifier(field.column) for field in fields]
    assignments = [sql.SQL("{0} = n.{0}").format(name) for name in named[1:]]
    if any(field.name == "version" for field in model._meta.fields):
        assignments.append(sql.SQL("version = t.version + 1"))
    statement = sql.SQL(
        "update {table} t set {sets} from unnest({lists}) as n ({names}) where t.id = n.id"
    ).format(
        table=sql.Identifier(model._meta.db_table),
        sets=sql.SQL(", ").join(assignments),
        lists=sql.SQL(", ").join(
            sql.SQL("%s::{}[]").format(sql.SQL(field.db_type(connection))) for field in fields
        ),
        names=sql.SQL(", ").join(named),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, lists)


def _field(model: type[models.Model], name: str) -> Any:
    return model._meta.get_field(name.removesuffix("_id"))
