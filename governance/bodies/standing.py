"""Reads of who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Now

from governance.bodies.models import Seat
from governance.bodies.selectors import VOTING_ROLES
from governance.bodies.standing_models import Absence, Alternate, Proxy
from pmo import formats
from pmo.accounts.models import Membership


def alternates_on(body_id: int, on: date) -> dict[int, Alternate]:
    """The alternate of each seat of a body in term on that day, by the seat's id; persons fetched along."""
    rows = Alternate.objects.filter(body_id=body_id, term__contains=on).select_related("person")
    return {one.seat_id: one for one in rows}


def without_a_vote(program_id: int, persons: Iterable[int], on: date) -> set[int]:
    """Those of the persons to whom no membership in force on that day gives the right to vote, or whose account is off.

    As the database's `governance_may_vote` says it.
    """
    wanted = set(persons)
    if not wanted:
        return wanted
    have = Membership.objects.filter(
        program_id=program_id,
        user__in=wanted,
        user__is_active=True,
        role__in=VOTING_ROLES,
        valid_from__lte=on,
    ).filter(Q(valid_to=None) | Q(valid_to__gte=on))
    return wanted - set(have.values_list("user_id", flat=True))


def absent_now(alternate: Any = None) -> Case:
    """Of an elector: is the seat's holder away at this moment, so that the alternate may vote? The database's word."""
    away = Func(
        F("seat_id"),
        F("alternate_id") if alternate is None else Value(alternate),
        Now(),
        function="governance_absent",
        output_field=BooleanField(),
    )
    return Case(When(alternate__isnull=False, then=away), default=Value(False))


def proxy_now(*, counts: bool = True) -> Func:
    """Of an elector: who may vote by the seat's proxy on its decision at this moment (a person's id, or None).

    `counts=False`: to whom it was given, though who gave it may have no right to vote any more.
    """
    word = "governance_proxy_held" if counts else "governance_proxy_of"
    return Func(F("seat_id"), F("decision_id"), Now(), function=word, output_field=BigIntegerField())


def giver_votes_now() -> Func:
    """Of a proxy: could who gave it vote at this moment? The database's word; without it the proxy does not count."""
    return Func(
        F("given_by_id"), F("program_id"), Now(), function="governance_votes_at", output_field=BooleanField()
    )


def of_seats(program_id: int) -> tuple[dict[int, list[Alternate]], dict[int, list[Absence]]]:
    """Every alternate and every absence that was not ended, by seat; persons fetched along."""
    alternates: dict[int, list[Alternate]] = {}
    for one in (
        Alternate.objects.filter(program_id=program_id).select_related("person").order_by("term", "pk")
    ):
        alternates.setdefault(one.seat_id, []).append(one)
    absences: dict[int, list[Absence]] = {}
    for away in Absence.objects.filter(program_id=program_id, ended_at=None).order_by("term", "pk"):
        absences.setdefault(away.seat_id, []).append(away)
    return alternates, absences


def in_words(program_id: int, on: date) -> dict[int, str]:
    """Of each seat with an alternate or an absence on that day: who stands in, and until when the holder is away."""
    alternates, absences = of_seats(program_id)
    said: dict[int, list[str]] = {}
    for seat, ones in absences.items():
        for away in ones:
            if on in away.term:
                last = away.term.upper - timedelta(days=1)
                said.setdefault(seat, []).append(f"absent until {formats.day(last)}")
    for seat, named in alternates.items():
        for one in named:
            if on in one.term:
                said.setdefault(seat, []).append(f"alternate {one.person.name}")
    return {seat: ", ".join(words) for seat, words in said.items()}


def proxies_of(seat: Seat) -> QuerySet[Proxy]:
    """All proxies that were ever given for a seat, the latest first."""
    rows = Proxy.objects.filter(seat=seat).annotate(giver_votes=giver_votes_now())
    return rows.select_related("person", "decision").order_by("-given_at", "-pk")


def history(seat: Seat) -> tuple[QuerySet[Alternate], QuerySet[Absence]]:
    """All that was ever named and declared for a seat, the latest first."""
    return (
        Alternate.objects.filter(seat=seat).select_related("person", "named_by").order_by("-term", "-pk"),
        Absence.objects.filter(seat=seat).select_related("declared_by", "ended_by").order_by("-term", "-pk"),
    )
