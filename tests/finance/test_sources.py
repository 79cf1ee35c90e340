"""Files of real ERPs: how each source writes, rows mended in a file of their own, the printed total reached."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Count, Q, Sum

from finance.imports import mending, services, source_services
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch, CostSource, LeftOutRow
from finance.ledger.models import Account, ActualLine
from finance.rates import services as rates
from pmo.amount_faults import AmountRefused
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_api import API, send
from tests.finance.test_late_costs import closed, sound
from tests.finance.test_pages import browser, quiet_static
from tests.shared import shared

__all__ = ["quiet_static"]
OURS = ("date", "amount", "vendor", "text")
FIXED = {"project": "CRM", "category": "services", "nature": "operating"}
PLAIN = Layout(columns={"source_reference": "Doc", "date": "Day", "amount": "Sum"}, defaults=FIXED)


def described(office: Office, layout: Layout, name: str = "SAP") -> CostSource:
    return office.does("fiona", source_services.add_source, program=office.program, name=name, layout=layout)


def read(office: Office, content: str | bytes, source: CostSource | None = None, **more: Any) -> ActualBatch:
    data = content.encode() if isinstance(content, str) else content
    return office.does(
        "fiona",
        services.read_file,
        program=office.program,
        name="erp.csv",
        content=data,
        source=source,
        **more,
    )


def problems(batch: ActualBatch) -> dict[int, str]:
    return {one["row"]: one["problem"] for one in batch.problems}


def accept(office: Office, batch: ActualBatch) -> ActualBatch:
    return office.does("fiona", services.accept, batch=batch)


# ------------------------------------------------------------------ how a source writes
@pytest.mark.parametrize(
    ("layout", "text", "minor"),
    [
        (Layout(decimal=","), "1.234,56", 123_456),
        (Layout(decimal=","), "1234,5", 123_450),
        (Layout(decimal=","), "-7", -700),
        (Layout(credit="trailing"), "1,234.50-", -123_450),
        (Layout(credit="brackets"), "(100)", -10_000),
        (Layout(credit="brackets", decimal=","), "(1.234,56)", -123_456),
        (Layout(), "1 234", 123_400),
    ],
)
def test_amounts_are_read_as_the_source_writes_them(layout: Layout, text: str, minor: int) -> None:
    assert layout.amount(text, "EUR") == minor


@pytest.mark.parametrize(
    "text", ["1.234,56", "(100)", "-0", "NaN", "1e9", "9" * 20, "１２", "5-", "1,234", "", "0x1"]
)
@pytest.mark.parametrize("layout", [Layout(), Layout(decimal=",", credit="trailing")])
def test_what_the_source_does_not_write_is_never_guessed(layout: Layout, text: str) -> None:
    if layout.decimal == "," and text in ("1.234,56", "5-"):
        return
    with pytest.raises(AmountRefused):
        layout.amount("" if text == "" else text, "EUR")


@pytest.mark.parametrize(
    ("order", "text", "day"),
    [
        ("ymd", "2026-11-30", date(2026, 11, 30)),
        ("dmy", "30/11/2026", date(2026, 11, 30)),
        ("dmy", "30.11.2026", date(2026, 11, 30)),
        ("mdy", "11/30/2026", date(2026, 11, 30)),
        ("mdy", "30/11/2026", None),
        ("ymd", "30/11/2026", None),
        ("dmy", "2026-11-30", None),
        ("dmy", "31/02/2026", None),
        ("dmy", "25/06/2012900", None),
        ("dmy", "1/6/2012", None),
        ("ymd", "２０26-11-30", None),
    ],
)
def test_dates_are_read_in_one_order_only(order: str, text: str, day: date | None) -> None:
    assert Layout(date_order=order).day(text) == day


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"columns": {"date": "Day", "amount": "Sum"}}, "columns"),
        ({"columns": PLAIN.columns | {"colour": "Colour"}}, "columns"),
        ({"defaults": FIXED | {"amount": "5"}}, "defaults"),
        ({"reference": ("Doc",)}, "reference"),
        ({"date_order": "ydm"}, "date_order"),
    ],
)
def test_a_layout_by_which_nothing_could_be_read_is_refused_at_its_field(
    office: Office, changed: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        described(office, Layout(**(PLAIN.kept() | {"reference": ()} | changed)))
    assert refused.value.field == field


def test_words_of_the_source_become_ours_and_an_unknown_one_is_told(office: Office) -> None:
    layout = Layout(
        columns=PLAIN.columns | {"category": "Type", "project": "Centre"},
        defaults={"nature": "operating"},
        values={"category": {"supplies & services": "other"}, "project": {"4711": "DC"}},
    )
    source = described(office, layout)
    batch = read(
        office,
        "Doc,Day,Sum,Type,Centre\n1,2026-11-01,5,Supplies & Services,4711\n2,2026-11-01,5,Yachts,4711\n",
        source,
    )
    assert problems(batch) == {3: "“yachts” is not a cost category."}


def test_the_same_number_of_two_sources_is_two_costs_and_the_same_file_again_is_known(office: Office) -> None:
    text = "Doc,Day,Sum\n1,2026-11-01,5\n"
    sap, coda = described(office, PLAIN), described(office, PLAIN, "CODA")
    accept(office, read(office, text, sap))
    assert read(office, text, coda).totals["new"] == 1
    assert read(office, text, sap).totals["known"] == 1
    with office.looking():
        assert ActualLine.objects.get().source_reference == "SAP/1"


def test_rows_that_are_alike_are_counted_where_the_source_says_so(office: Office) -> None:
    layout = Layout(
        columns={"date": "Day", "amount": "Sum"},
        defaults=FIXED,
        reference=("Doc", "Day", "Sum"),
        count_same=True,
    )
    text = "Doc,Day,Sum\n1,2026-11-01,5\n1,2026-11-01,5\n1,2026-11-01,6\n"
    source = described(office, layout)
    accept(office, read(office, text, source))
    with office.looking():
        found = set(ActualLine.objects.values_list("source_reference", flat=True))
    assert found == {"SAP/1/2026-11-01/5", "SAP/1/2026-11-01/5#2", "SAP/1/2026-11-01/6"}
    more = read(office, text + "1,2026-11-01,5\n", source)
    assert (more.totals["known"], more.totals["new"]) == (3, 1)


# ------------------------------------------------------------------ mending
def spoilt(office: Office) -> ActualBatch:
    source = described(office, PLAIN)
    return read(
        office, "Doc,Day,Sum,Note\n1,2026-11-01,5,a\n2,2026-11-31,-6,b\n3,2026-11-02,x,=c\n4\n", source
    )


def faults_of(office: Office, batch: ActualBatch, who: str = "fiona") -> str:
    answer = browser(office, who).get(f"/p/ATLAS/costs/{batch.pk}/faults.csv")
    assert answer.streaming and "attachment" in answer.headers["Content-Disposition"]
    return answer.getvalue().decode()


def test_faulty_rows_go_out_as_they_stand_are_corrected_and_come_back_in_their_place(office: Office) -> None:
    batch = spoilt(office)
    out = list(csv.reader(io.StringIO(faults_of(office, batch, "ada"))))
    assert out[0] == ["row", "problem", "Doc", "Day", "Sum", "Note", "more"]
    assert out[1] == [
        "3",
        "“2026-11-31” is not a date such as 2026-11-30.",
        "2",
        "2026-11-31",
        "'-6",
        "b",
        "",
    ]
    assert out[3][:3] == ["5", "The row has 1 cells; the heading has 4.", "4"]
    out[1][3], out[2][4], out[3][3:6] = "2026-11-30", "7", ["2026-11-03", "8", ""]
    file = io.StringIO()
    csv.writer(file).writerows(out)
    fiona = browser(office, "fiona")
    sent = fiona.post(
        f"/p/ATLAS/costs/{batch.pk}/corrected/",
        {"file": SimpleUploadedFile("c.csv", file.getvalue().encode())},
    )
    assert sent.status_code == 302
    with office.looking():
        batch = ActualBatch.objects.select_related("program").get(pk=batch.pk)
    assert (batch.totals["faults"], batch.totals["new"], batch.totals["new_minor"]) == (
        0,
        4,
        500 - 600 + 700 + 800,
    )
    accept(office, batch)
    sound(office)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("row,Doc,Day,Sum,Note\n2,1,2026-11-01,5,a\n", "no fault to be corrected: 2"),
        ("row,Doc,Day,Sum,Note\n3,1,2026-11-01,5,a\n3,1,2026-11-01,5,a\n", "row 3 stands here twice"),
        ("row,Doc,Day,Sum,Note\nx,1,2026-11-01,5,a\n", "“x” is not the number of a row"),
        ("row,Doc,Day,Sum\n3,1,2026-11-01,5\n", "Note is missing"),
        ("row,Doc,Day,Sum,Note,more\n3,1,2026-11-01,5,a,b\n", "not as many cells"),
        ("row,Doc,Day,Sum,Note\n3,1\n", "not as many cells"),
        ("row,Doc,Day,Sum,Note\n", "no row in this file"),
        ('row,Doc,Day,Sum,Note\n3,"1\n', "not a table"),
    ],
)
def test_a_file_of_corrections_that_does_not_fit_changes_nothing(
    office: Office, text: str, sentence: str
) -> None:
    batch = spoilt(office)
    with pytest.raises(Refused, match=re.escape(sentence)):
        office.does("fiona", mending.replace_rows, batch=batch, content=text.encode())
    assert faults_of(office, batch).count("\n") == 4


def test_a_row_is_left_out_with_a_reason_and_stays_on_record(office: Office) -> None:
    batch = spoilt(office)
    fiona, address = browser(office, "fiona"), f"/p/ATLAS/costs/{batch.pk}/leave-out/"
    assert browser(office, "mira").post(address, {"rows": "3-5", "reason": "x"}).status_code == 403
    for rows, reason, sentence in (
        ("3-5", " ", "why they are left out"),
        ("99", "x", "has no row 99"),
        ("a", "x", "is not the number of a row"),
    ):
        answer = fiona.post(address, {"rows": rows, "reason": reason})
        assert answer.status_code == 422 and sentence in answer.content.decode()
    assert fiona.post(address, {"rows": "3-5", "reason": "Booked by hand"}).status_code == 302
    page = browser(office, "ada").get(f"/p/ATLAS/costs/{batch.pk}/").content.decode()
    assert page.count("Booked by hand") == 3
    accept(office, batch)
    with office.looking():
        assert LeftOutRow.objects.filter(left_by=office.person("fiona")).count() == 3
        assert ActualLine.objects.count() == 1
    with pytest.raises(Conflict):
        office.does("fiona", mending.leave_out, batch=batch, rows=[2], reason="Late")


def test_what_was_missing_is_there_now_and_the_rows_are_read_again(office: Office) -> None:
    layout = Layout(columns=PLAIN.columns | {"currency": "Cur"}, defaults=FIXED)
    batch = read(office, "Doc,Day,Sum,Cur\n1,2026-11-01,5,USD\n", described(office, layout))
    assert problems(batch) == {2: "There is no exchange rate of USD on or before 2026-11-01."}
    office.does(
        "fiona", rates.add, program=office.program,
        values={"currency": "USD", "from_day": date(2026, 1, 1), "rate": Decimal(2), "note": ""},
    )  # fmt: skip
    assert browser(office, "fiona").post(f"/p/ATLAS/costs/{batch.pk}/again/").status_code == 302
    with office.looking():
        assert ActualBatch.objects.get(pk=batch.pk).totals["new_minor"] == 1_000


def test_a_row_of_a_closed_period_can_be_corrected_too(office: Office) -> None:
    closed(office, "2026-10")
    batch = read(office, "Doc,Day,Sum\n1,2026-10-01,5\n", described(office, PLAIN))
    assert problems(batch) == {2: "Period 2026-10 is closed."}
    text = faults_of(office, batch).replace("2026-10-01", "2026-11-01")
    batch = office.does("fiona", mending.replace_rows, batch=batch, content=text.encode())
    assert batch.totals["faults"] == 0


# ------------------------------------------------------------------ doors
def test_a_source_is_described_on_its_page_and_two_people_do_not_overwrite_each_other(office: Office) -> None:
    fiona = browser(office, "fiona")
    form = {
        "name": "SAP", "columns": "source_reference = Doc\ndate = Day\namount = Sum", "reference": "",
        "defaults": "project = CRM\ncategory = other\nnature = operating", "date_order": "dmy", "decimal": ",",
        "credit": "trailing", "values": "category: A & B = other",
    }  # fmt: skip
    assert browser(office, "mira").get("/p/ATLAS/costs/sources/add/").status_code == 403
    wrong = fiona.post("/p/ATLAS/costs/sources/add/", form | {"columns": "date Day"})
    assert wrong.status_code == 422 and "is not written like name = value" in wrong.content.decode()
    lacking = fiona.post("/p/ATLAS/costs/sources/add/", form | {"columns": "date = Day"})
    assert (
        lacking.status_code == 422
        and "Nothing says where source_reference, amount" in lacking.content.decode()
    )
    assert fiona.post("/p/ATLAS/costs/sources/add/", form).status_code == 302
    with office.looking():
        source = CostSource.objects.get()
    assert source.layout["values"] == {"category": {"a & b": "other"}}
    address = f"/p/ATLAS/costs/sources/{source.pk}/"
    assert "date = Day" in fiona.get(address).content.decode()
    assert "date = Day" in browser(office, "ada").get(address).content.decode()
    assert fiona.post(address, form | {"version": "1", "credit": "minus"}).status_code == 302
    assert fiona.post(address, form | {"version": "1"}).status_code == 409
    file = SimpleUploadedFile("costs.csv", b"Doc;Day;Sum\n1;01.11.2026;1.234,56\n")
    read_ = fiona.post("/p/ATLAS/costs/add/", {"file": file, "source": "SAP", "total": "1234.56"})
    assert "Unexplained</dt><dd>0.00 EUR" in fiona.get(read_["Location"]).content.decode()
    renamed = fiona.post(address, form | {"version": "2", "name": "CODA"})
    assert renamed.status_code == 422 and "it stands in their references" in renamed.content.decode()
    with pytest.raises(NotAllowed):
        office.does("mira", source_services.add_source, program=office.program, name="X", layout=PLAIN)


def test_sources_and_mending_by_the_api(office: Office) -> None:
    fiona = browser(office, "fiona")
    layout = {"columns": PLAIN.columns, "defaults": FIXED}
    made = send(fiona, "post", "cost-sources/", {"name": "SAP", "layout": layout}).json()
    change = {"version": 1, "name": "SAP", "layout": layout | {"decimal": ","}}
    assert send(fiona, "patch", f"cost-sources/{made['id']}/", change).json()["layout"]["decimal"] == ","
    assert send(fiona, "patch", f"cost-sources/{made['id']}/", change).status_code == 409
    content = "Doc;Day;Sum\n1;2026-11-01;5,5\n2;2026-11-01;x\n3;2026-11-01;y\n"
    file = {"file_name": "a.csv", "content": content, "source": "SAP"}
    batch = send(fiona, "post", "cost-files/", file).json()
    assert (batch["cost_source"], batch["totals"]["faults"]) == ("SAP", 2)
    mended = {"content": "row,Doc,Day,Sum\n3,2,2026-11-01,6\n"}
    base = f"cost-files/{batch['id']}"
    assert send(fiona, "post", f"{base}/corrected/", mended).json()["totals"]["faults"] == 1
    assert send(fiona, "post", f"{base}/again/").json()["totals"]["faults"] == 1
    left = send(fiona, "post", f"{base}/leave-out/", {"rows": [4], "reason": "Never paid"}).json()
    assert (left["totals"]["faults"], left["totals"]["left_out"]) == (0, 1)
    assert send(fiona, "post", f"{base}/accept/").json()["totals"]["entered"] == 2
    assert send(fiona, "post", "cost-files/", file | {"source": "CODA"}).status_code == 422
    assert browser(office, "ada").get(f"{API}/cost-sources/").json()["results"][0]["name"] == "SAP"


# ------------------------------------------------------------------ real files
DAY = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")


def repaired(cells: list[str]) -> list[str]:
    """The six cells of a damaged row of Lambeth's: what stands before and behind the date was run into it."""
    whole = ",".join(cells)
    day = DAY.search(whole)
    assert day is not None, cells
    before, behind = whole[: day.start()].rstrip(","), whole[day.end() :].lstrip(",")
    body, department, supplier = before.split(",", 2)
    amount, subject = behind.split(",", 1)
    return [body, department, supplier, day[0], amount, subject]


def test_lambeths_printed_total_is_reached_through_the_rows_with_a_fault(db: None) -> None:
    content = shared("08_spend_ledgers/lambeth_invoices_2012-06.csv").read_bytes()
    expected = json.loads(shared("08_spend_ledgers/lambeth_expected.json").read_text())
    printed = round(expected["printed_report_total"] * 100)
    office = open_office(currency="GBP")
    headings = (
        "Body", "Department", "Supplier Name", "Invoice Creation Date", "Invoice Nett Amount", "Subj Description",
    )  # fmt: skip
    layout = Layout(
        columns={
            "date": headings[3], "amount": headings[4], "vendor": headings[2], "text": headings[5],
        },
        reference=headings, count_same=True, date_order="dmy", defaults=FIXED,
    )  # fmt: skip
    batch = read(office, content, described(office, layout, "LAMBETH"), control_minor=printed)
    assert batch.totals["new"] == expected["well_formed_rows"]
    assert batch.totals["new_minor"] == round(expected["sum_of_well_formed_rows_only"] * 100)
    with pytest.raises(Refused, match="have a fault"):
        accept(office, batch)
    out = list(csv.DictReader(io.StringIO(faults_of(office, batch))))
    damaged, other = [], []
    for row in out:
        cells = [row[name].removeprefix("'") for name in headings]
        while cells and not cells[-1]:
            cells.pop()
        (damaged if DAY.search(",".join(cells)) else other).append((row["row"], cells))
    assert len(damaged) == expected["invoice_rows"] - expected["well_formed_rows"]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["row", *headings])
    writer.writerows([number, *repaired(cells)] for number, cells in damaged)
    batch = office.does("fiona", mending.replace_rows, batch=batch, content=file.getvalue().encode())
    assert [problem for row, problem in problems(batch).items() if str(row) in dict(damaged)] == []
    batch = office.does(
        "fiona", mending.leave_out, batch=batch, rows=[int(number) for number, _ in other],
        reason="The report's total and what stands below it",
    )  # fmt: skip
    batch = accept(office, batch)
    assert (batch.totals["entered"], batch.totals["new_minor"]) == (expected["invoice_rows"], printed)
    with office.looking():
        spent = sum(Account.objects.filter(kind="spent").values_list("balance", flat=True))
        lines = ActualLine.objects.aggregate(n=Count("pk"), total=Sum("amount_minor"))
    assert spent == printed == 4_029_233_484
    assert lines == {"n": 3_155, "total": printed}
    assert len(other) == len(expected["trailing_rows"])
    again = read(office, content, described(office, layout, "LAMBETH-2"))
    assert again.totals["known"] == 0  # another source: nothing is taken for what it is not
    sound(office)


@pytest.mark.parametrize("name", ["April", "May", "July"])
def test_epsrcs_currencies_credits_and_lines_that_are_alike_come_in_as_published(db: None, name: str) -> None:
    content = shared(f"08_spend_ledgers/epsrc_spend_2015_{name.lower()}.csv").read_bytes()
    expected = json.loads(shared("08_spend_ledgers/epsrc_expected.json").read_text())[name]
    office = open_office(currency="GBP")
    headings = content.splitlines()[0].decode().split(",")
    layout = Layout(
        columns={
            "date": "Date", "amount": "Amount", "currency": "InvoiceCurrencyUnit", "vendor": "Supplier",
            "text": "ExpenseType",
        },
        reference=tuple(headings), count_same=True, date_order="dmy", defaults=FIXED,
    )  # fmt: skip
    source = described(office, layout, "EPSRC")
    file = b"currency,from,rate\nUSD,2015-01-01,0.65\nEUR,2015-01-01,0.72\nAUD,2015-01-01,0.51\nCAD,2015-01-01,0.52\n"
    office.does("fiona", rates.read_file, program=office.program, content=file)
    batch = read(office, content, source)
    assert (batch.totals["faults"], batch.totals["new"]) == (0, expected["rows"]), batch.problems[:3]
    accept(office, batch)
    with office.looking():
        lines = ActualLine.objects.all()
        found = {
            one["source_currency"] or "GBP": one
            for one in lines.values("source_currency").annotate(
                own=Sum("amount_minor"), told=Sum("source_minor")
            )
        }
        sums = {code: one["own"] if code == "GBP" else one["told"] for code, one in found.items()}
        assert sums == {code: round(amount * 100) for code, amount in expected["sum_by_currency"].items()}
        negative = Q(source_minor__lt=0) | Q(source_minor=None, amount_minor__lt=0)
        assert lines.filter(negative).count() == expected["negative_rows"]
        alike = lines.filter(source_reference__contains="#").count()
        assert alike == expected["exact_duplicate_rows"]
    assert read(office, content, source).totals["known"] == expected["rows"]
    sound(office)


def test_a_large_file_comes_in_by_the_command_line_without_the_pages_limit(
    own_database: OwnDatabase, manage: list[str], tmp_path: Path
) -> None:
    office = open_office()
    described(office, replace(PLAIN, date_order="dmy", decimal=","))
    path = tmp_path / "erp.csv"
    path.write_text("A report\n\nDoc;Day;Sum\n" + "".join(f"{n};01.11.2026;1,50\n" for n in range(300)))

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*manage, "import_costs", str(path), "--program", "atlas", "--source", "SAP", *more],
            env=own_database.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    done = run("--total", "450", "--accept")
    assert (done.returncode, done.stderr) == (0, "")
    assert "300 new (450.00 EUR)" in done.stdout and "Entered: 300 rows." in done.stdout
    with path.open("a") as file:
        file.write("x;31.11.2026;1,50\n")
    again = run("--accept")
    assert again.returncode == 1 and "nothing was entered" in again.stderr
    assert (
        "300 entered before, 1 with a fault" in again.stdout and "erp.csv:304: “31.11.2026”" in again.stdout
    )
    assert run("--source", "CODA").returncode == 2
    with office.looking():
        assert ActualLine.objects.count() == 300
