"""The lines of an order with what came and what was invoiced of each; what does not match, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db import connection
from django.db.models import F, Q, Sum

from finance.contracts import milestones
from finance.contracts import selectors as contracts
from finance.contracts.models import Contract
from finance.engine.three_way import Line, Standing, match, standing
from finance.engine.three_way import Tolerance as Limits
from finance.procurement.bills import Invoice, InvoiceLine, Tolerance
from finance.procurement.models import PurchaseOrder
from pmo.accounts.models import User
from pmo.money import format_exact

Lines = Mapping[int, Line]
"""Order lines by id."""


class Billed(NamedTuple):
    """How many of an order line are invoiced, and the price of one in minor units."""

    line_id: int
    quantity: Decimal
    unit_price_minor: int


_LINES = """
select l.id, finance_ordered(l.id), l.unit_price_minor,
       coalesce((select sum(quantity) from finance_receiptline where line_id = l.id), 0),
       coalesce((select sum(i.quantity) from finance_invoiceline i where i.line_id = l.id), 0)
  from finance_orderline l where l.order_id = %s order by l.n
"""


def lines_of(order: PurchaseOrder) -> dict[int, Line]:
    """Each line of an order with what came and what was invoiced of it so far; one query."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, [order.pk])
        return {row[0]: Line(row[1], row[2], row[3], row[4]) for row in cursor.fetchall()}


def moved(
    lines: Lines,
    *,
    received: Mapping[int, Decimal] | None = None,
    invoiced: Mapping[int, Decimal] | None = None,
) -> dict[int, Line]:
    """The lines after something more came or was invoiced, by id of the line."""
    came, billed, none = received or {}, invoiced or {}, Decimal(0)
    return {
        pk: replace(
            line,
            received=line.received + came.get(pk, none),
            invoiced=line.invoiced + billed.get(pk, none),
        )
        for pk, line in lines.items()
    }


def stands(lines: Lines, *, running: bool = True) -> Standing:
    """Committed and accrued of all lines together (minor units)."""
    parts = [standing(line, running=running) for line in lines.values()]
    return Standing(sum(part.committed for part in parts), sum(part.accrued for part in parts))


def limits_of(program_id: int) -> Limits:
    """The program's tolerance; nothing where none is kept."""
    found = Tolerance.objects.filter(program_id=program_id).first()
    if found is None:
        return Limits()
    return Limits(found.quantity_percent, found.price_percent, found.price_minor)


def sentences(
    lines: Lines, billed: list[Billed], names: Mapping[int, str], limits: Limits, currency: str
) -> list[str]:
    """What of an invoice does not match its order and receipts, in words; `lines` as before the invoice."""
    found = []
    for one in billed:
        for breach in match(lines[one.line_id], one.quantity, one.unit_price_minor, limits):
            if breach.what == "quantity":
                found.append(
                    f"{names[one.line_id]}: {_number(breach.asked)} invoiced, {_number(breach.known)} received."
                )
            else:
                asked, known = (format_exact(int(price), currency) for price in breach[1:])
                found.append(f"{names[one.line_id]}: {asked} for one, ordered at {known}.")
    return found


def rematch(order: PurchaseOrder) -> None:
    """Look again at held invoices of an order after something came: what now matches is cleared."""
    held = list(Invoice.objects.filter(order=order, state=Invoice.State.HELD, kind="invoice").order_by("pk"))
    if not held:
        return
    limits, now = limits_of(order.program_id), lines_of(order)
    names = dict(order.lines.values_list("pk", "text"))
    for invoice in held:
        billed = [
            Billed(*row)
            for row in InvoiceLine.objects.filter(invoice=invoice).values_list(
                "line_id", "quantity", "unit_price_minor"
            )
        ]
        later = InvoiceLine.objects.filter(invoice__order=order, invoice__pk__gt=invoice.pk)
        own = {one.line_id: -one.quantity for one in billed}
        for line_id, quantity in later.values_list("line_id", "quantity"):
            own[line_id] = own.get(line_id, Decimal(0)) - quantity
        found = sentences(moved(now, invoiced=own), billed, names, limits, invoice.currency)
        if order.contract is not None:
            under = Invoice.objects.filter(order__contract=order.contract)
            # Credit notes count with their invoice: those on later ones are less already.
            after, back = (
                int(rows.aggregate(total=Sum("amount_minor"))["total"] or 0)
                for rows in (
                    under.filter(kind=Invoice.Kind.INVOICE, pk__gt=invoice.pk),
                    under.filter(credits__gt=invoice.pk),
                )
            )
            found += contracts.beyond_accepted(order.contract, less=after - back)
        if found != invoice.findings:
            state = Invoice.State.HELD if found else Invoice.State.CLEARED
            Invoice.objects.filter(pk=invoice.pk).update(
                findings=found, state=state, version=F("version") + 1
            )


def rematch_contract(contract: Contract) -> None:
    """Look again at the held invoices of a contract after a milestone was accepted."""
    held = Q(invoices__state=Invoice.State.HELD)
    for order in PurchaseOrder.objects.filter(held, contract=contract).distinct().order_by("pk"):
        rematch(order)


milestones.when_accepted(rematch_contract)


def finish(order: PurchaseOrder, *, by: User, at: datetime) -> None:
    """An order of which everything came and was invoiced is closed by itself."""
    done = all(
        line.received >= line.ordered and line.invoiced >= line.ordered for line in lines_of(order).values()
    )
    if done:
        PurchaseOrder.objects.filter(pk=order.pk, state=PurchaseOrder.State.ISSUED).update(
            state=PurchaseOrder.State.CLOSED,
            ended_by=by,
            ended_at=at,
            ended_why="Everything came and is invoiced",
            version=F("version") + 1,
        )


def plain(quantity: Decimal) -> str:
    """A quantity without trailing zeros."""
    return f"{quantity.normalize() if quantity else Decimal(0):f}"


def _number(value: Fraction) -> str:
    return plain(Decimal(value.numerator) / Decimal(value.denominator))
