"""Where a vendor stands in a program: contracts, commitments, what is owed and retained, what was spent."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import BigIntegerField, Case, F, Sum, When
from django.urls import reverse

from finance.contracts import selectors as contracts
from finance.contracts.models import Contract
from finance.engine.three_way import BUCKETS
from finance.procurement import ageing
from finance.procurement.bills import Invoice
from finance.procurement.models import PurchaseOrder, Vendor
from pmo import formats
from programs.portfolio.models import Program


def of_vendor(program: Program, vendor: Vendor, today: date) -> dict[str, Any]:
    """What the vendor's page prints above its orders; seven queries whatever the number of rows."""
    currency = program.currency
    orders = PurchaseOrder.objects.filter(program=program, vendor=vendor)
    running = orders.exclude(state=PurchaseOrder.State.CANCELLED)
    ordered = int(running.aggregate(total=Sum("amount_minor"))["total"] or 0)
    signed = Case(
        When(kind=Invoice.Kind.CREDIT, then=-F("amount_minor")),
        default=F("amount_minor"),
        output_field=BigIntegerField(),
    )
    spent = Invoice.objects.filter(program=program, vendor=vendor).aggregate(total=Sum(signed))["total"] or 0
    owed = next(iter(ageing.owed(program, today, vendor.pk)), ageing.Owed(vendor.pk, vendor.name))
    rows = list(Contract.objects.filter(program=program, vendor=vendor).order_by("-pk"))
    stands = contracts.standings(one.pk for one in rows) if rows else {}
    agreed = sum(one.value_minor for one in rows if one.state == Contract.State.ACTIVE)

    def short(minor: int) -> str:
        return formats.money_short(minor, currency)

    figures = [
        ("Contracts in force", agreed, "their value"),
        ("Ordered", ordered, "without cancelled orders"),
        ("Invoiced", int(spent), "less credit notes: spent here"),
        ("Payable", owed.total, f"{formats.money_text(owed.held, currency)} of it held"),
        ("Retained", owed.retained, "owed, not payable yet"),
    ]
    return {
        "figures": [(label, short(minor), note) for label, minor, note in figures],
        "buckets": [(name, short(owed.buckets[name])) for name in BUCKETS if owed.buckets.get(name)],
        "contracts": [
            {
                "href": reverse("finance:contract", kwargs={"code": program.code, "pk": one.pk}),
                "name": f"{one.code} {one.title}",
                "value": short(one.value_minor),
                "ordered": short(stands[one.pk].ordered),
                "invoiced": short(stands[one.pk].invoiced),
                "retained": short(stands[one.pk].retained),
                "state": one.get_state_display(),
            }
            for one in rows
        ],
    }
