"""A file of actual cost into rows on trial: every row is read, and each fault is told with its row.

Comma or semicolon separated, UTF-8 with or without BOM, one heading line. Amounts are major units of the row's
currency (else the program's), written like 1234.50; below zero is a credit.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from finance.rates.converting import Rates
from finance.structure.csv_text import heading
from finance.structure.models import RESERVES, Category, Nature
from pmo.money import AmountRefused, parse_amount
from pmo.refusals import Refused

COLUMNS = (
    "source_reference",
    "project",
    "activity",
    "category",
    "nature",
    "date",
    "amount",
    "currency",
    "vendor",
    "text",
)
OPTIONAL = frozenset({"activity", "vendor", "text", "currency"})
MOST_ROWS = 1_000_000
LONGEST_LINE = 64_000
_WIDTHS = {"source_reference": 120, "project": 60, "activity": 60, "vendor": 200, "text": 400}
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


def default_mapping(headings: list[str]) -> dict[str, str]:
    """Our column -> the file's heading, for those named as ours are (in any case)."""
    known = {name.lower().replace(" ", "_"): name for name in headings}
    return {column: known[column] for column in COLUMNS if column in known}


def rows(text: str, mapping: Mapping[str, str], rates: Rates) -> Iterator[Row]:
    """The rows of the file by our columns, each with its fault if it has one; blank lines are left out.

    Raises Refused when a needed column is missing or the file is not a table.
    """
    headings, separator = heading(text)
    missing = [c for c in COLUMNS if c not in OPTIONAL and mapping.get(c) not in headings]
    if missing:
        names = ", ".join(missing)
        raise Refused(f"Row 1: there is no column for {names}.", field="file")
    twice = sorted({name for name in headings if name and headings.count(name) > 1})
    if twice:
        raise Refused(f"Row 1: the heading {twice[0]} occurs twice.", field="file")
    place = {column: headings.index(name) for column, name in mapping.items() if name in headings}
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        next(reader)
        for count, cells in enumerate(reader, 1):
            if count > MOST_ROWS:
                raise Refused(f"A file can have at most {MOST_ROWS:,} rows.", field="file")
            if any(cell.strip() for cell in cells):
                yield _row(reader.line_num, cells, place, len(headings), rates)
    except csv.Error as error:
        raise Refused(f"Row {reader.line_num}: this is not a table ({error}).", field="file") from None


def _row(number: int, cells: list[str], place: Mapping[str, int], width: int, rates: Rates) -> Row:
    if len(cells) != width:
        empty = dict.fromkeys(COLUMNS, "")
        return Row(number, empty, None, None, f"The row has {len(cells)} cells; the heading has {width}.")
    texts = {column: cells[place[column]].strip() if column in place else "" for column in COLUMNS}
    faults = [
        f"{column.replace('_', ' ')} is missing"
        for column in ("source_reference", "project")
        if not texts[column]
    ]
    for column, longest in _WIDTHS.items():
        if len(texts[column]) > longest:
            faults.append(f"{column.replace('_', ' ')} has more than {longest} characters")
            texts[column] = texts[column][:longest]
        if texts[column] and not texts[column].isprintable():
            faults.append(f"{column.replace('_', ' ')} has characters that cannot be printed")
            texts[column] = "".join(c for c in texts[column] if c.isprintable())
    texts["category"], texts["nature"] = texts["category"].lower(), texts["nature"].lower()
    if texts["category"] not in _CATEGORIES:
        faults.append(f"“{texts['category'][:20]}” is not a cost category")
        texts["category"] = ""
    if texts["nature"] not in _NATURES:
        faults.append(f"“{texts['nature'][:20]}” is neither capital nor operating")
        texts["nature"] = ""
    day = _day(texts["date"])
    if day is None:
        faults.append(f"“{texts['date'][:20]}” is not a date such as 2026-11-30")
    row = Row(number, texts, day, None, "")
    try:
        _amount(row, texts, rates)
    except AmountRefused as refused:
        faults.append(refused.message.rstrip("."))
    if faults:
        problem = "; ".join(faults)
        row.problem = (problem[:1].upper() + problem[1:] + ".")[:400]
    return row


def _amount(row: Row, texts: Mapping[str, str], rates: Rates) -> None:
    """The row's amount in the program's currency, by the rate of its day where it is in another one."""
    currency = texts["currency"].upper() or rates.currency
    told = parse_amount(texts["amount"], currency, signed=True)
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


def _day(text: str) -> date | None:
    if len(text) != 10:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None
