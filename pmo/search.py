"""Search across kinds of things: each app registers how it finds its own, within what the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pmo.accounts.access import Access

PER_KIND = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is, where it is."""

    kind: str
    label: str
    note: str
    url: str


Finder = Callable[[Access, Any, str], Iterable[Hit]]
_finders: list[Finder] = []


def register(finder: Finder) -> None:
    """Add a finder: (access, user, words) -> at most PER_KIND hits that this person may open."""
    if finder not in _finders:
        _finders.append(finder)


def find(access: Access, user: Any, words: str) -> list[Hit]:
    """Everything that fits the words, each kind by its own finder; nothing for fewer than two letters."""
    clean = words.strip().replace("\x00", "")[:80]
    if len(clean) < 2:
        return []
    return [hit for finder in _finders for hit in finder(access, user, clean)]
