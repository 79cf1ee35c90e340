"""What can happen ahead of the reserves: a draw is planned for a month, and what is expected is kept as it is now."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from finance.engine.burn_down import LONGEST
from finance.reserves import burn_down
from finance.reserves.course import course_of
from finance.reserves.models import OutlookMonth, PlannedDraw, ReserveOutlook
from finance.reserves.plans import in_force
from finance.structure import periods
from finance.structure.models import RESERVES, Category
from finance.transfers.selectors import movements
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.refusals import Conflict, Refused
from programs.portfolio.models import Program

CHANGED = "Somebody changed this after you opened it. Here is how it is now."
Occasion = ReserveOutlook.Occasion


def plan_draw(
    *,
    program: Program,
    category: str,
    month: str,
    amount_minor: int,
    reason: str,
    seen: int,
    by: User,
    at: datetime,
) -> PlannedDraw:
    """Plan to draw so much (minor units; zero: nothing any more) from a reserve in a month (2026-11), with a reason.

    `seen`: the number of the newest setting of that reserve and month that the person saw, 0 for none. A plan moves
    no money: a reserve is drawn by a decision. What was planned for a month that is over stays as it is.
    """
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    if category not in RESERVES:
        raise Refused("Choose contingency or the management reserve.", field="category")
    first = periods.first_day(month)
    now = periods.local_day(program, at)
    ahead = (first.year - now.year) * 12 + first.month - now.month
    if ahead < 0:
        raise Refused("This month is over: what was planned for it stays as it is.", field="month")
    if ahead >= LONGEST:
        raise Refused("A draw is planned at most ten years ahead.", field="month")
    if not 0 <= amount_minor <= LIMIT:
        raise Refused("A planned draw is zero or more, and not larger than money can be.", field="amount")
    if not reason.strip():
        raise Refused("Say why.", field="why")
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
        mine = PlannedDraw.objects.filter(program=program, category=category, month=periods.code_of(first))
        before = mine.order_by("-n").first()
        if seen != (before.n if before else 0):
            raise Conflict(CHANGED, code="changed")
        if amount_minor == (before.amount_minor if before else 0):
            raise Refused("This is what is planned already.", field="amount")
        made = PlannedDraw(
            program=program,
            category=category,
            month=periods.code_of(first),
            n=seen + 1,
            amount_minor=amount_minor,
            reason=reason.strip()[:400],
            set_by=by,
            set_at=at,
        )
        made.save(force_insert=True)
        return made


def keep(*, program: Program, note: str, by: User, at: datetime) -> ReserveOutlook:
    """Keep what is expected of the reserves now, as it is; it is scored once its months are over."""
    current_access().require(Permission.EDIT_BUDGET, program.pk)
    if len(note.strip()) > 400:
        raise Refused("At most 400 letters.", field="note")
    return freeze(program=program, occasion=Occasion.PERSON, at=at, note=note.strip(), by=by)


def freeze(
    *,
    program: Program,
    occasion: str,
    at: datetime,
    note: str = "",
    status_at: datetime | None = None,
    by: User | None = None,
) -> ReserveOutlook:
    """Write down what register, plans and books say of the reserves now. Raises Refused where they say nothing."""
    with transaction.atomic():
        Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program.pk)
        today = periods.local_day(program, at)
        plans, moved = in_force(program.pk), movements(program.pk)
        found = burn_down.read(program, moved, today, plans)
        own = course_of(program, moved, plans, today)
        if not found.past and not found.risks and not found.planned and not own.past and not own.planned:
            raise Refused(
                "There is neither a reserve, nor a planned draw, nor an open risk with money: nothing to keep."
            )
        last = ReserveOutlook.objects.filter(program=program).aggregate(last=Max("number"))["last"] or 0
        made = ReserveOutlook(
            program=program,
            number=last + 1,
            occasion=occasion,
            month=periods.code_of(today),
            status_at=status_at,
            note=note,
            risks=found.risks,
            undated=found.undated,
            gross_minor=found.gross,
            left_minor=found.left,
            expected_minor=found.expected,
            planned_minor=found.planned,
            reserve_left_minor=own.left,
            reserve_planned_minor=own.planned,
            kept_by=by,
            kept_at=at,
        )
        made.save(force_insert=True)
        rows = [
            OutlookMonth(
                program=program,
                outlook=made,
                category=Category.CONTINGENCY,
                month=step.month,
                planned_minor=planned.draw,
                expected_minor=step.draw,
            )
            for step, planned in zip(found.ahead, found.plan, strict=True)
        ]
        rows += [
            OutlookMonth(
                program=program,
                outlook=made,
                category=Category.MANAGEMENT_RESERVE,
                month=step.month,
                planned_minor=step.draw,
            )
            for step in own.plan
        ]
        OutlookMonth.objects.bulk_create(rows)
        return made
