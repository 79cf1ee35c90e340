"""Keeps a few processes and the embedded servers running, and ends them in order. Standard library only.

A process that ends is started again, after a pause that grows; one that ends more than five times in a minute
makes the supervisor give up, since starting it a sixth time would help nobody.
"""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from pmo import embedded_processes
from pmo.embedded import EmbeddedError
from pmo.embedded_servers import Server

MINUTE, TOO_OFTEN, LONGEST_PAUSE = 60.0, 5, 5.0  # seconds, ends, seconds
HELD = 8.0  # seconds that the other parts leave the processor to the first one, at most
Say = Callable[[str, str], None]  # (process name, line)


@dataclass
class Part:
    """One process of the office: how it is started, and how long it may take to end (seconds)."""

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str]
    grace: float = 15
    child: "subprocess.Popen[bytes] | None" = None
    ends: list[float] = field(default_factory=list)
    due: float = 0.0  # when to start it again, on the monotonic clock


class GaveUp(RuntimeError):
    """A process or server that does not stay up."""


class Supervisor:
    """Starts the first part, then the others; ends the first one first, since it brings work in."""

    def __init__(self, parts: Sequence[Part], servers: Sequence[Server], say: Say) -> None:
        self.parts, self.servers, self.say = parts, servers, say
        self.server_ends: list[float] = []
        self.stopping, self.hurrying = threading.Event(), threading.Event()

    def listen(self) -> None:
        """Ctrl-C, SIGTERM and a closed terminal stop everything; asked twice, without waiting for it."""

        def on_signal(*_: object) -> None:
            (self.hurrying if self.stopping.is_set() else self.stopping).set()

        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, on_signal)

    def start(self) -> None:
        """Start the first part now, the others when it is `ready` (or does not say so for a while)."""
        for part in self.parts[1:]:
            part.due = time.monotonic() + HELD
        for part in self.parts[:1]:
            self._start(part)

    def ready(self) -> None:
        """The first part answers: the others may have the processor."""
        for part in self.parts:
            if part.child is None and not part.ends:
                part.due = 0.0

    def watch(self) -> None:
        """Keep everything running until told to stop; raises GaveUp."""
        while not self.stopping.wait(0.2):
            self._revive_servers()
            for part in self.parts:
                self._revive(part)

    def stop(self) -> None:
        """End the first part, which brings work in, then the others side by side.

        The servers are their owner's to end.
        """
        self.stopping.set()
        for together in (self.parts[:1], self.parts[1:]):
            for part in together:
                if part.child and part.child.poll() is None:
                    part.child.send_signal(signal.SIGTERM)
            for part in together:
                self._await_end(part)

    def _await_end(self, part: Part) -> None:
        child = part.child
        if child is None:
            return
        deadline = time.monotonic() + part.grace
        while child.poll() is None and time.monotonic() < deadline and not self.hurrying.is_set():
            time.sleep(0.02)
        if child.poll() is None:
            self.say("up", f"{part.name} did not end in time and is killed")
        embedded_processes.kill_group(child.pid)
        child.wait()

    def _start(self, part: Part) -> None:
        part.child = embedded_processes.spawn(
            part.argv,
            env=dict(part.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self._pass_on, args=(part.name, part.child.stdout), daemon=True).start()

    def _pass_on(self, name: str, pipe: IO[bytes]) -> None:
        with contextlib.suppress(ValueError, OSError), pipe:
            for line in pipe:
                self.say(name, line.decode(errors="replace").rstrip())

    def _revive(self, part: Part) -> None:
        now = time.monotonic()
        if part.child is None:
            if now >= part.due:
                self._start(part)
            return
        code = part.child.poll()
        if code is None:
            return
        embedded_processes.kill_group(part.child.pid)  # its own children would hold the port, or tasks
        part.child = None
        part.ends = [when for when in part.ends if now - when < MINUTE] + [now]
        if len(part.ends) > TOO_OFTEN:
            raise GaveUp(f"{part.name} ended {len(part.ends)} times within a minute; see the lines above")
        pause = min(0.25 * 2 ** (len(part.ends) - 1), LONGEST_PAUSE)
        part.due = now + pause
        self.say("up", f"{part.name} {_ended(code)}; starting it again in {pause:g} s")

    def _revive_servers(self) -> None:
        for server in self.servers:
            code = server.ended()
            if code is None:
                continue
            name, now = type(server).__name__, time.monotonic()
            self.server_ends = [when for when in self.server_ends if now - when < MINUTE] + [now]
            if len(self.server_ends) > TOO_OFTEN:
                raise GaveUp(f"{name} does not stay up: see {server.state}")
            self.say("up", f"{name} {_ended(code)}; starting it again with its data")
            try:
                server.start()
            except EmbeddedError as refusal:
                raise GaveUp(f"{name} does not start again: {refusal}") from refusal
            self.say("up", f"{name} is back after {time.monotonic() - now:.1f} s")


def _ended(code: int) -> str:
    """`ended with 3`, or `was ended by SIGKILL`."""
    if code >= 0:
        return f"ended with {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def child_environment(process: str, **more: str) -> dict[str, str]:
    """What a part of the office gets: who it is, and that environment and servers are there already."""
    return {
        **os.environ,
        "PMO_PROCESS": process,
        "PMO_NO_BOOTSTRAP": "1",
        "PMO_NO_EMBEDDED": "1",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
