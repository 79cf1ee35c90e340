"""Mails of ballots: who may vote is told when a ballot opens, with a link to its page. Nothing is done by the mail."""

from __future__ import annotations

from urllib.parse import urljoin

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from governance.decisions.models import Decision, Elector
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
    """Write one mail to each elector with a vote who is not recused (the ballot is open); how many."""
    electors = Elector.objects.filter(decision=decision, voting=True, recused=False).select_related("person")
    url = urljoin(
        settings.SITE_URL,
        reverse("governance:decision", kwargs={"code": decision.program.code, "number": decision.number}),
    )
    count = 0
    for elector in electors:
        person = elector.person
        context = {
            "decision": decision,
            "recipient": person.name,
            "opened_by": by.name if by else "The office",
            "amount": formats.money_exact(decision.amount_minor, decision.currency)
            if decision.amount_minor
            else "",
            "closes": f"{formats.moment(decision.closes_at, zone(person.time_zone))} ({person.time_zone})",
            "digest": decision.figures_sha256[:16],
            "url": f"{url}#votes",
        }
        post(
            key=key_of(decision, elector),
            program_id=decision.program_id,
            recipient=person,
            subject=f"Your vote: {decision.code} {decision.title}",
            text=render_to_string("emails/ballot.txt", context),
            html=inlined(render_to_string("emails/ballot.html", context)),
            permission=Permission.VOTE,
            actor=by,
        )
        count += 1
    return count
