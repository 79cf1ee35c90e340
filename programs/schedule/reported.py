"""What follows new facts of progress, whoever brought them: the record of the status date, and slices to the right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from pmo.accounts.models import User
from programs.lives.services import CLOSED
from programs.portfolio.models import Program, Project

AFTER: list[Callable[..., Any]] = []
"""Called with the program's id and `by` once status dates or progress changed. Slices to the right add themselves."""


def tell(program: Program, *, by: User | None) -> None:
    """Status dates or progress of the program changed, and its plan's version was raised for it."""
    for one in AFTER:
        one(program.pk, by=by)


def settle_status_date(program: Program) -> bool:
    """The program's status date is the latest one as soon as each open project has one; says whether it moved.

    Before that it would push the work of projects that never reported into the future. Sets the row at hand, which the
    caller holds and saves. One query.
    """
    projects = Project.objects.filter(program_id=program.pk).exclude(state__in=CLOSED)
    dates = list(projects.values_list("status_at", flat=True))
    known = [date for date in dates if date is not None]
    if not known or len(known) < len(dates) or (program.status_at and max(known) <= program.status_at):
        return False
    program.status_at = max(known)
    return True


def settle_back(program: Program, former: datetime | None, oldest: datetime | None) -> bool:
    """After a status date was taken back: the program's date anew from what its projects say now; whether it moved.

    Dates are taken back in any order, so what the program's date was before (`former`) may itself be of one that is
    gone: it holds no longer than a project has a date as late. Where no project has one it is that before any status
    date was set (`oldest`). Sets the row at hand, which the caller holds and saves. One query.
    """
    projects = Project.objects.filter(program_id=program.pk).values_list("state", "status_at")
    every = [date for _, date in projects if date is not None]
    still = [date for state, date in projects if state not in CLOSED]
    told = [date for date in still if date is not None]
    settled = oldest
    if every:
        settled = min(former, max(every)) if former else None
        if told and len(told) == len(still):
            settled = max(told) if settled is None else max(settled, *told)
    if settled == program.status_at:
        return False
    program.status_at = settled
    return True


_VALUES = """
select a.program_id, s.id, a.id, a.actual_start, a.actual_finish,
       case when a.actual_start is null then 0
            else greatest(a.duration_minutes - coalesce(a.remaining_minutes, 0), 0) end,
       case when a.actual_start is null then null else a.remaining_minutes end, a.percent_complete
  from programs_activity a
"""
_RECORD = f"""
insert into programs_progress (program_id, period_id, activity_id, actual_start, actual_finish, actual_minutes,
                               remaining_minutes, percent_complete)
{_VALUES}
  join programs_statusperiod s on s.project_id = a.project_id and s.id = any(%(periods)s)
 where a.program_id = %(program)s and a.kind <> 'summary'
   and (a.actual_start is not null or a.percent_complete > 0
        or exists (select 1 from programs_progress p where p.activity_id = a.id))
"""  # noqa: S608 - made of constants of this file
_AGAIN = f"""
insert into programs_progress (program_id, period_id, activity_id, actual_start, actual_finish, actual_minutes,
                               remaining_minutes, percent_complete)
{_VALUES}
  join programs_project j on j.id = a.project_id
  join programs_statusperiod s on s.project_id = a.project_id and s.at = j.status_at
 where a.program_id = %(program)s and a.kind <> 'summary' and a.id = any(%(activities)s)
on conflict (period_id, activity_id) do update set
  actual_start = excluded.actual_start, actual_finish = excluded.actual_finish,
  actual_minutes = excluded.actual_minutes, remaining_minutes = excluded.remaining_minutes,
  percent_complete = excluded.percent_complete
returning 1
"""


def record(program: Program, periods: Sequence[int]) -> None:
    """Write what is true of each activity at these new status periods of its project. One statement.

    Of activities that nothing was ever told of there is no row, as earned value and schedule health read it.
    """
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, {"program": program.pk, "periods": list(periods)})


def record_again(program: Program, activities: Iterable[int], *, by: User | None) -> None:
    """The progress of activities was typed: it is that of their project's status date, and what follows is told.

    Without a status date nothing is recorded. The program's plan version was raised for it. One statement.
    """
    ids = sorted(activities)
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(_AGAIN, {"program": program.pk, "activities": ids})
        told = cursor.rowcount
    if told:
        tell(program, by=by)
