"""What a child process that reads a stranger's file may use. No Django here: children start without it."""

from __future__ import annotations

import os
import resource


def limit(memory: int, cpu_seconds: int) -> None:
    """Bound this process for good: bytes of address space, seconds of CPU, no file written, nothing started.

    Without a hard file size of 0 a parser could fill the disk; without CPU, take the machine.
    """
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if os.getuid():  # root is not counted; for others 0 forbids starting anything more
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
