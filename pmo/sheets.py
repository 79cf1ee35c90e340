"""A table as a file to take along, CSV or XLSX: the same columns, and text that can never be a formula."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TextIO

from django.http import HttpResponse
from django.utils import timezone

from pmo.cells import csv_cell

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
    """
    content = workbook(heads, rows) if kind == "xlsx" else comma_separated(heads, rows)
    response = HttpResponse(content, content_type=TYPES[kind])
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def comma_separated(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The table as CSV: text that a spreadsheet would take for a formula gets an apostrophe."""
    out = io.StringIO()
    write_comma_separated(out, heads, rows)
    return out.getvalue()


def write_comma_separated(out: TextIO, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same into a file, row by row."""
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([csv_cell(value) for value in row] for row in rows)


def workbook(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """The table as a workbook, its heading kept in sight."""
    buffer = io.BytesIO()
    write_workbook(buffer, heads, rows)
    return buffer.getvalue()


def write_workbook(target: io.BytesIO | str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """The same into a file (or its path), row by row, whatever its length: what one sheet does not hold goes on in a
    further one, under the same heading. Rows are set down beside a path, and in the system's folder else."""
    import xlsxwriter  # heavy, and few requests want it

    options: dict[str, Any] = {"constant_memory": True, **NO_FORMULAS}
    if isinstance(target, str):
        options["tmpdir"] = os.path.dirname(target)
    with xlsxwriter.Workbook(target, options) as book:
        bold = book.add_format({"bold": True})
        looks = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet, number = _sheet(book, heads, bold), 0
        for row in rows:
            if number == MOST_ROWS:
                sheet, number = _sheet(book, heads, bold), 0
            number += 1
            for column, value in enumerate(row):
                _write(sheet, number, column, value, looks)


def _sheet(book: Any, heads: Sequence[str], bold: Any) -> Any:
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, max(1, len(heads) - 1), 16)
    for column, head in enumerate(heads):
        sheet.write_string(0, column, plain(head), bold)
    return sheet


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
