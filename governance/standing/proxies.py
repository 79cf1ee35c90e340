"""Proxies: a member lets another voting member vote for the own seat, where the body's rules know proxies."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from governance.bodies.models import Seat
from governance.bodies.services import require_present
from governance.bodies.standing_models import Proxy
from governance.decisions.models import Decision, Vote
from governance.decisions.opening import local_day
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused

LONGEST = timedelta(days=366)


def give(
    *,
    seat: Seat,
    person: User,
    by: User | None,
    at: datetime,
    decision: Decision | None = None,
    until: date | None = None,
) -> Proxy:
    """Let `person`, who has a voting seat in the same body, vote for one's own seat: on one decision, or until a day.

    What is given for one decision goes before what is given until a day. The first vote is the seat's, the giver's
    own included. It never counts on what the giver or its holder is recused from, and is never passed on.
    """
    require_present()
    current_access().require(Permission.VOTE, seat.program_id)
    if by is None or by.pk != seat.person_id:
        raise NotAllowed("Only who holds a seat gives a proxy for it.")
    if (decision is None) == (until is None):
        raise Refused("A proxy is for one decision, or until a day.", field="until")
    today = local_day(seat.program_id, at)
    if until is not None and not today <= until < today + LONGEST:
        raise Refused("Until a day from today on, within a year.", field="until")
    with transaction.atomic():
        live = Seat.objects.select_related("body").get(pk=seat.pk)
        if not live.body.proxies_per_person:
            raise Refused(f"The rules of {live.body.name} know no proxies.")
        if not Seat.objects.filter(body=live.body, person=person, voting=True, term__contains=today).exists():
            raise Refused("A proxy is given to who has a vote in the same body today.", field="person")
        made: Proxy = Proxy.objects.create(
            program_id=live.program_id,
            seat=live,
            person=person,
            decision=decision,
            term=None if until is None else DateRange(today, until + timedelta(days=1)),
            given_by=by,
            given_at=at,
        )
    made.refresh_from_db()
    return made


def withdraw(*, proxy: Proxy, version: int, by: User | None, at: datetime) -> Proxy:
    """Take a proxy back: who gave it, until it was used. One until a day ends for the ballots that are left."""
    require_present()
    current_access().require(Permission.VIEW_PROGRAM, proxy.program_id)
    if by is None or by.pk != proxy.given_by_id:
        raise NotAllowed("Only who gave a proxy takes it back.")
    with transaction.atomic():
        live: Proxy = Proxy.objects.select_for_update(of=("self",)).get(pk=proxy.pk)
        if live.withdrawn_at is not None:
            raise Conflict("This proxy is taken back already.")
        if live.version != version:
            raise Conflict("Somebody changed this proxy meanwhile. Please look again.", code="changed")
        if live.decision_id is not None and used(live):
            raise Refused("This proxy was used: the vote stands.")
        Proxy.objects.filter(pk=live.pk).update(withdrawn_at=at, version=version + 1)
    proxy.refresh_from_db()
    return proxy


def used(proxy: Proxy) -> bool:
    """Did its holder vote for the seat by proxy (on its decision)?"""
    votes = Vote.objects.filter(
        elector__seat=proxy.seat_id, cast_by=proxy.person_id, capacity=Vote.Capacity.PROXY
    )
    return votes.filter(decision=proxy.decision_id).exists()
