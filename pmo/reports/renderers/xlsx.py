"""A document as a workbook: real numbers and dates, totals as live formulas, text that can never be a formula.

Money is written in major units (a cell shows 1234.50, not 123450): below 10^15 minor units a double holds every cent.
The same document gives the same bytes.
"""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pmo import money
from pmo.reports import written
from pmo.reports.document import (
    Chart,
    Column,
    Document,
    Group,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Ratio,
    Row,
    Table,
    Value,
)
from pmo.sheets import NO_FORMULAS, plain

FORBIDDEN_IN_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
RAG_COLOURS = {"green": "#1e7d4f", "amber": "#8a5a00", "red": "#b3261e"}


def render(document: Document) -> bytes:
    """The workbook's bytes: a summary sheet, then one sheet for each table."""
    import xlsxwriter  # heavy: only workers write workbooks

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, **NO_FORMULAS})
    book.set_properties(
        {"title": plain(document.title), "created": document.known.astimezone(UTC).replace(tzinfo=None)}
    )
    _Writer(book).write(document)
    book.close()
    return buffer.getvalue()


def column_letter(index: int) -> str:
    """0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class _Writer:
    def __init__(self, book: Any) -> None:
        self.book = book
        self.formats: dict[tuple[Any, ...], Any] = {}
        self.names: set[str] = set()

    def write(self, document: Document) -> None:
        front = self.book.add_worksheet(self._name("Summary"))
        front.set_column(0, 0, 34)
        front.set_column(1, 1, 24)
        front.set_column(2, 2, 60)
        row = 0
        for text, look in (
            (document.title, {"bold": True, "font_size": 16}),
            (f"{document.program_name} ({document.program_code})", {"bold": True}),
            (document.subtitle, {}),
            (f"As of {written.exact(document.as_of, Kind.MOMENT)}", {}),
            (document.freshness, {"font_color": "#5b6472"}),
            (document.inputs_version and f"Inputs: {document.inputs_version}", {"font_color": "#5b6472"}),
        ):
            if text:
                front.write_string(row, 0, plain(text), self._format(**look))
                row += 1
        row += 1
        for section in document.sections:
            front.write_string(row, 0, plain(section.title), self._format(bold=True, font_size=12))
            row += 1
            for block in section.blocks:
                row = self._front_block(front, row, section.title, block)
            row += 1
        for note in document.notes:
            front.write_string(row, 0, plain(note), self._format(font_color="#5b6472"))
            row += 1

    def _front_block(self, front: Any, row: int, title: str, block: Any) -> int:
        if isinstance(block, Paragraph):
            texts = [block.text]
        elif isinstance(block, Points):
            texts = [f"• {item}" for item in block.items]
        elif isinstance(block, Chart):
            texts = [f"{block.caption or 'Chart'}: {block.alt}"]
        elif isinstance(block, KeyFigures):
            for one in block.figures:
                front.write_string(row, 0, plain(one.label))
                column = Column("value", "", one.kind, one.currency, one.places)
                self._value(front, row, 1, one.value, column)
                unit = one.currency if one.kind is Kind.MONEY else ""
                front.write_string(row, 2, plain(" · ".join(part for part in (unit, one.note) if part)))
                row += 1
            return row
        else:
            name = self._table(block, block.caption or title)
            texts = [f"See the sheet “{name}”."]
        for text in texts:
            front.write_string(row, 0, plain(text))
            row += 1
        return row

    def _table(self, table: Table, title: str) -> str:
        name = self._name(title)
        sheet = self.book.add_worksheet(name)
        head = self._format(bold=True, text_wrap=True, bottom=1, bg_color="#eef1f6", valign="top")
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, plain(written.heading(column)), head)
            sheet.set_column(place, place, 34 if column.kind is Kind.TEXT and place == 0 else 18)
        sheet.freeze_panes(1, 1)
        at, first = 1, 1
        for group in table.groups:
            if group.title:
                sheet.write_string(at, 0, plain(group.title), self._format(bold=True))
                at += 1
            began = at
            for row in group.rows:
                for place, (value, column) in enumerate(zip(row.values, table.columns, strict=True)):
                    self._value(sheet, at, place, value, column)
                at += 1
            if group.title and group.rows and table.has_totals:
                self._totals(sheet, at, table, group, f"Subtotal {group.title}", began, at - 1)
                at += 1
        if not any(group.rows for group in table.groups):
            sheet.write_string(at, 0, plain(table.empty))
        elif table.has_totals:
            self._totals(sheet, at, table, None, "Total", first, at - 1)
        if at > 1:
            sheet.autofilter(0, 0, at - 1, len(table.columns) - 1)
        return name

    def _totals(
        self, sheet: Any, at: int, table: Table, group: Group | None, label: str, first: int, last: int
    ) -> None:
        """SUBTOTAL leaves out other subtotals and rows hidden by a filter: totals follow what is shown."""
        rows: list[Row] | None = list(group.rows) if group else None
        named = False
        for place, column in enumerate(table.columns):
            look = {"bold": True, "top": 1}
            if column.total is None:
                sheet.write_string(at, place, "" if named else plain(label), self._format(**look))
                named = True
                continue
            letter = column_letter(place)
            if isinstance(column.total, Ratio):
                of = column_letter(table.place(column.total.of))
                to = column_letter(table.place(column.total.to))
                formula = f'=IF({to}{at + 1}=0,"",{of}{at + 1}/{to}{at + 1})'
            else:
                formula = f"=SUBTOTAL(9,{letter}{first + 1}:{letter}{last + 1})"
            number = _number(table.total(column.key, rows), column)
            cached: Any = "" if number is None else number
            sheet.write_formula(at, place, formula, self._format(num_format=_pattern(column), **look), cached)

    def _value(self, sheet: Any, row: int, place: int, value: Value, column: Column) -> None:
        if value is None:
            sheet.write_blank(row, place, None, self._format(num_format=_pattern(column)))
        elif column.kind is Kind.RAG:
            text = written.exact(value, column.kind)
            look = {"font_color": RAG_COLOURS[str(value)]} if str(value) in RAG_COLOURS else {}
            sheet.write_string(row, place, text, self._format(**look))
        elif isinstance(value, datetime):
            moment = value.astimezone(UTC).replace(tzinfo=None)
            sheet.write_datetime(row, place, moment, self._format(num_format=_pattern(column)))
        elif isinstance(value, date):
            moment = datetime(value.year, value.month, value.day)
            sheet.write_datetime(row, place, moment, self._format(num_format=_pattern(column)))
        elif (number := _number(value, column)) is not None:
            sheet.write_number(row, place, number, self._format(num_format=_pattern(column)))
        else:
            sheet.write_string(row, place, plain(str(value)))

    def _format(self, **look: Any) -> Any:
        key = tuple(sorted(look.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(look)
        return self.formats[key]

    def _name(self, wanted: str) -> str:
        """A sheet name Excel accepts: 31 letters, none of seven signs, none twice."""
        base = FORBIDDEN_IN_SHEET_NAME.sub(" ", plain(wanted)).strip()[:28] or "Sheet"
        name, number = base, 2
        while name.lower() in self.names or name.lower() == "history":
            name, number = f"{base} {number}", number + 1
        self.names.add(name.lower())
        return name


def _number(value: Value, column: Column) -> float | int | None:
    if not isinstance(value, int | Decimal):
        return None
    if column.kind is Kind.MONEY:
        return float(money.to_decimal(int(value), column.currency))
    if column.kind is Kind.PERCENT:
        return float(Decimal(value) / 100)
    return (value if isinstance(value, int) else float(value)) if column.kind is Kind.NUMBER else None


def _pattern(column: Column) -> str:
    decimals = money.exponent(column.currency) if column.kind is Kind.MONEY else column.places
    tail = "." + "0" * decimals if decimals else ""
    return {
        Kind.MONEY: f"#,##0{tail}",
        Kind.NUMBER: f"#,##0{tail}",
        Kind.PERCENT: f"0{tail}%",
        Kind.DATE: "d mmm yyyy",
        Kind.MOMENT: "d mmm yyyy hh:mm",
    }.get(column.kind, "General")
