"""Registers too long for a page's file: a worker writes them, for who asked and for nobody else.

The apps to the right register what they list in `AppConfig.ready`:

    registers.register(kind="entries", title="Entries", read=read_entries, permission=Permission.VIEW_MONEY)

`read(run)` is called by a worker in one REPEATABLE READ, READ ONLY snapshot of the run's program and says what the
run's `asked` means; its rows are taken one by one, so that memory does not grow with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pmo.accounts.roles import Permission
from pmo.reports.models import ReportRun

MOST_ROWS: Final = 3_000_000
"""Rows of one file: what a worker writes within its time."""
KEPT_DAYS: Final = 7
"""How long such a file is kept: it can be written anew at any time."""
MOST_WAITING: Final = 3
"""Files that one person may wait for in a program at once."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a run lists: `total` minor units are what the column `money` of all rows must come to."""

    title: str
    name: str
    heads: Sequence[str]
    count: int
    rows: Iterator[list[Any]]
    money: int
    total: int
    currency: str
    filters: Sequence[tuple[str, str]]
    inputs_version: str


@dataclass(frozen=True, slots=True)
class Register:
    """A kind of register: `permission` is what who asks must hold in the whole program, then and at each download."""

    kind: str
    title: str
    read: Callable[[ReportRun], Listing]
    permission: Permission


_kinds: dict[str, Register] = {}


def register(
    *, kind: str, title: str, read: Callable[[ReportRun], Listing], permission: Permission
) -> Register:
    """Add a register; `kind` (at most 24 letters) is none of a report's."""
    _kinds[kind] = Register(kind, title, read, permission)
    return _kinds[kind]


def get(kind: str) -> Register | None:
    """The register of that name, or None."""
    return _kinds.get(kind)


def kinds() -> list[Register]:
    """Every register, in the order of registration."""
    return list(_kinds.values())
