"""What an undo was found to do: the shape that looking gives, the page shows and the act follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import models

from programs.portfolio.models import Program

from . import rows
from .effects import PROGRAM, TABLES, Image, Images
from .models import ImportEffect

Row = tuple[str, int]
"""Kind and id."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A value that stays, mostly as somebody changed it since: as the import left it, as it is now, and why."""

    row: Row
    column: str
    imported: Any
    now: Any
    why: str = "Changed since: it stays as it is"


@dataclass(slots=True)
class Undoing:
    """What an undo would do. Where `refusals` is not empty, it is refused with these sentences."""

    program: Program
    effect: ImportEffect
    now: Images
    take: dict[str, list[int]] = field(default_factory=dict)
    """Ids of the rows that the import added and that go."""
    restore: dict[str, dict[int, Image]] = field(default_factory=dict)
    """Former values of the rows that it changed."""
    bring: dict[str, dict[int, Image]] = field(default_factory=dict)
    """Rows that it took out and that come back, under their ids."""
    lost: dict[Row, tuple[Image, str]] = field(default_factory=dict)
    """Rows that it took out and that cannot come back, as they were, with the reason."""
    kept: list[Kept] = field(default_factory=list)
    staying: dict[Row, str] = field(default_factory=dict)
    """Rows that the import added and that stay, with the reason."""
    gone: int = 0
    """Rows that it added or changed and that somebody took out since."""
    next_baseline: int | None = None
    """The baseline that becomes current because the one that is goes."""
    notes: list[str] = field(default_factory=list)
    """What follows besides, in sentences."""
    refusals: list[str] = field(default_factory=list)
    computed: list[tuple[type[models.Model], Any, list[int]]] = field(default_factory=list)
    """Computed rows that go along (or forget what they name, where null is allowed): model, column, ids in it."""

    def counted(self) -> list[tuple[str, int, int, int, int]]:
        """Kind in the plural, rows that go, get former values, come back, stay: for kinds where there is any."""
        staying: dict[str, int] = {}
        for kind, _ in self.staying:
            staying[kind] = staying.get(kind, 0) + 1
        names = {kind: many for kind, (_, many) in rows.WORDS.items()} | {
            rows.BASELINE: "baselines",
            PROGRAM: "settings of the program",
        }
        found = [
            (
                names[kind],
                len(self.take.get(kind, ())),
                len(self.restore.get(kind, ())),
                len(self.bring.get(kind, ())),
                staying.get(kind, 0),
            )
            for kind in TABLES
        ]
        return [one for one in found if any(one[1:])]
