"""A report as values: what the page, the PDF, the workbook and the mail all show, so that their figures are the same.

A builder returns one `Document`; the renderers lay it out. Only plain text goes in: every renderer escapes. Units:
money in minor units (int) with the column's currency; percent 0 to 100; dates as `date`, instants as aware
`datetime`. An unknown figure is None and is shown as an em dash, never as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | datetime | None
Progress = Callable[[str, int], None]
"""`progress("Adding up the ledger", 40)`: the step a person reads and how far the whole is, 0 to 100."""


class Kind(StrEnum):
    """What a figure is, hence how every renderer writes it."""

    TEXT = "text"  # str
    MONEY = "money"  # int, minor units of the currency
    NUMBER = "number"  # int or Decimal, shown with `places` decimals
    PERCENT = "percent"  # int or Decimal, 0 to 100, shown with `places` decimals
    DATE = "date"  # date
    MOMENT = "moment"  # aware datetime, shown in UTC
    RAG = "rag"  # "green", "amber", "red" or None (not rated)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A total that is not a sum: `100 * total(of) / total(to)` in a percent column, `total(of) / total(to)` else."""

    of: str
    to: str


SUM = "sum"
Total = str | Ratio | None
"""SUM (money and numbers), a Ratio of two summed columns, or None: no total in this column."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; `currency` is needed for money, `places` counts decimals of numbers and percents.

    `brief` keeps the column in a mail, where a wide table shows at most four (its first four if none is marked).
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    currency: str = ""
    places: int = 0
    total: Total = None
    brief: bool = False

    def __post_init__(self) -> None:
        if self.kind is Kind.MONEY and not self.currency:
            raise ValueError(f"the money column {self.key!r} names no currency")
        if self.total == SUM and self.kind not in (Kind.MONEY, Kind.NUMBER):
            raise ValueError(f"the column {self.key!r} of {self.kind} cannot be summed")


@dataclass(frozen=True, slots=True)
class Row:
    """The values of one row, in the order of the columns; `href` is a path of this site that shows its sources."""

    values: tuple[Value, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading, with a subtotal; a group without a title is just rows."""

    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose subtotals and total the renderers work out alike (the workbook: as live formulas)."""

    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    caption: str = ""
    empty: str = "Nothing to show."

    def __post_init__(self) -> None:
        width, keys = len(self.columns), {column.key for column in self.columns}
        if len(keys) != width:
            raise ValueError("two columns of a table have the same key")
        for column in self.columns:
            if isinstance(column.total, Ratio) and not {column.total.of, column.total.to} <= keys:
                raise ValueError(f"the total of {column.key!r} refers to a column that is not there")
        for row in self.rows():
            if len(row.values) != width:
                raise ValueError(f"a row has {len(row.values)} values for {width} columns: {row.values!r}")

    def rows(self) -> Iterator[Row]:
        """Every row of every group."""
        for group in self.groups:
            yield from group.rows

    @property
    def has_totals(self) -> bool:
        """Whether any column is totalled (and there is a row to total)."""
        return any(column.total for column in self.columns) and any(group.rows for group in self.groups)

    def place(self, key: str) -> int:
        """The position of a column. Raises KeyError."""
        for position, column in enumerate(self.columns):
            if column.key == key:
                return position
        raise KeyError(key)

    def total(self, key: str, rows: Sequence[Row] | None = None) -> Value:
        """A column's total over `rows` (default: all): a sum that skips unknown values, or its ratio of sums.

        None where nothing is known or the divisor is zero.
        """
        column = self.columns[self.place(key)]
        among = list(self.rows()) if rows is None else rows
        if isinstance(column.total, Ratio):
            of, to = self._sum(column.total.of, among), self._sum(column.total.to, among)
            if of is None or not to:
                return None
            return Decimal(of) * (100 if column.kind is Kind.PERCENT else 1) / Decimal(to)
        return self._sum(key, among) if column.total == SUM else None

    def _sum(self, key: str, rows: Sequence[Row]) -> int | Decimal | None:
        place = self.place(key)
        known = [row.values[place] for row in rows if isinstance(row.values[place], int | Decimal)]
        return sum(known) if known else None  # type: ignore[arg-type]


def table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Value] | Row],
    *,
    caption: str = "",
    empty: str = "Nothing to show.",
) -> Table:
    """A table without groups from plain sequences of values."""
    made = tuple(row if isinstance(row, Row) else Row(tuple(row)) for row in rows)
    return Table(tuple(columns), (Group(made),), caption=caption, empty=empty)


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """One figure to be seen first, with what it means (`note`) and, where rated, its colour and where it comes from."""

    label: str
    value: Value
    kind: Kind = Kind.TEXT
    currency: str = ""
    places: int = 0
    note: str = ""
    rag: str = ""
    href: str = ""

    def __post_init__(self) -> None:
        if self.kind is Kind.MONEY and not self.currency:
            raise ValueError(f"the key figure {self.label!r} names no currency")


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """A row of key figures (four to six read best)."""

    figures: tuple[KeyFigure, ...]


class Tone(StrEnum):
    PLAIN = "plain"
    MUTED = "muted"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Plain text; a blank line begins a new paragraph."""

    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Points:
    """A list of short statements in plain text."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: one standalone SVG (own xmlns, width, height, explicit colours; no script, no outside reference).

    `alt` says in words what is to be seen. Mails leave charts out and show `alt` and the tables instead.
    """

    svg: str
    alt: str
    caption: str = ""

    def __post_init__(self) -> None:
        if not self.alt.strip():
            raise ValueError("a chart without words is invisible to some readers: give it an alt text")
        if "xmlns=" not in self.svg[:300]:
            raise ValueError("a chart must be a standalone SVG with its xmlns")


Block = Paragraph | Points | KeyFigures | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what belongs under it; `page_break` begins a new page of the PDF."""

    title: str
    blocks: tuple[Block, ...]
    page_break: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    `freshness` is the line under the title that says how current the data is and whether it reconciles.
    `inputs_version` names the versions of the inputs (plan, ledger ...) that the figures were computed from. `notes`
    stand small at the end (method, chain head). `summary` opens the mail, before the first section.
    """

    title: str
    program_code: str
    program_name: str
    as_of: datetime
    known: datetime
    sections: tuple[Section, ...]
    subtitle: str = ""
    wide: bool = False
    """On A3 sheets lying on their long side, with pictures as wide as the sheet: for drawings, not for text."""
    freshness: str = ""
    inputs_version: str = ""
    summary: str = ""
    notes: tuple[str, ...] = ()
