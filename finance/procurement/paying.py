"""What an invoice and a credit note do to the books: cost of the request, each unit out of a named account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.db.models import Sum

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.earned_value import refreshing
from finance.ledger import books, facts
from finance.ledger.books import Entry, Leg
from finance.ledger.models import Journal, Kind, Posting
from finance.policy import guard
from finance.procurement.bills import Invoice
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo.accounts.models import User

OURS = "invoice "
"""What references of costs begin with that were entered here as invoices; no file may use it."""


def spend(
    *,
    request: CapitalRequest,
    invoice: Invoice,
    out: Mapping[str, int],
    parts: Sequence[tuple[str, int]],
    by: User,
    at: datetime,
) -> None:
    """The invoice's amount becomes actual cost of the request (minor units).

    `out`: what leaves accrued and committed because these goods are invoiced now. A higher price is taken from what is
    set aside for the request, then from what is available, the rest from without funding, with a finding; a lower one
    goes back to what is set aside. `parts` are the lines, in words and money.
    """
    program, place = request.program, capex.place_of(request)
    kinds = (Kind.RESERVE, Kind.AVAILABLE, Kind.UNFUNDED, *out, Kind.SPENT)
    ids = books.accounts(program, ((*place, kind) for kind in kinds))
    held = books.locked_balances(ids.values())
    legs = [Leg(place, kind, -amount) for kind, amount in out.items() if amount]
    rest = invoice.amount_minor - sum(out.values())
    if rest < 0:
        legs.append(Leg(place, Kind.RESERVE if request.state == "approved" else Kind.AVAILABLE, -rest))
    for kind, have in (
        (Kind.RESERVE, of_request(request, Kind.RESERVE)),
        (Kind.AVAILABLE, held[ids[(*place, Kind.AVAILABLE)]]),
    ):
        part = min(max(0, rest), have)
        if part > 0:
            legs.append(Leg(place, kind, -part))
            rest -= part
    if rest > 0:
        legs.append(Leg(place, Kind.UNFUNDED, -rest))
    legs.append(Leg(place, Kind.SPENT, invoice.amount_minor))
    entry = _enter(request, invoice, legs, at)
    without = rest - max(0, held[ids[(*place, Kind.UNFUNDED)]])  # a credit beyond cost waits there
    if without > 0:
        facts.find(program, [(entry, place, without)])
    _lines(request, invoice, entry, parts)
    refreshing.ask(program.pk, by=by)
    guard.noted(program, at=at)


AFTER_CREDIT: list[Callable[..., None]] = []
"""What follows a credit note in its transaction (`request`, `note`, `by`, `at`)."""


def give_back(*, request: CapitalRequest, note: Invoice, by: User, at: datetime) -> None:
    """A credit note: out of spent, first into what the request spent without funding, then to where it came from.

    What an invoice took beyond the request's approved amount goes back to what is available: set aside for the request
    is never more than was approved.
    """
    program, place = request.program, capex.place_of(request)
    without = max(0, -of_request(request, Kind.UNFUNDED))
    good = min(note.amount_minor, without)
    legs = [Leg(place, Kind.SPENT, -note.amount_minor)]
    if good:
        legs.append(Leg(place, Kind.UNFUNDED, good))
    if note.amount_minor > good:
        rest = note.amount_minor - good
        drawn = sum(
            of_request(request, kind) for kind in (Kind.RESERVE, Kind.COMMITTED, Kind.ACCRUED, Kind.SPENT)
        )
        beyond = max(0, drawn - note.amount_minor + rest - request.amount_minor)
        if request.state != CapitalRequest.State.APPROVED:
            beyond = rest
        free = min(rest, beyond)
        if free:
            legs.append(Leg(place, Kind.AVAILABLE, free))
        if rest > free:
            legs.append(Leg(place, Kind.RESERVE, rest - free))
    entry = _enter(request, note, legs, at)
    _lines(request, note, entry, [(f"Credit on {note.credits}", -note.amount_minor)])
    for follows in AFTER_CREDIT:
        follows(request=request, note=note, by=by, at=at)
    refreshing.ask(program.pk, by=by)
    guard.noted(program, at=at)


def of_request(request: CapitalRequest, kind: str) -> int:
    """What the request has in this kind of account, from its journals (minor units)."""
    found = Posting.objects.filter(
        program_id=request.program_id, journal__request_id=request.pk, account__kind=kind
    ).aggregate(total=Sum("amount"))
    return int(found["total"] or 0)


def _enter(request: CapitalRequest, invoice: Invoice, legs: Sequence[Leg], at: datetime) -> Entry:
    """The journal, of the invoice's day, or of today where that day's period is closed."""
    program = request.program
    day = invoice.invoiced_on
    period = periods.period_of(program, day)
    if period.state != FiscalPeriod.State.OPEN:
        day = periods.local_day(program, at)
        period = periods.period_of(program, day)
    entry = Entry(
        kind=Journal.Kind.ACTUAL,
        legs=legs,
        period_id=period.pk,
        effective=day,
        text=f"{invoice.code} {invoice.vendor.name} {invoice.number}"[:400],
        source_kind="invoice",
        source_id=str(invoice.pk),
        request_id=request.pk,
    )
    books.enter(program, [entry])
    return entry


def _lines(request: CapitalRequest, invoice: Invoice, entry: Entry, parts: Sequence[tuple[str, int]]) -> None:
    """The cost behind the journal, line by line, so that spend and vendors are found by it."""
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into finance_actualline (program_id, journal_id, source_reference, project_id, category, nature,
                   period_id, effective, currency, amount_exact, amount_minor, source_currency, vendor, text)
               select %s, %s, p.reference, %s, %s, 'capital', %s, %s, %s, p.exact, p.minor, '', %s, p.text
                 from unnest(%s::text[], %s::text[], %s::numeric[], %s::bigint[])
                      as p(reference, text, exact, minor)""",
            [
                request.program_id,
                str(entry.id),
                request.project_id,
                request.category,
                entry.period_id,
                entry.effective,
                request.currency,
                invoice.vendor.name,
                [f"{OURS}{invoice.code}/{n}" for n, _ in enumerate(parts, 1)],
                [f"{invoice.code} {invoice.number}: {text}"[:400] for text, _ in parts],
                [minor for _, minor in parts],
                [minor for _, minor in parts],
            ],
        )
