"""What the clock does by itself: assess plans whose dates are newer than their assessment."""

from __future__ import annotations

import logging

from celery import shared_task

from pmo import commands
from pmo.refusals import Refused
from pmo.scope import program_ids
from programs.schedule_health import services

log = logging.getLogger(__name__)


@shared_task(name="clock.schedule_health")
def assess_stale_plans() -> None:
    """Every program in a transaction of its own; one that cannot be assessed is logged and left."""
    for program_id in program_ids():
        try:
            commands.run(services.assess_when_stale, actor=None, scope=[program_id], program_id=program_id)
        except Refused as refusal:
            log.warning("the plan of program %s is not assessed: %s", program_id, refusal)
        except Exception:  # a fault of ours, told as one; the other programs are assessed all the same
            log.exception("the plan of program %s is not assessed", program_id)
