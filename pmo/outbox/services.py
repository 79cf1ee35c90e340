"""Everything that can happen to the outbox from outside: enqueue, and a person's decision to try again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.outbox.models import Outbox
from pmo.refusals import Conflict

STUCK = (Outbox.State.DEAD, Outbox.State.UNKNOWN)


def enqueue(
    *,
    topic: str,
    key: str,
    payload: dict[str, Any],
    program_id: int,
    actor: User | None = None,
    due: datetime | None = None,
) -> Outbox:
    """Write an intention into the running transaction: with its cause, or not at all.

    `topic` is the name of the task; `key` names the deed: the same key twice is one row, the first one, which is
    returned. `due` (aware) postpones it. Raises RuntimeError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an outbox row is written in the transaction of its cause: open one first")
    row = Outbox(program_id=program_id, actor=actor, topic=topic, key=key, payload=payload)
    if due is not None:
        row.due = due
    Outbox.objects.bulk_create([row], ignore_conflicts=True)
    found: Outbox = Outbox.objects.get(key=key)
    return found


def try_again(*, row: Outbox, by: User, at: datetime) -> Outbox:
    """A person has looked at a dead or unclear row and wants it carried out again.

    Raises NotAllowed, and Conflict when it is no longer stuck.
    """
    current_access().require(Permission.MANAGE_OUTBOX, row.program_id)
    changed = Outbox.objects.filter(pk=row.pk, state__in=STUCK).update(
        state=Outbox.State.PENDING,
        attempts=0,
        handed=0,
        ambiguous=0,
        holder="",
        claimed_until=None,
        done_at=None,
        due=Now(),
    )
    if not changed:
        raise Conflict("This is no longer stuck: somebody else has looked at it.")
    row.refresh_from_db()
    return row
