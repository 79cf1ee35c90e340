"""What a contract goes through in tests: drafted, put in force, ordered under, accepted, released."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import connection

from finance import verify
from finance.contracts import milestones, retention, selectors
from finance.contracts import services as contracts
from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from finance.procurement import invoicing, receiving
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from pmo.accounts.models import Membership, User
from tests.finance.office import AT, PASSWORD, Office
from tests.finance.test_procurement import approved, vendor

TODAY = AT.date()


def deputy(office: Office, name: str = "pia") -> Any:
    """Another project manager, who manages what others put in force."""
    with office.looking():
        if name not in office.people:
            made = User.objects.create_user(
                f"{name}@example.org", name=f"{name.title()} Deputy", password=PASSWORD
            )
            Membership.objects.create(
                program=office.program, user=made, role="project_manager", project=office.projects["CRM"],
                valid_from=TODAY,
            )  # fmt: skip
            office.people[name] = made
    return office.people[name]


def values(office: Office, **more: Any) -> dict[str, Any]:
    return {
        "title": "Racks",
        "value_minor": 40_000,
        "starts_on": TODAY - timedelta(days=30),
        "ends_on": TODAY + timedelta(days=60),
        "retention_percent": Decimal(10),
        "release_on": TODAY,
        "manager": deputy(office),
        **more,
    }


def drafted(office: Office, request: Any, acme: Vendor, **more: Any) -> Contract:
    return office.does(
        "paul", contracts.draft, capital_request=request, vendor=acme, values=values(office, **more)
    )


def active(office: Office, **more: Any) -> Contract:
    """In force on an approved request of 600.00 EUR."""
    office.granted(100_000)
    made = drafted(office, approved(office), vendor(office), **more)
    return office.does("paul", contracts.activate, contract=made, version=made.version)


def ordered(
    office: Office, contract: Contract | None, amount: int, request: Any = None, acme: Any = None
) -> PurchaseOrder:
    return office.does(
        "paul", procurement.order, capital_request=request or contract.request,  # type: ignore[union-attr]
        vendor=acme or contract.vendor, contract=contract, title="Racks",  # type: ignore[union-attr]
        lines=[Wanted("Rack", Decimal(1), amount)],
    )  # fmt: skip


def billed(office: Office, order: PurchaseOrder, amount: int, number: str = "A-1") -> Invoice:
    with office.looking():
        line = order.lines.get().pk
    return office.does(
        "fiona", invoicing.enter, order=order, number=number, invoiced_on=TODAY,
        lines=[Billed(line, Decimal(1), amount)],
    )  # fmt: skip


def came(office: Office, order: PurchaseOrder) -> None:
    """What was ordered is received: by somebody else than who ordered."""
    with office.looking():
        line = order.lines.get().pk
    office.does("mira", receiving.receive, order=order, received_on=TODAY, quantities={line: Decimal(1)})


def controller(office: Office, name: str) -> None:
    """Make somebody of the cast a controller, too."""
    with office.looking():
        Membership.objects.create(
            program=office.program, user=office.person(name), role="finance_controller", valid_from=TODAY
        )


def faults() -> list[str]:
    with connection.cursor() as cursor:
        return verify.check(cursor)


def kept_order(office: Office) -> PurchaseOrder:
    with office.looking():
        return PurchaseOrder.objects.select_related("request").get()


def now(office: Office, contract: Contract) -> Contract:
    with office.looking():
        return Contract.objects.select_related("request", "vendor", "program").get(pk=contract.pk)


def stands(office: Office, contract: Contract) -> selectors.Standing:
    with office.looking():
        return selectors.standing(contract)


def milestone(office: Office, contract: Contract, amount: int, name: str = "Built") -> ContractMilestone:
    return office.does(
        "paul", milestones.agree, contract=contract, version=now(office, contract).version, name=name,
        amount_minor=amount, due_on=TODAY,
    )  # fmt: skip


def accepted(office: Office, one: ContractMilestone, who: str = "mira") -> ContractMilestone:
    version = now(office, one.contract).version
    return office.does(who, milestones.accept, milestone=one, version=version, accepted_on=TODAY, note="Seen")


def released(office: Office, contract: Contract, amount: int, who: str = "mira") -> RetentionRelease:
    version = now(office, contract).version
    return office.does(
        who, retention.release, contract=contract, version=version, amount_minor=amount, reason="It runs"
    )
