"""A table taken along: numbers and dates are such, and what people typed stays text in every spreadsheet."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from pmo import sheets
from tests.sheets import read

FORMULA = '=HYPERLINK("http://evil.example","x")'


def test_values_of_a_workbook_are_what_they_were() -> None:
    moment = datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    row = ["A-1", 3, Decimal("-1.50"), None, True, date(2026, 3, 2), moment, 10**18]
    with timezone.override(ZoneInfo("Europe/Brussels")):
        made = read(sheets.workbook([str(n) for n in range(8)], [row]))
    assert made[1] == [
        "A-1", 3, -1.5, "", True, date(2026, 3, 2), datetime(2026, 3, 2, 17, 30), "1000000000000000000",
    ]  # fmt: skip


@pytest.mark.parametrize("text", [FORMULA, "+1", "-1", "@SUM(A1)", "\tx", "12", "http://evil.example"])
def test_text_stays_text(text: str) -> None:
    book = sheets.workbook([text], [[text]])
    assert read(book) == [[text], [text]]
    xml = zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in xml and "<hyperlink" not in xml and "<v>" not in xml


def test_control_characters_and_endless_texts_do_not_break_the_file() -> None:
    made = read(sheets.workbook(["x"], [["a\x00b\x1f\ud800c"], ["y" * 40_000]]))
    assert made[1] == ["abc"] and len(made[2][0]) == sheets.LONGEST_TEXT


def test_csv_and_workbook_have_the_same_columns_and_say_what_they_are() -> None:
    heads, rows = ["Activity", "Days"], [["A-1", 2], [FORMULA, 3]]
    csv = sheets.download("csv", "ATLAS-risks", heads, rows)
    xlsx = sheets.download("xlsx", "ATLAS-risks", heads, rows)
    assert csv.content.decode().splitlines()[:2] == ["Activity,Days", "A-1,2"]
    assert csv.content.decode().splitlines()[2].startswith("\"'=HYPERLINK")
    assert read(xlsx.content) == [heads, *rows]
    assert csv["Content-Disposition"] == 'attachment; filename="ATLAS-risks.csv"'
    assert xlsx["Content-Disposition"] == 'attachment; filename="ATLAS-risks.xlsx"'
    assert "spreadsheetml" in xlsx["Content-Type"]


def test_more_rows_than_a_sheet_holds_go_on_on_further_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert read(sheets.workbook(["n"], [[n] for n in range(3)])) == [["n"], [0], [1], [2]]
    book = sheets.workbook(["n"], ([n] for n in range(7)))
    assert [read(book, at) for at in range(3)] == [
        [["n"], [0], [1], [2]],
        [["n"], [3], [4], [5]],
        [["n"], [6]],
    ]
