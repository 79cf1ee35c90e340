"""Child processes that end with their parent, and servers that refuse to be root. Standard library only."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

LINUX = sys.platform.startswith("linux")
CLONE_NEWUSER, PR_SET_PDEATHSIG = 0x10000000, 1


def postgres_user() -> pwd.struct_passwd:
    """Whom root becomes for PostgreSQL where user namespaces are forbidden: PMO_PG_USER, or nobody."""
    return pwd.getpwnam(os.environ.get("PMO_PG_USER", "nobody"))


def namespaces_work() -> bool:
    """Whether this process may give a child a user namespace of its own."""
    if not LINUX or os.environ.get("PMO_NO_USERNS"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)

    def enter() -> None:
        if libc.unshare(CLONE_NEWUSER):
            os._exit(1)

    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run(["true"], preexec_fn=enter).returncode == 0  # noqa: S607
    return False


def _before_exec(die_with: int | None, *, not_root: bool) -> Callable[[], None]:
    """What runs between fork and exec. The order matters: a change of credentials clears PDEATHSIG."""
    libc = ctypes.CDLL(None, use_errno=True) if LINUX else None
    parent = os.getpid()
    user = postgres_user() if not_root else None
    namespaced = not_root and not os.environ.get("PMO_NO_USERNS")

    def run() -> None:
        if user is not None:
            if namespaced and libc is not None and libc.unshare(CLONE_NEWUSER) == 0:
                # The server believes to be uid 1000, while its files stay root's: no user is added to the
                # system, and no directory above needs to be opened to others.
                for name, text in (("setgroups", "deny"), ("uid_map", "1000 0 1"), ("gid_map", "1000 0 1")):
                    with open(f"/proc/self/{name}", "w") as file:
                        file.write(text)
            else:
                os.setgroups([])
                os.setgid(user.pw_gid)
                os.setuid(user.pw_uid)
        if die_with and libc is not None:
            libc.prctl(PR_SET_PDEATHSIG, die_with, 0, 0, 0)
            if os.getppid() != parent:  # it died before the line above
                os._exit(1)

    return run


def spawn(
    argv: Sequence[object], *, die_with: int | None = signal.SIGTERM, not_root: bool = False, **options: Any
) -> "subprocess.Popen[bytes]":
    """Start a child that gets `die_with` when this thread's process ends, however it ends (Linux).

    It has a process group of its own, so that a terminal's Ctrl-C reaches the supervisor alone. Call it from
    the main thread: the signal follows the thread that forked.
    """
    before = _before_exec(die_with, not_root=not_root)
    return subprocess.Popen([str(part) for part in argv], preexec_fn=before, process_group=0, **options)


def alive(pid: int, name: str) -> bool:
    """A live process of that name: no stale number, and no zombie that nobody reaps (some containers)."""
    try:
        if LINUX:
            command, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
            return name in command and rest.split()[0] not in "ZX"
        ps = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S607
        return name in ps.stdout and not ps.stdout.startswith("Z")
    except OSError:
        return False


def kill_group(pid: int, how: int = signal.SIGKILL) -> None:
    """Signal what is left of a child's process group, as a dead server's workers that still hold its port."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, how)


def stop(child: "subprocess.Popen[bytes] | None", ask: int, seconds: float, insist: int) -> None:
    """Ask a child to end, wait up to `seconds`, then insist on its whole group."""
    if child is None:
        return
    if child.poll() is None:
        child.send_signal(ask)
        try:
            child.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_group(child.pid, insist)
            try:
                child.wait(seconds)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
    kill_group(child.pid)
