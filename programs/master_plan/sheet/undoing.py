"""Undo and redo: a batch put back row by row, through the same checks, refused where somebody edited since."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q
from django.utils.crypto import salted_hmac

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.among import among
from pmo.refusals import Conflict, Refused
from programs.master_plan.models import PlanEdit
from programs.master_plan.services import hold
from programs.master_plan.sheet.outcome import Saved
from programs.master_plan.sheet.recorder import AFTER, TABLES, Row, facts_in, plain
from programs.master_plan.sheet.rows import place_after
from programs.portfolio.models import Program
from programs.schedule.checking import check_dates, clean
from programs.schedule.following import follow
from programs.schedule.models import Activity, Dependency
from programs.schedule.reported import record_again
from programs.schedule.services import PROGRESS_FIELDS, Outcome, bump, lock_plan

STRUCTURE = {"parent_id", "level", "position", "kind"}


def session_of(key: str) -> str:
    """The session of editing behind a session or token: undo reaches back to its beginning, and into no other."""
    return salted_hmac("programs.plan-edit", key, algorithm="sha256").hexdigest()[:32]


def steps(program_id: int, by: User, session: str) -> tuple[PlanEdit | None, PlanEdit | None]:
    """What undo and redo would do next for this person in this session. One query."""
    mine = PlanEdit.objects.filter(program_id=program_id, by=by, session=session)
    undo = mine.filter(state=PlanEdit.State.DONE).order_by("-pk").values("pk")[:1]
    redo = mine.filter(state=PlanEdit.State.UNDONE).order_by("pk").values("pk")[:1]
    found = {one.state: one for one in mine.filter(Q(pk__in=undo) | Q(pk__in=redo)).defer("rows")}
    return found.get(PlanEdit.State.DONE), found.get(PlanEdit.State.UNDONE)


def undo(
    *, program: Program, session: str, agreed: bool | str, by: User | None, at: datetime, redo: bool = False
) -> Saved:
    """Put back what this person did last in this session (or, `redo`, do again what was undone last).

    Every field it would change must stand as the batch left it, else Conflict with the difference and nothing
    changes. Raises Refused where there is nothing, NotAllowed without the rights the edit itself needed, and
    MovesCommitted unless `agreed` (as `hold` takes it: a seal is good for this very batch and these very moves).
    """
    locked = lock_plan(program.pk)
    step = None if by is None else steps(locked.pk, by, session)[1 if redo else 0]
    if step is None:
        raise Refused(f"There is nothing to {'do again' if redo else 'undo'}.", code="nothing-to-undo")
    rows: list[Row] = [
        [table, pk, before, after] if redo else [table, pk, after, before]
        for table, pk, before, after in PlanEdit.objects.values_list("rows", flat=True).get(pk=step.pk)
    ]
    reordered, projects = False, set()
    # Links go before their activities, and activities come before their links. What was taken out from the last one up
    # comes back from the first one down, each below its neighbour.
    order = list(TABLES)
    coming = [one for one in (rows if redo else reversed(rows)) if one[3] is not None]
    ahead = _read_ahead(locked, rows)
    for row in [
        *(one for one in reversed(rows) if one[3] is None),
        *sorted(coming, key=lambda one: order.index(one[0])),
    ]:
        activity = _put(locked, row, ahead.pop(row[1], None) if row[0] == "activity" else None)
        projects.add((activity.project_id, _right(row)))
        reordered = reordered or row[2] is None or row[3] is None or bool(STRUCTURE & set(row[3]))
    for project_id, right in projects:
        current_access().require(right, locked.pk, project_id)
    bump(locked)
    record_again(locked, facts_in(rows), by=by)
    computation, moved = follow(locked, at=at, order_changed=True)
    hold(Outcome(computation, moved), agreed, f"{'redo' if redo else 'undo'} {step.pk}")
    step.state = PlanEdit.State.DONE if redo else PlanEdit.State.UNDONE
    step.save(update_fields=["state"])
    step.words = f"Done again: {step.words}" if redo else f"Undone: {_again(step.words, rows)}"
    return Saved(computation, moved, len(rows), edit=step, reordered=reordered)


def _again(words: str, rows: list[Row]) -> str:
    """What holds now that `rows` are put back: the percent by its value, of anything else what holds no more."""
    if len(rows) == 1 and rows[0][2] is not None and "percent_complete" in (rows[0][3] or {}):
        code, told, _ = words.partition(": percent complete is ")
        if told:
            return f"{code}: percent complete is {rows[0][3]['percent_complete']} again."
    return f"“{words.rstrip('.')}” holds no more."


def _right(row: Row) -> Permission:
    table, _, old, new = row
    if table == "activity" and old is not None and new is not None and not set(new) - PROGRESS_FIELDS:
        return Permission.REPORT_PROGRESS
    return Permission.EDIT_PLAN


def _read_ahead(program: Program, rows: list[Row]) -> dict[int, Activity]:
    """The activities to be written, read at once; none where rows come or go, which writes others."""
    if any(old is None or new is None for _, _, old, new in rows):
        return {}
    ids = [pk for table, pk, _, _ in rows if table == "activity"]
    found = Activity.objects.filter(among("pk", ids), program_id=program.pk).select_related("project")
    return {one.pk: one for one in found}


def _put(program: Program, row: Row, known: Activity | None) -> Activity:
    """Bring one row (`known`, where it is read already) from its old state to its new one.

    Returns the activity whose project it belongs to.
    """
    table, pk, old, new = row
    model: Any = TABLES[table]
    if old is None:
        one = model(pk=pk, program=program, **_values(model, new))
        try:
            one.clean_fields()
        except ValidationError as error:
            raise Conflict(f"This cannot be put back: {'; '.join(error.messages)[:200]}") from error
        if isinstance(one, Activity) and AFTER in new:
            place_after(one, new[AFTER])
        one.save(force_insert=True)
        return _owner(one)
    one = known or model.objects.filter(program_id=program.pk, pk=pk).first()
    if one is None:
        raise Conflict(
            "Somebody took out meanwhile what this would change. Nothing was undone.", code="changed"
        )
    owner = _owner(one)
    _refuse_others(one, old)
    if new is None:
        if table == "activity":
            _refuse_hanging(one)
        one.delete()
        return owner
    for name, value in _values(model, new).items():
        setattr(one, name, value)
    if isinstance(one, Activity | Dependency):
        clean(one, {model._meta.get_field(name).name: None for name in new})
    one.version += 1
    if isinstance(one, Activity):
        check_dates(one, program)
    one.save()
    return owner


def _owner(one: Model) -> Activity:
    if isinstance(one, Activity):
        return one
    if isinstance(one, Dependency):
        return one.successor
    owner: Activity = one.activity  # type: ignore[attr-defined]
    return owner


def _values(model: Any, new: Mapping[str, Any]) -> dict[str, Any]:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return {
        name: value if fields[name].is_relation else fields[name].to_python(value)
        for name, value in new.items()
        if name != AFTER
    }


def _refuse_others(one: Model, old: Mapping[str, Any]) -> None:
    """Conflict, with the difference, where a field no longer stands as the batch left it."""
    for name, value in old.items():
        if name == AFTER:
            continue
        now = plain(getattr(one, name))
        if now != value and name != "position":
            what = name.removesuffix("_id").replace("_", " ")
            label = _label(one)
            raise Conflict(
                f"{label}: somebody edited since. {what.capitalize()} was {_said(value)} after your edit and is "
                f"{_said(now)} now. Nothing was undone.",
                code="changed",
            )


def _label(one: Model) -> str:
    if isinstance(one, Activity):
        return one.code
    return "A link" if isinstance(one, Dependency) else f"Who works on {_owner(one).code}"


def _said(value: Any) -> str:
    return "empty" if value in (None, "") else str(value)[:60]


def _refuse_hanging(one: Activity) -> None:
    hanging = (
        one.children.exists()
        or one.progress.exists()
        or one.baselines.exists()
        or one.assignments.exists()
        or Dependency.objects.filter(Q(predecessor=one) | Q(successor=one)).exists()
    )
    if hanging:
        raise Conflict(
            f"{one.code}: somebody has linked it, reported on it or put work under it since. Nothing was undone.",
            code="changed",
        )
