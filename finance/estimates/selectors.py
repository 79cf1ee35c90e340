"""Reading an estimate: its sums, what moves it most, the budget beside it, how likely budget and finish are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Sum

from finance.budgets.models import Budget, BudgetLine
from finance.engine.reconciling import Cause, YearCause, by_year, causes
from finance.engine.sensitivity import Line, Swing, Total, tornado, total
from finance.estimates.models import Estimate, EstimateLine
from finance.structure.fiscal import FiscalYear, span
from finance.structure.models import RESERVES, Category
from programs.portfolio.models import Program
from programs.risk_analysis.models import SimulationRun
from programs.risk_analysis.stored import joint_share
from programs.schedule.clock import ProgramClock

EPOCH = date(1970, 1, 1)


@dataclass(slots=True)
class Row:
    """A category and nature: estimate (likely) and budget in force by fiscal year, minor units."""

    category: str
    nature: str
    estimate: dict[int, int] = field(default_factory=dict)
    budget: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """All of an estimate: lines, sum, swings by line of text, and the budget beside it (contingency apart)."""

    lines: list[EstimateLine]
    total: Total
    swings: list[Swing]
    years: list[FiscalYear]
    rows: list[Row]
    contingency: int

    @property
    def budget(self) -> int:
        """The budget in force without reserves."""
        return sum(sum(row.budget.values()) for row in self.rows)

    @property
    def difference(self) -> int:
        """Budget without contingency less the likely estimate: below zero, cost is expected that nobody budgeted."""
        return self.budget - self.total.likely

    @property
    def causes(self) -> list[Cause[tuple[str, str]]]:
        """Why budget and estimate differ, by category and nature; the differences add up to `difference`."""
        return causes(((row.category, row.nature), row.estimate, row.budget) for row in self.rows)

    @property
    def by_year(self) -> list[YearCause[str]]:
        """The same by category, nature and fiscal year at once; what only stands in another year or nature is apart."""
        return by_year((row.category, row.nature, row.estimate, row.budget) for row in self.rows)


def read(estimate: Estimate) -> Reading:
    """Lines and their sums, and the budget in force of the project. Two queries."""
    lines = list(
        estimate.lines.select_related("resource").order_by("resource__code", "category", "period", "pk")
    )
    budget = list(
        BudgetLine.objects.filter(
            program_id=estimate.program_id,
            budget__project_id=estimate.project_id,
            budget__state=Budget.State.ACTIVE,
        )
        .values_list("category", "nature", "period__code")
        .annotate(amount=Sum("amount_minor"))
    )
    codes = {line.period for line in lines} | {code for _, _, code, _ in budget}
    years = span(codes, estimate.program.fiscal_year_start_month) if codes else []
    year_of = {code: year.begins for year in years for code in year.periods}
    rows: dict[tuple[str, str], Row] = {}
    for line in lines:
        row = rows.setdefault((line.category, line.nature), Row(line.category, line.nature))
        row.estimate[year_of[line.period]] = row.estimate.get(year_of[line.period], 0) + line.likely_minor
    contingency = 0
    for category, nature, code, amount in budget:
        if category in RESERVES:
            contingency += amount
            continue
        row = rows.setdefault((category, nature), Row(category, nature))
        row.budget[year_of[code]] = row.budget.get(year_of[code], 0) + amount
    order = {category: n for n, category in enumerate(Category.values)}
    return Reading(
        lines,
        total(
            [Line(line.pk, line.text, line.low_minor, line.likely_minor, line.high_minor) for line in lines]
        ),
        tornado(_together(lines)),
        years,
        sorted(rows.values(), key=lambda row: (order[row.category], row.nature)),
        contingency,
    )


def _together(lines: list[EstimateLine]) -> list[Line]:
    """The lines as bars: all months of a resource turn out dear or cheap together, and so do lines of one name."""
    found: dict[tuple[int | None, str], list[int]] = {}
    for line in lines:
        points = found.setdefault((line.resource_id, line.text), [0, 0, 0])
        for n, amount in enumerate((line.low_minor, line.likely_minor, line.high_minor)):
            points[n] += amount
    return [Line(key, key[1], *points) for key, points in found.items()]


@dataclass(frozen=True, slots=True)
class Joint:
    """How many of a simulation's runs keep both a day and an amount: at least `low`, less than `high` (percent)."""

    run: int
    stale: bool
    finish: datetime
    amount: int
    low: int
    high: int


def joint(program: Program, amount: int, by: date | None = None) -> Joint | None:
    """The newest simulation's runs that are done by the end of a day for at most `amount` (minor units). One query.

    Without a day: by the planned finish. A run keeps for every twentieth of its runs which amount goes with which day
    (`stored.joint_share`); between them the share is bracketed, not guessed. None without a simulation that has cost.
    """
    run = (
        SimulationRun.objects.filter(
            program_id=program.pk, state=SimulationRun.State.DONE, planned_finish__isnull=False
        )
        .order_by("-pk")
        .first()
    )
    if run is None or run.planned_finish is None:
        return None
    clock = ProgramClock(program.time_zone)
    wall = clock.wall(run.planned_finish) if by is None else ((by - EPOCH).days + 1) * 1440
    share = joint_share(run.result, wall, amount)
    if share is None:
        return None
    finish = clock.instant(wall if by is None else wall - 1)
    return Joint(run.pk, run.plan_version != program.plan_version, finish, amount, *share)
