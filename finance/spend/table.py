"""The table of a cut: what it shows of each line, as cells of a page (each figure a link to its rows) and of a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from finance.ledger.choice import OWN
from finance.spend.adding import NOT_BY_LINE
from finance.spend.asking import CUTS, NO_VENDOR, Question
from finance.spend.cuts import Cut
from finance.spend.figures import TITLES, Line
from pmo import formats
from programs.portfolio.models import Program

PER_PAGE = 100
KEPT = ("project", "category", "nature", "vendor", "from", "to", "at", "known")
"""What of the address narrows the money, and so belongs to every figure's own address."""
ACCOUNTS = {
    "budget": "budget",
    "reserved": "reserve",
    "committed": "committed",
    "accrued": "accrued",
    "actual": "spent",
    "left": "available",
    "unfunded": "unfunded",
}
"""Figure -> what the register of entries calls its accounts."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: at level 0 or 1, its place in the cut, its figures."""

    line: Line
    level: int
    keys: tuple[tuple[str, Any], ...]


def columns(cut: Cut) -> list[str]:
    """The figures that are shown: only cost is known by vendor, forecasts only of projects, and so on."""
    if cut.question.costs_only:
        return ["actual", "share"]
    shown = ["budget", "reserved", "committed", "accrued", "actual", "left"]
    if any(line.unfunded for line in cut.lines):
        shown.append("unfunded")
    shown.append("used")
    if cut.question.by == "project" and cut.total.forecast is not None:
        shown += ["forecast", "variance"]
    return shown


def title(name: str) -> str:
    """The heading of a figure."""
    return "Share of cost" if name == "share" else TITLES[name]


def count(cut: Cut) -> int:
    """How many rows that are."""
    return sum(1 + len(line.parts) for line in cut.lines)


def window(cut: Cut, first: int, last: int) -> Iterator[Row]:
    """The rows from `first` up to, not including, `last`: the others are not made."""
    by, then = cut.question.by, cut.question.then
    touched: list[tuple[int, Line]] = []
    at = 0
    for line in cut.lines:
        if at >= last:
            break
        if at + len(line.parts) >= first:
            touched.append((at, line))
        at += 1 + len(line.parts)
    cut.fill([line for _, line in touched])
    for at, line in touched:
        if first <= at:
            yield Row(line, 0, ((by, line.key),))
        for part in line.parts[max(0, first - at - 1) : last - at - 1]:
            yield Row(part, 1, ((by, line.key), (then, part.key)))


def value(cut: Cut, line: Line, name: str) -> int | float | None:
    """A figure of a line: minor units, or percent."""
    match name:
        case "used":
            return line.used_percent()
        case "share":
            return 100 * line.actual / cut.total.actual if cut.total.actual else None
        case "variance":
            return cut.variance if line is cut.total else line.variance
    found: int | None = getattr(line, name)
    return found


def address_of(cut: str, key: Any, names: dict[int, str]) -> dict[str, str]:
    """The parameters that narrow an address to one key of a cut."""
    match cut:
        case "project":
            return {"project": names.get(key, OWN)}
        case "period":
            return {"from": key, "to": key}
        case "vendor":
            return {"vendor": key or NO_VENDOR}
    return {cut: str(key)}


class Page:
    """The table as HTML, in Python: several hundred linked figures of a template cost more than their query."""

    def __init__(self, request: HttpRequest, program: Program, cut: Cut, names: dict[int, str]) -> None:
        self.cut, self.names, self.currency = cut, names, program.currency
        self.shown = columns(cut)
        self.kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
        self.here = request.path
        self.entries = reverse("finance:entries", kwargs={"code": program.code})
        self.costs = reverse("finance:cost-lines", kwargs={"code": program.code})

    def head(self) -> list[str]:
        """The headings of the figures."""
        return [title(name) for name in self.shown]

    def body(self, shown: list[Row]) -> SafeString:
        """The lines of one page of the table."""
        return mark_safe("\n".join(self._row(row) for row in shown))  # noqa: S308 - escaped cell by cell

    def foot(self) -> SafeString:
        """The total of all lines, whatever page is shown."""
        cells = self._cells(self.cut.total, self.kept, linked=True)
        return mark_safe(f'<tr class="total"><th scope="row">Total</th>{cells}</tr>')  # noqa: S308

    def _row(self, row: Row) -> str:
        narrowed = dict(self.kept)
        linked = True
        for cut, key in row.keys:
            linked = linked and key != NOT_BY_LINE
            narrowed |= address_of(cut, key, self.names)
        words: str = escape(row.line.label)
        if linked and (deeper := self._deeper(narrowed)):
            words = f'<a href="{escape(deeper)}">{words}</a>'
        head = f'<th scope="row">{words}</th>'
        kind = ' class="part"' if row.level else ' class="group"' if self.cut.question.then else ""
        return f"<tr{kind}>{head}{self._cells(row.line, narrowed, linked=linked)}</tr>"

    def _deeper(self, narrowed: dict[str, str]) -> str:
        """This page for the line alone, cut by the next thing that is not yet chosen."""
        taken = {"period" if name in ("from", "to") else name for name in narrowed}
        further = next((one for one in CUTS if one not in taken), "")
        return f"{self.here}?{urlencode(narrowed | {'by': further})}" if further else ""

    def _cells(self, line: Line, narrowed: dict[str, str], *, linked: bool) -> str:
        words = urlencode(narrowed)
        cells = []
        for name in self.shown:
            amount = value(self.cut, line, name)
            bad = (name in ("left", "variance") and (amount or 0) < 0) or (name == "unfunded" and amount)
            if name in ("used", "share"):
                text = formats.percent(amount)
            else:
                text = formats.money_short(
                    None if amount is None else int(amount), self.currency, sign=name == "variance"
                )
            if linked and amount and name in ACCOUNTS:
                # Costs of a vendor are lines; without one, what no line tells belongs to the figure too.
                by_line = "vendor" in narrowed
                base = f"{self.costs}?" if by_line else f"{self.entries}?account={ACCOUNTS[name]}&"
                text = f'<a href="{escape(base + words)}">{text}</a>'
            css = "num bad" if bad else "num"
            cells.append(f'<td class="{css}" data-label="{escape(title(name))}">{text}</td>')
        return "".join(cells)


def heads(question: Question) -> list[str]:
    """What the rows are called: one heading, or two."""
    return [CUTS[question.by], *([CUTS[question.then]] if question.then else [])]
