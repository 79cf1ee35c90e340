"""What is owed to vendors, by how long it has been due."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import BigIntegerField, Case, F, Sum, When
from django.http import HttpResponse

from finance.engine.three_way import BUCKETS, bucket
from finance.procurement.bills import Invoice
from pmo import sheets
from pmo.money import format_plain
from programs.portfolio.models import Program


@dataclass(slots=True)
class Owed:
    """To one vendor: unpaid invoices less unsettled credit notes by bucket, how much of it is held (minor units)."""

    vendor_id: int
    name: str
    buckets: dict[str, int] = field(default_factory=dict)
    held: int = 0

    @property
    def total(self) -> int:
        """All buckets together."""
        return sum(self.buckets.values())


def owed(program: Program, today: date) -> list[Owed]:
    """By vendor, alphabetically; one query, grouped by vendor and due day."""
    signed = Case(
        When(kind=Invoice.Kind.CREDIT, then=-F("amount_minor")),
        default=F("amount_minor"),
        output_field=BigIntegerField(),
    )
    rows = (
        Invoice.objects.filter(program=program)
        .exclude(state=Invoice.State.PAID)
        .order_by()
        .values_list("vendor_id", "vendor__name", "due_on", "state")
        .annotate(total=Sum(signed))
    )
    found: dict[int, Owed] = {}
    for vendor_id, name, due_on, state, total in rows:
        one = found.setdefault(vendor_id, Owed(vendor_id, name))
        where = bucket((today - due_on).days)
        one.buckets[where] = one.buckets.get(where, 0) + int(total)
        if state == Invoice.State.HELD:
            one.held += int(total)
    return sorted(found.values(), key=lambda one: (one.name.casefold(), one.vendor_id))


def download(kind: str, program: Program, found: list[Owed]) -> HttpResponse:
    """The table as a file."""
    return sheets.download(
        kind,
        f"{program.code}-owed",
        ["Vendor", *BUCKETS, "Total", "Held", "Currency"],
        (
            [
                one.name,
                *(format_plain(one.buckets.get(name, 0), program.currency) for name in BUCKETS),
                format_plain(one.total, program.currency),
                format_plain(one.held, program.currency),
                program.currency,
            ]
            for one in found
        ),
    )
