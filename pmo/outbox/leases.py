"""Who works on an outbox row, in a handful of SQL statements: hand over, begin, beat, end.

A row moves pending -> handed -> an end (sent, kept, dead, unknown), and back to pending to wait for another try.
- The relay *hands over*: it takes the row for a while (`claimed_until`) and gives its id to the broker. If nobody
  begins by then (the broker was killed or flushed), the row is handed over again, each time with more patience.
- A worker *begins*: one compare-and-set makes it the holder and counts the attempt, committed before the work, so
  that a row which kills its worker is counted too. Any duplicate of the message finds a holder and goes away.
- The holder *beats* while it lives. If it dies, its lease runs out and the row is handed over again.
- The holder *ends* the row in the same transaction as its effect. Who lost the lease meanwhile ends nothing: the
  transaction fails, and with it the effect. So an effect happens once, however often a message is delivered.

All times are the database's. Statements after `hand_over` need the row's program as row-security scope.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from pmo.outbox.models import Outbox

MOST_ATTEMPTS = 3
BATCH = 20
LONGEST_PATIENCE_SECONDS = 900

HAND_OVER = """
update pmo_outbox set state = 'handed', handed = handed + 1, holder = '',
       claimed_until = clock_timestamp() + least(%(patience)s * 2 ^ least(handed, 10), %(most)s) * interval
       '1 second'
 where id in (select id from pmo_outbox
               where state in ('pending', 'handed') and due <= clock_timestamp()
                 and (claimed_until is null or claimed_until < clock_timestamp())
               order by due, id limit %(batch)s for update skip locked)
returning id, program_id, topic
"""
TAKE_BACK = """
update pmo_outbox set state = 'pending', handed = greatest(handed - 1, 0), claimed_until = null
 where id = any(%s) and state = 'handed' and holder = ''
"""
FORGET = "update pmo_outbox set claimed_until = null where state = 'handed' and holder = ''"
BEGIN = """
update pmo_outbox set state = 'handed', handed = 0, holder = %(holder)s, attempts = attempts + 1,
       claimed_until = clock_timestamp() + %(lease)s * interval '1 second'
 where id = %(id)s and state in ('pending', 'handed') and due <= clock_timestamp()
   and (holder = '' or claimed_until is null or claimed_until < clock_timestamp())
returning id, program_id, actor_id, topic, key, payload, attempts, ambiguous, created_at, clock_timestamp()
"""
BEAT = """
update pmo_outbox set claimed_until = clock_timestamp() + %(lease)s * interval '1 second'
 where id = %(id)s and holder = %(holder)s
"""
END = """
update pmo_outbox
   set state = %(state)s, holder = '', claimed_until = null, last_error = %(error)s,
       attempts = case when %(forgive)s then 0 else attempts end,
       ambiguous = greatest(ambiguous + %(ambiguous)s, 0),
       due = clock_timestamp() + %(seconds)s * interval '1 second',
       done_at = case when %(state)s = 'pending' then null else clock_timestamp() end
 where id = %(id)s and holder = %(holder)s
"""
IN_FLIGHT = """
update pmo_outbox set ambiguous = ambiguous + 1, due = clock_timestamp() + %(seconds)s * interval '1 second'
 where id = %(id)s and holder = %(holder)s
"""


class LeaseLost(Exception):
    """Another worker took the row over: whatever this one has done must not be committed."""


@dataclass(frozen=True, slots=True)
class Handed:
    """A row for the broker: its id, its program (the scope of its task) and its topic (the task's name)."""

    id: int
    program_id: int
    topic: str


@dataclass(frozen=True, slots=True)
class Begun:
    """A row in the hands of this worker; `attempts` counts this one."""

    id: int
    program_id: int
    actor_id: int | None
    topic: str
    key: str
    payload: dict[str, Any]
    attempts: int
    ambiguous: int
    created_at: datetime
    begun_at: datetime
    holder: str


def lease_seconds() -> float:
    """How long a holder may be silent, and how patient the first hand-over is."""
    return float(settings.OUTBOX_LEASE_SECONDS)


def hand_over() -> list[Handed]:
    """Take up to 20 rows that are due for the broker (one statement of its own; other relays skip them)."""
    values = {"patience": lease_seconds(), "most": LONGEST_PATIENCE_SECONDS, "batch": BATCH}
    with connection.cursor() as cursor:
        cursor.execute(HAND_OVER, values)
        return sorted((Handed(*row) for row in cursor.fetchall()), key=lambda one: one.id)


def take_back(ids: list[int]) -> None:
    """The broker did not take these: they wait here again."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE_BACK, [ids])


def forget_handed() -> int:
    """The broker lost its memory: what nobody has begun is due again. Returns the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        return int(cursor.rowcount)


def begin(row_id: int, holder: str) -> Begun | None:
    """Become the row's holder, or None: done, taken, postponed, or not of the program in scope."""
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, {"id": row_id, "holder": holder, "lease": lease_seconds()})
        row = cursor.fetchone()
    if row is None:
        return None
    pk, program_id, actor_id, topic, key, payload, attempts, ambiguous, created_at, now = row
    parsed = json.loads(payload) if isinstance(payload, str) else payload  # Django's raw cursors give text
    return Begun(pk, program_id, actor_id, topic, key, parsed, attempts, ambiguous, created_at, now, holder)


def beat(row_id: int, holder: str) -> None:
    """Stay the holder for another while. Raises LeaseLost."""
    with connection.cursor() as cursor:
        cursor.execute(BEAT, {"id": row_id, "holder": holder, "lease": lease_seconds()})
        _one(cursor.rowcount)


def in_flight(row_id: int, holder: str, *, patience_seconds: int) -> None:
    """Say, before the mail's final dot, that it may be out: if we die now, wait so long before another
    try.
    """
    with connection.cursor() as cursor:
        cursor.execute(IN_FLIGHT, {"id": row_id, "holder": holder, "seconds": patience_seconds})
        _one(cursor.rowcount)


def end(
    row_id: int,
    holder: str,
    state: Outbox.State,
    *,
    error: str = "",
    again_in_seconds: float = 0,
    ambiguous: int = 0,
    forgive: bool = False,
) -> None:
    """End the holder's work: at an end state, or PENDING to be tried again. Raises LeaseLost.

    `ambiguous` is added to the row's count; `forgive` sets the attempts back (the failure was not of our
    making).
    """
    values: dict[str, Any] = {
        "id": row_id,
        "holder": holder,
        "state": state.value,
        "error": error[:300],
        "seconds": again_in_seconds,
        "ambiguous": ambiguous,
        "forgive": forgive,
    }
    with connection.cursor() as cursor:
        cursor.execute(END, values)
        _one(cursor.rowcount)


def _one(changed: int) -> None:
    if changed != 1:
        raise LeaseLost
