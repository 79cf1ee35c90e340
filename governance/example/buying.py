"""Vendors of the example, and what was ordered on its approved request."""

from __future__ import annotations

from decimal import Decimal

from finance.capex.models import CapitalRequest
from finance.procurement import services as procurement
from finance.procurement import vendors
from finance.procurement.models import Vendor
from finance.procurement.services import Wanted
from governance.example.people import Cast
from pmo import commands

VENDORS = (
    ("Keyring Identity", "BE 0401.222.333", "orders@keyring.example", 30),
    ("Northwind Storage", "NL 8123.45.678", "sales@northwind.example", 60),
    ("Blueline Consulting", "BE 0455.666.777", "office@blueline.example", 45),
)


def order_the_platform(cast: Cast, request: CapitalRequest) -> None:
    """Three vendors by the controller; two of the three parts of the recovery site are ordered by its project."""
    made: dict[str, Vendor] = {}
    for name, tax_number, email, days in VENDORS:
        values = {"name": name, "tax_number": tax_number, "email": email, "payment_days": days}
        made[name] = commands.run(
            vendors.add, actor=cast["controller"], program=request.program, values=values
        )
    commands.run(
        procurement.order,
        actor=cast["iam"],
        capital_request=request,
        vendor=made["Keyring Identity"],
        title="Licences for the second site",
        lines=[
            Wanted("Directory node, perpetual licence", Decimal(2), 16_500_00),
            Wanted("Failover module", Decimal(1), 9_000_00),
        ],
    )
    commands.run(
        procurement.order,
        actor=cast["iam"],
        capital_request=request,
        vendor=made["Blueline Consulting"],
        title="Set-up and first rehearsal",
        lines=[Wanted("Day of an engineer", Decimal("17.5"), 1_100_00)],
    )
