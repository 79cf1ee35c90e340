"""An order is amended: by rows of its own, by the difference, and never past what one order of the sum could do."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.ledger.models import Journal
from finance.procurement import amending, invoicing, vendors
from finance.procurement.models import OrderAmendment, OrderLine, PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from finance.structure import periods
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_invoices import billed, came, line_of, ordered, where
from tests.finance.test_ledger import TODAY
from tests.finance.test_pages import browser
from tests.finance.test_procurement import order, whole
from tests.finance.test_procurement_pages import said, send


def amended(
    office: Office, one: PurchaseOrder, quantity: str | None = None, *, who: str = "paul", **more: Any
) -> OrderAmendment:
    """The only line of it from now on so many."""
    version = more.pop("version", None) or now(office, one).version
    quantities = {} if quantity is None else {first(office, one): Decimal(quantity)}
    return office.does(
        who,
        amending.amend,
        order=one,
        version=version,
        **{"reason": "More to do", "quantities": quantities} | more,
    )


def now(office: Office, one: PurchaseOrder) -> PurchaseOrder:
    with office.looking():
        return PurchaseOrder.objects.select_related("request", "contract").get(pk=one.pk)


def first(office: Office, one: PurchaseOrder) -> int:
    with office.looking():
        return int(one.lines.get(n=1).pk)


def test_an_order_is_raised_and_lowered_by_the_difference_and_nothing_is_rewritten(office: Office) -> None:
    placed = ordered(office)  # ten at 50.00, of 600.00
    with office.looking():
        was = list(Journal.objects.order_by("recorded_at").values_list("pk", "text"))
    raised = amended(office, placed, "11.5")
    assert (raised.n, raised.from_minor, raised.to_minor, raised.committed_minor) == (
        1,
        50_000,
        57_500,
        7_500,
    )
    assert where(office, placed) == (2_500, 57_500, 0, 0)
    lowered = amended(
        office, placed, "3", added=[Wanted("Shelf", Decimal(2), 1_000)], expected_on=TODAY + timedelta(days=9)
    )
    assert (lowered.n, lowered.from_minor, lowered.to_minor) == (2, 57_500, 17_000)
    assert where(office, placed) == (43_000, 17_000, 0, 0)
    found = now(office, placed)
    assert (found.amount_minor, found.expected_on, found.version) == (17_000, TODAY + timedelta(days=9), 3)
    with office.looking():
        lines = OrderLine.objects.order_by("n").values_list("text", "quantity", "amount_minor")
        assert list(lines) == [("Tape", 10, 50_000), ("Shelf", 0, 0)]  # as they were placed
        assert set(was) < set(Journal.objects.values_list("pk", "text"))
        entered = Journal.objects.filter(source_kind="order_amendment").order_by("recorded_at")
        assert list(entered.values_list("kind", "text")) == [
            ("commitment", "PO-001 amendment 1: More to do"), ("release", "PO-001 amendment 2: More to do"),
        ]  # fmt: skip
    assert whole(office)


def test_what_comes_is_held_against_what_is_ordered_now(office: Office) -> None:
    placed = ordered(office)
    came(office, placed, "10")
    amended(office, placed, "12")
    came(office, placed, "2")
    billed(office, placed, "12")
    assert where(office, placed) == (0, 0, 0, 60_000)
    assert now(office, placed).state == "closed"
    with pytest.raises(Refused, match="PO-001 is closed: only one under way is amended"):
        amended(office, placed, "13")
    assert whole(office)


def test_an_order_is_lowered_to_what_came_and_is_done_by_that(office: Office) -> None:
    placed = ordered(office)
    came(office, placed, "4")
    with pytest.raises(
        Refused, match="4 came and 0 are invoiced of this line: not less than that"
    ) as refused:
        amended(office, placed, "3.999")
    assert refused.value.field == f"quantity.{line_of(office, placed)}"
    billed(office, placed, "5")
    with pytest.raises(Refused, match="4 came and 5 are invoiced"):
        amended(office, placed, "4")
    came(office, placed, "1")
    amended(office, placed, "5")
    assert now(office, placed).state == "closed" and where(office, placed) == (35_000, 0, 0, 25_000)
    assert whole(office)


def test_what_was_invoiced_beyond_the_order_is_not_committed_again(office: Office) -> None:
    placed = ordered(office)
    held = billed(office, placed, "11")
    assert held.state == "held" and where(office, placed) == (5_000, 0, 0, 55_000)
    made = amended(office, placed, "12")
    assert (made.to_minor - made.from_minor, made.committed_minor) == (10_000, 5_000)
    assert where(office, placed) == (0, 5_000, 0, 55_000)
    came(office, placed, "11")
    with office.looking():
        held.refresh_from_db()
    assert held.state == "cleared" and whole(office)


def test_what_was_spent_beyond_what_was_approved_is_not_ordered_afterwards(office: Office) -> None:
    placed = ordered(office, quantity="12")
    billed(office, placed, "13")  # 50.00 more than the request has
    assert where(office, placed) == (0, 0, 0, 65_000)
    with pytest.raises(
        Refused, match=r"Only 0\.00 EUR of CR-001 is left to order; this amendment adds 50\.00 EUR"
    ):
        amended(office, placed, "13")


@pytest.mark.parametrize(
    ("more", "sentence", "field"),
    [
        ({"quantity": "10"}, "Nothing changes", ""),
        ({"quantity": "0"}, "Nothing of PO-001 would be left: cancel it instead", ""),
        ({"quantity": "-1"}, "zero or more", "quantity.1"),
        ({"quantity": "10.0001"}, "three decimals", "quantity.1"),
        ({"quantity": "11", "reason": " "}, "Say why", "why"),
        ({"added": [Wanted("", Decimal(1), 1)]}, "Say what is ordered", "lines.0"),
        ({"added": [Wanted("x", Decimal(1), 1)] * 40}, "at most 40 lines", "lines"),
        ({"quantities": {0: Decimal(1)}}, "which line", "quantities"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    office: Office, more: dict[str, Any], sentence: str, field: str
) -> None:
    placed = ordered(office)
    with pytest.raises(Refused, match=sentence) as refused:
        amended(office, placed, **more)
    assert (refused.value.field or "").split(".")[0] == field.split(".")[0]
    assert where(office, placed) == (10_000, 50_000, 0, 0)


def test_who_saw_another_version_and_who_may_not_order_amends_nothing(office: Office) -> None:
    placed = ordered(office)
    amended(office, placed, "11")
    with pytest.raises(Conflict, match="after you opened it"):
        amended(office, placed, "12", version=1)
    with pytest.raises(NotAllowed):
        amended(office, placed, "12", who="fiona")


def test_a_closed_month_takes_no_amendment_but_another_day(office: Office) -> None:
    placed = ordered(office)
    with office.looking():
        period = periods.period_of(office.program, TODAY)
    office.does("fiona", periods.close, period=period)
    for quantity in ("11", "9"):
        with pytest.raises(Refused, match="closed"):
            amended(office, placed, quantity)
    made = amended(office, placed, expected_on=TODAY)
    assert (made.committed_minor, now(office, placed).expected_on) == (0, TODAY)


def test_an_order_of_a_vendor_without_new_orders_is_lowered_and_not_raised(office: Office) -> None:
    placed = ordered(office)
    with office.looking():
        acme = Vendor.objects.get()
    office.does("fiona", vendors.edit, vendor=acme, version=1, values={"active": False})
    with pytest.raises(Refused, match="Acme gets no new orders"):
        amended(office, placed, "11")
    amended(office, placed, "9")


# ---------------------------------------------------------------- two people stand between
def test_who_amended_does_not_receive_and_who_received_does_not_amend(office: Office) -> None:
    placed = ordered(office)
    amended(office, placed, "11", who="mira")
    with pytest.raises(NotAllowed, match="Who ordered does not receive"):
        came(office, placed, "1", who="mira")
    other = order(office, placed.request, placed.vendor, 1_000)
    came(office, other, "0.5", who="mira")
    with pytest.raises(NotAllowed, match="Who entered what came of an order does not amend it"):
        amended(office, other, "2", who="mira")


def test_who_amended_releases_no_invoice_and_who_released_does_not_amend(office: Office) -> None:
    placed = ordered(office)
    amended(office, placed, "11", who="mira")
    held = billed(office, placed, "1")
    with pytest.raises(NotAllowed, match="Who ordered does not release"):
        office.does("mira", invoicing.release, invoice=held, version=1, reason="Well")
    other = order(office, placed.request, placed.vendor, 1_000)
    wrong = billed(office, other, "0.5", price=1_000, number="A-2")
    office.does("mira", invoicing.release, invoice=wrong, version=1, reason="Well")
    with pytest.raises(NotAllowed, match="Who released an invoice of an order does not amend it"):
        amended(office, other, "2", who="mira")


# ---------------------------------------------------------------- page and API
def test_an_order_is_amended_on_its_page_and_says_who_when_and_why(office: Office) -> None:
    placed = ordered(office)
    line = line_of(office, placed)
    paul, here = browser(office, "paul"), f"/p/ATLAS/orders/{placed.pk}/"
    assert "Amendments" not in said(paul.get(here))
    assert f"{here}amend/" in said(paul.get(here)) and f"{here}amend/" not in said(
        browser(office, "fiona").get(here)
    )
    form = said(paul.get(f"{here}amend/"))
    assert "100.00 EUR more may be ordered on CR-001" in form
    given = {"version": "1", "why": "Two more sites", f"quantity-{line}": "11", "expected_on": "2027-01-15"}
    wrong = paul.post(f"{here}amend/", given | {f"quantity-{line}": "", "line-0-text": "Shelf"})
    assert (
        wrong.status_code == 422 and "0 takes the line out" in said(wrong) and 'value="Shelf"' in said(wrong)
    )
    much = paul.post(f"{here}amend/", given | {f"quantity-{line}": "13"})
    assert "Only 100.00 EUR of CR-001 is left to order; this amendment adds 150.00 EUR." in said(much)
    less = paul.post(f"{here}amend/", given | {f"quantity-{line}": "10.0001"})
    assert less.status_code == 422
    assert "This could not be saved" in said(less) and "what is wrong stands beside it" in said(less)
    half = paul.post(f"{here}amend/", given | {f"quantity-{line}": "11", "line-0-text": "Shelf"})
    assert half.status_code == 422 and "what is wrong stands beside it" in said(half)
    done = paul.post(
        f"{here}amend/",
        given | {"line-0-text": "Shelf", "line-0-quantity": "2", "line-0-unit_price": "12.50"},
        follow=True,
    )
    text = said(done)
    assert "PO-001 is amended (1)." in text and "Two more sites" in text and "Paul Weber" in text
    assert (
        "+75.00 EUR" in text
        and "Tape: 10 to 11" in text
        and "Shelf: 0 to 2" in text
        and "15 Jan 2027" in text
    )
    late = paul.post(f"{here}amend/", given)
    assert late.status_code == 409 and "after you opened it" in said(late)
    request = said(paul.get(f"/p/ATLAS/capital-requests/{placed.request_id}/"))
    assert "amended PO-001 (1) from 500.00 EUR to 575.00 EUR: Two more sites" in request
    assert "575.00" in said(paul.get("/p/ATLAS/orders/?format=csv"))


def test_the_api_amends_and_lists(office: Office) -> None:
    placed = ordered(office)
    line, paul = line_of(office, placed), browser(office, "paul")
    body = {
        "order": placed.pk, "version": 1, "reason": "Two more",
        "lines": [{"order_line": line, "quantity": "11"}],
        "added": [{"text": "Shelf", "quantity": "2", "unit_price_minor": 1_250}],
    }  # fmt: skip
    status, made = send(paul, "POST", "order-amendments/", body)
    assert (status, made["n"], made["from_minor"], made["to_minor"]) == (201, 1, 50_000, 57_500)
    assert [(one["text"], one["from_quantity"], one["to_quantity"], one["to_minor"]) for one in made["lines"]] == [
        ("Tape", "10", "11", 55_000), ("Shelf", "0", "2", 2_500),
    ]  # fmt: skip
    assert send(paul, "POST", "order-amendments/", body)[0] == 409
    twice = body | {"version": 2, "lines": body["lines"] * 2}  # type: ignore[operator]
    assert send(paul, "POST", "order-amendments/", twice)[0] == 400
    assert send(browser(office, "fiona"), "POST", "order-amendments/", body | {"version": 2})[0] == 403
    rows = send(paul, "GET", f"order-amendments/?order={placed.pk}")[1]["results"]
    assert [(one["order"], one["amended_by"], one["reason"]) for one in rows] == [
        ("PO-001", "Paul Weber", "Two more")
    ]
    _, shown = send(paul, "GET", f"purchase-orders/{placed.pk}/")
    assert shown["amount_minor"] == 57_500 and shown["version"] == 2
    assert [(one["quantity"], one["amount_minor"]) for one in shown["lines"]] == [
        ("11", 55_000),
        ("2", 2_500),
    ]


def test_the_same_call_twice_amends_once(office: Office) -> None:
    placed = ordered(office)
    lines = [{"order_line": line_of(office, placed), "quantity": "11"}]
    body = json.dumps({"order": placed.pk, "version": 1, "reason": "More", "lines": lines})
    paul, key = browser(office, "paul"), {"Idempotency-Key": "0123456789abcdef"}
    one, two = (
        paul.post("/api/v1/programs/ATLAS/order-amendments/", body, "application/json", headers=key)
        for _ in range(2)
    )
    assert (one.status_code, two.status_code) == (201, 201) and one.json() == two.json()
    assert where(office, placed) == (5_000, 55_000, 0, 0)
