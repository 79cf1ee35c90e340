"""What the clock does by itself: keep what is expected of the reserves, at each month's start and each status date."""

from __future__ import annotations

import logging
from datetime import datetime

from celery import shared_task
from django.db.models import Max

from finance.reserves.models import ReserveOutlook
from finance.reserves.services import freeze
from finance.structure import periods
from pmo import commands
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.scope import program_ids
from programs.portfolio.models import Program
from programs.schedule.models import StatusPeriod

log = logging.getLogger(__name__)
Occasion = ReserveOutlook.Occasion


@shared_task(name="clock.reserves")
def keep_expectations() -> None:
    """Every program in a transaction of its own; one that cannot be kept is logged and left."""
    for program_id in program_ids():
        try:
            commands.run(
                keep_due, actor=None, scope=[program_id], why="kept by the clock", program_id=program_id
            )
        except Exception:  # the other programs are kept all the same
            log.exception("what is expected of the reserves of program %s is not kept", program_id)


def keep_due(*, program_id: int, by: User | None, at: datetime) -> int:
    """Keep what is due in one program; how many were kept. A program without reserves, plans and risks has nothing.

    A status date is kept for as soon as it is seen, the newest only: one that came late is not made up. Where the
    newest was taken back, the one that is the newest now counts."""
    program = Program.objects.get(pk=program_id)
    mine = ReserveOutlook.objects.filter(program_id=program_id)
    month = periods.code_of(periods.local_day(program, at))
    kept = 0
    try:
        if not mine.filter(occasion=Occasion.MONTH, month=month).exists():
            freeze(program=program, occasion=Occasion.MONTH, at=at)
            kept += 1
        status = StatusPeriod.objects.filter(program_id=program_id, at__lte=at).aggregate(last=Max("at"))[
            "last"
        ]
        if status is not None and not mine.filter(occasion=Occasion.STATUS, status_at=status).exists():
            freeze(program=program, occasion=Occasion.STATUS, at=at, status_at=status)
            kept += 1
    except Refused:  # nothing to keep
        return kept
    return kept
