"""Real relays, workers and a Redis of their own, to be killed by tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import transaction

from pmo import embedded
from pmo.celery import QUEUES
from pmo.embedded_servers import Redis
from pmo.outbox.models import Outbox
from pmo.outbox.services import enqueue
from tests.cast import Office, everything

OPEN = (Outbox.State.PENDING, Outbox.State.HANDED)


class Crew:
    """Processes in groups of their own; `kill` takes the whole group, as the kernel would."""

    def __init__(self, environment: dict[str, str], logs: Path, redis: Redis) -> None:
        self.environment = environment | {"CELERY_SKIP_CHECKS": "true"}
        self.logs, self.redis, self.children, self.count = logs, redis, [], 0
        self.children: list[subprocess.Popen[bytes]]

    def relay(self, **more: str) -> subprocess.Popen[bytes]:
        """`manage.py relay` with the relay's login."""
        return self._start([str(embedded.ROOT / "manage.py"), "relay"], PMO_PROCESS="relay", **more)

    def worker(self, processes: int = 2, **more: str) -> subprocess.Popen[bytes]:
        """A Celery worker as `up` starts it, which knows the odd tasks too."""
        argv = [
            "-m",
            "celery",
            "-A",
            "pmo",
            "worker",
            "-l",
            "warning",
            "-c",
            str(processes),
            "-Q",
            ",".join(QUEUES),
        ]
        argv += ["--without-gossip", "--without-mingle", "--include", "tests.pmo.outbox.odd_tasks"]
        return self._start(argv, PMO_PROCESS="worker", **more)

    def _start(self, argv: list[str], **more: str) -> subprocess.Popen[bytes]:
        self.count += 1
        with (self.logs / f"{self.count}-{more['PMO_PROCESS']}.log").open("wb") as log:
            child = subprocess.Popen(
                [sys.executable, *argv],
                env=self.environment | more,
                cwd=embedded.ROOT,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.children.append(child)
        return child

    def kill(self, child: subprocess.Popen[bytes]) -> None:
        """SIGKILL for the whole group."""
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait(10)

    def stop(self) -> None:
        for child in self.children:
            if child.poll() is None:
                self.kill(child)
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    def said(self) -> str:
        """All logs, for a failing test."""
        return "\n".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.logs.glob("*.log")))


@contextmanager
def crew(environment: dict[str, str], logs: Path, *, lease_seconds: int = 2) -> Iterator[Crew]:
    """A crew with a Redis of its own (append-only file, as in production), all gone at the end."""
    with tempfile.TemporaryDirectory(prefix="pmo-crew-") as place:
        redis = Redis(Path(place), durable=True)
        redis.start()
        here = {
            "REDIS_URL": embedded.redis_url(0, celery=True, state=Path(place)),
            "PMO_OUTBOX_LEASE_SECONDS": str(lease_seconds),
        }
        made = Crew(environment | here, logs, redis)
        try:
            yield made
        finally:
            made.stop()
            redis.stop()


def put(office: Office, count: int, topic: str = "test.deed", **payload: Any) -> None:
    """Write `count` intentions, each in a transaction of its own."""
    for number in range(count):
        with transaction.atomic(), everything(office.program):
            key = f"{topic}:{time.monotonic_ns()}:{number}"
            enqueue(topic=topic, key=key, payload=payload, program_id=office.program.pk)


def rows(office: Office, **where: Any) -> list[Outbox]:
    with transaction.atomic(), everything(office.program):
        return list(Outbox.objects.filter(program=office.program, **where).order_by("pk"))


def still_open(office: Office) -> int:
    with transaction.atomic(), everything(office.program):
        return Outbox.objects.filter(program=office.program, state__in=OPEN).count()


def effects(office: Office) -> int:
    with transaction.atomic(), everything(office.program):
        office.program.refresh_from_db()
        return len(office.program.mandate)


def wait_until(true: Callable[[], bool], seconds: float, what: str, said: Callable[[], str] = str) -> float:
    """Seconds it took; fails with `what` and with what the processes said when the deadline passes."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > seconds:
            raise AssertionError(f"not within {seconds} s: {what}\n{said()}")
        time.sleep(0.05)
    return time.monotonic() - began
