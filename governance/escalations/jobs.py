"""What the clock does by itself: escalations whose day is over go one rung up, and deviations
whose last day is over are escalated, program by program."""

from __future__ import annotations

import logging

from celery import shared_task

from governance.escalations import services
from pmo import commands
from pmo.refusals import Refused
from pmo.scope import program_ids

log = logging.getLogger(__name__)


@shared_task(name="clock.escalations")
def climb_ladders() -> None:
    """Each program in a transaction of its own; one that fails is logged and tried again at the next turn."""
    for program_id in program_ids():
        try:
            climb_in(program_id)
        except Exception:  # one broken program does not keep the others from their turn
            log.exception("escalations of program %s", program_id)


def climb_in(program_id: int) -> int:
    """The same for one program; how many moved."""
    try:
        moved = commands.run(
            services.climb, actor=None, scope=[program_id], why="its day was over", program_id=program_id
        )
        commands.run(
            services.escalate_lapsed, actor=None, scope=[program_id], why="tolerated until then",
            program_id=program_id,
        )  # fmt: skip
    except Refused as refusal:
        log.warning("escalations of program %s stay where they are: %s", program_id, refusal)
        return 0
    return len(moved)
