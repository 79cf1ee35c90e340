"""Files of cost too large to wait for: a worker reads and enters them, the page says how far, anybody may stop it."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import RequestFactory
from django.urls import resolve
from psycopg2.extensions import connection as PostgresConnection

from finance import verify
from finance.imports import large, mending, services, staging
from finance.imports.models import ActualBatch, UploadedPart
from finance.imports.tasks import enter_costs, read_costs
from finance.ledger.models import ActualLine, Journal
from finance.structure import periods
from pmo import http
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_imports_bulk import big_file
from tests.finance.test_ledger_races import together
from tests.finance.test_pages import HEADING, browser, quiet_static
from tests.finance.test_workbooks import costs, row

__all__ = ["quiet_static"]
State = ActualBatch.State
ADD = "/p/ATLAS/costs/add/"


@pytest.fixture
def office(own_database: OwnDatabase, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(large, "READ_AT_ONCE", 500)
    monkeypatch.setattr(large, "WORKBOOK_AT_ONCE", 500)
    monkeypatch.setattr(large, "ENTER_AT_ONCE", 5)
    monkeypatch.setattr(large, "PIECE", 1_000)
    return open_office()


def sent(office: Office, content: bytes, name: str = "big.csv") -> ActualBatch:
    answer = browser(office, "fiona").post(ADD, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, answer.content
    return now(office, ActualBatch.objects.model(pk=int(answer.headers["Location"].split("/")[-2])))


def now(office: Office, batch: ActualBatch) -> ActualBatch:
    with office.looking():
        found: ActualBatch = ActualBatch.objects.select_related("program").get(pk=batch.pk)
    return found


def work(office: Office) -> int:
    """What workers would do with everything that is asked of them; how many rows."""
    with office.looking():
        rows = list(
            Outbox.objects.filter(state="pending", topic__in=(large.READ_TOPIC, large.ENTER_TOPIC))
            .order_by("pk")
            .values_list("pk", "topic")
        )
    for pk, topic in rows:
        (read_costs if topic == large.READ_TOPIC else enter_costs)(pk, office.program.pk)
    return len(rows)


def page(office: Office, batch: ActualBatch, **headers: str) -> Any:
    return browser(office, "fiona").get(f"/p/ATLAS/costs/{batch.pk}/", headers=headers)


def whole(as_owner: PostgresConnection) -> bool:
    with as_owner.cursor() as cursor:
        found = verify.check(cursor)
    assert not found, found
    return True


def test_a_larger_file_is_read_and_entered_by_a_worker_while_its_page_tells(
    office: Office, as_owner: PostgresConnection
) -> None:
    batch = sent(office, big_file(40))
    assert batch.state == State.WAITING and batch.size > 3_000
    shown = page(office, batch).content.decode()
    assert "Reading the file" in shown and "Waiting for a worker" in shown and ">Accept<" not in shown
    asked = page(office, batch, **{"HX-Request": "true", "HX-Target": "job"})
    assert (
        asked.status_code == 200 and "<html" not in asked.content.decode() and "job" in asked.content.decode()
    )
    assert whole(as_owner)
    assert work(office) == 1
    batch = now(office, batch)
    assert (batch.state, batch.totals["new"], batch.totals["faults"]) == (State.READ, 40, 0)
    assert page(office, batch, **{"HX-Request": "true", "HX-Target": "job"}).headers["HX-Refresh"] == "true"
    with office.looking():
        assert not UploadedPart.objects.exists()
    client = browser(office, "fiona")
    client.post(f"/p/ATLAS/costs/{batch.pk}/accept/")
    assert now(office, batch).state == State.ENTERING
    assert "Entering the costs" in page(office, batch).content.decode()
    with pytest.raises(Conflict, match="already being entered"):
        office.does("fiona", mending.leave_out, batch=batch, rows=[2], reason="Not ours")
    assert work(office) == 1 and work(office) == 0
    batch = now(office, batch)
    assert (batch.state, batch.totals["entered"], batch.accepted_by_id) == (
        State.ACCEPTED,
        40,
        office.person("fiona").pk,
    )
    with office.looking():
        assert ActualLine.objects.count() == 40
        journals = Journal.objects.count()
        for pk in Outbox.objects.values_list("pk", flat=True):
            last = pk
    enter_costs(last, office.program.pk)
    with office.looking():
        assert (ActualLine.objects.count(), Journal.objects.count()) == (40, journals)
    assert whole(as_owner)


def test_a_workbook_is_read_by_the_worker_as_well(office: Office) -> None:
    batch = sent(office, costs(*(row(f"INV-{n}", n) for n in range(1, 30))), "big.xlsx")
    assert batch.state == State.WAITING
    work(office)
    assert now(office, batch).totals["new_minor"] == sum(range(1, 30)) * 100


def test_what_cannot_be_read_is_told_on_the_page_and_not_kept(
    office: Office, as_owner: PostgresConnection
) -> None:
    batch = sent(office, b"\n".join([HEADING.encode(), *[b"INV-1,CRM,,services,\xff" * 9] * 9]))
    work(office)
    batch = now(office, batch)
    assert batch.state == State.REFUSED
    shown = page(office, batch).content.decode()
    assert "could not be read" in shown and "Row 2 is not in UTF-8" in shown
    with office.looking():
        assert not UploadedPart.objects.exists() and not batch.staged.exists()
    assert whole(as_owner)


def test_a_file_that_was_damaged_while_it_waited_is_not_read(
    office: Office, as_owner: PostgresConnection
) -> None:
    batch = sent(office, big_file(40))
    with as_owner.cursor() as cursor:
        cursor.execute(
            "update finance_uploadedpart set content = overlay(content placing '0' from 500) where number = 1"
        )
    as_owner.commit()
    work(office)
    assert "came here damaged" in now(office, batch).said


def test_a_file_that_waits_can_be_stopped_and_the_worker_then_does_nothing(
    office: Office, as_owner: PostgresConnection
) -> None:
    batch = sent(office, big_file(40))
    browser(office, "fiona").post(f"/p/ATLAS/costs/{batch.pk}/stop/")
    assert now(office, batch).state == State.DROPPED
    work(office)
    assert now(office, batch).state == State.DROPPED
    with office.looking():
        assert set(Outbox.objects.values_list("state", flat=True)) == {"sent"}
    with pytest.raises(Conflict, match="over already"):
        office.does("fiona", large.stop, batch=batch)
    assert whole(as_owner)


@pytest.mark.parametrize("step", ["read", "enter"])
def test_a_worker_in_the_middle_of_it_stops_and_leaves_nothing(
    office: Office, as_owner: PostgresConnection, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = sent(office, big_file(40))
    if step == "enter":
        work(office)
        browser(office, "fiona").post(f"/p/ATLAS/costs/{batch.pk}/accept/")
    once = staging.checked

    def stopped_meanwhile(*given: Any) -> None:
        once(*given)
        other = threading.Thread(target=from_elsewhere)
        other.start()
        other.join(20)

    def from_elsewhere() -> None:
        office.does("fiona", large.stop, batch=batch)
        connection.close()

    monkeypatch.setattr(staging, "checked", stopped_meanwhile)
    work(office)
    monkeypatch.setattr(staging, "checked", once)
    assert now(office, batch).state == (State.DROPPED if step == "read" else State.READ)
    with office.looking():
        assert not ActualLine.objects.exists()
        assert batch.staged.count() == (0 if step == "read" else 40)
    assert whole(as_owner)
    if step == "enter":
        office.does("fiona", services.accept, batch=batch)
        assert now(office, batch).state == State.ACCEPTED


def test_a_period_closed_meanwhile_is_told_and_the_file_waits_again(office: Office) -> None:
    batch = sent(office, big_file(40))
    work(office)
    browser(office, "fiona").post(f"/p/ATLAS/costs/{batch.pk}/accept/")
    with office.looking():
        period = periods.ensure(office.program, ["2026-03"])["2026-03"]
    office.does("fiona", periods.close, period=period)
    work(office)
    batch = now(office, batch)
    assert batch.state == State.READ and "have a fault: nothing was entered" in batch.said
    assert "nothing of it is in the books" in page(office, batch).content.decode()


def test_no_more_than_a_few_files_wait_at_once(office: Office) -> None:
    for _ in range(large.MOST_WAITING):
        sent(office, big_file(20))
    refused = browser(office, "fiona").post(ADD, {"file": SimpleUploadedFile("six.csv", big_file(20))})
    assert refused.status_code == 409 and "files wait to be read already" in refused.content.decode()
    assert work(office) == large.MOST_WAITING
    sent(office, big_file(20))


def test_of_many_who_send_at_once_no_more_than_a_few_wait(office: Office) -> None:
    content = big_file(20)

    def send(n: int) -> None:
        stream = io.BytesIO(content)
        office.does(
            "fiona", large.receive, program=office.program, name=f"{n}.csv", stream=stream,
            digest=large.digest_of(stream),
        )  # fmt: skip

    assert together(12, send)["done"] == large.MOST_WAITING
    with office.looking():
        assert ActualBatch.objects.filter(state=State.WAITING).count() == large.MOST_WAITING


def test_a_worker_that_breaks_off_three_times_says_so(office: Office) -> None:
    batch = sent(office, big_file(40))
    with office.looking():
        Outbox.objects.update(attempts=3)
    work(office)
    batch = now(office, batch)
    assert batch.state == State.REFUSED and "Begun 3 times" in batch.said


def test_verify_finds_a_file_that_nobody_works_on(office: Office, as_owner: PostgresConnection) -> None:
    sent(office, big_file(40))
    with office.looking():
        Outbox.objects.update(state="dead")
    with as_owner.cursor() as cursor:
        assert any("waits for work that nobody does" in one for one in verify.check(cursor))


@pytest.mark.parametrize(
    ("path", "known", "most"),
    [
        (ADD, True, 200),
        (ADD, False, 20),
        ("/p/ATLAS/rates/add/", True, 20),
        ("/api/v1/programs/ATLAS/cost-files/file/", False, 200),
    ],
)
def test_only_people_may_send_large_files_and_only_where_they_are_read(
    path: str, known: bool, most: int
) -> None:
    """The API knows who asks before it reads a body; a page is read by the check of its form before the door."""
    request: Any = RequestFactory().post(path)
    request.resolver_match = resolve(path)
    request.user = type("Somebody", (), {"is_authenticated": known})()
    assert http._most_bytes(request) == most << 20


def test_pieces_are_one_file_again(office: Office) -> None:
    content = big_file(60)
    batch = sent(office, content)

    def read_twice(**_: Any) -> Iterator[bytes]:
        import io

        pieces = io.BufferedReader(large._Pieces(batch), 64)
        first = pieces.readline(64_000)
        assert first == content.split(b"\n")[0] + b"\n"
        pieces.seek(0)
        assert pieces.read() == content and pieces.tell() == len(content)
        return iter(())

    office.does("fiona", read_twice)
