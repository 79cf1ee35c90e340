"""Reading procurement: where the money of a request stands, its orders, what of an order is open."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Sum

from finance.capex.models import CapitalRequest
from finance.ledger.models import Kind, Posting
from finance.procurement.models import PurchaseOrder


@dataclass(frozen=True, slots=True)
class RequestMoney:
    """Where the money of one capital request stands, from its journals alone (minor units).

    `approved` = `reserved` + `ordered` + `accrued` + `spent` + `returned` - `beyond`, always: each journal sums to
    zero, and every journal of the request names it.
    """

    approved: int
    reserved: int
    ordered: int
    accrued: int
    spent: int
    returned: int
    beyond: int


def money(request: CapitalRequest) -> RequestMoney:
    """The request's money now; one query. Nothing stands anywhere before it is approved."""
    found = dict(
        Posting.objects.filter(program_id=request.program_id, journal__request_id=request.pk)
        .order_by()
        .values_list("account__kind")
        .annotate(total=Sum("amount"))
    )
    if not found:
        return RequestMoney(0, 0, 0, 0, 0, 0, 0)
    reserved, ordered, accrued, spent = (
        int(found.get(kind, 0)) for kind in (Kind.RESERVE, Kind.COMMITTED, Kind.ACCRUED, Kind.SPENT)
    )
    drawn = reserved + ordered + accrued + spent
    over = max(0, drawn - request.amount_minor)
    back = max(0, request.amount_minor - drawn)
    return RequestMoney(request.amount_minor, reserved, ordered, accrued, spent, back, over)


def open_minor(order: PurchaseOrder) -> int:
    """What of an order is still committed: ordered and not come yet (minor units)."""
    return order.amount_minor if order.state == PurchaseOrder.State.ISSUED else 0
