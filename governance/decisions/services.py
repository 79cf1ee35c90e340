"""Everything that can happen to a decision: proposed, put to the vote, voted on, closed, withdrawn, superseded.

Locks are taken in one order everywhere: decision, then its subject, then (in finance) the ledger's accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from governance.authority.models import AuthorityRule, SubjectKind
from governance.authority.selectors import covers, route
from governance.decisions import electorate, mailing
from governance.decisions.canonical import canonical, digest
from governance.decisions.closing import close_locked, database_now
from governance.decisions.conditions import Term
from governance.decisions.figures import figures_for
from governance.decisions.models import SUBJECT_FIELDS, Decision
from governance.decisions.opening import LONGEST_BALLOT, frozen, local_day, next_number, on_silence
from governance.decisions.reopened import parties, reopened
from governance.decisions.sealing import seal_withdrawal
from governance.decisions.subjects import SUBJECTS, facts_of
from governance.decisions.voting import cast as cast
from governance.decisions.voting import locked
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused


def propose(
    *,
    question: str,
    by: User | None,
    at: datetime,
    recommendation: str = "",
    capital_request: Any = None,
    budget: Any = None,
    baseline_of: Any = None,
    change_request: Any = None,
    waiver: Any = None,
    gate: Any = None,
    free_question: Any = None,
    risk_acceptance: Any = None,
    rule: AuthorityRule | None = None,
    supersedes: Decision | None = None,
) -> Decision:
    """Put one submitted subject before the body that has the authority for it; the decision begins as a draft.

    Exactly one of `capital_request`, `budget`, `change_request`, `waiver`, `gate`, `free_question`,
    `risk_acceptance`, `baseline_of` (a program). Routed by the rule with the lowest limits that reach to the exposure
    (split requests added up), to the slip and to the score; `rule` may name a higher one. Raises Refused where nobody
    has the authority, the subject is not submitted, or another decision about it is under way.
    """
    subject = {
        "capital_request": capital_request,
        "budget": budget,
        "change_request": change_request,
        "waiver": waiver,
        "gate": gate,
        "free_question": free_question,
        "risk_acceptance": risk_acceptance,
    }
    kind, row = _subject(baseline_of, subject)
    program_id = row.pk if kind == SubjectKind.BASELINE else row.program_id
    current_access().require(Permission.PROPOSE_DECISION, program_id)
    if not question.strip():
        raise Refused("Say what the body is asked to decide.", field="question")
    with transaction.atomic():
        facts = SUBJECTS[kind].facts(row.pk, lock=True)
        SUBJECTS[kind].ready(facts)
        on = local_day(program_id, at)
        chosen = rule or route(program_id, kind, facts.exposure_minor, on, *facts.reach)
        if chosen.subject_kind != kind or not covers(chosen, facts.exposure_minor, on, *facts.reach):
            raise Refused(f"Rule {chosen.code} does not reach to this today.", field="rule")
        if supersedes is not None and supersedes.state not in (
            Decision.State.DECIDED,
            Decision.State.WITHDRAWN,
        ):
            raise Refused(f"{supersedes.code} is still under way: close or withdraw it first.")
        decision: Decision = Decision.objects.create(
            program_id=program_id,
            number=next_number(program_id),
            subject_kind=kind,
            subject_id=row.pk,
            **subject,
            title=facts.title[:250],
            revision_sha256=facts.digest,
            question=question.strip(),
            recommendation=recommendation.strip(),
            body=chosen.body,
            rule=chosen,
            voting_rule=chosen.body.voting_rule,
            amount_minor=facts.amount_minor,
            exposure_minor=facts.exposure_minor,
            currency=facts.currency,
            requested_by=facts.requested_by or by,
            proposed_by=by,
            proposed_at=at,
            supersedes=supersedes,
            figures=figures_for(facts, chosen, at),
        )
    return decision


def open_ballot(
    *,
    decision: Decision,
    by: User | None,
    at: datetime,
    closes_at: datetime | None = None,
    auth_at: datetime | None = None,
) -> Decision:
    """Freeze figures, rules and electorate, and open the vote. From here on the subject cannot be edited.

    `closes_at` defaults to the body's usual days from now, and is not before them where silence counts; such a ballot
    wants a fresh sign-in (`auth_at`, as in `cast`) of somebody else than the requester. Raises Refused where no quorum
    is possible (and says who is recused), Conflict where somebody opened it first.
    """
    current_access().require(Permission.OPEN_BALLOT, decision.program_id)
    with transaction.atomic():
        draft = locked(decision)
        if draft.state != Decision.State.DRAFT:
            raise Conflict(f"{draft.code} is {draft.get_state_display().lower()} already.")
        body, rule = draft.body, draft.rule
        facts = facts_of(draft, lock=True)
        SUBJECTS[draft.subject_kind].ready(facts)
        on = local_day(draft.program_id, at)
        if not covers(rule, facts.exposure_minor, on, *facts.reach):
            raise Refused(
                f"Rule {rule.code} no longer reaches to this. Withdraw {draft.code} and propose it again.",
                code="no-authority",
            )
        closes = closes_at or at + timedelta(days=body.vote_days)
        if not max(at, database_now()) < closes <= at + LONGEST_BALLOT:
            raise Refused("A ballot closes in the future, within 60 days.", field="closes_at")
        if draft.requested_by_id is not None:
            facts.recused.setdefault(draft.requested_by_id, "requested it")
        silence = on_silence(draft, closes=closes, by=by, at=at, auth_at=auth_at)
        rows = electorate.electorate(body, facts, on)
        quorum = electorate.quorum_needed(body, rows)
        figures = frozen(draft, facts, rows, quorum, closes, at, silence)
        content = canonical(figures)
        electorate.freeze(draft, rows)
        Decision.objects.filter(pk=draft.pk).update(
            state=Decision.State.OPEN,
            opened_at=at,
            opened_by=by,
            closes_at=closes,
            quorum=quorum,
            voting_rule=body.voting_rule,
            closes_when_complete=body.closes_when_complete,
            title=facts.title[:250],
            revision_sha256=facts.digest,
            amount_minor=facts.amount_minor,
            exposure_minor=facts.exposure_minor,
            figures=figures,
            figures_canonical=content,
            figures_sha256=digest(content),
            version=draft.version + 1,
        )
        SUBJECTS[draft.subject_kind].put_to_vote(facts, by=by, at=at)
        decision.refresh_from_db()
        mailing.tell_electors(decision, by)
    return decision


def close(
    *,
    decision: Decision,
    by: User | None,
    at: datetime,
    rationale: str = "",
    conditions: Sequence[Term] = (),
    auth_at: datetime | None = None,
) -> Decision:
    """Count, decide, seal; on approval write the warrant and let it take effect, all in one transaction.

    Before the end of the ballot only when the missing votes can no longer change the outcome. A subject that is
    not what was voted on voids the ballot (withdrawn, with the reason). Without enough money the approval is
    refused and nothing at all is stored. `conditions` are of an approval only, and sealed with it. Raises Conflict
    where it is closed already. `auth_at` as in `cast`; it is sealed with the rest.
    """
    current_access().require(Permission.OPEN_BALLOT, decision.program_id)
    with transaction.atomic():
        close_locked(
            locked(decision), rationale=rationale.strip(), terms=conditions, by=by, at=at, auth_at=auth_at
        )
    decision.refresh_from_db()
    return decision


def withdraw(*, decision: Decision, reason: str, by: User | None, at: datetime) -> Decision:
    """Take a draft or an open ballot back, with the reason; an open one leaves a sealed record of its votes.

    What asks about an unmet condition is withdrawn by nobody who has a part in it (`reopened.parties`).
    """
    current_access().require(Permission.OPEN_BALLOT, decision.program_id)
    if not reason.strip():
        raise Refused("Say why it is withdrawn.", field="reason")
    with transaction.atomic():
        live = locked(decision)
        if live.state not in (Decision.State.DRAFT, Decision.State.OPEN):
            raise Conflict(f"{live.code} is {live.get_state_display().lower()} already.")
        approval = reopened(live)
        if approval is not None and by is not None and by.pk in {live.requested_by_id, *parties(approval)}:
            raise NotAllowed(
                f"{live.code} asks about a condition of {approval.code} that was not met. Who requested that, had no "
                "vote on it or owns the condition does not withdraw it."
            )
        seal_withdrawal(live, reason.strip(), by=by, at=at)
    decision.refresh_from_db()
    return decision


def supersede(
    *, decision: Decision, question: str, by: User | None, at: datetime, recommendation: str = ""
) -> Decision:
    """Put the same subject before its body again, in a new decision that names the closed one.

    What an approval did stays done: only what was rejected, lapsed or withdrawn can be asked again here.
    """
    if decision.outcome == Decision.Outcome.APPROVED:
        raise Refused(
            f"{decision.code} was approved and took effect. Ask for what is to change as a new subject."
        )
    if Decision.objects.filter(supersedes=decision).exists():
        raise Conflict(f"{decision.code} is superseded already.")
    with transaction.atomic():
        return propose(
            question=question,
            recommendation=recommendation,
            **{name: getattr(decision, name) for name in SUBJECT_FIELDS},
            supersedes=decision,
            by=by,
            at=at,
            baseline_of=decision.program if decision.subject_kind == SubjectKind.BASELINE else None,
        )


def _subject(baseline_of: Any, rows: dict[str, Any]) -> tuple[str, Any]:
    """The kind and the row of the one subject that is given."""
    given = [
        (SubjectKind.QUESTION.value if name == "free_question" else name, row)
        for name, row in rows.items()
        if row is not None
    ]
    if baseline_of is not None:
        given.append((SubjectKind.BASELINE.value, baseline_of))
    if len(given) != 1:
        raise ValueError("a decision is about exactly one subject")
    return given[0]
