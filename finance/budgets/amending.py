"""Amending the budget in force: a new active version that differs by exactly the amounts that a decision allowed.

Called with the warrant of a change request (`finance.amendments`), which has shown these amounts to the voters.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db.models import F, Max

from finance.budgets.lines import Cell, LineChange, write
from finance.budgets.models import Budget, BudgetLine
from finance.ledger.books import Place
from finance.ledger.services import GrantLine
from finance.structure.models import FiscalPeriod
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Program, Project

State = Budget.State
Deltas = Mapping[Cell, int]


def name_of(project: Project | None) -> str:
    """Whose budget, in words."""
    return project.code if project else "the program's reserves"


def amend(
    *,
    program: Program,
    project: Project | None,
    deltas: Deltas,
    warrant: Warrant,
    by: User | None,
    submitted_at: datetime,
    at: datetime,
) -> list[GrantLine]:
    """Supersede a project's active version by one that differs by these amounts (minor units); what is to be granted.

    A draft in preparation moves along, so that it does not take the amendment back later. Raises Refused where there
    is no active version, a period is closed, a line does not hold what is taken from it, or another version waits for
    a decision.
    """
    whose = name_of(project)
    mine = Budget.objects.select_for_update(no_key=True, of=("self",)).filter(
        program=program, project=project
    )
    active = mine.filter(state=State.ACTIVE).first()
    if active is None:
        raise Refused(f"There is no active budget of {whose} that could be amended.")
    waiting = mine.filter(state=State.SUBMITTED).first()
    if waiting is not None:
        raise Refused(
            f"Version {waiting.number} of the budget of {whose} waits for a decision and would take the amendment "
            "back: decide on it, or take it back, first."
        )
    periods = {
        one.code: one
        for one in FiscalPeriod.objects.filter(program=program, code__in={c.period for c in deltas})
    }
    shut = sorted(code for code, one in periods.items() if one.state != FiscalPeriod.State.OPEN)
    if shut:
        raise Refused(f"{', '.join(shut)} is closed: no budget of it is amended.")
    last = mine.aggregate(last=Max("number"))["last"] or 0
    made: Budget = Budget.objects.create(
        program=program, project=project, number=last + 1, origin=Budget.Origin.AMENDMENT
    )
    _write_lines(made, active, deltas, periods)
    Budget.objects.filter(pk=active.pk).update(state=State.SUPERSEDED, version=F("version") + 1)
    Budget.objects.filter(pk=made.pk).update(
        state=State.ACTIVE,
        warrant=warrant,
        submitted_by=by,
        submitted_at=submitted_at,
        activated_at=at,
        version=F("version") + 1,
    )
    draft = mine.filter(state=State.DRAFT).exclude(origin=Budget.Origin.AMENDMENT).first()
    if draft is not None:
        _move_along(draft, deltas, whose)
    return [
        GrantLine(
            Place(project.pk if project else None, cell.category, cell.nature), periods[cell.period], amount
        )
        for cell, amount in deltas.items()
    ]


def _write_lines(made: Budget, active: Budget, deltas: Deltas, periods: Mapping[str, FiscalPeriod]) -> None:
    wanted = amounts_of(active)
    held = dict(active.lines.values_list("period__code", "period_id"))
    held |= {code: one.pk for code, one in periods.items()}
    for cell, amount in deltas.items():
        wanted[cell] = wanted.get(cell, 0) + amount
        if wanted[cell] < 0:
            raise Refused(
                f"The budget of {name_of(active.project)} does not hold what is taken from {cell.period}."
            )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            program_id=made.program_id,
            budget=made,
            category=cell.category,
            nature=cell.nature,
            period_id=held[cell.period],
            amount_minor=amount,
        )
        for cell, amount in wanted.items()
        if amount
    )


def amounts_of(budget: Budget) -> dict[Cell, int]:
    """The lines of a version, by cell (minor units)."""
    rows = budget.lines.values_list("category", "nature", "period__code", "amount_minor")
    return {Cell(category, nature, period): amount for category, nature, period, amount in rows}


def _move_along(draft: Budget, deltas: Deltas, whose: str) -> None:
    there = amounts_of(draft)
    try:
        write(draft, [LineChange(cell, there.get(cell, 0) + amount) for cell, amount in deltas.items()])
    except Refused as refusal:
        raise Refused(
            f"Version {draft.number} of the budget of {whose} is being prepared and cannot move along: "
            f"{refusal.message}"
        ) from refusal
