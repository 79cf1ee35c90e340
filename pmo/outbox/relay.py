"""The relay: hands outbox rows that are due to Celery, by their ids. Nothing else publishes work.

It logs in as pmo_relay, which may see whose turn it is and never what is inside. Any number of relays may run. Redis
may be dead, frozen or empty: a hand-over then fails within seconds or is repeated when nobody begins the work; the
row itself never leaves Postgres before its end.
"""

from __future__ import annotations

import contextlib
import logging
import os
import select
import signal
import time
from types import FrameType
from typing import Any

from django.db import Error, connection
from kombu.exceptions import KombuError

from pmo import embedded
from pmo.celery import app
from pmo.outbox import leases

log = logging.getLogger(__name__)
POLL_SECONDS = 1.0
PAUSE_SECONDS = 2.0
MEMORY_CHECK_SECONDS = 5.0
MEMORY_KEY = "outbox:memory"


class Relay:
    """`run()` until SIGTERM or SIGINT; `step()` is one round."""

    def __init__(self) -> None:
        self.stopping = False
        self._awake, self._wake = os.pipe()
        os.set_blocking(self._awake, False)
        os.set_blocking(self._wake, False)
        self._checked = 0.0
        self._listening: Any = None
        self._down = False

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Finish the row in hand, then end."""
        self.stopping = True
        os.write(self._wake, b".")

    def run(self) -> None:
        """Work until told to stop; failures of Postgres and of Redis are waited out."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        log.info("the relay is at work")
        while not self.stopping:
            try:
                pause = 0.0 if self.step() == leases.BATCH else POLL_SECONDS
                with contextlib.suppress(OSError):
                    (embedded.STATE / "relay.alive").touch()  # read by the container's health check
            except Error as error:
                log.warning("no database: %s", type(error).__name__)
                connection.close()
                self._listening, pause = None, PAUSE_SECONDS
            except (OSError, KombuError) as error:
                self._say(f"no broker: {type(error).__name__}")
                pause = PAUSE_SECONDS
            if pause:
                self.wait(pause)
        connection.close()
        log.info("the relay has stopped")

    def step(self) -> int:
        """Hand over one batch; returns its size. Raises what Postgres or the broker raises, with nothing lost."""
        self._remember()
        rows = leases.hand_over()
        for position, row in enumerate(rows):
            try:
                app.send_task(row.topic, args=[row.id, row.program_id], retry=False)
            except Exception:
                # Whether the broker took this one is not known. If it did, the worker that begins it wins;
                # the others are not held up for a whole lease.
                leases.take_back([one.id for one in rows[position:]])
                raise
        if rows and self._down:
            self._down = False
            log.info("the broker is back")
        return len(rows)

    def wait(self, seconds: float) -> None:
        """Until a nudge, a signal, or the time is over. The nudge is a courtesy: polling alone is enough."""
        doors = [self._awake]
        try:
            if self._listening is None or self._listening.closed:
                connection.ensure_connection()
                self._listening = connection.connection
                with connection.cursor() as cursor:
                    cursor.execute("listen pmo_outbox")
            doors.append(self._listening)
            ready, _, _ = select.select(doors, [], [], seconds)
            if self._listening in ready:
                self._listening.poll()
                self._listening.notifies.clear()
        except (Error, OSError, ValueError):
            self._listening = None
            connection.close()
            select.select([self._awake], [], [], seconds)

    def _remember(self) -> None:
        """A key in Redis that is gone tells that Redis lost everything: what waits there is handed over anew."""
        if time.monotonic() - self._checked < MEMORY_CHECK_SECONDS:
            return
        with app.pool.acquire(block=True, timeout=PAUSE_SECONDS) as broker:
            client = getattr(broker.default_channel, "client", None)
            lost = client is not None and client.set(MEMORY_KEY, "1", nx=True)
        self._checked = time.monotonic()
        if lost and (count := leases.forget_handed()):
            log.warning("the broker lost its memory: %s rows are handed over again", count)

    def _say(self, text: str) -> None:
        """Once for each outage, not each second of it."""
        if not self._down:
            log.warning(text)
        self._down = True
