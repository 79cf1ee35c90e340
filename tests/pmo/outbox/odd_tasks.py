"""Outbox tasks and a report that only tests know, loaded by their worker with `--include`."""

from __future__ import annotations

import os
import signal
import time
from datetime import datetime
from typing import Any

from django.db import connection

from pmo.accounts.models import User
from pmo.outbox.tasks import Work, outbox_task
from pmo.reports.document import Document, Progress
from pmo.reports.models import ReportRun
from pmo.reports.registry import register
from tests.pmo.reports.sample import document


def note(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None:
    """The effect that can be counted: one more letter."""
    with connection.cursor() as cursor:
        cursor.execute("update programs_program set mandate = mandate || 'x' where id = %s", [program_id])


@outbox_task("test.deed", staged=True)
def deed(work: Work) -> None:
    """Take a while, then have one effect."""
    time.sleep(work.payload.get("seconds", 0.05))
    work.finish(note, program_id=work.program_id, payload=work.payload)


@outbox_task("test.poison", staged=True)
def poison(work: Work) -> None:
    """Kill the worker that touches it."""
    os.kill(os.getpid(), signal.SIGKILL)


def slow_report(run: ReportRun, progress: Progress) -> Document:
    """A report that takes long enough to be killed in the middle."""
    for percent in range(10, 101, 10):
        progress(f"Step {percent // 10}", percent)
        time.sleep(0.3)
    return document()


register(kind="slow", title="Slow report", build=slow_report)
