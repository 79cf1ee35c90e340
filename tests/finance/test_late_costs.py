"""Costs that come when their month is closed, months that are opened again, and the ERP's own totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from finance import verify
from finance.imports import services as imports
from finance.imports.models import ActualBatch
from finance.ledger import services as ledger
from finance.ledger.models import Account, ActualLine, Journal
from finance.ledger.selectors import late_costs
from finance.ledger.services import Cost
from finance.rates import services as rates
from finance.reconciliation import services as reconciliation
from finance.reconciliation.selectors import reconcile
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_api import API, send
from tests.finance.test_ledger import spend
from tests.finance.test_pages import HEADING, browser, quiet_static

__all__ = ["quiet_static"]


def read(office: Office, *rows: str, name: str = "erp.csv", **more: Any) -> ActualBatch:
    content = "\n".join([HEADING, *rows]).encode()
    return office.does("fiona", imports.read_file, program=office.program, name=name, content=content, **more)


def cost(reference: str, day: str, amount: str, currency: str = "EUR", project: str = "CRM") -> str:
    return f"{reference},{project},,services,operating,{day},{amount},{currency},Vendor,Work"


def accept(office: Office, batch: ActualBatch) -> ActualBatch:
    return office.does("fiona", imports.accept, batch=batch)


def month(office: Office, code: str) -> FiscalPeriod:
    with office.looking():
        return periods.ensure(office.program, [code])[code]


def closed(office: Office, code: str) -> FiscalPeriod:
    return office.does("fiona", periods.close, period=month(office, code))


def sound(office: Office) -> None:
    with office.looking(), connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        assert verify.check(cursor) == []


# ------------------------------------------------------------------ credits are facts
def test_a_credit_larger_than_what_was_spent_is_a_fact_and_nobody_can_commit_it(office: Office) -> None:
    office.granted(1_000)
    spend(office, 500)
    spend(office, -800)
    assert [office.balance(k) for k in ("available", "unfunded", "spent")] == [1_000, 300, -300]
    with pytest.raises(Refused, match="is available"):
        office.does(
            "fiona", ledger.transfer, program=office.program, source=office.place(), target=office.place("DC"),
            amount=1_001, effective=date(2026, 11, 16), text="Too much",
        )  # fmt: skip
    sound(office)


def test_a_credit_that_comes_before_its_invoice_is_used_up_by_it(office: Office) -> None:
    office.granted(1_000)
    spend(office, -300)
    spend(office, 500)
    assert [office.balance(k) for k in ("available", "unfunded", "spent")] == [800, 0, 200]
    with office.looking():
        assert not Journal.objects.filter(findings__isnull=False).exists()
    sound(office)


@pytest.mark.parametrize("order", [(500, -800, 900), (-800, 500, 900), (900, -800, 500), (-800, 900, 500)])
def test_the_order_in_which_costs_and_credits_come_does_not_matter(
    office: Office, order: tuple[int, ...]
) -> None:
    office.granted(1_000)
    for amount in order:
        spend(office, amount)
    assert [office.balance(k) for k in ("available", "unfunded", "spent")] == [400, 0, 600]


def test_the_pages_say_that_money_came_back_beyond_cost(office: Office) -> None:
    office.granted(1_000)
    spend(office, -123_45)
    text = browser(office, "ada").get("/p/ATLAS/spend/").content.decode()
    assert "Credited beyond cost" in text and "123" in text


# ------------------------------------------------------------------ late costs
def test_a_cost_of_a_closed_month_is_a_fault_until_somebody_wants_it_as_an_adjustment(office: Office) -> None:
    closed(office, "2026-09")
    batch = read(office, cost("A", "2026-09-10", "100"), cost("B", "2026-11-10", "7"))
    assert batch.problems == [{"row": 2, "source_reference": "A", "problem": "Period 2026-09 is closed."}]
    with pytest.raises(Refused, match="1 rows have a fault"):
        accept(office, batch)
    batch = office.does("fiona", imports.adjust_late, batch=batch, late=True)
    assert (batch.totals["faults"], batch.totals["late"], batch.totals["late_minor"]) == (0, 1, 10_000)
    again = office.does("fiona", imports.adjust_late, batch=batch, late=False)
    assert again.totals["faults"] == 1
    office.does("fiona", imports.adjust_late, batch=batch, late=True)
    accept(office, batch)
    with office.looking():
        line = ActualLine.objects.get(source_reference="A")
        assert (line.period.code, line.effective, line.adjusts, line.document_on) == (
            "2026-11", date(2026, 11, 16), "2026-09", date(2026, 9, 10),
        )  # fmt: skip
        journal = Journal.objects.get(pk=line.journal_id)
        assert (journal.adjusts, journal.period.code) == ("2026-09", "2026-11")
        assert "adjustment of 2026-09" in journal.text
        on_time = ActualLine.objects.get(source_reference="B")
        assert (on_time.adjusts, on_time.effective) == ("", date(2026, 11, 10))
        assert on_time.journal_id != line.journal_id
        entered, belong = late_costs(office.program.pk)
        assert (list(entered.values()), belong) == ([10_000], {"2026-09": 10_000})
    page = browser(office, "ada").get("/p/ATLAS/ledger/").content.decode()
    assert "adjusts Sep 2026" in page
    assert (
        "which was closed when"
        in browser(office, "ada").get(f"/p/ATLAS/ledger/{journal.pk}/").content.decode()
    )
    listing = browser(office, "ada").get("/p/ATLAS/periods/").content.decode()
    assert "Adjusted later" in listing and listing.count(">100<") == 2
    sound(office)


def test_where_the_month_of_today_is_closed_too_there_is_no_place_for_a_late_cost(office: Office) -> None:
    closed(office, "2026-09")
    closed(office, "2026-11")
    batch = read(office, cost("A", "2026-09-10", "100"))
    batch = office.does("fiona", imports.adjust_late, batch=batch, late=True)
    assert batch.problems[0]["problem"] == "Period 2026-09 is closed, and so is that of today."


def test_a_month_that_closes_between_reading_and_accepting_is_told(office: Office) -> None:
    batch = read(office, cost("A", "2026-09-10", "100"))
    shut = closed(office, "2026-09")
    with pytest.raises(Refused, match="have a fault"):
        accept(office, batch)
    office.does("fiona", periods.reopen, period=shut, reason="An invoice was forgotten")
    accept(office, batch)
    assert office.balance("spent", office.place("CRM", "services", "operating")) == 10_000


def test_the_database_takes_no_adjustment_of_a_later_month(office: Office) -> None:
    late = Cost(office.place(), 5, date(2026, 11, 16), "Late", adjusts="2026-11")
    with pytest.raises(Refused, match="adjusts an earlier period than 2026-11"):
        office.does("fiona", ledger.actuals, program=office.program, costs=[late])


# ------------------------------------------------------------------ opened again
def test_a_period_is_opened_again_by_the_controller_in_person_and_for_a_reason(office: Office) -> None:
    shut = closed(office, "2026-09")
    with pytest.raises(NotAllowed):
        office.does("mira", periods.reopen, period=shut, reason="Please")
    with pytest.raises(Refused, match="why it is opened again"):
        office.does("fiona", periods.reopen, period=shut, reason="  ")
    fiona = browser(office, "fiona")
    address = f"/p/ATLAS/periods/{shut.pk}/"
    assert fiona.post(f"{address}reopen/", {"why": ""}).status_code == 422
    assert fiona.post(f"{address}reopen/", {"why": "The bank's file was late"}).status_code == 302
    page = browser(office, "ada").get(address).content.decode()
    assert "Open again since" in page and "The bank&#x27;s file was late" in page
    assert page.index("Opened again") < page.index("Closed <") < page.index("Made <")
    with pytest.raises(Conflict, match="open already"):
        office.does("fiona", periods.reopen, period=shut, reason="Again")
    shut = closed(office, "2026-09")
    again = send(fiona, "post", f"periods/{shut.pk}/reopen/", {"why": "Once more"})
    assert again.status_code == 200 and again.json()["reopened_why"] == "Once more"


# ------------------------------------------------------------------ the ERP's totals
def test_the_file_is_held_against_the_erps_own_total(office: Office) -> None:
    batch = read(office, cost("A", "2026-11-10", "100"), cost("B", "2026-11-10", "x"), control_minor=15_000)
    fiona = browser(office, "fiona")
    page = fiona.get(f"/p/ATLAS/costs/{batch.pk}/").content.decode()
    assert "Unexplained</dt><dd>50.00 EUR" in page
    assert fiona.post(f"/p/ATLAS/costs/{batch.pk}/total/", {"total": "100"}).status_code == 302
    assert "Unexplained</dt><dd>0.00 EUR" in fiona.get(f"/p/ATLAS/costs/{batch.pk}/").content.decode()
    wrong = fiona.post(f"/p/ATLAS/costs/{batch.pk}/total/", {"total": "1.234,56"})
    assert wrong.status_code == 422 and "is not an amount" in wrong.content.decode()


def test_every_step_between_the_erps_month_and_the_ledger_is_shown(office: Office) -> None:
    office.does(
        "fiona", rates.add, program=office.program,
        values={"currency": "USD", "from_day": date(2026, 1, 1), "rate": Decimal("0.333"), "note": ""},
    )  # fmt: skip
    accept(office, read(office, cost("A", "2026-10-10", "1000"), cost("U", "2026-10-11", "1.01", "USD")))
    shut = closed(office, "2026-10")
    late = read(office, cost("L", "2026-10-30", "50"), cost("N", "2026-11-02", "70"))
    office.does("fiona", imports.adjust_late, batch=late, late=True)
    accept(office, late)
    read(office, cost("W", "2026-10-31", "8"), cost("F", "2026-10-31", "9", project="NOPE"))
    office.does(
        "fiona",
        reconciliation.state_total,
        period=shut,
        amount_minor=107_000,
        version=0,
        note="Trial balance",
    )
    with office.looking():
        october = reconcile(shut)
        assert (october.entered, october.entered_late, october.waiting, october.faulty) == (
            100_034,
            5_000,
            0,
            1_700,
        )
        assert october.rounding == Decimal("-0.3670")
        assert october.unexplained == Decimal("266.367")
        assert (october.spent, october.other, october.earlier) == (100_034, 0, {})
        november = reconcile(month(office, "2026-11"))
        assert (november.entered, november.earlier, november.spent) == (7_000, {"2026-10": 5_000}, 12_000)
        assert (november.other, november.unexplained, november.rounding) == (0, None, 0)
    page = browser(office, "ada").get(f"/p/ATLAS/periods/{shut.pk}/").content.decode()
    for text in ("1,070.00 EUR", "2.66367 EUR", "Trial balance", "adjustments of Oct 2026", "-0.00367 EUR"):
        assert text in page, text
    sheet = browser(office, "ada").get(f"/p/ATLAS/periods/{shut.pk}/?format=csv").content.decode()
    assert "Unexplained,2.66367,EUR" in sheet
    told = browser(office, "ada").get(f"{API}/reconciliation/2026-10/").json()
    assert told["unexplained_minor"] == "266.367" and told["steps"][0]["amount_minor"] == "107000"
    assert browser(office, "ada").get(f"{API}/reconciliation/2031-01/").status_code == 404
    sound(office)


def test_a_reversal_is_told_apart_in_the_month_in_which_it_happened(office: Office) -> None:
    accept(office, read(office, cost("A", "2026-11-10", "100")))
    with office.looking():
        journal = Journal.objects.get(kind="actual")
    office.does("fiona", ledger.reverse, journal=journal, text="Twice")
    with office.looking():
        found = reconcile(month(office, "2026-11"))
        assert (found.entered, found.reversed, found.spent, found.other) == (10_000, -10_000, 0, 0)
        assert sum(Account.objects.filter(kind="spent").values_list("balance", flat=True)) == 0
    sound(office)


def test_two_people_at_one_total_and_who_may_say_it(office: Office) -> None:
    period = month(office, "2026-11")
    address = f"/p/ATLAS/periods/{period.pk}/total/"
    assert browser(office, "mira").post(address, {"amount": "5", "version": "0"}).status_code == 403
    fiona = browser(office, "fiona")
    assert fiona.post(address, {"amount": "5", "version": "0"}).status_code == 302
    late = fiona.post(address, {"amount": "6", "version": "0", "note": "mine"})
    assert late.status_code == 409 and 'value="mine"' in late.content.decode()
    wrong = fiona.post(address, {"amount": "6,5", "version": "1"})
    assert wrong.status_code == 422 and 'value="6,5"' in wrong.content.decode()
    body = {"period": "2026-11", "amount_minor": 700, "version": 1}
    assert send(fiona, "post", "erp-totals/", body).json()["amount_minor"] == 700
    assert send(fiona, "post", "erp-totals/", body).status_code == 409
    assert send(fiona, "post", "erp-totals/", body | {"period": "2031-01"}).status_code == 404
