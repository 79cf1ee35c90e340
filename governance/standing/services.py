"""Naming who votes for a seat when its holder cannot, and saying when that is.

An alternate is named by who keeps the body, never by the alternate; an absence is declared by the holder or by the
body's secretary, never by the alternate. It gives a vote to one person and takes it from nobody: the first vote of
the two is the seat's.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from governance.bodies.models import Body, Seat
from governance.bodies.selectors import holds_a_vote
from governance.bodies.services import require_present
from governance.bodies.standing_models import Absence, Alternate
from governance.decisions import mailing
from governance.decisions.opening import local_day
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused

LONGEST_ABSENCE = timedelta(days=366)


def name_alternate(
    *,
    seat: Seat,
    person: User,
    valid_from: date,
    by: User | None,
    at: datetime,
    valid_to: date | None = None,
) -> Alternate:
    """Name who votes for a seat while its holder is absent, from a day to (not including) a day.

    Holds for ballots that open from then on: an open one keeps the electorate it froze. Raises Refused for a person
    without a voting role, with a vote of their own in the body (unless its rules allow that), or named there already.
    """
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, seat.program_id)
    if by is not None and by.pk == person.pk:
        raise NotAllowed("Nobody makes themselves an alternate.")
    if valid_to is not None and valid_to <= valid_from:
        raise Refused("The term ends before it begins.", field="valid_to")
    with transaction.atomic():
        Body.objects.select_for_update().get(pk=seat.body_id)  # as seats are given: one at a time in a body
        if not holds_a_vote(seat.program_id, person, max(valid_from, at.date())):
            raise Refused(
                f"{person.name} has no voting role in this program: an administrator gives it first.",
                field="person",
            )
        made: Alternate = Alternate.objects.create(
            program_id=seat.program_id,
            body_id=seat.body_id,
            seat=seat,
            person=person,
            term=DateRange(valid_from, valid_to),
            named_by=by,
            named_at=at,
        )
    return made


def end_alternate(
    *, alternate: Alternate, last_day: date, version: int, by: User | None, at: datetime
) -> Alternate:
    """End it after a last day. Ballots already open keep the electorate they froze."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, alternate.program_id)
    term = alternate.term
    after = last_day + timedelta(days=1) if last_day < date.max else last_day
    if after <= term.lower:
        raise Refused("The term would end before it began.", field="last_day")
    if term.upper is not None and after > term.upper:
        raise Refused("A term is made shorter here, never longer.", field="last_day")
    with transaction.atomic():
        changed = Alternate.objects.filter(pk=alternate.pk, version=version).update(
            term=DateRange(term.lower, after), version=version + 1
        )
        if not changed:
            raise Conflict("Somebody changed this alternate meanwhile. Please look again.", code="changed")
    alternate.refresh_from_db()
    return alternate


def may_declare(seat: Seat, person: User | AnonymousUser | None, on: date) -> bool:
    """The holder, and who sits in the body as its secretary on that day."""
    if person is None or not person.is_authenticated:
        return False
    return (
        person.pk == seat.person_id
        or Seat.objects.filter(
            body_id=seat.body_id, person=person, role=Seat.Role.SECRETARY, term__contains=on
        ).exists()
    )


def declare_absence(
    *, seat: Seat, first_day: date, last_day: date, reason: str, by: User | None, at: datetime
) -> Absence:
    """Say that a seat's holder is away from a day to a last day: the alternate may then vote.

    Open ballots in those days that wait for the seat are mailed to its alternate; the holder is mailed where
    somebody else declared it. Raises Refused for days that are over or more than a year.
    """
    require_present()
    current_access().require(Permission.VIEW_PROGRAM, seat.program_id)
    today = local_day(seat.program_id, at)
    if by is None or not may_declare(seat, by, today):
        raise NotAllowed("An absence is declared by who holds the seat, or by the secretary of its body.")
    if not reason.strip():
        raise Refused("Say why, in a word: everybody in the program reads it.", field="reason")
    if last_day < first_day:
        raise Refused("The absence ends before it begins.", field="last_day")
    if last_day < today:
        raise Refused("Those days are over: an absence gives a vote from now on.", field="last_day")
    if last_day - first_day >= LONGEST_ABSENCE or last_day - today >= LONGEST_ABSENCE:
        raise Refused("An absence is at most a year long. For longer, end the seat.", field="last_day")
    with transaction.atomic():
        live = Seat.objects.select_for_update(of=("self",)).select_related("body", "person").get(pk=seat.pk)
        if not live.voting:
            raise Refused("This seat has no vote: nobody needs to stand in for it.")
        if live.term.upper is not None and first_day >= live.term.upper:
            raise Refused("The seat's term is over by then.", field="first_day")
        made: Absence = Absence.objects.create(
            program_id=live.program_id,
            seat=live,
            term=DateRange(first_day, last_day + timedelta(days=1)),
            reason=" ".join(reason.split()),
            declared_by=by,
            declared_at=at,
        )
        mailing.tell_alternates_of(live, by)
        if by.pk != live.person_id:
            mailing.tell_absent(made, by)
    made.refresh_from_db()
    return made


def end_absence(*, absence: Absence, version: int, by: User | None, at: datetime) -> Absence:
    """End an absence now: the holder, who declared it, or the body's secretary. What the alternate voted stands."""
    require_present()
    current_access().require(Permission.VIEW_PROGRAM, absence.program_id)
    today = local_day(absence.program_id, at)
    if by is None or not (by.pk == absence.declared_by_id or may_declare(absence.seat, by, today)):
        raise NotAllowed(
            "An absence is ended by who holds the seat, who declared it, or the secretary of the body."
        )
    with transaction.atomic():
        live: Absence = Absence.objects.select_for_update(of=("self",)).get(pk=absence.pk)
        if live.ended_at is not None:
            raise Conflict("This absence is ended already.")
        if live.version != version:
            raise Conflict("Somebody changed this absence meanwhile. Please look again.", code="changed")
        Absence.objects.filter(pk=live.pk).update(ended_by=by, ended_at=at, version=version + 1)
    absence.refresh_from_db()
    return absence
