"""Where commands of money meet the budget policy: promises may be refused, facts never (decisions.md 15).

The slices that promise and enter money stand below the one that knows what a policy looks at (`finance.conformity`),
which registers its checker here when the app is ready.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

NOTHING = ("", 0)


class Checker(Protocol):
    """Holds a program against its policy, in the transaction of the command that asks."""

    def __call__(
        self, program: Any, *, at: datetime, promise: bool, subject: tuple[str, int] = NOTHING
    ) -> None: ...


_registered: list[Checker] = []


def register(checker: Checker) -> None:
    """Make the checker known (once, when the app is ready)."""
    _registered[:] = [checker]


def promise(program: Any, *, at: datetime, subject: tuple[str, int] = NOTHING) -> None:
    """After a promise was written, before it stands: raises Refused with the sentence of a clause that blocks it.

    A promise is refused that adds a breach of a blocking clause or makes one worse; one of the subject itself
    (kind and id of what is handed over) is refused also where it was found before.
    """
    _checker()(program, at=at, promise=True, subject=subject)


def noted(program: Any, *, at: datetime) -> None:
    """After a fact, a draft or a decision's own deed was written: findings are opened and cleared, nothing refused."""
    _checker()(program, at=at, promise=False)


def _checker() -> Checker:
    if not _registered:
        raise RuntimeError("the budget policy's checker is not registered: finance.conformity is not loaded")
    return _registered[0]
