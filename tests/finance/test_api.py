"""The money part of the API: the same services, the same rights, strict values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from finance.ledger.models import Journal
from finance.transfers import services as transfers
from tests.finance.office import Office, open_office
from tests.finance.test_ledger import spend
from tests.finance.test_pages import HEADING, browser, filled

__all__ = ["filled"]
API = "/api/v1/programs/ATLAS"
LISTS = [
    "periods", "budgets", "budget-lines", "accounts", "postings", "actual-lines", "policy-findings",
    "capital-requests", "cost-files",
]  # fmt: skip
WANTED = {
    "title": "Licences", "justification": "Needed", "amount_minor": 125_000, "category": "software",
    "cash_profile": [{"period": "2026-12", "amount_minor": 125_000}],
}  # fmt: skip


def send(client: Client, method: str, url: str, body: Any = None, **headers: str) -> Any:
    return client.generic(
        method.upper(), f"{API}/{url}", json.dumps(body), "application/json", headers=headers
    )


@pytest.mark.parametrize("name", [*LISTS, "earned-value", "spend"])
def test_what_the_pages_show_is_readable(filled: Office, name: str) -> None:
    assert browser(filled, "ada").get(f"{API}/{name}/").status_code == 200
    open_office("OTHER", ("X",))
    assert Client().get(f"{API}/{name}/").status_code == 401


@pytest.mark.parametrize("name", LISTS)
def test_rows_of_another_program_do_not_exist(filled: Office, name: str) -> None:
    client = browser(filled, "fiona")
    mine = {row["id"] for row in client.get(f"{API}/{name}/").json()["results"]}
    open_office("OTHER", ("X",))
    theirs = {row["id"] for row in client.get(f"/api/v1/programs/OTHER/{name}/").json()["results"]}
    assert not mine & theirs
    for pk in mine:
        assert client.get(f"/api/v1/programs/OTHER/{name}/{pk}/").status_code == 404


def test_the_postings_add_up_to_zero_and_to_the_balances(filled: Office) -> None:
    client = browser(filled, "ada")
    postings = client.get(f"{API}/postings/").json()["results"]
    assert sum(row["amount"] for row in postings) == 0
    spent = sum(row["amount"] for row in postings if row["account"] == "spent")
    accounts = client.get(f"{API}/accounts/?kind=spent").json()["results"]
    assert spent == sum(row["balance"] for row in accounts) == 12_345


def test_a_request_is_drafted_changed_submitted_and_withdrawn(filled: Office) -> None:
    paul = browser(filled, "paul")
    wanted = WANTED | {"project": filled.projects["CRM"].pk}
    made = send(paul, "post", "capital-requests/", wanted)
    assert made.status_code == 201, made.content
    row = made.json()
    assert (row["state"], row["cash_profile"], row["requester"]) == (
        "draft",
        {"2026-12": 125_000},
        "Paul Weber",
    )
    url = f"capital-requests/{row['id']}/"
    changes = {"version": row["version"], "amount_minor": 1_000, "cash_profile": []}
    changed = send(paul, "patch", url, changes)
    assert (changed.status_code, changed.json()["amount_minor"]) == (200, 1_000)
    assert send(paul, "patch", url, changes).status_code == 409
    assert send(paul, "post", f"{url}submit/").json()["state"] == "submitted"
    assert send(paul, "post", f"{url}withdraw/").json()["state"] == "withdrawn"
    assert send(paul, "post", f"{url}submit/").status_code == 409


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"amount_minor": "1000"}, "amount_minor"),
        ({"amount_minor": 10**15 + 1}, "amount_minor"),
        ({"category": "contingency"}, "category"),
        ({"state": "committed"}, "state"),
        ({"warrant": 1}, "warrant"),
        ({"requester": 1}, "requester"),
        ({"project": 10**12}, "project"),
        ({"cash_profile": [{"period": "soon", "amount_minor": 1}]}, "cash_profile"),
    ],
)
def test_what_does_not_fit_is_named(filled: Office, change: dict[str, Any], named: str) -> None:
    wanted = WANTED | {"project": filled.projects["CRM"].pk} | change
    answer = send(browser(filled, "paul"), "post", "capital-requests/", wanted)
    assert answer.status_code == 400 and list(answer.json()["errors"]) == [named]


def test_a_project_of_another_program_cannot_be_named(filled: Office) -> None:
    other = open_office("OTHER", ("X",))
    answer = send(
        browser(filled, "mira"), "post", "capital-requests/", WANTED | {"project": other.projects["X"].pk}
    )
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["project"]


def test_a_budget_is_prepared_filled_submitted_and_recalled(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    made = send(fiona, "post", "budgets/", {"project": filled.projects["DC"].pk})
    assert made.status_code == 201, made.content
    url = f"budgets/{made.json()['id']}/"
    line = {"category": "labour", "nature": "operating", "period": "2027-01", "amount_minor": 5_000}
    assert send(fiona, "put", f"{url}line/", line | {"version": 0}).status_code == 200
    assert send(fiona, "put", f"{url}line/", line | {"version": 0}).status_code == 409
    assert send(browser(filled, "paul"), "put", f"{url}line/", line).status_code == 403
    assert send(fiona, "post", f"{url}submit/").json()["state"] == "submitted"
    assert send(fiona, "put", f"{url}line/", line | {"version": 1}).status_code == 422
    assert send(fiona, "post", f"{url}recall/").json()["state"] == "draft"


def test_the_same_transfer_sent_twice_moves_the_money_once(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    filled.does(
        "mira", transfers.delegate, program=filled.program, role="finance_controller",
        up_to_minor=10**10, valid_from=filled.at.date(), across_projects=True,
    )  # fmt: skip
    place = {"category": "hardware", "nature": "capital"}
    body = {
        "source": place | {"project": filled.projects["CRM"].pk},
        "target": place | {"project": filled.projects["DC"].pk},
        "amount_minor": 1_000,
        "effective": "2026-11-16",
        "text": "To the data centre",
    }
    headers = {"Idempotency-Key": "0123456789abcdef"}
    first, second = (send(fiona, "post", "transfers/", body, **headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotent-Replayed"] == "true" and second.json() == first.json()
    assert filled.balance("available", filled.place("DC")) == 1_000
    too_much = send(fiona, "post", "transfers/", body | {"amount_minor": 10**9})
    assert (too_much.status_code, too_much.json()["type"]) == (422, "not-enough-money")
    assert send(browser(filled, "mira"), "post", "accruals/", {}).status_code == 403


def test_an_accrual_is_entered_and_taken_back(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    body = {
        "place": {"project": filled.projects["CRM"].pk, "category": "labour", "nature": "operating"},
        "amount_minor": 700,
        "effective": "2026-11-16",
        "text": "Hours of November",
    }
    made = send(fiona, "post", "accruals/", body)
    assert made.status_code == 201, made.content
    labour = filled.place("CRM", "labour", "operating")
    assert filled.balance("accrued", labour) == 700
    url = f"journals/{made.json()['journal']}/reverse/"
    assert send(fiona, "post", url, {"text": "Invoice came"}).status_code == 201
    assert send(fiona, "post", url, {"text": "Again"}).status_code == 409
    assert filled.balance("accrued", labour) == 0


def test_a_cost_file_comes_in_through_the_api(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    content = f"{HEADING}\nAPI-1,CRM,,hardware,capital,2026-11-10,5.00,EUR,Dell,Cable\n"
    made = send(fiona, "post", "cost-files/", {"file_name": "costs.csv", "content": content})
    assert made.status_code == 201, made.content
    assert made.json()["totals"]["new_minor"] == 500
    accepted = send(fiona, "post", f"cost-files/{made.json()['id']}/accept/")
    assert accepted.json()["state"] == "accepted"
    line = fiona.get(f"{API}/actual-lines/?source_reference=API-1").json()["results"][0]
    assert (line["amount_minor"], line["amount_exact"], line["vendor"]) == (500, "500", "Dell")
    with filled.looking():
        assert str(Journal.objects.order_by("-recorded_at")[0].pk) == line["journal"]


def test_a_period_closes_through_the_api(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    period = fiona.get(f"{API}/periods/?code=2026-12").json()["results"][0]
    assert send(fiona, "post", f"periods/{period['id']}/close/").json()["state"] == "closed"
    assert send(fiona, "post", f"periods/{period['id']}/close/").status_code == 409


def test_the_spend_of_the_api_is_that_of_the_page(filled: Office) -> None:
    spend(filled, 55)
    answer = browser(filled, "ada").get(f"{API}/spend/").json()
    assert answer["total"]["actual_minor"] == 12_400
    assert answer["total"]["budget_minor"] == sum(one["budget_minor"] for one in answer["periods"]) == 700_000
    assert browser(filled, "ada").get(f"{API}/spend/?at=nonsense").status_code == 400
    assert browser(filled, "ada").get(f"{API}/spend/?day=2026-11-16").status_code == 400
