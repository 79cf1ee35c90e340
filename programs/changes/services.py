"""What its author does with a change request. Saying yes is governance's (`programs.changes.deciding`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import Refused
from programs.changes import revisions
from programs.changes.closed import refuse_closed
from programs.changes.edits import Edit, touches
from programs.changes.ground import Ground
from programs.changes.holding import OPEN, State, editable, held, move, require_fresh
from programs.changes.merging import merged, refreshed, shaped
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program, Project
from programs.raid.models import Risk
from programs.schedule.services import lock_plan

WORDS = ("title", "reason", "alternatives", "offered", "tolerated_until", "risk")


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
        return move(request, (State.DRAFT,), State.SUBMITTED, submitted_at=at)


def withdraw(*, change_request: ChangeRequest, by: User, at: datetime) -> ChangeRequest:
    """Take a request back before it is decided."""
    with transaction.atomic():
        request = held(change_request)
        current_access().require(Permission.EDIT_PLAN, request.program_id, request.project_id)
        return move(request, (State.DRAFT, *OPEN), State.WITHDRAWN)


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


def _check(request: ChangeRequest) -> None:
    if not request.title:
        raise Refused("Give the request a title.", field="title")
    if not request.reason:
        raise Refused("Say why this is needed.", field="reason")
    if request.project.program_id != request.program_id:
        raise Refused("There is no such project in this program.", field="project")
    if request.risk is not None and request.risk.program_id != request.program_id:
        raise Refused("There is no such risk in this program.", field="risk")
