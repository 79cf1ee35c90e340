"""One page, all the cuts: whatever is asked, the figures are a plain sum over the books, and lead to their rows."""

from __future__ import annotations

import csv
import html
import io
import re
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from finance.ledger import entries
from finance.ledger import services as ledger
from finance.ledger.choice import Choice
from finance.ledger.models import ActualLine
from finance.ledger.sums import VendorCell, VendorPlace, VendorYear
from finance.spend import cuts
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import CUTS, Question
from finance.spend.figures import SUMS, Line
from pmo import formats
from pmo.clocks import AsOf
from tests.finance.office import Office
from tests.finance.test_budgets import activated, drafted
from tests.finance.test_capex import approve, submitted
from tests.finance.test_ledger import spend
from tests.finance.test_pages import HEADING, browser
from tests.sheets import read

PAGE = "/p/ATLAS/spend/"
COSTS = [
    "INV-1,CRM,,hardware,capital,2026-11-10,100.50,EUR,Dell,Server",
    "INV-2,DC,,labour,operating,2026-11-11,20,EUR,,",
    "INV-3,DC,,labour,operating,2026-12-01,30.25,EUR,=Acme,Work",
    "INV-4,CRM,,hardware,capital,2026-12-02,-10,EUR,Dell,Returned",
]
PLAIN = """select coalesce(a.project_id::text, ''), a.category, a.nature, f.code, a.kind, p.amount
             from finance_posting p join finance_account a on a.id = p.account_id
             join finance_journal j on j.id = p.journal_id join finance_fiscalperiod f on f.id = j.period_id
            where p.program_id = %s"""
PLACES = {"project": 0, "category": 1, "nature": 2, "period": 3}


@pytest.fixture
def filled(office: Office) -> Office:
    """Budget in two months, a request, a transfer, something set aside, accrued, spent; costs of three vendors."""
    activated(office, drafted(office, {"2026-11": 500_000, "2026-12": 200_000}))
    approve(office, submitted(office))
    spend(office, 12_345)
    spend(office, 700, office.place("DC", "labour", "operating"))
    day = office.at.date()
    office.does(
        "fiona", ledger.transfer, program=office.program, source=office.place(),
        target=office.place("DC", "services", "operating"), amount=9_000, effective=day, text="Moved",
    )  # fmt: skip
    office.does(
        "fiona", ledger.reserve, program=office.program, place=office.place(), amount=5_000, effective=day,
        text="Kept back",
    )  # fmt: skip
    office.does(
        "fiona", ledger.accrue, program=office.program, place=office.place("DC", "services", "operating"),
        amount=1_500, effective=day, text="Received",
    )  # fmt: skip
    fiona = browser(office, "fiona")
    made = fiona.post(
        "/p/ATLAS/costs/add/",
        {"file": SimpleUploadedFile("costs.csv", "\n".join([HEADING, *COSTS]).encode(), "text/csv")},
    )
    assert fiona.post(f"{made['Location']}accept/").status_code == 302
    return office


def cut(office: Office, by: str, then: str = "", when: AsOf | None = None, **more: Any) -> cuts.Cut:
    vendor = more.pop("vendor", None)
    names = {project.pk: project.code for project in office.projects.values()}
    with office.looking():
        return cuts.read(office.program, when, Question(by, then, Choice(**more), vendor), names)


def plain_sums(office: Office, *by: str) -> dict[tuple[str, ...], Line]:
    """The same by adding up every posting here, one by one."""
    found: dict[tuple[str, ...], Line] = {}
    with office.looking(), connection.cursor() as cursor:
        cursor.execute(PLAIN, [office.program.pk])
        for row in cursor.fetchall():
            key = tuple(row[PLACES[one]] for one in by)
            found.setdefault(key, Line(None, "")).add(row[4], row[5])
    return {key: line for key, line in found.items() if not line.is_empty()}


def figures(line: Line) -> list[int]:
    return [getattr(line, name) for name in SUMS]


def ever(known: datetime | None = None) -> AsOf:
    """The far future, which is added up from the postings themselves."""
    day = date(2098, 12, 31)
    at = datetime(2098, 12, 31, tzinfo=UTC)
    return AsOf(at=at, known=known or at, is_now=False, label="", day=day)


@pytest.mark.parametrize("then", [False, True])
def test_every_cut_is_a_plain_sum_over_the_ledger(filled: Office, then: bool) -> None:
    for pair in permutations(PLACES, 2) if then else ((one,) for one in PLACES):
        wanted = plain_sums(filled, *pair)
        for when in (None, ever()):
            answer = cut(filled, *pair, when=when)
            found = {
                (str(line.key or ""), *([str(part.key or "")] if then else [])): part
                for line in answer.lines
                for part in (line.parts if then else [line])
            }
            assert {key: figures(line) for key, line in found.items()} == {
                key: figures(line) for key, line in wanted.items()
            }, pair
            total = plain_sums(filled)[()]
            assert figures(answer.total) == figures(total)
            assert [sum(column) for column in zip(*map(figures, answer.months), strict=True)] == figures(
                total
            )


def test_budget_is_always_what_became_of_it(filled: Office) -> None:
    """Granted and moved here = reserved + committed + accrued + spent + left - what nobody granted."""
    answer = cut(filled, "project", "category")
    for line in (answer.total, *answer.lines, *(part for whole in answer.lines for part in whole.parts)):
        assert (
            line.budget
            == line.reserved + line.committed + line.accrued + line.actual + line.left - line.unfunded
        )
    crm, dc = answer.lines
    assert (crm.budget, dc.budget) == (691_000, 9_000)  # 90.00 were moved
    assert (dc.accrued, dc.left) == (1_500, 7_500)


def test_vendors_add_up_to_the_ledger_with_what_no_line_tells(filled: Office) -> None:
    for when in (None, ever()):
        answer = cut(filled, "vendor", when=when)
        assert [(line.label, line.actual) for line in answer.lines] == [
            ("Dell", 9_050),
            ("=Acme", 3_025),
            ("No vendor named", 2_000),
            ("Entered without a cost line", 13_045),
        ]
        assert answer.total.actual == cut(filled, "project", when=when).total.actual == 27_120
        twice = cut(filled, "project", "vendor", when=when)
        assert {(line.label, part.label): part.actual for line in twice.lines for part in line.parts} == {
            ("CRM", "Dell"): 9_050,
            ("CRM", "Entered without a cost line"): 12_345,
            ("DC", "=Acme"): 3_025,
            ("DC", "No vendor named"): 2_000,
            ("DC", "Entered without a cost line"): 700,
        }
        dell = cut(filled, "period", vendor="Dell", when=when)
        assert [(line.label, line.actual) for line in dell.lines] == [
            ("Nov 2026", 10_050),
            ("Dec 2026", -1_000),
        ]


def test_the_sums_by_vendor_are_those_of_the_lines(filled: Office) -> None:
    """Also after a cost file was taken back and another one entered."""
    fiona = browser(filled, "fiona")
    with filled.looking():
        journal = ActualLine.objects.filter(vendor="Dell").order_by("pk")[:1].get().journal_id
    assert fiona.post(f"/p/ATLAS/ledger/{journal}/reverse/", {"why": "Twice"}).status_code == 302
    with filled.looking(), connection.cursor() as cursor:
        cursor.execute(
            """select project_id, category, nature, vendor, f.code, sum(amount_minor), count(*)
                 from finance_actualline l join finance_fiscalperiod f on f.id = l.period_id group by 1, 2, 3, 4, 5"""
        )
        plain = cursor.fetchall()
        kept = {
            "period__code": VendorCell.objects.all(),
            "year": VendorYear.objects.all(),
            "": VendorPlace.objects.all(),
        }
        place = ("project_id", "category", "nature", "vendor")
        for name, rows in kept.items():
            wanted: dict[Any, list[int]] = {}
            for *where, month, amount, lines in plain:
                when = {"period__code": [month], "year": [month[:4]], "": []}[name]
                sums = wanted.setdefault((*where, *when), [0, 0])
                sums[0], sums[1] = sums[0] + int(amount), sums[1] + lines
            told = rows.values_list(*place, *([name] if name else []), "amount", "lines")
            assert {tuple(row[:-2]): list(row[-2:]) for row in told} == wanted
    assert len(plain) == 4
    for name in ("project", "category", "nature", "period"):  # from the sums of all time, and as of a day
        now, ever_since = (cut(filled, "vendor", name, when=when) for when in (None, ever()))
        assert now.lines == ever_since.lines and now.months == ever_since.months


def test_a_choice_narrows_it(filled: Office) -> None:
    december = cut(filled, "project", first="2026-12")
    assert december.total.budget == 200_000 and [line.label for line in december.months] == ["Dec 2026"]
    assert cut(filled, "project", first="2026-11", last="2026-11").total.actual == 25_095
    assert cut(filled, "category", project_id=filled.projects["DC"].pk).total.budget == 9_000
    assert cut(filled, "project", own=True).lines == []
    assert cut(filled, "vendor", category="labour").total.actual == 5_725


def cells(text: str) -> list[tuple[str, str]]:
    """Every linked figure of the table: its address, and its exact amount."""
    table = text[text.index("<tbody>") : text.index("</table>")]
    found = re.findall(r'<td [^>]*><a href="([^"]+)"><span title="([^"]+)">', table)
    return [(html.unescape(address), amount) for address, amount in found]


@pytest.mark.parametrize(
    "query",
    [
        "", "?by=category&then=project", "?by=period&then=nature", "?by=vendor&then=project", "?vendor=Dell",
        "?by=nature&project=DC&from=2026-11&to=2026-12", "?at=2026-11-30", "?by=vendor&at=2026-11-30",
    ],
)  # fmt: skip
def test_each_figure_leads_to_rows_that_add_up_to_it(filled: Office, query: str) -> None:
    ada = browser(filled, "ada")
    shown = cells(ada.get(PAGE + query).content.decode())
    assert len(shown) >= 2, query
    for address, amount in shown:
        amount = html.unescape(amount)
        if "account=unfunded" in address:  # an account below zero, shown as what is missing
            amount = f"{formats.MINUS}{amount}"
        rows = ada.get(address).content.decode()
        assert f"add up to {amount}" in html.unescape(rows), address
        listed = list(csv.DictReader(io.StringIO(ada.get(f"{address}&format=csv").content.decode())))
        total = sum(int(one["amount"].replace(".", "")) for one in listed)
        assert formats.money_exact(total, "EUR") == amount, address


def test_the_files_hold_what_the_page_shows(filled: Office) -> None:
    ada = browser(filled, "ada")
    answer = cut(filled, "project", "category")
    text = ada.get(f"{PAGE}?by=project&then=category&format=csv").content.decode()
    lines = list(csv.DictReader(io.StringIO(text)))
    parts = [(line, part) for line in answer.lines for part in line.parts]
    assert [(one["Project"], one["Category"]) for one in lines] == [(a.label, b.label) for a, b in parts]
    assert [int(one["Left"].replace(".", "")) for one in lines] == [part.left for _, part in parts]
    vendors = ada.get(f"{PAGE}?by=vendor&format=csv").content.decode()
    assert "'=Acme" in vendors  # never a formula
    book = ada.get(f"{PAGE}?by=project&then=category&format=xlsx").content
    sheet = read(book, 1)
    foot = sheet[-1]
    assert foot[0] == "Total" and foot[sheet[0].index("Actual (EUR)")] == 271.20
    assert b"SUBTOTAL(9," in unzipped(book)


def unzipped(book: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(book)) as file:
        return b"".join(file.read(name) for name in file.namelist() if "sheet" in name)


def test_the_api_says_what_the_page_says(filled: Office) -> None:
    ada, address = browser(filled, "ada"), "/api/v1/programs/ATLAS/spend/rows/"
    answer = ada.get(f"{address}?by=category&then=vendor").json()
    mine = cut(filled, "category", "vendor")
    assert [one["actual_minor"] for one in answer["rows"]] == [line.actual for line in mine.lines]
    assert [[part["label"] for part in one["parts"]] for one in answer["rows"]] == [
        [part.label for part in line.parts] for line in mine.lines
    ]
    assert answer["costs_only"] is True and answer["total"]["actual_minor"] == 27_120
    for wrong in (
        "by=month",
        "then=project",
        "project=NONE",
        "from=2026",
        "category=x",
        "nature=x",
        "size=1",
    ):
        assert ada.get(f"{address}?{wrong}").status_code == 400, wrong


def test_what_the_address_says_wrongly_is_told_and_left_out(filled: Office) -> None:
    ada = browser(filled, "ada")
    text = ada.get(f"{PAGE}?by=colour&from=Nov&project=NONE&page=99").content.decode()
    for words in ("There is no such project", "written like 2026-11", "One of project, category"):
        assert words in text, words
    empty = ada.get(f"{PAGE}?from=2031-01").content.decode()
    assert "No money fits this" in empty


def test_long_registers_are_read_page_by_page(filled: Office) -> None:
    rows = "\n".join(
        f"L-{n},DC,,labour,operating,2026-11-{n % 28 + 1:02},{n + 1},EUR,V{n},x" for n in range(230)
    )
    fiona: Client = browser(filled, "fiona")
    made = fiona.post(
        "/p/ATLAS/costs/add/", {"file": SimpleUploadedFile("many.csv", f"{HEADING}\n{rows}".encode())}
    )
    assert fiona.post(f"{made['Location']}accept/").status_code == 302
    seen: list[str] = []
    address = "/p/ATLAS/costs/lines/?project=DC"
    for _ in range(4):
        text = fiona.get(address).content.decode()
        seen += re.findall(r'<tr><th scope="row"><a [^>]*>([^<]+)</a>', text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        if not following:
            break
        address = f"/p/ATLAS/costs/lines/{html.unescape(following[1])}"
    assert len(seen) == len(set(seen)) == 232  # and the two of before
    first = fiona.get(f"{PAGE}?by=vendor").content.decode()
    assert "234 lines" in first and 'rel="next"' in first
    assert "V229" in fiona.get(f"{PAGE}?by=vendor").content.decode()
    assert "No vendor named" not in first or fiona.get(f"{PAGE}?by=vendor&page=2").status_code == 200


JOURNALS = """select coalesce(a.project_id::text, ''), f.code, a.kind, p.amount, j.kind, j.recorded_at, j.effective
                from finance_posting p join finance_account a on a.id = p.account_id
                join finance_journal j on j.id = p.journal_id join finance_fiscalperiod f on f.id = j.period_id"""
COSTED = """select l.vendor, f.code, l.amount_minor, j.recorded_at, j.effective from finance_actualline l
              join finance_journal j on j.id = l.journal_id join finance_fiscalperiod f on f.id = j.period_id"""


def test_any_moment_is_what_counts_then_one_by_one(filled: Office) -> None:
    """Every day and instant at which something happened, and just before: kept sums with exceptions = plain sums."""
    with filled.looking(), connection.cursor() as cursor:
        cursor.execute(JOURNALS)
        postings = cursor.fetchall()
        cursor.execute(COSTED)
        costs = cursor.fetchall()
    recorded = sorted({row[5] for row in postings})
    days = {row[6] for row in postings} | {date(2026, 11, 30), date(2026, 12, 31), date(2027, 2, 1)}
    days |= {day - timedelta(days=1) for day in days}
    seen = 0
    for day in sorted(days):
        for at in (recorded[0] - timedelta(days=1), *recorded[::3]):
            for known in (*recorded[1::2], recorded[-1] + timedelta(days=1)):
                when = AsOf(at=at, known=known, is_now=False, label="", day=day)
                wanted: dict[tuple[str, str], Line] = {}
                for project, period, kind, amount, journal, entered, effective in postings:
                    if entered <= known and (entered <= at if journal == "grant" else effective <= day):
                        wanted.setdefault((project, period), Line(None, "")).add(kind, amount)
                answer = cut(filled, "project", "period", when=when)
                assert {
                    (str(line.key or ""), part.key): figures(part)
                    for line in answer.lines
                    for part in line.parts
                } == {key: figures(line) for key, line in wanted.items() if not line.is_empty()}, when
                seen += bool(answer.lines)
        known = recorded[-1] - timedelta(microseconds=1)
        when = AsOf(at=known, known=known, is_now=False, label="", day=day)
        sums: dict[tuple[str, str], int] = {}
        for vendor, period, amount, entered, effective in costs:
            if entered <= known and effective <= day:
                sums[vendor, period] = sums.get((vendor, period), 0) + amount
        answer = cut(filled, "vendor", "period", when=when)
        told = [line for line in answer.lines if line.key != NOT_BY_LINE]
        assert {(line.key, part.key): part.actual for line in told for part in line.parts} == sums
    assert seen > 50


def test_the_ledger_is_taken_along_as_it_is_filtered(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, address = browser(filled, "ada"), "/p/ATLAS/ledger/?from=2026-12&to=2026-12&kind=actual"
    listed = list(csv.DictReader(io.StringIO(ada.get(f"{address}&format=csv").content.decode())))
    assert {one["period"] for one in listed} == {"2026-12"} and {one["kind"] for one in listed} == {"actual"}
    spent = sum(int(one["amount"].replace(".", "")) for one in listed if one["account"] == "spent")
    assert spent == plain_sums(filled, "period")[("2026-12",)].actual
    sheet = read(ada.get(f"{address}&format=xlsx").content)
    assert len(sheet) == len(listed) + 1 and sheet[0][8] == "amount"
    monkeypatch.setattr("finance.ledger.journal_file.MOST_EXPORTED", 1)
    led = ada.get("/p/ATLAS/ledger/?format=csv&kind=actual")
    assert led.status_code == 302 and led["Location"] == "/p/ATLAS/ledger/file/?format=csv&kind=actual"


def test_what_was_not_recorded_yet_was_not_known(filled: Office) -> None:
    yesterday = ever(known=datetime.now(UTC) - timedelta(days=400))
    for by in CUTS:
        assert cut(filled, by, when=yesterday).lines == []


def test_what_a_register_says_in_all_is_what_its_rows_add_up_to(filled: Office) -> None:
    """Now, in the far future, and on a day inside a month; its total comes from the kept sums, its rows do not."""
    inside = AsOf(
        at=datetime(2026, 11, 20, tzinfo=UTC),
        known=datetime(2099, 1, 1, tzinfo=UTC),
        is_now=False,
        label="",
        day=date(2026, 11, 20),
    )
    crm = filled.projects["CRM"].pk
    choices = [
        Choice(),
        Choice(first="2026-11", last="2026-11"),
        Choice(last="2027-12"),
        Choice(category="hardware", nature="capital"),
        Choice(project_id=crm, first="2026-12"),
        Choice(own=True),
    ]
    told = 0
    with filled.looking():
        for when in (None, ever(), inside):
            for choice in choices:
                for account in ("", entries.BUDGET, "spent", "available", "reserve"):
                    rows = entries.entries(filled.program.pk, choice, account, when)
                    total = entries.amount_of(filled.program.pk, choice, account, when)
                    assert total == sum(rows.values_list("amount", flat=True)), (choice, account)
                    told += total != 0
                for vendor in (None, "Dell", ""):
                    lines = entries.cost_lines(filled.program.pk, choice, vendor, when)
                    total = entries.cost_of(filled.program.pk, choice, vendor, when)
                    assert total == sum(lines.values_list("amount_minor", flat=True)), (choice, vendor)
                    told += total != 0
    assert told > 60
