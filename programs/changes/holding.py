"""A change request held still: locked, in which state, and whether what was shown of it still holds.

Locks are taken in one order: the request, then the program's row, under which its plan stands still.
"""

from __future__ import annotations

from typing import Any

from django.db.models import F

from pmo.accounts.access import current_access
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.changes import annexes, revisions, scope_figures
from programs.changes.closed import why_closed
from programs.changes.models import ChangeImpact, ChangeRequest
from programs.portfolio.models import Program

State = ChangeRequest.State
OPEN = (State.SUBMITTED, State.IN_REVIEW)


def why_stale(request: ChangeRequest, impact: ChangeImpact | None, program: Program) -> str:
    """Why the figures no longer hold ("" where they do)."""
    if impact is None:
        return "What it does is not computed yet: compute it."
    # first, so that a page costs the same whatever is stale
    besides = annexes.why_not(request, impact.result)
    besides = scope_figures.why_not(program, request.edits, impact.result) or besides
    if closed := why_closed(request.program_id, request.edits):
        return closed
    if impact.plan_version != program.plan_version:
        return (
            f"The plan moved on to version {program.plan_version} since the figures were computed "
            f"on version {impact.plan_version}: compute them again."
        )
    return besides


def require_fresh(request: ChangeRequest, program: Program) -> None:
    """Raise Refused where plan or money moved since the figures were computed, or where the money does not fit."""
    stale = why_stale(request, revisions.impact(request), program)
    if stale:
        raise Refused(stale, code="stale")


def editable(
    change_request: ChangeRequest, version: int, *, or_by: Permission | None = None
) -> ChangeRequest:
    """The request, held for an edit by who may edit its project's plan (or holds another right in the program).

    For what is asked for besides the plan (`programs.changes.annexes`), with `revised`.
    """
    request, access = held(change_request), current_access()
    if or_by is None or not access.may(or_by, request.program_id):
        access.require(Permission.EDIT_PLAN, request.program_id, request.project_id)
    if request.version != version:
        raise Conflict("Somebody changed this request after you opened it.", code="changed")
    if request.state not in (State.DRAFT, State.SUBMITTED):
        raise Refused(f"A request that is {request.get_state_display().lower()} cannot be edited.")
    return request


def held(request: ChangeRequest) -> ChangeRequest:
    """The request as it is, locked until the end of the transaction."""
    found: ChangeRequest = (
        ChangeRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "project", "risk")
        .get(pk=request.pk)
    )
    return found


def move(request: ChangeRequest, sources: tuple[str, ...], target: str, **more: Any) -> ChangeRequest:
    """Compare and set: of two people at once one wins and the other is told."""
    changed = ChangeRequest.objects.filter(pk=request.pk, state__in=sources).update(
        state=target, version=F("version") + 1, **more
    )
    if not changed:
        raise Conflict(f"{request.code} is {request.get_state_display().lower()} already.")
    request.refresh_from_db()
    return request
