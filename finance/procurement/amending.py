"""The command that amends an order under way: raised, lowered, or expected on another day, by rows of its own.

Quantities are exact decimals of at most three places, money whole minor units of the program's currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from enum import Enum

from django.db import transaction
from django.db.models import F, Max

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.engine.three_way import Line
from finance.ledger import promises
from finance.ledger.books import Leg
from finance.ledger.models import Journal, Kind
from finance.policy import guard
from finance.procurement import matching, room
from finance.procurement.models import AmendedLine, OrderAmendment, OrderLine, PurchaseOrder
from finance.procurement.services import MOST_LINES, Wanted, lines_of
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.refusals import Conflict, NotAllowed, Refused
from programs.lives import services as lives


class Day(Enum):
    """Instead of a day: the one that the order has."""

    AS_BEFORE = "as before"


def amend(
    *,
    order: PurchaseOrder,
    version: int,
    reason: str,
    by: User,
    at: datetime,
    quantities: Mapping[int, Decimal] | None = None,
    added: Sequence[Wanted] = (),
    expected_on: date | Day | None = Day.AS_BEFORE,
) -> OrderAmendment:
    """Raise or lower an order under way: `quantities` ordered from now on by id of the line, and lines that are new.

    The price of a line stays: who pays another one orders less of the line and adds a line. What the order comes to
    more is asked for as if it were ordered (`room.ask`), under the policy; what it comes to less is set aside again.
    Raises Refused below what came or is invoiced (`quantity.ID`), for a new line that does not fit (`lines.N`), and
    where nothing would be left; NotAllowed for who received, released or accepted something of it.
    """
    with transaction.atomic():
        request = capex.lock(order.request)
        current_access().require(Permission.PLACE_ORDER, request.program_id, request.project_id)
        found = PurchaseOrder.objects.select_related("vendor", "contract").get(pk=order.pk)
        if found.version != version:
            raise Conflict("Somebody changed this order after you opened it.", code="changed")
        if found.state != PurchaseOrder.State.ISSUED:
            raise Refused(
                f"{found.code} is {found.get_state_display().lower()}: only one under way is amended."
            )
        _somebody_else(found, by)
        if not reason.strip():
            raise Refused("Say why.", field="why")
        day = found.expected_on if expected_on is Day.AS_BEFORE else expected_on
        before = matching.lines_of(found)
        changed = _changed(before, quantities or {})
        new = lines_of(added) if added else []
        if not changed and not new and day == found.expected_on:
            raise Refused("Nothing changes: give another quantity, another line or another day.")
        after = before | changed
        if len(new) + sum(line.ordered > 0 for line in after.values()) > MOST_LINES:
            raise Refused(f"An order has at most {MOST_LINES} lines.", field="lines")
        more = sum(line.amount_minor for line in new)
        total = found.amount_minor + more + sum(_worth(after[pk]) - _worth(before[pk]) for pk in changed)
        if total <= 0:
            raise Refused(f"Nothing of {found.code} would be left: cancel it instead.")
        if total > LIMIT:
            raise Refused("The order is larger than money can be.", field="lines")
        moved = matching.stands(after).committed + more - matching.stands(before).committed
        raises = bool(new) or any(after[pk].ordered > before[pk].ordered for pk in changed)
        if raises:
            _as_if_ordered(request, found, total - found.amount_minor, moved, by)
        made = OrderAmendment(
            program=request.program,
            order=found,
            n=(found.amendments.aggregate(last=Max("n"))["last"] or 0) + 1,
            from_minor=found.amount_minor,
            to_minor=total,
            committed_minor=moved,
            expected_before=found.expected_on,
            expected_on=day,
            reason=reason.strip()[:400],
            amended_by=by,
            amended_at=at,
        )
        made.save(force_insert=True)
        _write(made, found, before, changed, new)
        PurchaseOrder.objects.filter(pk=found.pk).update(
            amount_minor=total, expected_on=day, version=F("version") + 1
        )
        if moved:
            _enter(request, found, made, by=by, at=at)
        if raises:
            guard.promise(request.program, at=at)
        matching.finish(found, by=by, at=at)
        return made


def _somebody_else(order: PurchaseOrder, by: User) -> None:
    """Who orders, and so who amends, lets nothing of the order pass: neither goods, nor invoices, nor milestones."""
    if order.receipts.filter(received_by=by).exists():
        raise NotAllowed("Who entered what came of an order does not amend it: somebody else does.")
    if order.invoices.filter(released_by=by).exists():
        raise NotAllowed("Who released an invoice of an order does not amend it: somebody else does.")
    if order.contract is not None:
        room.no_milestone_of(order.contract, by)


def _changed(before: matching.Lines, quantities: Mapping[int, Decimal]) -> dict[int, Line]:
    """The lines of which another quantity is ordered, as they then are."""
    if set(quantities) - set(before):
        raise Refused("Say how many of which line are ordered.", field="quantities")
    changed = {}
    for pk, quantity in quantities.items():
        line, field = before[pk], f"quantity.{pk}"
        if quantity == line.ordered:
            continue
        if not 0 <= quantity < 10**11 or quantity != round(quantity, 3):
            raise Refused("A quantity is zero or more, with at most three decimals.", field=field)
        if quantity < line.ordered and quantity < max(line.received, line.invoiced):
            came, billed = matching.plain(line.received), matching.plain(line.invoiced)
            raise Refused(
                f"{came} came and {billed} are invoiced of this line: not less than that.", field=field
            )
        then = replace(line, ordered=quantity)
        if quantity and not 0 < _worth(then) <= LIMIT:
            raise Refused("The line must come to more than nothing.", field=field)
        changed[pk] = then
    return changed


def _as_if_ordered(
    request: CapitalRequest, order: PurchaseOrder, difference: int, moved: int, by: User
) -> None:
    """What placing an order asks for, asked for what this one becomes; money where it comes to more (minor units)."""
    if request.state != CapitalRequest.State.APPROVED:
        raise Refused(
            f"{request.code} is {request.get_state_display().lower()}: orders are placed on approved requests."
        )
    lives.refuse_promise(request.project)
    if not order.vendor.active:
        raise Refused(f"{order.vendor.name} gets no new orders: an order is not raised, either.")
    if difference > 0:
        room.ask(
            request,
            order.vendor,
            difference,
            contract=order.contract,
            by=by,
            spent=difference - moved,
            says="this amendment adds",
        )


def _write(
    made: OrderAmendment,
    order: PurchaseOrder,
    before: matching.Lines,
    changed: matching.Lines,
    new: list[OrderLine],
) -> None:
    """The rows of an amendment; a line that is new begins with nothing."""
    last = order.lines.aggregate(last=Max("n"))["last"] or 0
    rows = [
        AmendedLine(
            line_id=pk,
            from_quantity=before[pk].ordered,
            to_quantity=then.ordered,
            from_minor=_worth(before[pk]),
            to_minor=_worth(then),
        )
        for pk, then in changed.items()
    ]
    for n, line in enumerate(new, start=last + 1):
        quantity, amount = line.quantity, line.amount_minor
        line.program_id, line.order_id, line.n = made.program_id, order.pk, n
        line.quantity, line.amount_minor = Decimal(0), 0
        line.save(force_insert=True)
        rows.append(
            AmendedLine(
                line_id=line.pk, from_quantity=Decimal(0), to_quantity=quantity, from_minor=0, to_minor=amount
            )
        )
    for row in rows:
        row.program_id, row.amendment_id = made.program_id, made.pk
    AmendedLine.objects.bulk_create(rows)


def _enter(
    request: CapitalRequest, order: PurchaseOrder, made: OrderAmendment, *, by: User, at: datetime
) -> None:
    """The journal of the difference: nothing that was entered is changed."""
    place, moved = capex.place_of(request), made.committed_minor
    promises.promise(
        program=request.program,
        kind=Journal.Kind.COMMITMENT if moved > 0 else Journal.Kind.RELEASE,
        legs=[Leg(place, Kind.RESERVE, -moved), Leg(place, Kind.COMMITTED, moved)],
        source=("order_amendment", str(made.pk)),
        text=f"{order.code} amendment {made.n}: {made.reason}"[:400],
        request_id=request.pk,
        by=by,
        at=at,
    )


def _worth(line: Line) -> int:
    return line.worth(line.ordered)
