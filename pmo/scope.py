"""The scope of a transaction: which programs Postgres lets it see (row-level security), and whose rights hold.

Everything is set with `set_config(..., true)`: it vanishes at commit, so a pooled connection carries nothing over.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection, transaction

from pmo.accounts import access as accesses
from pmo.accounts.access import Access, Held
from pmo.accounts.models import User

ENTER = """
select set_config('app.user', %(user)s, true),
       (select set_config('app.programs', coalesce(array_agg(distinct m.program_id)::text, '{}'), true)
          from pmo_held(%(id)s, %(on)s) m),
       (select coalesce(json_agg(json_build_array(m.program_id, m.role, m.project_id)), '[]')
          from pmo_held(%(id)s, %(on)s) m)
"""


def today() -> date:
    """The calendar day in UTC: memberships are valid by whole days."""
    return datetime.now(UTC).date()


def _enter(
    user: Any, *, only: Iterable[int] | None = None, read_only: bool = False, by_token: bool = False
) -> Access:
    """One statement: set the row-security scope from the memberships in force, and read those memberships."""
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user', '', true), set_config('app.programs', '{}', true)")
        return accesses.NOBODY
    with connection.cursor() as cursor:
        cursor.execute(ENTER, {"user": str(user.pk), "id": user.pk, "on": today()})
        row = cursor.fetchone()
        held = tuple(Held(*one) for one in row[2])
        if only is not None:
            allowed = set(only)
            held = tuple(one for one in held if one.program_id in allowed)
            _set_programs({one.program_id for one in held})
    return Access(user=user, held=held, read_only=read_only, by_token=by_token)


def _set_programs(program_ids: Iterable[int]) -> None:
    listed = "{" + ",".join(str(int(pk)) for pk in sorted(set(program_ids))) + "}"
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.programs', %s, true)", [listed])


@contextmanager
def read_scope(user: Any, **limits: Any) -> Iterator[Access]:
    """One REPEATABLE READ, READ ONLY transaction in which only this person's programs exist.

    Inside another transaction (a command, a test) it keeps that transaction and sets the scope alone.
    `limits`: `only` (program ids), `read_only`, `by_token`, from an API token.
    """
    inside = connection.in_atomic_block
    with transaction.atomic():
        if not inside:
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read, read only")
        token = accesses.enter(_enter(user, **limits))
        try:
            yield accesses.current_access()
        finally:
            accesses.leave(token)


@contextmanager
def system_scope(program_ids: Iterable[int], *, reason: str, user: User | None = None) -> Iterator[Access]:
    """The office's own work (worker, clock, command line) in these programs; the reason is for the reader of the code.

    Opens no transaction of its own: it must be entered inside one.
    """
    if not reason:
        raise ValueError("system work says why")
    if not connection.in_atomic_block:
        raise RuntimeError("a scope lives in a transaction: enter it inside atomic()")
    ids = sorted(set(program_ids))
    _set_programs(ids)
    if user is not None:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('app.user', %s, true)", [str(user.pk)])
    token = accesses.enter(accesses.system_access(ids))
    try:
        yield accesses.current_access()
    finally:
        accesses.leave(token)


def widen(program_id: int) -> None:
    """Let the running command see a program it has just made (its id is taken before its row is written)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('app.programs', (current_setting('app.programs')::bigint[] || %s::bigint)::text, true)",
            [program_id],
        )


def program_ids() -> list[int]:
    """Every program's id, for the clock's loops (a function only the worker's and owner's logins may call)."""
    with connection.cursor() as cursor:
        cursor.execute("select pmo_program_ids()")
        return [row[0] for row in cursor.fetchall()]
