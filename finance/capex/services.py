"""Everything that can happen to a capital request. Saying yes is governance's: it calls `approve` with a warrant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from finance.capex import holds, revisions
from finance.capex.models import CapitalRequest
from finance.ledger import promises
from finance.ledger.books import Leg, Place
from finance.ledger.models import Journal, Kind
from finance.policy import guard
from finance.structure.models import RESERVES, Category, Nature
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.lives import services as lives
from programs.portfolio.models import Program, Project

State = CapitalRequest.State
EDITABLE = (
    "title", "justification", "alternatives", "amount_minor", "category", "vendor", "cash_profile", "returns",
    "discount_percent", "asset_class", "in_service_on",
)  # fmt: skip
MOST_PERIODS = 240
"""Months with cash, and months from the first to the last of them: twenty years."""
OPEN = (State.SUBMITTED, State.IN_REVIEW)
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def create(
    *,
    program: Program,
    project: Project,
    title: str,
    justification: str,
    amount_minor: int,
    category: str,
    by: User,
    at: datetime,
    alternatives: str = "",
    vendor: str = "",
    cash_profile: Mapping[str, int] | None = None,
    returns: Mapping[str, int] | None = None,
    discount_percent: Decimal | None = None,
    asset_class: str = "",
    in_service_on: date | None = None,
) -> CapitalRequest:
    """Draft a request for capital (minor units of the program's currency) for a project; its first revision.

    `cash_profile` maps period codes to minor units and, unless empty, adds up to the amount;
    `returns` maps them to what comes back, net of running cost, so that it may be below zero. `discount_percent`
    is the yearly rate in percent, 0 to 100. Raises Refused at the field that does not fit.
    """
    current_access().require(Permission.REQUEST_CAPITAL, program.pk, project.pk)
    with transaction.atomic():
        request = CapitalRequest(
            program=program,
            project=project,
            code=next_code(CapitalRequest, program.pk, "CR"),
            title=title.strip(),
            justification=justification.strip(),
            alternatives=alternatives.strip(),
            amount_minor=amount_minor,
            currency=program.currency,
            category=category,
            vendor=vendor.strip(),
            cash_profile=dict(cash_profile or {}),
            returns=dict(returns or {}),
            discount_percent=discount_percent,
            asset_class=asset_class,
            in_service_on=in_service_on,
            requester=by,
        )
        _check(request)
        request.save(force_insert=True)
        revisions.record(request, by=by, at=at)
        guard.noted(program, at=at)
        return request


def edit(
    *, capital_request: CapitalRequest, version: int, values: Mapping[str, Any], by: User, at: datetime
) -> CapitalRequest:
    """Change a draft or a submitted request: a new revision, and a submitted one is a draft again.

    `version` is the one the person saw: an edit in between is a Conflict. One in review must be withdrawn first.
    """
    with transaction.atomic():
        request = lock(capital_request)
        current_access().require(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
        if request.version != version:
            raise Conflict("Somebody changed this request after you opened it.", code="changed")
        if request.state not in (State.DRAFT, State.SUBMITTED):
            raise Refused(f"A request that is {request.get_state_display().lower()} cannot be edited.")
        unknown = set(values) - set(EDITABLE)
        if unknown:
            raise Refused("This cannot be edited here.", code="not-editable")
        for name, value in values.items():
            setattr(request, name, value.strip() if isinstance(value, str) else value)
        _check(request)
        waiting = sum(one.amount for one in holds.lines(request))
        if waiting > request.amount_minor:
            total = format_exact(waiting, request.currency)
            raise Refused(f"{total} of it waits for gates: ask for no less than that.", field="amount_minor")
        request.state, request.submitted_at = State.DRAFT, None
        request.version += 1
        request.save(update_fields=[*values, "state", "submitted_at", "version"])
        revisions.record(request, by=by, at=at)
        guard.noted(request.program, at=at)
        return request


def submit(*, capital_request: CapitalRequest, by: User, at: datetime) -> CapitalRequest:
    """Hand a draft over for decision."""
    with transaction.atomic():
        request = lock(capital_request)
        current_access().require(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
        lives.refuse_promise(request.project)
        handed = _move(request, (State.DRAFT,), State.SUBMITTED, submitted_at=at)
        guard.promise(handed.program, at=at, subject=("capital_request", handed.pk))
        return handed


def withdraw(*, capital_request: CapitalRequest, by: User, at: datetime) -> CapitalRequest:
    """Take a request back before it is decided."""
    with transaction.atomic():
        request = lock(capital_request)
        current_access().require(Permission.REQUEST_CAPITAL, request.program_id, request.project_id)
        back = _move(request, (State.DRAFT, *OPEN), State.WITHDRAWN)
        guard.noted(back.program, at=at)
        return back


def mark_in_review(*, capital_request: CapitalRequest, by: User | None, at: datetime) -> CapitalRequest:
    """A body has the request before it (called by governance, which has asked for its own permission)."""
    with transaction.atomic():
        return _move(lock(capital_request), (State.SUBMITTED,), State.IN_REVIEW)


def return_to_submitted(*, capital_request: CapitalRequest, by: User | None, at: datetime) -> CapitalRequest:
    """The body did not decide (called by governance): the request waits again."""
    with transaction.atomic():
        return _move(lock(capital_request), (State.IN_REVIEW,), State.SUBMITTED)


def approve(
    *, capital_request: CapitalRequest, warrant: Warrant, by: User | None, at: datetime
) -> CapitalRequest:
    """Set the money aside that a decision allowed (called by governance in the decision's own transaction).

    It is committed order by order (`finance.procurement`); what is not needed goes back when the request is closed.

    Raises Conflict when the request was decided, withdrawn or edited meanwhile, Refused when the money is not
    available; then nothing of the decision stands.
    """
    with transaction.atomic():
        request = lock(capital_request)
        _holds(request, warrant)
        lives.refuse_promise(request.project)
        _move(request, OPEN, State.APPROVED, warrant=warrant, decided_at=at)
        place = place_of(request)
        promises.promise(
            program=request.program,
            kind=Journal.Kind.RESERVE,
            legs=[
                Leg(place, Kind.AVAILABLE, -request.amount_minor),
                Leg(place, Kind.RESERVE, request.amount_minor),
            ],
            warrant=warrant,
            request_id=request.pk,
            source=("capital_request", str(request.pk)),
            text=f"{request.code} {request.title}"[:400],
            by=by,
            at=at,
        )
        guard.promise(request.program, at=at)
        return request


def reject(
    *, capital_request: CapitalRequest, by: User | None, at: datetime, warrant: Warrant | None = None
) -> CapitalRequest:
    """A decision said no (called by governance)."""
    with transaction.atomic():
        rejected = _move(lock(capital_request), OPEN, State.REJECTED, decided_at=at)
        guard.noted(rejected.program, at=at)
        return rejected


def place_of(request: CapitalRequest) -> Place:
    """Where the request's money stands: its project's capital in its category."""
    return Place(request.project_id, request.category, Nature.CAPITAL)


def close(*, capital_request: CapitalRequest, by: User | None, at: datetime) -> CapitalRequest:
    """No more is ordered (called by procurement, which has given back what is left)."""
    with transaction.atomic():
        return _move(lock(capital_request), (State.APPROVED,), State.CLOSED)


def lock(request: CapitalRequest) -> CapitalRequest:
    """The request as it is now, held until the end of the transaction."""
    found: CapitalRequest = (
        CapitalRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program", "project")
        .get(pk=request.pk)
    )
    return found


def _move(request: CapitalRequest, sources: tuple[str, ...], target: str, **more: Any) -> CapitalRequest:
    """Compare and set: of two people at once one wins and the other is told."""
    changed = CapitalRequest.objects.filter(pk=request.pk, state__in=sources).update(
        state=target, version=F("version") + 1, **more
    )
    if not changed:
        raise Conflict(f"{request.code} is {request.get_state_display().lower()} already.")
    request.refresh_from_db()
    return request


def _holds(request: CapitalRequest, warrant: Warrant) -> None:
    """The warrant is for this request, in the very words that were shown."""
    shown = revisions.current(request)
    if warrant.kind != Warrant.Kind.CAPITAL_REQUEST or warrant.program_id != request.program_id:
        raise Refused("This decision is not about a capital request of this program.")
    if shown is None or warrant.digest != shown.sha256:
        raise Conflict(f"{request.code} was edited after it was shown: the decision does not hold for it.")


def _check(request: CapitalRequest) -> None:
    if request.amount_minor <= 0:
        raise Refused("The amount must be above zero.", field="amount_minor")
    if request.category not in Category.values or request.category in RESERVES:
        raise Refused("Choose the cost category that the money is for.", field="category")
    if not request.justification:
        raise Refused("Say why this is needed.", field="justification")
    profile = request.cash_profile
    check_cash(profile, "cash_profile", "The cash profile", lowest=0)
    if profile and sum(profile.values()) != request.amount_minor:
        total = format_exact(sum(profile.values()), request.currency)
        raise Refused(f"The cash profile adds up to {total}, not to the amount.", field="cash_profile")
    check_cash(request.returns, "returns", "What comes back", lowest=-LIMIT)
    months = [int(code[:4]) * 12 + int(code[5:]) for code in (*profile, *request.returns)]
    if months and max(months) - min(months) >= MOST_PERIODS:
        raise Refused("From the first payment to the last return are twenty years at most.", field="returns")
    rate = request.discount_percent
    if rate is not None and not 0 <= rate <= 100:
        raise Refused("The discount rate is between 0 and 100 percent a year.", field="discount_percent")
    try:
        request.clean_fields(exclude=["program", "project", "requester", "warrant"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def check_cash(cash: Any, field: str, name: str, *, lowest: int = -LIMIT) -> None:
    """Refuse anything but an amount (minor units, from `lowest` on) for each period code."""
    good = isinstance(cash, dict) and all(
        isinstance(code, str)
        and _PERIOD.fullmatch(code)
        and type(amount) is int
        and lowest <= amount <= LIMIT
        for code, amount in cash.items()
    )
    if not good:
        raise Refused(f"{name} gives an amount for periods such as 2026-11.", field=field)
