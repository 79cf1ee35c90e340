"""Registers too long for a page: written by a worker, for who asked, with every row and in flat memory."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finance.ledger import entries, journal_file, registers
from pmo import commands, sheets
from pmo.outbox.models import Outbox
from pmo.reports import long_files, tasks
from pmo.reports import registers as kinds
from pmo.reports import services as reports
from pmo.reports.models import Artefact, ArtefactPart, ReportRun
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import browser
from tests.sheets import read

State = ReportRun.State
ENTRIES = "/p/ATLAS/ledger/entries/"


@pytest.fixture
def office(own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Seven costs in the books; a page writes three rows, a worker reads two at a time and keeps small pieces."""
    made = open_office()
    activated(made, drafted(made, {"2026-11": 500_000}))
    for amount in range(1, 8):
        spend(made, amount * 100)
    monkeypatch.setattr(registers, "AT_ONCE", 2)
    monkeypatch.setattr(long_files, "PIECE", 100)
    return made


def own_file(who: Client, address: str) -> bytes:
    """What the page itself writes."""
    return bytes(who.get(address).content)


def asked(who: Client, address: str, monkeypatch: pytest.MonkeyPatch, **more: Any) -> str:
    """Ask for the file as a person does: the button, the form; the address of the run."""
    monkeypatch.setattr(entries, "MOST_EXPORTED", 3)
    led = who.get(address)
    assert led.status_code == 302, led.content
    form = who.get(led["Location"])
    assert ("Account: Spent; Project: CRM; From: Nov 2026" in form.content.decode()) == (
        "project=CRM" in address
    )
    assert form.status_code == 200 and "A worker writes up to 3,000,000" in form.content.decode()
    kind = "xlsx" if "xlsx" in address else "csv"
    made = who.post(led["Location"], {"format": kind, **more})
    assert made.status_code == 302, made.content.decode()
    return str(made["Location"])


def work(office: Office) -> None:
    with office.looking():
        rows = list(Outbox.objects.filter(topic=reports.TOPIC, state="pending").values_list("pk", flat=True))
    for pk in rows:
        tasks.build(pk, office.program.pk)


def latest(office: Office) -> ReportRun:
    with office.looking():
        return ReportRun.objects.latest("pk")


def taken(who: Client, run: str, kind: str) -> bytes:
    answer = who.get(f"{run}{kind}/")
    assert answer.status_code == 200
    content = b"".join(answer)
    assert int(answer["Content-Length"]) == len(content)
    return content


@pytest.mark.parametrize(
    "address",
    [
        f"{ENTRIES}?format=csv",
        f"{ENTRIES}?account=spent&project=CRM&from=2026-11&format=csv",
        f"{ENTRIES}?account=budget&at=2099-01-01&format=csv",
    ],
)
def test_a_worker_writes_what_the_page_would(
    office: Office, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    ada = browser(office, "ada")
    wanted = own_file(ada, address)
    if "budget" in address:
        monkeypatch.setattr(entries, "MOST_EXPORTED", 0)
        run = str(ada.post(ada.get(address)["Location"], {"format": "csv"})["Location"])
    else:
        run = asked(ada, address, monkeypatch)
    assert "Waiting for a free worker" in ada.get(run).content.decode()
    work(office)
    page = ada.get(run).content.decode()
    assert "What it holds" in page and "kept for 7 days" in page
    content = taken(ada, run, "csv")
    assert content == wanted and content.count(b"\r\n") > 1
    with office.looking():
        file = Artefact.objects.get()
        assert file.content == b"" and ArtefactPart.objects.count() == -(-file.size // 100)


def test_a_workbook_goes_on_on_further_sheets(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser(office, "ada")
    wanted = read(own_file(ada, f"{ENTRIES}?account=spent&format=xlsx"))
    monkeypatch.setattr(sheets, "MOST_ROWS", 4)
    run = asked(ada, f"{ENTRIES}?account=spent&format=xlsx", monkeypatch)
    work(office)
    book = taken(ada, run, "xlsx")
    assert read(book, 0)[1:] + read(book, 1)[1:] == wanted[1:] and len(wanted) == 8
    assert read(book, 0)[0] == read(book, 1)[0] == wanted[0]


def test_a_file_belongs_to_who_asked_for_it(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither pages nor API show it to somebody else who may see the same money."""
    run = asked(browser(office, "ada"), f"{ENTRIES}?format=csv", monkeypatch)
    work(office)
    fiona = browser(office, "fiona")
    pk = latest(office).pk
    for address in (run, f"{run}csv/", f"{run}progress/", f"/api/v1/programs/ATLAS/reports/{pk}/"):
        assert fiona.get(address).status_code == 404, address
    assert fiona.post(f"{run}cancel/").status_code == 404
    assert fiona.get(f"/api/v1/programs/ATLAS/reports/{pk}/files/csv/").status_code == 404
    assert run not in fiona.get("/p/ATLAS/reports/").content.decode()
    assert run in browser(office, "ada").get("/p/ATLAS/reports/").content.decode()


def test_a_mail_comes_when_it_was_asked_for(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser(office, "ada")
    for more, mails in (({}, 0), ({"mail": "on"}, 1)):
        asked(ada, f"{ENTRIES}?format=csv", monkeypatch, **more)
        work(office)
        with office.looking():
            sent = list(Outbox.objects.filter(topic="mail.send", key__startswith="report:"))
        assert len(sent) == mails
    assert "the file is there" in sent[0].payload["subject"] and sent[0].payload["permission"] == "view_money"


def test_stopped_it_keeps_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser(office, "ada")
    run = asked(ada, f"{ENTRIES}?format=csv", monkeypatch)
    monkeypatch.setattr(long_files, "SAID_EVERY", 2)
    told: list[str] = []
    write = long_files.write

    def stop() -> None:
        """From elsewhere, while the worker reads its snapshot."""
        try:
            assert ada.post(f"{run}cancel/").status_code == 302
        finally:
            connection.close()

    def watched(made: ReportRun, listing: Any, program: Any, folder: Path, say: Any) -> Any:
        def heard(step: str, percent: int) -> None:
            told.append(step)
            if len(told) == 2:
                stopping = Thread(target=stop)
                stopping.start()
                stopping.join()
            say(step, percent)

        return write(made, listing, program, folder, heard)

    monkeypatch.setattr(long_files, "write", watched)
    work(office)
    assert told == ["2 of 16 rows written", "4 of 16 rows written"]
    assert latest(office).state == State.CANCELLED
    with office.looking():
        assert not Artefact.objects.exists()


def test_rows_that_do_not_come_to_the_total_are_no_file(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(browser(office, "ada"), f"{ENTRIES}?account=spent&format=csv", monkeypatch)
    monkeypatch.setattr(entries, "amount_of", lambda *given: 1)
    work(office)
    assert latest(office).state != State.DONE
    with office.looking():
        assert not Artefact.objects.exists()


def test_nobody_waits_for_more_than_three_files(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser(office, "ada")
    for _ in range(3):
        asked(ada, f"{ENTRIES}?format=csv", monkeypatch)
    refused = ada.post(f"{ENTRIES}file/", {"format": "csv"})
    assert refused.status_code == 422 and "waiting for 3 files already" in refused.content.decode()
    assert ada.post(f"{ENTRIES}file/", {"format": "pdf"}).status_code == 422


def test_files_go_when_their_days_are_over(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = browser(office, "ada")
    run = asked(ada, f"{ENTRIES}?account=spent&format=csv", monkeypatch)
    work(office)

    def swept(days: int) -> int:
        at = datetime.now(UTC) + timedelta(days=days)

        def later(*, by: Any, at: datetime, moment: datetime) -> int:
            return long_files.remove_old(program_id=office.program.pk, by=by, at=moment)

        return int(commands.run(later, actor=None, scope=[office.program.pk], moment=at))

    assert swept(6) == 0 and ada.get(f"{run}csv/").status_code == 200
    assert swept(8) == 1 and ada.get(f"{run}csv/").status_code == 404
    page = ada.get(run).content.decode()
    assert "kept no longer" in page and f"{ENTRIES}file/?account=spent" in page


def test_a_filter_that_is_not_understood_asks_for_no_file(office: Office) -> None:
    ada = browser(office, "ada")
    for wrong in ("project=TYPO", "from=soon"):
        answer = ada.post(f"{ENTRIES}file/?{wrong}", {"format": "csv"})
        assert answer.status_code == 422, wrong
    with office.looking():
        assert not ReportRun.objects.exists()


def test_the_api_asks_for_the_same(office: Office) -> None:
    ada, address = browser(office, "ada"), "/api/v1/programs/ATLAS/registers/"
    body = {"register": registers.ENTRIES, "format": "csv", "account": "spent", "project": "CRM"}
    made = ada.post(address, body, content_type="application/json")
    assert made.status_code == 201, made.content
    work(office)
    pk = made.json()["run"]
    answer = ada.get(f"/api/v1/programs/ATLAS/reports/{pk}/files/csv/")
    listed = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [one["amount"] for one in listed] == [f"{n}.00" for n in range(7, 0, -1)]
    for wrong in (
        {"project": "NONE"},
        {"vendor": "Dell"},
        {"first": "2026"},
        {"at": "soon"},
        {"register": "x"},
    ):
        bad = ada.post(address, body | wrong, content_type="application/json")
        assert bad.status_code == 400, wrong


@pytest.mark.parametrize(
    "query", ["", "kind=actual&period=2026-11&project=CRM&", "kind=grant&at=2099-01-01&"]
)
def test_journals_are_written_by_a_worker_too(
    office: Office, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    """Whole journals, posting by posting, that add up to nothing; the form says what was chosen."""
    ada, address = browser(office, "ada"), f"/p/ATLAS/ledger/?{query}format=csv"
    monkeypatch.setattr(journal_file, "AT_ONCE", 3)
    wanted = own_file(ada, address)
    monkeypatch.setattr(journal_file, "MOST_EXPORTED", 0)
    led = ada.get(address)
    assert led.status_code == 302
    form = ada.get(led["Location"]).content.decode()
    assert "A page writes at most 0 journals" in form
    assert ("Journals: Actual cost; Period: Nov 2026; Project: CRM" in form) == ("CRM" in query)
    run = str(ada.post(led["Location"], {"format": "csv"})["Location"])
    work(office)
    content = taken(ada, run, "csv")
    assert content == wanted and content.count(b"\r\n") > 2
    assert "Journals" in ada.get(run).content.decode()


def test_the_api_asks_for_journals(office: Office) -> None:
    ada, address = browser(office, "ada"), "/api/v1/programs/ATLAS/registers/"
    body = {"register": journal_file.JOURNALS, "format": "csv", "kind": "actual", "period": "2026-11"}
    made = ada.post(address, body, content_type="application/json")
    assert made.status_code == 201, made.content
    work(office)
    answer = ada.get(f"/api/v1/programs/ATLAS/reports/{made.json()['run']}/files/csv/")
    listed = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert {one["kind"] for one in listed} == {"actual"} and len({one["journal"] for one in listed}) == 7
    for wrong in ({"account": "spent"}, {"vendor": "Dell"}, {"period": "Nov"}, {"kind": "x"}):
        assert ada.post(address, body | wrong, content_type="application/json").status_code == 400, wrong
    other = {"register": registers.ENTRIES, "format": "csv", "kind": "actual"}
    assert ada.post(address, other, content_type="application/json").status_code == 400


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    """Twenty thousand rows of six megabytes, in less than two and a half."""
    run: Any = SimpleNamespace(
        asked={"format": "csv"}, requested_at=datetime(2026, 11, 1, tzinfo=UTC), as_of=datetime.now(UTC),
        known=datetime.now(UTC),
    )  # fmt: skip
    count = 20_000
    listing = kinds.Listing(
        title="x", name="x", heads=["text", "amount"], count=count, rows=(["y" * 300, 5] for _ in range(count)),
        money=1, total=5 * count, currency="EUR", filters=[], inputs_version="",
    )  # fmt: skip
    program: Any = SimpleNamespace(code="ATLAS", name="Atlas")
    tracemalloc.start()
    try:
        written = long_files.write(run, listing, program, tmp_path, lambda step, percent: None)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert written.size > 6_000_000 and most < 2_500_000, most
