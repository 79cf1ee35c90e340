"""What a change of working time would move, before it is saved: the plan with these calendars against that with others.

Nothing is written and no lock is taken; the answer is that of `master_plan.would_move`.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from pmo.refusals import Refused
from programs.calendars.models import Calendar
from programs.engine import Difference, difference, schedule
from programs.master_plan.worked_out import worked_out
from programs.master_plan.would_move import WouldMove
from programs.portfolio.models import Program, Project
from programs.schedule.inputs import Loaded, Otherwise, load
from programs.working_time import selectors


def edit_would_move(program: Program, calendar: Calendar, changes: Mapping[str, Any]) -> WouldMove:
    """What other hours and days of a calendar would move; `changes` as `services.edit` takes them. Ten queries."""
    days = {day: (shifts, reason) for day, shifts, reason in selectors.days(calendar)}
    put, out = selectors.days_written(calendar, changes)
    days = {day: what for day, what in (days | put).items() if day not in out}
    return _would(
        program,
        Otherwise(
            weeks={calendar.pk: changes.get("week", calendar.week)},
            exceptions={
                calendar.pk: {day: [(begin, to) for begin, to in shifts] for day, (shifts, _) in days.items()}
            },
        ),
    )


def choice_would_move(program: Program, calendar: Calendar | None, project: Project | None) -> WouldMove:
    """What planning the program (or one of its projects; None: as the program) by another calendar would move."""
    if project is not None:
        return _would(program, Otherwise(projects={project.pk: calendar.pk if calendar else None}))
    other = copy(program)
    other.calendar = calendar
    return _would(other, Otherwise(), program)


def _would(program: Program, other: Otherwise, now: Program | None = None) -> WouldMove:
    if not Project.objects.filter(program_id=program.pk).exists():
        raise Refused("There is no project yet, so nothing would move.")

    def differ(loaded: Loaded) -> Difference:
        then = load(program, other)
        plan = loaded.plan
        return difference(
            schedule(plan, loaded.rules),
            schedule(then.plan, then.rules),
            numbers=range(len(plan.duration)),
            links=range(len(plan.predecessor)),
            kind=plan.kind,
            duration=plan.duration,
        )

    return worked_out(now or program, differ)
