"""What happens in a meeting: points of the agenda, what was said about them, who was there, minutes approved."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F, Max

from governance.bodies.models import Seat
from governance.meetings import selectors
from governance.meetings.models import AgendaItem, Attendance, Meeting
from governance.meetings.services import State, locked
from pmo.accounts.models import User
from pmo.refusals import Conflict, Refused


def add_item(
    *,
    meeting: Meeting,
    title: str,
    by: User | None,
    at: datetime,
    presenter: User | None = None,
    planned_minutes: int = 10,
) -> AgendaItem:
    """Add a topic at the end of the agenda of a meeting that is not over."""
    if not title.strip():
        raise Refused("Say what it is about.", field="title")
    with transaction.atomic():
        live = locked(meeting, State.PLANNED, State.IN_SESSION)
        top = AgendaItem.objects.filter(meeting=live).aggregate(top=Max("position"))["top"] or 0
        made: AgendaItem = AgendaItem.objects.create(
            program_id=live.program_id,
            meeting=live,
            position=top + 1,
            title=title.strip()[:250],
            presenter=presenter,
            planned_minutes=planned_minutes,
        )
    return made


def move_item(*, item: AgendaItem, up: bool, by: User | None, at: datetime) -> AgendaItem:
    """One place up or down; the first and the last stay where they are."""
    with transaction.atomic():
        locked(item.meeting, State.PLANNED, State.IN_SESSION)
        item.refresh_from_db()
        beside = AgendaItem.objects.filter(meeting_id=item.meeting_id)
        other = (
            beside.filter(position__lt=item.position).order_by("-position").first()
            if up
            else beside.filter(position__gt=item.position).order_by("position").first()
        )
        if other is not None:
            mine, theirs = item.position, other.position
            AgendaItem.objects.filter(pk=other.pk).update(position=mine, version=F("version") + 1)
            AgendaItem.objects.filter(pk=item.pk).update(position=theirs, version=F("version") + 1)
            item.refresh_from_db()
    return item


def remove_item(*, item: AgendaItem, by: User | None, at: datetime) -> None:
    """Take a point off the agenda, before the meeting begins and while nothing was written about it."""
    with transaction.atomic():
        locked(item.meeting, State.PLANNED)
        item.refresh_from_db()
        if item.minutes:
            raise Refused("Something is written about this point already: it stays.")
        item.delete()


def write_minutes(*, item: AgendaItem, text: str, version: int, by: User | None, at: datetime) -> AgendaItem:
    """What was said about one point: while the meeting is in session, and after it until its minutes are approved."""
    with transaction.atomic():
        live = locked(item.meeting, State.IN_SESSION, State.HELD)
        _not_approved(live)
        changed = AgendaItem.objects.filter(pk=item.pk, version=version).update(
            minutes=text.strip(), version=version + 1
        )
        item.refresh_from_db()
        if not changed:
            raise Conflict(
                f"Somebody wrote about this point meanwhile: “{item.minutes[:200]}”. Your own text is still here.",
                code="changed",
            )
    return item


def mark(*, meeting: Meeting, person: User, presence: str, by: User | None, at: datetime) -> Attendance:
    """Who is there, by call, apologised or absent: while the meeting is in session, or after it until approved."""
    if presence not in Attendance.Presence.values:
        raise Refused("Present, by call, apologies or absent.", field="presence")
    with transaction.atomic():
        live = locked(meeting, State.PLANNED, State.IN_SESSION, State.HELD)
        _not_approved(live)
        here = presence in (Attendance.Presence.PRESENT, Attendance.Presence.REMOTE)
        if live.state == State.PLANNED and here:
            raise Refused("The meeting has not begun: nobody is present yet.", field="presence")
        seat = Seat.objects.filter(
            body_id=live.body_id, person=person, term__contains=selectors.local_day(live)
        ).first()
        found, _ = Attendance.objects.update_or_create(
            meeting=live,
            person=person,
            defaults={"program_id": live.program_id, "seat": seat, "presence": presence},
        )
        if live.state == State.HELD:
            quorum = selectors.quorum(live)
            Meeting.objects.filter(pk=live.pk).update(present_seats=quorum.present, version=F("version") + 1)
    return found


def approve_minutes(*, meeting: Meeting, sitting: Meeting, by: User | None, at: datetime) -> Meeting:
    """The body approves the minutes of a former meeting, in a later one that is in session and has its quorum.

    From here on the database refuses every change of them. Raises Refused where that is not so, in words.
    """
    with transaction.atomic():
        later = locked(sitting, State.IN_SESSION)
        former = locked(meeting, State.HELD)
        _not_approved(former)
        name = f"{former.body.code}-{former.number}"
        if former.body_id != later.body_id or former.starts_at >= later.starts_at:
            raise Refused(f"The minutes of {name} are approved by the same body, in a later meeting.")
        if not AgendaItem.objects.filter(meeting=later, minutes_of=former).exists():
            raise Refused(f"The minutes of {name} are not on this agenda.")
        quorum = selectors.quorum(later)
        if not quorum.met:
            raise Refused(
                f"Only {quorum.present} of the {quorum.needed} voting seats that make a quorum are present."
            )
        former.minutes_approved_at, former.minutes_approved_in = at, later
        former.version += 1
        former.save(update_fields=["minutes_approved_at", "minutes_approved_in", "version"])
    return former


def _not_approved(meeting: Meeting) -> None:
    if meeting.minutes_approved_at is not None:
        raise Conflict(f"The minutes of {meeting.body.code}-{meeting.number} are approved: they stand.")
