"""Conditions of approvals: given when the ballot is closed, reported by their owner, met by somebody else's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from governance.decisions.condition_models import Condition
from governance.decisions.models import Decision
from governance.decisions.opening import local_day
from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, NotAllowed, Refused

MOST = 20
LONGEST = timedelta(days=5 * 366)


@dataclass(frozen=True, slots=True)
class Term:
    """One condition as it is given: its words, who sees to it, its last day."""

    text: str
    owner: User
    due_on: date


def checked(decision: Decision, terms: Sequence[Term], at: datetime) -> list[Term]:
    """The conditions with their words trimmed; raises Refused for one that nobody could keep or look after."""
    if len(terms) > MOST:
        raise Refused(f"A decision has at most {MOST} conditions.", field="conditions")
    today = local_day(decision.program_id, at)
    there = set(
        Membership.objects.filter(
            program_id=decision.program_id, user__in=[one.owner for one in terms], user__is_active=True
        ).values_list("user_id", flat=True)
    )
    kept = []
    for one in terms:
        text = " ".join(one.text.split())
        if not text or len(text) > 500:
            raise Refused("Say what the condition is, in at most 500 characters.", field="conditions")
        if one.owner.pk not in there:
            raise Refused(f"{one.owner.name} has no role in this program.", field="conditions")
        if not today <= one.due_on <= today + LONGEST:
            raise Refused(
                f"A condition has a day from today on, within five years: {text}", field="conditions"
            )
        kept.append(Term(text, one.owner, one.due_on))
    return kept


def sealed(terms: Sequence[Term]) -> list[dict[str, Any]]:
    """The conditions as the record seals them: persons by number, days as text."""
    return [
        {"n": n, "text": one.text, "owner": one.owner.pk, "due_on": one.due_on.isoformat()}
        for n, one in enumerate(terms, 1)
    ]


def in_words(terms: Sequence[Term]) -> str:
    """The same for people, one a line."""
    return "\n".join(f"{one.text} ({one.owner.name}, until {formats.day(one.due_on)})" for one in terms)


def record(decision: Decision, terms: Sequence[Term]) -> None:
    """Write the rows of an approval that is being closed; the database holds them against what is sealed."""
    Condition.objects.bulk_create(
        Condition(
            program_id=decision.program_id, decision=decision, n=n, text=one.text, owner=one.owner, due_on=one.due_on
        )
        for n, one in enumerate(terms, 1)
    )  # fmt: skip


def tell(*, condition: Condition, report: str, version: int, by: User | None, at: datetime) -> Condition:
    """The owner says what was done. It is met when somebody else has looked at it."""
    current_access().require(Permission.VIEW_PROGRAM, condition.program_id)
    if by is None or by.pk != condition.owner_id:
        raise NotAllowed("Only its owner reports on a condition.")
    if not report.strip():
        raise Refused("Say what was done, and where that is seen.", field="report")
    return _change(condition, version, report=report.strip(), reported_at=at)


def settle(*, condition: Condition, evidence: str, version: int, by: User | None, at: datetime) -> Condition:
    """Say that a condition is met, and by what that is seen; late ones too.

    Never its owner, nor who requested what was approved or had no vote on it.
    """
    current_access().require(Permission.OPEN_BALLOT, condition.program_id)
    if by is None:
        raise NotAllowed("Only a person says that a condition is met.", code="person-needed")
    if by.pk == condition.owner_id:
        raise NotAllowed("Somebody else than its owner says that a condition is met.")
    decision = condition.decision
    if by.pk == decision.requested_by_id or decision.electors.filter(person=by, recused=True).exists():
        raise NotAllowed("Who requested it, or had no vote on it, does not say that its condition is met.")
    if not evidence.strip():
        raise Refused("Say by what it is seen that the condition is met.", field="evidence")
    return _change(
        condition, version, state=Condition.State.MET, evidence=evidence.strip(), settled_by=by, settled_at=at
    )


def overdue(program_id: int, on: date) -> QuerySet[Condition]:
    """Open conditions whose last day is over."""
    return Condition.objects.filter(program_id=program_id, state=Condition.State.OPEN, due_on__lt=on)


def of_program(program_id: int) -> QuerySet[Condition]:
    """All conditions of a program with what a list shows of them, the next day on top."""
    return (
        Condition.objects.filter(program_id=program_id)
        .select_related("decision__body", "owner", "settled_by")
        .defer("decision__figures", "decision__figures_canonical")
        .order_by("due_on", "pk")
    )


def standing(one: Condition, today: date) -> str:
    """Where it stands, in words."""
    if one.state == Condition.State.MET:
        return f"Met {formats.day(one.settled_at)}"
    if one.state == Condition.State.OPEN and one.due_on < today:
        return f"Overdue by {formats.counted((today - one.due_on).days, 'day', 'days')}"
    return "Reported, to be looked at" if one.report else str(one.get_state_display())


def _change(condition: Condition, version: int, **values: Any) -> Condition:
    with transaction.atomic():
        live: Condition = Condition.objects.select_for_update(of=("self",)).get(pk=condition.pk)
        if live.state == Condition.State.MET:
            raise Conflict("This condition is met already.")
        if live.version != version:
            raise Conflict("Somebody changed this condition meanwhile. Please look again.", code="changed")
        Condition.objects.filter(pk=live.pk).update(version=version + 1, **values)
    condition.refresh_from_db()
    return condition
