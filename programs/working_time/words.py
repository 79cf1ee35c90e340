"""Hours of a day as people write them (`08:00-12:00, 13:00-17:00`), and days in a row as one line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from pmo import formats

DAY = 1440
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NONE = {"", "-", "–", "off", "none", "no", "free"}
_SHIFT = re.compile(r"(\d{1,2})(?:[:.h](\d{2}))?\s*(?:-|–|—|to)\s*(\d{1,2})(?:[:.h](\d{2}))?")
MOST_SHIFTS = 8

Shifts = list[list[int]]
"""[[from, to], ...] in minutes of the day."""


class NotHours(ValueError):
    """A text that does not say hours; its words are for the person."""


def read_shifts(text: str) -> Shifts:
    """`8-12, 13:00-17:00` as minutes of the day, in order; empty for `off`. Raises NotHours with a sentence."""
    words = text.strip().lower()
    if words in NONE:
        return []
    found: Shifts = []
    for part in re.split(r"[,;+&]|\band\b", words):
        match = _SHIFT.fullmatch(part.strip())
        if match is None:
            raise NotHours(
                f"Write hours such as 08:00-12:00, 13:00-17:00, or off; not “{part.strip()[:30]}”."
            )
        begin, to = _minute(match[1], match[2]), _minute(match[3], match[4])
        if begin is None or to is None:
            raise NotHours(f"“{part.strip()[:30]}” is no time of a day: hours go from 00:00 to 24:00.")
        if not begin < to:
            raise NotHours(
                f"“{part.strip()[:30]}” ends before it begins. A night is two shifts: until 24:00, and "
                "from 00:00 on the next day."
            )
        found.append([begin, to])
    found.sort()
    for one, after in pairwise(found):
        if after[0] < one[1]:
            raise NotHours(f"{shifts_text([one])} and {shifts_text([after])} overlap.")
    if len(found) > MOST_SHIFTS:
        raise NotHours(f"A day has at most {MOST_SHIFTS} shifts.")
    return found


def _minute(hour: str, minute: str | None) -> int | None:
    at = int(hour) * 60 + int(minute or 0)
    return at if at <= DAY and int(minute or 0) < 60 else None


def shifts_text(shifts: Iterable[Iterable[int]], *, none: str = "off") -> str:
    """The hours in words; `none` where there are none."""
    text = ", ".join("-".join(f"{at // 60:02}:{at % 60:02}" for at in shift) for shift in shifts)
    return text or none


def minutes(shifts: Iterable[Iterable[int]]) -> int:
    """Working minutes of a day."""
    return sum(to - begin for begin, to in shifts)


def hours_text(count: int) -> str:
    """Minutes as hours, with a part only where there is one."""
    return f"{formats.number(count / 60, 0 if count % 60 == 0 else 2)} h"


def week_text(week: Any) -> str:
    """A week in a line: `Mon–Fri 08:00-12:00, 13:00-17:00; Sat 08:00-12:00`."""
    parts: list[str] = []
    at = 0
    while at < 7:
        last = at
        while last < 6 and week[last + 1] == week[at]:
            last += 1
        if week[at]:
            short = WEEKDAYS[at][:3] if at == last else f"{WEEKDAYS[at][:3]}–{WEEKDAYS[last][:3]}"
            parts.append(f"{short} {shifts_text(week[at])}")
        at = last + 1
    return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Run:
    """Days in a row that differ in the same way."""

    first: date
    last: date
    shifts: Shifts
    reason: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def when(self) -> str:
        """One day with its weekday, or a range."""
        if self.first == self.last:
            return f"{WEEKDAYS[self.first.weekday()][:3]} {formats.day(self.first)}"
        return f"{formats.day(self.first)} to {formats.day(self.last)}"

    @property
    def hours(self) -> str:
        return shifts_text(self.shifts)


def runs(days: Iterable[tuple[date, Shifts, str]]) -> list[Run]:
    """Days (in order) as runs: neighbours with the same hours and reason are one."""
    found: list[Run] = []
    for day, shifts, reason in days:
        last = found[-1] if found else None
        same = last is not None and (last.shifts, last.reason) == (shifts, reason)
        if last is not None and same and last.last + timedelta(days=1) == day:
            found[-1] = Run(last.first, day, shifts, reason)
        else:
            found.append(Run(day, day, shifts, reason))
    return found
