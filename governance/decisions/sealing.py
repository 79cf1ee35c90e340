"""The sealed record: canonical bytes of what was decided, put into the program's chain by the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from governance.consequences.measures import stamp
from governance.decisions.canonical import canonical
from governance.decisions.conditions import Term, sealed
from governance.decisions.facts import Facts
from governance.decisions.models import Decision, Vote
from governance.decisions.subjects import SUBJECTS, facts_of
from pmo.accounts.models import User


def content_of(
    decision: Decision,
    *,
    outcome: str,
    tally: dict[str, int],
    by: User | None,
    at: datetime,
    auth_at: datetime | None = None,
    answer: dict[str, Any] | None = None,
    terms: Sequence[Term] = (),
    silence: dict[str, Any] | None = None,
    **words: str,
) -> dict[str, Any]:
    """All of a closed ballot in plain values; persons by their number, since the chain outlives names."""
    votes = Vote.objects.filter(decision=decision).order_by("at", "pk").select_related("elector")
    asked = {"answer": answer} if answer is not None else {}
    return {
        "decision": decision.code,
        "program": decision.program_id,
        "subject_kind": decision.subject_kind,
        "subject": decision.subject_id,
        "revision_sha256": decision.revision_sha256,
        "figures_sha256": decision.figures_sha256,
        "question": decision.question,
        "amount_minor": decision.amount_minor,
        "currency": decision.currency,
        "body": decision.body.code,
        "rule": decision.rule.code,
        "voting_rule": decision.voting_rule,
        "quorum": decision.quorum,
        "opened_at": stamp(decision.opened_at),
        "closes_at": stamp(decision.closes_at),
        "closed_at": stamp(at),
        "closed_by": by.pk if by else None,
        "closed_auth_at": stamp(auth_at) if auth_at else None,
        "outcome": outcome,
        "tally": tally,
        "votes": [
            {
                "person": vote.elector.person_id,
                "choice": vote.choice,
                "reason": vote.reason,
                "at": stamp(vote.at),
                "auth_at": stamp(vote.auth_at) if vote.auth_at else None,
                **({"option": vote.option} if decision.options else {}),
                **(
                    {"cast_by": vote.cast_by_id, "capacity": vote.capacity}
                    if vote.capacity != Vote.Capacity.HOLDER
                    else {}
                ),
            }
            for vote in votes
        ],
        **asked,
        **({"silence": silence} if silence is not None else {}),
        **({"terms": sealed(terms)} if terms else {}),
        **words,
    }


def seal(decision: Decision, content: dict[str, Any]) -> int:
    """Insert the record (the trigger gives it place, time and hash); its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into governance_decisionrecord (program_id, decision_id, canonical) values (%s, %s, %s)
               returning id""",
            [decision.program_id, decision.pk, canonical(content)],
        )
        return int(cursor.fetchone()[0])


def seal_withdrawal(
    decision: Decision, reason: str, *, by: User | None, at: datetime, facts: Facts | None = None
) -> None:
    """Withdraw a draft or open ballot (locked by the caller); what was put to the vote leaves a sealed record."""
    was_open = decision.state == Decision.State.OPEN
    record = None
    if was_open:
        record = seal(
            decision, content_of(decision, outcome="withdrawn", tally={}, by=by, at=at, rationale=reason)
        )
    Decision.objects.filter(pk=decision.pk).update(
        state=Decision.State.WITHDRAWN,
        rationale=reason,
        decided_at=at,
        record_id=record,
        version=decision.version + 1,
    )
    if was_open:
        SUBJECTS[decision.subject_kind].give_back(facts or facts_of(decision, lock=True), by=by, at=at)
