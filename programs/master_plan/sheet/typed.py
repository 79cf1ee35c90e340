"""What people type into the cells of a plan, read: durations, lags, dates, constraints. No database."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from pmo.formats import MONTHS
from pmo.refusals import Refused

MOST_MINUTES = 60 * 24 * 366 * 30
"""No activity lasts longer than thirty years; the database holds it too."""
_DURATION = re.compile(r"(\d{1,7}(?:[.,]\d{1,4})?)\s*(minutes?|min|m|hours?|h|days?|d|weeks?|w)?", re.ASCII)
_LAG = re.compile(
    r"([+\-−–])\s*(\d{1,7}(?:[.,]\d{1,4})?)\s*(%|e?min|em|m|eh|h|ed|days?|d|ew|weeks?|w)?", re.ASCII
)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_WORDS = re.compile(r"(\d{1,2})\.?\s+([a-z]{3,9})\.?(?:\s+(\d{4}))?", re.ASCII)
_TIME = re.compile(r"(.*?)(?:[t\s]+(\d{1,2}):(\d{2}))", re.ASCII)
LONGEST_LINK = 160
"""Letters of one predecessor as it is typed: a code, a kind, a lag."""
_KINDS = ("FS", "SS", "FF", "SF")
_END = re.compile(
    r"(.+?)\s*(FS|SS|FF|SF)?\s*([+\-−–]\s*\d[\d.,]*\s*(?:%|[a-z]{1,5})?)?", re.ASCII | re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class WorkTime:
    """Working minutes of a calendar's usual day and week."""

    day: int
    week: int


@dataclass(frozen=True, slots=True)
class Lag:
    """A lag in minutes (or percent) and its unit, as in `Dependency`."""

    amount: int
    unit: str


@dataclass(frozen=True, slots=True)
class Link:
    """One way to read a predecessor: the words that name it, the kind of link and the lag as typed."""

    named: str
    kind: str
    lag: str


def minutes(text: str, worktime: WorkTime) -> int:
    """Working minutes of `12`, `12d`, `2w`, `4h`, `90min`; a number alone is days. Raises Refused at `days`."""
    clean = text.strip().casefold().rstrip("?")
    found = _DURATION.fullmatch(clean)
    if found is None:
        if re.fullmatch(r"[\d.,]+\s*e(d|h|w|min|m|days?)", clean, re.ASCII):
            raise Refused(
                "Elapsed durations are not kept here: give the activity a calendar that works around the clock.",
                field="days",
            )
        raise Refused("Write a duration such as 3d, 2w or 4h; a number alone is working days.", field="days")
    amount = Decimal(found[1].replace(",", "."))
    unit = (found[2] or "d")[:1]
    each = {"m": 1, "h": 60, "d": worktime.day, "w": worktime.week}[unit]
    total = int((amount * each).to_integral_value())
    if total > MOST_MINUTES:
        raise Refused("No activity lasts longer than thirty years.", field="days")
    return total


def lag(text: str, worktime: WorkTime) -> Lag:
    """A lag such as `+2d`, `-4h`, `+50%`, `+3ed` (elapsed). Empty is none. Raises Refused at `predecessors`."""
    if not text:
        return Lag(0, "working")
    found = _LAG.fullmatch(text.strip().casefold())
    if found is None:
        raise Refused(
            f"“{text.strip()[:20]}” is no lag: write +2d, -4h, +1w, +3ed (elapsed) or +50%.",
            field="predecessors",
        )
    sign = 1 if found[1] == "+" else -1
    amount, unit = Decimal(found[2].replace(",", ".")), found[3] or "d"
    if unit == "%":
        total, kept = amount, "percent"
    elif unit.startswith("e"):
        total, kept = amount * {"m": 1, "h": 60, "d": 1440, "w": 10_080}[unit[1]], "elapsed"
    else:
        total, kept = amount * {"m": 1, "h": 60, "d": worktime.day, "w": worktime.week}[unit[0]], "working"
    whole = int(total.to_integral_value())
    if whole > MOST_MINUTES:
        raise Refused("No lag is longer than thirty years.", field="predecessors")
    return Lag(sign * whole, kept)


def links(text: str) -> list[list[Link]]:
    """The ways to read each of the predecessors in `12FS+2d; 14SS`, the likeliest first.

    A code may itself hold digits, dashes and letters such as `FS`, so the whole text is tried as a code first, then
    with a kind or lag taken off its end. Which one is meant is known to who knows the codes.
    """
    found: list[list[Link]] = []
    for part in re.split(r"[;,]\s*(?!\d+\s*(?:%|[a-z]{1,3})?\s*(?:;|$))", text):
        clean = " ".join(part.split())
        if not clean:
            continue
        if len(clean) > LONGEST_LINK:
            raise Refused(f"“{clean[:40]}…” is too long for a link.", field="predecessors")
        ways = [Link(clean, "FS", "")]
        match = _END.fullmatch(clean)
        if match is not None:
            ways.append(Link(match[1].strip(), (match[2] or "FS").upper(), (match[3] or "").strip()))
            if match[2] and not match[3]:
                ways.append(Link(match[1].strip(), match[2].upper(), ""))
        found.append(ways)
    return found


def day(text: str, today: date, *, field: str) -> tuple[date, time | None]:
    """The day, and the time if one was typed: `2026-11-06`, `6 Nov 2026`, `6 Nov`, `6.11.2026`, with ` 08:00`.

    A day without a year is the one nearest to `today`. Raises Refused at the field.
    """
    clean = re.sub(r"\s+", " ", text.strip().casefold())
    at: time | None = None
    timed = _TIME.fullmatch(clean)
    try:
        if timed is not None:
            clean, at = timed[1].strip(), time(int(timed[2]), int(timed[3]))
        if found := _ISO.fullmatch(clean):
            return date(int(found[1]), int(found[2]), int(found[3])), at
        if found := _DOTTED.fullmatch(clean):
            return date(int(found[3]), int(found[2]), int(found[1])), at
        if found := _WORDS.fullmatch(clean):
            month = [one.casefold() for one in MONTHS].index(found[2][:3]) + 1
            if found[3]:
                return date(int(found[3]), month, int(found[1])), at
            near = [date(today.year + years, month, int(found[1])) for years in (-1, 0, 1)]
            return min(near, key=lambda one: abs(one - today)), at
    except ValueError:
        pass
    else:
        if re.fullmatch(r"\d{1,2}/\d{1,2}(/\d{2,4})?", clean, re.ASCII):
            raise Refused(
                "Write the date as 2026-11-06 or 6 Nov 2026: with slashes it means different days to "
                "different people.",
                field=field,
            )
    raise Refused("Write a date such as 2026-11-06 or 6 Nov 2026.", field=field)


def edge(of: date, at: time | None, shifts: list[list[int]], *, finish: bool) -> datetime:
    """The local moment meant by a day: the time typed, else where that day's work begins (or, `finish`, ends)."""
    if at is not None:
        return datetime.combine(of, at)
    begin = datetime.combine(of, time())
    if not shifts:
        return begin + timedelta(days=1) if finish else begin
    return begin + timedelta(minutes=shifts[-1][1] if finish else shifts[0][0])


def percent(text: str) -> Decimal:
    """`40`, `40 %`, `62.5`. Raises Refused at `percent`."""
    clean = text.strip().removesuffix("%").strip().replace(",", ".") or "0"
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", clean, re.ASCII) or Decimal(clean) > 100:
        raise Refused("Write a percentage from 0 to 100.", field="percent")
    return Decimal(clean)
