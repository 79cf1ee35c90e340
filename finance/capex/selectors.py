"""Reading capital requests: one with its trail, and what its decision was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from finance.capex.models import CapitalRequest, CapitalRequestRevision
from finance.ledger.models import Account, Journal, Kind
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to a request: when, who, what."""

    at: datetime
    who: str
    what: str


def trail(request: CapitalRequest) -> list[Step]:
    """From the first draft to the money: revisions, submission, decision, journals, in order of time."""
    revisions = CapitalRequestRevision.objects.filter(request=request).select_related("edited_by")
    steps = [
        Step(one.at, one.edited_by.name, f"wrote revision {one.n} ({one.sha256[:12]})") for one in revisions
    ]
    if request.submitted_at:
        steps.append(Step(request.submitted_at, request.requester.name, "submitted it for decision"))
    if request.decided_at:
        number = f" by decision {request.warrant.number}" if request.warrant else ""
        said = "approved" if request.warrant else "rejected"
        steps.append(Step(request.decided_at, "", f"{said}{number}"))
    journals = Journal.objects.filter(
        program_id=request.program_id, source_kind="capital_request", source_id=str(request.pk)
    ).select_related("actor")
    steps += [
        Step(
            one.recorded_at,
            one.actor.name if one.actor else "the office",
            f"{one.get_kind_display().lower()} in the ledger",
        )
        for one in journals
    ]
    return sorted(steps, key=lambda step: step.at)


def available(request: CapitalRequest) -> int:
    """What is available now for the project's capital in the request's category, in minor units."""
    balance = (
        Account.objects.filter(
            program_id=request.program_id,
            project_id=request.project_id,
            category=request.category,
            nature="capital",
            currency=request.currency,
            kind=Kind.AVAILABLE,
        )
        .values_list("balance", flat=True)
        .first()
    )
    return int(balance or 0)


def allowed_projects(access: Access, program_id: int) -> list[int] | None:
    """The projects for which this person may ask for capital (None: all of them)."""
    if access.may(Permission.REQUEST_CAPITAL, program_id):
        return None
    return access.projects_with(Permission.REQUEST_CAPITAL, program_id)


def steps_allowed(request: CapitalRequest, access: Access) -> dict[str, Any]:
    """Which buttons the person sees, by the request's state and the person's rights."""
    mine = access.may(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
    state = CapitalRequest.State
    return {
        "edit": mine and request.state in (state.DRAFT, state.SUBMITTED),
        "submit": mine and request.state == state.DRAFT,
        "withdraw": mine and request.state in (state.DRAFT, state.SUBMITTED, state.IN_REVIEW),
    }
