"""Rows of a plan before and after a batch: what undo puts back, and redo again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model

from programs.resources.models import Assignment
from programs.schedule.models import Activity, Dependency
from programs.schedule.services import PROGRESS_FIELDS

TABLES: dict[str, type[Model]] = {"activity": Activity, "dependency": Dependency, "assignment": Assignment}
Row = list[Any]
"""`[table, id, before, after]`, as in `PlanEdit.rows`."""


AFTER = "_after"
"""Beside the fields of an activity that came or went: ids of the activities above it, the nearest first."""


def plain(value: Any) -> Any:
    """A field's value as JSON keeps it, the same before it is saved and after it is read."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f") if value else "0"
    return value


def snapshot(one: Model) -> dict[str, Any]:
    """Every field of a row but its id, program and version."""
    return {
        field.attname: plain(_typed(field, getattr(one, field.attname)))
        for field in one._meta.concrete_fields
        if field.name not in ("id", "program", "version")
    }


def _typed(field: Any, value: Any) -> Any:
    """The value as it is read again: a new row still holds its defaults as they are written in the model."""
    return value if field.is_relation else field.to_python(value)


def facts_in(rows: Iterable[Row]) -> list[int]:
    """The activities of which actual dates, remaining work or percent are others than before, or new."""
    return [
        pk
        for table, pk, before, after in rows
        if table == "activity"
        and after is not None
        and (
            PROGRESS_FIELDS & set(after)
            if before is not None
            else after["actual_start"] is not None or after["percent_complete"] != "0"
        )
    ]


class Recorder:
    """Watches rows while they change. `rows` then tells what became of them."""

    def __init__(self) -> None:
        self._before: dict[tuple[str, int], dict[str, Any] | None] = {}
        self._now: dict[tuple[str, int], Model | None] = {}
        self._after: dict[tuple[str, int], list[int] | None] = {}

    def watch(self, one: Model) -> None:
        """Remember the row as it is now; the first time counts."""
        key = _key(one)
        if key not in self._before:
            self._before[key] = snapshot(one)
        self._now[key] = one

    def made(self, one: Model, after: list[int] | None = None) -> None:
        """The row was just inserted, an activity `after` the first of these."""
        self._before[_key(one)] = None
        self._after[_key(one)] = after
        self._now[_key(one)] = one

    def gone(self, one: Model, after: list[int] | None = None) -> None:
        """The row is about to be deleted; `after` are the activities above it, the nearest first."""
        self.watch(one)
        self._after[_key(one)] = after
        self._now[_key(one)] = None

    def rows(self) -> list[Row]:
        """What changed: in the order that makes rows before those that refer to them."""
        found: list[Row] = []
        for (table, pk), before in self._before.items():
            one = self._now[table, pk]
            after = None if one is None else snapshot(one)
            if before is not None and after is not None:
                names = [name for name in before if before[name] != after[name]]
                before, after = {n: before[n] for n in names}, {n: after[n] for n in names}
            above = self._after.get((table, pk))
            if above is not None:
                # Its place among its neighbours: numbers of rows are given anew now and then.
                before, after = (side and side | {AFTER: above} for side in (before, after))
            if before or after:
                found.append([table, pk, before, after])
        order = list(TABLES)
        return sorted(found, key=lambda row: order.index(row[0]))


def _key(one: Model) -> tuple[str, int]:
    return one._meta.model_name or "", int(one.pk)
