"""Reads of meetings: what comes, one meeting with its quorum, what was promised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, cast

from django.db.models import Count, Q, QuerySet

from governance.bodies.models import Body, Seat
from governance.bodies.selectors import seats_on
from governance.decisions.tally import quorum_of
from governance.meetings import recurrence
from governance.meetings.models import ActionItem, AgendaItem, Attendance, Meeting, MeetingSeries
from pmo.zones import zone
from programs.portfolio.models import Program

AHEAD = timedelta(days=183)
HERE = (Attendance.Presence.PRESENT, Attendance.Presence.REMOTE)


@dataclass(frozen=True, slots=True)
class Quorum:
    """Voting seats in term on the meeting's day: how many there are, how many are present, how many are needed."""

    seats: int
    present: int
    needed: int
    people: int
    """Everybody who is present, with or without a vote."""

    @property
    def met(self) -> bool:
        return self.present >= self.needed


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A day of a series on which no meeting is called yet."""

    series: MeetingSeries
    day: date
    starts_at: datetime


def rule_of(series: MeetingSeries) -> recurrence.Rule:
    """The series as its recurrence."""
    return recurrence.Rule(
        every=cast(recurrence.Every, series.every),
        weekday=series.weekday,
        starts_on=series.starts_on,
        ends_on=series.ends_on,
        nth=series.nth,
    )


def local_day(meeting: Meeting) -> date:
    """The meeting's day on the program's clock: terms of seats hold by whole days."""
    return meeting.starts_at.astimezone(zone(meeting.program.time_zone)).date()


def quorum(meeting: Meeting) -> Quorum:
    """The quorum as attendance stands now."""
    here = set(
        Attendance.objects.filter(meeting=meeting, presence__in=HERE).values_list("person_id", flat=True)
    )
    return _quorum(meeting.body, seats_on(meeting.body_id, local_day(meeting)), here)


def _quorum(body: Body, seats: list[Seat], here: set[int]) -> Quorum:
    voting = [seat for seat in seats if seat.voting]
    fraction = (
        Fraction(body.quorum_numerator, body.quorum_denominator or 1)
        if body.quorum_numerator is not None
        else None
    )
    return Quorum(
        seats=len(voting),
        present=sum(seat.person_id in here for seat in voting),
        needed=quorum_of(len(voting), count=body.quorum_seats, fraction=fraction),
        people=len(here),
    )


def meetings(program_id: int) -> QuerySet[Meeting]:
    """The program's meetings with what a list shows of them, the latest first."""
    return (
        Meeting.objects.filter(program_id=program_id)
        .select_related("body", "program")
        .annotate(points=Count("items", distinct=True))
        .order_by("-starts_at", "-pk")
    )


def ahead(program: Program, now: datetime, until: timedelta = AHEAD) -> list[Occurrence]:
    """Days of series that are still to come and have no meeting yet, the next one first. Two statements."""
    local = zone(program.time_zone)
    today = now.astimezone(local).date()
    series = list(
        MeetingSeries.objects.filter(program=program)
        .filter(Q(ends_on=None) | Q(ends_on__gte=today))
        .select_related("body")
    )
    called = set(
        Meeting.objects.filter(series__in=series, series_day__gte=today).values_list(
            "series_id", "series_day"
        )
    )
    found = [
        Occurrence(one, day, recurrence.instant(day, one.at_time, local))
        for one in series
        for day in recurrence.days(rule_of(one), today, today + until)
        if (one.pk, day) not in called
    ]
    return sorted(found, key=lambda occurrence: (occurrence.starts_at, occurrence.series.pk))


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the attendance: somebody in the body that day (`seat`), or a guest who was marked."""

    pk: int
    name: str
    title: str
    voting: bool
    presence: str


@dataclass(frozen=True, slots=True)
class Room:
    """One meeting with everything its page shows."""

    items: list[AgendaItem]
    people: list[Person]
    quorum: Quorum
    actions: list[ActionItem]
    due: list[ActionItem]


def room(meeting: Meeting) -> Room:
    """Agenda, people, quorum and actions of a meeting, in five statements."""
    seats = seats_on(meeting.body_id, local_day(meeting))
    marks = list(Attendance.objects.filter(meeting=meeting).select_related("person"))
    presence = {mark.person_id: mark.presence for mark in marks}
    people = [
        Person(
            seat.person_id,
            seat.person.name,
            seat.title or seat.get_role_display(),
            seat.voting,
            presence.get(seat.person_id, ""),
        )
        for seat in seats
    ]
    seated = {person.pk for person in people}
    people += [
        Person(mark.person_id, mark.person.name, "guest", False, mark.presence)
        for mark in marks
        if mark.person_id not in seated
    ]
    here = {pk for pk, state in presence.items() if state in HERE}
    return Room(
        items=list(
            AgendaItem.objects.filter(meeting=meeting)
            .select_related("decision", "escalation", "minutes_of", "presenter")
            .defer("decision__figures", "decision__figures_canonical")
            .order_by("position")
        ),
        people=people,
        quorum=_quorum(meeting.body, seats, here),
        actions=list(actions(meeting.program_id).filter(meeting=meeting).order_by("number")),
        due=list(due_actions(meeting)),
    )


def actions(program_id: int) -> QuerySet[ActionItem]:
    """Action items with owner and origin."""
    return ActionItem.objects.filter(program_id=program_id).select_related(
        "owner", "meeting", "meeting__body"
    )


def due_actions(meeting: Meeting) -> QuerySet[ActionItem]:
    """Open items of this body's meetings and decisions that are due by the meeting's day, the oldest first."""
    return (
        actions(meeting.program_id)
        .filter(
            Q(meeting__body_id=meeting.body_id) | Q(decision__body_id=meeting.body_id),
            state=ActionItem.State.OPEN,
            due_on__lte=local_day(meeting),
        )
        .exclude(meeting=meeting)
        .order_by("due_on", "number")
    )


def mine(program_id: int, user: Any) -> QuerySet[ActionItem]:
    """One person's own open items."""
    return actions(program_id).filter(owner=user, state=ActionItem.State.OPEN).order_by("due_on", "number")
