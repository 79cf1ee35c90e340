"""A contract in force goes to another manager: by somebody else than who takes it, with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from finance.contracts import selectors
from finance.contracts.models import Contract, ContractHandover
from finance.contracts.services import locked, may_manage, who_may_manage
from pmo.accounts.models import User
from pmo.refusals import NotAllowed, Refused


def who_may_take(contract: Contract, by: User, at: datetime) -> set[int]:
    """The people to whom this person may hand the contract over, as `hand_over` holds it."""
    never = {contract.manager_id, by.pk, contract.activated_by_id, *selectors.who_let_pass(contract)}
    return who_may_manage(contract.program, contract.request.project_id, at) - never


def hand_over(
    *, contract: Contract, version: int, manager: User, reason: str, by: User, at: datetime
) -> Contract:
    """Have another person manage a contract in force.

    Nobody takes a contract for themselves. The new manager may order in its project, did not put it in force, and let
    nothing of it pass (milestones, held invoices, what is retained); who managed it keeps having had a hand in it.
    """
    with transaction.atomic():
        found = locked(contract, version)
        if found.state != Contract.State.ACTIVE:
            raise Refused(
                f"{found.code} is {found.get_state_display().lower()}: only one in force is handed over."
            )
        if not reason.strip():
            raise Refused("Say why.", field="why")
        if manager.pk == found.manager_id:
            raise Refused(f"{manager.name} manages it already.", field="manager")
        if manager.pk == by.pk:
            raise NotAllowed("Nobody takes a contract for themselves: somebody else hands it over.")
        if manager.pk == found.activated_by_id:
            raise Refused("Who put a contract in force does not manage it.", field="manager")
        if selectors.let_pass(found, manager.pk):
            raise Refused(
                "Who accepted a milestone or released money of a contract does not manage it.",
                field="manager",
            )
        before = found.manager
        found.manager = manager
        may_manage(found, at)
        found.version += 1
        ContractHandover(
            program=found.program,
            contract=found,
            n=found.version,
            from_manager=before,
            to_manager=manager,
            reason=reason.strip()[:400],
            handed_by=by,
            handed_at=at,
        ).save(force_insert=True)
        found.save(update_fields=["manager", "version"])
        return found
