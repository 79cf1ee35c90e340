"""A budget version as a sheet: its lines by fiscal year and month, every sum computed here, cells ready to print."""

from __future__ import annotations

from calendar import month_abbr
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from finance.budgets.lines import Cell, Problem
from finance.budgets.models import Budget
from finance.budgets.selectors import Grid, GridRow
from finance.structure import periods
from finance.structure.fiscal import FiscalYear, begins, span
from finance.structure.models import RESERVES, Category, FiscalPeriod, Nature
from pmo.formats import MINUS
from pmo.money import format_exact, format_plain, to_decimal
from programs.portfolio.models import Program

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was typed and not saved: the text of each cell, and why not where it is that cell's fault."""

    typed: Mapping[Cell, str]
    problems: Mapping[Cell, Problem]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Which fiscal years are shown, which of them month by month, and the rows."""

    years: list[FiscalYear]
    opened: frozenset[int]
    rows: list[GridRow]
    currency: str
    closed: frozenset[str] = frozenset()
    saved: frozenset[Cell] = frozenset()
    refusal: Refusal | None = None
    more: dict[str, Any] = field(default_factory=dict)

    def months(self, year: FiscalYear) -> tuple[str, ...]:
        """The months of a year that have columns of their own."""
        return year.periods if year.begins in self.opened else ()


def exact(minor: int, currency: str) -> str:
    """`12,300` or `12,300.50`: every digit, without a part that is nothing; the currency is said once above."""
    text = format_exact(minor, currency).rpartition(" ")[0].replace("-", MINUS)
    whole, point, part = text.partition(".")
    return whole if point and not part.strip("0") else text


def offered(found: Budget) -> list[Key]:
    """The rows that can be filled in: a project's cost lines, or the program's reserves."""
    mine = [
        one
        for one in Category.values
        if (one in RESERVES) == (found.project_id is None) or one == Category.CONTINGENCY
    ]
    return [(category, nature) for category in mine for nature in Nature.values]


def years_of(
    grid: Grid, program: Program, query: Mapping[str, str], today: date
) -> tuple[list[FiscalYear], frozenset[int]]:
    """The fiscal years to show and those opened, by the address (`since`, `until`, `open`).

    By default: from the first to the last line (of an empty version: the program's first year), with the year of
    today opened, or the first one where today lies outside.
    """
    start = program.fiscal_year_start_month
    codes = grid.periods or [periods.code_of(periods.local_day(program, program.starts_at))]
    years = span(codes, start, since=_number(query.get("since")), until=_number(query.get("until")))
    there = {year.begins for year in years}
    asked = query.get("open")
    if asked is not None:
        return years, frozenset(there & {_number(one) for one in asked[:120].split(".")})
    now = begins(periods.code_of(today), start)
    return years, frozenset({now if now in there else years[0].begins})


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) == 4 else 0


def lines_of(found: Budget, grid: Grid, *, editable: bool) -> list[GridRow]:
    """The rows of the sheet: all that can be filled in, or those that have an amount."""
    by_key = {(row.category, row.nature): row for row in grid.rows}
    keys = offered(found) if editable else list(by_key)
    keys += [key for key in by_key if key not in keys]
    return [
        by_key.get(key) or GridRow(found.project_id, found.project.code if found.project else "Program", *key)
        for key in keys
    ]


def closed_of(program: Program, years: Sequence[FiscalYear]) -> frozenset[str]:
    """The closed periods among these years. One query."""
    return frozenset(
        FiscalPeriod.objects.filter(
            program=program,
            state=FiscalPeriod.State.CLOSED,
            code__range=(years[0].periods[0], years[-1].periods[-1]),
        ).values_list("code", flat=True)
    )


def context(sheet: Sheet, *, editable: bool) -> dict[str, Any]:
    """What the template prints: heads, rows of finished cells, sums by column, year and row."""
    totals = [_sum(sheet, year) for year in sheet.years]
    return {
        "years": [
            {
                "label": year.label,
                "open": year.begins in sheet.opened,
                "span": 1 + len(sheet.months(year)),
                "toggle": _toggled(sheet, year),
            }
            for year in sheet.years
        ],
        "months": [
            {
                "label": _head(code, year) if code else year.label,
                "closed": code in sheet.closed,
                "sum": not code,
            }
            for year in sheet.years
            for code in (*sheet.months(year), "")
        ],
        "rows": [
            {
                "label": row.label,
                "cells": _row(sheet, row, editable),
                "total": _money(sum(_year(row, year) for year in sheet.years), sheet.currency),
            }
            for row in sheet.rows
        ],
        "foot": mark_safe(  # noqa: S308 - figures only
            "".join(
                "".join(
                    f'<td class="num">{_money(_column(sheet, code), sheet.currency)}</td>'
                    for code in sheet.months(year)
                )
                + f'<td class="num strong">{_money(total, sheet.currency)}</td>'
                for year, total in zip(sheet.years, totals, strict=True)
            )
        ),
        "sum": _money(sum(totals), sheet.currency),
        "earlier": sheet.years[0].begins - 1,
        "later": sheet.years[-1].begins + 1,
        "all_open": ".".join(year.key for year in sheet.years),
    }


def _head(code: str, year: FiscalYear) -> str:
    """`Nov` under the heading of its year; `Nov 26` where the fiscal year spans two."""
    return f"{month_abbr[int(code[5:])]}{'' if len(year.label) == 4 else ' ' + code[2:4]}"


def _toggled(sheet: Sheet, year: FiscalYear) -> str:
    """The value of `open` that opens this year or folds it."""
    left = sorted(sheet.opened ^ {year.begins})
    return ".".join(map(str, left)) or "none"


def _column(sheet: Sheet, code: str) -> int:
    return sum(row.amounts.get(code, 0) for row in sheet.rows)


def _year(row: GridRow, year: FiscalYear) -> int:
    return sum(row.amounts.get(code, 0) for code in year.periods)


def _sum(sheet: Sheet, year: FiscalYear) -> int:
    return sum(_year(row, year) for row in sheet.rows)


def _money(minor: int, currency: str) -> str:
    return exact(minor, currency) if minor else ""


def _row(sheet: Sheet, row: GridRow, editable: bool) -> SafeString:
    """The cells of a row, written here: a template loop over some hundred cells costs more than their query."""
    made = []
    for year in sheet.years:
        made += [
            _cell(sheet, row, code, editable and code not in sheet.closed) for code in sheet.months(year)
        ]
        made.append(f'<td class="num strong">{_money(_year(row, year), sheet.currency)}</td>')
    return mark_safe("".join(made))  # noqa: S308 - escaped cell by cell


def _cell(sheet: Sheet, row: GridRow, code: str, editable: bool) -> str:
    cell = Cell(row.category, row.nature, code)
    amount, version = row.amounts.get(code), row.versions.get(code, 0)
    text = "" if amount is None else exact(amount, sheet.currency)
    value = "" if amount is None else format_plain(amount, sheet.currency)
    name = f"{row.category}.{row.nature}.{code}"
    more, kind = "", "num"
    if sheet.refusal and cell in sheet.refusal.typed:
        text = sheet.refusal.typed[cell]
        more = f' data-typed="{escape(text)}"'
        problem = sheet.refusal.problems.get(cell)
        if problem is not None:
            more += f' id="cell-{name}" aria-invalid="true" title="{escape(problem.message)}"'
        if problem is not None and problem.conflict:
            more += f' data-theirs="{problem.version}"'
    elif cell in sheet.saved:
        kind += " saved"
    if not editable:
        more += ' aria-readonly="true"'
    return (
        f'<td class="{kind}" tabindex="-1" data-cell="{name}" data-version="{version}" '
        f'data-value="{value}"{more}>{escape(text)}</td>'
    )


def table(sheet: Sheet) -> tuple[list[str], Iterable[list[Any]]]:
    """The whole version to take along: a row for each line, a column for each month, amounts in major units."""
    codes = [code for year in sheet.years for code in year.periods]

    def value(minor: int | None) -> Decimal | str:
        return "" if minor is None else to_decimal(minor, sheet.currency)

    heads = ["project", "category", "nature", *codes, "total", "currency"]
    return heads, (
        [
            row.project,
            row.category,
            row.nature,
            *(value(row.amounts.get(code)) for code in codes),
            value(row.total),
            sheet.currency,
        ]
        for row in sheet.rows
    )
