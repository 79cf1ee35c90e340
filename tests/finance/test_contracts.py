"""Contracts: within what is set aside, ordered within their value, accepted by others, retained and paid once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from finance import verify
from finance.contracts import milestones, retention, selectors
from finance.contracts import services as contracts
from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from finance.procurement import ageing, invoicing, receiving
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from pmo.accounts.models import Membership, User
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import AT, PASSWORD, Office
from tests.finance.test_pages import browser
from tests.finance.test_procurement import approved, vendor
from tests.finance.test_procurement_pages import said, send

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


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"value_minor": 0}, "value_minor"),
        ({"ends_on": TODAY - timedelta(days=31)}, "ends_on"),
        ({"retention_percent": Decimal("50.01")}, "retention_percent"),
        ({"retention_percent": Decimal(-1)}, "retention_percent"),
        ({"release_on": None}, "release_on"),
        ({"retention_percent": Decimal(0)}, "release_on"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(office: Office, more: dict[str, Any], field: str) -> None:
    office.granted(100_000)
    with pytest.raises(Refused) as refused:
        drafted(office, approved(office), vendor(office), **more)
    assert refused.value.field == field


def test_a_contract_holds_its_value_out_of_what_is_set_aside(office: Office) -> None:
    contract = active(office)
    with pytest.raises(
        Refused, match=r"Only 200\.00 EUR of CR-001 is set aside and held by no other contract"
    ):
        other = drafted(office, contract.request, contract.vendor, value_minor=20_001)
        office.does("paul", contracts.activate, contract=other, version=1)
    with pytest.raises(
        Refused, match=r"400\.00 EUR of what is set aside for CR-001 is held by contracts in force"
    ):
        ordered(office, None, 20_001, contract.request, contract.vendor)
    ordered(office, None, 20_000, contract.request, contract.vendor)
    ordered(office, contract, 30_000)
    with pytest.raises(Refused, match=r"Only 100\.00 EUR of CT-001 is left to order"):
        ordered(office, contract, 10_001)
    order = ordered(office, contract, 10_000)
    office.does("paul", procurement.cancel, order=order, version=1, reason="Not needed")
    assert stands(office, contract).ordered == 30_000
    ordered(office, contract, 10_000)


def test_the_value_changes_with_a_reason_within_limits_and_for_who_saw_it(office: Office) -> None:
    contract = active(office)
    ordered(office, contract, 30_000)

    def change(to: int, reason: str = "Two racks more", version: int = 2) -> Contract:
        return office.does(
            "paul", contracts.change_value, contract=contract, version=version, value_minor=to, reason=reason
        )

    for to, reason, words in (
        (50_000, " ", "Say why"),
        (40_000, "Same", "another value"),
        (0, "None", "another value"),
        (29_999, "Less", "not less than that"),
        (60_001, "More", "are needed"),
    ):
        with pytest.raises(Refused, match=words):
            change(to, reason)
    with pytest.raises(Conflict):
        change(50_000, version=1)
    assert change(60_000).value_minor == 60_000
    with office.looking():
        kept = contract.changes.get()
    assert (kept.from_minor, kept.to_minor, kept.reason) == (40_000, 60_000, "Two racks more")
    with pytest.raises(DatabaseError), office.looking(), transaction.atomic():
        contract.changes.update(reason="Other")
    with pytest.raises(Refused, match="PO-001 is under way"):
        office.does("paul", contracts.close, contract=contract, version=3, reason="Done")
    office.does("paul", procurement.cancel, order=kept_order(office), version=1, reason="Not needed")
    with pytest.raises(Refused, match="CT-001 is in force: close it first"):
        office.does("paul", procurement.close_request, capital_request=contract.request)
    office.does("paul", contracts.close, contract=contract, version=3, reason="Done")
    office.does("paul", procurement.close_request, capital_request=contract.request)


def test_a_milestone_is_accepted_by_somebody_else_and_then_invoiced(office: Office) -> None:
    contract = active(office)
    one = milestone(office, contract, 25_000)
    with pytest.raises(Refused, match="at most what no milestone has yet"):
        milestone(office, contract, 15_001, "Rest")
    bill = billed(office, ordered(office, contract, 25_000), 25_000)
    assert (
        bill.state == "held"
        and "CT-001: 250.00 EUR invoiced, milestones of 0.00 EUR accepted." in bill.findings
    )
    with pytest.raises(NotAllowed, match="Who manages, drafted or activated a contract"):
        accepted(office, one, "paul")
    accepted(office, one)
    with office.looking():
        left = Invoice.objects.get(pk=bill.pk).findings
    assert left == ["Rack: 1 invoiced, 0 received."]  # what did not come still holds it
    with pytest.raises(Conflict, match="accepted already"):
        accepted(office, one)


def test_of_each_invoice_a_part_is_retained_released_and_paid_once(office: Office) -> None:
    contract = active(office)
    order = ordered(office, contract, 20_005)
    bill = billed(office, order, 20_005)
    came(office, order)
    controller(office, "sam")
    assert bill.retained_minor == 2_000  # 2,000.5 rounded half to even
    assert stands(office, contract).retained == 2_000
    with office.looking():
        (owed,) = ageing.owed(office.program, TODAY)
    assert (owed.total, owed.retained) == (18_005, 2_000)
    for amount, words in ((0, "at most what is retained"), (2_001, "at most what is retained")):
        with pytest.raises(Refused, match=words):
            released(office, contract, amount)
    free = released(office, contract, 1_500)
    with pytest.raises(NotAllowed):
        released(office, contract, 100, "paul")
    with pytest.raises(Refused, match=r"20\.00 EUR|5\.00 EUR"):
        released(office, contract, 501)
    with office.looking():
        (owed,) = ageing.owed(office.program, TODAY)
    assert (owed.total, owed.retained) == (19_505, 500)
    paid = office.does("fiona", retention.pay, release=free, version=1, paid_on=TODAY)
    assert (paid.paid_on, stands(office, contract).released_paid) == (TODAY, 1_500)
    with pytest.raises(Conflict, match="paid already"):
        office.does("fiona", retention.pay, release=free, version=2, paid_on=TODAY)
    own = released(office, contract, 500, "sam")
    with pytest.raises(NotAllowed, match="Who released it"):
        office.does("sam", retention.pay, release=own, version=1, paid_on=TODAY)


def test_nothing_of_a_held_invoice_is_released_and_nothing_by_who_entered_one(office: Office) -> None:
    contract = active(office, retention_percent=Decimal(50))
    order = ordered(office, contract, 40_000)
    bill = billed(office, order, 5_000_000)
    assert (bill.state, stands(office, contract).retained) == ("held", 2_500_000)
    with pytest.raises(NotAllowed, match="Who entered an invoice"):
        released(office, contract, 1, "fiona")
    with pytest.raises(Refused, match=r"not held: 0\.00 EUR"):
        released(office, contract, 1)
    row: dict[str, Any] = {
        "program": office.program, "contract": contract, "code": "RR-9", "due_on": TODAY, "reason": "x",
        "released_at": AT, "amount_minor": 1,
    }  # fmt: skip
    for who, words in (("fiona", "Who entered an invoice"), ("mira", "invoices that are not held")):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            RetentionRelease(**row, released_by=office.person(who)).save()


def test_a_credit_takes_nothing_back_that_was_released_of_another_invoice(office: Office) -> None:
    contract = active(office)
    first, second = ordered(office, contract, 20_000), ordered(office, contract, 20_000)
    bill = billed(office, first, 20_000)
    came(office, first)
    billed(office, second, 20_000, "A-2")  # held: nothing of it came
    released(office, contract, 2_000)
    note = office.does(
        "fiona", invoicing.credit, invoice=bill, number="C-1", invoiced_on=TODAY, amount_minor=20_000
    )
    assert note.retained_minor == 0
    assert (stands(office, contract).retained, stands(office, contract).releasable) == (2_000, 0)
    assert faults() == []


def test_a_credit_note_on_a_later_invoice_is_counted_once(office: Office) -> None:
    contract = active(office)
    milestone(office, contract, 40_000)
    order, other = ordered(office, contract, 20_000), ordered(office, contract, 20_000)
    bill, later = billed(office, order, 20_000), billed(office, other, 20_000, "A-2")
    office.does(
        "fiona", invoicing.credit, invoice=later, number="C-1", invoiced_on=TODAY, amount_minor=20_000
    )
    came(office, order)
    with office.looking():
        left = Invoice.objects.get(pk=bill.pk)
    words = "CT-001: 200.00 EUR invoiced, milestones of 0.00 EUR accepted."
    assert (left.state, left.findings) == ("held", [words])


def test_milestones_are_taken_out_of_drafts_only(office: Office) -> None:
    office.granted(100_000)
    contract = drafted(office, approved(office), vendor(office))
    gone, kept = milestone(office, contract, 15_000), milestone(office, contract, 25_000, "Rest")
    office.does("paul", milestones.drop, milestone=gone, version=now(office, contract).version)
    version = now(office, contract).version
    office.does("paul", contracts.activate, contract=contract, version=version)
    with pytest.raises(Refused, match="its milestones stay"):
        office.does("paul", milestones.drop, milestone=kept, version=version + 1)
    rows = ContractMilestone.objects.filter(pk=kept.pk)
    for deed in (rows.delete, lambda: rows.update(amount_minor=1)):
        with pytest.raises(DatabaseError, match="in force stay"), office.looking(), transaction.atomic():
            deed()
    assert stands(office, contract).milestones == 25_000


def test_who_manages_or_drafted_a_contract_releases_no_invoice_under_it(office: Office) -> None:
    contract = active(office, manager=office.person("mira"))
    bill = billed(office, ordered(office, contract, 20_000), 20_000)
    controller(office, "paul")
    controller(office, "sam")
    for who, words in (("mira", "Who manages"), ("paul", "Who ordered")):
        with pytest.raises(NotAllowed, match=words):
            office.does(who, invoicing.release, invoice=bill, version=1, reason="It came")
    with pytest.raises(DatabaseError, match="Who manages"), office.looking(), transaction.atomic():
        Invoice.objects.filter(pk=bill.pk).update(
            state="released", released_by=office.person("mira"), released_at=AT
        )
    assert (
        office.does("sam", invoicing.release, invoice=bill, version=1, reason="It came").state == "released"
    )
    assert faults() == []


def test_a_name_lent_as_manager_changes_nothing(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    for name in ("ada", "fiona"):  # of the program, but without the right to order there
        with pytest.raises(Refused, match="may order in this project") as refused:
            drafted(office, request, acme, manager=office.person(name))
        assert refused.value.field == "manager"
    contract = drafted(office, request, acme, manager=office.person("mira"))
    with office.looking():
        Membership.objects.filter(user=office.person("mira")).update(valid_to=TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="may order in this project"):
        office.does("paul", contracts.activate, contract=contract, version=1)
    with office.looking():
        Membership.objects.filter(user=office.person("mira")).update(valid_to=None)
    contract = office.does("paul", contracts.activate, contract=contract, version=1)
    one = milestone(office, contract, 25_000)
    with pytest.raises(NotAllowed, match="Who manages, drafted or activated"):
        accepted(office, one, "paul")  # drafted it and put it in force


def test_who_accepted_a_milestone_orders_nothing_under_its_contract(office: Office) -> None:
    contract = active(office)
    accepted(office, milestone(office, contract, 25_000))
    with pytest.raises(NotAllowed, match="Who accepted a milestone"):
        office.does(
            "mira", procurement.order, capital_request=contract.request, vendor=contract.vendor,
            contract=contract, title="Racks", lines=[Wanted("Rack", Decimal(1), 100)],
        )  # fmt: skip


def test_the_database_keeps_manager_and_day_of_a_contract_in_force(office: Office) -> None:
    contract = active(office, release_on=TODAY + timedelta(days=300))
    order = ordered(office, contract, 20_000)
    billed(office, order, 20_000)
    came(office, order)
    rows = Contract.objects.filter(pk=contract.pk)
    for values, words in (
        ({"manager": office.person("mira")}, "with a reason"),
        ({"release_on": TODAY}, "stay as they are"),
        ({"drafted_by": office.person("mira")}, "Who drafted"),
        ({"state": "draft", "activated_at": None}, "no draft again"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            rows.update(**values)
    with pytest.raises(DatabaseError, match="from its day on"), office.looking(), transaction.atomic():
        RetentionRelease(
            program=office.program, contract=contract, code="RR-9", due_on=TODAY, reason="x",
            released_by=office.person("mira"), released_at=AT, amount_minor=2_000,
        ).save()  # fmt: skip


def test_nothing_is_released_before_its_day_and_a_credit_takes_its_share(office: Office) -> None:
    contract = active(office, release_on=TODAY + timedelta(days=1))
    bill = billed(office, ordered(office, contract, 20_000), 20_000)
    with pytest.raises(Refused, match="is released from 17 Nov 2026 on"):
        released(office, contract, 100)

    def credit(amount: int, number: str) -> Invoice:
        return office.does(
            "fiona", invoicing.credit, invoice=bill, number=number, invoiced_on=TODAY, amount_minor=amount
        )

    assert credit(5_000, "C-1").retained_minor == 500
    assert credit(15_000, "C-2").retained_minor == 1_500
    assert stands(office, contract).retained == 0


def test_the_database_itself_keeps_contracts(office: Office) -> None:
    contract = active(office)
    one = milestone(office, contract, 25_000)
    order = ordered(office, contract, 30_000)
    bill = billed(office, order, 30_000)
    with office.looking():  # a fact of the books, not held: what is retained of it may be released
        Invoice.objects.filter(pk=bill.pk).update(state="cleared")
    paul, mira = office.person("paul"), office.person("mira")
    row: dict[str, Any] = {
        "program": office.program, "contract": contract, "code": "RR-9", "due_on": TODAY, "reason": "x",
        "released_by": mira, "released_at": AT,
    }  # fmt: skip

    def bad_order() -> None:
        PurchaseOrder(
            program=office.program, request=contract.request, vendor=contract.vendor, contract=contract,
            code="PO-9", title="x", amount_minor=10_001, currency="EUR", ordered_by=paul, ordered_at=AT,
        ).save(force_insert=True)  # fmt: skip

    rows = Contract.objects.filter(pk=contract.pk)
    accept = {"accepted_on": TODAY, "accepted_by": paul, "accepted_at": AT}
    for deed, words in (
        (bad_order, "do not come to more than its value"),
        (lambda: rows.update(value_minor=29_999), "do not come to more than its value"),
        (lambda: rows.update(retention_percent=5), "stay as they are"),
        (
            lambda: ContractMilestone.objects.filter(pk=one.pk).update(amount_minor=40_001),
            "do not come to more",
        ),
        (lambda: ContractMilestone.objects.filter(pk=one.pk).update(**accept), "not accept its"),
        (lambda: RetentionRelease(**row, amount_minor=3_001).save(), "No more is released"),
        (lambda: RetentionRelease(**{**row, "released_by": paul}, amount_minor=1).save(), "not release what"),
        (lambda: Invoice.objects.filter(pk=bill.pk).update(retained_minor=1), "stays as it was entered"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            deed()


def test_a_contract_from_the_request_to_its_retention_on_pages(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    paul, mira = browser(office, "paul"), browser(office, "mira")
    on = f"/p/ATLAS/capital-requests/{request.pk}/contract/"
    page = said(paul.get(on))
    assert "Contract on CR-001" in page and 'value="600.00"' in page
    form = {
        "vendor": acme.code, "title": "<b>Racks", "value": "400", "starts_on": "2026-11-01", "ends_on": "2027-02-01",
        "retention_percent": "10", "release_on": "2026-11-10", "terms": "Acceptance",
        "manager": deputy(office).pk,
    }  # fmt: skip
    assert paul.post(on, {**form, "retention_percent": "1e3"}).status_code == 422
    assert paul.post(on, {**form, "manager": "x", "vendor": "None"}).status_code == 422
    drafted_page = said(paul.post(on, form, follow=True))
    assert "CT-001 is drafted" in drafted_page and "&lt;b&gt;Racks" in drafted_page
    here = "/p/ATLAS/contracts/"
    with office.looking():
        contract = Contract.objects.get()
    page_of = f"{here}{contract.pk}/"
    assert paul.post(f"{page_of}activate/", {"version": "9"}).status_code == 409
    assert "Change the value" in said(paul.post(f"{page_of}activate/", {"version": "1"}, follow=True))
    assert paul.post(f"{page_of}value/", {"value": "500", "why": "More", "version": "1"}).status_code == 409
    assert "changed the value from 400.00 EUR to 500.00 EUR: More" in said(
        paul.post(f"{page_of}value/", {"value": "500", "why": "More", "version": "2"}, follow=True)
    )
    added = {"name": "Built", "amount": "100", "due_on": "2026-12-01", "version": "3"}
    assert "Built" in said(paul.post(f"{page_of}milestones/add/", added, follow=True))
    with office.looking():
        one = ContractMilestone.objects.get()
    accept = f"{page_of}milestones/{one.pk}/accept/"
    assert paul.post(accept, {"accepted_on": "2026-11-16", "version": "4"}).status_code == 403
    seen = said(mira.post(accept, {"accepted_on": "2026-11-16", "note": "Seen", "version": "4"}, follow=True))
    assert "accepted Built: Seen" in seen
    order = ordered(office, now(office, contract), 10_000)
    bill = billed(office, order, 10_000)
    came(office, order)
    text = said(mira.get(f"/p/ATLAS/invoices/{bill.pk}/"))
    assert "Payable now" in text and "90.00 EUR" in text and "10.00 EUR" in text
    page = said(mira.get(page_of))
    assert "Retained now" in page and "Release</a>" in page
    freed = said(
        mira.post(f"{page_of}release/", {"amount": "10", "why": "Runs", "version": "5"}, follow=True)
    )
    assert "released 10.00 EUR of what is retained (RR-001): Runs" in freed
    with office.looking():
        free = RetentionRelease.objects.get()
    fiona = browser(office, "fiona")
    pays = f"{page_of}releases/{free.pk}/pay/"
    today = free.released_at.date()
    assert fiona.post(pays, {"paid_on": "2026-01-01", "version": "1"}).status_code == 422
    assert "is noted" in said(fiona.post(pays, {"paid_on": f"{today}", "version": "1"}, follow=True))
    assert "CT-001" in said(mira.get(f"{here}?format=csv")) and "Retained" in said(
        mira.get("/p/ATLAS/payables/")
    )
    vendor_page = said(mira.get(f"/p/ATLAS/vendors/{acme.pk}/"))
    assert "Contracts in force" in vendor_page and "CT-001" in vendor_page
    assert "CT-001" in said(paul.get(f"/p/ATLAS/capital-requests/{request.pk}/"))


def test_the_api_of_contracts(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    paul, mira = browser(office, "paul"), browser(office, "mira")
    body = {
        "capital_request": request.pk, "vendor": acme.pk, "title": "Racks", "value_minor": 40_000,
        "starts_on": "2026-11-01", "ends_on": "2027-02-01", "retention_percent": "7.5", "release_on": "2026-11-10",
        "manager": deputy(office).pk,
    }  # fmt: skip
    assert send(mira, "POST", "contracts/", body | {"value_minor": 0})[0] == 400
    status, made = send(paul, "POST", "contracts/", body)
    assert (status, made["code"], made["retention_percent"], made["manager"]) == (
        201,
        "CT-001",
        "7.5",
        "Pia Deputy",
    )
    base = f"contracts/{made['id']}/"
    assert send(paul, "PATCH", base, {"version": 1, "title": "Racks and cables"})[1]["version"] == 2
    assert send(paul, "POST", f"{base}activate/", {"version": 2})[1]["state"] == "active"
    status, one = send(
        paul, "POST", "contract-milestones/",
        {"contract": made["id"], "version": 3, "name": "Built", "amount_minor": 20_000, "due_on": "2026-12-01"},
    )  # fmt: skip
    assert status == 201
    accept = f"contract-milestones/{one['id']}/accept/"
    assert send(paul, "POST", accept, {"version": 4, "accepted_on": "2026-11-16"})[0] == 403
    assert (
        send(mira, "POST", accept, {"version": 4, "accepted_on": "2026-11-16"})[1]["accepted_by"]
        == "Mira Novak"
    )
    order = ordered(office, now(office, Contract(pk=made["id"])), 20_000)
    billed(office, order, 20_000)
    came(office, order)
    stand = send(mira, "GET", f"{base}standing/")[1]
    assert (stand["invoiced_minor"], stand["retained_minor"]) == (20_000, 1_500)
    status, free = send(
        mira, "POST", f"{base}release/", {"version": 5, "amount_minor": 1_500, "reason": "Runs"}
    )
    assert (status, free["amount_minor"]) == (201, 1_500)
    assert (
        send(mira, "POST", f"{base}release/", {"version": 6, "amount_minor": 1, "reason": "Again"})[0] == 422
    )
    assert send(paul, "POST", f"{base}value/", {"version": 6, "value_minor": 1, "reason": "Less"})[0] == 422
    assert send(paul, "POST", f"{base}close/", {"version": 6, "reason": ""})[0] in (400, 422)
    assert send(paul, "POST", f"{base}close/", {"version": 6, "reason": "Done"})[1]["state"] == "closed"
