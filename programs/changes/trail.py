"""Who did what to a change request, in order: its revisions, and from the history every step of its state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps

from programs.changes.models import ChangeRequest, ChangeRevision

STEPS: dict[str, str] = {
    "submitted": "submitted it for decision",
    "in_review": "opened the ballot on it",
    "applied": "closed the ballot: approved and applied",
    "rejected": "closed the ballot: rejected",
    "withdrawn": "withdrew it",
}
"""What somebody did who brought a request into this state. Going back to draft is the revision's own line."""
BACK = "took it back from the ballot"
SYSTEM = "The office"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail; `note` is the start of a revision's digest or the decision's code."""

    at: datetime
    who: str
    what: str
    note: str = ""


def trail(found: ChangeRequest) -> list[Step]:
    """All steps of a request, the first one first. Two statements, whatever its length."""
    steps = [
        Step(one.at, one.edited_by.name, f"wrote revision {one.n}", one.sha256[:12])
        for one in ChangeRevision.objects.filter(request=found).select_related("edited_by").order_by("n")
    ]
    history = apps.get_model("programs", "ChangeRequestEvent")
    events = history.objects.filter(pgh_obj_id=found.pk).order_by("pgh_id")
    before = ChangeRequest.State.DRAFT.value
    for state, at, who in events.values_list("state", "pgh_created_at", "pgh_context__name"):
        if state != before:
            returned = before == "in_review" and state == "submitted"
            said = BACK if returned else STEPS.get(state, "")
            decided = found.warrant.number if state == "applied" and found.warrant else ""
            if said:
                steps.append(Step(at, who or SYSTEM, said, decided))
            before = state
    return sorted(steps, key=lambda step: step.at)
