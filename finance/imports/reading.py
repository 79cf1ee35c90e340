"""A file of actual cost into rows on trial: every row is read, and each fault is told with its row.

Comma, semicolon or tab separated, UTF-8 with or without BOM; or a sheet of a workbook. How dates, amounts and credits
are written, and which column is which, is a setting of the source (`layout.Layout`), never guessed. Rows come one
after the other.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from finance.imports.layout import COLUMNS, DATE_ORDERS, Layout
from finance.imports.workbook import Sheet
from finance.rates.converting import Rates
from finance.structure.csv_text import Lines, find_heading
from finance.structure.models import RESERVES, Category, Nature
from pmo.amount_faults import AmountRefused
from pmo.refusals import Refused
from pmo.workbook_cells import MARK, fault_of

MOST_ROWS = 1_000_000
KEPT = ("invoice ", "reversal ", "plan:", "reclass:")
"""Beginnings of references that the office gives itself: a file that used one could hide a cost, or be hidden by it."""
_WIDTHS = {"source_reference": 115, "project": 60, "activity": 60, "vendor": 200, "text": 400}
_CATEGORIES = frozenset(Category.values) - RESERVES
_NATURES = frozenset(Nature.values)


@dataclass(slots=True)
class Row:
    """One row as read: the line of the file, its texts, what could be made of date and amount, what is wrong."""

    number: int
    cells: dict[str, str]
    day: date | None
    minor: int | None
    problem: str
    exact: Decimal | None = None
    source_currency: str = ""
    source_minor: int | None = None
    rate: Decimal | None = None
    original: list[str] = field(default_factory=list)
    """The cells as they stand in the file."""


def default_mapping(headings: list[str]) -> dict[str, str]:
    """Our column -> the file's heading, for those named as ours are (in any case)."""
    known = {name.lower().replace(" ", "_"): name for name in headings}
    return {column: known[column] for column in COLUMNS if column in known}


class Reader:
    """Reads the rows of one file, or of one table of its corrected rows, by a layout and the program's rates."""

    def __init__(self, layout: Layout, rates: Rates, headings: list[str]) -> None:
        """Raises Refused when a needed column is missing, or a heading stands there twice."""
        lost = [c for c, name in layout.columns.items() if name not in headings]
        missing = [*layout.missing(), *(c for c in lost if c not in layout.defaults)]
        missing += [name for name in layout.reference if name not in headings]
        if missing:
            raise Refused(f"Row 1: there is no column for {', '.join(missing)}.", field="file")
        twice = sorted({name for name in headings if name in layout.headings and headings.count(name) > 1})
        if twice:
            raise Refused(f"Row 1: the heading {twice[0]} occurs twice.", field="file")
        self.layout, self.rates, self.headings = layout, rates, headings
        self._place = {c: headings.index(name) for c, name in layout.columns.items() if name in headings}
        self._reference = [headings.index(name) for name in layout.reference]

    @property
    def places(self) -> Mapping[str, int]:
        """Our column -> its place in the file's rows."""
        return self._place

    def marked(self, number: int, cells: list[str]) -> Row:
        """One row in which cells of a workbook may be marked: they have a fault of their own."""
        used = {*self._place.values(), *self._reference}
        wrong = [at for at in used if at < len(cells) and cells[at].endswith(MARK)]
        if not wrong:
            return self.row(number, cells)
        row = self.row(number, [cell.rstrip(MARK) for cell in cells])
        told = "; ".join(f"{fault_of(cells[at])} ({self.headings[at][:40]})" for at in sorted(wrong))
        row.problem, row.original = f"{told[:1].upper()}{told[1:]}"[:399] + ".", cells
        return row

    def row(self, number: int, cells: list[str]) -> Row:
        """One row, with its faults in one sentence."""
        if len(cells) != len(self.headings):
            empty = dict.fromkeys(COLUMNS, "")
            problem = f"The row has {len(cells)} cells; the heading has {len(self.headings)}."
            return Row(number, empty, None, None, problem, original=cells)
        layout = self.layout
        texts = layout.texts(cells, self._place)
        texts["source_reference"] = layout.reference_of(cells, self._reference, texts["source_reference"])
        row = Row(number, texts, layout.day(texts["date"]), None, "", original=cells)
        faults = _faults(row, texts, layout)
        try:
            _amount(row, texts, layout, self.rates)
        except AmountRefused as refused:
            faults.append(refused.message.rstrip("."))
        if faults:
            problem = "; ".join(faults)
            row.problem = (problem[:1].upper() + problem[1:] + ".")[:400]
        return row


def rows(lines: Lines, layout: Layout, rates: Rates) -> tuple[Reader, Iterator[Row]]:
    """The reader of a file and its rows; blank ones are left out. Raises Refused where it is not such a table."""
    source = iter(lines)
    headings, separator = find_heading(source, layout.headings)
    reader = Reader(layout, rates, headings)
    return reader, _rows(lines, source, separator, reader)


def sheet_rows(sheet: Sheet, layout: Layout, rates: Rates) -> tuple[Reader, Iterator[Row]]:
    """As `rows`, of a sheet of a workbook."""
    reader = Reader(layout, rates, sheet.heading(layout.headings))
    width = len(reader.headings)

    def found() -> Iterator[Row]:
        for count, row in enumerate(sheet, 1):
            _bounded(count)
            yield reader.marked(row.number, row.cells + [""] * (width - len(row.cells)))

    return reader, found()


def _bounded(count: int) -> None:
    if count > MOST_ROWS:
        raise Refused(f"A file can have at most {MOST_ROWS:,} rows.", field="file")


def _rows(lines: Lines, source: Iterator[str], separator: str, reader: Reader) -> Iterator[Row]:
    table = csv.reader(source, delimiter=separator, strict=True)
    count = 0
    try:
        for cells in table:
            if not any(cell.strip() for cell in cells):
                continue
            count += 1
            _bounded(count)
            yield reader.row(lines.number, cells)
    except csv.Error as error:
        raise Refused(f"Row {lines.number}: this is not a table ({error}).", field="file") from None


def _faults(row: Row, texts: dict[str, str], layout: Layout) -> list[str]:
    """What is wrong with the texts and the day; unprintable and overlong texts are cut to what can be kept."""
    faults = [
        f"{column.replace('_', ' ')} is missing"
        for column in ("source_reference", "project")
        if not texts[column]
    ]
    if texts["source_reference"].lower().startswith(KEPT):
        faults.append("source references beginning like this one are the office's own")
    for column, longest in _WIDTHS.items():
        text = texts[column]
        if not text:
            continue
        if len(text) > longest:
            faults.append(f"{column.replace('_', ' ')} has more than {longest} characters")
            texts[column] = text = text[:longest]
        if not text.isprintable():
            faults.append(f"{column.replace('_', ' ')} has characters that cannot be printed")
            texts[column] = "".join(c for c in text if c.isprintable())
    texts["category"], texts["nature"] = texts["category"].lower(), texts["nature"].lower()
    if texts["category"] not in _CATEGORIES:
        faults.append(f"“{texts['category'][:20]}” is not a cost category")
        texts["category"] = ""
    if texts["nature"] not in _NATURES:
        faults.append(f"“{texts['nature'][:20]}” is neither capital nor operating")
        texts["nature"] = ""
    if row.day is None:
        faults.append(f"“{texts['date'][:20]}” is not a date such as {DATE_ORDERS[layout.date_order]}")
    return faults


def _amount(row: Row, texts: Mapping[str, str], layout: Layout, rates: Rates) -> None:
    """The row's amount in the program's currency, by the rate of its day where it is in another one."""
    currency = texts["currency"].upper() or rates.currency
    told = layout.amount(texts["amount"], currency)
    if currency == rates.currency:
        row.minor, row.exact = told, Decimal(told)
        return
    if row.day is None:
        return  # which has its own fault
    rate = rates.on(currency, row.day)
    if rate is None:
        raise AmountRefused(f"there is no exchange rate of {currency} on or before {row.day}")
    made = rates.convert(told, currency, rate)
    row.minor, row.exact = made.minor, made.exact
    row.source_currency, row.source_minor, row.rate = currency, told, rate
