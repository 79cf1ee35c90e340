"""What the clock does by itself: close ballots whose time is over, program by program."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from celery import shared_task

from governance.decisions import reopening, selectors, services
from pmo import commands
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.scope import program_ids

log = logging.getLogger(__name__)


@shared_task(name="clock.ballots")
def close_overdue_ballots() -> None:
    """Close every overdue ballot, each in a transaction of its own; one that cannot close stays open and is logged."""
    for program_id in program_ids():
        close_overdue_in(program_id)


def close_overdue_in(program_id: int) -> tuple[int, int]:
    """The same for one program; how many were closed, and how many could not be."""
    closed = refused = 0
    for decision in commands.run(_overdue, actor=None, scope=[program_id], program_id=program_id):
        try:
            commands.run(
                services.close,
                actor=None,
                scope=[program_id],
                why="the ballot's time was over",
                decision=decision,
            )
            closed += 1
        except Refused as refusal:
            refused += 1
            log.warning("ballot %s of program %s stays open: %s", decision.code, program_id, refusal)
    return closed, refused


@shared_task(name="clock.conditions")
def conditions_fall_due() -> None:
    """Conditions whose day is over are unmet and reopen their decision; each program in a transaction of its own."""
    for program_id in program_ids():
        try:
            commands.run(
                reopening.fall_due,
                actor=None,
                scope=[program_id],
                why="its day was over",
                program_id=program_id,
            )
        except Refused as refusal:
            log.warning("conditions of program %s wait: %s", program_id, refusal)
        except Exception:  # one broken program does not keep the others from their turn
            log.exception("conditions of program %s", program_id)


def _overdue(*, program_id: int, by: User | None, at: datetime) -> list[Any]:
    return selectors.overdue(program_id)
