"""The time side of the master plan as SVG: bars, progress, baselines, links, the status date.

One string builder, no templates and no elements: 1,000 rows take some 10 ms. A plan longer than a window is
drawn in pieces of 200 rows that are fetched as one scrolls; `header` is separate, so that a piece can be
swapped alone. Times are wall minutes (whole minutes since 1970-01-01 on the program's local clock). Colours
are classes of `static/css/drawings.css`, for both themes.

The table beside it holds the same dates as text; the drawing therefore stays out of the tab order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from django.utils.safestring import SafeString, mark_safe

from pmo.formats import GAP, MONTHS
from pmo.svg import clean, local_address
from programs.schedule.gantt_links import GanttLink, arrows

__all__ = ["HEADER_HEIGHT", "WINDOW", "ZOOMS", "GanttLink", "GanttRow", "header", "render", "wall", "width"]

Kind = Literal["project", "summary", "task", "milestone"]
Zoom = Literal["day", "week", "month", "quarter", "year"]

MINUTES: Final = 1440
WINDOW: Final = 200
"""Rows drawn at once; the page asks for the next window when its place scrolls into view."""
HEADER_HEIGHT: Final = 27
ZOOMS: Final[dict[Zoom, int]] = {"day": 2400, "week": 800, "month": 276, "quarter": 120, "year": 50}
"""Hundredths of a pixel per day."""
LETTER: Final = 6.4
"""About how wide one letter of a bar's label is, in pixels."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
_BAR_TOP, _BAR, _GHOST_TOP, _GHOST, _DIAMOND = 8, 12, 22, 4, 8.5


@dataclass(frozen=True, slots=True)
class GanttRow:
    """One row. Times in wall minutes, None where not known (the row then stays empty); percent 0 to 100.

    `key` is what links refer to. `late_finish` gives the end of the float whisker; `float_text` is the
    formatted float (`4 d`). `href` must be an address within this site, else it is left out.
    """

    key: str | int
    label: str
    kind: Kind
    start: int | None
    finish: int | None
    baseline_start: int | None = None
    baseline_finish: int | None = None
    percent: float = 0
    critical: bool = False
    float_text: str = ""
    href: str = ""
    late_finish: int | None = None


def wall(day: date) -> int:
    """The wall minute at which a day begins."""
    return (day.toordinal() - _EPOCH) * MINUTES


def width(first: date, last: date, zoom: Zoom, scale: int | None = None) -> int:
    """How wide the drawing of the days from `first` to `last`, both included, is in pixels."""
    return ((last - first).days + 1) * (scale or ZOOMS[zoom]) // 100


def render(
    rows: Sequence[GanttRow],
    links: Sequence[GanttLink],
    *,
    first: date,
    last: date,
    zoom: Zoom = "month",
    status_date: int | None = None,
    row_height: int = 30,
    scale: int | None = None,
    title: str = "Gantt chart; the table beside it holds the same dates",
) -> SafeString:
    """The bars of these rows between the days `first` and `last`, both included, as one safe `<svg>`.

    A link whose other end is not among the rows is drawn as a dot at the end it has. What lies outside the
    days is cut off. `scale`, hundredths of a pixel per day, stretches it to a sheet of paper; the marks stay those of
    the zoom. Raises `ValueError` if `last` is before `first`.
    """
    if last < first:
        raise ValueError("a Gantt chart cannot end before it begins")
    scale = scale or ZOOMS[zoom]
    wide, tall, origin = width(first, last, zoom, scale), len(rows) * row_height, wall(first)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g" width="{wide}" height="{tall}" '
        f'viewBox="0 0 {wide} {tall}" role="group" aria-label="{clean(title)}">'
    ]
    parts += _ground(first, last, zoom, scale, wide, tall, status_date, origin)
    ends: dict[str | int, tuple[float, float, float]] = {}
    bars: list[str] = []
    for place, row in enumerate(rows):
        if row.start is None or row.finish is None:
            continue
        # Clamped far outside the drawing, so that a date of the year 9999 is no coordinate of a million.
        x1 = min(max((row.start - origin) * scale / 144_000, -40.0), wide + 40.0)
        x2 = min(max((row.finish - origin) * scale / 144_000, x1), wide + 40.0)
        top = place * row_height + (row_height - 30) // 2
        reach = _DIAMOND if row.kind == "milestone" else 0
        ends[row.key] = (x1 - reach, x2 + reach, top + _BAR_TOP + _BAR / 2)
        if x2 >= 0 and x1 <= wide:
            bars.append(_row(row, x1, x2, top, wide, origin, scale))
    # Links lie under the bars, so that a bar is never crossed out.
    parts += arrows(links, ends)
    parts += bars
    if status_date is not None:
        at = (status_date - origin) * scale / 144_000
        if 0 <= at <= wide:
            parts.append(f'<path class="today" d="M{at:.1f} 0V{tall}"/>')
    parts.append("</svg>")
    return mark_safe("".join(parts))  # noqa: S308 (labels and addresses are escaped above)


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


def _row(row: GanttRow, x1: float, x2: float, top: int, wide: int, origin: int, scale: int) -> str:
    """One row's shapes: baseline, bar or diamond, progress, float, label, and the words on hover."""
    label = clean(row.label)
    css = ' class="critical"' if row.critical else ""
    address = local_address(row.href) if row.href else ""
    key = clean(str(row.key))
    opening = (
        f'<a href="{address}" tabindex="-1"{css} data-key="{key}">'
        if address
        else f'<g{css} data-key="{key}">'
    )
    closing = "</a>" if address else "</g>"
    shapes = f"<title>{_words(row, label)}</title>"
    ghost = ""
    if row.baseline_start is not None and row.baseline_finish is not None:
        g1 = min(max((row.baseline_start - origin) * scale / 144_000, -40.0), wide + 40.0)
        g2 = min(max((row.baseline_finish - origin) * scale / 144_000, g1), wide + 40.0)
        if row.kind == "milestone":
            ghost = f'<path class="diamond-ghost" d="{_diamond(g2, top + 14)}"/>'
        elif row.kind == "task":
            ghost = (
                f'<rect class="ghost" x="{g1:.1f}" y="{top + _GHOST_TOP}" width="{max(g2 - g1, 2):.1f}" '
                f'height="{_GHOST}" rx="2"/>'
            )
    if row.kind == "milestone":
        shapes += f'{ghost}<path class="diamond" d="{_diamond(x2, top + 14)}"/>'
        end = x2 + _DIAMOND + 5
    elif row.kind == "task":
        long = max(x2 - x1, 2.0)
        shapes += ghost + _bar("bar", x1, long, top)
        if row.percent > 0 and row.start is not None and row.finish is not None:
            # In time, not in pixels: a bar that is cut off at an edge keeps its true progress.
            done = row.start + (row.finish - row.start) * min(row.percent, 100) / 100
            so_far = min((done - origin) * scale / 144_000, x1 + long) - x1
            if so_far > 0:
                shapes += _bar("done", x1, so_far, top)
        if row.late_finish is not None and row.late_finish > (row.finish or 0):
            late = min((row.late_finish - origin) * scale / 144_000, wide + 40.0)
            shapes += f'<path class="whisker" d="M{x2:.1f} {top + 14}H{late:.1f}m0-4v8"/>'
        end = x1 + long + 8
    else:
        drop = min(6.0, (x2 - x1) / 2)
        shade = "sum" if row.kind == "project" else "sum light"
        d = f"M{x1:.1f} {top + 10}H{x2:.1f}v8l-{drop:.1f}-5H{x1 + drop:.1f}l-{drop:.1f} 5z"
        shapes += f'<path class="{shade}" d="{d}"/>'
        return f"{opening}{shapes}{closing}"
    if end + len(row.label) * LETTER <= wide or x1 < len(row.label) * LETTER + 12:
        text = f'<text x="{end:.1f}" y="{top + 18}">{label}</text>'
    else:  # no room to the right: to the left of the bar
        left = x1 - (_DIAMOND + 5 if row.kind == "milestone" else 8)
        text = f'<text x="{left:.1f}" y="{top + 18}" text-anchor="end">{label}</text>'
    return f"{opening}{shapes}{text}{closing}"


def _bar(css: str, x: float, long: float, top: int) -> str:
    return f'<rect class="{css}" x="{x:.1f}" y="{top + _BAR_TOP}" width="{long:.1f}" height="{_BAR}" rx="2"/>'


def _words(row: GanttRow, label: str) -> str:
    """What hovering says: name, dates, progress, float."""
    span = f"{_day(row.start)} to {_last_day(row.start, row.finish)}"
    words = f"{label}: {_day(row.finish) if row.kind == 'milestone' else span}"
    if row.baseline_finish is not None:
        words += f", baseline finish {_last_day(row.baseline_start, row.baseline_finish)}"
    if row.percent:
        words += f", {row.percent:.0f}{GAP}% done"
    if row.float_text:
        words += f", float {clean(row.float_text)}"
    return words + (", critical" if row.critical else "")


def _last_day(start: int | None, finish: int | None) -> str:
    """The day of a finish; work that ends at midnight ended on the day before."""
    return _day(finish - 1) if finish is not None and start is not None and finish > start else _day(finish)


def _diamond(x: float, y: float) -> str:
    return f"M{x:.1f} {y - _DIAMOND}l{_DIAMOND} {_DIAMOND}-{_DIAMOND} {_DIAMOND}-{_DIAMOND}-{_DIAMOND}z"


_days: dict[int, str] = {}


def _day(minute: int | None) -> str:
    """`31 Mar 2027` for a wall minute, kept for the next one on the same day."""
    if minute is None:
        return "—"
    ordinal = minute // MINUTES + _EPOCH
    text = _days.get(ordinal)
    if text is None:
        if len(_days) > 20_000:
            _days.clear()
        day = date.fromordinal(ordinal)
        text = _days[ordinal] = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return text


def _ground(
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
