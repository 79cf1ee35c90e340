"""What happens to bodies and seats.

A vote has two keys: a seat, given here, and a voting role, given by the administrator.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from governance.bodies import selectors
from governance.bodies.models import Body, Seat
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused

MOST_PROXIES = 5
"""Proxies that one person may carry, whatever a body's rules say: a vote by one is not a vote of many."""


def require_present() -> None:
    """Refuse API tokens: who decides is settled by a person (decisions.md 12)."""
    if current_access().by_token:
        raise NotAllowed("This needs a person present: an API token cannot do it.", code="person-needed")


def create_body(
    *,
    program: Any,
    code: str,
    name: str,
    kind: str,
    voting_rule: str,
    by: User | None,
    at: datetime,
    quorum_seats: int | None = None,
    quorum_fraction: tuple[int, int] | None = None,
    charter: str = "",
    recusal_lowers_quorum: bool = False,
    closes_when_complete: bool = False,
    vote_days: int = 7,
    members_stand_in: bool = False,
    proxies_per_person: int = 0,
) -> Body:
    """Found a body. Quorum is a number of voting seats or a fraction (numerator, denominator), exactly one of them."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, program.pk)
    if (quorum_seats is None) == (quorum_fraction is None):
        raise Refused("Give the quorum as a number of seats or as a fraction of them.", field="quorum_seats")
    numerator, denominator = quorum_fraction or (None, None)
    with transaction.atomic():
        body: Body = Body.objects.create(
            program=program,
            code=code,
            name=name,
            kind=kind,
            charter=charter,
            voting_rule=voting_rule,
            quorum_seats=quorum_seats,
            quorum_numerator=numerator,
            quorum_denominator=denominator,
            recusal_lowers_quorum=recusal_lowers_quorum,
            closes_when_complete=closes_when_complete,
            vote_days=vote_days,
            members_stand_in=members_stand_in,
            proxies_per_person=proxies_per_person,
        )
    return body


def change_rules(
    *,
    body: Body,
    members_stand_in: bool,
    proxies_per_person: int,
    silence: str,
    version: int,
    by: User | None,
    at: datetime,
) -> Body:
    """Change who may act for a seat, and what silence counts as ("", "consent", "abstain").

    Ballots already open keep the rules that they froze.
    """
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, body.program_id)
    if not 0 <= proxies_per_person <= MOST_PROXIES:
        raise Refused(f"From none to {MOST_PROXIES} proxies for a person.", field="proxies_per_person")
    if silence not in Body.Silence.values:
        raise Refused("Silence counts as nothing, consent or abstention.", field="silence")
    with transaction.atomic():
        changed = Body.objects.filter(pk=body.pk, version=version).update(
            members_stand_in=members_stand_in,
            proxies_per_person=proxies_per_person,
            silence=silence,
            version=version + 1,
        )
        if not changed:
            raise Conflict(f"Somebody changed {body.name} meanwhile. Please look again.", code="changed")
    body.refresh_from_db()
    return body


def seat_person(
    *,
    body: Body,
    person: User,
    role: str,
    voting: bool,
    valid_from: date,
    by: User | None,
    at: datetime,
    valid_to: date | None = None,
    title: str = "",
) -> Seat:
    """Give a person a seat from a day to (not including) a day. Voting needs a voting role in the program."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, body.program_id)
    if valid_to is not None and valid_to <= valid_from:
        raise Refused("The term ends before it begins.", field="valid_to")
    with transaction.atomic():
        # The parent first: overlapping inserts on an exclusion constraint would otherwise deadlock.
        Body.objects.select_for_update().get(pk=body.pk)
        if voting and not selectors.holds_a_vote(body.program_id, person, max(valid_from, at.date())):
            raise Refused(
                f"{person.name} has no voting role in this program: an administrator gives it first.",
                field="person",
            )
        seat: Seat = Seat.objects.create(
            program_id=body.program_id,
            body=body,
            person=person,
            role=role,
            voting=voting,
            title=title,
            term=DateRange(valid_from, valid_to),
        )
    return seat


def end_seat(*, seat: Seat, last_day: date, version: int, by: User | None, at: datetime) -> Seat:
    """End a term after its last day. Ballots already open keep the electorate they froze."""
    require_present()
    current_access().require(Permission.EDIT_PROGRAM, seat.program_id)
    after = date.fromordinal(last_day.toordinal() + 1)
    if after <= seat.term.lower:
        raise Refused("The term would end before it began.", field="last_day")
    with transaction.atomic():
        changed = Seat.objects.filter(pk=seat.pk, version=version).update(
            term=DateRange(seat.term.lower, after), version=version + 1
        )
        if not changed:
            raise Conflict("Somebody changed this seat meanwhile. Please look again.")
    seat.refresh_from_db()
    return seat
