"""What a ballot needs before it can open: its number, its day, and exactly what the voters will be shown."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Max

from governance.bodies.models import Body
from governance.consequences.measures import stamp
from governance.decisions.facts import Facts
from governance.decisions.figures import figures_for
from governance.decisions.models import Decision
from pmo import formats
from pmo.accounts.models import User
from pmo.refusals import NotAllowed, Refused
from pmo.zones import zone
from programs.portfolio.models import Program

LONGEST_BALLOT = timedelta(days=60)
ELECTOR = ("seat", "person", "role", "voting", "recused", "reason", "alternate", "barred", "without_vote")


def next_number(program_id: int) -> int:
    """D-1, D-2 ... in the program; the advisory lock keeps two proposals from taking the same number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_advisory_xact_lock(hashtext('governance.decision.number'), %s::int)", [program_id]
        )
    return (Decision.objects.filter(program_id=program_id).aggregate(top=Max("number"))["top"] or 0) + 1


def local_day(program_id: int, at: datetime) -> date:
    """The day in the program's own zone: terms and rules hold by whole days."""
    name = Program.objects.values_list("time_zone", flat=True).get(pk=program_id)
    return at.astimezone(zone(name)).date()


def frozen(
    draft: Decision,
    facts: Facts,
    rows: list[dict[str, Any]],
    quorum: int,
    closes: datetime,
    at: datetime,
    silence: dict[str, Any],
) -> dict[str, Any]:
    """Exactly what the voters are shown, in plain values; its canonical bytes are the ballot's digest."""
    return {
        "decision": draft.code,
        "program": draft.program_id,
        "subject_kind": draft.subject_kind,
        "subject": draft.subject_id,
        "title": facts.title,
        "revision_sha256": facts.digest,
        "amount_minor": facts.amount_minor,
        "exposure_minor": facts.exposure_minor,
        "currency": facts.currency,
        "question": draft.question,
        "recommendation": draft.recommendation,
        "body": draft.body.code,
        "rule": draft.rule.code,
        "voting_rule": draft.body.voting_rule,
        "quorum": quorum,
        "closes_at": stamp(closes),
        "requested_by": draft.requested_by_id,
        # Persons by their number: a name may have to be erased one day, the chain may not.
        "electorate": [
            {
                key: row[key]
                for key in ELECTOR
                if key in row and (silence or key != "without_vote")  # a plain seat is written as ever
            }
            for row in rows
        ],
        **({"proxies": draft.body.proxies_per_person} if draft.body.proxies_per_person else {}),
        **silence,
        **figures_for(facts, draft.rule, at),
    }


def silence_for(draft: Decision) -> str:
    """What silence counts as if this draft opens now: "consent", "abstain", or "" (nothing).

    What the body's rules say, where they said so before it was proposed and ever since; the database's word, from the
    history that it keeps. One cannot consent to none of several options by silence.
    """
    if not draft.body.silence:
        return ""
    with connection.cursor() as cursor:
        cursor.execute("select governance_silence_for(%s)", [draft.pk])
        return str(cursor.fetchone()[0])


def silence_days(body: Body) -> int:
    """The whole days for which a ballot of this body stays open at least where silence counts."""
    return min(LONGEST_BALLOT.days, max(1, body.vote_days))


def on_silence(
    draft: Decision, *, closes: datetime, by: User | None, at: datetime, auth_at: datetime | None
) -> dict[str, Any]:
    """What the ballot freezes about silence; {} where it counts for nothing. Money may move because nobody spoke:
    such a ballot has its time, and is opened by a person who has just signed in and did not ask for the subject.
    (The database's `governance_silence_guard` says the same.)"""
    silence = silence_for(draft)
    if not silence:
        return {}
    if by is None or by.pk == draft.requested_by_id:
        raise NotAllowed("Who requested it does not open a ballot on which silence counts.", code="requester")
    if auth_at is None:
        raise NotAllowed(
            "Only who has just proved to be the person opens a ballot on which silence counts.",
            code="not-fresh",
        )
    days = silence_days(draft.body)
    if closes < at + timedelta(days=days):
        raise Refused(
            f"Silence counts on this ballot: it stays open for at least {formats.counted(days, 'day', 'days')}, "
            "of 24 hours each.",
            field="closes_at",
        )
    return {"silence": silence, "silence_days": days, "opened_auth_at": stamp(auth_at)}
