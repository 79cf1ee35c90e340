"""Writing a request's money, and carrying it out when a decision allows it.

Every writing is a revision of the request: who wrote it is recused, and figures are computed with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from finance.amendments.models import AmendmentLine
from finance.amendments.selectors import lines_of, standing, touched
from finance.budgets.amending import amend
from finance.budgets.lines import Cell, fits
from finance.budgets.models import Budget
from finance.ledger import services as ledger
from finance.ledger.services import GrantLine
from finance.policy import guard
from finance.structure import periods
from finance.structure.models import RESERVES, Category, FiscalPeriod, Nature
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT, format_exact
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.changes import services as changes
from programs.changes.holding import editable
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Program, Project

MOST = 200
"""Lines of one request."""
SOURCE = "change_request"
"""The journals' source kind."""


def set_line(
    *,
    change_request: ChangeRequest,
    version: int,
    project: Project | None,
    category: str,
    nature: str,
    period_code: str,
    amount_minor: int,
    by: User,
    at: datetime,
    source: str = "",
) -> ChangeRequest:
    """Ask for an amount (signed minor units; zero takes the line out) at a cost line and period of the active budget.

    No project: the program's reserves. `source` names a reserve from which what is added comes: its own lines are
    written with it, from the same nature and the nearest open periods first. Needs the plan's right in the request's
    project, or the budget's. Raises Refused at the field, Conflict for another version of the request.
    """
    with transaction.atomic():
        request = editable(change_request, version, or_by=Permission.EDIT_BUDGET)
        current_access().require(Permission.VIEW_MONEY, request.program_id)
        program: Program = request.program
        if project is not None and project.program_id != program.pk:
            raise Refused("There is no such project in this program.", field="project")
        _sensible(project, category, nature, amount_minor)
        period = _open_period(program, period_code)
        line = AmendmentLine.objects.filter(
            change_request=request, project=project, category=category, nature=nature, period=period
        ).first()
        before = line.amount_minor if line else 0
        _put(request, project, category, nature, period, amount_minor)
        if source:
            if project is None or category in RESERVES:
                raise Refused("A reserve is drawn for a cost line of a project.", field="source")
            if amount_minor <= before:
                raise Refused("Only what is added can come out of a reserve.", field="source")
            _draw(request, source, nature, period.code, amount_minor - before)
        if AmendmentLine.objects.filter(change_request=request).count() > MOST:
            raise Refused(f"A request holds at most {MOST} amounts.")
        return changes.revised(change_request=request, by=by, at=at)


def _sensible(project: Project | None, category: str, nature: str, amount: int) -> None:
    if category not in Category.values:
        raise Refused("This cost category does not exist.", field="category")
    if nature not in Nature.values:
        raise Refused("Cost is capital or operating.", field="nature")
    if not -LIMIT <= amount <= LIMIT:
        raise Refused("An amount is not larger than money can be.", field="amount")
    fits(Budget(project=project), category)


def _open_period(program: Program, code: str) -> FiscalPeriod:
    try:
        periods.first_day(code)
    except Refused as refusal:
        raise Refused(refusal.message, field="period") from refusal
    period = periods.ensure(program, [code])[code]
    if period.state != FiscalPeriod.State.OPEN:
        raise Refused(f"{code} is closed: no budget of it is amended.", field="period")
    return period


def _put(
    request: ChangeRequest,
    project: Project | None,
    category: str,
    nature: str,
    period: FiscalPeriod,
    amount: int,
) -> None:
    """The line has this amount and no other; none where it is zero."""
    mine = AmendmentLine.objects.filter(
        change_request=request, project=project, category=category, nature=nature, period=period
    )
    if not amount:
        mine.delete()
    elif not mine.update(amount_minor=amount):
        AmendmentLine.objects.create(
            program_id=request.program_id,
            change_request=request,
            project=project,
            category=category,
            nature=nature,
            period=period,
            amount_minor=amount,
        )


def _draw(request: ChangeRequest, reserve: str, nature: str, period: str, amount: int) -> None:
    """Take an amount from the program's reserve, line by line of its active budget."""
    if reserve not in RESERVES:
        raise Refused("There is no such reserve.", field="source")
    now = standing(request.program_id)
    asked = touched(lines_of(request)).get(None, {})
    codes = {cell.period for owner, cell in now.amounts if owner is None and cell.category == reserve}
    dated = {
        one.code: one
        for one in FiscalPeriod.objects.filter(
            program_id=request.program_id, code__in=codes, state=FiscalPeriod.State.OPEN
        )
    }

    def nearest(cell: Cell) -> tuple[bool, bool, str]:
        return cell.nature != nature, cell.period < period, cell.period

    need = amount
    for cell in sorted((c for o, c in now.amounts if o is None and c.category == reserve), key=nearest):
        if cell.period not in dated or not need:
            continue
        already = asked.get(cell, 0)
        part = min(need, max(0, now.amounts[None, cell] + already))
        if part:
            _put(request, None, reserve, cell.nature, dated[cell.period], already - part)
            need -= part
    if need:
        raise Refused(
            f"{Category(reserve).label} has only {format_exact(amount - need, request.program.currency)} left in the "
            "open periods of its budget.",
            field="source",
        )


def apply(*, change_request: ChangeRequest, warrant: Warrant, by: User | None, at: datetime) -> None:
    """Amend every active budget that the request reaches, and grant the difference in the ledger; all or nothing.

    Called with the change request's approval, in the decision's transaction. Raises Refused where something does not
    fit any more, or where a blocking clause of the budget policy would be broken.
    """
    request = change_request
    lines = lines_of(request)
    projects = {one.project_id: one.project for one in lines}
    granted: list[GrantLine] = []
    with transaction.atomic():
        for project_id, deltas in _in_order(touched(lines)):
            granted += amend(
                program=request.program,
                project=projects[project_id],
                deltas=deltas,
                warrant=warrant,
                by=request.requester,
                submitted_at=request.submitted_at or at,
                at=at,
            )
        ledger.grant(
            program=request.program,
            lines=granted,
            warrant=warrant,
            source=(SOURCE, str(request.pk)),
            text=f"{request.code} {request.title}",
            by=by,
            at=at,
        )
        guard.promise(request.program, at=at)


def _in_order(found: dict[int | None, dict[Cell, int]]) -> Iterable[tuple[int | None, dict[Cell, int]]]:
    """One order of locks for everybody: by project, the reserves first."""
    return sorted(found.items(), key=lambda item: item[0] or 0)
