"""Kept expectations against what was drawn: in the months that ended, from the moment on at which each was kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet

from finance.engine.forecasting import Score, score
from finance.reserves.models import OutlookMonth, ReserveOutlook
from finance.structure.models import Category
from finance.structure.periods import code_of
from finance.transfers.selectors import Movement
from pmo.zones import zone
from programs.portfolio.models import Program
from programs.schedule.models import StatusPeriod

MOST = 60
"""Expectations that are scored at once: five years of months."""


def told(outlooks: QuerySet[ReserveOutlook]) -> QuerySet[Any]:
    """Expectations with `status_taken_back`: their status date was taken back and not set again."""
    date = StatusPeriod.objects.filter(program_id=OuterRef("program_id"), at=OuterRef("status_at"))
    gone = Q(status_at__isnull=False) & ~Exists(date)
    return outlooks.annotate(status_taken_back=ExpressionWrapper(gone, output_field=BooleanField()))


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a kept expectation beside what was drawn in it (None: it is not over)."""

    category: str
    month: str
    planned: int
    expected: int
    drawn: int | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A kept expectation (or, without one, all of a lead time) with how the risks' draws and the planned ones did."""

    outlook: ReserveOutlook | None
    lead: int
    expected: Score
    planned: Score
    reserve: Score
    """Planned draws on the management reserve."""
    taken_back: bool = False
    """The status date that it was kept for was taken back since."""


class Drawn:
    """What was drawn from each kind of reserve, by month and moment."""

    def __init__(self, program: Program, movements: Iterable[Movement]) -> None:
        local = zone(program.time_zone)
        self.by_month: dict[tuple[str, str], list[tuple[datetime, int]]] = {}
        for one in movements:
            if one.amount < 0:
                month = code_of(one.recorded_at.astimezone(local).date())
                self.by_month.setdefault((one.category, month), []).append((one.recorded_at, -one.amount))

    def after(self, moment: datetime, category: str, month: str) -> int:
        """Drawn in that month after that moment, minor units."""
        return sum(amount for at, amount in self.by_month.get((category, month), ()) if at > moment)


def months_of(
    outlook: ReserveOutlook, rows: Iterable[OutlookMonth], drawn: Drawn, today: date
) -> list[Month]:
    """The months of an expectation; those that ended with what was drawn in them after it was kept."""
    now = code_of(today)
    return [
        Month(
            one.category,
            one.month,
            one.planned_minor,
            one.expected_minor,
            drawn.after(outlook.kept_at, one.category, one.month) if one.month < now else None,
        )
        for one in rows
    ]


def scores(program: Program, movements: list[Movement], today: date) -> tuple[list[Scored], list[Scored]]:
    """The newest expectations (the newest first, those without an ended month too), and all by months ahead.

    Two queries."""
    outlooks = list(
        told(ReserveOutlook.objects.filter(program_id=program.pk))
        .select_related("kept_by")
        .order_by("-number")[:MOST]
    )
    rows: dict[int, list[OutlookMonth]] = {}
    for row in OutlookMonth.objects.filter(
        program_id=program.pk, outlook__in=[one.pk for one in outlooks], month__lt=code_of(today)
    ).order_by("month"):
        rows.setdefault(row.outlook_id, []).append(row)
    drawn = Drawn(program, movements)
    each: list[Scored] = []
    leads: dict[int, list[Month]] = {}
    for one in outlooks:
        months = months_of(one, rows.get(one.pk, ()), drawn, today)
        each.append(_scored(one, 0, months))
        for month in months:
            leads.setdefault(_between(one.month, month.month), []).append(month)
    return each, [_scored(None, lead, months) for lead, months in sorted(leads.items())]


def _scored(outlook: Any, lead: int, months: list[Month]) -> Scored:
    own = [one for one in months if one.category == Category.CONTINGENCY]
    reserve = [one for one in months if one.category == Category.MANAGEMENT_RESERVE]
    return Scored(
        outlook,
        lead,
        score([(one.expected, one.drawn or 0) for one in own]),
        score([(one.planned, one.drawn or 0) for one in own]),
        score([(one.planned, one.drawn or 0) for one in reserve]),
        outlook is not None and outlook.status_taken_back,
    )


def _between(first: str, last: str) -> int:
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:])
