"""Costs come in as a workbook: exactly as it says, by its sheet, and a hostile one harms nobody."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile

from finance.imports import mending, services, source_services, workbook
from finance.imports.layout import Layout
from finance.imports.models import ActualBatch
from finance.ledger.models import ActualLine
from pmo import copy, workbook_cells
from pmo import workbook as pmo_workbook
from pmo.refusals import Refused
from tests.finance.office import Office
from tests.finance.test_api import API
from tests.finance.test_pages import browser, quiet_static
from tests.shared import shared
from tests.sheets import read as read_by_another

__all__ = ["quiet_static"]
HEADS = ["source_reference", "project", "category", "nature", "date", "amount", "vendor"]
PLAIN = Layout(columns={head: head for head in HEADS})


def book(fill: Callable[[Any], None], **options: Any) -> bytes:
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out, options)
    fill(made)
    made.close()
    return out.getvalue()


def costs(*rows: list[Any], heads: list[str] = HEADS, sheet: str = "Costs") -> bytes:
    def fill(made: Any) -> None:
        page, day = made.add_worksheet(sheet), made.add_format({"num_format": "dd/mm/yyyy"})
        page.write_row(0, 0, heads)
        for at, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(at, column, value, day)
                elif isinstance(value, tuple):
                    page.write_formula(at, column, value[0], None, value[1])
                elif isinstance(value, str):
                    page.write_string(at, column, value)
                else:
                    page.write(at, column, value)

    return book(fill)


def row(
    reference: object, amount: object, day: object = date(2026, 3, 2), vendor: object = "Acme"
) -> list[Any]:
    return [reference, "CRM", "services", "operating", day, amount, vendor]


def read(office: Office, content: bytes, **more: Any) -> ActualBatch:
    return office.does(
        "fiona", services.read_file, program=office.program, name="erp.xlsx", content=content, **more
    )


def cells(content: bytes, sheet: str = "", writing: workbook_cells.Writing | None = None) -> list[list[str]]:
    return [
        one.cells
        for one in pmo_workbook.sheet_rows(io.BytesIO(content), sheet, writing or workbook_cells.Writing())
    ]


def rewritten(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.infolist():
            body = old.read(member)
            new.writestr(member.filename, change(body) if member.filename == part else body)
    return out.getvalue()


# ------------------------------------------------------------------ as it is written there
def test_a_workbook_enters_what_its_cells_show(office: Office) -> None:
    """Numbers, dates, texts that are numbers, a credit, and a sum whose arithmetic left noise behind."""
    content = costs(
        row("INV-1", 1234.56),
        row(4711, "-20.50"),
        row("INV-3", ("=0.1+0.2", 0.30000000000000004), day="2026-03-04", vendor="=HYPERLINK"),
    )
    batch = read(office, content)
    assert not batch.totals["faults"], batch.problems
    office.does("fiona", services.accept, batch=batch)
    with office.looking():
        lines = list(
            ActualLine.objects.order_by("pk").values_list(
                "source_reference", "effective", "amount_minor", "vendor"
            )
        )
    assert lines == [
        ("INV-1", date(2026, 3, 2), 123_456, "Acme"),
        ("4711", date(2026, 3, 2), -2_050, "Acme"),
        ("INV-3", date(2026, 3, 4), 30, "=HYPERLINK"),
    ]
    again = read(office, content)
    assert (again.totals["known"], again.totals["new"]) == (3, 0)


def test_digits_are_taken_from_the_file_and_no_float_is_in_between() -> None:
    content = costs(row("a", 0.5))
    for written, read_as in (
        ("99999999999999.9", "99999999999999.9"),
        ("123456789012345", "123456789012345"),
        ("1234.5600000000001", "1234.56"),
        ("1.5E3", "1500"),
        ("-0.07", "-0.07"),
    ):
        changed = rewritten(
            content,
            "xl/worksheets/sheet1.xml",
            lambda x, w=written: x.replace(b"<v>0.5<", b"<v>%s<" % w.encode()),
        )
        assert cells(changed)[1][5] == read_as


def test_each_faulty_cell_is_told_at_its_row_and_stays_a_fault(office: Office) -> None:
    """An error, a formula nobody computed, a number with more digits than a workbook keeps; also when asked again."""
    content = costs(
        row("INV-1", ("=1/0", "#DIV/0!")),
        row("INV-2", ("=A1", "")),
        row(1234567890123456789, 5),
        row("INV-4", 5, vendor=("=NA()", "#N/A")),
        row("INV-5", 12.345),
        row("INV-6", 5, day=45292),
    )
    empty = rewritten(
        content, "xl/worksheets/sheet1.xml", lambda x: x.replace(b"<f>A1</f><v></v>", b"<f>A1</f>")
    )
    batch = read(office, empty)
    told = {one["row"]: one["problem"] for one in batch.problems}
    assert "holds the error #DIV/0! (amount)" in told[2]
    assert "more than 15 digits" in told[4] and "(source_reference)" in told[4]
    assert "holds the error #N/A (vendor)" in told[5]
    assert "“12.345”" in told[6] or "12.345" in told[6]
    assert "“45292” is not a date" in told[7]
    assert set(told) == {2, 3, 4, 5, 6, 7}
    same = office.does("fiona", mending.check_again, batch=batch)
    assert {one["row"]: one["problem"] for one in same.problems} == told


def test_faulty_rows_come_back_in_a_workbook_and_are_read_in_their_place(office: Office) -> None:
    batch = read(office, costs(row("INV-1", 10), row("INV-2", ("=1/0", "#DIV/0!"))))
    mended = costs(["3", "", *row("INV-2", 12.5)], heads=["row", "problem", *HEADS], sheet="Any")
    done = office.does("fiona", mending.replace_rows, batch=batch, content=mended)
    assert (done.totals["faults"], done.totals["new_minor"]) == (0, 2_250)


def test_a_sheet_is_chosen_by_name_by_the_source_or_is_the_first_that_is_visible(office: Office) -> None:
    def fill(made: Any) -> None:
        hidden = made.add_worksheet("Hidden")
        hidden.write_row(0, 0, ["nothing"])
        for name, amount in (("March", 1), ("April", 2)):
            page = made.add_worksheet(name)
            page.write_row(0, 0, HEADS)
            page.write_row(1, 0, row(f"INV-{name}", amount, day="2026-03-02"))
        made.get_worksheet_by_name("March").activate()
        hidden.hide()

    content = book(fill)
    assert read(office, content).totals["new_minor"] == 100
    assert read(office, content, sheet="april").totals["new_minor"] == 200
    layout = Layout(columns=PLAIN.columns, sheet="April")
    source = office.does(
        "fiona", source_services.add_source, program=office.program, name="SAP", layout=layout
    )
    batch = read(office, content, source=source)
    assert (batch.totals["new_minor"], batch.layout["sheet"]) == (200, "April")
    with pytest.raises(Refused, match="no sheet “May”; its sheets: “Hidden”, “March”, “April”"):
        read(office, content, sheet="May")


def test_a_source_that_writes_otherwise_reads_numbers_and_days_of_cells_all_the_same(office: Office) -> None:
    """Texts are read as the source writes them; real numbers and days mean what they are."""
    layout = Layout(columns=PLAIN.columns, decimal=",", date_order="dmy", credit="trailing")
    source = office.does(
        "fiona", source_services.add_source, program=office.program, name="SAP", layout=layout
    )
    content = costs(row("A", 1234.5), row("B", "1.234,50-", day="04/03/2026"), row("C", -3))
    batch = read(office, content, source=source)
    assert (batch.totals["faults"], batch.totals["new"], batch.totals["new_minor"]) == (0, 3, -300)


def test_headings_may_stand_below_a_preamble_and_away_from_the_edge(office: Office) -> None:
    def fill(made: Any) -> None:
        page = made.add_worksheet()
        page.write(1, 2, "Report of costs")
        page.write_row(4, 3, HEADS)
        page.write_row(6, 3, row("INV-1", 7, day="2026-03-02"))

    source = office.does(
        "fiona", source_services.add_source, program=office.program, name="SAP", layout=PLAIN
    )
    batch = read(office, book(fill), source=source)
    assert (batch.totals["rows"], batch.totals["new_minor"]) == (1, 700)
    with office.looking():
        assert batch.staged.get().row == 7


# ------------------------------------------------------------------ read by a library that is not ours
def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{Decimal(f'{value:.15g}').normalize():f}"
    return str(value)


def _agrees(content: bytes, sheet: str = "", number: int = 0) -> int:
    theirs = [[_plain(value) for value in line] for line in read_by_another(content, number)]
    theirs = [line for line in theirs if any(line)]
    ours = cells(content, sheet)
    width = max(map(len, theirs))
    edge = max(map(len, ours)) - width  # theirs leaves empty columns out at the left
    assert [line[edge:] + [""] * (width + edge - len(line)) for line in ours] == theirs
    return sum(bool(cell) for line in theirs for cell in line)


def test_what_is_read_agrees_with_another_library() -> None:
    kinds = [
        row(n, n / 7, day=date(2026, 1 + n % 12, 1 + n % 28), vendor="ä & <b> " * (n % 3)) for n in range(40)
    ]
    assert _agrees(costs(*kinds, row(True, ("=1", 1)), ["", "", "x"])) > 200
    early = book(
        lambda made: made.add_worksheet().write_datetime(
            0, 0, datetime(2026, 5, 1), made.add_format({"num_format": "[$-409]d mmm yy;@"})
        ),
        date_1904=True,
    )
    assert cells(early) == [["2026-05-01"]]


def test_a_real_workbook_of_others_is_read_as_another_library_reads_it() -> None:
    path = shared("01_dslib_real_projects/other_it_projects/C2011-09_official_OR-AS_excel_layout.xlsx")
    content = path.read_bytes()
    names = read_names(content)
    assert len(names) > 1
    compared = 0
    for number, name in enumerate(names):
        if read_by_another(content, number):
            ours = [line for line in cells(content, name) if any(line)]
            theirs = [line for line in read_by_another(content, number) if any(map(_plain, line))]
            assert len(ours) == len(theirs), name
            compared += len(ours)
    assert compared > 100


def read_names(content: bytes) -> list[str]:
    return [name for name, _, _ in pmo_workbook._Book(io.BytesIO(content)).sheets]


# ------------------------------------------------------------------ files that mean harm
def _sheet(xml: bytes) -> bytes:
    return rewritten(costs(row("a", 1)), "xl/worksheets/sheet1.xml", lambda _: xml)


SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
HOSTILE = {
    "an entity": (b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + SHEET % b"", "document type or an entity"),
    "a far cell": (SHEET % b'<row r="1"><c r="XFD1"><v>1</v></c></row>', "beyond its first 200 columns"),
    "rows that go back": (SHEET % b'<row r="5"/><row r="2"/>', "row 2 stands after row 5"),
    "a text that is not there": (
        SHEET % b'<row r="1"><c t="s"><v>99999</v></c></row>',
        "a text that is not there",
    ),
    "no number": (SHEET % b'<row r="1"><c><v>NaN</v></c></row>', "is no number"),
    "no place": (SHEET % b'<row r="1"><c r="AAAAAAAA1"><v>1</v></c></row>', "not the place of a cell"),
    "half a file": (b"<worksheet><sheetData><row>", "not well-formed"),
    "a text told by many cells": (
        SHEET
        % (b'<row r="1">' + b'<c t="inlineStr"><is><t>%s</t></is></c>' % (b"x" * 32_000) * 3 + b"</row>"),
        "more than 64,000 bytes of text in row 1",
    ),
    "a bomb": (SHEET % (b" " * (6 << 20)), "expands too much"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_workbook_is_a_sentence(what: str) -> None:
    xml, said = HOSTILE[what]
    with workbook_refused(said):
        list_of(_sheet(xml))


def test_damage_anywhere_is_a_sentence_or_the_same_rows() -> None:
    """Cut off and with a byte turned, at many places: never an exception of the machinery, never other rows."""
    content = costs(row("INV-1", 10), row("INV-2", 20))
    whole, refused = cells(content), 0
    for at in range(0, len(content), 23):
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 0x41]) + content[at + 1 :]):
            try:
                assert cells(damaged) == whole
            except workbook_cells.Unreadable:
                refused += 1
    assert refused > 100


def test_old_protected_and_foreign_files_are_told_what_to_do(office: Office) -> None:
    with pytest.raises(Refused, match="older Excel file, or one with a password"):
        read(office, workbook.OLD + b"\0" * 600)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("costs.csv", "a,b\n1,2\n")
    with pytest.raises(Refused, match="is damaged or is not an XLSX file"):
        read(office, out.getvalue())


def test_one_text_in_many_rows_is_counted_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_cells, "MOST_TEXT", 1 << 20)
    with pytest.raises(workbook_cells.Unreadable, match="1 MB of text up to row 34"):
        cells(costs(*(["é" * 16_000] for _ in range(40)), heads=["source_reference"]))


def test_long_rows_are_sent_to_the_database_a_few_at_a_time(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copy, "CHUNK_LETTERS", 100_000)
    chunks = [len(one) for one in copy._chunks([1, "x" * 30_000] for _ in range(9))]
    assert chunks == [4, 4, 1]
    batch = read(office, costs(*(row(f"INV-{n}", 1, vendor="x" * 30_000) for n in range(9))))
    assert (batch.totals["rows"], batch.totals["faults"]) == (9, 9)  # a vendor has at most 200 letters


def test_corrected_rows_that_say_too_much_at_once_are_refused(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mending, "MOST_LETTERS", 1 << 20)
    batch = read(office, costs(row("INV-1", 10), row("INV-2", ("=1/0", "#DIV/0!"))))
    long = [[str(n), "", *row("INV-2", 12.5, vendor="x" * 30_000)] for n in range(3, 43)]
    with pytest.raises(Refused, match="more than 1 MB of text"):
        office.does(
            "fiona", mending.replace_rows, batch=batch, content=costs(*long, heads=["row", "problem", *HEADS])
        )


def test_the_child_is_ended_at_its_limits(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "WALL_SECONDS", 0.0)
    with pytest.raises(Refused, match="within the limits of memory and time"):
        list_of(costs(row("a", 1)))


def list_of(content: bytes) -> list[list[str]]:
    with workbook.opened(io.BytesIO(content), "") as sheet:
        return [sheet.first, *(one.cells for one in sheet)]


def workbook_refused(said: str) -> Any:
    return pytest.raises(Refused, match=said)


# ------------------------------------------------------------------ by the page and the API
def test_the_page_and_the_api_take_a_workbook(office: Office) -> None:
    content = costs(row("INV-1", 10), sheet="March")
    client = browser(office, "fiona")
    upload = SimpleUploadedFile("march.xlsx", content)
    done = client.post(
        f"/p/{office.program.code}/costs/add/", {"file": upload, "sheet": "march"}, follow=True
    )
    assert done.status_code == 200 and "sheet march" in done.content.decode()
    wrong = client.post(
        f"/p/{office.program.code}/costs/add/",
        {"file": SimpleUploadedFile("m.xlsx", content), "sheet": "<b>May"},
    )
    assert wrong.status_code == 422 and "no sheet “&lt;b&gt;May”" in wrong.content.decode()
    sent = client.post(
        f"{API}/cost-files/file/",
        {"file": SimpleUploadedFile("april.xlsx", costs(row("INV-2", 5)))},
    )
    assert sent.status_code == 201, sent.content
    assert json.loads(sent.content)["totals"]["new_minor"] == 500
