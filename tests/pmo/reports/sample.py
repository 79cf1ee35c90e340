"""A report of every kind of block, and a register with it in, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from pmo.accounts.roles import Permission
from pmo.reports import registry
from pmo.reports.document import (
    SUM,
    Chart,
    Column,
    Document,
    Group,
    KeyFigure,
    KeyFigures,
    Kind,
    Paragraph,
    Points,
    Progress,
    Ratio,
    Row,
    Section,
    Table,
    table,
)
from pmo.reports.models import ReportRun

CURVE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="120" viewBox="0 0 600 120">'
    '<rect width="600" height="120" fill="#eef1f6"/><path d="M0 110 L600 10" stroke="#2f5fd0" fill="none"/></svg>'
)
COLUMNS = (
    Column("code", "Project"),
    Column("category", "Category"),
    Column("budget", "Budget", Kind.MONEY, "EUR", total=SUM),
    Column("actual", "Actual", Kind.MONEY, "EUR", total=SUM),
    Column("spent", "Spent", Kind.PERCENT, places=1, total=Ratio("actual", "budget")),
    Column("ends", "Ends", Kind.DATE),
    Column("state", "Status", Kind.RAG),
)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def rows(count: int, group: int = 0) -> tuple[Row, ...]:
    """`count` believable rows."""
    colours = ("green", "amber", "red", None)
    made = []
    for number in range(count):
        budget, actual = 10_000_000 + number * 1_234, 5_000_007 + number * 999
        values: tuple[Any, ...] = (
            f"P{group}-{number}",
            "Hardware",
            budget,
            actual,
            Decimal(actual) * 100 / Decimal(budget),
            date(2027, 3, 31),
            colours[number % 4],
        )
        made.append(Row(values))
    return tuple(made)


def document(count: int = 10, *, title: str = "Spend report", text: str = "All is well.") -> Document:
    """Every kind of block; the table has five groups of `count // 5` rows."""
    groups = tuple(Group(rows(count // 5, group), f"Programme part {group}") for group in range(5))
    figures = (
        KeyFigure("Budget", 2_620_000_000, Kind.MONEY, "EUR", note="approved"),
        KeyFigure("CPI", Decimal("0.86"), Kind.NUMBER, places=2, rag="red"),
        KeyFigure("Overall", "amber", Kind.RAG),
        KeyFigure("Committed finish", date(2027, 3, 31), Kind.DATE),
        KeyFigure("Forecast", None, Kind.MONEY, "EUR"),
    )
    first = Section(
        "At a glance",
        (KeyFigures(figures), Paragraph(text), Points((text, "Second")), Chart(CURVE, "A rising curve")),
    )
    small = table(
        (Column("what", "What"), Column("n", "Count", Kind.NUMBER, total=SUM)), [("Risks", 3), ("Issues", 4)]
    )
    second = Section("Projects", (Table(COLUMNS, groups, caption="By project"), small), page_break=True)
    return Document(
        title=title,
        program_code="ATLAS",
        program_name="ATLAS renewal",
        as_of=NOON,
        known=NOON,
        sections=(first, second),
        subtitle="November 2026",
        freshness="Ledger reconciled to 0.00",
        inputs_version="plan 12 · ledger 884",
        summary=text,
        notes=("Chain head 12 ab34",),
    )


@contextmanager
def registered(build: Any = None, kind: str = "sample", **more: Any) -> Iterator[None]:
    """A kind in the register for a while; by default it builds the sample with two steps."""

    def steady(run: ReportRun, progress: Progress) -> Document:
        progress("Adding up", 30)
        progress("Comparing", 70)
        return document()

    registry.register(
        kind=kind,
        title="Sample report",
        build=build or steady,
        **({"permission": Permission.VIEW_MONEY} | more),
    )
    try:
        yield
    finally:
        registry._kinds.pop(kind)
