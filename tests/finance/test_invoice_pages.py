"""The way of an invoice on its pages: what came, what is asked, what is held, released and paid."""

from __future__ import annotations

from typing import Any

from finance.procurement.bills import Invoice
from tests.finance.office import Office
from tests.finance.test_invoices import billed, came, line_of, ordered
from tests.finance.test_pages import browser
from tests.finance.test_procurement_pages import said, send


def test_an_order_comes_in_parts_and_is_invoiced_on_its_page(office: Office) -> None:
    order = ordered(office)
    pk = line_of(office, order)
    here = f"/p/ATLAS/orders/{order.pk}/"
    staff, fiona = browser(office, "mira"), browser(office, "fiona")
    assert "Enter what came" not in said(browser(office, "paul").get(here))  # he ordered
    assert "Enter what came" in said(staff.get(here))
    wrong = staff.post(f"{here}receive/", {"received_on": "2026-11-16", f"quantity-{pk}": "many"})
    assert wrong.status_code == 422 and 'value="many"' in said(wrong)
    beyond = staff.post(f"{here}receive/", {"received_on": "2026-11-16", f"quantity-{pk}": "11"})
    assert "Only 10 of this line is still to come" in said(beyond) and 'value="11"' in said(beyond)
    done = staff.post(f"{here}receive/", {"received_on": "2026-11-16", f"quantity-{pk}": "4"}, follow=True)
    assert "GR-001 is entered." in said(done) and "200.00 EUR" in said(done)
    form = said(fiona.get(f"{here}invoice/"))
    assert f'name="quantity-{pk}" value="4"' in form and f'name="price-{pk}" value="50.00"' in form
    typed = {"number": "A-1", "invoiced_on": "2026-11-16", f"quantity-{pk}": "5", f"price-{pk}": "50.00"}
    held = said(fiona.post(f"{here}invoice/", typed, follow=True))
    assert "Held: it does not match." in held and "Tape: 5 invoiced, 4 received." in held
    assert "You entered it: somebody else releases it." in held
    again = fiona.post(f"{here}invoice/", typed)
    assert again.status_code == 422 and "has sent a document of this number before" in said(again)


def test_a_held_invoice_is_released_paid_and_credited_on_its_page(office: Office) -> None:
    invoice = billed(office, ordered(office), "4")
    here = f"/p/ATLAS/invoices/{invoice.pk}/"
    mira, fiona = browser(office, "mira"), browser(office, "fiona")
    assert "Release for payment" in said(mira.get(here))
    assert fiona.post(f"{here}release/", {"version": "1", "release-why": "Mine"}).status_code == 403
    assert mira.post(f"{here}release/", {"version": "1", "release-why": ""}).status_code == 422
    done = said(mira.post(f"{here}release/", {"version": "1", "release-why": "Paid ahead"}, follow=True))
    assert "INV-001 is released for payment." in done and "Paid ahead" in done
    stale = fiona.post(f"{here}pay/", {"version": "1", "pay-paid_on": "2026-11-16"})
    assert stale.status_code == 409 and "after you opened it" in said(stale)
    credit = {"credit-number": "C-1", "credit-invoiced_on": "2026-11-16", "credit-amount": "1e3"}
    assert fiona.post(f"{here}credit/", credit).status_code == 422
    note = said(fiona.post(f"{here}credit/", credit | {"credit-amount": "50.00"}, follow=True))
    assert "Credit note C-1" in note and "INV-001" in note
    paid = said(fiona.post(f"{here}pay/", {"version": "2", "pay-paid_on": "2026-11-16"}, follow=True))
    assert "INV-001 is paid." in paid
    table = fiona.get("/p/ATLAS/invoices/?format=csv").content.decode()
    assert "INV-001 A-1,Invoice,Acme,PO-001,200.00" in table and "INV-002 C-1,Credit note,Acme" in table
    trail = said(fiona.get(f"/p/ATLAS/capital-requests/{invoice.order.request_id}/"))
    assert "released INV-001: Paid ahead" in trail and "200 EUR of it paid" in trail


def test_what_is_owed_is_a_page_and_a_file(office: Office) -> None:
    ada = browser(office, "ada")
    assert "Nothing is owed" in said(ada.get("/p/ATLAS/payables/"))
    billed(office, ordered(office), "4")
    assert "Acme" in said(ada.get("/p/ATLAS/payables/"))
    file = ada.get("/p/ATLAS/payables/?format=csv").content.decode().splitlines()
    assert file[0] == "Vendor,not due,0-30,31-60,61-90,over 90,Total,Held,Retained,Currency"
    assert file[1].startswith("Acme,") and file[1].endswith(",200.00,200.00,0.00,EUR")


def test_the_tolerance_is_kept_by_the_controller_not_by_who_orders(office: Office) -> None:
    fiona = browser(office, "fiona")
    typed = {"quantity_percent": "2", "price_percent": "5.5", "price": "100.00", "version": "0"}
    assert browser(office, "mira").get("/p/ATLAS/invoices/tolerance/").status_code == 403
    done = fiona.post("/p/ATLAS/invoices/tolerance/", typed, follow=True)
    assert "The tolerance is kept" in said(done)
    assert fiona.post("/p/ATLAS/invoices/tolerance/", typed).status_code == 409
    assert fiona.post("/p/ATLAS/invoices/tolerance/", typed | {"price": "x"}).status_code == 422
    _, kept = send(fiona, "GET", "invoice-tolerance/")
    assert kept == {"quantity_percent": "2", "price_percent": "5.5", "price_minor": 10_000, "version": 1}
    body: dict[str, Any] = {**kept, "price_percent": "0"}
    assert send(fiona, "PUT", "invoice-tolerance/", body)[1]["version"] == 2


def test_the_api_receives_invoices_releases_and_pays(office: Office) -> None:
    order = ordered(office)
    pk = line_of(office, order)
    mira, fiona = browser(office, "mira"), browser(office, "fiona")
    came_ = {"order": order.pk, "received_on": "2026-11-16", "lines": [{"order_line": pk, "quantity": "4"}]}
    status, receipt = send(mira, "POST", "receipts/", came_)
    assert (status, receipt["amount_minor"], receipt["lines"]) == (
        201, 20_000, [{"order_line_id": pk, "quantity": "4"}],
    )  # fmt: skip
    assert send(browser(office, "paul"), "POST", "receipts/", came_)[0] == 403
    bill = {
        "order": order.pk, "number": "A-1", "invoiced_on": "2026-11-16",
        "lines": [{"order_line": pk, "quantity": "4", "unit_price_minor": 5_100}],
    }  # fmt: skip
    status, made = send(fiona, "POST", "invoices/", bill)
    assert (status, made["state"], len(made["findings"])) == (201, "held", 1)
    path = f"invoices/{made['id']}"
    assert send(fiona, "POST", f"{path}/pay/", {"version": 1, "paid_on": "2026-11-16"})[0] == 422
    assert send(fiona, "POST", f"{path}/release/", {"version": 1, "reason": "Mine"})[0] == 403
    assert (
        send(mira, "POST", f"{path}/release/", {"version": 1, "reason": "Agreed"})[1]["state"] == "released"
    )
    assert send(fiona, "POST", f"{path}/pay/", {"version": 2, "paid_on": "2026-11-16"})[1]["state"] == "paid"
    credit = {"number": "C-1", "invoiced_on": "2026-11-16", "amount_minor": 400}
    status, note = send(fiona, "POST", f"{path}/credit/", credit)
    assert (status, note["kind"], note["credits_id"]) == (201, "credit", made["id"])
    _, owed = send(fiona, "GET", "payables/")
    assert owed[0]["total_minor"] == -400
    with office.looking():
        assert Invoice.objects.filter(kind="credit").count() == 1


def test_more_comes_than_is_invoiced_and_the_rest_is_offered(office: Office) -> None:
    order = ordered(office, "2.5", 3_333)
    came(office, order, "2.5")
    billed(office, order, "1")
    form = said(browser(office, "fiona").get(f"/p/ATLAS/orders/{order.pk}/invoice/"))
    assert f'name="quantity-{line_of(office, order)}" value="1.5"' in form
