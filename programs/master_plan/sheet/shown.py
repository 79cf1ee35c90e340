"""How the cells of a plan read: what is shown is what may be typed. Text of one, no database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache

from pmo import formats

_remembered = lru_cache(8192)
"""A plan has the same few lengths and instants in thousands of cells."""


def amount(value: float | Decimal, places: int = 2) -> str:
    """A plain number without separators of thousands or needless noughts."""
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@_remembered
def days(minutes: int, day: int) -> str:
    """Working minutes as days of `day` minutes."""
    return amount(minutes / day)


def lag(minutes: int, unit: str, day: int) -> str:
    """`+2d`, `-4h`, `+50%`, `+3ed`; nothing for none. Exact: what days do not tell is told in minutes."""
    if not minutes:
        return ""
    sign, size = ("+" if minutes > 0 else "-"), abs(minutes)
    if unit == "percent":
        return f"{sign}{size}%"
    mark, of_day = ("e", 1440) if unit == "elapsed" else ("", day)
    for name, each in (("d", of_day), ("h", 60)):
        if size * 4 % each == 0:
            return f"{sign}{amount(size / each)}{mark}{name}"
    return f"{sign}{size}{mark}m" if mark else f"{sign}{size}min"


def link(code: str, kind: str, minutes: int, unit: str, day: int) -> str:
    """`A10`, `A10SS`, `A10FS+2d`; `code` already names the project where that is another one."""
    text = lag(minutes, unit, day)
    return f"{code}{kind}{text}" if text or kind != "FS" else code


def links(parts: Sequence[str]) -> str:
    """Predecessors in one cell."""
    return "; ".join(parts)


def moment(value: datetime | None, zone: tzinfo) -> str:
    """`6 Nov 2026`, with its time where it is not midnight."""
    return "" if value is None else _local(value, zone)


@_remembered
def _local(value: datetime, zone: tzinfo) -> str:
    local = value.astimezone(zone)
    text = formats.day(local.date())
    return text if not (local.hour or local.minute) else f"{text} {local:%H:%M}"


def constraint(kind: str, at: datetime | None, zone: tzinfo) -> str:
    """Nothing for as soon as possible, `ALAP`, `SNET 6 Nov 2026 08:00`."""
    if kind == "ASAP":
        return ""
    return kind if at is None or kind == "ALAP" else f"{kind} {moment(at, zone)}"


def percent(value: Decimal) -> str:
    """Percent complete without its sign."""
    return amount(value)
