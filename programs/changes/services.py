"""Everything that can happen to a change request. Saying yes is governance's: it calls `approve` with a warrant.

Locks are taken in one order: the request, then the program's row, under which its plan stands still.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.baselines import services as baselines
from programs.changes import annexes, applying, revisions, scope, scope_figures
from programs.changes.closed import refuse_closed, why_closed
from programs.changes.edits import Edit, touches
from programs.changes.ground import Ground
from programs.changes.merging import merged, refreshed, shaped
from programs.changes.models import ChangeImpact, ChangeRequest
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk
from programs.schedule.services import lock_plan

State = ChangeRequest.State
WORDS = ("title", "reason", "alternatives", "offered", "tolerated_until", "risk")
OPEN = (State.SUBMITTED, State.IN_REVIEW)


def create(
    *,
    program: Program,
    project: Project,
    title: str,
    reason: str,
    by: User,
    at: datetime,
    alternatives: str = "",
    offered: str = "",
    tolerated_until: date | None = None,
    risk: Risk | None = None,
) -> ChangeRequest:
    """Draft a request to change the plan, for a project; it has no edits yet. Raises Refused at the field."""
    current_access().require(Permission.EDIT_PLAN, program.pk, project.pk)
    with transaction.atomic():
        request = ChangeRequest(
            program=program,
            project=project,
            code=next_code(ChangeRequest, program.pk, "CH"),
            title=title.strip(),
            reason=reason.strip(),
            alternatives=alternatives.strip(),
            offered=offered.strip(),
            tolerated_until=tolerated_until,
            risk=risk,
            requester=by,
        )
        _check(request)
        request.save(force_insert=True)
        revisions.record(request, by=by, at=at)
        return request


def edit(
    *, change_request: ChangeRequest, version: int, values: Mapping[str, Any], by: User, at: datetime
) -> ChangeRequest:
    """Change the words of a draft or a submitted request: a new revision, and a submitted one is a draft again."""
    with transaction.atomic():
        request = editable(change_request, version)
        if set(values) - set(WORDS):
            raise Refused("This cannot be edited here.", code="not-editable")
        for name, value in values.items():
            setattr(request, name, value.strip() if isinstance(value, str) else value)
        _check(request)
        return _revised(request, request.edits, by=by, at=at, more=tuple(values), lenient=True)


def propose(
    *, change_request: ChangeRequest, version: int, edit: Mapping[str, Any], by: User, at: datetime
) -> ChangeRequest:
    """Add one edit of the plan (see `programs.changes.edits`) to the request and work out what all of them do.

    An edit of what another edit is about is merged with it. Raises Refused at the field, for a circle with its path.
    """
    return propose_all(change_request=change_request, version=version, edits=[edit], by=by, at=at)


def propose_all(
    *,
    change_request: ChangeRequest,
    version: int,
    edits: list[Mapping[str, Any]],
    by: User,
    at: datetime,
) -> ChangeRequest:
    """Add several edits, all of them or none."""
    with transaction.atomic():
        request = editable(change_request, version)
        program = lock_plan(request.program_id)
        ground = Ground.of(program, [*request.edits, *shaped(edits)])
        done = refreshed(program, request.edits)
        for one in edits:
            done = merged(ground, done, one)
        refuse_closed(program.pk, done)
        return _revised(request, done, by=by, at=at, program=program)


def drop(
    *, change_request: ChangeRequest, version: int, number: int, by: User, at: datetime
) -> ChangeRequest:
    """Take the edit of that number (from 1) back; what hangs on a new activity goes with it."""
    with transaction.atomic():
        request = editable(change_request, version)
        if not 1 <= number <= len(request.edits):
            raise Refused("The request has no edit of that number.")
        gone = request.edits[number - 1]
        left = [one for one in request.edits if one is not gone]
        if gone["do"] == "add":
            key = gone["key"]
            left = [one for one in left if not touches(one, key)]
        return _revised(request, left, by=by, at=at, lenient=True)


def compute(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """Work out again what the edits do, on the plan as it stands now. A ballot held on the old figures is void."""
    with transaction.atomic():
        request = held(change_request)
        current_access().require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        if request.state not in (State.DRAFT, *OPEN):
            raise Refused(f"{request.code} is {request.get_state_display().lower()} already.")
        if not revisions.asks(request):
            raise Refused("Nothing is proposed yet: there is nothing to compute.")
        program = lock_plan(request.program_id)
        edits = refreshed(program, request.edits)
        if edits != request.edits:
            if by is None:
                raise Refused("The plan has moved under these edits: a person has to look at them again.")
            request.edits = edits
            revisions.record(request, by=by, at=at)
        revisions.assess(request, program, by=by, at=at)
        request.version += 1
        request.save(update_fields=["edits", "version"])
        return request


def submit(*, change_request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """Hand a draft over for decision. Raises Refused without edits, or when the plan moved since the figures."""
    with transaction.atomic():
        request = held(change_request)
        current_access().require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        if not revisions.asks(request):
            raise Refused("Nothing is proposed yet: add the edits of the plan that are asked for, or money.")
        require_fresh(request, Program.objects.get(pk=request.program_id))
        return _move(request, (State.DRAFT,), State.SUBMITTED, submitted_at=at)


def withdraw(*, change_request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """Take a request back before it is decided."""
    with transaction.atomic():
        request = held(change_request)
        current_access().require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        return _move(request, (State.DRAFT, *OPEN), State.WITHDRAWN)


def mark_in_review(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """A body has the request before it (called by governance, which has asked for its own permission)."""
    with transaction.atomic():
        return _move(held(change_request), (State.SUBMITTED,), State.IN_REVIEW)


def return_to_submitted(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """The body did not decide (called by governance): the request waits again."""
    with transaction.atomic():
        return _move(held(change_request), (State.IN_REVIEW,), State.SUBMITTED)


def reject(*, change_request: ChangeRequest, by: User | None, at: datetime) -> ChangeRequest:
    """A decision said no (called by governance)."""
    with transaction.atomic():
        return _move(held(change_request), OPEN, State.REJECTED, decided_at=at)


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
        _move(request, OPEN, State.APPLIED, warrant=warrant, decided_at=at)
        figures = impact.result
        if request.edits:
            applying.apply(program, request.edits, figures, warrant=warrant, at=at)
        if scope.of_plan(request.edits):
            name = f"{request.code} approved by {warrant.number}"
            baselines.freeze(program=program, name=name, warrant=warrant, by=by, at=at)
        annexes.apply(request, figures, warrant, by=by, at=at)
        return request


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


def revised(*, change_request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """The next revision of a request that `editable` gave, after something else than its edits was changed."""
    return _revised(change_request, change_request.edits, by=by, at=at, lenient=True)


def _revised(
    request: ChangeRequest,
    edits: list[Edit],
    *,
    by: User,
    at: datetime,
    more: tuple[str, ...] = (),
    program: Program | None = None,
    lenient: bool = False,
) -> ChangeRequest:
    """The next revision, with its figures. `lenient`: where the plan has moved so that the edits no longer fit, the
    revision has none, and whoever computes it is told why; otherwise that is refused."""
    program = program or lock_plan(request.program_id)
    fits = True
    if lenient:
        try:
            edits = refreshed(program, edits)
        except Refused:
            fits = False
    request.edits = edits
    request.state, request.submitted_at = State.DRAFT, None
    request.version += 1
    request.save(update_fields=["edits", "state", "submitted_at", "version", *more])
    revisions.record(request, by=by, at=at)
    if fits and revisions.asks(request):
        try:
            revisions.assess(request, program, by=by, at=at)
        except Refused:
            if not lenient:
                raise
    return request


def held(request: ChangeRequest) -> ChangeRequest:
    """The request as it is, locked until the end of the transaction."""
    found: ChangeRequest = (
        ChangeRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "project", "risk")
        .get(pk=request.pk)
    )
    return found


def _move(request: ChangeRequest, sources: tuple[str, ...], target: str, **more: Any) -> ChangeRequest:
    """Compare and set: of two people at once one wins and the other is told."""
    changed = ChangeRequest.objects.filter(pk=request.pk, state__in=sources).update(
        state=target, version=F("version") + 1, **more
    )
    if not changed:
        raise Conflict(f"{request.code} is {request.get_state_display().lower()} already.")
    request.refresh_from_db()
    return request


def _check(request: ChangeRequest) -> None:
    if not request.title:
        raise Refused("Give the request a title.", field="title")
    if not request.reason:
        raise Refused("Say why this is needed.", field="reason")
    if request.project.program_id != request.program_id:
        raise Refused("There is no such project in this program.", field="project")
    if request.risk is not None and request.risk.program_id != request.program_id:
        raise Refused("There is no such risk in this program.", field="risk")
