"""The one runner of commands: one durable transaction, with who, why and request, scope, idempotency and retries."""

from __future__ import annotations

import hashlib
import json
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import ProtectedError

from pmo import refusals
from pmo.accounts import access as accesses
from pmo.accounts.models import User
from pmo.idempotency import IdempotencyKey
from pmo.request_id import current_request_id
from pmo.scope import _enter, _set_programs

T = TypeVar("T")
RETRY = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, waited too long for a lock
TRIES = 5


def run(
    service: Callable[..., T],
    *,
    actor: User | None,
    why: str = "",
    at: datetime | None = None,
    idempotency_key: str | None = None,
    scope: list[int] | None = None,
    limits: dict[str, Any] | None = None,
    **arguments: Any,
) -> T:
    """Run one service as the only durable transaction of this request, job or command.

    The service gets `by=actor` and `at` (aware UTC, now unless given) besides its own keyword arguments.
    `why` goes into every history row that the command writes. With `idempotency_key` a second run of the
    same command by the same person raises `AlreadyDone` instead of doing it twice. `scope` (program ids) is
    for the office's own work without a person or for a job that acts for one (`actor`) inside one program.
    Raises `Refused` for what was foreseen, constraints included; retries serialization failures and
    deadlocks up to five times, then answers `Conflict`.
    """
    moment = at or datetime.now(UTC)
    for attempt in range(1, TRIES + 1):
        try:
            with transaction.atomic(durable=True):
                rights = _rights(actor, scope, limits or {})
                _explain(actor, why, service)
                token = accesses.enter(rights)
                try:
                    if idempotency_key:
                        _claim(actor, idempotency_key, service, arguments)
                    return service(by=actor, at=moment, **arguments)
                finally:
                    accesses.leave(token)
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", None) not in RETRY:
                raise
            if attempt == TRIES:
                raise refusals.Conflict("Too many people changed this at once. Please try again.") from error
            time.sleep(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311 - jitter, not a secret
        except (IntegrityError, DatabaseError) as error:
            raise _in_words(error) from error
    raise AssertionError("unreachable")


class AlreadyDone(refusals.Refused):
    """This very command was done before: the door answers as if it had just been done."""

    status = 200

    def __init__(self) -> None:
        super().__init__("This was already done.", code="already-done")


def _rights(actor: User | None, scope: list[int] | None, limits: dict[str, Any]) -> accesses.Access:
    if scope is None:
        return _enter(actor, **limits)
    _set_programs(scope)
    with connection.cursor() as cursor:
        cursor.execute("select set_config('app.user', %s, true)", [str(actor.pk) if actor else ""])
    return accesses.system_access(scope)


def _explain(actor: User | None, why: str, service: Callable[..., Any]) -> None:
    """Who, why and request for every history row of this transaction (read by pghistory's triggers)."""
    context = {
        "user": actor.pk if actor else None,
        "name": actor.name if actor else "the office",
        "why": why[:2000],
        "command": f"{service.__module__}.{service.__name__}",
        "request": current_request_id(),
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "select set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)",
            [str(uuid.uuid4()), json.dumps(context)],
        )


def _claim(actor: User | None, key: str, service: Callable[..., Any], arguments: dict[str, Any]) -> None:
    """A second run waits here for the first, then finds its key taken; another body under the same key is refused."""
    said = _canonical([service.__module__, service.__name__, arguments])
    printed = json.dumps(said, sort_keys=True, default=str)
    fingerprint = hashlib.sha256(printed.encode()).hexdigest()
    taken = IdempotencyKey.take(principal=actor.pk if actor else 0, key=key, fingerprint=fingerprint)
    if taken is IdempotencyKey.OTHER:
        raise refusals.Refused(
            "This form was already used for something else. Please reload it.", code="key-reused"
        )
    if taken is IdempotencyKey.SEEN:
        raise AlreadyDone


def _canonical(value: Any) -> Any:
    """As JSON with texts for keys: days are keys of a calendar, and JSON neither takes nor sorts such."""
    if isinstance(value, Mapping):
        return {str(key): _canonical(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(one) for one in value]
    if isinstance(value, set | frozenset):  # no order of its own
        return sorted((_canonical(one) for one in value), key=str)
    return value


def _in_words(error: DatabaseError) -> Exception:
    """The database is the referee: its refusal in a sentence, or the error itself where none was foreseen."""
    if isinstance(error, ProtectedError):
        return refusals.Refused(
            "Other records depend on this, so it stays. Take those away first, or leave it as it is.",
            code="in-use",
        )
    cause = error.__cause__
    diagnosis = getattr(cause, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or ""
    if name in refusals.SENTENCES:
        return refusals.Refused(refusals.SENTENCES[name], code=name)
    if getattr(cause, "pgcode", None) == "PR001":  # our own triggers raise sentences with this code
        return refusals.Refused(getattr(diagnosis, "message_primary", str(error)))
    if getattr(cause, "pgcode", None) == "PR002":
        return refusals.Conflict(getattr(diagnosis, "message_primary", str(error)))
    return error
