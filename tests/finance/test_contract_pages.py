"""Contracts on pages and by the API, from the request to the retention."""

from __future__ import annotations

from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from tests.finance.office import Office
from tests.finance.signing import billed, came, deputy, now, ordered
from tests.finance.test_pages import browser
from tests.finance.test_procurement import approved, vendor
from tests.finance.test_procurement_pages import said, send


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
