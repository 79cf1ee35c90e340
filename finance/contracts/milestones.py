"""Commands on milestones of a contract: agreed, dropped from a draft, accepted by who has no hand in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db import transaction

from finance.contracts import selectors
from finance.contracts.models import Contract, ContractMilestone
from finance.contracts.services import held, locked
from finance.structure import periods
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.schedule.models import Activity


def agree(
    *,
    contract: Contract,
    version: int,
    name: str,
    amount_minor: int,
    due_on: date,
    by: User,
    at: datetime,
    activity: Activity | None = None,
) -> ContractMilestone:
    """Add a milestone (minor units) to a contract that is not closed; with `activity` it follows the plan."""
    with transaction.atomic():
        found = locked(contract, version)
        if found.state == Contract.State.CLOSED:
            raise Refused(f"{found.code} is closed.")
        if not name.strip():
            raise Refused("Give the milestone a name.", field="name")
        if ContractMilestone.objects.filter(contract=found, name__iexact=name.strip()).exists():
            raise Refused("There is a milestone of this name already.", field="name")
        left = found.value_minor - selectors.standing(found).milestones
        if not 0 < amount_minor <= min(left, LIMIT):
            raise Refused(
                "The amount is above zero and at most what no milestone has yet: "
                f"{format_exact(left, found.currency)}.",
                field="amount_minor",
            )
        if activity is not None and activity.project_id != found.request.project_id:
            raise Refused("Choose a milestone of the contract's own project.", field="activity")
        made = ContractMilestone(
            program=found.program,
            contract=found,
            name=name.strip()[:200],
            amount_minor=amount_minor,
            due_on=due_on,
            activity=activity,
        )
        made.save(force_insert=True)
        _touch(found)
        return made


def drop(*, milestone: ContractMilestone, version: int, by: User, at: datetime) -> Contract:
    """Take a milestone out of a draft (its history stays); in force milestones hold invoices."""
    with transaction.atomic():
        found = locked(milestone.contract, version)
        now = ContractMilestone.objects.filter(pk=milestone.pk).first()
        if now is None:
            raise Conflict("Somebody has taken this milestone out already.")
        if found.state != Contract.State.DRAFT:
            raise Refused(
                f"{found.code} is no draft any more: its milestones stay, or are withdrawn with a reason."
            )
        now.delete()
        return _touch(found)


def accept(
    *, milestone: ContractMilestone, version: int, accepted_on: date, note: str, by: User, at: datetime
) -> ContractMilestone:
    """Say that what was agreed for a milestone is there: its amount may be invoiced.

    Not by who manages the contract, drafted it, put it in force or ordered under it. `version` is the contract's as it
    was seen.
    """
    with transaction.atomic():
        found = held(milestone.contract, version, Permission.RECEIVE_GOODS)
        if selectors.has_a_hand(found, by.pk):
            raise NotAllowed(
                "Who manages, drafted or activated a contract, or ordered under it, does not accept its milestones."
            )
        if found.state != Contract.State.ACTIVE:
            raise Refused(f"{found.code} is {found.get_state_display().lower()}.")
        now = ContractMilestone.objects.filter(pk=milestone.pk).first()
        if now is None:
            raise Conflict("Somebody has taken this milestone out.")
        _open(now)
        if not found.starts_on <= accepted_on <= periods.local_day(found.program, at):
            raise Refused("It was accepted between the start of the contract and today.", field="accepted_on")
        now.accepted_on, now.accepted_by, now.accepted_at = accepted_on, by, at
        now.note = note.strip()[:400]
        now.save()
        _touch(found)
        for listener in _LISTENERS:
            listener(found)
        return now


def withdraw(
    *, milestone: ContractMilestone, version: int, reason: str, by: User, at: datetime
) -> ContractMilestone:
    """Say that nobody wants a milestone of a contract in force any more; its amount may be agreed anew, or given back.

    What is invoiced still goes no further than what is accepted. `version` is the contract's as it was seen.
    """
    with transaction.atomic():
        found = locked(milestone.contract, version)
        if found.state != Contract.State.ACTIVE:
            raise Refused(
                f"{found.code} is {found.get_state_display().lower()}: nothing is withdrawn from it."
            )
        if not reason.strip():
            raise Refused("Say why.", field="why")
        now = ContractMilestone.objects.filter(pk=milestone.pk).first()
        if now is None:
            raise Conflict("Somebody has taken this milestone out.")
        _open(now)
        now.withdrawn_by, now.withdrawn_at, now.withdrawn_why = by, at, reason.strip()[:400]
        now.save(update_fields=["withdrawn_by", "withdrawn_at", "withdrawn_why"])
        _touch(found)
        return now


def _open(milestone: ContractMilestone) -> None:
    if milestone.accepted_at is not None:
        raise Conflict(f"{milestone.name} is accepted already.")
    if milestone.withdrawn_at is not None:
        raise Conflict(f"{milestone.name} is withdrawn.")


Listener = Callable[[Contract], None]
_LISTENERS: list[Listener] = []


def when_accepted(listener: Listener) -> None:
    """Have `listener` called, in the same transaction, after a milestone of a contract was accepted."""
    if listener not in _LISTENERS:
        _LISTENERS.append(listener)


def _touch(contract: Contract) -> Contract:
    contract.version += 1
    contract.save(update_fields=["version"])
    return contract
