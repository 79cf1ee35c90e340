"""The spend figures: they add up every way, and tell the past as it was and as it was known."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.db import connection, transaction

from finance.ledger import services as ledger
from finance.ledger.choice import Choice
from finance.ledger.services import Cost
from finance.spend import reports, selectors
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import Question
from finance.spend.cuts import Cut
from finance.spend.figures import Line, forecast_total, total
from finance.spend.selectors import Spend
from pmo import formats
from pmo.clocks import AsOf
from pmo.reports.document import Chart, KeyFigures, Points, Table
from pmo.reports.renderers import pdf, tidy, xlsx
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_capex import approve, submitted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import browser
from tests.sheets import read


def as_of(day: date, known: datetime | None = None) -> AsOf:
    at = datetime(day.year, day.month, day.day, 23, 59, tzinfo=UTC)
    return AsOf(at=at, known=known or datetime(2099, 1, 1, tzinfo=UTC), is_now=False, label="", day=day)


def seen(office: Office, when: AsOf | None = None, **choice: Any) -> Spend:
    with office.looking():
        return selectors.spend(office.program, when, Choice(**choice))


def filled(office: Office) -> Office:
    activated(office, drafted(office, {"2026-11": 500_000, "2026-12": 200_000}))
    approve(office, submitted(office))
    spend(office, 12_345)
    spend(office, 700, office.place("DC", "labour", "operating"))
    return office


def test_every_cut_adds_up_to_the_total(office: Office) -> None:
    found = seen(filled(office))
    assert (found.total.budget, found.total.reserved, found.total.actual) == (700_000, 60_000, 13_045)
    assert (found.total.left, found.total.unfunded) == (627_655, 700)
    for cut in (found.projects, found.categories, found.natures, found.periods):
        for name in ("budget", "reserved", "committed", "accrued", "actual", "left", "unfunded"):
            assert sum(getattr(line, name) for line in cut) == getattr(found.total, name), name


def test_the_total_forecast_is_that_of_the_projects_which_have_one() -> None:
    crm, dc = Line(1, "CRM", budget=1_000), Line(2, "DC", budget=500)
    reserves = Line(None, "Reserves", budget=9_000)
    assert forecast_total([crm, dc, reserves], {1: 1_200, 2: 400}) == (1_600, -100)
    assert forecast_total([crm, reserves], {2: 400}) == (None, None)


def test_the_sums_of_the_postings_are_those_of_the_summary(office: Office) -> None:
    """Seen as of the far future the postings themselves are added up."""
    filled(office)
    now, then = seen(office), seen(office, as_of(date(2098, 12, 31)))
    assert now == then


def test_a_choice_narrows_every_cut(office: Office) -> None:
    filled(office)
    found = seen(office, project_id=office.projects["DC"].pk)
    assert (found.total.actual, found.total.budget) == (700, 0)
    assert [line.label for line in found.categories] == ["Labour"]
    assert seen(office, nature="capital").total.actual == 12_345


def test_cost_of_a_later_day_is_not_seen_on_an_earlier_one(own_database: OwnDatabase) -> None:
    office = open_office()
    office.at = datetime.now(UTC) - timedelta(seconds=2)  # grants count from the instant they were recorded
    office.granted(10_000)
    today = office.at.date()
    for days, amount in ((0, 100), (-3, 30), (-40, 7)):
        cost = Cost(office.place(), amount, today + timedelta(days=days), "Cost")
        office.does("fiona", ledger.actuals, program=office.program, costs=[cost])
    assert seen(office, as_of(today)).total.actual == 137
    assert seen(office, as_of(today - timedelta(days=1))).total.actual == 37
    assert seen(office, as_of(today - timedelta(days=10))).total.actual == 7
    assert seen(office, as_of(today)).total.budget == 10_000
    assert seen(office, as_of(today - timedelta(days=1))).total.budget == 0


def test_what_was_not_recorded_yet_was_not_known(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(10_000)
    spend(office, 100)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select clock_timestamp()")
        between = cursor.fetchone()[0]
    spend(office, 50)
    day = date(2098, 12, 31)
    assert seen(office, as_of(day)).total.actual == 150
    assert seen(office, as_of(day, known=between)).total.actual == 100


def test_every_figure_of_report_page_api_and_files_is_a_plain_sum_over_the_books(office: Office) -> None:
    filled(office)
    steps: list[tuple[str, int]] = []
    moment = datetime(2098, 12, 31, tzinfo=UTC)
    run: Any = SimpleNamespace(program_id=office.program.pk, as_of=moment, known=moment)
    with office.looking():
        document = reports.build(run, lambda step, percent: steps.append((step, percent)))
        with connection.cursor() as cursor:
            cursor.execute(
                """select a.kind, sum(p.amount) from finance_posting p join finance_account a on a.id = p.account_id
                    where p.program_id = %s group by 1""",
                [office.program.pk],
            )
            books = {kind: int(amount) for kind, amount in cursor.fetchall()}
    plain = {
        "budget": -books["funding"],
        "reserved": books.get("reserve", 0),
        "committed": books.get("committed", 0),
        "accrued": books.get("accrued", 0),
        "actual": books["spent"],
        "left": books["available"],
    }
    blocks = [block for section in document.sections for block in section.blocks]
    figures = next(block for block in blocks if isinstance(block, KeyFigures))
    assert [figure.value for figure in figures.figures] == list(plain.values())
    tables = [block for block in blocks if isinstance(block, Table)]
    assert len(tables) == 6
    for table in tables:
        for name in ("actual",) if table.caption == "By vendor" else plain:
            assert table.total(name) == plain[name], (table.caption, name)
    answer = browser(office, "ada").get("/api/v1/programs/ATLAS/spend/rows/?by=category").json()
    assert {name: answer["total"][f"{name}_minor"] for name in plain} == plain
    page = browser(office, "ada").get("/p/ATLAS/spend/").content.decode()
    foot = page[page.index("<tfoot>") : page.index("</tfoot>")]
    for amount in plain.values():
        assert f'title="{formats.money_exact(amount, "EUR")}"' in foot, amount
    assert sum(isinstance(block, Chart) for block in blocks) == 2
    findings = next(block for block in blocks if isinstance(block, Points))
    assert findings.items == ("DC, labour (operating): 7.00 EUR were spent without approved budget.",)
    assert document.inputs_version.startswith("ledger ")
    assert [percent for _, percent in steps] == sorted(percent for _, percent in steps)
    book = xlsx.render(document)
    assert read(book, 1)[-1][0] == "Total" and plain["actual"] / 100 in read(book, 1)[-1]
    figures_file = list(csv.DictReader(io.StringIO(tidy.render(document).decode())))
    for table in tables:
        amounts = [
            int(one["value"].replace(".", ""))
            for one in figures_file
            if one["table"] == table.caption and one["figure"] == "Actual"
        ]
        assert sum(amounts) == plain["actual"]
    assert pdf.render(document).startswith(b"%PDF-")


def test_of_many_vendors_the_report_names_the_largest() -> None:
    lines = [Line(f"V{n:03}", f"V{n:03}", actual=1_000 - n) for n in range(70)]
    lines.append(Line(NOT_BY_LINE, "Entered without a cost line", actual=5))
    cut = Cut(Question("vendor"), lines, total(lines), [])
    short = reports._shortened(cut)
    assert [line.label for line in short.lines[-2:]] == ["10 other vendors", "Entered without a cost line"]
    assert len(short.lines) == 62 and total(short.lines).actual == cut.total.actual
