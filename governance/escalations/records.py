"""What is written of an escalation: its number, its moves and its end; and who speaks for the body that is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import connection
from django.db.models import Max

from governance.bodies.models import Body, Seat
from governance.bodies.services import require_present
from governance.escalations.models import Escalation, EscalationMove
from governance.meetings.models import AgendaItem, Meeting
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused
from pmo.zones import zone
from programs.portfolio.models import Program


def local_day(program: Program, at: datetime) -> date:
    """The day of an instant on the program's clock."""
    return at.astimezone(zone(program.time_zone)).date()


def from_the_clock(moves: Sequence[EscalationMove]) -> bool:
    """Was it raised by the clock? Then its first move is nobody's."""
    return bool(moves) and moves[0].by_id is None


def next_number(program: Program) -> int:
    """E-1, E-2, ...: whoever asks at the same moment waits here and gets the next."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('governance.escalation.number'), %s::int)", [program.pk]
        )
    top: int | None = Escalation.objects.filter(program=program).aggregate(top=Max("number"))["top"]
    return (top or 0) + 1


def write_move(
    one: Escalation, former: Body | None, body: Body, day: date, why: str, *, by: User | None, at: datetime
) -> None:
    """From whom to whom it went, until when and why: one row of its way."""
    EscalationMove.objects.bulk_create(
        [
            EscalationMove(
                program_id=one.program_id, escalation=one, from_body=former, to_body=body, needed_by=day,
                why=why[:400], by=by, at=at,
            )
        ]
    )  # fmt: skip


def locked(escalation: Escalation, version: int) -> Escalation:
    """The escalation held for this transaction; Conflict where it is over, or not the version that was seen."""
    live: Escalation = (
        Escalation.objects.select_for_update(of=("self",))
        .select_related("body", "program")
        .get(pk=escalation.pk)
    )
    if live.state != Escalation.State.OPEN:
        raise Conflict(f"{live.code} is {live.get_state_display().lower()} already.")
    if live.version != version:
        raise Conflict(
            f"{live.code} moved on after you opened it: now {live.body.name} is asked.", code="changed"
        )
    return live


def require_voice(live: Escalation, by: User, at: datetime, meeting: Meeting | None) -> None:
    """Somebody with a seat in the body today, or its secretary with a meeting of this body that was held or is."""
    today = local_day(live.program, at)
    access = current_access()
    access.require(Permission.VIEW_PROGRAM, live.program_id)
    if meeting is not None:
        meeting = Meeting.objects.get(pk=meeting.pk)  # as it is now, not as the form found it
        if meeting.body_id != live.body_id or meeting.state not in (
            Meeting.State.IN_SESSION,
            Meeting.State.HELD,
        ):
            raise Refused("Name a meeting of the asked body that has begun.", field="meeting")
        if meeting.minutes_approved_at is not None:
            raise Refused("The minutes of that meeting are approved: they stand.", field="meeting")
        if not AgendaItem.objects.filter(meeting=meeting, escalation=live).exists():
            raise Refused(f"{live.code} was not on the agenda of that meeting.", field="meeting")
        access.require(Permission.KEEP_MEETINGS, live.program_id)
        return
    require_present()
    if not Seat.objects.filter(body_id=live.body_id, person=by, voting=True, term__contains=today).exists():
        raise NotAllowed(
            f"{live.body.name} answers: somebody with a vote in it, or its secretary naming the meeting."
        )


def close(
    live: Escalation,
    state: str,
    text: str,
    asked: str,
    *,
    by: User,
    at: datetime,
    meeting: Meeting | None = None,
) -> Escalation:
    """Its end in words; Refused with the sentence `asked` where there are none."""
    if not text.strip():
        raise Refused(asked, field="text")
    live.state, live.answer, live.closed_by, live.closed_at = state, text.strip(), by, at
    live.answered_in = meeting
    live.version += 1
    live.save(update_fields=["state", "answer", "closed_by", "closed_at", "answered_in", "version"])
    return live
