"""Reading budget amendments: the lines of a request, and how budget and books stand where they would reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Q

from finance.amendments.models import AmendmentLine
from finance.budgets.lines import Cell
from finance.budgets.models import Budget, BudgetLine
from finance.ledger.models import Account
from finance.ledger.models import Kind as Money
from finance.structure.models import RESERVES
from programs.changes.models import ChangeRequest


class Spot(NamedTuple):
    """Whose money of which sort: a project's id (None: the program's reserves), category, nature."""

    project_id: int | None
    category: str
    nature: str


def lines_of(request: ChangeRequest) -> list[AmendmentLine]:
    """The lines of a request: projects in the order of the plan, the program's reserves last. One query."""
    rows = AmendmentLine.objects.filter(program_id=request.program_id, change_request=request)
    return sorted(
        rows.select_related("project", "period"),
        key=lambda one: (
            one.project is None,
            one.project.position if one.project else 0,
            one.project_id or 0,
            one.category,
            one.nature,
            one.period.code,
        ),
    )


def plain(line: AmendmentLine) -> list[Any]:
    """A line as a revision holds it: project code ("" for the program's reserves), category, nature, period, amount."""
    return [
        line.project.code if line.project else "",
        line.category,
        line.nature,
        line.period.code,
        line.amount_minor,
    ]


def spot(line: AmendmentLine) -> Spot:
    """Where a line is about."""
    return Spot(line.project_id, line.category, line.nature)


@dataclass(frozen=True, slots=True)
class Standing:
    """How everything stands that a request's money would touch; three queries."""

    budgets: dict[int | None, dict[str, int]]
    """Per project, state of a version -> its number; superseded ones are left out."""
    amounts: dict[tuple[int | None, Cell], int]
    """Lines of the active versions (minor units)."""
    drafted: dict[tuple[int | None, Cell], int]
    """Lines of versions in preparation."""
    balances: dict[tuple[Spot, str], int]
    """Of the program's accounts by kind (minor units)."""

    def left(self, where: Spot) -> int:
        """What is available at a place, or left of a reserve."""
        kind = Money.RESERVE if where.category in RESERVES else Money.AVAILABLE
        return self.balances.get((where, str(kind)), 0)

    def reserve(self, category: str) -> int:
        """What is left of a reserve in all of the program."""
        return sum(
            balance
            for (where, kind), balance in self.balances.items()
            if where.category == category and kind == Money.RESERVE
        )

    def approved(self) -> int:
        """The active budgets of all projects, reserves apart."""
        return sum(
            amount
            for (project_id, cell), amount in self.amounts.items()
            if project_id is not None and cell.category not in RESERVES
        )


def standing(program_id: int) -> Standing:
    """Budgets and books of a program as they are now."""
    budgets: dict[int | None, dict[str, int]] = {}
    whose: dict[int, tuple[int | None, str]] = {}
    live = Budget.objects.filter(program_id=program_id).exclude(state=Budget.State.SUPERSEDED)
    for pk, owner, state, number in live.values_list("pk", "project_id", "state", "number"):
        budgets.setdefault(owner, {})[state] = number
        whose[pk] = (owner, state)
    amounts: dict[tuple[int | None, Cell], int] = {}
    drafted: dict[tuple[int | None, Cell], int] = {}
    rows = BudgetLine.objects.filter(program_id=program_id, budget_id__in=whose)
    for line_of, category, nature, period, amount in rows.values_list(
        "budget_id", "category", "nature", "period__code", "amount_minor"
    ):
        holder, state = whose[line_of]
        into = amounts if state == Budget.State.ACTIVE else drafted
        into[holder, Cell(category, nature, period)] = amount
    accounts = Account.objects.filter(Q(kind__in=(Money.AVAILABLE, Money.RESERVE)), program_id=program_id)
    balances = {
        (Spot(project_id, category, nature), kind): balance
        for project_id, category, nature, kind, balance in accounts.values_list(
            "project_id", "category", "nature", "kind", "balance"
        )
    }
    return Standing(budgets, amounts, drafted, balances)


def touched(lines: Sequence[AmendmentLine]) -> dict[int | None, dict[Cell, int]]:
    """Per project (None: the reserves), what is added to which cell."""
    found: dict[int | None, dict[Cell, int]] = {}
    for line in lines:
        cell = Cell(line.category, line.nature, line.period.code)
        found.setdefault(line.project_id, {})[cell] = line.amount_minor
    return found
