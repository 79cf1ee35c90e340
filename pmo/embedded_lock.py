"""Who owns the embedded servers, and who shares them, decided by two file locks that a crash lets go.

`embedded.lock` is held by the owner for as long as its servers live. `embedded.users` is held shared by each
command that uses another's servers, and exclusively by the owner while they come up or go down: so nobody
ever starts to use a server that is about to end, and a short command waits for its sharers before it ends.
"""

import contextlib
import fcntl
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

from pmo import embedded
from pmo.embedded import EmbeddedError
from pmo.embedded_servers import Postgres, Redis, Server

Kind = type[Postgres] | type[Redis]
PATIENCE = 60.0  # seconds for another command's servers to come up or go down


def wanted() -> list[Kind]:
    """The servers that no variable names elsewhere."""
    pairs: Sequence[tuple[Kind, str]] = ((Postgres, "DATABASE_URL"), (Redis, "REDIS_URL"))
    return [kind for kind, variable in pairs if not os.environ.get(variable)]


def _try(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(file: IO[str], how: int, seconds: float | None, complaint: str) -> None:
    """Take a lock within `seconds` (None: however long), saying once what is waited for."""
    begun, said = time.monotonic(), False
    while not _try(file, how):
        waited = time.monotonic() - begun
        if seconds is not None and waited > seconds:
            raise EmbeddedError(complaint)
        if not said and waited > 2:
            said = True
            print(f"waiting: {complaint}", file=sys.stderr, flush=True)
        time.sleep(0.02)


def owner_of(state: Path = embedded.STATE) -> str:
    """What the owner called itself, e.g. `up 1234`; empty when nobody owns the servers."""
    with contextlib.suppress(FileNotFoundError), (state / "embedded.lock").open("r+") as lock:
        if not _try(lock, fcntl.LOCK_SH):
            return lock.read().strip() or "another command"
    return ""


@contextlib.contextmanager
def servers(
    name: str,
    state: Path = embedded.STATE,
    *,
    alone: bool = False,
    durable: bool = True,
) -> Iterator[list[Server]]:
    """The embedded servers this command needs while it runs; yields those it owns (none when it shares).

    `alone` refuses to share: for `up`, which waits for a short command to end, but not for another `up`.
    """
    kinds = wanted()
    if not kinds:
        yield []
        return
    state.mkdir(parents=True, exist_ok=True, mode=0o755)
    with (state / "embedded.lock").open("a+") as lock, (state / "embedded.users").open("a+") as users:
        if not _own(lock, users, state, alone=alone):
            yield []
            return
        lock.truncate(0)
        lock.write(f"{name} {os.getpid()}")
        lock.flush()
        started: list[Server] = []
        try:
            for kind in kinds:
                server = kind(state, durable=durable)
                started.append(server)
                server.start()
            fcntl.flock(users, fcntl.LOCK_UN)
            yield started
            if not alone:
                _wait(users, fcntl.LOCK_EX, None, "other commands still use this command's database")
        finally:
            _try(users, fcntl.LOCK_EX)
            for server in reversed(started):
                server.stop()
            lock.truncate(0)


def _own(lock: IO[str], users: IO[str], state: Path, *, alone: bool) -> bool:
    """Become the owner (True, holding both locks), or a sharer (False, holding `users` shared)."""
    deadline = time.monotonic() + PATIENCE
    while True:
        if _try(lock, fcntl.LOCK_EX):
            with contextlib.suppress(EmbeddedError):  # a sharer of an owner that was killed gets our servers
                _wait(users, fcntl.LOCK_EX, 1, "")
            return True
        if alone:
            holder = owner_of(state)
            if holder.startswith("up "):
                raise EmbeddedError(f"already running here ({holder}): stop it first, or set PMO_STATE_DIR")
            if time.monotonic() > deadline:
                raise EmbeddedError(f"the embedded servers are in use ({holder})")
            time.sleep(0.1)
            continue
        _wait(users, fcntl.LOCK_SH, PATIENCE, "another command's database neither starts nor stops")
        if not _try(lock, fcntl.LOCK_EX):
            return False  # its owner is still there, and will wait for us
        fcntl.flock(lock, fcntl.LOCK_UN)  # it went meanwhile: begin again, perhaps as the owner
        fcntl.flock(users, fcntl.LOCK_UN)
        if time.monotonic() > deadline:
            raise EmbeddedError("the embedded servers come and go")
