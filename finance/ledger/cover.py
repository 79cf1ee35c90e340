"""Some months in as few kept sums as possible: all time, whole years, quarters and months, added or taken away.

Sums are kept of all time, by year, by quarter and by month of the period's code. All but the first and the last month
of ten years are then the sum of all time less two months, not a hundred and eighteen months. No database.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

LEVELS: Final = ("years", "quarters", "months")
Months = dict[str, frozenset[int]]
"""Year -> months of it, 1 to 12."""


class Piece(NamedTuple):
    """A kept sum: its level (of `LEVELS`, or `all`), its key (`2026`, `2026-3`, `2026-09`), and +1 or -1."""

    level: str
    key: str
    sign: int


def cover(year: str, months: Iterable[int], sign: int = 1) -> list[Piece]:
    """The fewest pieces that make up these months (1 to 12) of a year, or (-1) take them away."""
    wanted = frozenset(months)
    direct = _quarters(year, wanted, sign)
    around = [Piece("years", year, sign), *_quarters(year, frozenset(range(1, 13)) - wanted, -sign)]
    return direct if len(direct) <= len(around) else around


def _quarters(year: str, wanted: frozenset[int], sign: int) -> list[Piece]:
    found: list[Piece] = []
    for quarter in range(1, 5):
        months = frozenset(range(3 * quarter - 2, 3 * quarter + 1))
        inside = [Piece("months", f"{year}-{month:02}", sign) for month in sorted(months & wanted)]
        outside = [Piece("months", f"{year}-{month:02}", -sign) for month in sorted(months - wanted)]
        whole = [Piece("quarters", f"{year}-{quarter}", sign), *outside]
        found += inside if len(inside) < len(whole) else whole
    return found


def last_ended(day: date) -> str:
    """The last month that had ended by the end of a day."""
    if day.day == monthrange(day.year, day.month)[1]:
        return f"{day.year:04}-{day.month:02}"
    return f"{day.year - 1:04}-12" if day.month == 1 else f"{day.year:04}-{day.month - 1:02}"


def between(first: str, last: str, years: Iterable[str]) -> list[Piece]:
    """The fewest pieces for the months from `first` to `last` ("": without end), where there is money in `years`."""
    wanted: Months = {
        year: frozenset(
            month
            for month in range(1, 13)
            if (not first or f"{year}-{month:02}" >= first) and (not last or f"{year}-{month:02}" <= last)
        )
        for year in years
    }
    direct = [piece for year, months in wanted.items() for piece in cover(year, months)]
    around = [Piece("all", "", 1)]
    for year, months in wanted.items():
        around += cover(year, frozenset(range(1, 13)) - months, -1)
    return direct if len(direct) <= len(around) else around


def values(pieces: Iterable[Piece]) -> dict[str, Any]:
    """What stands for pieces in SQL: keys by level and sign, and whether all time is one of them."""
    known = list(pieces)
    found: dict[str, Any] = {"all_time": any(one.level == "all" for one in known)}
    for level in LEVELS:
        for name, sign in (("plus", 1), ("minus", -1)):
            found[f"{name}_{level}"] = [one.key for one in known if (one.level, one.sign) == (level, sign)]
    return found
