"""An unmet condition reopens its decision: the body is asked anew, in a decision that supersedes the first."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from governance.authority.models import AuthorityRule, SubjectKind
from governance.decisions import conditions, services
from governance.decisions.canonical import canonical, digest
from governance.decisions.condition_models import Condition
from governance.decisions.models import Decision
from governance.decisions.opening import local_day
from governance.decisions.reopened import in_vain, latest, reopened
from governance.questions.models import FreeQuestion
from pmo import formats
from pmo.accounts.models import User
from pmo.numbering import next_code

OPTIONS = [
    "The decision stands, the condition is dropped",
    "The decision stands, the condition gets a new day",
    "What was approved is to be taken back",
]


def fall_due(*, program_id: int, by: User | None, at: datetime) -> list[Condition]:
    """Mark what is open after its day as unmet, and put each decision that it belongs to before its body again.

    The body needs authority over questions; without it, or where the decision is superseded already, the condition is
    only marked. A reopening that was withdrawn or lapsed is asked again, as long as a condition is unmet.
    The clock calls this; twice at once marks once.
    """
    today = local_day(program_id, at)
    marked: list[Condition] = []
    with transaction.atomic():
        rows = conditions.overdue(program_id, today).select_for_update(of=("self",)).order_by("decision", "n")
        for one in rows.select_related("decision__body", "owner"):
            Condition.objects.filter(pk=one.pk).update(state=Condition.State.UNMET, version=one.version + 1)
            marked.append(one)
        for decision in {one.decision_id: one.decision for one in marked}.values():
            _reopen(decision, by=by, at=at)
        ended = Decision.objects.filter(program_id=program_id, supersedes__isnull=False, superseded_by=None)
        for anew in ended.select_for_update(of=("self",)).filter(Q(state="withdrawn") | Q(outcome="lapsed")):
            approval = reopened(anew)
            if approval is not None:
                _reopen(approval, by=by, at=at)
    return marked


def _reopen(decision: Decision, *, by: User | None, at: datetime) -> Decision | None:
    rule = AuthorityRule.objects.filter(
        program_id=decision.program_id,
        body_id=decision.body_id,
        subject_kind=SubjectKind.QUESTION,
        valid__contains=local_day(decision.program_id, at),
    ).first()
    unmet = list(decision.terms.filter(state=Condition.State.UNMET).select_related("owner").order_by("n"))
    last = latest(decision)  # a decision is superseded once: who asks again supersedes what ended in vain
    if rule is None or not unmet or (last.pk != decision.pk and not in_vain(last)):
        return None
    papers = "\n".join(
        f"{one.n}. {one.text}: until {formats.day(one.due_on)}, {one.owner.name}"
        + (f". Reported: {one.report}" if one.report else ". Nothing was reported.")
        for one in unmet
    )
    title = f"{decision.code}: a condition was not met"
    content = {
        "program": decision.program_id,
        "title": title,
        "reopens": decision.code,
        "options": OPTIONS,
        "papers": papers,
    }
    asked = FreeQuestion.objects.create(
        program_id=decision.program_id, code=next_code(FreeQuestion, decision.program_id, "Q"), title=title,
        options=OPTIONS, papers=papers,
        sha256=digest(canonical(content)), asked_by=decision.requested_by, asked_at=at,
    )  # fmt: skip
    return services.propose(
        free_question=asked,
        question=f"What follows from that for {decision.code} {decision.title}?"[:2000],
        rule=rule,
        supersedes=last,
        by=by,
        at=at,
    )
