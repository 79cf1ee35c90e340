"""Undoing an accepted import as one act: what it added goes, what it changed gets its former value back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, models, transaction
from psycopg2 import sql

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.master_plan.services import hold
from programs.portfolio.models import Program
from programs.schedule.following import follow
from programs.schedule.reported import tell
from programs.schedule.services import Outcome, bump, lock_plan

from . import rows, undo_bring
from .effects import PROGRAM, TABLES
from .models import PlanImport
from .undo_found import Undoing
from .undo_look import look
from .writing import MODELS, update_rows

NOTHING_KEPT = (
    "This import changed nothing, or what it did was not yet kept row by row: there is nothing to undo."
)
REASON = "Say why."


def undo(
    *,
    plan_import: PlanImport,
    plan_version: int,
    reason: str,
    agreed: bool | str = False,
    by: User | None,
    at: datetime,
) -> Undoing:
    """Undo an accepted import; returns what was done. The dates follow in the same transaction.

    `plan_version` is the one that was shown. Needs the rights that accepting needed. Raises Conflict where the plan
    was edited meanwhile, Refused without a reason, for an import that is not accepted or changed nothing, and where
    records stand on rows it added. Held as every edit where committed milestones move later and nobody `agreed`.
    """
    access = current_access()
    access.require(Permission.IMPORT, plan_import.program_id)
    access.require(Permission.EDIT_PLAN, plan_import.program_id)
    reason = reason.strip()
    if not reason:
        raise Refused(REASON, field="reason")
    program = lock_plan(plan_import.program_id)
    found: PlanImport = PlanImport.objects.select_for_update(no_key=True, of=("self",)).get(pk=plan_import.pk)
    if found.state != PlanImport.State.ACCEPTED:
        raise Refused(why_not(found))
    if plan_version != program.plan_version:
        raise Conflict(
            "The plan was edited after you opened this page: look again at what undoing would do.",
            code="plan-moved",
        )
    undoing = look(program, found)
    if undoing is None:
        raise Refused(NOTHING_KEPT)
    if undoing.refusals:
        raise Refused(f"Not undone: {' '.join(undoing.refusals)}")
    _settle(found, reason, by, at)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            undo_bring.put(program, undoing)
            _put_back(program, undoing)
            take_away(cursor, program, undoing)
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
    except IntegrityError as error:
        if getattr(error.__cause__, "pgcode", None) != "23503":
            raise
        raise Refused(
            "Not undone: other records stand on what this import added, or what a former value names is gone."
        ) from error
    bump(program)
    hold(Outcome(*follow(program, at=at, order_changed=True)), agreed, f"undo of import {found.pk}")
    if {rows.STATUS, rows.PROGRESS} & {*undoing.take, *undoing.restore}:
        tell(program, by=by)
    return undoing


def why_not(found: PlanImport) -> str:
    """The sentence for an import of which there is nothing to undo, whatever the plan says."""
    if found.state == PlanImport.State.UNDONE:
        return "This import was undone already."
    if found.state != PlanImport.State.ACCEPTED:
        return "Only an import that was accepted can be undone."
    return NOTHING_KEPT


def _settle(found: PlanImport, reason: str, by: User | None, at: datetime) -> None:
    found.state = PlanImport.State.UNDONE
    found.undone_by, found.undone_at, found.undone_why = by, at, reason[:500]
    found.save(update_fields=["state", "undone_by", "undone_at", "undone_why"])


def _put_back(program: Program, undoing: Undoing) -> None:
    for kind, back in undoing.restore.items():
        model: Any = TABLES[kind]
        fields = {one.attname: one for one in model._meta.concrete_fields}
        columns = sorted({name for image in back.values() for name in image})
        update_rows(
            model,
            columns,
            [
                [
                    pk,
                    *(_value(fields[name], image.get(name, undoing.now[kind][pk][name])) for name in columns),
                ]
                for pk, image in back.items()
            ],
        )
        if kind == PROGRAM:  # the row at hand is the one that the schedule is computed with
            program.refresh_from_db()


def _value(field: Any, plain: Any) -> Any:
    return plain if field.is_relation else field.to_python(plain)


def take_away(cursor: Any, program: Program, undoing: Undoing) -> None:
    """Delete the rows of `take`, what was computed from them before it."""
    for model, column, ids in undoing.computed:
        named = model._base_manager.filter(program_id=program.pk, **{f"{column.attname}__in": ids})
        if column.remote_field.on_delete is models.SET_NULL:
            named.update(**{column.attname: None})
        else:
            named.delete()
    if gone := undoing.take.get(rows.BASELINE, []):
        _delete(cursor, BaselineActivity._meta.db_table, "baseline_id", program, gone)
        _delete(cursor, Baseline._meta.db_table, "id", program, gone)
        if undoing.next_baseline:
            Baseline.objects.filter(program_id=program.pk, pk=undoing.next_baseline).update(is_current=True)
    for kind in reversed(MODELS):
        if ids := undoing.take.get(kind, []):
            _delete(cursor, MODELS[kind]._meta.db_table, "id", program, ids)


def _delete(cursor: Any, table: str, column: str, program: Program, ids: list[int]) -> None:
    """Straight from the table: history is written, and rows refused, by its triggers and keys."""
    cursor.execute(
        sql.SQL("delete from {table} where program_id = %s and {column} = any(%s)").format(
            table=sql.Identifier(table), column=sql.Identifier(column)
        ),
        [program.pk, ids],
    )
