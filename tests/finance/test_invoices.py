"""What came and what is to be paid: facts are entered, what does not match is held, two people stand between."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.capex.models import CapitalRequest
from finance.ledger.models import ActualLine
from finance.policy.models import PolicyFinding
from finance.procurement import ageing, invoicing, receiving, services, tolerances
from finance.procurement.bills import Invoice, Receipt
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_ledger import TODAY
from tests.finance.test_ledger_races import together
from tests.finance.test_procurement import approved, stands, vendor, whole


def ordered(
    office: Office, quantity: str = "10", price: int = 5_000, granted: int = 100_000
) -> PurchaseOrder:
    """An order of ten at 50.00 on a request of 600.00."""
    office.granted(granted)
    return office.does(
        "paul", services.order, capital_request=approved(office), vendor=vendor(office), title="Tapes",
        lines=[Wanted("Tape", Decimal(quantity), price)],
    )  # fmt: skip


def line_of(office: Office, order: PurchaseOrder) -> int:
    with office.looking():
        return int(order.lines.get().pk)


def came(office: Office, order: PurchaseOrder, quantity: str, who: str = "mira") -> Receipt:
    return office.does(
        who, receiving.receive, order=order, quantities={line_of(office, order): Decimal(quantity)},
        received_on=TODAY,
    )  # fmt: skip


def billed(
    office: Office, order: PurchaseOrder, quantity: str, price: int = 5_000, number: str = "A-1"
) -> Invoice:
    return office.does(
        "fiona", invoicing.enter, order=order, number=number, invoiced_on=TODAY,
        lines=[Billed(line_of(office, order), Decimal(quantity), price)],
    )  # fmt: skip


def where(office: Office, order: PurchaseOrder) -> tuple[int, ...]:
    """Set aside, ordered, received, invoiced of the order's request."""
    money = stands(office, order.request)
    return (money.reserved, money.ordered, money.accrued, money.spent)


def test_what_came_is_accrued_and_what_is_invoiced_is_spent_until_the_order_is_done(office: Office) -> None:
    order = ordered(office)
    assert where(office, order) == (10_000, 50_000, 0, 0)
    came(office, order, "4")
    assert where(office, order) == (10_000, 30_000, 20_000, 0)
    invoice = billed(office, order, "4")
    assert (invoice.state, invoice.due_on) == ("cleared", TODAY + timedelta(days=30))
    assert where(office, order) == (10_000, 30_000, 0, 20_000)
    came(office, order, "6")
    billed(office, order, "6", number="A-2")
    assert where(office, order) == (10_000, 0, 0, 50_000)
    with office.looking():
        assert PurchaseOrder.objects.get().state == "closed"
        lines = ActualLine.objects.order_by("pk").values_list("vendor", "amount_minor", "source_reference")
        assert list(lines) == [("Acme", 20_000, "invoice INV-001/1"), ("Acme", 30_000, "invoice INV-002/1")]
    assert whole(office)


def test_who_ordered_does_not_receive_even_past_the_services(office: Office) -> None:
    order = ordered(office)
    with pytest.raises(NotAllowed, match="somebody else says what came"):
        came(office, order, "4", who="paul")

    def forge(*, by: Any, at: Any) -> None:
        Receipt(
            program=office.program, order=order, code="GR-9", received_on=TODAY, amount_minor=0,
            received_by=office.person("paul"), received_at=at,
        ).save(force_insert=True)  # fmt: skip

    with pytest.raises(Refused, match="Who ordered does not receive"):
        office.does(None, forge)


def test_no_more_comes_than_was_ordered_and_nothing_tomorrow(office: Office) -> None:
    order = ordered(office)
    came(office, order, "4")
    with pytest.raises(Refused, match="Only 6 of this line is still to come") as refused:
        came(office, order, "6.001")
    assert refused.value.field == f"quantity.{line_of(office, order)}"
    with pytest.raises(Refused, match="today or earlier"):
        office.does(
            "mira", receiving.receive, order=order, quantities={line_of(office, order): Decimal(1)},
            received_on=TODAY + timedelta(days=1),
        )  # fmt: skip


def test_an_invoice_before_the_goods_is_entered_and_held_until_they_come(office: Office) -> None:
    order = ordered(office)
    invoice = billed(office, order, "4")
    assert (invoice.state, invoice.findings) == ("held", ["Tape: 4 invoiced, 0 received."])
    assert where(office, order) == (10_000, 30_000, 0, 20_000)  # a fact all the same
    with pytest.raises(Refused, match="INV-001 is held"):
        office.does("fiona", invoicing.pay, invoice=invoice, version=1, paid_on=TODAY)
    came(office, order, "4")
    assert where(office, order) == (10_000, 30_000, 0, 20_000)  # it was counted when it was invoiced
    with office.looking():
        invoice.refresh_from_db()
    assert (invoice.state, invoice.findings) == ("cleared", [])
    paid = office.does("fiona", invoicing.pay, invoice=invoice, version=invoice.version, paid_on=TODAY)
    assert paid.state == "paid"
    with pytest.raises(Conflict, match="paid already"):
        office.does("fiona", invoicing.pay, invoice=invoice, version=paid.version, paid_on=TODAY)
    assert whole(office)


def test_a_higher_price_is_held_and_released_by_somebody_else(office: Office) -> None:
    order = ordered(office)
    came(office, order, "10")
    invoice = billed(office, order, "10", price=5_500)
    assert invoice.findings == ["Tape: 55.00 EUR for one, ordered at 50.00 EUR."]
    assert where(office, order) == (5_000, 0, 0, 55_000)  # out of what the request still had
    with pytest.raises(NotAllowed, match="Who entered an invoice does not release it"):
        office.does("fiona", invoicing.release, invoice=invoice, version=1, reason="Mine")
    with pytest.raises(NotAllowed):
        office.does("paul", invoicing.release, invoice=invoice, version=1, reason="Mine")
    with pytest.raises(Refused, match="Say why"):
        office.does("mira", invoicing.release, invoice=invoice, version=1, reason=" ")
    done = office.does("mira", invoicing.release, invoice=invoice, version=1, reason="Agreed by phone")
    assert (done.state, done.released_by.name) == ("released", "Mira Novak")

    def forge(*, by: Any, at: Any) -> None:
        Invoice.objects.filter(pk=invoice.pk).update(released_by=office.person("fiona"))

    with pytest.raises(Refused, match="Who entered an invoice does not release it"):
        office.does(None, forge)

    def forge_by_who_ordered(*, by: Any, at: Any) -> None:
        Invoice.objects.filter(pk=invoice.pk).update(released_by=office.person("paul"))

    with pytest.raises(Refused, match="Who ordered does not release"):
        office.does(None, forge_by_who_ordered)
    assert whole(office)


def test_within_the_tolerance_nothing_is_held(office: Office) -> None:
    order = ordered(office)
    limits = {"quantity_percent": Decimal(0), "price_percent": Decimal(10), "price_minor": 5_000}
    with pytest.raises(NotAllowed):  # who orders does not say what may differ
        office.does("mira", tolerances.keep, program=office.program, version=0, values=limits)
    office.does("fiona", tolerances.keep, program=office.program, version=0, values=limits)
    with pytest.raises(Conflict):
        office.does("fiona", tolerances.keep, program=office.program, version=0, values=limits)
    came(office, order, "10")
    assert billed(office, order, "10", price=5_500).state == "cleared"


def test_what_goes_beyond_everything_stands_without_funding_and_is_found(office: Office) -> None:
    order = ordered(office, granted=65_000)
    came(office, order, "10")
    billed(office, order, "10", price=8_000)  # 500.00 ordered, 100.00 set aside, 50.00 available
    money = stands(office, order.request)
    assert (money.approved, money.reserved, money.spent, money.beyond) == (60_000, 0, 80_000, 20_000)
    assert office.balance("unfunded") == -15_000
    with office.looking():
        assert PolicyFinding.objects.filter(kind="without_funding", amount_minor=15_000).exists()
    assert whole(office)


def test_a_lower_price_goes_back_to_what_is_set_aside(office: Office) -> None:
    order = ordered(office)
    came(office, order, "10")
    billed(office, order, "10", price=4_000)
    assert where(office, order) == (20_000, 0, 0, 40_000)
    assert whole(office)


def test_a_credit_note_makes_good_what_was_without_funding_and_gives_back_the_rest(office: Office) -> None:
    order = ordered(office, granted=60_000)
    came(office, order, "10")
    invoice = billed(office, order, "10", price=7_000)
    assert office.balance("unfunded") == -10_000

    def credit(amount: int, number: str) -> Invoice:
        return office.does(
            "fiona", invoicing.credit, invoice=invoice, number=number, invoiced_on=TODAY, amount_minor=amount
        )

    credit(15_000, "C-1")
    assert (office.balance("unfunded"), where(office, order)) == (0, (5_000, 0, 0, 55_000))
    with pytest.raises(Refused, match=r"at most what the invoice has left: 550\.00 EUR"):
        credit(55_001, "C-2")
    with pytest.raises(Refused, match="has sent a document of this number before"):
        credit(1, " c-1 ")
    assert whole(office)


def test_cancelling_the_rest_of_an_order_leaves_what_came_to_be_invoiced(office: Office) -> None:
    order = ordered(office)
    came(office, order, "4")
    done = office.does("paul", services.cancel, order=order, version=1, reason="Enough")
    assert (done.state, where(office, order)) == ("closed", (40_000, 0, 20_000, 0))
    with pytest.raises(Refused, match=r"200\.00 EUR was received and not invoiced yet"):
        office.does("paul", services.close_request, capital_request=order.request)
    billed(office, order, "4")
    office.does("paul", services.close_request, capital_request=order.request)
    assert where(office, order) == (0, 0, 0, 20_000)
    late = billed(office, order, "1", number="A-2")  # a fact on a closed request: from what is available
    assert late.state == "held"
    assert where(office, order) == (0, 0, 0, 25_000)
    with office.looking():
        assert CapitalRequest.objects.get().state == "closed"
    assert whole(office)


def test_a_vendor_sends_a_number_once(office: Office) -> None:
    order = ordered(office)
    billed(office, order, "1")
    with pytest.raises(Refused, match="has sent a document of this number before") as refused:
        billed(office, order, "1", number="a-1")
    assert refused.value.field == "number"


def test_what_is_owed_ages_from_the_day_it_was_due(office: Office) -> None:
    order = ordered(office)
    came(office, order, "10")
    first = billed(office, order, "4")
    billed(office, order, "4", price=6_000, number="A-2")
    office.does("fiona", invoicing.credit, invoice=first, number="C-1", invoiced_on=TODAY, amount_minor=5_000)
    due = TODAY + timedelta(days=30)

    def owed(day: date) -> tuple[dict[str, int], int, int]:
        with office.looking():
            (one,) = ageing.owed(office.program, day)
        return (one.buckets, one.held, one.total)

    assert owed(TODAY) == ({"not due": 44_000, "0-30": -5_000}, 24_000, 39_000)
    assert owed(due + timedelta(days=31)) == ({"31-60": 44_000 - 0, "61-90": -5_000}, 24_000, 39_000)
    office.does("fiona", invoicing.pay, invoice=first, version=1, paid_on=TODAY)
    assert owed(TODAY)[2] == 19_000


def test_the_same_invoice_entered_by_ten_at_once_stands_once(own_database: OwnDatabase) -> None:
    office = open_office()
    order = ordered(office)
    ended = together(10, lambda n: billed(office, order, "1"), pool=10)
    assert ended["done"] == 1 and sum(ended.values()) == 10
    assert where(office, order) == (10_000, 45_000, 0, 5_000)


def test_credit_for_a_price_too_high_does_not_raise_what_was_approved(office: Office) -> None:
    """600.00 approved, 500.00 ordered, 700.00 invoiced and 200.00 credited: 100.00 may be ordered, as before."""
    order = ordered(office)
    before = office.balance("available")
    came(office, order, "10")
    invoice = billed(office, order, "10", price=7_000)
    assert office.balance("available") == before - 10_000
    office.does(
        "fiona", invoicing.credit, invoice=invoice, number="C-1", invoiced_on=TODAY, amount_minor=20_000
    )
    money = stands(office, order.request)
    assert (money.reserved, money.spent, money.beyond) == (10_000, 50_000, 0)
    assert office.balance("available") == before
    assert whole(office)
