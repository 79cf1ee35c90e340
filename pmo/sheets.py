"""A table as a file to take along, CSV or XLSX: the same columns, and text that can never be a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone

from pmo.cells import csv_cell
from pmo.refusals import Refused

FORMATS: Final = ("csv", "xlsx")
UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_TEXT: Final = 32_767
MOST_ROWS: Final = 1_048_575
"""Rows of a sheet below its heading."""
EXACT_BELOW: Final = 10**15
"""A sheet's numbers are doubles: beyond, a whole number would lose its last digit and is written as text."""
NO_FORMULAS: Final = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def plain(text: str) -> str:
    """Text without what no workbook can hold (control characters, lone surrogates), cut to a cell's limit."""
    return UNPRINTABLE.sub("", text)[:LONGEST_TEXT]


def download(kind: str, name: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The table as an attachment `name`.csv or `name`.xlsx (`kind` is one of FORMATS).

    In a workbook numbers, days and instants are such; an instant is on the clock of the page (the active time zone).
    Raises Refused for more rows than a sheet holds.
    """
    content = workbook(heads, rows) if kind == "xlsx" else comma_separated(heads, rows)
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def comma_separated(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The table as CSV: text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([csv_cell(value) for value in row] for row in rows)
    return out.getvalue()


def workbook(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as a workbook of one sheet, its heading kept in sight; row by row, whatever its length."""
    import xlsxwriter  # heavy, and few requests want it

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"constant_memory": True, **NO_FORMULAS}) as book:
        bold = book.add_format({"bold": True})
        looks = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, max(1, len(heads) - 1), 16)
        for column, head in enumerate(heads):
            sheet.write_string(0, column, plain(head), bold)
        for number, row in enumerate(rows, 1):
            if number > MOST_ROWS:
                raise Refused("A sheet holds a million rows, and these are more: take them along as CSV.")
            for column, value in enumerate(row):
                _write(sheet, number, column, value, looks)
    return buffer.getvalue()


def _write(sheet: Any, row: int, column: int, value: Any, looks: dict[Any, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | float | Decimal) and -EXACT_BELOW < value < EXACT_BELOW:
        sheet.write_number(row, column, value)
    elif isinstance(value, datetime):
        local = timezone.make_naive(value) if timezone.is_aware(value) else value
        sheet.write_datetime(row, column, local, looks[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, looks[date])
    else:
        sheet.write_string(row, column, plain(str(value)))
