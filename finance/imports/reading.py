"""A file of actual cost into rows on trial: every row is read, and each fault is told with its row.

Comma or semicolon separated, UTF-8 with or without BOM, one heading line. Amounts are major units of the
program's currency, written like 1234.50; below zero is a credit.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

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

    @property
    def exact(self) -> Decimal | None:
        return None if self.minor is None else Decimal(self.minor)


def decode(content: bytes) -> str:
    """The file's text. Raises Refused, with the place, for anything that is not UTF-8 text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise Refused(
            f"Row {row} is not in UTF-8. Please save the file as CSV (UTF-8).", field="file"
        ) from None
    if "\x00" in text:
        raise Refused("This is not a CSV file: it contains zero bytes.", field="file")
    return text


def heading(text: str) -> tuple[list[str], str]:
    """The headings of the first line and the separator. Raises Refused for an empty file."""
    first = text.partition("\n")[0].rstrip("\r")
    if not first.strip():
        raise Refused("The file is empty: its first line names the columns.", field="file")
    separator = max(",;\t", key=first.count)
    return [name.strip() for name in next(csv.reader([first], delimiter=separator))], separator


def default_mapping(headings: list[str]) -> dict[str, str]:
    """Our column -> the file's heading, for those named as ours are (in any case)."""
    known = {name.lower().replace(" ", "_"): name for name in headings}
    return {column: known[column] for column in COLUMNS if column in known}


def rows(text: str, mapping: Mapping[str, str], currency: str) -> Iterator[Row]:
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
                yield _row(reader.line_num, cells, place, len(headings), currency)
    except csv.Error as error:
        raise Refused(f"Row {reader.line_num}: this is not a table ({error}).", field="file") from None


def _row(number: int, cells: list[str], place: Mapping[str, int], width: int, currency: str) -> Row:
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
    if texts["currency"] and texts["currency"].upper() != currency:
        faults.append(f"the currency is {texts['currency'][:10]}, the program's is {currency}")
    day = _day(texts["date"])
    if day is None:
        faults.append(f"“{texts['date'][:20]}” is not a date such as 2026-11-30")
    minor = None
    try:
        minor = parse_amount(texts["amount"], currency, signed=True)
    except AmountRefused as refused:
        faults.append(refused.message.rstrip("."))
    problem = "; ".join(faults)
    return Row(number, texts, day, minor, (problem[:1].upper() + problem[1:] + ".")[:400] if faults else "")


def _day(text: str) -> date | None:
    if len(text) != 10:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None
