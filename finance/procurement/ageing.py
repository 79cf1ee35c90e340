"""What is owed to vendors, by how long it has been due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import BigIntegerField, Case, ExpressionWrapper, F, Sum, When
from django.db.models.expressions import Combinable
from django.http import HttpResponse

from finance.contracts.models import RetentionRelease
from finance.engine.three_way import BUCKETS, bucket
from finance.procurement.bills import Invoice
from pmo import sheets
from pmo.money import format_plain
from programs.portfolio.models import Program


@dataclass(slots=True)
class Owed:
    """To one vendor, in minor units: what may be paid by bucket, how much of it is held, and what contracts retain.

    In the buckets stand unpaid invoices less unsettled credit notes, without what is retained of them, and what was
    released and not paid yet. `retained` is owed, too, and comes into no bucket before it is released.
    """

    vendor_id: int
    name: str
    buckets: dict[str, int] = field(default_factory=dict)
    held: int = 0
    retained: int = 0

    @property
    def total(self) -> int:
        """All buckets together: without what is retained."""
        return sum(self.buckets.values())


def owed(program: Program, today: date, vendor_id: int | None = None) -> list[Owed]:
    """By vendor, alphabetically; three queries, grouped by vendor and due day; one vendor where one is given."""
    only = {} if vendor_id is None else {"vendor_id": vendor_id}
    of_contract = {} if vendor_id is None else {"contract__vendor_id": vendor_id}
    payable, retained = _signed(F("amount_minor") - F("retained_minor")), _signed(F("retained_minor"))
    rows = (
        Invoice.objects.filter(program=program, **only)
        .exclude(state=Invoice.State.PAID)
        .order_by()
        .values_list("vendor_id", "vendor__name", "due_on", "state")
        .annotate(total=Sum(payable))
    )
    found: dict[int, Owed] = {}
    for pk, name, due_on, state, total in rows:
        one = found.setdefault(pk, Owed(pk, name))
        where = bucket((today - due_on).days)
        one.buckets[where] = one.buckets.get(where, 0) + int(total)
        if state == Invoice.State.HELD:
            one.held += int(total)
    withheld = Invoice.objects.filter(program=program, retained_minor__gt=0, **only).order_by()
    for pk, name, total in withheld.values_list("vendor_id", "vendor__name").annotate(total=Sum(retained)):
        found.setdefault(pk, Owed(pk, name)).retained += int(total)
    released = RetentionRelease.objects.filter(program=program, **of_contract).order_by()
    for pk, name, due_on, paid_on, total in released.values_list(
        "contract__vendor_id", "contract__vendor__name", "due_on", "paid_on"
    ).annotate(total=Sum("amount_minor")):
        one = found.setdefault(pk, Owed(pk, name))
        one.retained -= int(total)
        if paid_on is None:
            where = bucket((today - due_on).days)
            one.buckets[where] = one.buckets.get(where, 0) + int(total)
    owing = [one for one in found.values() if one.buckets or one.retained]
    return sorted(owing, key=lambda one: (one.name.casefold(), one.vendor_id))


def _signed(amount: Combinable) -> Case:
    """An amount of a document as it is owed: a credit note's below zero."""
    return Case(
        When(kind=Invoice.Kind.CREDIT, then=ExpressionWrapper(-1 * amount, BigIntegerField())),
        default=ExpressionWrapper(amount, BigIntegerField()),
        output_field=BigIntegerField(),
    )


def download(kind: str, program: Program, found: list[Owed]) -> HttpResponse:
    """The table as a file."""
    return sheets.download(
        kind,
        f"{program.code}-owed",
        ["Vendor", *BUCKETS, "Total", "Held", "Retained", "Currency"],
        (
            [
                one.name,
                *(format_plain(one.buckets.get(name, 0), program.currency) for name in BUCKETS),
                format_plain(one.total, program.currency),
                format_plain(one.held, program.currency),
                format_plain(one.retained, program.currency),
                program.currency,
            ]
            for one in found
        ),
    )
