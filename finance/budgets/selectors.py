"""Reading budgets: the program's budget line by line, its roll-up, and how it compares with the cost estimate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from finance.budgets.models import Budget, BudgetLine
from finance.structure.models import RESERVES, Category, Nature
from pmo import formats
from pmo.clocks import AsOf
from pmo.money import round_half_even
from programs.portfolio.models import Program, Project


@dataclass(slots=True)
class GridRow:
    """One cost line: a project (None: the program's reserves), a category, a nature; amounts by period code."""

    project_id: int | None
    project: str
    category: str
    nature: str
    amounts: dict[str, int] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.amounts.values())

    @property
    def label(self) -> str:
        return f"{Category(self.category).label}, {Nature(self.nature).label.lower()}"


@dataclass(slots=True)
class Grid:
    """Cost lines and the periods that occur in them, in order; every sum is minor units."""

    rows: list[GridRow]
    periods: list[str]

    @property
    def total(self) -> int:
        return sum(row.total for row in self.rows)

    def of_period(self, code: str) -> int:
        """The sum of a period."""
        return sum(row.amounts.get(code, 0) for row in self.rows)

    def where(self, **wanted: str) -> int:
        """The sum of the rows with these values (`category=`, `nature=`, `project=`)."""
        return sum(
            row.total
            for row in self.rows
            if all(getattr(row, name) == value for name, value in wanted.items())
        )

    @property
    def reserves(self) -> int:
        """Contingency and management reserve together."""
        return sum(row.total for row in self.rows if row.category in RESERVES)


def _grid(lines: Any) -> Grid:
    rows: dict[tuple[int | None, str, str], GridRow] = {}
    periods: set[str] = set()
    values = lines.values_list(
        "budget__project_id",
        "budget__project__code",
        "category",
        "nature",
        "period__code",
        "amount_minor",
        "version",
    )
    for project_id, code, category, nature, period, amount, version in values:
        row = rows.setdefault(
            (project_id, category, nature), GridRow(project_id, code or "Program", category, nature)
        )
        row.amounts[period] = row.amounts.get(period, 0) + amount
        row.versions[period] = version
        periods.add(period)
    order = {category: place for place, category in enumerate(Category.values)}
    listed = sorted(
        rows.values(),
        key=lambda row: (row.project_id is None, row.project_id or 0, order[row.category], row.nature),
    )
    return Grid(listed, sorted(periods))


def active_lines(program: Program, when: AsOf | None = None) -> Any:
    """The lines of the budgets in force: now, or those that were in force at `known` and decided by `at`."""
    lines = BudgetLine.objects.filter(program=program)
    if when is None or when.is_now:
        return lines.filter(budget__state=Budget.State.ACTIVE)
    moment = min(when.at, when.known)
    newest = (
        Budget.objects.filter(program=program, activated_at__lte=moment)
        .order_by("project_id", "-number")
        .distinct("project_id")
        .values("pk")
    )
    return lines.filter(budget_id__in=newest)


def program_grid(program: Program, when: AsOf | None = None) -> Grid:
    """The program's budget: every line of every budget in force, projects and reserves. One query."""
    return _grid(active_lines(program, when))


def budget_grid(budget: Budget) -> Grid:
    """One budget version, line by line. One query."""
    return _grid(BudgetLine.objects.filter(budget=budget))


def versions(program: Program, user: Any) -> list[tuple[Budget, int]]:
    """Every version with its total (minor units), newest first of each project. Two queries."""
    found = list(
        Budget.objects.visible_to(user)
        .filter(program_id=program.pk)
        .select_related("project", "warrant", "submitted_by")
        .order_by("project__position", "project_id", "-number")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "select budget_id, sum(amount_minor)::bigint from finance_budgetline where program_id = %s group by 1",
            [program.pk],
        )
        totals = dict(cursor.fetchall())
    return [(budget, totals.get(budget.pk, 0)) for budget in found]


def latest_changes(budget: Budget, limit: int) -> list[dict[str, Any]]:
    """The newest changes of a version's amounts: who, when, where, from what to what (minor units). One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select e.pgh_created_at, e.pgh_context ->> 'name', e.category, e.nature, p.code, e.pgh_label,
                      e.amount_minor,
                      (select o.amount_minor from finance_budgetlineevent o
                        where o.pgh_obj_id = e.pgh_obj_id and o.pgh_id < e.pgh_id and o.program_id = e.program_id
                        order by o.pgh_id desc limit 1)
                 from finance_budgetlineevent e join finance_fiscalperiod p on p.id = e.period_id
                where e.program_id = %s and e.budget_id = %s order by e.pgh_id desc limit %s""",
            [budget.program_id, budget.pk, limit],
        )
        rows = cursor.fetchall()
    return [
        {
            "at": at,
            "who": who or "the office",
            "where": f"{Category(category).label}, {Nature(nature).label.lower()}, {formats.period(period)}",
            "before": formats.money_exact(before or 0, budget.program.currency),
            "after": formats.money_exact(0 if label == "delete" else amount, budget.program.currency),
        }
        for at, who, category, nature, period, label, amount, before in rows
    ]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A project's cost estimate from its baseline beside its budget, minor units; contingency apart."""

    project: str
    name: str
    estimate: int | None
    budget: int
    contingency: int

    @property
    def difference(self) -> int | None:
        """Budget without contingency minus the estimate: below zero, work is planned that nobody has budgeted."""
        return None if self.estimate is None else self.budget - self.estimate


@dataclass(frozen=True, slots=True)
class CostEstimate:
    """The program's cost estimate: project by project, and the program's reserves; it adds up to the budget."""

    projects: list[Estimate]
    management_reserve: int
    program_contingency: int

    @property
    def budget(self) -> int:
        """The program's whole budget: projects, their contingencies, the program's reserves."""
        mine = sum(one.budget + one.contingency for one in self.projects)
        return mine + self.management_reserve + self.program_contingency

    @property
    def estimate(self) -> int:
        """The bottom-up estimate of all projects with a baseline."""
        return sum(one.estimate or 0 for one in self.projects)


def cost_estimate(program: Program, grid: Grid) -> CostEstimate:
    """Bottom-up cost of each project (its current baseline) beside its budget. Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select a.project_id, sum(l.start_cost + l.spread_cost)
                 from programs_baselineactivity l
                 join programs_baseline b on b.id = l.baseline_id and b.is_current
                 join programs_activity a on a.id = l.activity_id and a.kind <> 'summary'
                where l.program_id = %s group by 1""",
            [program.pk],
        )
        planned = {project_id: round_half_even(cost) for project_id, cost in cursor.fetchall()}
    projects = [
        Estimate(
            code,
            name,
            planned.get(pk),
            sum(row.total for row in grid.rows if row.project_id == pk and row.category not in RESERVES),
            sum(row.total for row in grid.rows if row.project_id == pk and row.category in RESERVES),
        )
        for pk, code, name in Project.objects.filter(program=program)
        .order_by("position", "pk")
        .values_list("pk", "code", "name")
    ]
    program_rows = [row for row in grid.rows if row.project_id is None]
    return CostEstimate(
        projects,
        sum(row.total for row in program_rows if row.category == Category.MANAGEMENT_RESERVE),
        sum(row.total for row in program_rows if row.category != Category.MANAGEMENT_RESERVE),
    )
