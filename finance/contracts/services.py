"""Commands on contracts: drafted, put in force within what is set aside, changed with a reason, closed.

Whoever changes a contract holds its capital request, as whoever orders and enters invoices does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from finance.capex import holds
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.contracts import selectors
from finance.contracts.models import MOST_RETAINED, Contract, ContractChange
from finance.policy import guard
from finance.structure import periods
from pmo.accounts.access import Access, Held, current_access
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact
from pmo.numbering import next_code
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.lives import services as lives
from programs.portfolio.models import Program

State = Contract.State
EDITABLE = (
    "title", "value_minor", "starts_on", "ends_on", "retention_percent", "release_on", "terms", "manager",
)  # fmt: skip


def draft(
    *, capital_request: CapitalRequest, vendor: Any, values: Mapping[str, Any], by: User, at: datetime
) -> Contract:
    """Write a contract with a vendor on an approved capital request; nothing is promised until it is in force.

    `values` are those of EDITABLE (money in minor units). Raises Refused at the field that does not fit.
    """
    with transaction.atomic():
        request = capex.lock(capital_request)
        current_access().require(Permission.PLACE_ORDER, request.program_id, request.project_id)
        if request.state != CapitalRequest.State.APPROVED:
            raise Refused(
                f"{request.code} is {request.get_state_display().lower()}: contracts are made on approved requests."
            )
        if vendor.program_id != request.program_id or not vendor.active:
            raise Refused("Choose an active vendor of this program.", field="vendor")
        contract = Contract(
            program=request.program,
            request=request,
            vendor=vendor,
            code=next_code(Contract, request.program_id, "CT"),
            currency=request.currency,
            manager=by,
            drafted_by=by,
            drafted_at=at,
        )
        _take(contract, values)
        may_manage(contract, at)
        contract.save(force_insert=True)
        return contract


def edit(*, contract: Contract, version: int, values: Mapping[str, Any], by: User, at: datetime) -> Contract:
    """Change a draft."""
    with transaction.atomic():
        found = locked(contract, version)
        if found.state != State.DRAFT:
            raise Refused(f"{found.code} is {found.get_state_display().lower()}: only a draft is edited.")
        _take(found, values)
        may_manage(found, at)
        return _saved(found)


def activate(*, contract: Contract, version: int, by: User, at: datetime) -> Contract:
    """Put a draft in force: from now on its value is held for it out of what is set aside for its request."""
    with transaction.atomic():
        found = locked(contract, version)
        if found.state != State.DRAFT:
            raise Conflict(f"{found.code} is {found.get_state_display().lower()} already.")
        if found.request.state != CapitalRequest.State.APPROVED:
            raise Refused(f"{found.request.code} is {found.request.get_state_display().lower()}.")
        if found.manager_id == by.pk:
            raise NotAllowed("Who manages a contract does not put it in force: somebody else does.")
        may_manage(found, at)
        lives.refuse_promise(found.request.project)
        _room(found, found.value_minor)
        found.state, found.activated_by, found.activated_at = State.ACTIVE, by, at
        saved = _saved(found)
        guard.promise(found.program, at=at)
        return saved


def change_value(
    *, contract: Contract, version: int, value_minor: int, reason: str, by: User, at: datetime
) -> Contract:
    """Change the value of a contract in force (minor units), with a reason, within what is set aside.

    Not below what is ordered, nor below what its milestones that are not withdrawn come to.
    """
    with transaction.atomic():
        found = locked(contract, version)
        if found.state != State.ACTIVE:
            raise Refused(f"{found.code} is {found.get_state_display().lower()}: it has no value to change.")
        if not reason.strip():
            raise Refused("Say why.", field="why")
        if not 0 < value_minor <= LIMIT or value_minor == found.value_minor:
            raise Refused("Give another value, above zero.", field="value_minor")
        stands = selectors.standing(found)
        least = max(stands.ordered, stands.milestones)
        if value_minor < least:
            raise Refused(
                f"{format_exact(least, found.currency)} are ordered or agreed as milestones: not less than that.",
                field="value_minor",
            )
        _room(found, value_minor - stands.ordered)
        ContractChange(
            program=found.program,
            contract=found,
            from_minor=found.value_minor,
            to_minor=value_minor,
            reason=reason.strip()[:400],
            changed_by=by,
            changed_at=at,
        ).save(force_insert=True)
        found.value_minor = value_minor
        saved = _saved(found)
        guard.promise(found.program, at=at)
        return saved


def close(*, contract: Contract, version: int, reason: str, by: User, at: datetime) -> Contract:
    """Nothing more is ordered under it; what it still held is free for its request. What is retained stays owed."""
    with transaction.atomic():
        found = locked(contract, version)
        if found.state == State.CLOSED:
            raise Conflict(f"{found.code} is closed already.")
        if not reason.strip():
            raise Refused("Say why.", field="why")
        running = found.orders.filter(state="issued").order_by("code").values_list("code", flat=True)[:5]
        if running:
            raise Refused(f"{', '.join(running)} is under way: cancel or finish it first.")
        found.state, found.closed_by, found.closed_at = State.CLOSED, by, at
        found.closed_why = reason.strip()[:400]
        return _saved(found)


def locked(contract: Contract, version: int) -> Contract:
    """The contract as it is now, for who may order in its project."""
    return held(contract, version, Permission.PLACE_ORDER)


def held(contract: Contract, version: int, right: Permission, *, in_project: bool = True) -> Contract:
    """The contract as it is now, its request held until the end of the transaction, for who holds the right there.

    Raises NotAllowed without the right (in its project, or in the program), Conflict for another version.
    """
    capex.lock(contract.request)
    found: Contract = Contract.objects.select_related("program", "request__project", "vendor").get(
        pk=contract.pk
    )
    current_access().require(right, found.program_id, found.request.project_id if in_project else None)
    if found.version != version:
        raise Conflict("Somebody changed this contract after you opened it.", code="changed")
    return found


def _saved(contract: Contract) -> Contract:
    contract.version += 1
    contract.save()
    return contract


def _room(contract: Contract, needed: int) -> None:
    """Is so much (minor units) set aside for the request, and held by no other contract?"""
    others = selectors.promised(contract.request, besides=contract.pk)
    standing = holds.lines(contract.request)
    waits = sum(one.held for one in standing)
    free = selectors.set_aside(contract.request) - others - waits
    if waits and free < needed <= free + waits:
        raise Refused(
            holds.refusal(contract.request, standing, needed), field="value_minor", code="waits-for-gate"
        )
    if needed > free:
        raise Refused(
            f"Only {format_exact(max(0, free), contract.currency)} of {contract.request.code} is set aside and held by "
            f"no other contract; {format_exact(needed, contract.currency)} are needed.",
            field="value_minor",
            code="not-enough-money",
        )


def _take(contract: Contract, values: Mapping[str, Any]) -> None:
    if set(values) - set(EDITABLE):
        raise Refused("This cannot be edited here.", code="not-editable")
    for name, value in values.items():
        setattr(contract, name, value.strip() if isinstance(value, str) else value)
    if not contract.title:
        raise Refused("Say what the contract is about.", field="title")
    if contract.value_minor is None or not 0 < contract.value_minor <= LIMIT:
        raise Refused("The value is above zero.", field="value_minor")
    if not isinstance(contract.starts_on, date) or not isinstance(contract.ends_on, date):
        raise Refused("Say from when to when it runs.", field="starts_on")
    if contract.ends_on < contract.starts_on:
        raise Refused("A contract ends on or after the day on which it starts.", field="ends_on")
    percent = Decimal(contract.retention_percent)
    if not 0 <= percent <= MOST_RETAINED or percent != round(percent, 2):
        raise Refused(
            f"From 0 to {MOST_RETAINED} percent are retained, two decimals.", field="retention_percent"
        )
    if percent and (contract.release_on is None or contract.release_on < contract.starts_on):
        raise Refused("Say from which day on what is retained may be released.", field="release_on")
    if not percent and contract.release_on is not None:
        raise Refused("Nothing is retained that could be released.", field="release_on")
    try:
        contract.clean_fields(exclude=["program", "request", "vendor", "manager", "drafted_by"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error


def may_manage(contract: Contract, at: datetime) -> None:
    """Who manages a contract may order in its project today: a name lent by somebody else manages nothing."""
    if contract.manager_id not in who_may_manage(contract.program, contract.request.project_id, at):
        raise Refused("Choose somebody who may order in this project.", field="manager")


def who_may_manage(program: Program, project_id: int, at: datetime) -> set[int]:
    """The people who may order in the project today, by roles of their own. One query."""
    today = periods.local_day(program, at)
    running = Membership.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today), program_id=program.pk, valid_from__lte=today
    )
    held: dict[int, list[Held]] = {}
    for person, role, project in running.values_list("user_id", "role", "project_id"):
        held.setdefault(person, []).append(Held(program.pk, role, project))
    return {
        person
        for person, roles in held.items()
        if Access(None, tuple(roles)).may(Permission.PLACE_ORDER, program.pk, project_id)
    }
