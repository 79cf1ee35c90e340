"""What happens to meetings and their series: called, assembled, opened, closed, moved, cancelled.

The secretary's right (`KEEP_MEETINGS`) is asked for everywhere; what was said is kept in `minutes`, promises in
`actions`. Locks are taken in one order: body, then meeting, then its items.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from governance.bodies.models import Body
from governance.meetings import selectors
from governance.meetings.agenda import assemble
from governance.meetings.models import AgendaItem, Meeting, MeetingSeries
from governance.meetings.recurrence import days
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused

State = Meeting.State
FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)


def create_series(
    *, program: Any, body: Body, by: User | None, at: datetime, starts_on: date, **rule: Any
) -> MeetingSeries:
    """Say when a body meets.

    `rule`: title, every, weekday (0 is Monday), nth, at_time (HH:MM on the program's clock), minutes, place, ends_on.
    """
    current_access().require(Permission.KEEP_MEETINGS, program.pk)
    ends_on = rule.get("ends_on")
    if not FIRST <= starts_on <= LAST or (ends_on is not None and not FIRST <= ends_on <= LAST):
        raise Refused("A series lies between 1900 and 2199.", field="starts_on")
    if ends_on is not None and ends_on < starts_on:
        raise Refused("The series ends before it begins.", field="ends_on")
    series = MeetingSeries(program=program, body=body, starts_on=starts_on, **rule)
    _valid(series)
    if (
        next(days(selectors.rule_of(series), starts_on, ends_on or starts_on + timedelta(days=62)), None)
        is None
    ):
        raise Refused("No day of the series falls between its first and its last day.", field="ends_on")
    with transaction.atomic():
        series.save()
    return series


def end_series(
    *, series: MeetingSeries, last_day: date, version: int, by: User | None, at: datetime
) -> MeetingSeries:
    """Let a series end after its last day. Meetings already called stay as they are."""
    current_access().require(Permission.KEEP_MEETINGS, series.program_id)
    if last_day < series.starts_on:
        raise Refused("The series would end before it began.", field="last_day")
    changed = MeetingSeries.objects.filter(pk=series.pk, version=version).update(
        ends_on=last_day, version=version + 1
    )
    if not changed:
        raise Conflict("Somebody changed this series meanwhile. Please look again.", code="changed")
    series.refresh_from_db()
    return series


def call_meeting(
    *,
    program: Any,
    body: Body,
    starts_at: datetime,
    minutes: int,
    by: User | None,
    at: datetime,
    place: str = "",
    series: MeetingSeries | None = None,
    series_day: date | None = None,
) -> Meeting:
    """Call a meeting and assemble its agenda. Of a series: for one of its days, once.

    `minutes` is how long it is planned to take. Raises Refused for a day that the series does not fall on, Conflict
    where it was called already.
    """
    current_access().require(Permission.KEEP_MEETINGS, program.pk)
    if not 5 <= minutes <= 1440:
        raise Refused("A meeting takes 5 minutes to a day.", field="minutes")
    with transaction.atomic():
        Body.objects.select_for_update().get(pk=body.pk)  # its meetings are numbered one after the other
        if series is not None:
            _on_its_day(series, series_day)
        last = Meeting.objects.filter(body=body).aggregate(top=Max("number"))["top"] or 0
        meeting: Meeting = Meeting.objects.create(
            program=program,
            body=body,
            series=series,
            series_day=series_day,
            number=last + 1,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=minutes),
            place=place,
        )
        assemble(meeting)
    return meeting


def _on_its_day(series: MeetingSeries, day: date | None) -> None:
    if day is None or next(days(selectors.rule_of(series), day, day), None) is None:
        raise Refused("The series does not fall on that day.", field="series_day")
    if Meeting.objects.filter(series=series, series_day=day).exists():
        raise Conflict("Somebody called this meeting already.")


def refresh_agenda(*, meeting: Meeting, by: User | None, at: datetime) -> list[AgendaItem]:
    """Add what came up since the agenda was assembled; nothing that is there is touched."""
    with transaction.atomic():
        live = locked(meeting, State.PLANNED, State.IN_SESSION)
        return assemble(live)


def move_meeting(
    *,
    meeting: Meeting,
    starts_at: datetime,
    minutes: int,
    place: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Meeting:
    """Another time or place for a meeting that has not begun."""
    if not 5 <= minutes <= 1440:
        raise Refused("A meeting takes 5 minutes to a day.", field="minutes")
    with transaction.atomic():
        live = locked(meeting, State.PLANNED)
        if live.version != version:
            raise Conflict("Somebody changed this meeting after you opened it.", code="changed")
        live.starts_at, live.ends_at = starts_at, starts_at + timedelta(minutes=minutes)
        live.place = place
        return _saved(live, "starts_at", "ends_at", "place")


def cancel_meeting(*, meeting: Meeting, reason: str, by: User | None, at: datetime) -> Meeting:
    """Call off a meeting that has not begun, with the reason."""
    if not reason.strip():
        raise Refused("Say why it is called off.", field="reason")
    with transaction.atomic():
        live = locked(meeting, State.PLANNED)
        live.state, live.cancelled_reason = State.CANCELLED, reason.strip()[:400]
        return _saved(live, "state", "cancelled_reason")


def open_meeting(*, meeting: Meeting, by: User | None, at: datetime) -> Meeting:
    """The meeting begins."""
    with transaction.atomic():
        live = locked(meeting, State.PLANNED)
        live.state, live.opened_at = State.IN_SESSION, at
        return _saved(live, "state", "opened_at")


def close_meeting(*, meeting: Meeting, by: User | None, at: datetime) -> Meeting:
    """The meeting ends; how many voting seats were there and how many its quorum needed is kept with it.

    Raises Refused while nobody is marked as present.
    """
    with transaction.atomic():
        live = locked(meeting, State.IN_SESSION)
        quorum = selectors.quorum(live)
        if not quorum.people:
            raise Refused("Nobody is marked as present yet: who was there belongs to the minutes.")
        live.state, live.closed_at = State.HELD, at
        live.present_seats, live.quorum_seats = quorum.present, quorum.needed
        return _saved(live, "state", "closed_at", "present_seats", "quorum_seats")


def locked(meeting: Meeting, *states: str) -> Meeting:
    """The meeting, held until the end of the transaction, in one of these states; asks for the secretary's right.

    Raises Conflict in words for any other state.
    """
    current_access().require(Permission.KEEP_MEETINGS, meeting.program_id)
    live: Meeting = (
        Meeting.objects.select_for_update(of=("self",)).select_related("body", "program").get(pk=meeting.pk)
    )
    if live.state not in states:
        raise Conflict(f"{live.body.code}-{live.number} is {live.get_state_display().lower()}.")
    return live


def _saved(meeting: Meeting, *fields: str) -> Meeting:
    meeting.version += 1
    meeting.save(update_fields=[*fields, "version"])
    return meeting


def _valid(row: Any) -> None:
    try:
        row.full_clean(validate_constraints=False, validate_unique=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
