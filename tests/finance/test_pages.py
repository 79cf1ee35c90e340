"""Every money page: what each role sees, how many questions it asks the database, what its buttons do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finance.capex.models import CapitalRequest
from finance.imports.models import ActualBatch
from finance.ledger.models import ActualLine, Journal
from pmo.accounts.models import Membership
from tests.finance.office import Office, open_office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_capex import approve, submitted
from tests.finance.test_ledger import spend

PAGES = [
    "budget/",
    "spend/",
    "spend/?project=CRM&category=hardware&nature=capital",
    "spend/?at=2026-11-20",
    "ledger/",
    "ledger/?project=CRM",
    "ledger/?at=2026-11-20",
    "earned-value/",
    "capital-requests/",
    "capital-requests/?state=open",
    "costs/",
    "periods/",
    "rates/",
]
HEADING = "source_reference,project,activity,category,nature,date,amount,currency,vendor,text"


@pytest.fixture
def filled(office: Office) -> Office:
    """Budget, a commitment, cost, and a request that waits."""
    activated(office, drafted(office, {"2026-11": 500_000, "2026-12": 200_000}))
    approve(office, submitted(office))
    spend(office, 12_345)
    submitted(office)
    drafted(office, {"2026-11": 600_000})
    return office


def browser(office: Office, who: str) -> Client:
    client = Client()
    client.force_login(office.person(who))
    return client


def questions(client: Client, address: str) -> int:
    """How many statements the page itself makes, besides session, user, scope and memberships."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    frame = (
        "SAVEPOINT",
        "RELEASE",
        "django_session",
        "pmo_user",
        "pmo_held",
        "set_config",
        "set transaction",
    )
    return sum(1 for one in captured.captured_queries if not any(word in one["sql"] for word in frame))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["mira", "paul", "fiona", "chloe", "sam", "ada"])
def test_everybody_with_a_role_in_money_sees_the_page(filled: Office, page: str, who: str) -> None:
    answer = browser(filled, who).get(f"/p/ATLAS/{page}")
    assert answer.status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_a_member_of_another_program_finds_nothing_here(filled: Office, page: str) -> None:
    open_office("OTHER", ("X",))  # the same cast, in another program
    with filled.looking():
        mine = Membership.objects.filter(program=filled.program, user=filled.person("ada"))
        assert mine.update(valid_to=date(2020, 1, 2)) == 1
    assert browser(filled, "ada").get(f"/p/ATLAS/{page}").status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_at_most_twelve_questions_however_many_rows(filled: Office, page: str) -> None:
    client = browser(filled, "fiona")
    few = questions(client, f"/p/ATLAS/{page}")
    for n in range(5):
        spend(filled, 1_000 + n)
        submitted(filled)
    many = questions(client, f"/p/ATLAS/{page}")
    assert few == many <= 12, (few, many)


def test_the_ledger_shows_who_entered_what_on_whose_decision(filled: Office) -> None:
    text = browser(filled, "ada").get("/p/ATLAS/ledger/").content.decode()
    for shown in ("Budget granted", "Committed", "Actual cost", "Fiona Castle", "D-7", "0.00"):
        assert shown in text, shown


def test_a_journal_is_taken_back_with_a_reason_by_the_controller_alone(filled: Office) -> None:
    with filled.looking():
        journal = Journal.objects.get(kind="actual")
    address = f"/p/ATLAS/ledger/{journal.pk}/"
    assert browser(filled, "paul").post(f"{address}reverse/", {"why": "No"}).status_code == 403
    fiona = browser(filled, "fiona")
    assert fiona.post(f"{address}reverse/", {"why": ""}).status_code == 422
    assert fiona.post(f"{address}reverse/", {"why": "Entered twice"}).status_code == 302
    assert filled.balance("spent") == 0
    again = fiona.post(f"{address}reverse/", {"why": "Entered twice"})
    assert again.status_code == 409 and "already reversed" in again.content.decode()


def test_a_project_manager_writes_submits_and_withdraws_a_request(filled: Office) -> None:
    paul = browser(filled, "paul")
    form = {
        "project": "CRM",
        "title": "Licences",
        "category": "software",
        "amount": "1,250",
        "justification": "Needed",
        "cash_profile": "2026-12 1250",
    }
    refused = paul.post("/p/ATLAS/capital-requests/add/", form)
    assert refused.status_code == 422 and "can be read two ways" in refused.content.decode()
    wrong = paul.post("/p/ATLAS/capital-requests/add/", form | {"amount": "1300"})
    assert wrong.status_code == 422 and "adds up to 1,250.00" in wrong.content.decode()
    made = paul.post("/p/ATLAS/capital-requests/add/", form | {"amount": "1250"})
    assert made.status_code == 302
    page = paul.get(made["Location"]).content.decode()
    assert "1,250.00" in page and "as things stand this cannot be approved" in page
    assert paul.post(f"{made['Location']}submit/").status_code == 302
    edited = paul.post(f"{made['Location']}edit/", form | {"amount": "1250", "title": "More", "version": "2"})
    assert edited.status_code == 302
    late = paul.post(f"{made['Location']}edit/", form | {"amount": "1250", "title": "Late", "version": "2"})
    assert late.status_code == 409 and "after you opened it" in late.content.decode()
    assert paul.post(f"{made['Location']}withdraw/").status_code == 302
    with filled.looking():
        request = CapitalRequest.objects.order_by("-pk").first()
        assert request is not None and (request.title, request.state) == ("More", "withdrawn")


def test_a_committee_member_cannot_ask_for_capital(filled: Office) -> None:
    chloe = browser(filled, "chloe")
    assert chloe.get("/p/ATLAS/capital-requests/add/").status_code == 403
    assert "Request capital" not in chloe.get("/p/ATLAS/capital-requests/").content.decode()


def test_the_same_form_sent_twice_makes_one_request(filled: Office) -> None:
    paul = browser(filled, "paul")
    form = {
        "project": "CRM", "title": "Twice", "category": "software", "amount": "12", "justification": "x",
        "_key": "0123456789abcdef0123",
    }  # fmt: skip
    assert [paul.post("/p/ATLAS/capital-requests/add/", form).status_code for _ in range(2)] == [302, 302]
    with filled.looking():
        assert CapitalRequest.objects.filter(title="Twice").count() == 1


def test_a_version_is_prepared_submitted_and_taken_back(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    made = fiona.post("/p/ATLAS/budget/new/", {"project": "DC"})
    assert made.status_code == 302
    empty = fiona.post(f"{made['Location']}submit/")
    assert empty.status_code == 422 and "at least one line" in empty.content.decode()
    cells = '[{"cell": "labour.operating.2026-11", "text": "100", "version": 0}]'
    fiona.post(f"{made['Location']}cells/", {"cells": cells})
    assert fiona.post(f"{made['Location']}submit/").status_code == 302
    assert "Take back" in fiona.get(made["Location"]).content.decode()
    assert fiona.post(f"{made['Location']}recall/").status_code == 302


def upload(office: Office, text: str, who: str = "fiona") -> Any:
    return browser(office, who).post(
        "/p/ATLAS/costs/add/", {"file": SimpleUploadedFile("costs.csv", text.encode(), "text/csv")}
    )


def test_a_cost_file_is_read_on_trial_then_accepted_once(filled: Office) -> None:
    rows = [
        "INV-1,CRM,,hardware,capital,2026-11-10,100.50,EUR,Dell,Server",
        "INV-2,DC,,labour,operating,2026-11-11,20,EUR,,",
    ]
    text = "\n".join([HEADING, *rows])
    read = upload(filled, text)
    assert read.status_code == 302
    fiona = browser(filled, "fiona")
    page = fiona.get(read["Location"]).content.decode()
    assert "120.50" in page and "Accept" in page
    before = filled.balance("spent")
    assert before == 12_345
    assert fiona.post(f"{read['Location']}accept/").status_code == 302
    assert filled.balance("spent") == before + 10_050
    assert fiona.post(f"{read['Location']}accept/").status_code == 409
    again = upload(filled, text)
    page = fiona.get(again["Location"]).content.decode()
    assert "Accept</button>" not in page  # everything in it was entered before
    with filled.looking():
        assert ActualLine.objects.count() == 2


def test_each_fault_of_a_cost_file_is_told_with_its_row(filled: Office) -> None:
    text = "\n".join(
        [
            HEADING,
            "INV-1,NOPE,,hardware,capital,2026-11-10,100,EUR,,",
            "INV-2,CRM,,yachts,capital,2026-11-10,100,EUR,,",
            "INV-3,CRM,,hardware,capital,10.11.2026,100,EUR,,",
            "INV-4,CRM,,hardware,capital,2026-11-10,1e3,EUR,,",
            "INV-5,CRM,,hardware,capital,2026-11-10,5,USD,,",
            "INV-6,CRM,,hardware,capital,2026-11-10,5,EUR,,",
            "INV-6,CRM,,hardware,capital,2026-11-10,6,EUR,,",
            "INV-7,CRM",
        ]
    )
    read = upload(filled, text)
    fiona = browser(filled, "fiona")
    faults = fiona.get(f"{read['Location']}faults.csv").getvalue().decode()
    for row, sentence in {
        2: "There is no project",
        3: "is not a cost category",
        4: "is not a date such as",
        5: "is not an amount",
        6: "there is no exchange rate of USD",
        8: "occurs twice in the file, first in row 7",
        9: "The row has 2 cells",
    }.items():
        line = next(one for one in faults.splitlines() if one.startswith(f"{row},"))
        assert sentence.lower() in line.lower(), line
    assert fiona.post(f"{read['Location']}accept/").status_code == 422
    with filled.looking():
        assert not ActualLine.objects.exists()
    assert fiona.post(f"{read['Location']}drop/").status_code == 302
    with filled.looking():
        assert ActualBatch.objects.get().state == "dropped"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"project,amount\nCRM,5\n", "there is no column for source_reference"),
        (b"\xff\xfe\x00", "not in UTF-8"),
        (b"a\x00b\n", "zero bytes"),
        (f"{HEADING},project\n".encode(), "occurs twice"),
        (f'{HEADING}\n"INV-1,CRM\n'.encode(), "not a table"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    filled: Office, content: bytes, sentence: str
) -> None:
    fiona = browser(filled, "fiona")
    answer = fiona.post("/p/ATLAS/costs/add/", {"file": SimpleUploadedFile("costs.csv", content)})
    assert answer.status_code == 422 and sentence in answer.content.decode()


def test_only_the_controller_imports_cost(filled: Office) -> None:
    assert upload(filled, HEADING, who="mira").status_code == 403


def test_a_period_is_closed_by_the_controller(filled: Office) -> None:
    fiona = browser(filled, "fiona")
    text = fiona.get("/p/ATLAS/periods/").content.decode()
    end = text.index("/close/")
    address = text[text.rindex("/periods/", 0, end) : end + len("/close/")]
    assert browser(filled, "mira").post(f"/p/ATLAS{address}").status_code == 403
    assert fiona.post(f"/p/ATLAS{address}").status_code == 302
    assert "Closed" in fiona.get("/p/ATLAS/periods/").content.decode()


@pytest.fixture(autouse=True)
def quiet_static(settings: Any) -> Iterator[None]:
    """Static addresses without a manifest."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    yield
