"""New dates of very large plans, by a worker: computed of one snapshot, beside whoever goes on editing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, connections, transaction

from pmo.accounts.models import User
from pmo.outbox.tasks import Work, outbox_task
from pmo.scope import system_scope
from programs.portfolio.models import Program
from programs.schedule import following
from programs.schedule.computing import Prepared, Say, prepare
from programs.schedule.models import Computation, Recalculation

WRITING = "Writing the dates that changed"
SAY = """
update programs_recalculation set step = %s, percent = %s where program_id = %s and state = 'running'
"""


def could_not(
    *, program_id: int, payload: dict[str, Any], reason: str, by: User | None, at: datetime
) -> None:
    """Say on the plan why it has no new dates; the next edit asks again.

    An edit that was committed while the worker computed may be the very mend: it found a worker at work and left it
    to that one, so it is asked for here. `payload["version"]` is the plan's version that failed.
    """
    program = Program.objects.select_for_update(no_key=True, of=("self",)).get(pk=program_id)
    if program.plan_version > payload.get("version", program.plan_version):
        following.ask_if_behind(program, at=at)
        return
    Recalculation.objects.filter(program_id=program_id).update(
        state=Recalculation.State.FAILED, error=reason[:300], ended_at=at
    )


@outbox_task(following.TOPIC, staged=True, as_office=True, failed=could_not)
def recalculate(work: Work) -> None:
    """Compute a program's dates and keep them. Nothing is done where they are of the plan's version already."""
    with work.scope("a computation begins"):
        Recalculation.objects.filter(program_id=work.program_id).update(
            state=Recalculation.State.RUNNING, step="Beginning", percent=0, error=""
        )
    with _progress(work) as say:
        prepared, newest = _computed(work, say)
        say(WRITING, 90)
    work.finish(following.keep_late, program_id=work.program_id, prepared=prepared, newest=newest)


def _computed(work: Work, say: Say) -> tuple[Prepared | None, int]:
    """What one REPEATABLE READ snapshot of the plan gives (None if it is fresh), and the computation in force in it."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read, read only")
        with system_scope([work.program_id], reason="a worker computes the whole plan"):
            program = Program.objects.get(pk=work.program_id)
            work.payload["version"] = (
                program.plan_version
            )  # what fails from here on is this one, not the one asked for
            newest = Computation.objects.filter(program_id=program.pk).order_by("-pk").first()
            if newest is not None and newest.plan_version == program.plan_version:
                return None, newest.pk
            return prepare(program, say), newest.pk if newest else 0


@contextmanager
def _progress(work: Work) -> Iterator[Say]:
    """A function that shows the step at once: it commits on a connection of its own, beside the snapshot."""
    own = connections.create_connection("default")
    own.set_autocommit(False)

    def say(step: str, percent: int) -> None:
        with own.cursor() as cursor:
            cursor.execute("select set_config('app.programs', %s, true)", [f"{{{work.program_id}}}"])
            cursor.execute(SAY, [step[:80], percent, work.program_id])
        own.commit()

    try:
        yield say
    finally:
        own.close()
