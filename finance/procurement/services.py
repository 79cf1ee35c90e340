"""Commands on purchase orders: ordered out of what was set aside, cancelled back into it, and the request closed.

Quantities are exact decimals of at most three places, money whole minor units of the program's currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.contracts.models import Contract
from finance.ledger import promises
from finance.ledger.books import Leg
from finance.ledger.models import Journal, Kind
from finance.policy import guard
from finance.procurement import room, selectors
from finance.procurement.models import OrderLine, PurchaseOrder, Vendor
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact, round_half_even
from pmo.numbering import next_code
from pmo.refusals import Conflict, Refused
from programs.lives import services as lives

State = PurchaseOrder.State
MOST_LINES = 40


class Wanted(NamedTuple):
    """A line to order: what, how many of it, and the price of one in minor units."""

    text: str
    quantity: Decimal
    unit_price_minor: int


def order(
    *,
    capital_request: CapitalRequest,
    vendor: Vendor,
    title: str,
    lines: Sequence[Wanted],
    by: User,
    at: datetime,
    expected_on: date | None = None,
    contract: Contract | None = None,
) -> PurchaseOrder:
    """Order from a vendor: the sum of the lines moves from set aside to committed.

    Raises Refused when the request is not approved or closed, has less left than the order needs, or a line does
    not fit (its field is `lines.N`, from 0).
    """
    with transaction.atomic():
        request = capex.lock(capital_request)
        current_access().require(Permission.PLACE_ORDER, request.program_id, request.project_id)
        if request.state != CapitalRequest.State.APPROVED:
            raise Refused(
                f"{request.code} is {request.get_state_display().lower()}: orders are placed on approved requests."
            )
        lives.refuse_promise(request.project)
        if vendor.program_id != request.program_id or not vendor.active:
            raise Refused("Choose an active vendor of this program.", field="vendor")
        made = lines_of(lines)
        if not title.strip():
            raise Refused("Say what is ordered.", field="title")
        amount = sum(line.amount_minor for line in made)
        contract = room.ask(request, vendor, amount, contract=contract, by=by)
        placed = PurchaseOrder(
            program=request.program,
            request=request,
            vendor=vendor,
            contract=contract,
            code=next_code(PurchaseOrder, request.program_id, "PO"),
            title=title.strip()[:200],
            amount_minor=amount,
            currency=request.currency,
            expected_on=expected_on,
            ordered_by=by,
            ordered_at=at,
        )
        placed.save(force_insert=True)
        for line in made:
            line.program_id, line.order_id = request.program_id, placed.pk
        OrderLine.objects.bulk_create(made)
        place = capex.place_of(request)
        promises.promise(
            program=request.program,
            kind=Journal.Kind.COMMITMENT,
            legs=[Leg(place, Kind.RESERVE, -amount), Leg(place, Kind.COMMITTED, amount)],
            source=("purchase_order", str(placed.pk)),
            text=f"{placed.code} {vendor.name}: {placed.title}"[:400],
            request_id=request.pk,
            by=by,
            at=at,
        )
        guard.promise(request.program, at=at)
        return placed


def cancel(*, order: PurchaseOrder, version: int, reason: str, by: User, at: datetime) -> PurchaseOrder:
    """Take back what of an order has not come yet: it is set aside for the request again.

    An order of which something came is closed by this, one of which nothing came is cancelled.
    """
    with transaction.atomic():
        request = capex.lock(order.request)
        current_access().require(Permission.PLACE_ORDER, request.program_id, request.project_id)
        if not reason.strip():
            raise Refused("Say why.", field="why")
        found = PurchaseOrder.objects.get(pk=order.pk)  # whoever changes an order holds its request
        if found.version != version:
            raise Conflict("Somebody changed this order after you opened it.", code="changed")
        if found.state != State.ISSUED:
            raise Conflict(f"{found.code} is {found.get_state_display().lower()} already.")
        rest = selectors.open_minor(found)
        if rest:
            place = capex.place_of(request)
            promises.promise(
                program=request.program,
                kind=Journal.Kind.RELEASE,
                legs=[Leg(place, Kind.COMMITTED, -rest), Leg(place, Kind.RESERVE, rest)],
                source=("purchase_order", str(found.pk)),
                text=f"{found.code} cancelled: {reason.strip()}"[:400],
                request_id=request.pk,
                by=by,
                at=at,
            )
        state = State.CANCELLED if rest == found.amount_minor else State.CLOSED
        PurchaseOrder.objects.filter(pk=found.pk).update(
            state=state, ended_by=by, ended_at=at, ended_why=reason.strip()[:400], version=F("version") + 1
        )
        found.refresh_from_db()
        return found


def close_request(*, capital_request: CapitalRequest, by: User, at: datetime) -> CapitalRequest:
    """Nothing more is ordered: what is still set aside becomes available again.

    Raises Refused while an order is under way, a contract in force or something received is not invoiced.
    """
    with transaction.atomic():
        request = capex.lock(capital_request)
        current_access().require(Permission.PLACE_ORDER, request.program_id, request.project_id)
        running = list(
            PurchaseOrder.objects.filter(request=request, state=State.ISSUED)
            .order_by("code")
            .values_list("code", flat=True)[:5]
        )
        if running:
            raise Refused(f"{', '.join(running)} is under way: cancel or finish it first.")
        in_force = Contract.objects.filter(request=request, state=Contract.State.ACTIVE).order_by("code")
        if agreed := list(in_force.values_list("code", flat=True)[:5]):
            raise Refused(f"{', '.join(agreed)} is in force: close it first.")
        stands = selectors.money(request)
        if stands.accrued:
            amount = format_exact(stands.accrued, request.currency)
            raise Refused(f"{amount} was received and not invoiced yet.")
        closed = capex.close(capital_request=request, by=by, at=at)
        if stands.reserved:
            place = capex.place_of(request)
            promises.promise(
                program=request.program,
                kind=Journal.Kind.RELEASE,
                legs=[
                    Leg(place, Kind.RESERVE, -stands.reserved),
                    Leg(place, Kind.AVAILABLE, stands.reserved),
                ],
                source=("capital_request", str(request.pk)),
                text=f"{request.code} closed: not needed"[:400],
                request_id=request.pk,
                by=by,
                at=at,
            )
        return closed


def lines_of(wanted: Sequence[Wanted]) -> list[OrderLine]:
    """The lines to write, checked: what does not fit is refused at `lines.N`, from 0."""
    if not wanted:
        raise Refused("An order has at least one line.", field="lines")
    if len(wanted) > MOST_LINES:
        raise Refused(f"An order has at most {MOST_LINES} lines.", field="lines")
    made = []
    for n, line in enumerate(wanted):
        if not line.text.strip():
            raise Refused("Say what is ordered.", field=f"lines.{n}")
        if not 0 < line.quantity < 10**11 or line.quantity != round(line.quantity, 3):
            raise Refused("A quantity is above zero, with at most three decimals.", field=f"lines.{n}")
        amount = round_half_even(line.quantity * line.unit_price_minor) if line.unit_price_minor > 0 else 0
        if not 0 < amount <= LIMIT or line.unit_price_minor > LIMIT:
            raise Refused("The line must come to more than nothing.", field=f"lines.{n}")
        made.append(
            OrderLine(
                n=n + 1,
                text=line.text.strip()[:200],
                quantity=line.quantity,
                unit_price_minor=line.unit_price_minor,
                amount_minor=amount,
            )
        )
    if sum(line.amount_minor for line in made) > LIMIT:
        raise Refused("The order is larger than money can be.", field="lines")
    return made
