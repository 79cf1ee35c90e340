"""Reading procurement: where the money of a request stands, its orders, what of an order is open."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum

from finance.capex.models import CapitalRequest
from finance.ledger.models import Kind, Posting
from finance.procurement import matching
from finance.procurement.models import PurchaseOrder

# Committed by the journals of an order, its amendments, its receipts and its invoices.
_OPEN = """
with sources as (
  select id as order_id, 'purchase_order' as kind, id::text as source from finance_purchaseorder where request_id = %s
  union all select o.id, 'order_amendment', a.id::text from finance_orderamendment a
    join finance_purchaseorder o on o.id = a.order_id where o.request_id = %s
  union all select o.id, 'receipt', r.id::text from finance_receipt r join finance_purchaseorder o on o.id = r.order_id
   where o.request_id = %s
  union all select o.id, 'invoice', i.id::text from finance_invoice i join finance_purchaseorder o on o.id = i.order_id
   where o.request_id = %s)
select s.order_id, coalesce(sum(p.amount), 0)::bigint from sources s
  join finance_journal j on j.request_id = %s and j.source_kind = s.kind and j.source_id = s.source
  join finance_posting p on p.journal_id = j.id join finance_account a on a.id = p.account_id and a.kind = 'committed'
 group by 1
"""


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


def has_a_hand(order: PurchaseOrder, person: int | None) -> bool:
    """Did this person place the order, or amend it?"""
    return person == order.ordered_by_id or order.amendments.filter(amended_by_id=person).exists()


def open_minor(order: PurchaseOrder) -> int:
    """What of an order is still committed: ordered, and neither come nor invoiced yet (minor units); one query."""
    return matching.stands(
        matching.lines_of(order), running=order.state == PurchaseOrder.State.ISSUED
    ).committed


def open_of(request: CapitalRequest) -> dict[int, int]:
    """The same for all orders of a request, by id; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [request.pk] * 5)
        return dict(cursor.fetchall())
