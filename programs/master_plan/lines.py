"""One row of the plan's table, and how its dates and lengths are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import lru_cache
from math import floor
from typing import NamedTuple

from pmo import formats
from programs.schedule.clock import ProgramClock


class Line(NamedTuple):
    """One row of the table, every value a string already.

    A tuple, because a page makes a thousand: a frozen dataclass takes five times as long to make.
    """

    key: str
    pk: int | None
    name: str
    level: int
    group: bool
    summary: bool
    href: str
    critical: bool
    cells: dict[str, str]
    """Text by column."""
    editable: bool = False
    milestone: bool = False
    seen: str = ""
    """The constraint: what an edit of the start says that it saw."""
    renamed: bool = True
    """Can its name be typed into?"""
    fold: str = ""
    """The address that folds or unfolds what lies under it; empty where nothing does."""
    folded: bool = False


_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(8192)
def in_days(minutes: int, day: int) -> str:
    """Working minutes as days of the calendar's usual length, at most one decimal."""
    text = formats.number(minutes / day, 1)
    return text[:-2] if text.endswith(".0") else text


def day(
    value: datetime | None, clock: ProgramClock, *, finish: bool = False, begun: datetime | None = None
) -> str:
    """The day on the program's clock; work that ends at midnight ended on the day before."""
    if value is None:
        return formats.UNKNOWN
    ends = finish and begun is not None and value > begun
    return _written((clock.wall_of_second[floor(value.timestamp())] - ends) // 1440)


@lru_cache(8192)
def _written(days: int) -> str:
    """A day, counted from 1970-01-01: a plan names the same ones again and again."""
    return formats.day(date.fromordinal(_EPOCH + days))


def moved(before: datetime | None, after: datetime | None) -> str:
    """Calendar days from the baseline finish to the finish now."""
    if before is None or after is None:
        return formats.UNKNOWN
    days = (after.astimezone(UTC).date() - before.astimezone(UTC).date()).days
    return formats.delta_days(days) if days else "0"
