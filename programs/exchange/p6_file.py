"""What a Primavera file holds, before anything in it is understood."""

from __future__ import annotations

from dataclasses import dataclass, field

from .p6_calendars import Own
from .p6_values import Row


@dataclass(slots=True)
class P6File:
    """What a file holds: rows by table, calendars as they were written, row counts of the tables not kept."""

    source: str
    currency: str
    tables: dict[str, list[Row]]
    calendars: list[Own]
    counts: dict[str, int] = field(default_factory=dict)

    def rows(self, table: str) -> list[Row]:
        """The rows of a table, none where the file has no such table."""
        return self.tables.get(table, [])
