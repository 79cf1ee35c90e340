"""Commands on what came: whoever ordered does not receive; the value of it moves from committed to accrued."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from finance.capex import services as capex
from finance.ledger import promises
from finance.ledger.books import Leg
from finance.ledger.models import Journal, Kind
from finance.procurement import matching, selectors
from finance.procurement.bills import Receipt, ReceiptLine
from finance.procurement.models import PurchaseOrder
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.numbering import next_code
from pmo.refusals import NotAllowed, Refused


def receive(
    *,
    order: PurchaseOrder,
    quantities: Mapping[int, Decimal],
    received_on: date,
    by: User,
    at: datetime,
    note: str = "",
) -> Receipt:
    """Enter what came of an order: quantity by id of the order line, exact decimals above zero.

    Its value at the ordered prices is accrued, unless it was invoiced before. Invoices that were held only because
    it had not come are cleared. Raises NotAllowed for whoever ordered or amended, Refused for more than is still to
    come (its field is `quantity.ID`) and for a day to come.
    """
    with transaction.atomic():
        request = capex.lock(order.request)
        current_access().require(Permission.RECEIVE_GOODS, request.program_id, request.project_id)
        found = PurchaseOrder.objects.get(pk=order.pk)
        if selectors.has_a_hand(found, by.pk):
            raise NotAllowed("Who ordered does not receive: somebody else says what came.")
        if found.state != PurchaseOrder.State.ISSUED:
            raise Refused(f"{found.code} is {found.get_state_display().lower()}: nothing more is expected.")
        if received_on > periods.local_day(request.program, at):
            raise Refused("What came, came today or earlier.", field="received_on")
        before = matching.lines_of(found)
        if not quantities or set(quantities) - set(before):
            raise Refused("Say how many of which line came.", field="quantities")
        for pk, quantity in quantities.items():
            line = before[pk]
            if quantity <= 0 or quantity != round(quantity, 3):
                raise Refused(
                    "A quantity is above zero, with at most three decimals.", field=f"quantity.{pk}"
                )
            if line.received + quantity > line.ordered:
                rest = matching.plain(line.ordered - line.received)
                raise Refused(f"Only {rest} of this line is still to come.", field=f"quantity.{pk}")
        after = matching.moved(before, received=quantities)
        here, there = matching.stands(before), matching.stands(after)
        accrued = there.accrued - here.accrued
        receipt = Receipt(
            program=request.program,
            order=found,
            code=next_code(Receipt, request.program_id, "GR"),
            received_on=received_on,
            note=note.strip()[:200],
            amount_minor=accrued,
            received_by=by,
            received_at=at,
        )
        receipt.save(force_insert=True)
        ReceiptLine.objects.bulk_create(
            ReceiptLine(program_id=request.program_id, receipt=receipt, line_id=pk, quantity=quantity)
            for pk, quantity in quantities.items()
        )
        if accrued:
            place = capex.place_of(request)
            promises.promise(
                program=request.program,
                kind=Journal.Kind.ACCRUAL,
                legs=[Leg(place, Kind.COMMITTED, -accrued), Leg(place, Kind.ACCRUED, accrued)],
                source=("receipt", str(receipt.pk)),
                text=f"{receipt.code} received on {found.code}"[:400],
                request_id=request.pk,
                by=by,
                at=at,
            )
        matching.rematch(found)
        matching.finish(found, by=by, at=at)
        return receipt
