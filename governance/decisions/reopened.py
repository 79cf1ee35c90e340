"""What a reopening goes back to: the approval whose condition was not met, through what ended in vain since."""

from __future__ import annotations

from governance.decisions.condition_models import Condition
from governance.decisions.models import Decision


def reopened(decision: Decision) -> Decision | None:
    """The approval that this decision asks about anew; None where it reopens nothing."""
    found: Decision | None = decision.supersedes
    while found is not None and found.outcome != Decision.Outcome.APPROVED:
        found = found.supersedes
    return found


def latest(decision: Decision) -> Decision:
    """The last decision in the row of those that supersede this one; itself where none does."""
    last = decision
    while (after := Decision.objects.filter(supersedes=last).first()) is not None:
        last = after
    return last


def in_vain(decision: Decision) -> bool:
    """Did this end without the body saying anything: withdrawn, or lapsed without a quorum?"""
    return decision.state == Decision.State.WITHDRAWN or decision.outcome == Decision.Outcome.LAPSED


def parties(approval: Decision) -> dict[int, str]:
    """Persons who do not have a say in what follows from an unmet condition of this approval, and why."""
    unmet = Condition.objects.filter(decision=approval).exclude(state=Condition.State.MET)
    recused = approval.electors.filter(recused=True)
    found = dict.fromkeys(unmet.values_list("owner_id", flat=True), "owns a condition that was not met")
    for person in recused.values_list("person_id", flat=True):
        found.setdefault(person, f"had no vote on {approval.code}")
    if approval.requested_by_id is not None:
        found.setdefault(approval.requested_by_id, f"requested {approval.code}")
    return found
