"""Having part of a request wait for a gate: said while it is drafted, so that it is voted on; moved on afterwards."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import F

from finance.capex import holds, revisions, services
from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest
from finance.policy import guard
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import format_exact
from pmo.refusals import Conflict, Refused
from programs.gates.models import Gate

State = CapitalRequest.State
MOST = 20
DECIDED = (Gate.State.PASSED, Gate.State.STOPPED)


def add(
    *,
    capital_request: CapitalRequest,
    version: int,
    gate: Gate,
    amount_minor: int,
    by: User,
    at: datetime,
    if_conditions_minor: int | None = None,
) -> GateHold:
    """Have so much (minor units) of a draft or submitted request wait for a gate of its project: a new revision.

    `version` is the request's as it was shown. `if_conditions_minor` is what a gate that passes with conditions
    releases, all of it where that is None. Raises Refused at the field that does not fit.
    """
    with transaction.atomic():
        request = _open(capital_request, version)
        live = _gate(request, gate)
        standing = holds.lines(request)
        if len(standing) >= MOST:
            raise Refused(f"A request waits for up to {MOST} gates.")
        free = request.amount_minor - sum(one.amount for one in standing)
        if not 0 < amount_minor <= free:
            raise Refused(
                f"Between nothing and {format_exact(free, request.currency)}: more than that is not asked for, "
                "or waits already.",
                field="amount_minor",
            )
        if if_conditions_minor is not None and not 0 <= if_conditions_minor <= amount_minor:
            raise Refused("From nothing to the whole of it.", field="if_conditions_minor")
        made = GateHold(
            program=request.program,
            request=request,
            gate=live,
            amount_minor=amount_minor,
            if_conditions_minor=if_conditions_minor,
            set_by=by,
            set_at=at,
        )
        _draft(request)
        made.save(force_insert=True)
        _written(request, by, at)
        return made


def remove(*, hold: GateHold, version: int, by: User, at: datetime) -> CapitalRequest:
    """Let a part of a draft or submitted request wait for nothing: a new revision (`version` of the request)."""
    with transaction.atomic():
        request = _open(hold.request, version)
        found = GateHold.objects.filter(pk=hold.pk, request=request).first()
        if found is None:
            raise Conflict("This waits for no gate any more.", code="changed")
        _draft(request)
        found.delete()
        _written(request, by, at)
        return request


def move(*, hold: GateHold, version: int, gate: Gate, reason: str, by: User, at: datetime) -> GateHold:
    """What a stopped gate holds, or a gate that passed with conditions left, waits for another gate of the project.

    It is never released by moving: the other gate is one that no body has decided. `version` is the hold's.
    """
    with transaction.atomic():
        request = services.lock(hold.request)
        current_access().require(Permission.EDIT_BUDGET, request.program_id, request.project_id)
        found = holds.rows(request.program_id).filter(pk=hold.pk).select_for_update(of=("self",)).get()
        if found.version != version:
            raise Conflict("Somebody changed this after you opened it.", code="changed")
        if request.state != State.APPROVED:
            raise Refused(f"{request.code} is {request.get_state_display().lower()}: nothing of it waits.")
        rest = holds.line_of(found).held
        if found.gate.state not in DECIDED or not rest:
            raise Refused("Only what a stopped gate holds, or a gate left over, is moved to another one.")
        live = _gate(request, gate)
        if not reason.strip():
            raise Refused("Say why.", field="reason")
        GateHold.objects.filter(pk=found.pk).update(
            taken_minor=F("taken_minor") + rest, version=F("version") + 1
        )
        made = GateHold(
            program=request.program,
            request=request,
            gate=live,
            amount_minor=rest,
            moved_from=found,
            why=reason.strip()[:400],
            set_by=by,
            set_at=at,
        )
        made.save(force_insert=True)
        return made


def _gate(request: CapitalRequest, gate: Gate) -> Gate:
    """The gate under a lock that its decision waits for, if money can wait for it."""
    live: Gate = Gate.objects.select_for_update(no_key=True, of=("self",)).get(pk=gate.pk)
    if live.project_id != request.project_id:
        raise Refused("Choose a gate of the request's own project.", field="gate")
    if live.state in DECIDED:
        raise Refused(f"{live.code} is {live.get_state_display().lower()} already.", field="gate")
    return live


def _open(capital_request: CapitalRequest, version: int) -> CapitalRequest:
    request = services.lock(capital_request)
    current_access().require(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
    if request.version != version:
        raise Conflict("Somebody changed this request after you opened it.", code="changed")
    still_open(request)
    return request


def still_open(request: CapitalRequest) -> None:
    """Raises Refused where what waits for which gate is before a body, or was decided."""
    if request.state not in (State.DRAFT, State.SUBMITTED):
        voted = "is being voted on" if request.state == State.IN_REVIEW else "was voted on"
        raise Refused(
            f"{request.code} is {request.get_state_display().lower()}: what waits for which gate {voted}."
        )


def _draft(request: CapitalRequest) -> None:
    request.state, request.submitted_at = State.DRAFT, None
    request.version += 1
    request.save(update_fields=["state", "submitted_at", "version"])


def _written(request: CapitalRequest, by: User, at: datetime) -> None:
    revisions.record(request, by=by, at=at)
    guard.noted(request.program, at=at)
