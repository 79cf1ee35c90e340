"""How figures, dates and states are written on screen: plain functions, so that hot loops need no template.

The same functions stand behind the template filters of `pmo/templatetags/office.py`. Those that say so return
safe HTML; all others return plain text that the template escapes. Nothing here reads clock or database.
A figure that is not known is an em dash, never a zero and never empty.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from pmo import money

UNKNOWN: Final = "—"
MINUS: Final = "\u2212"
GAP: Final = "\u00a0"
"""A space that does not break, between a number and its unit."""

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

RAG_SHAPES: Final = {"green": "●", "amber": "▲", "red": "■"}
RAG_WORDS: Final = {"green": "Green", "amber": "Amber", "red": "Red"}


def day(value: date | datetime | None) -> str:
    """`31 Mar 2027`; a datetime is first brought to the current time zone."""
    value = _local(value)
    return UNKNOWN if value is None else f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def day_short(value: date | datetime | None) -> str:
    """`31 Mar`: where the year is plain from the surroundings."""
    value = _local(value)
    return UNKNOWN if value is None else f"{value.day} {MONTHS[value.month - 1]}"


def month(value: date | datetime | None) -> str:
    """`Mar 2027`: for periods."""
    value = _local(value)
    return UNKNOWN if value is None else f"{MONTHS[value.month - 1]} {value.year}"


def period(code: str) -> str:
    """`Nov 2026` for a fiscal period's code `2026-11`; anything else is returned as it is."""
    year, dash, number = code.partition("-")
    if dash and number in {f"{n:02}" for n in range(1, 13)}:
        return f"{MONTHS[int(number) - 1]} {year}"
    return code


def moment(value: datetime | None, zone: tzinfo | None = None) -> str:
    """`25 Nov 2026 17:00` in `zone`, or in the current time zone; a naive datetime is taken as it is."""
    if value is None:
        return UNKNOWN
    if timezone.is_aware(value):
        value = timezone.localtime(value, zone)
    return f"{day(value.date())} {value:%H:%M}"


def ago(seconds: float | None) -> str:
    """`2 s ago`, `5 min ago`, `3 h ago`, `4 d ago` for an age in seconds, rounded down."""
    if seconds is None:
        return UNKNOWN
    age = max(0, int(seconds))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if age >= size:
            return f"{age // size}{GAP}{unit} ago"
    return f"{age}{GAP}s ago"


def number(value: int | float | Decimal | None, places: int = 0, *, sign: bool = False) -> str:
    """`1,284`, with `places` decimals, a true minus and, with `sign`, a plus: for counts, hours and rates."""
    if value is None:
        return UNKNOWN
    text = f"{value:+,.{places}f}" if sign else f"{value:,.{places}f}"
    if not text.strip("+-0.,"):
        return text.lstrip("+-")  # nothing left after rounding has no sign
    return text.replace("-", MINUS, 1)


def index(value: float | Decimal | None) -> str:
    """`0.86`: CPI, SPI(t), TCPI and other ratios, two decimals."""
    return number(value, 2)


def percent(value: float | Decimal | None, places: int = 0) -> str:
    """`86 %` for a value that already is in percent (0 to 100), as everywhere in the database."""
    return UNKNOWN if value is None else f"{number(value, places)}{GAP}%"


def counted(count: int, one: str, many: str) -> str:
    """`1 activity`, `1,284 activities`."""
    return f"{count:,}{GAP}{one if count == 1 else many}"


def delta_days(days: int | float | Decimal | None, places: int = 0) -> str:
    """`+18 d`, `−2 d`, `0 d`: a difference in days, positive is later."""
    return UNKNOWN if days is None else f"{number(days, places, sign=True)}{GAP}d"


def slip(days: int | float | Decimal | None) -> SafeString:
    """`delta_days` as safe HTML, red when later and green when earlier (the sign says so too)."""
    text = delta_days(days)
    kind = "" if not days else "bad" if days > 0 else "good"
    return mark_safe(f'<span class="{kind}">{text}</span>' if kind else text)  # noqa: S308


def money_text(minor: int | None, currency: str, *, sign: bool = False, unit: bool = True) -> str:
    """`26.2M EUR` as plain text, for labels and sentences; `minor` in minor units, `unit` shows the code."""
    if minor is None:
        return UNKNOWN
    short = money.format_short(minor, currency, sign=sign).strip().replace("-", MINUS, 1)
    return f"{short}{GAP}{currency}" if unit else short


def money_short(minor: int | None, currency: str, *, sign: bool = False, unit: bool = False) -> SafeString:
    """`26.2M` as safe HTML whose title holds the exact figure; `unit` adds the currency code."""
    if minor is None:
        return SafeString(UNKNOWN)
    exact = money_exact(minor, currency, sign=sign)
    shown = money_text(minor, currency, sign=sign, unit=unit)
    return mark_safe(f'<span title="{escape(exact)}">{escape(shown)}</span>')  # noqa: S308 (escaped here)


def money_exact(minor: int | None, currency: str, *, sign: bool = False) -> str:
    """`26,200,000.00 EUR`: every digit, with a true minus."""
    if minor is None:
        return UNKNOWN
    head, gap, code = money.format_exact(minor, currency, sign=sign).replace("-", MINUS, 1).rpartition(" ")
    return f"{head}{GAP if gap else ''}{code}"


def rag(state: str | None, text: str = "") -> SafeString:
    """A status badge as safe HTML: shape and word (● Green, ▲ Amber, ■ Red, ○ Not rated).

    `text` replaces the word on screen (`■ +18 d`); the word then stays for screen readers. A state that is
    none of the three is "not rated": an unknown colour must never look like a good one.
    """
    kind = str(state or "").strip().lower()
    word = RAG_WORDS.get(kind, "Not rated")
    shape = RAG_SHAPES.get(kind, "○")
    shown = f'<span class="sr-only">{word}: </span>{escape(text)}' if text else word
    css = f"badge {kind}" if kind in RAG_WORDS else "badge"
    return mark_safe(f'<span class="{css}"><span aria-hidden="true">{shape}</span>{shown}</span>')  # noqa: S308


def hx_json(values: Mapping[str, Any]) -> SafeString:
    """A mapping as JSON, escaped for a quoted attribute: `hx-vals="{{ values|hx_json }}"`.

    Always an object, so that htmx never reads it as `js:`. Raises `TypeError` for anything but a mapping.
    """
    if not isinstance(values, Mapping):
        raise TypeError("hx_json takes a mapping")
    text = json.dumps(dict(values), cls=DjangoJSONEncoder, ensure_ascii=True, separators=(",", ":"))
    return mark_safe(escape(text))  # noqa: S308 (escaped here)


def _local(value: date | datetime | None) -> date | None:
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value
