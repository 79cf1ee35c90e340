"""The time axis of the Gantt: how wide days are, the texts above the bars, and the ground behind them.

Times are wall minutes, as in `gantt`.
"""

from datetime import date, timedelta
from typing import Final, Literal

from django.utils.safestring import SafeString, mark_safe

from pmo.formats import MONTHS

Zoom = Literal["day", "week", "month", "quarter", "year"]
MINUTES: Final = 1440
HEADER_HEIGHT: Final = 27
ZOOMS: Final[dict[Zoom, int]] = {"day": 2400, "week": 800, "month": 276, "quarter": 120, "year": 50}
"""Hundredths of a pixel per day."""
EPOCH: Final = date(1970, 1, 1).toordinal()


def wall(day: date) -> int:
    """The wall minute at which a day begins."""
    return (day.toordinal() - EPOCH) * MINUTES


def width(first: date, last: date, zoom: Zoom, scale: int | None = None) -> int:
    """How wide the drawing of the days from `first` to `last`, both included, is in pixels."""
    return ((last - first).days + 1) * (scale or ZOOMS[zoom]) // 100


def header(
    *,
    first: date,
    last: date,
    zoom: Zoom = "month",
    status_date: int | None = None,
    scale: int | None = None,
) -> SafeString:
    """The texts of the time axis above the bars, as one safe `<svg>` of `HEADER_HEIGHT` pixels."""
    scale = scale or ZOOMS[zoom]
    wide, origin = width(first, last, zoom, scale), wall(first)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g" width="{wide}" height="{HEADER_HEIGHT}" '
        f'viewBox="0 0 {wide} {HEADER_HEIGHT}" aria-hidden="true">'
        f'<path class="head-line" d="M0 {HEADER_HEIGHT - 0.5}H{wide}"/>'
    ]
    texts = [(max(0, (day - first).days) * scale / 100, text) for day, text in _marks(first, last, zoom)]
    for place, (at, text) in enumerate(texts):
        room = (texts[place + 1][0] if place + 1 < len(texts) else wide) - at
        if room >= len(text) * 6 + 6:
            parts.append(f'<text class="month" x="{at + 4:.1f}" y="17">{text}</text>')
    if status_date is not None:
        at = (status_date - origin) * scale / 144_000
        if 0 <= at <= wide:
            parts.append(f'<path class="today" d="M{at:.1f} {HEADER_HEIGHT - 4}V{HEADER_HEIGHT}"/>')
    parts.append("</svg>")
    return mark_safe("".join(parts))  # noqa: S308 (numbers and fixed texts only)


def ground(
    first: date,
    last: date,
    zoom: Zoom,
    scale: int,
    wide: int,
    tall: int,
    status_date: int | None,
    origin: int,
) -> list[str]:
    """What lies behind the bars: the past, weekends where days are wide enough, the lines of the axis."""
    parts: list[str] = []
    if status_date is not None and status_date > origin:
        past = min((status_date - origin) * scale / 144_000, wide)
        parts.append(f'<path class="past" d="M0 0H{past:.1f}V{tall}H0z"/>')
    if scale >= 800:
        saturday = first + timedelta((5 - first.weekday()) % 7)
        weekends = range((saturday - first).days, (last - first).days + 1, 7)
        shape = "".join(
            f"M{day * scale / 100:.1f} 0h{2 * scale / 100:.1f}V{tall}h-{2 * scale / 100:.1f}z"
            for day in weekends
        )
        parts.append(f'<path class="weekend" d="{shape}"/>')
    lines = "".join(
        f"M{(day - first).days * scale / 100:.1f} 0V{tall}"
        for day, _ in _marks(first, last, zoom)
        if day > first
    )
    parts.append(f'<path class="grid-line" d="{lines}"/>')
    return parts


def _marks(first: date, last: date, zoom: Zoom) -> list[tuple[date, str]]:
    """The days at which the axis has a line and a text: weeks, months or quarters, by zoom."""
    marks: list[tuple[date, str]] = []
    if zoom in ("day", "week"):
        day = first - timedelta(first.weekday())
        while day <= last:
            text = f"{day.day} {MONTHS[day.month - 1]}"
            marks.append(
                (day, f"{text} {day.year % 100:02}" if not marks or day.timetuple().tm_yday <= 7 else text)
            )
            day += timedelta(7)
        return marks
    day = first.replace(day=1)
    while day <= last:
        if zoom == "year":
            if day.month % 3 == 1:
                marks.append((day, f"Q{day.month // 3 + 1} {day.year % 100:02}"))
        else:
            name = MONTHS[day.month - 1]
            marks.append((day, f"{name} {day.year % 100:02}" if day.month == 1 else name))
        day = day.replace(year=day.year + day.month // 12, month=day.month % 12 + 1)
    return marks
