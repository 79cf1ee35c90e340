"""Page, PDF, workbook and mail show the same figures; none of them can be made to act."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pmo.reports import stored
from pmo.reports.document import (
    SUM,
    Chart,
    Column,
    Document,
    KeyFigure,
    Kind,
    Paragraph,
    Ratio,
    Row,
    Section,
    Table,
    table,
)
from pmo.reports.renderers import mail, pdf, xlsx
from pmo.reports.written import exact, short
from tests.pmo.reports.sample import COLUMNS, CURVE, document, rows
from tests.sheets import read as sheet

PAYLOADS = [
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "http://evil.example",
    "mailto:a@b.example",
    "{=1+1}",
    "<script>alert(1)</script>",
    "#set page(width: 1pt)",
    "bell \x07, null \x00, lone \ud800",
    "0x1F",
    "1e5",
]


def with_text(text: str) -> Document:
    columns = (Column("a", text or "x"), Column("n", "n", Kind.NUMBER, total=SUM))
    blocks = (table(columns, [(text, 1)], caption=text), Paragraph(text))
    return stored.kept(replace(document(5, title=text, text=text), sections=(Section(text, blocks),)))


def test_a_run_keeps_every_digit() -> None:
    made = document(10)
    assert stored.from_json(stored.to_json(made)) == made


def test_totals_follow_the_rows_and_skip_what_is_not_known() -> None:
    made = Table(COLUMNS, document(10).sections[1].blocks[0].groups)  # type: ignore[union-attr]
    assert made.total("budget") == sum(row.values[2] for row in made.rows())  # type: ignore[misc]
    ratio = made.total("spent")
    assert isinstance(ratio, Decimal) and ratio == Decimal(made.total("actual")) * 100 / made.total("budget")  # type: ignore[arg-type, operator]
    unknown = table((Column("n", "n", Kind.NUMBER, total=SUM),), [(None,), (3,)])
    assert unknown.total("n") == 3
    assert table((Column("n", "n", Kind.NUMBER, total=SUM),), [(None,)]).total("n") is None


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Column("m", "m", Kind.MONEY),
        lambda: Column("t", "t", Kind.TEXT, total=SUM),
        lambda: KeyFigure("m", 1, Kind.MONEY),
        lambda: table((Column("a", "a"), Column("a", "b")), []),
        lambda: table((Column("a", "a"),), [(1, 2)]),
        lambda: table((Column("a", "a", Kind.PERCENT, total=Ratio("b", "c")),), []),
        lambda: Chart(CURVE, " "),
        lambda: Chart("<svg></svg>", "words"),
    ],
)
def test_a_document_that_makes_no_sense_is_refused_when_it_is_made(broken: Any) -> None:
    with pytest.raises(ValueError):
        broken()


def test_the_workbook_holds_numbers_dates_and_live_totals() -> None:
    made = document(10)
    book = xlsx.render(made)
    lines = sheet(book, 1)
    assert lines[0][:4] == ["Project", "Category", "Budget (EUR)", "Actual (EUR)"]
    first = lines[2]
    assert first[2:6] == [100_000.0, 50_000.07, pytest.approx(0.5000007), date(2027, 3, 31)]
    xml = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet2.xml").decode()
    formulas = re.findall(r"<f>([^<]*)</f><v>([^<]*)</v>", xml)
    assert all(formula.startswith(("SUBTOTAL(9,", "IF(")) for formula, _ in formulas)
    table_shown = made.sections[1].blocks[0]
    assert isinstance(table_shown, Table)
    total = table_shown.total("budget")
    assert isinstance(total, int)
    assert float(formulas[-3][1]) == total / 100, "a viewer that does not calculate shows the same total"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_a_formula_or_a_link(payload: str) -> None:
    book = xlsx.render(with_text(payload))
    files = zipfile.ZipFile(io.BytesIO(book))
    for name in files.namelist():
        if name.startswith("xl/worksheets/sheet"):
            xml = files.read(name).decode()
            assert set(re.findall(r"<f>([^(<]*)", xml)) <= {"SUBTOTAL"}
            assert "<hyperlink" not in xml
    assert sheet(book, 1)[1][0] == xlsx.plain(payload.replace("\ud800", ""))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_text_is_never_typesetting_or_markup(payload: str) -> None:
    assert pdf.render(with_text(payload)).startswith(b"%PDF")
    twins = mail.render(with_text(payload), recipient="E", as_of="now", url="/r", stop_url="/s")
    assert "<script" not in twins.html


def test_the_pdf_is_tagged_and_the_same_bytes_each_time() -> None:
    made = document(50)
    once = pdf.render(made)
    assert once == pdf.render(made)
    assert b"/MarkInfo" in once and b"/StructTreeRoot" in once and b"pdfuaid" in once


def test_the_workbook_is_the_same_bytes_each_time() -> None:
    assert xlsx.render(document(50)) == xlsx.render(document(50))


def test_the_mail_shows_the_figures_twice_without_images() -> None:
    twins = mail.render(document(10), recipient="Esther", as_of="22 Nov 2026 13:00", url="/r", stop_url="/s")
    for shown in ("26.2M", "0.86", "22 Nov 2026 13:00", "Esther", "P0-0", "A rising curve"):
        assert shown in twins.html, shown
        assert shown in twins.text, shown
    assert "<img" not in twins.html and "<svg" not in twins.html and "<style" not in twins.html
    assert 'style="' in twins.html, "rules stand on the elements"
    assert "http://127.0.0.1:8000/r" in twins.html
    assert max(len(line) for line in twins.text.splitlines()) <= 90


def test_a_long_table_is_cut_in_the_mail_and_says_so() -> None:
    long = replace(document(5), sections=(Section("Rows", (table(COLUMNS, rows(100)),)),))
    twins = mail.render(long, recipient="E", as_of="now", url="/r", stop_url="/s")
    assert "88&nbsp;more rows and 3&nbsp;more columns" in twins.html
    assert "88\u00a0more rows and 3\u00a0more columns" in twins.text
    assert "Total" in twins.html, "the total is of all rows and stays"


def test_figures_in_letters() -> None:
    assert exact(2_620_000_012, Kind.MONEY, currency="EUR") == "26,200,000.12"
    assert exact(-5, Kind.MONEY, currency="JPY") == "\u22125"
    assert short(2_620_000_000, Kind.MONEY, currency="EUR") == "26.2M"
    assert exact(None, Kind.MONEY, currency="EUR") == exact(None, Kind.DATE) == "\u2014"
    assert exact("red", Kind.RAG) == "■ Red"


def test_no_row_goes_astray_between_document_and_page() -> None:
    with pytest.raises(ValueError):
        stored.from_json({"layout": 99})
    assert Row(("a",)).href == ""
