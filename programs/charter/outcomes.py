"""Commands on the planned outcomes of a project: what will be otherwise, how one sees it, how much, by when.

Whoever keeps the program says what is planned; whoever reports a project's progress says what was seen of it. An
outcome of which something was seen is not removed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.portfolio.models import PlannedOutcome, Project

FIELDS = frozenset({"outcome", "measure", "target", "due_on"})
State = PlannedOutcome.State
CHANGED = "Somebody changed this outcome after you opened it. Here is how it is now."
FIRST_YEAR, LAST_YEAR = 1990, 2199
MOST = 100


def add(*, project: Project, values: Mapping[str, Any], by: User | None, at: datetime) -> PlannedOutcome:
    """A further outcome at the end of the project's list."""
    current_access().require(Permission.EDIT_PROGRAM, project.program_id)
    if set(values) - FIELDS:
        raise Refused("This cannot be recorded here.", code="not-editable")
    with transaction.atomic():
        Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
        there = PlannedOutcome.objects.filter(project=project)
        if there.count() >= MOST:
            raise Refused(f"A project has at most {MOST} planned outcomes.")
        last = there.aggregate(last=Max("position"))["last"] or 0
        made = PlannedOutcome(program_id=project.program_id, project=project, position=last + 1, **values)
        _check(made)
        made.save(force_insert=True)
        return made


def edit(
    *,
    outcome: PlannedOutcome,
    version: int,
    changes: Mapping[str, Any],
    reason: str = "",
    by: User | None,
    at: datetime,
) -> PlannedOutcome:
    """Say otherwise what is planned; Conflict if somebody did meanwhile.

    Once something was seen of it this needs a reason, which the history keeps (the caller's `why`).
    """
    current_access().require(Permission.EDIT_PROGRAM, outcome.program_id)
    if set(changes) - FIELDS:
        raise Refused("This cannot be edited here.", code="not-editable")
    with transaction.atomic():
        live = _locked(outcome, version)
        moved = any(getattr(live, name) != value for name, value in changes.items())
        if moved and not reason.strip() and _ever_seen(live):
            raise Refused("Something was seen of this outcome: say why it is planned otherwise.", field="why")
        for name, value in changes.items():
            setattr(live, name, value)
        _check(live)
        live.version += 1
        live.save(update_fields=[*changes, "version"])
        return live


def see(
    *,
    outcome: PlannedOutcome,
    version: int,
    state: str,
    result: str,
    seen_on: date | None,
    by: User | None,
    at: datetime,
) -> PlannedOutcome:
    """Say whether it was reached: what was seen, and on which day. `open` takes that back."""
    current_access().require(Permission.REPORT_PROGRESS, outcome.program_id, outcome.project_id)
    with transaction.atomic():
        live = _locked(outcome, version)
        if state not in State.values:
            raise Refused("Say whether it was reached.", field="state")
        if state == State.OPEN:
            result, seen_on = "", None
        else:
            if not result.strip():
                raise Refused("Say what was seen.", field="result")
            today = at.astimezone(zone(live.program.time_zone)).date()
            if seen_on is None or seen_on.year < FIRST_YEAR:
                raise Refused("Say on which day it was seen.", field="seen_on")
            if seen_on > today:
                raise Refused("That day has not come yet.", field="seen_on")
        live.state, live.result, live.seen_on = state, result.strip(), seen_on
        _check(live)
        live.version += 1
        live.save(update_fields=["state", "result", "seen_on", "version"])
        return live


def remove(*, outcome: PlannedOutcome, version: int, by: User | None, at: datetime) -> None:
    """Take an outcome off the list, unless something was ever seen of it; its history stays."""
    current_access().require(Permission.EDIT_PROGRAM, outcome.program_id)
    with transaction.atomic():
        live = _locked(outcome, version)
        if _ever_seen(live):
            raise Refused("Something was seen of this outcome: it stays.", code="in-use")
        live.delete()


def _ever_seen(live: PlannedOutcome) -> bool:
    """Was anything seen of it, though it was taken back since? One query at most."""
    if live.state != State.OPEN:
        return True
    events: Any = apps.get_model("programs", "PlannedOutcomeEvent").objects
    return bool(events.filter(pgh_obj_id=live.pk).exclude(state=State.OPEN).exists())


def _locked(outcome: PlannedOutcome, version: int) -> PlannedOutcome:
    live = (
        PlannedOutcome.objects.select_for_update(of=("self",))
        .select_related("program", "project")
        .filter(pk=outcome.pk)
        .first()
    )
    if live is None or live.version != version:
        raise Conflict(CHANGED, code="changed")
    found: PlannedOutcome = live
    return found


def _check(one: PlannedOutcome) -> None:
    for name in ("outcome", "measure", "target"):
        setattr(one, name, getattr(one, name).strip())
        if not getattr(one, name):
            raise Refused("Write it in words.", field=name)
    if not FIRST_YEAR <= one.due_on.year <= LAST_YEAR:
        raise Refused(f"Give a day from {FIRST_YEAR} to {LAST_YEAR}.", field="due_on")
    try:
        one.clean_fields(exclude=["program", "project"])
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=name) from error
