"""Vendors of the example, what was ordered on its approved request, what came of it and what is invoiced."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from finance.assets import services as assets
from finance.capex.models import CapitalRequest
from finance.contracts import milestones, papers
from finance.contracts import services as contracts
from finance.contracts.models import Contract
from finance.procurement import amending, invoicing, receiving, vendors
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from governance.example.people import Cast
from pmo import commands
from pmo.attachments.files import examined
from pmo.attachments.services import Paper
from pmo.scope import system_scope
from pmo.zones import zone

VENDORS = (
    ("Keyring Identity", "BE 0401.222.333", "orders@keyring.example", 30),
    ("Northwind Storage", "NL 8123.45.678", "sales@northwind.example", 60),
    ("Blueline Consulting", "BE 0455.666.777", "office@blueline.example", 45),
)


def order_the_platform(cast: Cast, request: CapitalRequest) -> None:
    """Three vendors by the controller; two of the three parts of the recovery site are ordered by its project."""
    made: dict[str, Vendor] = {}
    for name, tax_number, email, terms in VENDORS:
        values = {"name": name, "tax_number": tax_number, "email": email, "payment_days": terms}
        made[name] = commands.run(
            vendors.add, actor=cast["controller"], program=request.program, values=values
        )
    licences: PurchaseOrder = commands.run(
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
    days: PurchaseOrder = commands.run(
        procurement.order,
        actor=cast["iam"],
        capital_request=request,
        vendor=made["Blueline Consulting"],
        title="Set-up and first rehearsal",
        lines=[Wanted("Day of an engineer", Decimal("17.5"), 1_100_00)],
    )
    today = datetime.now(UTC).astimezone(zone(request.program.time_zone)).date()
    _bill(cast, licences, days, today)
    _amend(cast, days, today)
    _agree(cast, request, made["Blueline Consulting"], today)


def _amend(cast: Cast, days: PurchaseOrder, today: date) -> None:
    """The rehearsal takes two days more, and somebody of the vendor on site for it."""
    with transaction.atomic(), system_scope([days.program_id], reason="the example reads its order"):
        days.refresh_from_db()
        work = days.lines.get().pk
    commands.run(
        amending.amend,
        actor=cast["iam"],
        order=days,
        version=days.version,
        reason="The rehearsal runs over a weekend",
        quantities={work: Decimal("19.5")},
        added=[Wanted("Night on site", Decimal(2), 180_00)],
        expected_on=today + timedelta(days=45),
    )


def _bill(cast: Cast, licences: PurchaseOrder, days: PurchaseOrder, today: date) -> None:
    """The nodes came and are invoiced, with a module that has not come: held. Five days of work: matched, and paid."""
    with transaction.atomic(), system_scope([licences.program_id], reason="the example reads its orders"):
        node, module = licences.lines.order_by("n").values_list("pk", flat=True)
        work = days.lines.values_list("pk", flat=True).get()
    for order, quantities, note in (
        (licences, {node: Decimal(2)}, "DN-40017"),
        (days, {work: Decimal(5)}, "Timesheet of the first week"),
    ):
        commands.run(
            receiving.receive,
            actor=cast["staff"],
            order=order,
            quantities=quantities,
            received_on=today,
            note=note,
        )
    commands.run(
        invoicing.enter,
        actor=cast["controller"],
        order=licences,
        number="K-20881",
        invoiced_on=today,
        lines=[Billed(node, Decimal(2), 16_500_00), Billed(module, Decimal(1), 9_000_00)],
    )
    matched: Invoice = commands.run(
        invoicing.enter,
        actor=cast["controller"],
        order=days,
        number="2026-118",
        invoiced_on=today,
        lines=[Billed(work, Decimal(5), 1_100_00)],
    )
    commands.run(
        invoicing.pay, actor=cast["controller"], invoice=matched, version=matched.version, paid_on=today
    )
    commands.run(
        assets.hand_over,
        actor=cast["controller"],
        capital_request=licences.request,
        name="Directory nodes of the second site",
        asset_class="licence",
        in_service_on=today,
        life_months=60,
        cost_minor=33_000_00,
    )


def _agree(cast: Cast, request: CapitalRequest, vendor: Vendor, today: date) -> None:
    """A contract over the rest: two rehearsals as milestones, a tenth retained until three months after the end."""
    contract: Contract = commands.run(
        contracts.draft,
        actor=cast["iam"],
        capital_request=request,
        vendor=vendor,
        values={
            "title": "Rehearsals of the failover",
            "value_minor": 20_000_00,
            "starts_on": today,
            "ends_on": today + timedelta(days=150),
            "retention_percent": Decimal(10),
            "release_on": today + timedelta(days=240),
            "terms": "Each rehearsal is accepted by the service desk before it is invoiced.",
        },
    )
    for name, amount, days in (
        ("First rehearsal accepted", 8_000_00, 70),
        ("Second rehearsal accepted", 12_000_00, 140),
    ):
        commands.run(
            milestones.agree,
            actor=cast["iam"],
            contract=contract,
            version=contract.version,
            name=name,
            amount_minor=amount,
            due_on=today + timedelta(days=days),
        )
        with (
            transaction.atomic(),
            system_scope([request.program_id], reason="the example reads its contract"),
        ):
            contract.refresh_from_db()
    active: Contract = commands.run(
        contracts.activate, actor=cast["manager"], contract=contract, version=contract.version
    )
    commands.run(
        papers.add,
        actor=cast["iam"],
        contract=active,
        version=active.version,
        upload=examined(
            "Signed contract.txt", f"{contract.code} {contract.title}\nSigned by both\n".encode()
        ),
        paper=Paper("contract"),
    )
