"""Fiscal periods of a program: months, made when first needed, closed by the controller."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, datetime

from finance.structure.models import FiscalPeriod
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from pmo.zones import zone
from programs.portfolio.models import Program


def code_of(day: date) -> str:
    """The month of a day as a period's code: 2026-11."""
    return f"{day.year:04d}-{day.month:02d}"


def first_day(code: str) -> date:
    """The first day of a period's code. Raises Refused for anything that is not like 2026-11."""
    try:
        if len(code) != 7 or code[4] != "-":
            raise ValueError
        return date(int(code[:4]), int(code[5:]), 1)
    except ValueError:
        raise Refused(f"“{code[:20]}” is not a period such as 2026-11.", field="period") from None


def local_day(program: Program, at: datetime) -> date:
    """The calendar day of an instant in the program's time zone."""
    return at.astimezone(zone(program.time_zone)).date()


def ensure(program: Program, codes: Iterable[str]) -> dict[str, FiscalPeriod]:
    """The periods of these codes, open months made where missing."""
    wanted = sorted(set(codes))
    found = {one.code: one for one in FiscalPeriod.objects.filter(program=program, code__in=wanted)}
    missing = [code for code in wanted if code not in found]
    if missing:
        made = []
        for code in missing:
            start = first_day(code)
            end = start.replace(day=monthrange(start.year, start.month)[1])
            made.append(FiscalPeriod(program=program, code=code, starts_on=start, ends_on=end))
        FiscalPeriod.objects.bulk_create(made, ignore_conflicts=True)
        found = {one.code: one for one in FiscalPeriod.objects.filter(program=program, code__in=wanted)}
    return found


def period_of(program: Program, day: date) -> FiscalPeriod:
    """The period that a day belongs to, made if it is not there yet."""
    code = code_of(day)
    return ensure(program, [code])[code]


def close(*, period: FiscalPeriod, by: User, at: datetime) -> FiscalPeriod:
    """Close a period: nothing can be entered in it from now on. Waits for entries under way."""
    current_access().require(Permission.CLOSE_PERIOD, period.program_id)
    changed = FiscalPeriod.objects.filter(pk=period.pk, state=FiscalPeriod.State.OPEN).update(
        state=FiscalPeriod.State.CLOSED, closed_at=at, closed_by=by
    )
    if not changed:
        raise Conflict(f"Period {period.code} is already closed.")
    period.refresh_from_db()
    return period


def reopen(*, period: FiscalPeriod, reason: str, by: User, at: datetime) -> FiscalPeriod:
    """Open a closed period again, for a reason that everybody can read. Raises Refused without one."""
    current_access().require(Permission.CLOSE_PERIOD, period.program_id)
    words = reason.strip()
    if not words or len(words) > 400 or not words.isprintable():
        raise Refused("Say in at most 400 characters, on one line, why it is opened again.", field="why")
    changed = FiscalPeriod.objects.filter(pk=period.pk, state=FiscalPeriod.State.CLOSED).update(
        state=FiscalPeriod.State.OPEN,
        closed_at=None,
        closed_by=None,
        reopened_at=at,
        reopened_by=by,
        reopened_why=words,
    )
    if not changed:
        raise Conflict(f"Period {period.code} is open already.")
    period.refresh_from_db()
    return period
