"""What the clock does by itself: hold every program against its policy, since days pass without anybody's deed."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task

from finance.conformity.checking import assess
from pmo import commands
from pmo.accounts.models import User
from pmo.scope import program_ids
from programs.portfolio.models import Program

log = logging.getLogger(__name__)


@shared_task(name="clock.policy")
def check_policies() -> None:
    """Every program in a transaction of its own; one that cannot be checked is logged and left."""
    for program_id in program_ids():
        try:
            commands.run(_assess, actor=None, scope=[program_id], why="nightly check", program_id=program_id)
        except Exception:  # the other programs are checked all the same
            log.exception("the budget policy of program %s is not checked", program_id)


def _assess(*, program_id: int, by: User | None, at: datetime) -> int:
    return assess(program=Program.objects.get(pk=program_id), by=by, at=at)
