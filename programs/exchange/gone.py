"""One row that came by an earlier import and is not in the file any more."""

from __future__ import annotations

from dataclasses import dataclass, field

from .origin import Came
from .rows import Key


@dataclass(slots=True)
class Gone:
    """A row that is not in the file any more. `stays` says why it cannot go, empty where it can.

    `project` is under which it is listed and chosen; `hangs` is what is known about it besides, in words.
    """

    kind: str
    key: Key
    pk: int
    project: str
    came: Came | None
    hangs: list[str] = field(default_factory=list)
    stays: str = ""
