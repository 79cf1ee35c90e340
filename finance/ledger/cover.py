"""Some months in as few kept sums as possible: whole years, quarters and months, added or taken away. No database.

Sums are kept by month, by quarter and by year of the period's code. From the second month of a year to its eleventh
are then the year less two months, not ten months.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from typing import Any, Final, NamedTuple

LEVELS: Final = ("years", "quarters", "months")
BEFORE_ALL: Final = ""
AFTER_ALL: Final = "9999"


class Piece(NamedTuple):
    """A kept sum: its level, its key (`2026`, `2026-3`, `2026-09`), and +1 or -1."""

    level: str
    key: str
    sign: int


def cover(year: str, months: Iterable[int]) -> list[Piece]:
    """The fewest pieces that make up these months (1 to 12) of a year."""
    wanted = frozenset(months)
    direct = _quarters(year, wanted, 1)
    around = [Piece("years", year, 1), *_quarters(year, frozenset(range(1, 13)) - wanted, -1)]
    return direct if len(direct) <= len(around) else around


def _quarters(year: str, wanted: frozenset[int], sign: int) -> list[Piece]:
    found: list[Piece] = []
    for quarter in range(1, 5):
        months = frozenset(range(3 * quarter - 2, 3 * quarter + 1))
        inside = [Piece("months", f"{year}-{month:02}", sign) for month in sorted(months & wanted)]
        outside = [Piece("months", f"{year}-{month:02}", -sign) for month in sorted(months - wanted)]
        whole = [Piece("quarters", f"{year}-{quarter}", sign), *outside]
        found += inside if len(inside) <= len(whole) - 1 else whole
    return found


def last_ended(day: date) -> str:
    """The last month that had ended by the end of a day."""
    if day.day == monthrange(day.year, day.month)[1]:
        return f"{day.year:04}-{day.month:02}"
    return f"{day.year - 1:04}-12" if day.month == 1 else f"{day.year:04}-{day.month - 1:02}"


def values(first: str, last: str, day: date | None) -> dict[str, Any]:
    """What stands for the months from `first` to `last` ("": without end), those not ended by `day` left out.

    `after_year` and `before_year` enclose the years that are whole; the rest are keys by level and sign.
    """
    end = last
    if day is not None:
        ended = last_ended(day)
        end = min(last, ended) if last else ended
    from_year, to_year = first[:4] or BEFORE_ALL, end[:4] or AFTER_ALL
    pieces: list[Piece] = []
    if first and end and from_year >= to_year:
        pieces = cover(from_year, range(int(first[5:]), int(end[5:]) + 1)) if from_year == to_year else []
        to_year = from_year
    else:
        pieces += cover(from_year, range(int(first[5:]), 13)) if first else []
        pieces += cover(to_year, range(1, int(end[5:]) + 1)) if end else []
    found: dict[str, Any] = {"after_year": from_year, "before_year": to_year}
    for level in LEVELS:
        for name, sign in (("plus", 1), ("minus", -1)):
            found[f"{name}_{level}"] = [one.key for one in pieces if (one.level, one.sign) == (level, sign)]
    return found
