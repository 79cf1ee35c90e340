"""The values of MS Project's XML: durations, dates, money in hundredths, rates, lag and duration units."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from .cells import MAX_DURATION, UNPRINTABLE
from .draft import ELAPSED, PERCENT, WORKING, wall
from .problems import Problems
from .xml_stream import Element

LINK_TYPES = {"0": "FF", "1": "FS", "2": "SF", "3": "SS"}
CONSTRAINTS = {
    "0": "ASAP",
    "1": "ALAP",
    "2": "MSO",
    "3": "MFO",
    "4": "SNET",
    "5": "SNLT",
    "6": "FNET",
    "7": "FNLT",
}
ELAPSED_FORMATS = frozenset({"4", "6", "8", "10", "12", "20", "36", "38", "40", "42", "44", "52"})
"""`DurationFormat` and `LagFormat` of time on the clock instead of working time."""
PERCENT_FORMATS = frozenset({"19", "20", "51", "52"})

_DURATION = re.compile(
    r"-?P(?:([0-9]{1,6})D)?(?:T(?:([0-9]{1,8})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,8})(?:\.[0-9]+)?S)?)?",
    re.ASCII,
)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.[0-9]+)?)?", re.ASCII
)
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})(?::[0-9]{2})?", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)


def duration(text: str) -> int:
    """`PT16H30M0S` into minutes, to the nearest."""
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        raise ValueError("is not a duration such as PT16H0M0S")
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    total = days * 1440 + hours * 60 + minutes + (seconds + 30) // 60
    if text.startswith("-") and total:
        raise ValueError("is a negative duration")
    if total > MAX_DURATION:
        raise ValueError("is longer than thirty years")
    return total


def moment(text: str) -> int:
    """`2027-03-31T17:00:00` into wall minutes."""
    match = _DATE.fullmatch(text)
    if match is None:
        raise ValueError("is not a date such as 2027-03-31T17:00:00")
    year, month, day, hour, minute = (int(part) for part in match.groups())
    try:
        at = datetime(year, month, day, hour, minute)
    except ValueError:
        raise ValueError("is not a date in the calendar") from None
    if not 1950 <= at.year <= 2150:
        raise ValueError("lies outside the years 1950 to 2150")
    return wall(at)


def clock(text: str) -> int:
    """`17:00:00` into minutes of the day."""
    match = _CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 24 or int(match[2]) > 59 or int(match[1]) * 60 + int(match[2]) > 1440:
        raise ValueError("is not a time of day such as 17:00:00")
    return int(match[1]) * 60 + int(match[2])


def number(text: str) -> Decimal:
    """A plain decimal number."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("is not a plain number")
    return Decimal(text)


def whole(text: str) -> int:
    """A whole number, may be negative."""
    if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise ValueError("is not a whole number")
    return int(text)


def money(text: str) -> Decimal:
    """An amount, which the format counts in hundredths, into major units; not negative."""
    amount = number(text) / 100
    if amount < 0:
        raise ValueError("is a negative amount")
    return amount


def percent(text: str) -> Decimal:
    """0..100."""
    value = number(text)
    if not 0 <= value <= 100:
        raise ValueError("is not between 0 and 100")
    return value


def lag(link: Element) -> tuple[int, str]:
    """A link's lag and its unit: tenths of minutes on the working or wall clock, or percent as it stands."""
    amount, unit = whole(link.get("LinkLag") or "0"), link.get("LagFormat")
    if unit in PERCENT_FORMATS:
        return amount, PERCENT
    minutes = round(Decimal(amount) / 10)
    return minutes, ELAPSED if unit in ELAPSED_FORMATS else WORKING


class Values:
    """Reads the children of one record after another; what cannot be read is reported with its line."""

    def __init__(self, file: str, problems: Problems) -> None:
        self.file, self.problems = file, problems

    def read(self, element: Element, tag: str, parse: Callable[[str], Any], default: Any = None) -> Any:
        """The parsed text of a child, `default` where it is absent, empty or refused."""
        text = element.get(tag)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as fault:
            self.problems.error(self.file, element.line, tag, text, f"The {tag} {fault}.")
            return default

    def text(self, element: Element, tag: str, most: int) -> str:
        """A text on one line, cut to `most` characters with a warning."""
        text = " ".join(UNPRINTABLE.sub(" ", element.get(tag)).split())
        if len(text) > most:
            self.problems.warn(self.file, element.line, tag, text, f"The {tag} is cut to {most} characters.")
            text = text[:most]
        if len(text) > 1 and (text[0] in "=+@" or (text[0] == "-" and not text[1].isdigit())):
            self.problems.warn(
                self.file,
                element.line,
                tag,
                text,
                "This looks like a spreadsheet formula; it is kept as plain text.",
            )
        return text
