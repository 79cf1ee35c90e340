"""Outbox rows as Celery tasks: `@outbox_task("report.build")` makes a task whose effect happens once.

    @outbox_task("schedule.recalculate")
    def recalculate(*, program_id: int, payload: dict[str, Any], by: User | None, at: datetime) -> None: ...

runs in one durable transaction together with the row's end, in the scope of the row's program, with the rights that
its actor holds today (a row without an actor, or `as_office=True`: the office's own rights in that program). A staged
task gets the `Work` instead, outside a transaction, and ends it itself:

    @outbox_task("report.build", staged=True, failed=mark_failed)
    def build(work: Work) -> None: ...; work.finish(store, figures=...)

`Refused` ends the row as dead with its sentence; another exception is tried again, three attempts in all, counted
before the work. `failed(program_id=, payload=, reason=, by=, at=)` runs in the transaction that gives up.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import DatabaseError, connection, transaction

from pmo import commands, request_id
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.outbox import leases
from pmo.outbox.leases import Begun, LeaseLost
from pmo.outbox.models import Outbox
from pmo.refusals import NotAllowed, Refused
from pmo.scope import system_scope

log = logging.getLogger(__name__)
RETRY_SECONDS = (5, 30)
Failed = Callable[..., None]


class Work:
    """One row in this worker's hands, from `begin` to exactly one of `finish`, `settle`, `give_up`."""

    def __init__(self, begun: Begun, *, as_office: bool, failed: Failed | None) -> None:
        self.row = begun
        self.payload = begun.payload
        self.program_id = begun.program_id
        self.actor = User.objects.filter(pk=begun.actor_id).first() if begun.actor_id else None
        self.ended = False
        self._failed = failed
        office = as_office or self.actor is None
        self._rights: dict[str, Any] = (
            {"scope": [self.program_id]} if office else {"limits": {"only": [self.program_id]}}
        )

    def finish(self, service: Callable[..., Any], *, why: str = "", **arguments: Any) -> Any:
        """Run a service and end the row as done, in one durable transaction. Raises LeaseLost, Refused."""
        return self._end(service, Outbox.State.SENT, why=why, **arguments)

    def settle(self, state: Outbox.State, **how: Any) -> None:
        """End the row without another effect, or set it back to PENDING (`leases.end` says how)."""
        with self.scope("the end of an outbox row"):
            leases.end(self.row.id, self.row.holder, state, **how)
        self.ended = True

    def give_up(self, reason: str) -> None:
        """End the row as dead; the `failed` function of its task runs in the same transaction."""
        if self._failed is None:
            self.settle(Outbox.State.DEAD, error=reason)
            return
        self._rights = {"scope": [self.program_id]}  # saying that it failed needs no right of the actor's
        arguments: dict[str, Any] = {
            "program_id": self.program_id,
            "payload": self.payload,
            "reason": reason[:300],
        }
        self._end(self._failed, Outbox.State.DEAD, error=reason, **arguments)

    def beat(self) -> None:
        """Renew the lease. Raises LeaseLost."""
        with self.scope("the holder is alive"):
            leases.beat(self.row.id, self.row.holder)

    @contextmanager
    def scope(self, reason: str) -> Iterator[None]:
        """A short transaction of its own in the row's program, with the office's rights."""
        with transaction.atomic(durable=True), system_scope([self.program_id], reason=reason):
            yield

    def _end(
        self,
        service: Callable[..., Any],
        state: Outbox.State,
        *,
        why: str = "",
        error: str = "",
        **arguments: Any,
    ) -> Any:
        @wraps(service)  # the history names the service, not this wrapper
        def with_row(**given: Any) -> Any:
            if self.program_id not in current_access().program_ids:
                raise NotAllowed("Who asked for this holds no role in the program any more.")
            leases.end(self.row.id, self.row.holder, state, error=error)
            return service(**given)

        result = commands.run(with_row, actor=self.actor, why=why, **self._rights, **arguments)
        self.ended = True
        return result


class Heartbeat(threading.Thread):
    """Renews the lease from a thread of its own, so that only death, not slow work, loses it."""

    def __init__(self, work: Work) -> None:
        super().__init__(name=f"lease-{work.row.id}", daemon=True)
        self.work = work
        self.over = threading.Event()

    def run(self) -> None:
        try:
            while not self.over.wait(leases.lease_seconds() / 4):
                try:
                    self.work.beat()
                except LeaseLost:
                    return
                except DatabaseError:
                    log.warning("the lease of an outbox row could not be renewed; trying again")
                    connection.close()
        finally:
            connection.close()


def outbox_task(
    topic: str, *, staged: bool = False, as_office: bool = False, failed: Failed | None = None
) -> Callable[[Callable[..., Any]], Any]:
    """Make a function the task of a topic (see the module's text). The message is only (row id, program id)."""

    def register(body: Callable[..., Any]) -> Any:
        def task(row_id: int, program_id: int) -> None:
            perform(row_id, program_id, body, staged=staged, as_office=as_office, failed=failed)

        task.__name__, task.__module__, task.__doc__ = body.__name__, body.__module__, body.__doc__
        return shared_task(name=topic)(task)

    return register


def perform(
    row_id: int,
    program_id: int,
    body: Callable[..., Any],
    *,
    staged: bool = False,
    as_office: bool = False,
    failed: Failed | None = None,
) -> None:
    """Carry out one row, if it is still to be done and nobody else does it."""
    request_id.begin(f"outbox-{row_id}")
    with transaction.atomic(durable=True), system_scope([program_id], reason="begin an outbox row"):
        begun = leases.begin(row_id, uuid.uuid4().hex)
    if begun is None:
        return
    work = Work(begun, as_office=as_office, failed=failed)
    heartbeat = Heartbeat(work)
    heartbeat.start()
    try:
        _attempt(work, body, staged=staged)
    except LeaseLost:
        log.warning(
            "another worker took this row over: nothing of this run was kept", extra={"outbox_id": row_id}
        )
    finally:
        heartbeat.over.set()


def _attempt(work: Work, body: Callable[..., Any], *, staged: bool) -> None:
    if work.row.attempts > leases.MOST_ATTEMPTS:
        work.give_up(f"Begun {leases.MOST_ATTEMPTS} times, and each time the work broke off without a word.")
        return
    try:
        if staged:
            body(work)
            if not work.ended:
                raise AssertionError(f"{work.row.topic} did not end its work")
        else:
            work.finish(body, program_id=work.program_id, payload=work.payload)
    except LeaseLost:
        raise
    except Refused as refused:
        work.give_up(refused.message)
    except SoftTimeLimitExceeded:
        work.give_up("This took longer than background work may take.")
    except Exception as error:
        extra = {"outbox_id": work.row.id, "program_id": work.program_id, "task": work.row.topic}
        log.exception("an outbox task failed", extra=extra)
        reason = f"An unexpected error ({type(error).__name__}); the log has it under outbox-{work.row.id}."
        if work.row.attempts >= leases.MOST_ATTEMPTS:
            work.give_up(reason)
        else:
            wait = RETRY_SECONDS[min(work.row.attempts, len(RETRY_SECONDS)) - 1]
            work.settle(Outbox.State.PENDING, error=reason, again_in_seconds=wait)
