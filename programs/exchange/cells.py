"""One cell of a table into one value, strictly: what a spreadsheet might mean by something else is not guessed.

Every parser takes a non-empty text and returns a value, or raises `ValueError` with a sentence for the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

from pmo.currencies import EXPONENTS

from .draft import DAY, Shift, wall

CODE_LENGTH, NAME_LENGTH, ACTIVITY_NAME_LENGTH, NOTES_LENGTH = 30, 200, 250, 4_000
PROGRAM = "*"
MAX_DURATION = 60 * 24 * 366 * 30
"""Thirty years of minutes: anything longer is a mistake."""

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,9}", re.ASCII)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\.0+)?)?)?", re.ASCII
)
_HOURS = re.compile(r"[0-9]{1,2}(?: [0-9]{1,2})*", re.ASCII)
_SHIFTS = re.compile(
    r"[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}(?:[ ,;]+[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2})*", re.ASCII
)
_SYMBOLS = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "Fr.": "CHF",
    "zł": "PLN",
    "R$": "BRL",
}
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]")
"""Control characters and the invisible ones that reorder or hide text."""


def code(text: str) -> str:
    """A code: 1..30 letters, digits, dot, dash or underscore, beginning with a letter or digit."""
    if not _CODE.fullmatch(text):
        raise ValueError(
            "a code has 1 to 30 letters, digits, dots, dashes or underscores and begins with neither"
        )
    return text


def name(text: str) -> str:
    """A name of at most 200 characters on one line."""
    if len(text) > NAME_LENGTH:
        raise ValueError(f"is {len(text):,} characters long; at most {NAME_LENGTH} fit")
    return text


def activity_name(text: str) -> str:
    """An activity's name: at most 250 characters on one line."""
    if len(text) > ACTIVITY_NAME_LENGTH:
        raise ValueError(f"is {len(text):,} characters long; at most {ACTIVITY_NAME_LENGTH} fit")
    return text


def notes(text: str) -> str:
    """A longer text of at most 4,000 characters."""
    if len(text) > NOTES_LENGTH:
        raise ValueError(f"is {len(text):,} characters long; at most {NOTES_LENGTH:,} fit")
    return text


def number(text: str) -> Decimal:
    """An exact decimal number: digits, one point, an optional minus sign. No exponent, no separators."""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    if "," in text and _NUMBER.fullmatch(text.replace(",", "")):
        raise ValueError(
            "is not a plain number: write a point before the decimals and no thousands separators"
        )
    if any(c.isdigit() and not c.isascii() for c in text):
        raise ValueError("is not a plain number: only the digits 0 to 9 are read")
    raise ValueError("is not a plain number such as 1250.50")


def positive(text: str) -> Decimal:
    """A number that is not negative."""
    value = number(text)
    if value < 0:
        raise ValueError("must not be negative")
    return value


def four_decimals(text: str) -> Decimal:
    """A number that is not negative, with at most four decimals."""
    value = positive(text)
    if value > 999_999 or value != round(value, 4):
        raise ValueError("must be at most 999,999 and have at most four decimals")
    return value


def whole(text: str) -> int:
    """A whole number of at most nine digits, not negative."""
    if not _WHOLE.fullmatch(text):
        raise ValueError("is not a whole number")
    return int(text)


def percent(text: str) -> Decimal:
    """Percent from 0 to 100 with at most ten decimals, as many as are kept."""
    value = number(text)
    if not 0 <= value <= 100:
        raise ValueError("is not between 0 and 100")
    if value != round(value, 10):
        raise ValueError("has more than ten decimals")
    return value


def hours(text: str) -> int:
    """Working hours, not negative, into whole minutes (to the nearest: 0.3333 h is 20 minutes)."""
    minutes = signed_hours(text)
    if minutes < 0:
        raise ValueError("a duration cannot be negative")
    return minutes


def signed_hours(text: str) -> int:
    """Hours into whole minutes, may be negative (a lead)."""
    minutes = round(number(text) * 60)
    if abs(minutes) > MAX_DURATION:
        raise ValueError("is longer than thirty years")
    return minutes


def moment(text: str) -> int:
    """A local date and time into wall minutes. A date alone is the beginning of that day."""
    return _moment(text, 0)


def moment_end(text: str) -> int:
    """A local date and time into wall minutes. A date alone is the end of that day."""
    return _moment(text, DAY)


def moment_span(text: str) -> tuple[int, int]:
    """A local date and time twice; a date alone is the beginning and the end of that day, as the user needs it."""
    return _moment(text, 0), _moment(text, DAY)


def _moment(text: str, of_day: int) -> int:
    match = _DATE.fullmatch(text)
    if match is None:
        if re.fullmatch(r".*(Z|[+-][0-9]{2}:?[0-9]{2})", text) and "T" in text:
            raise ValueError("has a zone: give local times of the program's time zone, without offset")
        raise ValueError("is not a date such as 2027-03-31 or 2027-03-31T17:00")
    year, month, day, hour, minute = match.groups()
    try:
        at = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0))
    except ValueError:
        raise ValueError("is not a date in the calendar") from None
    if not 1950 <= at.year <= 2150:
        raise ValueError("lies outside the years 1950 to 2150")
    return wall(at) + (of_day if hour is None else 0)


def day(text: str) -> date:
    """A date."""
    at = _moment(text[:10], 0)
    if len(text) != 10:
        raise ValueError("is not a date such as 2027-03-31")
    return date.fromordinal(at // DAY + date(1970, 1, 1).toordinal())


def days(text: str) -> tuple[date, ...]:
    """Dates separated by spaces."""
    parts = text.split()
    if len(parts) > 5_000:
        raise ValueError("lists more than 5,000 dates")
    return tuple(day(part) for part in parts)


def month(text: str) -> str:
    """A month such as 2027-03, or a date in it."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])(-[0-9]{2})?", text, re.ASCII):
        raise ValueError("is not a month such as 2027-03")
    return text[:7]


def currency(text: str) -> str:
    """An ISO 4217 code, or one of the symbols that exporters write."""
    known = _SYMBOLS.get(text, text)
    if known not in EXPONENTS:
        raise ValueError("is not a currency code such as EUR")
    return known


def shifts(text: str) -> tuple[Shift, ...]:
    """Working times of a day: `08:00-12:00 13:00-17:00`, or the full hours worked: `8 9 10 11 13 14 15 16`.

    A shift past midnight is two shifts, `22:00-24:00` on one day and `00:00-06:00` on the next.
    """
    if _HOURS.fullmatch(text):
        worked = [int(part) for part in text.split(" ")]
        if worked != sorted(set(worked)) or worked[-1] > 23:
            raise ValueError("lists hours twice, out of order or past 23")
        joined: list[Shift] = []
        for hour in worked:
            if joined and joined[-1][1] == hour * 60:
                joined[-1] = (joined[-1][0], hour * 60 + 60)
            else:
                joined.append((hour * 60, hour * 60 + 60))
        return tuple(joined)
    if not _SHIFTS.fullmatch(text):
        raise ValueError("is neither shifts such as 08:00-12:00 13:00-17:00 nor hours such as 8 9 10 11")
    found: list[Shift] = []
    for part in re.split(r"[ ,;]+", text):
        start, end = (int(clock.split(":")[0]) * 60 + int(clock.split(":")[1]) for clock in part.split("-"))
        if any(int(clock.split(":")[1]) > 59 for clock in part.split("-")) or not start < end <= DAY:
            raise ValueError(f"has a shift {part} that ends before it begins or leaves the day")
        if found and start < found[-1][1]:
            raise ValueError(f"has a shift {part} that begins before the one before it ends")
        found.append((start, end))
    return tuple(found)


def weekdays(text: str) -> frozenset[int]:
    """Weekdays by number, Monday 0, separated by spaces."""
    if not re.fullmatch(r"[0-6](?: [0-6])*", text, re.ASCII):
        raise ValueError("is not a list of weekdays from 0 (Monday) to 6 (Sunday)")
    return frozenset(int(part) for part in text.split(" "))


def yes_no(text: str) -> bool:
    """0 or 1 (also no/yes, false/true)."""
    known = {"0": False, "1": True, "no": False, "yes": True, "false": False, "true": True}
    if text.lower() not in known:
        raise ValueError("is neither 0 nor 1")
    return known[text.lower()]


def code_or_program(text: str) -> str:
    """A project's code, or `*` for the program's own."""
    return text if text == PROGRAM else code(text)


def choice(*, also: dict[str, str] | None = None, of: tuple[str, ...]) -> Callable[[str], str]:
    """A parser that accepts one of the given words, in any case, and the other spellings in `also`."""
    known = {word.lower(): word for word in of} | (also or {})

    def parse(text: str) -> str:
        found = known.get(text.lower())
        if found is None:
            raise ValueError(f"is not one of {', '.join(of)}")
        return found

    return parse
