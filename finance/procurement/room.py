"""Is there room for what is ordered? Asked here alone, whether an order is placed or raised (minor units)."""

from __future__ import annotations

from finance.capex import holds
from finance.capex.models import CapitalRequest
from finance.contracts import selectors as contracts
from finance.contracts.models import Contract
from finance.procurement import selectors
from finance.procurement.models import Vendor
from pmo.accounts.models import User
from pmo.money import format_exact
from pmo.refusals import NotAllowed, Refused


def ask(
    request: CapitalRequest,
    vendor: Vendor,
    amount: int,
    *,
    contract: Contract | None,
    by: User,
    spent: int = 0,
    says: str = "this order comes to",
) -> Contract | None:
    """The contract as it is now, if so much more may be ordered on a request and under the contract, or Refused.

    `spent`: how much of it was invoiced before it was ordered, and so takes nothing from what is set aside; then all
    that was spent beyond what was approved has to fit in, too. `says` begins the clause that names the amount.
    """
    stands = selectors.money(request)
    left = stands.reserved - (stands.beyond if spent else 0)
    needs = amount - spent
    standing = holds.lines(request)
    waits = sum(one.held for one in standing)
    if waits and left - waits < needs <= left:
        raise Refused(holds.refusal(request, standing, needs), code="waits-for-gate")
    left -= waits
    if contract is not None:
        contract = _under(contract, request, vendor, amount, by, says)
    held = contracts.promised(request, besides=contract.pk if contract else None)
    if held and left - held < needs <= left:
        raise Refused(
            f"{format_exact(held, request.currency)} of what is set aside for {request.code} is held by contracts "
            f"in force; {says} {format_exact(amount, request.currency)}.",
            code="not-enough-money",
        )
    if needs > left:
        raise Refused(
            f"Only {format_exact(max(0, left), request.currency)} of {request.code} is left to order; "
            f"{says} {format_exact(amount, request.currency)}.",
            code="not-enough-money",
        )
    return contract


def free(request: CapitalRequest, contract: Contract | None) -> int:
    """How much more may be ordered on a request, under the contract where one is given; at most four queries."""
    waits = sum(one.held for one in holds.lines(request))
    held = contracts.promised(request, besides=contract.pk if contract else None)
    left = selectors.money(request).reserved - waits - held
    if contract is not None:
        left = min(left, contract.value_minor - contracts.standing(contract).ordered)
    return max(0, left)


def no_milestone_of(contract: Contract, by: User) -> None:
    """Refuse who accepted a milestone of the contract: they do not order under it."""
    if contract.milestones.filter(accepted_by=by).exists():
        raise NotAllowed("Who accepted a milestone of a contract does not order under it.")


def _under(
    contract: Contract, request: CapitalRequest, vendor: Vendor, amount: int, by: User, says: str
) -> Contract:
    """The contract as it is now, if so much (minor units) may be ordered under it."""
    found: Contract = Contract.objects.get(pk=contract.pk)
    if (
        found.program_id != request.program_id
        or found.request_id != request.pk
        or found.vendor_id != vendor.pk
    ):
        raise Refused("Choose a contract of this request with this vendor.", field="contract")
    if found.state != Contract.State.ACTIVE:
        raise Refused(f"{found.code} is {found.get_state_display().lower()}.", field="contract")
    no_milestone_of(found, by)
    free = found.value_minor - contracts.standing(found).ordered
    if amount > free:
        raise Refused(
            f"Only {format_exact(free, request.currency)} of {found.code} is left to order; "
            f"{says} {format_exact(amount, request.currency)}.",
            field="contract",
        )
    return found
