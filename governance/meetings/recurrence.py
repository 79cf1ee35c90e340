"""On which days a series of meetings falls. Pure: days in, days out, no clock and no database."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Every = Literal["week", "fortnight", "month"]
LAST = 5
"""The nth weekday of a month that means its last one."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Every week or every second one counted from the first day on or after `starts_on`, or the nth weekday of months.

    `weekday` 0 is Monday; `nth` is 1 to 4, or 5 for the last; `ends_on` is the last possible day (None: without end).
    """

    every: Every
    weekday: int
    starts_on: date
    ends_on: date | None = None
    nth: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6 or not 1 <= self.nth <= LAST:
            raise ValueError("a weekday is 0 to 6, its place in the month 1 to 5")


def days(rule: Rule, first: date, last: date) -> Iterator[date]:
    """The days of a series from `first` to `last`, both included, in order."""
    start = max(first, rule.starts_on)
    end = min(last, rule.ends_on) if rule.ends_on else last
    for day in _monthly(rule, start, end) if rule.every == "month" else _weekly(rule, start, end):
        if start <= day <= end:
            yield day


def _weekly(rule: Rule, start: date, end: date) -> Iterator[date]:
    step = 7 if rule.every == "week" else 14
    origin = rule.starts_on + timedelta(days=(rule.weekday - rule.starts_on.weekday()) % 7)
    day = origin + timedelta(days=max(0, (start - origin).days) // step * step)
    while day <= end:
        yield day
        day += timedelta(days=step)


def _monthly(rule: Rule, start: date, end: date) -> Iterator[date]:
    year, month = start.year, start.month
    while date(year, month, 1) <= end:
        yield nth_weekday(year, month, rule.weekday, rule.nth)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


def nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    """The second Tuesday of a month (weekday 1, nth 2), or its last one (nth 5)."""
    first = 1 + (weekday - date(year, month, 1).weekday()) % 7
    length = monthrange(year, month)[1]
    return date(year, month, first + 7 * (nth - 1) if nth < LAST else first + (length - first) // 7 * 7)


def instant(day: date, at_time: str, zone: ZoneInfo) -> datetime:
    """`HH:MM` on the wall of that day, in UTC. A time that clocks jump over falls as much later as they jump."""
    hour, minute = (int(part) for part in at_time.split(":"))
    return datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
