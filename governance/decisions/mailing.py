"""Mails of ballots: who may vote is told when a ballot opens, with a link to its page. Nothing is done by the mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from governance.bodies.models import Seat
from governance.bodies.standing_models import Absence
from governance.decisions.models import Decision, Elector
from governance.decisions.opening import local_day
from pmo import formats
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.mails import post
from pmo.reports.renderers.mail import inlined
from pmo.zones import zone


def key_of(decision: Decision, elector: Elector) -> str:
    """The outbox row of one elector's mail about one ballot."""
    return f"ballot:{decision.pk}:elector:{elector.pk}"


def tell_electors(decision: Decision, by: User | None) -> int:
    """Write one mail to each elector with a vote who is not recused (the ballot is open), and to the alternates of
    those who are away while it is; how many."""
    electors = Elector.objects.filter(decision=decision, voting=True, recused=False).select_related("person")
    count = 0
    for elector in electors:
        _tell(decision, elector.person, key_of(decision, elector), by)
        count += 1
    return count + tell_alternates(decision, by)


def tell_alternates(decision: Decision, by: User | None, seat: Seat | None = None) -> int:
    """The same to the alternates who may vote while it is open (of one seat), for seats that have not voted; how many.

    One mail to each about each ballot: a second absence in its time writes no second one.
    """
    waiting = Elector.objects.filter(
        decision=decision, voting=True, recused=False, alternate__isnull=False, alternate_barred="", vote=None
    ).select_related("person", "alternate")
    if seat is not None:
        waiting = waiting.filter(seat=seat)
    electors = {one.seat_id: one for one in waiting}
    if not electors:
        return 0
    days = DateRange(
        local_day(decision.program_id, timezone.now()),
        local_day(decision.program_id, decision.closes_at or timezone.now()) + timedelta(days=1),
    )
    told = set()
    for away in Absence.objects.filter(seat__in=electors, ended_at=None, term__overlap=days).order_by("term"):
        elector = electors[away.seat_id]
        alternate = elector.alternate
        if alternate is None or away.declared_by_id == alternate.pk or elector.pk in told:
            continue
        told.add(elector.pk)
        _tell(
            decision,
            alternate,
            f"{key_of(decision, elector)}:alternate:{alternate.pk}",
            by,
            stands_in_for=elector.person.name,
            away=words_of(away),
        )
    return len(told)


def tell_alternates_of(seat: Seat, by: User | None) -> None:
    """An absence was declared: the seat's alternate is told of the ballots that wait for it."""
    waiting = Elector.objects.filter(seat=seat, vote=None).values("decision")
    live = Decision.objects.filter(
        pk__in=waiting, program_id=seat.program_id, state=Decision.State.OPEN, closes_at__gt=Now()
    )
    for decision in live.select_related("body", "program").order_by("pk"):
        tell_alternates(decision, by, seat)


def tell_absent(absence: Absence, by: User) -> None:
    """Somebody else said that the holder is away: the holder hears of it, and how it is ended."""
    seat = absence.seat
    code = seat.program.code
    context = {
        "recipient": seat.person.name,
        "by": by.name,
        "body": seat.body.name,
        "away": words_of(absence),
        "reason": absence.reason,
        "url": urljoin(settings.SITE_URL, reverse("governance:seat", kwargs={"code": code, "pk": seat.pk})),
    }
    post(
        key=f"absence:{absence.pk}",
        program_id=absence.program_id,
        recipient=seat.person,
        subject=f"You were declared absent from {seat.body.name}",
        text=render_to_string("emails/absence.txt", context),
        html=inlined(render_to_string("emails/absence.html", context)),
        actor=by,
    )


def words_of(absence: Absence) -> str:
    """The days of an absence, both included."""
    first, last = absence.term.lower, absence.term.upper - timedelta(days=1)
    if first == last:
        return f"on {formats.day(first)}"
    return f"from {formats.day(first)} to {formats.day(last)}"


def _tell(decision: Decision, person: User, key: str, by: User | None, **more: Any) -> None:
    url = urljoin(
        settings.SITE_URL,
        reverse("governance:decision", kwargs={"code": decision.program.code, "number": decision.number}),
    )
    context = {
        "decision": decision,
        "recipient": person.name,
        "opened_by": decision.opened_by.name if decision.opened_by else "The office",
        "amount": formats.money_exact(decision.amount_minor, decision.currency)
        if decision.amount_minor
        else "",
        "closes": f"{formats.moment(decision.closes_at, zone(person.time_zone))} ({person.time_zone})",
        "digest": decision.figures_sha256[:16],
        "silence": {"consent": "consent", "abstain": "an abstention"}.get(
            decision.figures.get("silence", "")
        ),
        "url": f"{url}#votes",
        **more,
    }
    post(
        key=key,
        program_id=decision.program_id,
        recipient=person,
        subject=f"Your vote: {decision.code} {decision.title}",
        text=render_to_string("emails/ballot.txt", context),
        html=inlined(render_to_string("emails/ballot.html", context)),
        permission=Permission.VOTE,
        actor=by,
    )
