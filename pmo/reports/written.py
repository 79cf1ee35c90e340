"""A document's figures in letters, the same for page, PDF and mail: exact where there is room, short on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from pmo import formats, money
from pmo.reports.document import Chart, Column, Group, KeyFigure, Kind, Row, Table, Value

RIGHT = {Kind.MONEY, Kind.NUMBER, Kind.PERCENT}


def exact(value: Value, kind: Kind, *, currency: str = "", places: int = 0) -> str:
    """Every digit, without the currency (the heading or the label names it)."""
    if value is None or value == "":
        return formats.UNKNOWN if kind is not Kind.TEXT else ""
    if kind is Kind.MONEY and isinstance(value, int):
        return money.format_exact(value, currency).rpartition(" ")[0].replace("-", formats.MINUS, 1)
    if kind is Kind.NUMBER and isinstance(value, int | Decimal):
        return formats.number(value, places)
    if kind is Kind.PERCENT and isinstance(value, int | Decimal):
        return formats.percent(value, places)
    if kind is Kind.MOMENT and isinstance(value, datetime):
        return f"{formats.moment(value, UTC)} UTC"
    if kind is Kind.DATE and isinstance(value, date):
        return formats.day(value)
    if kind is Kind.RAG:
        state = str(value).lower()
        return f"{formats.RAG_SHAPES.get(state, '○')} {formats.RAG_WORDS.get(state, 'Not rated')}"
    return str(value)


def short(value: Value, kind: Kind, *, currency: str = "", places: int = 0) -> str:
    """Like `exact`, but money as `26.2M`."""
    if kind is Kind.MONEY and isinstance(value, int):
        return formats.money_text(value, currency, unit=False)
    return exact(value, kind, currency=currency, places=places)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure ready to be shown: `text` by the medium's measure, `exact` for the title."""

    text: str
    exact: str
    right: bool
    kind: Kind
    value: Value
    label: str = ""  # its column, for where a line is read on its own


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: a heading (`group`), an ordinary `row`, a `subtotal` or the `total`."""

    role: str
    cells: tuple[Cell, ...]
    href: str = ""


def heading(column: Column) -> str:
    """The column's title with its unit."""
    return f"{column.title} ({column.currency})" if column.kind is Kind.MONEY else column.title


def lines(table: Table, *, brief: bool) -> Iterator[Line]:
    """Every line from the first group's heading to the total; `brief` writes money short."""
    for group in table.groups:
        if group.title:
            yield Line("group", (_label(group.title),))
        for row in group.rows:
            yield Line("row", _cells(table, row, brief=brief), row.href)
        if group.title and table.has_totals and group.rows:
            yield Line("subtotal", _totals(table, group, f"Subtotal {group.title}", brief=brief))
    if table.has_totals:
        yield Line("total", _totals(table, None, "Total", brief=brief))


def figure(one: KeyFigure) -> Cell:
    """A key figure, money short with its currency."""
    text = short(one.value, one.kind, currency=one.currency, places=one.places)
    full = exact(one.value, one.kind, currency=one.currency, places=one.places)
    if one.kind is Kind.MONEY and one.value is not None:
        text, full = f"{text}{formats.GAP}{one.currency}", f"{full}{formats.GAP}{one.currency}"
    return Cell(text, full, False, one.kind, one.value)


def picture(chart: Chart) -> str:
    """The chart's SVG with the product's font where it names none (in a PDF or an image no style sheet helps)."""
    head, gap, rest = chart.svg.partition(">")
    return (
        chart.svg
        if "font-family" in head
        else f'{head} font-family="Inter, system-ui, sans-serif"{gap}{rest}'
    )


def _label(text: str) -> Cell:
    return Cell(text, text, False, Kind.TEXT, text)


def _cell(value: Value, column: Column, *, brief: bool) -> Cell:
    full = exact(value, column.kind, currency=column.currency, places=column.places)
    text = short(value, column.kind, currency=column.currency, places=column.places) if brief else full
    return Cell(text, full, column.kind in RIGHT, column.kind, value, column.title)


def _cells(table: Table, row: Row, *, brief: bool) -> tuple[Cell, ...]:
    return tuple(
        _cell(value, column, brief=brief) for value, column in zip(row.values, table.columns, strict=True)
    )


def _totals(table: Table, group: Group | None, label: str, *, brief: bool) -> tuple[Cell, ...]:
    """The label goes into the first column that is not totalled (the first one, as a rule)."""
    rows = list(group.rows) if group else None
    cells: list[Cell] = []
    named = False
    for column in table.columns:
        if column.total:
            cells.append(_cell(table.total(column.key, rows), column, brief=brief))
        else:
            cells.append(_label("" if named else label))
            named = True
    return tuple(cells)
