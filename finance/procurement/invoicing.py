"""Commands on invoices: entered as the facts they are, held where they do not match, released by another, paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Sum

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.contracts import retention
from finance.contracts import selectors as contracts
from finance.ledger.models import Kind
from finance.procurement import matching, paying, selectors
from finance.procurement.bills import Invoice, InvoiceLine
from finance.procurement.matching import Billed
from finance.procurement.models import OrderLine, PurchaseOrder, Vendor
from finance.structure import periods
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact, round_half_even
from pmo.numbering import next_code
from pmo.refusals import Conflict, NotAllowed, Refused

State = Invoice.State


def enter(
    *,
    order: PurchaseOrder,
    number: str,
    invoiced_on: date,
    lines: Sequence[Billed],
    by: User,
    at: datetime,
) -> Invoice:
    """Enter a vendor's invoice for an order; it is actual cost from now on, whether or not it matches.

    Taken from what was received (accrued) and ordered (committed) of its lines, a higher price from what the request
    still has set aside, then from what is available, the rest without funding. What does not match holds the payment.
    Raises Refused for a number this vendor used before, a day to come, or lines that are not the order's
    (`quantity.ID`).
    """
    with transaction.atomic():
        request = capex.lock(order.request)
        current_access().require(Permission.POST_ACTUALS, request.program_id)
        found = PurchaseOrder.objects.select_related("vendor", "contract").get(pk=order.pk)
        _usual(request, found.vendor, number, invoiced_on, at)
        before = matching.lines_of(found)
        names = dict(OrderLine.objects.filter(order=found).values_list("pk", "text"))
        if not lines or {one.line_id for one in lines} - set(before):
            raise Refused("Say how many of which line are invoiced.", field="lines")
        if len({one.line_id for one in lines}) < len(lines):
            raise Refused("A line of the order occurs twice.", field="lines")
        made = [_line(one) for one in lines]
        amount = sum(line.amount_minor for line in made)
        if amount > LIMIT:
            raise Refused("The invoice is larger than money can be.", field="lines")
        limits = matching.limits_of(request.program_id)
        findings = matching.sentences(before, list(lines), names, limits, request.currency)
        if found.contract is not None:
            findings += contracts.beyond_accepted(found.contract, more=amount)
        after = matching.moved(before, invoiced={one.line_id: one.quantity for one in lines})
        running = found.state == PurchaseOrder.State.ISSUED
        here, there = (matching.stands(one, running=running) for one in (before, after))
        invoice = Invoice(
            program=request.program,
            order=found,
            vendor=found.vendor,
            code=next_code(Invoice, request.program_id, "INV"),
            number=" ".join(number.split()),
            invoiced_on=invoiced_on,
            due_on=invoiced_on + timedelta(days=found.vendor.payment_days),
            amount_minor=amount,
            retained_minor=retention.of_invoice(found.contract, amount),
            currency=request.currency,
            state=State.HELD if findings else State.CLEARED,
            findings=findings,
            entered_by=by,
            entered_at=at,
        )
        invoice.save(force_insert=True)
        for line in made:
            line.program_id, line.invoice_id = request.program_id, invoice.pk
        InvoiceLine.objects.bulk_create(made)
        paying.spend(
            request=request,
            invoice=invoice,
            out={
                Kind.ACCRUED: here.accrued - there.accrued,
                Kind.COMMITTED: here.committed - there.committed,
            },
            parts=[(names[line.line_id], line.amount_minor) for line in made],
            by=by,
            at=at,
        )
        matching.finish(found, by=by, at=at)
        return invoice


def credit(
    *, invoice: Invoice, number: str, invoiced_on: date, amount_minor: int, by: User, at: datetime
) -> Invoice:
    """Enter a vendor's credit note on an invoice (minor units above zero): the cost goes back where it came from.

    What stood without funding is made good first; the rest is set aside for the request again, or available where it
    is closed. Raises Refused for more than the invoice has left.
    """
    with transaction.atomic():
        request = capex.lock(invoice.order.request)
        current_access().require(Permission.POST_ACTUALS, request.program_id)
        found = Invoice.objects.select_related("vendor", "order__contract").get(pk=invoice.pk)
        if found.kind != Invoice.Kind.INVOICE:
            raise Refused("A credit note is not credited.")
        _usual(request, found.vendor, number, invoiced_on, at)
        left = found.amount_minor - credited(found)
        if not 0 < amount_minor <= left:
            raise Refused(
                "A credit is above zero and at most what the invoice has left: "
                f"{format_exact(left, request.currency)}.",
                field="amount_minor",
            )
        note = Invoice(
            program=request.program,
            order=found.order,
            vendor=found.vendor,
            code=next_code(Invoice, request.program_id, "INV"),
            number=" ".join(number.split()),
            kind=Invoice.Kind.CREDIT,
            credits=found,
            invoiced_on=invoiced_on,
            due_on=invoiced_on,
            amount_minor=amount_minor,
            retained_minor=_no_longer_retained(found, amount_minor),
            currency=request.currency,
            state=State.CLEARED,
            entered_by=by,
            entered_at=at,
        )
        note.save(force_insert=True)
        paying.give_back(request=request, note=note, by=by, at=at)
        return note


def release(*, invoice: Invoice, version: int, reason: str, by: User, at: datetime) -> Invoice:
    """Let a held invoice be paid though it does not match.

    Not by who entered it, placed or amended the order, or manages or managed its contract, drafted or activated it.
    """
    with transaction.atomic():
        found = _locked(invoice, version)
        current_access().require(Permission.RELEASE_PAYMENT, found.program_id)
        if found.entered_by_id == by.pk:
            raise NotAllowed("Who entered an invoice does not release it: somebody else looks at it.")
        if selectors.has_a_hand(found.order, by.pk):
            raise NotAllowed("Who ordered does not release what does not match: somebody else looks at it.")
        contract = found.order.contract
        if contract and contracts.has_a_hand(contract, by.pk):
            raise NotAllowed(
                "Who manages, drafted or activated a contract does not release invoices under it."
            )
        if found.state != State.HELD:
            raise Conflict(f"{found.code} is {found.get_state_display().lower()}: it is not held.")
        if not reason.strip():
            raise Refused("Say why it may be paid.", field="why")
        found.state, found.released_by, found.released_at = State.RELEASED, by, at
        found.released_why = reason.strip()[:400]
        found.version += 1
        found.save()
        return found


def pay(*, invoice: Invoice, version: int, paid_on: date, by: User, at: datetime) -> Invoice:
    """Note that an invoice was paid (or a credit note settled). A held one is not."""
    with transaction.atomic():
        found = _locked(invoice, version)
        current_access().require(Permission.POST_ACTUALS, found.program_id)
        if found.state == State.HELD:
            raise Refused(f"{found.code} is held: somebody else than who entered it releases it first.")
        if found.state == State.PAID:
            raise Conflict(f"{found.code} is paid already.")
        if not found.invoiced_on <= paid_on <= periods.local_day(found.program, at):
            raise Refused("It was paid between its date and today.", field="paid_on")
        found.state, found.paid_on = State.PAID, paid_on
        found.version += 1
        found.save()
        return found


def credited(invoice: Invoice) -> int:
    """What was credited on an invoice so far (minor units)."""
    total = Invoice.objects.filter(credits=invoice).aggregate(total=Sum("amount_minor"))["total"]
    return int(total or 0)


def _no_longer_retained(invoice: Invoice, amount_minor: int) -> int:
    """What a credit note of this amount takes off what is retained: its share, at most what is there (minor units)."""
    contract = invoice.order.contract
    if contract is None:
        return 0
    gone = Invoice.objects.filter(credits=invoice).aggregate(total=Sum("retained_minor"))["total"]
    left = invoice.retained_minor - int(gone or 0)
    share = retention.of_invoice(contract, amount_minor)
    # The last of an invoice takes what rounding left; what was released already is not taken back.
    if amount_minor == invoice.amount_minor - credited(invoice):
        share = left
    stands = contracts.standing(contract)
    there = stands.retained if invoice.state == State.HELD else stands.releasable
    return max(0, min(share, left, amount_minor, there))


def _locked(invoice: Invoice, version: int) -> Invoice:
    found: Invoice = (
        Invoice.objects.select_for_update(no_key=True, of=("self",))
        .select_related("program")
        .get(pk=invoice.pk)
    )
    if found.version != version:
        raise Conflict("Somebody changed this invoice after you opened it.", code="changed")
    return found


def _usual(request: CapitalRequest, vendor: Vendor, number: str, invoiced_on: date, at: datetime) -> None:
    """What holds of invoices and credit notes alike."""
    if not number.strip():
        raise Refused("Give the vendor's own number.", field="number")
    if Invoice.objects.filter(vendor=vendor, number__iexact=" ".join(number.split())).exists():
        raise Refused(f"{vendor.name} has sent a document of this number before.", field="number")
    if invoiced_on > periods.local_day(request.program, at):
        raise Refused("An invoice is of today or earlier.", field="invoiced_on")


def _line(one: Billed) -> InvoiceLine:
    field = f"quantity.{one.line_id}"
    if not 0 < one.quantity < 10**11 or one.quantity != round(one.quantity, 3):
        raise Refused("A quantity is above zero, with at most three decimals.", field=field)
    amount = round_half_even(one.quantity * one.unit_price_minor) if one.unit_price_minor > 0 else 0
    if not 0 < amount <= LIMIT:
        raise Refused("The line must come to more than nothing.", field=field)
    return InvoiceLine(
        line_id=one.line_id,
        quantity=Decimal(one.quantity),
        unit_price_minor=one.unit_price_minor,
        amount_minor=amount,
    )
