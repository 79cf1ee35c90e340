"""What procurement shows on the page of a capital request: where its money stands, its orders, the steps."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from finance.capex import sections
from finance.capex.models import CapitalRequest
from finance.capex.sections import Section
from finance.capex.selectors import Step
from finance.contracts.models import Contract
from finance.procurement import selectors
from finance.procurement.bills import Invoice, Receipt
from finance.procurement.models import OrderAmendment, PurchaseOrder
from pmo import formats
from pmo.accounts.roles import Permission


def of_request(request: HttpRequest, found: CapitalRequest) -> Section | None:
    """Eight queries; nothing for a request that was never approved, or approved before money was set aside."""
    if found.state not in (CapitalRequest.State.APPROVED, CapitalRequest.State.CLOSED):
        return None
    stands = selectors.money(found)
    orders = list(
        PurchaseOrder.objects.filter(request=found)
        .select_related("vendor", "ordered_by", "ended_by")
        .order_by("pk")
    )
    left = selectors.open_of(found)
    may = request.access.may(  # type: ignore[attr-defined]
        Permission.PLACE_ORDER, found.program_id, found.project_id
    )

    def exact(minor: int) -> str:
        return formats.money_exact(minor, found.currency)

    steps = []
    for one in orders:
        steps.append(Step(one.ordered_at, one.ordered_by.name, f"ordered {one.code} from {one.vendor.name}"))
        if one.ended_at and one.ended_by:
            said = "cancelled" if one.state == PurchaseOrder.State.CANCELLED else "closed"
            steps.append(Step(one.ended_at, one.ended_by.name, f"{said} {one.code}: {one.ended_why}"))
    for change in OrderAmendment.objects.filter(order__request=found).select_related("amended_by", "order"):
        said = (
            f"amended {change.order.code} ({change.n}) from {exact(change.from_minor)} to "
            f"{exact(change.to_minor)}: {change.reason}"
        )
        steps.append(Step(change.amended_at, change.amended_by.name, said))
    for receipt in Receipt.objects.filter(order__request=found).select_related("received_by", "order"):
        said = f"entered {receipt.code}: what came of {receipt.order.code}"
        steps.append(Step(receipt.received_at, receipt.received_by.name, said))
    paid = 0
    for bill in Invoice.objects.filter(order__request=found).select_related(
        "entered_by", "released_by", "vendor"
    ):
        what = f"{bill.get_kind_display().lower()} {bill.code} of {bill.vendor.name}"
        steps.append(
            Step(bill.entered_at, bill.entered_by.name, f"entered {what}, {exact(bill.amount_minor)}")
        )
        if bill.released_at and bill.released_by:
            steps.append(
                Step(bill.released_at, bill.released_by.name, f"released {bill.code}: {bill.released_why}")
            )
        if bill.state == Invoice.State.PAID:
            part = bill.amount_minor - bill.retained_minor
            paid += -part if bill.kind == Invoice.Kind.CREDIT else part
    agreed = []
    under = Contract.objects.filter(request=found).select_related("vendor").prefetch_related("releases")
    for contract in under.order_by("pk"):
        paid += sum(one.amount_minor for one in contract.releases.all() if one.paid_on)
        agreed.append(
            {
                "href": reverse("finance:contract", kwargs={"code": found.program.code, "pk": contract.pk}),
                "name": f"{contract.code} {contract.title}",
                "note": f"{contract.vendor.name}, {exact(contract.value_minor)}, "
                f"{contract.get_state_display().lower()}",
            }
        )
    parts = [
        ("Approved", stands.approved, "by the decision"),
        ("Set aside", stands.reserved, "not ordered yet"),
        ("Ordered", stands.ordered, "not received yet"),
        ("Received", stands.accrued, "not invoiced yet"),
        ("Invoiced", stands.spent, f"{formats.money_text(paid, found.currency)} of it paid"),
        ("Given back", stands.returned, "available again"),
    ]
    if stands.beyond:
        parts.append(("Beyond", stands.beyond, "more than was approved"))
    context = {
        "figures": [
            (label, formats.money_short(minor, found.currency), note) for label, minor, note in parts
        ],
        "sum": " + ".join(exact(minor) for _, minor, _ in parts[1:6])
        + (f" − {exact(stands.beyond)}" if stands.beyond else ""),
        "approved": exact(stands.approved),
        "orders": [
            {
                "pk": one.pk,
                "name": f"{one.code} {one.title}",
                "vendor": one.vendor.name,
                "amount": exact(one.amount_minor),
                "open": exact(left.get(one.pk, 0)),
                "expected": formats.day(one.expected_on),
                "state": one.get_state_display(),
            }
            for one in orders
        ],
        "contracts": agreed,
        "may_order": may and found.state == CapitalRequest.State.APPROVED and stands.reserved > 0,
        "may_close": may
        and found.state == CapitalRequest.State.APPROVED
        and not stands.ordered
        and not stands.accrued,
        "left": exact(stands.reserved),
    }
    return Section("finance/procurement/of_request.html", context, steps)


sections.register(of_request)
