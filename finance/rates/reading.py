"""A CSV file of exchange rates as rows of texts."""

from __future__ import annotations

import csv
import io
from datetime import date

from finance.structure.csv_text import Lines, split
from pmo.refusals import Refused

COLUMNS = ("currency", "from", "rate", "note")
MOST_ROWS = 20_000


def rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """Line number and texts of each row. Raises Refused where the file is not such a table."""
    lines = Lines(io.BytesIO(content))
    source = iter(lines)
    names, separator = split(next(source, "").lower())
    if not any(names):
        raise Refused("The file is empty: its first line names the columns.", field="file")
    missing = [name for name in COLUMNS[:3] if name not in names]
    if missing:
        raise Refused(f"Row 1: there is no column for {', '.join(missing)}.", field="file")
    found: list[tuple[int, dict[str, str]]] = []
    try:
        for cells in csv.reader(source, delimiter=separator, strict=True):
            if not any(cell.strip() for cell in cells):
                continue
            if len(found) == MOST_ROWS:
                raise Refused(f"A file can have at most {MOST_ROWS:,} rates.", field="file")
            if len(cells) != len(names):
                raise Refused(
                    f"Row {lines.number} has {len(cells)} cells; the heading has {len(names)}.", field="file"
                )
            told = dict(zip(names, (cell.strip() for cell in cells), strict=True))
            found.append((lines.number, {name: told.get(name, "") for name in COLUMNS}))
    except csv.Error as error:
        raise Refused(f"Row {lines.number}: this is not a table ({error}).", field="file") from None
    return found


def day(text: str) -> date:
    """A day written like 2026-11-30. Raises Refused."""
    try:
        if len(text) != 10:
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"“{text[:20]}” is not a date such as 2026-11-30.", field="from_day") from None
