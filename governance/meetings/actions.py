"""What happens to action items: promised, moved to another day or person, done, dropped."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from governance.decisions.models import Decision
from governance.meetings.models import ActionItem, Meeting
from governance.meetings.services import locked
from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused

State = ActionItem.State


def add(
    *,
    program: Any,
    title: str,
    owner: User,
    due_on: date,
    by: User | None,
    at: datetime,
    meeting: Meeting | None = None,
    decision: Decision | None = None,
) -> ActionItem:
    """Record who does what by when; `meeting` and `decision` say where it was promised."""
    current_access().require(Permission.KEEP_MEETINGS, program.pk)
    if not title.strip():
        raise Refused("Say what is to be done.", field="title")
    _of_the_program(program.pk, owner)
    with transaction.atomic():
        if meeting is not None:
            live = locked(meeting, Meeting.State.IN_SESSION, Meeting.State.HELD)
            if live.minutes_approved_at is not None:
                raise Conflict("The minutes of that meeting are approved: add the action item by itself.")
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtext('governance.action.number'), %s::int)", [program.pk]
            )
        top = ActionItem.objects.filter(program=program).aggregate(top=Max("number"))["top"] or 0
        made: ActionItem = ActionItem.objects.create(
            program=program, number=top + 1, title=title.strip()[:250], owner=owner, due_on=due_on,
            meeting=meeting, decision=decision, raised_at=at,
        )  # fmt: skip
    return made


def change(
    *,
    action: ActionItem,
    version: int,
    by: User | None,
    at: datetime,
    title: str | None = None,
    owner: User | None = None,
    due_on: date | None = None,
) -> ActionItem:
    """Another wording, owner or day for an open item; the history keeps the former ones."""
    current_access().require(Permission.KEEP_MEETINGS, action.program_id)
    with transaction.atomic():
        live = _locked(action, version)
        if title is not None:
            if not title.strip():
                raise Refused("Say what is to be done.", field="title")
            live.title = title.strip()[:250]
        if owner is not None:
            _of_the_program(live.program_id, owner)
            live.owner = owner
        live.due_on = due_on or live.due_on
        live.version += 1
        live.save(update_fields=["title", "owner", "due_on", "version"])
    return live


def close(
    *, action: ActionItem, state: str, version: int, by: User | None, at: datetime, note: str = ""
) -> ActionItem:
    """Done (by its owner, or whoever keeps the meetings) or dropped (by the latter, with the reason)."""
    access = current_access()
    if state not in (State.DONE, State.DROPPED):
        raise Refused("An action item is done or dropped.", field="state")
    if not access.may(Permission.KEEP_MEETINGS, action.program_id):
        if state == State.DROPPED or by is None or by.pk != action.owner_id:
            raise NotAllowed("Its owner says when it is done; who keeps the meetings may drop it.")
        access.require(Permission.VIEW_PROGRAM, action.program_id)
    if state == State.DROPPED and not note.strip():
        raise Refused("Say why it is dropped.", field="note")
    with transaction.atomic():
        live = _locked(action, version)
        live.state, live.closed_at, live.closing_note = state, at, note.strip()[:400]
        live.version += 1
        live.save(update_fields=["state", "closed_at", "closing_note", "version"])
    return live


def _locked(action: ActionItem, version: int) -> ActionItem:
    live: ActionItem = ActionItem.objects.select_for_update(of=("self",)).get(pk=action.pk)
    if live.state != State.OPEN:
        raise Conflict(f"{live.code} is {live.get_state_display().lower()} already.")
    if live.version != version:
        raise Conflict(f"Somebody changed {live.code} after you opened it.", code="changed")
    return live


def _of_the_program(program_id: int, owner: User) -> None:
    if not Membership.objects.filter(program_id=program_id, user=owner).exists():
        raise Refused("That person holds no role in this program.", field="owner")
