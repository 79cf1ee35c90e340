"""Reading forecasts: the sheet of one, what the books and budgets say beside it, the course, and how good they were."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q, Sum

from finance.budgets.models import Budget, BudgetLine
from finance.engine.forecasting import Score, score
from finance.forecast.models import Forecast, ForecastCell, ForecastLine
from finance.ledger.models import Kind
from finance.ledger.sums import LedgerCell
from finance.structure.models import RESERVES, Category, FiscalPeriod, Nature
from programs.portfolio.models import Program

COST = (Kind.SPENT, Kind.ACCRUED)
Key = tuple[str, str]
"""Category and nature: a cost line."""


@dataclass(slots=True)
class SheetRow:
    """A line with its cells (period id -> minor units)."""

    line: ForecastLine
    cells: dict[int, int] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Labour, operating."""
        return f"{Category(self.line.category).label}, {Nature(self.line.nature).label.lower()}"

    @property
    def etc(self) -> int:
        """Estimate to complete, minor units."""
        return sum(self.cells.values())

    @property
    def eac(self) -> int:
        """Estimate at completion, minor units."""
        return self.line.actual_minor + self.etc


@dataclass(slots=True)
class Sheet:
    """A forecast laid out: its periods to come in order, and its lines."""

    forecast: Forecast
    periods: list[FiscalPeriod]
    rows: list[SheetRow]


def order(line: Any) -> tuple[int, int]:
    """Lines in the order of the lists of categories and natures."""
    return Category.values.index(line.category), Nature.values.index(line.nature)


def sheet(forecast: Forecast) -> Sheet:
    """A forecast with all its lines and cells. Three queries."""
    lines = sorted(ForecastLine.objects.filter(forecast=forecast), key=order)
    rows = {line.pk: SheetRow(line) for line in lines}
    seen: set[int] = set()
    for line_id, period_id, amount in ForecastCell.objects.filter(line__forecast=forecast).values_list(
        "line_id", "period_id", "amount_minor"
    ):
        rows[line_id].cells[period_id] = amount
        seen.add(period_id)
    periods = list(
        FiscalPeriod.objects.filter(program_id=forecast.program_id).filter(pk__in=seen).order_by("starts_on")
    )
    return Sheet(forecast, periods, list(rows.values()))


def spent_by_line(project_id: int, program: Program) -> dict[Key, dict[date, int]]:
    """Actual and accrued cost of a project: line -> first day of the period -> minor units. One query."""
    found: dict[Key, dict[date, int]] = {}
    rows = (
        LedgerCell.objects.filter(program=program, project_id=project_id, kind__in=COST)
        .exclude(category__in=RESERVES)
        .values_list("category", "nature", "period__starts_on")
        .annotate(amount=Sum("amount"))
    )
    for category, nature, day, amount in rows:
        found.setdefault((category, nature), {})[day] = int(amount)
    return found


def budget_by_line(project_id: int, program: Program) -> dict[Key, dict[date, int]]:
    """The active budget of a project: line -> first day of the period -> minor units. One query."""
    found: dict[Key, dict[date, int]] = {}
    rows = (
        BudgetLine.objects.filter(
            program=program, budget__project_id=project_id, budget__state=Budget.State.ACTIVE
        )
        .exclude(category__in=RESERVES)
        .values_list("category", "nature", "period__starts_on", "amount_minor")
    )
    for category, nature, day, amount in rows:
        lines = found.setdefault((category, nature), {})
        lines[day] = lines.get(day, 0) + int(amount)
    return found


def newest(program: Program, state: str | None = None) -> dict[int, Forecast]:
    """The newest forecast of each project (of this state), by the project's id. One query."""
    rows = Forecast.objects.filter(program=program).select_related("project", "period", "submitted_by")
    if state:
        rows = rows.filter(state=state)
    return {one.project_id: one for one in rows.order_by("project_id", "-number").distinct("project_id")}


@dataclass(slots=True)
class Month:
    """One period of the program's cash: what it cost or is expected to, what was budgeted, what reserve is left."""

    code: str
    starts_on: date
    actual: int = 0
    forecast: int = 0
    budget: int = 0
    reserve: int = 0


def cash_flow(program: Program, forecasts: Iterable[Forecast]) -> list[Month]:
    """The program's cost by period: actual up to each project's forecast, the forecast beyond. Four queries.

    Of projects without a forecast only the actual cost is known. `reserve` is the contingency and management
    reserve still there at the end of the period (of the past: what was left; beyond today it stays as it is).
    """
    by_project = {one.project_id: one for one in forecasts}
    months: dict[date, Month] = {}

    def month(code: str, day: date) -> Month:
        return months.setdefault(day, Month(code, day))

    for project_id, code, day, amount in (
        LedgerCell.objects.filter(program=program, kind__in=COST)
        .exclude(category__in=RESERVES)
        .values_list("project_id", "period__code", "period__starts_on")
        .annotate(amount=Sum("amount"))
    ):
        one = by_project.get(project_id)
        # Of the periods after a forecast's own the forecast is drawn, as it was submitted.
        if one is None or day <= one.period.starts_on:
            month(code, day).actual += int(amount)
    for code, day, amount in (
        ForecastCell.objects.filter(
            program=program, line__forecast__in=[one.pk for one in by_project.values()]
        )
        .values_list("period__code", "period__starts_on")
        .annotate(amount=Sum("amount_minor"))
    ):
        month(code, day).forecast += int(amount)
    for code, day, amount in (
        BudgetLine.objects.filter(program=program, budget__state=Budget.State.ACTIVE)
        .exclude(category__in=RESERVES)
        .values_list("period__code", "period__starts_on")
        .annotate(amount=Sum("amount_minor"))
    ):
        month(code, day).budget += int(amount)
    for code, day, amount in (
        LedgerCell.objects.filter(program=program, kind=Kind.RESERVE)
        .filter(Q(category__in=RESERVES))
        .values_list("period__code", "period__starts_on")
        .annotate(amount=Sum("amount"))
    ):
        month(code, day).reserve += int(amount)
    left, found = 0, sorted(months.values(), key=lambda one: one.starts_on)
    for each in found:
        left += each.reserve
        each.reserve = left
    return found


@dataclass(frozen=True, slots=True)
class Scored:
    """A submitted forecast, or all of a lead time, with its score."""

    forecast: Forecast | None
    lead: int
    score: Score


def scores(program: Program, today: date, project_id: int | None = None) -> tuple[list[Scored], list[Scored]]:
    """How submitted forecasts did in the periods that ended before `today`: each, and by months ahead. Three queries.

    Compared are the project's sums of each period: what was forecast for it, and what it cost (actual and accrued).
    """
    rows = Forecast.objects.filter(program=program, state=Forecast.State.SUBMITTED)
    if project_id:
        rows = rows.filter(project_id=project_id)
    forecasts = list(rows.select_related("project", "period").order_by("project_id", "-number"))
    told: dict[int, dict[date, int]] = {}
    for forecast_id, day, amount in (
        ForecastCell.objects.filter(
            program=program, line__forecast__in=[one.pk for one in forecasts], period__ends_on__lt=today
        )
        .values_list("line__forecast_id", "period__starts_on")
        .annotate(amount=Sum("amount_minor"))
    ):
        told.setdefault(forecast_id, {})[day] = int(amount)
    real: dict[tuple[int, date], int] = {}
    for project, day, amount in (
        LedgerCell.objects.filter(program=program, kind__in=COST, project__isnull=False)
        .exclude(category__in=RESERVES)
        .values_list("project_id", "period__starts_on")
        .annotate(amount=Sum("amount"))
    ):
        real[project, day] = int(amount)
    each: list[Scored] = []
    leads: dict[int, list[tuple[int, int]]] = {}
    for one in forecasts:
        pairs = []
        for day, amount in sorted(told.get(one.pk, {}).items()):
            pair = (amount, real.get((one.project_id, day), 0))
            pairs.append(pair)
            lead = (day.year - one.period.starts_on.year) * 12 + day.month - one.period.starts_on.month
            leads.setdefault(lead, []).append(pair)
        if pairs:
            each.append(Scored(one, 0, score(pairs)))
    return each, [Scored(None, lead, score(pairs)) for lead, pairs in sorted(leads.items())]


def for_earned_value(program: Program, known: datetime | None) -> dict[int, list[tuple[date, int]]]:
    """Submitted forecasts as earned value wants them: project -> (first day of the period, EAC), in order of time."""
    rows = Forecast.objects.filter(program=program, state=Forecast.State.SUBMITTED)
    if known is not None:
        rows = rows.filter(submitted_at__lte=known)
    found: dict[int, list[tuple[date, int]]] = {}
    for one in rows.select_related("period").order_by("period__starts_on", "number"):
        found.setdefault(one.project_id, []).append((one.period.starts_on, one.eac_minor))
    return found
