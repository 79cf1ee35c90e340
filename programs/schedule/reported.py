"""What follows new facts of progress, whoever brought them: the program's own status date, and slices to the right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
