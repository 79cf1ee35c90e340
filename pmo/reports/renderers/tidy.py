"""A document's figures as CSV, one a line: whatever the tables look like, the file always has these columns.

Amounts are in major units with every digit, days and instants in ISO form; totals are left out, since they are sums of
the lines. A spreadsheet's pivot table, or three lines of a program, put any of its tables together again.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

from pmo.money import to_decimal
from pmo.reports.document import Column, Document, KeyFigures, Kind, Table, Value
from pmo.sheets import comma_separated

HEADS: Final = ("section", "table", "group", "row", "figure", "value", "unit")


def render(document: Document) -> bytes:
    """The file's bytes, UTF-8."""
    return comma_separated(HEADS, _rows(document)).encode()


def _rows(document: Document) -> Iterator[list[Any]]:
    for section in document.sections:
        for block in section.blocks:
            if isinstance(block, KeyFigures):
                for one in block.figures:
                    column = Column(one.label, one.label, one.kind, one.currency, one.places)
                    yield [section.title, "", "", "", one.label, _plain(one.value, column), _unit(column)]
            elif isinstance(block, Table):
                yield from _table(section.title, block)


def _table(section: str, table: Table) -> Iterator[list[Any]]:
    words = [place for place, column in enumerate(table.columns) if column.kind is Kind.TEXT]
    for group in table.groups:
        for row in group.rows:
            name = " · ".join(str(row.values[place]) for place in words if row.values[place])
            for place, column in enumerate(table.columns):
                if column.kind is not Kind.TEXT and row.values[place] is not None:
                    value = _plain(row.values[place], column)
                    yield [section, table.caption, group.title, name, column.title, value, _unit(column)]


def _plain(value: Value, column: Column) -> Any:
    if column.kind is Kind.MONEY and isinstance(value, int):
        return to_decimal(value, column.currency)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _unit(column: Column) -> str:
    return column.currency if column.kind is Kind.MONEY else "%" if column.kind is Kind.PERCENT else ""
