"""Values of Primavera P6's records, whichever file they came in: hours, dates, numbers, constraints, kinds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from .cells import MAX_DURATION, UNPRINTABLE
from .draft import FINISH_MILESTONE, LEVEL_OF_EFFORT, START_MILESTONE, TASK, wall
from .problems import Problems

Row = dict[str, str]
"""One record: column to text. `LINE` holds the line in the file."""

LINE = "#"
LINKS = {
    "PR_FS": "FS",
    "PR_SS": "SS",
    "PR_FF": "FF",
    "PR_SF": "SF",
    "FS": "FS",
    "SS": "SS",
    "FF": "FF",
    "SF": "SF",
}
KINDS = {
    "TT_Task": TASK,
    "TT_Rsrc": TASK,
    "TT_Mile": START_MILESTONE,
    "TT_FinMile": FINISH_MILESTONE,
    "TT_LOE": LEVEL_OF_EFFORT,
}
CONSTRAINTS: dict[str, tuple[str, str]] = {
    "CS_ALAP": ("ALAP", ""),
    "CS_MSOA": ("SNET", ""),
    "CS_MSOB": ("SNLT", ""),
    "CS_MEOA": ("FNET", ""),
    "CS_MEOB": ("FNLT", ""),
    "CS_MANDSTART": ("MSO", ""),
    "CS_MANDFIN": ("MFO", ""),
    "CS_MSO": ("SNET", "SNLT"),
    "CS_MEO": ("FNET", "FNLT"),
}
"""Primavera's constraints as ours. "Start on" and "finish on" yield to links, so each is a pair of bounds."""
LAG_CALENDARS = {
    "rcal_Predecessor": "predecessor",
    "rcal_Successor": "successor",
    "rcal_24Hour": "elapsed",
    "rcal_ProjDefault": "project",
}
RESOURCE_KINDS = {"RT_Labor": "person", "RT_Equip": "equipment", "RT_Mat": "material"}
OWN_FIELD = "Office code"
"""The user field of a WBS element that holds the code of its group here, in files that we wrote."""
OWN_NOTEBOOK = "Notes"
"""The notebook topic that holds the notes of activities and groups, in files that we wrote."""
LONGEST_ENTRY = 1_000_000
"""Characters of a notebook entry as it is in the file, with its markup; a longer one is not read."""

_NUMBER = re.compile(r"-?[0-9]{1,15}(?:[.,][0-9]{1,20})?", re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?)?", re.ASCII
)


def number(text: str) -> Decimal:
    """A decimal number; Primavera writes the comma of the user's country, never a thousands separator."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a plain number")
    return Decimal(text.replace(",", "."))


def positive(text: str) -> Decimal:
    """A number that is not negative."""
    value = number(text)
    if value < 0:
        raise ValueError("is negative")
    return value


def lag(text: str) -> int:
    """Hours into minutes, to the nearest; may be negative."""
    minutes = round(number(text) * 60)
    if abs(minutes) > MAX_DURATION:
        raise ValueError("is longer than thirty years")
    return minutes


def hours(text: str) -> int:
    """Hours into minutes, to the nearest; not negative."""
    minutes = lag(text)
    if minutes < 0:
        raise ValueError("is a negative duration")
    return minutes


def percent(text: str) -> Decimal:
    """0..100."""
    value = number(text)
    if not 0 <= value <= 100:
        raise ValueError("is not between 0 and 100")
    return value


def moment(text: str) -> int:
    """`2027-03-31 17:00` into wall minutes; a day without a time is its midnight."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("is not a date such as 2027-03-31 17:00")
    year, month, day, hour, minute = (int(part or 0) for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute)
    except ValueError:
        raise ValueError("is not a date in the calendar") from None
    if not 1950 <= at.year <= 2150:
        raise ValueError("lies outside the years 1950 to 2150")
    return wall(at)


class Fields:
    """Reads the columns of one record after another; what cannot be read is reported with its line."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems

    def read(self, row: Row, name: str, parse: Callable[[str], Any], default: Any = None) -> Any:
        """The parsed value of a column, `default` where it is absent, empty or refused."""
        text = row.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as fault:
            self.problems.error(self.file, line(row), name, text, f"The {name} {fault}.")
            return default

    def text(self, row: Row, name: str, most: int) -> str:
        """A text on one line, cut to `most` characters with a warning."""
        text = " ".join(UNPRINTABLE.sub(" ", row.get(name, "")).split())
        if len(text) > most:
            self.warn(row, name, text, f"The {name} is cut to {most} characters.")
            text = text[:most]
        if len(text) > 1 and (text[0] in "=+@" or (text[0] == "-" and not text[1].isdigit())):
            self.warn(row, name, text, "This looks like a spreadsheet formula; it is kept as plain text.")
        return text

    def warn(self, row: Row | None, name: str, value: object, sentence: str) -> None:
        """Something the person should know, at the row's line (None: the whole file)."""
        self.problems.warn(self.file, line(row) if row else None, name, value, sentence)

    def error(self, row: Row, name: str, value: object, sentence: str) -> None:
        """Something that must be put right before the import can be accepted."""
        self.problems.error(self.file, line(row), name, value, sentence)


def line(row: Row) -> int:
    """The line on which a record stands."""
    return int(row.get(LINE, "0"))


def known(row: Row, name: str, parse: Callable[[str], int]) -> int | None:
    """A value that is only compared with: None where it is absent or cannot be read."""
    try:
        return parse(row.get(name, "").strip())
    except ValueError:
        return None


class Codes:
    """Codes as they are allowed here, unique, made from what the file has: `A 10/2` becomes `A-10-2`."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def take(self, text: str, otherwise: str) -> str:
        """A code for this text. `otherwise` (the record's own number) keeps apart what would become the same."""
        code = re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip()).strip("-._")[:30] or otherwise[:30]
        if code in self.used:
            code = f"{code[: 29 - len(otherwise)]}-{otherwise}"[-30:].lstrip("-._")
        number = 2
        while code in self.used:
            code = f"{code[:24]}-{number}"
            number += 1
        self.used.add(code)
        return code
