"""A cut as a table of a document: for the files beside the page, and for the report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from finance.spend.cuts import Cut
from finance.spend.figures import Line
from finance.spend.table import columns, heads, title, value
from pmo.money import to_decimal
from pmo.reports.document import SUM, Column, Group, Kind, Ratio, Row, Table

BRIEF = frozenset({"budget", "actual", "left"})
"""What a mail has room for."""


def shown(cut: Cut) -> list[str]:
    """The figures of a file: those of the page, and what the percentage is made of."""
    return [part for name in columns(cut) for part in (("used", "used_minor") if name == "used" else (name,))]


Address = Callable[[Line, Line | None], str]
"""Where the rows under a line (and one of its parts) are listed."""


def nowhere(line: Line, part: Line | None) -> str:
    """No address: the file leads nowhere."""
    return ""


def table(cut: Cut, currency: str, *, caption: str = "", address: Address = nowhere) -> Table:
    """The cut with totals to be worked out by the renderer (a workbook: live formulas); groups where cut twice."""
    words = [Column(name, head) for name, head in zip(("first", "second"), heads(cut.question), strict=False)]
    figures = [_column(name, currency) for name in shown(cut)]
    groups: tuple[Group, ...]
    if cut.question.then:
        groups = tuple(
            Group(
                tuple(_row(cut, part, address(line, part), line.label, part.label) for part in line.parts),
                line.label,
            )
            for line in cut.lines
        )
    else:
        groups = (Group(tuple(_row(cut, line, address(line, None), line.label) for line in cut.lines)),)
    return Table((*words, *figures), groups, caption=caption, empty="No money has been granted or spent yet.")


def flat(cut: Cut, currency: str) -> tuple[list[str], Iterator[list[Any]]]:
    """Headings and rows for a CSV file: amounts in major units, without totals."""
    names = shown(cut)
    head = [*heads(cut.question), *(_title(name) for name in names)]

    def row(line: Line, *words: str) -> list[Any]:
        return [*words, *(_plain(name, _value(cut, line, name), currency) for name in names)]

    rows = (
        row(part, line.label, part.label) if cut.question.then else row(part, part.label)
        for line in cut.lines
        for part in (line.parts if cut.question.then else [line])
    )
    return head, rows


def _title(name: str) -> str:
    return "Committed, accrued, actual" if name == "used_minor" else title(name)


def _column(name: str, currency: str) -> Column:
    if name == "used":
        return Column(name, _title(name), Kind.PERCENT, total=Ratio("used_minor", "budget"))
    if name == "share":
        return Column(name, _title(name), Kind.PERCENT, places=1)
    return Column(name, _title(name), Kind.MONEY, currency=currency, total=SUM, brief=name in BRIEF)


def _value(cut: Cut, line: Line, name: str) -> Any:
    if name == "used_minor":
        return line.used
    found = value(cut, line, name)
    return round(found) if name in ("used", "share") and found is not None else found


def _row(cut: Cut, line: Line, href: str, *words: str) -> Row:
    return Row((*words, *(_value(cut, line, name) for name in shown(cut))), href)


def _plain(name: str, found: Any, currency: str) -> Any:
    return found if found is None or name in ("used", "share") else to_decimal(found, currency)
