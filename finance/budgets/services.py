"""Everything that can happen to a budget. It becomes active only by governance, which calls `activate`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from finance.budgets import content
from finance.budgets.lines import Cell, LineChange, locked, write
from finance.budgets.models import Budget, BudgetLine
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.services import GrantLine
from finance.policy import guard
from finance.structure.models import FiscalPeriod
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Program, Project

State = Budget.State


def create_draft(
    *,
    program: Program,
    project: Project | None,
    by: User | None,
    at: datetime,
    origin: str = Budget.Origin.TYPED,
    copy_active: bool = True,
) -> Budget:
    """A new version of a project's budget (no project: the program's reserves), begun as a copy of the active one."""
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    return begin(program=program, project=project, origin=origin, copy_active=copy_active)


def begin(*, program: Program, project: Project | None, origin: str, copy_active: bool = True) -> Budget:
    """The same for an import, which has asked for its own permission: a draft commits nobody to anything."""
    with transaction.atomic():
        mine = Budget.objects.filter(program=program, project=project)
        last = mine.aggregate(last=Max("number"))["last"] or 0
        budget: Budget = Budget.objects.create(
            program=program, project=project, number=last + 1, origin=origin
        )
        active = mine.filter(state=State.ACTIVE).first() if copy_active else None
        if active is not None:
            BudgetLine.objects.bulk_create(
                BudgetLine(
                    program=program,
                    budget=budget,
                    category=line.category,
                    nature=line.nature,
                    period_id=line.period_id,
                    amount_minor=line.amount_minor,
                )
                for line in active.lines.all()
            )
        return budget


def set_line(
    *,
    budget: Budget,
    category: str,
    nature: str,
    period_code: str,
    amount_minor: int,
    by: User | None,
    at: datetime,
    version: int | None = None,
) -> BudgetLine | None:
    """Write one amount (minor units) of a draft; zero takes the line out. Returns the line as it is now.

    `version` is the line's version that the person saw (0: there was none); an edit in between is a Conflict.
    """
    cell = Cell(category, nature, period_code)
    set_lines(budget=budget, changes=[LineChange(cell, amount_minor, version)], by=by, at=at)
    line: BudgetLine | None = BudgetLine.objects.filter(
        budget=budget, category=category, nature=nature, period__code=period_code
    ).first()
    return line


def set_lines(*, budget: Budget, changes: Sequence[LineChange], by: User | None, at: datetime) -> Budget:
    """Write many amounts of a draft, all of them or none (`lines.write`). Returns the version.

    Raises `lines.CellsRefused`, which says of each cell what is wrong with it or who changed it meanwhile.
    """
    current_access().require(Permission.EDIT_BUDGET, budget.program_id)
    with transaction.atomic():
        mine = locked(budget)
        write(mine, changes)
        guard.noted(mine.program, at=at)
        return mine


def submit(*, budget: Budget, by: User | None, at: datetime) -> Budget:
    """Hand a draft over for decision: from here on its lines stay as they are."""
    current_access().require(Permission.EDIT_BUDGET, budget.program_id)
    with transaction.atomic():
        mine = locked(budget)
        if not mine.lines.exists():
            raise Refused("A budget needs at least one line before it can be submitted.")
        handed = _move(mine, State.DRAFT, State.SUBMITTED, submitted_by=by, submitted_at=at)
        guard.promise(handed.program, at=at, subject=("budget", handed.pk))
        return handed


def recall(*, budget: Budget, by: User | None, at: datetime) -> Budget:
    """Take a submitted budget back to change it."""
    current_access().require(Permission.EDIT_BUDGET, budget.program_id)
    with transaction.atomic():
        return _move(locked(budget), State.SUBMITTED, State.DRAFT, submitted_by=None, submitted_at=None)


def activate(*, budget: Budget, warrant: Warrant, by: User | None, at: datetime) -> Budget:
    """A decision allowed this budget (called by governance): it replaces the active one, and the difference is granted.

    Raises Conflict when it is no longer submitted or was changed after it was shown, Refused when a closed
    period would change or money that is already spent or committed would be taken back.
    """
    with transaction.atomic():
        mine = locked(budget)
        if warrant.kind != Warrant.Kind.BUDGET or warrant.program_id != mine.program_id:
            raise Refused("This decision is not about a budget of this program.")
        if warrant.digest != content.digest(mine):
            raise Conflict("The budget was changed after it was shown: the decision does not hold for it.")
        before = Budget.objects.filter(
            program_id=mine.program_id, project=mine.project, state=State.ACTIVE
        ).first()
        if before is not None:
            Budget.objects.filter(pk=before.pk).update(state=State.SUPERSEDED, version=F("version") + 1)
        _move(mine, State.SUBMITTED, State.ACTIVE, warrant=warrant, activated_at=at)
        changes = _differences(before, mine)
        closed = sorted({one.period.code for one in changes if one.period.state != FiscalPeriod.State.OPEN})
        if closed:
            raise Refused(f"{', '.join(closed)} is closed: a new version keeps its lines as they were.")
        ledger.grant(
            program=mine.program,
            lines=changes,
            warrant=warrant,
            source=("budget", str(mine.pk)),
            text=f"Budget {mine.project.code if mine.project else 'reserves'} version {mine.number}",
            by=by,
            at=at,
        )
        guard.promise(mine.program, at=at)
        return mine


def _differences(before: Budget | None, after: Budget) -> list[GrantLine]:
    """What changes from one version to the next, at each place and period (minor units)."""
    sums: dict[tuple[str, str, FiscalPeriod], int] = {}
    for budget, sign in ((before, -1), (after, 1)):
        if budget is None:
            continue
        for line in budget.lines.select_related("period"):
            key = (line.category, line.nature, line.period)
            sums[key] = sums.get(key, 0) + sign * line.amount_minor
    return [
        GrantLine(Place(after.project_id, category, nature), period, amount)
        for (category, nature, period), amount in sums.items()
        if amount
    ]


def _move(budget: Budget, source: str, target: str, **more: Any) -> Budget:
    changed = Budget.objects.filter(pk=budget.pk, state=source).update(
        state=target, version=F("version") + 1, **more
    )
    if not changed:
        raise Conflict(f"This budget is {budget.get_state_display().lower()} already.")
    budget.refresh_from_db()
    return budget
