"""The supervisor: what dies comes back, what keeps dying ends everything, and stopping has an order."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from pmo.embedded_processes import alive
from pmo.supervisor import GaveUp, Part, Supervisor

SLEEPER = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); time.sleep(60)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)"
)


def part(name: str, code: str, grace: float = 10) -> Part:
    return Part(name, [sys.executable, "-c", code], dict(os.environ), grace)


def eventually(what: Callable[[], object], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


class Running:
    """A supervisor that watches in another thread; the children are started here, in the main thread."""

    def __init__(self, *parts: Part) -> None:
        self.lines: list[tuple[str, str]] = []
        self.supervisor = Supervisor(parts, [], lambda name, line: self.lines.append((name, line)))
        self.supervisor.start()
        self.supervisor.ready()

    def watch_for(self, until: Callable[[], object]) -> None:
        """Watch until something is true; the watching itself stays in the main thread."""
        over = threading.Event()

        def stop_then() -> None:
            eventually(lambda: over.is_set() or until())
            self.supervisor.stopping.set()

        timer = threading.Thread(target=stop_then)
        timer.start()
        try:
            self.supervisor.watch()
        finally:
            over.set()
            timer.join()


@pytest.mark.fault
def test_a_killed_process_is_started_again_and_the_log_says_so() -> None:
    worker = part("worker", SLEEPER)
    running = Running(worker)
    first = worker.child
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    running.watch_for(lambda: worker.child is not None and worker.child is not first)
    assert ("up", "worker was ended by SIGKILL; starting it again in 0.25 s") in running.lines
    running.supervisor.stop()
    assert worker.child is not None and worker.child.poll() is not None


def test_a_process_that_keeps_ending_makes_it_give_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pmo.supervisor.LONGEST_PAUSE", 0.01)
    running = Running(part("web", "import sys; sys.exit(3)"))
    with pytest.raises(GaveUp, match="web ended 6 times within a minute"):
        running.watch_for(lambda: False)
    running.supervisor.stop()


@pytest.mark.fault
def test_what_a_dead_process_left_behind_is_ended_before_it_starts_again() -> None:
    web = part("web", PARENT)
    running = Running(web)
    assert eventually(lambda: running.lines)
    grandchild = int(running.lines[0][1])
    assert web.child is not None
    first = web.child
    os.kill(first.pid, signal.SIGKILL)
    running.watch_for(lambda: web.child is not None and web.child is not first)
    assert eventually(lambda: not alive(grandchild, "python"))
    running.supervisor.stop()


def test_the_first_part_starts_and_ends_first_and_the_deaf_are_killed() -> None:
    ended: list[str] = []
    parts = [part("web", SLEEPER), part("worker", DEAF, grace=0.5)]
    running = Running(*parts)
    assert parts[0].child is not None and parts[1].child is None
    running.watch_for(lambda: ("worker", "deaf") in running.lines)
    original = running.supervisor._await_end

    def remember(one: Part) -> None:
        original(one)
        ended.append(one.name)

    running.supervisor._await_end = remember  # type: ignore[method-assign]
    running.supervisor.stop()
    assert ended == ["web", "worker"]
    assert ("up", "worker did not end in time and is killed") in running.lines
    assert all(one.child is not None and one.child.poll() is not None for one in parts)


@pytest.mark.fault
def test_no_process_outlives_a_killed_supervisor() -> None:
    code = (
        "import os, sys, time\n"
        "from pmo.supervisor import Part, Supervisor\n"
        f"part = Part('worker', [sys.executable, '-c', {SLEEPER!r}], dict(os.environ))\n"
        "one = Supervisor([part], [], lambda *_: None)\n"
        "one.start()\n"
        "print(part.child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait(10)
    assert eventually(lambda: not alive(child, "python"), 10)
