"""The pages of vendors and orders, as people use them, and their twins in the API."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from finance.procurement.models import PurchaseOrder, Vendor
from tests.finance.office import Office
from tests.finance.test_pages import browser
from tests.finance.test_procurement import approved, order, vendor

LINES = {"line-0-text": "Array", "line-0-quantity": "3", "line-0-unit_price": "100.00"}


def said(answer: Any) -> str:
    """The page's text, with spaces where it keeps figure and currency together."""
    return str(answer.content.decode().replace("\u00a0", " "))


def test_an_order_is_written_refused_at_its_rows_and_issued(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    client = browser(office, "paul")
    address = f"/p/ATLAS/capital-requests/{request.pk}/order/"
    assert "600.00 EUR is set aside for Database servers" in said(client.get(address))
    wrong = {
        "vendor": acme.code,
        "title": "Arrays",
        **LINES,
        "line-2-text": "Cable",
        "line-2-quantity": "some",
        "line-2-unit_price": "1e3",
    }
    answer = client.post(address, wrong)
    text = said(answer)
    assert answer.status_code == 422 and "A quantity is written like 3 or 1.5" in text
    assert "what is wrong stands beside it" in text
    assert 'value="some"' in text and 'value="Array"' in text  # nothing is lost
    too_much = client.post(address, {"vendor": acme.code, "title": "Arrays", **LINES, "line-0-quantity": "7"})
    assert "Only 600.00 EUR of CR-001 is left to order" in said(too_much)
    answer = client.post(address, {"vendor": acme.code, "title": "Arrays", **LINES}, follow=True)
    assert "PO-001 is issued" in answer.content.decode()
    page = said(client.get(f"/p/ATLAS/capital-requests/{request.pk}/"))
    assert "600.00 EUR = 300.00 EUR + 300.00 EUR + 0.00 EUR + 0.00 EUR + 0.00 EUR" in page
    assert "ordered PO-001 from Acme" in page and "Close the request" not in page


def test_an_order_is_cancelled_on_its_page_with_a_reason(office: Office) -> None:
    office.granted(100_000)
    placed = order(office, approved(office), vendor(office))
    client = browser(office, "paul")
    address = f"/p/ATLAS/orders/{placed.pk}/"
    assert "Cancel the order" in client.get(address).content.decode()
    assert "Cancel the order" not in browser(office, "ada").get(address).content.decode()
    assert "Say why." in client.post(f"{address}cancel/", {"version": "1", "why": " "}).content.decode()
    done = client.post(f"{address}cancel/", {"version": "1", "why": "Too late"}, follow=True)
    assert "PO-001 is cancelled" in done.content.decode() and "Too late" in done.content.decode()
    closed = client.post(f"/p/ATLAS/capital-requests/{placed.request_id}/close/", follow=True)
    assert "CR-001 is closed; what was left is available again." in closed.content.decode()


def test_registers_come_as_files_and_names_are_escaped(office: Office) -> None:
    office.granted(100_000)
    request = approved(office)
    client = browser(office, "fiona")
    assert "No vendor yet" in client.get("/p/ATLAS/vendors/").content.decode()
    client.post("/p/ATLAS/vendors/add/", {"name": "<b>Acme", "payment_days": "60", "active": "on"})
    assert "&lt;b&gt;Acme" in client.get("/p/ATLAS/vendors/").content.decode()
    again = client.post("/p/ATLAS/vendors/add/", {"name": "<B>ACME", "payment_days": "60"})
    assert again.status_code == 422 or "has this name already" in again.content.decode()
    with office.looking():
        acme = Vendor.objects.get()
    order(office, request, acme)
    table = client.get("/p/ATLAS/orders/?format=csv").content.decode()
    assert "PO-001 Tapes,CR-001,CRM,<b>Acme,100.00" in table
    assert "100.00" in client.get("/p/ATLAS/vendors/?format=csv").content.decode()


def send(client: Client, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    answer = client.generic(
        method, f"/api/v1/programs/ATLAS/{path}", json.dumps(body or {}), "application/json"
    )
    return answer.status_code, answer.json()


def test_the_api_orders_cancels_and_says_where_the_money_stands(office: Office) -> None:
    office.granted(100_000)
    request = approved(office)
    status, acme = send(browser(office, "fiona"), "POST", "vendors/", {"name": "Acme", "payment_days": 45})
    assert (status, acme["code"], acme["payment_days"]) == (201, "V-001", 45)
    client = browser(office, "paul")
    body = {
        "capital_request": request.pk,
        "vendor": acme["id"],
        "title": "Arrays",
        "lines": [{"text": "Array", "quantity": "2.500", "unit_price_minor": 10_000}],
    }
    status, made = send(client, "POST", "purchase-orders/", body)
    assert (status, made["amount_minor"], made["lines"][0]["quantity"]) == (201, 25_000, "2.5")
    assert send(client, "POST", "purchase-orders/", body | {"lines": []})[0] == 400
    _, money = send(client, "GET", f"capital-requests/{request.pk}/money/")
    assert (money["reserved_minor"], money["ordered_minor"], money["state"]) == (35_000, 25_000, "approved")
    assert send(client, "POST", f"capital-requests/{request.pk}/close/")[0] == 422
    status, done = send(
        client, "POST", f"purchase-orders/{made['id']}/cancel/", {"version": 1, "reason": "Too late"}
    )
    assert (status, done["state"], done["ended_by"]) == (200, "cancelled", "Paul Weber")
    assert send(client, "POST", f"capital-requests/{request.pk}/close/")[1]["returned_minor"] == 60_000
    with office.looking():
        assert PurchaseOrder.objects.get().state == "cancelled"
