"""What a decision does to a change request. Called by governance in the decision's own transaction."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from pmo.accounts.models import User
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.baselines import services as baselines
from programs.changes import annexes, applying, revisions, scope
from programs.changes.holding import OPEN, State, held, move, require_fresh
from programs.changes.models import ChangeRequest
from programs.schedule.services import lock_plan


def mark_in_review(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """A body has the request before it (called by governance, which has asked for its own permission)."""
    with transaction.atomic():
        return move(held(change_request), (State.SUBMITTED,), State.IN_REVIEW)


def return_to_submitted(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """The body did not decide (called by governance): the request waits again."""
    with transaction.atomic():
        return move(held(change_request), (State.IN_REVIEW,), State.SUBMITTED)


def reject(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """A decision said no (called by governance)."""
    with transaction.atomic():
        return move(held(change_request), OPEN, State.REJECTED, decided_at=at)


def approve(
    *, change_request: ChangeRequest, warrant: Warrant, by: User | None, at: datetime
) -> ChangeRequest:
    """Apply exactly the edits and amendments that a decision allowed, with a new baseline, all or nothing.

    Called by governance in the decision's own transaction; the warrant is the authority. Raises Conflict when plan
    or request are others than those decided on, or the program would finish at another time than shown; Refused where
    money does not fit any more. Then nothing stands. Money and scope alone leave the plan and its baseline as they are.
    """
    with transaction.atomic():
        request = held(change_request)
        program = lock_plan(request.program_id)
        impact = revisions.impact(request)
        if warrant.kind != Warrant.Kind.CHANGE_REQUEST or warrant.program_id != request.program_id:
            raise Refused("This decision is not about a change request of this program.")
        if impact is None or warrant.digest != impact.sha256:
            raise Conflict(f"{request.code} is not what was shown: the decision does not hold for it.")
        require_fresh(request, program)
        move(request, OPEN, State.APPLIED, warrant=warrant, decided_at=at)
        figures = impact.result
        if request.edits:
            applying.apply(program, request.edits, figures, warrant=warrant, at=at)
        if scope.of_plan(request.edits):
            name = f"{request.code} approved by {warrant.number}"
            baselines.freeze(program=program, name=name, warrant=warrant, by=by, at=at)
        annexes.apply(request, figures, warrant, by=by, at=at)
        return request
