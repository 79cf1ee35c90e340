"""Commands on the benefits themselves: what is asked for, by whom it is watched, what was read of it.

Values are in the measure's own unit, with four decimals. A reading is corrected, not replaced: its history keeps what
it was and why.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from pmo.accounts.access import Access, current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.zones import zone
from programs.portfolio.models import Objective, Program, Reading
from programs.portfolio.selectors import members

FIELDS = frozenset(
    {
        "code",
        "name",
        "measure",
        "unit",
        "baseline_value",
        "target_value",
        "baseline_on",
        "target_on",
        "owner",
    }
)
PROMISED = frozenset({"measure", "unit", "baseline_value", "target_value", "baseline_on", "target_on"})
"""What was promised: another value needs a reason."""
CHANGED = "Somebody changed this benefit after you opened it. Here is how it is now."
FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST = Decimal(10) ** 14


def may_read_off(access: Access, objective: Objective) -> bool:
    """May this person enter readings: who reports the program's progress, and the benefit's owner."""
    return access.may(Permission.REPORT_PROGRESS, objective.program_id) or (
        access.user is not None
        and access.user.pk == objective.owner_id
        and access.may(Permission.VIEW_PROGRAM, objective.program_id)
    )


def add(*, program: Program, values: Mapping[str, Any], by: User | None, at: datetime) -> Objective:
    """A benefit that the program is for: what is measured, from where to where, by when, watched by whom."""
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    if set(values) - FIELDS:
        raise Refused("This cannot be recorded here.", code="not-editable")
    made = Objective(program=program, **values)
    _check(made, set(values), at)
    made.save(force_insert=True)
    return made


def edit(
    *,
    objective: Objective,
    version: int,
    changes: Mapping[str, Any],
    reason: str,
    by: User | None,
    at: datetime,
) -> Objective:
    """Change a benefit; what was promised of it (`PROMISED`) with a reason, which the history keeps as its why."""
    with transaction.atomic():
        live = _locked(objective, version)
        if set(changes) - FIELDS:
            raise Refused("This cannot be edited here.", code="not-editable")
        if live.retired_at is not None:
            raise Refused(f"{live.code} is retired: bring it back first.")
        wanted = {name: value for name, value in changes.items() if getattr(live, name) != value}
        if set(wanted) & PROMISED and not reason.strip():
            raise Refused("Say why: this is kept with the change.", field="why")
        for name, value in wanted.items():
            setattr(live, name, value)
        _check(live, set(wanted), at)
        if wanted:
            live.version += 1
            live.save(update_fields=[*wanted, "version"])
        return live


def retire(*, objective: Objective, version: int, reason: str, by: User | None, at: datetime) -> Objective:
    """Ask for a benefit no longer. It stays with its readings, and counts in no colour from now on."""
    with transaction.atomic():
        live = _locked(objective, version)
        if live.retired_at is not None:
            raise Refused(f"{live.code} is retired already.")
        if not reason.strip() or len(reason) > 400:
            raise Refused("Say why, in up to 400 characters.", field="why")
        live.retired_at, live.retired_why = at, reason.strip()
        live.version += 1
        live.save(update_fields=["retired_at", "retired_why", "version"])
        return live


def restore(*, objective: Objective, version: int, by: User | None, at: datetime) -> Objective:
    """Ask for a retired benefit again."""
    with transaction.atomic():
        live = _locked(objective, version)
        if live.retired_at is None:
            raise Refused(f"{live.code} is not retired.")
        live.retired_at, live.retired_why = None, ""
        live.version += 1
        live.save(update_fields=["retired_at", "retired_why", "version"])
        return live


def read(*, objective: Objective, taken_on: date, value: Decimal, by: User | None, at: datetime) -> Reading:
    """Enter what was read of the measure on a day, one reading a day."""
    with transaction.atomic():
        live = _locked(objective, None, reading=True)
        if live.retired_at is not None:
            raise Refused(f"{live.code} is retired: it is read no more.")
        if Reading.objects.filter(objective=live, taken_on=taken_on).exists():
            raise Refused("There is a reading of that day already: correct that one.", field="taken_on")
        made = Reading(program_id=live.program_id, objective=live, taken_on=taken_on, value=value)
        _check_reading(made, live, at)
        made.save(force_insert=True)
        return made


def correct(
    *,
    reading: Reading,
    seen: tuple[date, Decimal],
    taken_on: date,
    value: Decimal,
    reason: str,
    by: User | None,
    at: datetime,
) -> Reading:
    """Correct a reading; `seen` is its day and value as they were shown, `reason` the history's why."""
    with transaction.atomic():
        owner = _locked(reading.objective, None, reading=True)
        live: Reading = Reading.objects.select_for_update(of=("self",)).get(pk=reading.pk)
        if (live.taken_on, live.value) != seen:
            raise Conflict(
                f"Somebody corrected this reading meanwhile: it is {live.value.normalize():f} now.",
                code="changed",
            )
        if not reason.strip():
            raise Refused("Say why: this is kept with the former value.", field="why")
        others = Reading.objects.filter(objective=owner, taken_on=taken_on).exclude(pk=live.pk)
        if others.exists():
            raise Refused("There is a reading of that day already.", field="taken_on")
        live.taken_on, live.value = taken_on, value
        _check_reading(live, owner, at)
        live.save(update_fields=["taken_on", "value"])
        return live


def _locked(objective: Objective, version: int | None, *, reading: bool = False) -> Objective:
    """The benefit under its lock, if this person may; Conflict where it is not the version that was seen."""
    live: Objective = (
        Objective.objects.select_for_update(of=("self",))
        .select_related("program", "owner")
        .get(pk=objective.pk)
    )
    access = current_access()
    if not reading:
        access.require(Permission.EDIT_PROGRAM, live.program_id)
    elif not may_read_off(access, live):
        raise NotAllowed("Readings are entered by the benefit's owner and by who reports progress.")
    if version is not None and live.version != version:
        raise Conflict(CHANGED, code="changed")
    return live


def _today(program: Program, at: datetime) -> date:
    return at.astimezone(zone(program.time_zone)).date()


def _check(one: Objective, touched: set[str], at: datetime) -> None:
    for name in ("name", "measure", "unit"):
        if not str(getattr(one, name)).strip():
            raise Refused("Write it in words.", field=name)
    for name in ("baseline_value", "target_value"):
        _check_value(getattr(one, name), name)
    for name in ("baseline_on", "target_on"):
        if not FIRST_YEAR <= getattr(one, name).year <= LAST_YEAR:
            raise Refused(f"Give a day from {FIRST_YEAR} to {LAST_YEAR}.", field=name)
    if one.target_on <= one.baseline_on:
        raise Refused("The target's day lies after the baseline's.", field="target_on")
    if one.target_value == one.baseline_value:
        raise Refused("The target is another value than the baseline.", field="target_value")
    try:
        one.clean_fields(exclude=["program", "owner"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=name) from error
    others = Objective.objects.filter(program_id=one.program_id, code__iexact=one.code).exclude(pk=one.pk)
    if "code" in touched and others.exists():
        raise Refused("The program has a benefit of this code already.", field="code")
    if (
        "owner" in touched
        and one.owner is not None
        and not members(one.program_id, _today(one.program, at)).filter(pk=one.owner.pk).exists()
    ):
        raise Refused(f"{one.owner.name} holds no role in this program.", field="owner")


def _check_value(value: Decimal, name: str) -> None:
    if not value.is_finite() or abs(value) >= MOST:
        raise Refused("Give a number of at most 14 digits before the point.", field=name)


def _check_reading(one: Reading, objective: Objective, at: datetime) -> None:
    if one.taken_on.year < FIRST_YEAR:
        raise Refused(f"Give a day from {FIRST_YEAR} on.", field="taken_on")
    if one.taken_on > _today(objective.program, at):
        raise Refused("That day has not come yet: a reading is what was seen.", field="taken_on")
    _check_value(one.value, "value")
    try:
        one.clean_fields(exclude=["program", "objective"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=name) from error
