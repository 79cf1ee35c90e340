"""A source of cost ends with a period and goes on again: totals asked for, rows after the end, history, verify."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from finance.imports import mending
from finance.imports import source_services as services
from finance.imports.models import CostSource, StagedActual
from finance.imports.source_selectors import trail
from finance.verify import RULES
from pmo.refusals import Conflict, Refused
from tests.finance.office import Office
from tests.finance.test_api import send
from tests.finance.test_late_costs import accept, cost, month, read, sound
from tests.finance.test_pages import browser, quiet_static
from tests.finance.test_totals_by_source import found, said, sides, source

__all__ = ["quiet_static"]


def end(office: Office, of: CostSource, period: str, **more: Any) -> CostSource:
    given = {
        "source_id": of.pk,
        "last_period": period,
        "reason": "Moved to SAP",
        "version": of.version,
    } | more
    made: CostSource = office.does("fiona", services.end_source, **given)
    return made


@pytest.fixture
def coda(office: Office) -> CostSource:
    """CODA told 50.00 of October."""
    made = source(office, "CODA")
    accept(office, read(office, cost("C1", "2026-10-10", "50"), source=made))
    return made


def problems(batch: Any) -> list[str]:
    return list(StagedActual.objects.filter(batch=batch).order_by("row").values_list("problem", flat=True))


def test_the_total_is_asked_for_up_to_the_last_period(office: Office, coda: CostSource) -> None:
    november = month(office, "2026-11")
    assert sides(found(office, november)) == {"CODA": (None, 0, None)}
    ended = end(office, coda, "2026-10")
    assert sides(found(office, november)) == {} and "CODA" in sides(found(office, month(office, "2026-10")))
    with pytest.raises(Refused, match="CODA ended with 2026-10: it has no total of later periods"):
        said(office, november, 0, ended)
    said(office, month(office, "2026-10"), 5_000, ended)
    sap = source(office, "SAP")
    said(office, november, 700, sap)
    assert found(office, november).total == 700  # no part of it is missing
    page = browser(office, "fiona").get(f"/p/ATLAS/periods/{november.pk}/").content.decode()
    assert "CODA" not in page


def test_a_cost_after_the_end_has_a_fault_at_its_row_until_the_source_is_open_again(
    office: Office, coda: CostSource
) -> None:
    waiting = read(office, cost("C2", "2026-11-10", "8"), source=coda)
    ended = end(office, coda, "2026-10")
    with pytest.raises(Refused, match="1 rows have a fault"):
        accept(office, waiting)
    again = read(office, cost("C3", "2026-10-31", "1"), cost("C4", "2026-11-01", "2"), source=ended)
    first, second = problems(again)
    assert first == "" and second == (
        "Source CODA ended with 2026-10: it has no costs of later days. Leave the row out, or open the source again."
    )
    with pytest.raises(Refused, match="have a fault"):
        accept(office, again)
    office.does(
        "fiona", services.reopen_source, source_id=coda.pk, reason="One more month", version=ended.version
    )
    accept(office, waiting)
    accept(office, again)
    assert sides(found(office, month(office, "2026-11")))["CODA"][1] == 1_000
    sound(office)


def test_a_row_left_out_of_an_ended_source_does_not_leave_its_month_open_for_ever(
    office: Office, coda: CostSource
) -> None:
    ended, november = end(office, coda, "2026-10"), month(office, "2026-11")
    batch = read(office, cost("C4", "2026-11-10", "8"), cost("C5", "2026-10-30", "1"), source=ended)
    assert found(office, november).total is None  # nobody said anything of it
    sap = source(office, "SAP")
    accept(office, read(office, cost("S1", "2026-11-10", "6"), source=sap))
    assert found(office, november).total is None  # that of SAP is awaited
    said(office, november, 700, sap)
    faulty = found(office, november)
    assert sides(faulty) == {"CODA": (800, 800, 0), "SAP": (700, 600, 100)}
    office.does("fiona", mending.leave_out, batch=batch, rows=[2], reason="It moved to SAP")
    accept(office, batch)
    one = found(office, november)
    assert (sides(one), one.left_out) == (sides(faulty), 800)
    assert (one.total, one.unexplained) == (1_500, 100)
    page = browser(office, "fiona").get(f"/p/ATLAS/periods/{november.pk}/").content.decode()
    assert "ended with Oct 2026: what its files told of later days counts as its total" in page
    assert sides(found(office, month(office, "2026-10")))["CODA"][0] is None  # that one is asked for


def test_a_total_waits_for_a_source_that_is_being_ended(office: Office, coda: CostSource) -> None:
    november = month(office, "2026-11")
    end(office, coda, "2026-10")  # by somebody else, after the page had read it
    with pytest.raises(Refused, match="CODA ended with 2026-10: it has no total of later periods"):
        said(office, november, 700, coda)
    with CaptureQueriesContext(connection) as asked:
        said(office, month(office, "2026-10"), 5_000, coda)
    sent = [one["sql"] for one in asked if "finance_costsource" in one["sql"] and "FOR " in one["sql"]]
    assert len(sent) == 1 and "FOR NO KEY UPDATE" in sent[0]


def test_it_does_not_end_before_what_it_told(office: Office, coda: CostSource) -> None:
    with pytest.raises(Refused, match="has costs of 2026-10: it does not end before that") as refused:
        end(office, coda, "2026-09")
    assert refused.value.field == "last_period"
    said(office, month(office, "2026-11"), 4, coda)
    with pytest.raises(Refused, match="has a total of 2026-11"):
        end(office, coda, "2026-10")
    for wrong, field in (({"last_period": "2026-13"}, "last_period"), ({"reason": " "}, "reason")):
        with pytest.raises(Refused) as refused:
            end(office, coda, "2026-11", **wrong)
        assert refused.value.field == field
    with pytest.raises(Conflict):
        end(office, coda, "2026-11", version=7)
    ended = end(office, coda, "2026-11")
    with pytest.raises(Refused, match="ended already"):
        end(office, ended, "2026-12")
    with pytest.raises(Refused):
        office.does("ada", services.reopen_source, source_id=coda.pk, reason="x", version=ended.version)


def test_an_end_without_a_reason_is_refused_by_the_database(office: Office, coda: CostSource) -> None:
    with office.looking(), pytest.raises(IntegrityError), transaction.atomic():
        CostSource.objects.filter(pk=coda.pk).update(last_period="2026-10")


def test_verify_finds_costs_after_the_end(office: Office, coda: CostSource) -> None:
    rule = next(query for words, query in RULES.items() if words.startswith("source %s of program"))
    end(office, coda, "2026-10")
    with office.looking(), connection.cursor() as cursor, transaction.atomic():
        cursor.execute(rule)
        assert cursor.fetchall() == []
        CostSource.objects.filter(pk=coda.pk).update(last_period="2026-09")
        cursor.execute(rule)
        assert [(row[0], row[2], row[3], row[4]) for row in cursor.fetchall()] == [
            ("CODA", "2026-09", "costs", "2026-10")
        ]
        transaction.set_rollback(True)


def test_page_and_history(office: Office, coda: CostSource) -> None:
    fiona, address = browser(office, "fiona"), f"/p/ATLAS/costs/sources/{coda.pk}/"
    assert "It told something of Oct 2026 last." in fiona.get(address).content.decode()
    wrong = fiona.post(f"{address}end/", {"last_period": "10/2026", "reason": "x", "version": "1"})
    assert wrong.status_code == 422 and "A period is written like 2026-03." in wrong.content.decode()
    early = fiona.post(f"{address}end/", {"last_period": "2026-09", "reason": "x", "version": "1"})
    assert early.status_code == 422 and "it does not end before that" in early.content.decode()
    sent = {"last_period": "2026-10", "reason": "Moved to SAP", "version": "1"}
    assert fiona.post(f"{address}end/", sent).status_code == 302
    shown = fiona.get(address).content.decode()
    assert "Ended with Oct 2026: Moved to SAP" in shown and "Open again" in shown
    assert "Oct 2026" in fiona.get("/p/ATLAS/costs/sources/").content.decode()
    assert fiona.post(f"{address}reopen/", {"reason": "Not quite", "version": "2"}).status_code == 302
    with office.looking():
        steps = [(step.what, step.why) for step in trail(coda)]
    assert steps == [
        ("opened it again", "Not quite"),
        ("ended it with Oct 2026", "Moved to SAP"),
        ("described it", ""),
    ]


def test_api(office: Office, coda: CostSource) -> None:
    fiona, base = browser(office, "fiona"), f"cost-sources/{coda.pk}/"
    body = {"last_period": "2026-10", "reason": "Moved", "version": 1}
    made = send(fiona, "post", f"{base}end/", body).json()
    assert (made["last_period"], made["end_why"]) == ("2026-10", "Moved")
    assert send(fiona, "post", f"{base}end/", body).status_code == 409
    assert send(fiona, "post", f"{base}reopen/", {"reason": "On", "version": 2}).json()["last_period"] == ""
    assert send(fiona, "post", f"{base}end/", body | {"version": 3, "last_period": "x"}).status_code == 400
