"""A calendar's year as twelve small months: which days are worked, which are short, which are off and why."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from pmo import formats
from pmo.svg import clean
from programs.working_time.words import Shifts, hours_text, minutes, shifts_text

CELL, HIGH, TOP = 22, 20, 18
WORK, SHORT, LONG, OFF, HOLIDAY, EXTRA = "work", "short", "long", "off", "holiday", "extra"
LEGEND = (
    (WORK, "Usual day"),
    (SHORT, "Shorter"),
    (LONG, "Longer"),
    (HOLIDAY, "Day off by exception"),
    (EXTRA, "Worked by exception"),
    (OFF, "Not worked"),
    ("today", "Today"),
)


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve drawings, and what they add up to."""

    months: list[SafeString]
    working_days: int
    hours: str
    days_off: int
    """Days off by exception that would have been worked."""


def kind_of(usual: int, by_week: Shifts, exception: Shifts | None) -> str:
    """What a day is: `usual` are the minutes of the usual working day."""
    if exception is not None and not exception:
        return HOLIDAY if by_week else OFF
    if exception and not by_week:
        return EXTRA
    worked = minutes(by_week if exception is None else exception)
    if not worked:
        return OFF
    return WORK if worked == usual else SHORT if worked < usual else LONG


def draw(
    year: int, week: Any, usual: int, exceptions: Mapping[date, tuple[Shifts, str]], today: date
) -> Year:
    """A year by its week and the days that differ; `usual` as in `kind_of`."""
    drawn, worked, total, off = [], 0, 0, 0
    for month in range(1, 13):
        first, count = date(year, month, 1), monthrange(year, month)[1]
        cells, in_month = [], 0
        for n in range(1, count + 1):
            day = date(year, month, n)
            by_week = week[day.weekday()]
            exception = exceptions.get(day)
            kind = kind_of(usual, by_week, None if exception is None else exception[0])
            shifts = by_week if exception is None else exception[0]
            in_month += bool(shifts)
            total += minutes(shifts)
            off += kind == HOLIDAY
            place = first.weekday() + n - 1
            cells.append(_cell(place, n, kind, day == today, exception))
        worked += in_month
        words = f"{formats.month(first)}: {formats.counted(in_month, 'working day', 'working days')}"
        drawn.append(_month(first, words, "".join(cells)))
    return Year(drawn, worked, hours_text(total), off)


def _cell(place: int, n: int, kind: str, today: bool, exception: tuple[Shifts, str] | None) -> str:
    x, y = place % 7 * CELL, TOP + place // 7 * HIGH
    title = ""
    if exception is not None:
        said = f"{exception[1]}: " if exception[1] else ""
        title = f"<title>{clean(said + shifts_text(exception[0]))}</title>"
    return (
        f'<g class="day {kind}{" today" if today else ""}">{title}'
        f'<rect x="{x + 1}" y="{y + 1}" width="{CELL - 2}" height="{HIGH - 2}" rx="3"/>'
        f'<text x="{x + CELL / 2}" y="{y + 14}" text-anchor="middle">{n}</text></g>'
    )


def _month(first: date, words: str, cells: str) -> SafeString:
    width, height = 7 * CELL, TOP + 6 * HIGH
    return format_html(
        '<figure><figcaption>{}</figcaption><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg></figure>',
        f"{first:%B}",
        width,
        height,
        words,
        mark_safe(  # noqa: S308 - letters of our own
            "".join(
                f'<text class="head" x="{place * CELL + CELL / 2}" y="12" text-anchor="middle">{letter}</text>'
                for place, letter in enumerate("MTWTFSS")
            )
        ),
        mark_safe(cells),  # noqa: S308 - numbers, classes and cleaned titles
    )
