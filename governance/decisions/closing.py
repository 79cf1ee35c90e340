"""Closing a ballot: count after the lock, decide, seal, and let an approval take effect, or store nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from governance.authority.models import AuthorityRule
from governance.authority.selectors import covers
from governance.bodies.standing import without_a_vote
from governance.decisions import conditions
from governance.decisions import tally as tallies
from governance.decisions.facts import Facts
from governance.decisions.models import Decision, Elector, Vote
from governance.decisions.sealing import content_of, seal, seal_withdrawal
from governance.decisions.subjects import SUBJECTS, facts_of
from pmo import formats
from pmo.accounts.models import User
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from pmo.zones import zone

VOID = "Void: what was voted on was changed while the ballot was open."


def database_now() -> datetime:
    """The database's own clock, the one that lets votes in."""
    with connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def count(decision: Decision) -> tallies.Tally:
    """The votes of the frozen electorate. After the lock on the decision it is a statement of its own: it sees
    every vote that got in before, and none can get in after."""
    votes = {
        elector: (choice, option or 0)
        for elector, choice, option in Vote.objects.filter(decision=decision).values_list(
            "elector_id", "choice", "option"
        )
    }
    electors = Elector.objects.filter(decision=decision).values_list("pk", "role", "voting", "recused")
    return tallies.count(
        (
            tallies.Ballot(role, voting, recused, *votes.get(pk, ("", 0)))
            for pk, role, voting, recused in electors
        ),
        len(decision.options),
    )


def close_locked(
    decision: Decision,
    *,
    by: User | None,
    at: datetime,
    rationale: str = "",
    terms: Sequence[conditions.Term] = (),
    auth_at: datetime | None = None,
) -> None:
    """Close a ballot that the caller holds FOR UPDATE (see `services.close` for what can happen)."""
    if decision.state != Decision.State.OPEN or decision.closes_at is None:
        raise Conflict(f"{decision.code} is {decision.get_state_display().lower()} already.")
    tally, silent = count(decision), list[int]()
    if database_now() < decision.closes_at:
        _refuse_early(decision, tally)
    else:
        silent = silent_persons(decision)
        tally = tallies.with_silence(tally, silence_of(decision), len(silent))
    facts = facts_of(decision, lock=True)
    void = _why_void(decision, facts)
    if void:
        seal_withdrawal(decision, void, by=by, at=at, facts=facts)
        return
    outcome, option = tallies.outcome_of(decision.voting_rule, tally, decision.quorum)
    if outcome == tallies.APPROVED:
        _check_authority(decision, facts, at)
    elif terms:
        raise Refused("Only an approval has conditions.", field="conditions")
    counted = {
        "seats": tally.seats,
        "approve": tally.approve,
        "reject": tally.reject,
        "abstain": tally.abstain,
        "recused": tally.recused,
        "missing": tally.missing,
        **({"silent": tally.silent} if tally.silent else {}),
    }
    said = _on_silence(decision, silent)
    terms = conditions.checked(decision, terms, at) if terms else []
    words = {"rationale": rationale, "conditions": conditions.in_words(terms)}
    answer = (
        {
            "option": option,
            "words": decision.options[option - 1] if option else "",
            "votes": list(tally.options),
        }
        if decision.options
        else None
    )
    content = content_of(
        decision,
        outcome=outcome,
        tally=counted,
        answer=answer,
        by=by,
        at=at,
        auth_at=auth_at,
        terms=terms,
        silence=said,
        **words,
    )
    record_id = seal(decision, content)
    warrant = _warrant(decision, at) if outcome == tallies.APPROVED else None
    Decision.objects.filter(pk=decision.pk).update(
        state=Decision.State.DECIDED,
        outcome=outcome,
        chosen=option or None,
        decided_at=at,
        rationale=rationale,
        conditions=words["conditions"],
        record_id=record_id,
        warrant=warrant,
        version=decision.version + 1,
    )
    conditions.record(decision, terms)
    subject = SUBJECTS[decision.subject_kind]
    if warrant is not None:
        subject.approve(facts, warrant, by=by, at=at)
    elif outcome == tallies.REJECTED:
        subject.reject(facts, None, by=by, at=at)
    else:
        subject.give_back(facts, by=by, at=at)


def silence_of(decision: Decision) -> str:
    """What the ballot froze that silence counts as: "consent", "abstain", or "" (nothing).

    Nothing where it had not the days that it froze, one at least: without time to speak nobody is silent.
    """
    figures = decision.figures
    if decision.opened_at is None or decision.closes_at is None or not figures.get("silence"):
        return ""
    days = timedelta(days=max(1, figures.get("silence_days", 1)))
    return str(figures["silence"]) if decision.closes_at >= decision.opened_at + days else ""


def silent_persons(decision: Decision) -> list[int]:
    """Whose seats said nothing and count as the ballot froze it: who could vote when it opened and when it ended."""
    if not silence_of(decision) or decision.closes_at is None:
        return []
    rows = Elector.objects.filter(decision=decision, voting=True, recused=False, vote=None)
    persons = set(rows.values_list("person_id", flat=True))
    persons -= {row["person"] for row in decision.figures["electorate"] if row.get("without_vote")}
    end = decision.closes_at.astimezone(zone(decision.program.time_zone)).date()
    return sorted(persons - without_a_vote(decision.program_id, persons, end))


def _on_silence(decision: Decision, silent: list[int]) -> dict[str, Any] | None:
    """Who said nothing and what that was counted as, for the record; None where it counted for nothing."""
    if not silent:
        return None
    counts_as = silence_of(decision)
    word = {"consent": "consent", "abstain": "an abstention"}[counts_as]
    return {
        "counts_as": counts_as,
        "persons": silent,
        "words": f"{formats.counted(len(silent), 'seat', 'seats')} said nothing until the end. By the rule that was "
        f"frozen when the ballot opened, that counts as {word}.",
    }


def _why_void(decision: Decision, facts: Facts) -> str:
    """Why the ballot no longer has its subject ("" where it has): edited, withdrawn or decided elsewhere meanwhile."""
    if facts.digest != decision.revision_sha256:
        return VOID
    try:
        SUBJECTS[decision.subject_kind].ready(facts)
    except Refused as refusal:
        return f"Void: {refusal.message}"
    return ""


def _warrant(decision: Decision, at: datetime) -> Warrant:
    warrant: Warrant = Warrant.objects.create(
        program_id=decision.program_id,
        kind=decision.subject_kind,
        number=decision.code,
        digest=decision.revision_sha256,
        effective_at=at,
    )
    return warrant


def _refuse_early(decision: Decision, tally: tallies.Tally) -> None:
    if tally.missing == 0 or tallies.settled(decision.voting_rule, tally, decision.quorum):
        return
    seats = "1 seat has" if tally.missing == 1 else f"{tally.missing} seats have"
    end = formats.moment(decision.closes_at, zone(decision.program.time_zone))
    raise Refused(
        f"{seats} not voted and could still change the outcome. The ballot on {decision.code} closes {end}.",
        code="too-early",
    )


def _check_authority(decision: Decision, facts: Facts, at: datetime) -> None:
    """The limit and the period of the rule, read under a lock in the approving transaction (C4)."""
    with connection.cursor() as cursor:
        cursor.execute("select 1 from governance_authorityrule where id = %s for share", [decision.rule_id])
    rule = AuthorityRule.objects.get(pk=decision.rule_id)
    on = at.astimezone(zone(decision.program.time_zone)).date()
    if not covers(rule, facts.exposure_minor, on, *facts.reach):
        raise Refused(
            f"Rule {rule.code} does not give {decision.body.name} the authority over this today: "
            f"withdraw {decision.code} and propose it again.",
            code="no-authority",
        )
