"""What a ballot needs before it can open: its number, its day, and exactly what the voters will be shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max

from governance.bodies.models import Body
from governance.consequences.measures import stamp
from governance.decisions.facts import Facts
from governance.decisions.figures import figures_for
from governance.decisions.models import Decision
from pmo.zones import zone
from programs.portfolio.models import Program


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
    draft: Decision, facts: Facts, rows: list[dict[str, Any]], quorum: int, closes: datetime, at: datetime
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
                for key in ("seat", "person", "role", "voting", "recused", "reason", "alternate", "barred")
                if key in row  # a seat without an alternate is written as before there were any
            }
            for row in rows
        ],
        **({"proxies": draft.body.proxies_per_person} if draft.body.proxies_per_person else {}),
        **({"silence": silence} if (silence := _silence(draft)) else {}),
        **figures_for(facts, draft.rule, at),
    }


def _silence(draft: Decision) -> str:
    """What the body's rules say silence counts as here: one cannot consent to none of several options by it."""
    rule: str = draft.body.silence
    return "" if rule == Body.Silence.CONSENT and draft.free_question_id is not None else rule
