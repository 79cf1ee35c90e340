"""The program's budget added up: projects, their cost lines and the reserves, beside what the books say of each.

Every sum is minor units. Two sources meet here, the versions in force and the ledger, and must agree at every line:
what decisions granted in the books is what the versions in force hold. What was moved by transfers stands between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Sum

from finance.budgets.selectors import Grid, program_grid
from finance.ledger.sums import LedgerCell
from finance.spend.figures import Line
from finance.spend.selectors import forecasts
from finance.structure.fiscal import FiscalYear, span
from finance.structure.models import Category, Nature
from pmo.clocks import AsOf
from programs.portfolio.models import Program, Project

FUNDING = "funding"


@dataclass(slots=True)
class Node:
    """A line, a category, a project or the program: budget in force by fiscal year, and its money in the books.

    `granted` is what decisions put into the books here; `moved` what transfers brought (+) or took (-).
    """

    label: str
    project_id: int | None = None
    project: str = ""
    category: str = ""
    nature: str = ""
    years: dict[int, int] = field(default_factory=dict)
    money: Line = field(default_factory=lambda: Line(None, ""))
    granted: int = 0
    children: list[Node] = field(default_factory=list)

    @property
    def in_force(self) -> int:
        return sum(self.years.values())

    @property
    def moved(self) -> int:
        return self.money.budget - self.granted

    @property
    def agrees(self) -> bool:
        """Do versions and books say the same here?"""
        return self.in_force == self.granted

    def take(self, other: Node) -> None:
        """Count a part in."""
        for year, amount in other.years.items():
            self.years[year] = self.years.get(year, 0) + amount
        self.money.merge(other.money)
        self.granted += other.granted
        self.children.append(other)


@dataclass(frozen=True, slots=True)
class Rollup:
    """The program as a tree: projects (and the program's own reserves), categories, lines."""

    whole: Node
    years: list[FiscalYear]

    @property
    def lines(self) -> list[Node]:
        """The leaves, in order."""
        return [
            line
            for project in self.whole.children
            for category in project.children
            for line in category.children
        ]

    @property
    def disagreeing(self) -> list[Node]:
        """Lines of which versions and books do not say the same: none, unless something is broken."""
        return [line for line in self.lines if not line.agrees]


def rollup(program: Program, when: AsOf) -> Rollup:
    """The program's budget as it is now. Five queries."""
    found = build(
        program_grid(program),
        LedgerCell.objects.filter(program=program)
        .values_list("project_id", "category", "nature", "kind")
        .annotate(amount=Sum("amount")),
        dict(Project.objects.filter(program=program).order_by("position", "pk").values_list("pk", "code")),
        program.fiscal_year_start_month,
    )
    expected = forecasts(program, when)
    for project in found.whole.children:
        project.money.forecast = expected.get(project.project_id)
    known = [one.money.forecast for one in found.whole.children if one.money.forecast is not None]
    found.whole.money.forecast = sum(known) if known else None
    return found


def build(
    grid: Grid,
    books: Iterable[tuple[int | None, str, str, str, int]],
    projects: Mapping[int, str],
    start_month: int,
) -> Rollup:
    """The tree from the lines in force and the books' sums by project, category, nature and kind of account."""
    years = span(grid.periods, start_month) if grid.periods else []
    year_of = {code: year.begins for year in years for code in year.periods}
    leaves: dict[tuple[int | None, str, str], Node] = {}

    def leaf(project_id: int | None, category: str, nature: str) -> Node:
        label = str(Nature(nature).label)
        return leaves.setdefault(
            (project_id, category, nature),
            Node(label, project_id, projects.get(project_id or 0, "Program"), category, nature),
        )

    for row in grid.rows:
        node = leaf(row.project_id, row.category, row.nature)
        for code, amount in row.amounts.items():
            node.years[year_of[code]] = node.years.get(year_of[code], 0) + amount
    for project_id, category, nature, kind, amount in books:
        node = leaf(project_id, category, nature)
        if kind == FUNDING:
            node.granted -= amount
        else:
            node.money.add(kind, amount)
    whole = Node("Program")
    for project_id in [*projects, None]:
        mine = [node for key, node in leaves.items() if key[0] == project_id and _counts(node)]
        if not mine:
            continue
        project = Node(projects.get(project_id or 0, "Program reserves"), project_id)
        project.project = projects.get(project_id or 0, "Program")
        for category in Category.values:
            parts = sorted((node for node in mine if node.category == category), key=lambda node: node.nature)
            if parts:
                part = Node(str(Category(category).label), project_id, project.project, category)
                for one in parts:
                    part.take(one)
                project.take(part)
        whole.take(project)
    return Rollup(whole, years)


def _counts(node: Node) -> bool:
    return bool(node.years or node.granted or not node.money.is_empty())
