"""How far long work is, shown at once beside the work's own transaction; and how a wish to stop reaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connections
from psycopg2 import sql

from pmo.outbox.tasks import Work

Say = Callable[[str, int], None]


class Cancelled(Exception):  # a wish, not an error
    """Somebody cancelled the run: stop where we are."""


@contextmanager
def shown(work: Work, table: str, run_id: int, state: str = "running") -> Iterator[Say]:
    """A function that shows step and percent of a run at once, on a connection of its own, beside any snapshot.

    `table` has `step`, `percent` and `state`; the function raises `Cancelled` once the run is not in `state`.
    """
    own = connections.create_connection("default")
    own.set_autocommit(False)
    update = sql.SQL("update {} set step = %s, percent = %s where id = %s and state = %s").format(
        sql.Identifier(table)
    )

    def say(step: str, percent: int) -> None:
        with own.cursor() as cursor:
            cursor.execute("select set_config('app.programs', %s, true)", [f"{{{work.program_id}}}"])
            cursor.execute(update, [step[:80], percent, run_id, state])
            going = cursor.rowcount == 1
        own.commit()
        if not going:
            raise Cancelled

    try:
        yield say
    finally:
        own.close()
