"""The time side of the master plan as SVG: bars, progress, baselines, links, the status date.

One string builder, no templates and no elements: 1,000 rows take some 10 ms. A plan longer than a window is
drawn in pieces of 200 rows that are fetched as one scrolls; `gantt_axis.header` is separate, so that a piece can be
swapped alone. Times are wall minutes (whole minutes since 1970-01-01 on the program's local clock). Colours
are classes of `static/css/drawings.css`, for both themes.

The table beside it holds the same dates as text; the drawing therefore stays out of the tab order.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from pmo.formats import GAP, MONTHS
from pmo.svg import clean, local_address
from programs.schedule.gantt_axis import EPOCH, MINUTES, ZOOMS, Zoom, ground, wall, width
from programs.schedule.gantt_links import GanttLink, arrows

__all__ = ["WINDOW", "GanttLink", "GanttRow", "render"]

Kind = Literal["project", "summary", "task", "milestone"]

WINDOW: Final = 200
"""Rows drawn at once; the page asks for the next window when its place scrolls into view."""
LETTER: Final = 6.4
"""About how wide one letter of a bar's label is, in pixels."""
_BAR_TOP, _BAR, _GHOST_TOP, _GHOST, _DIAMOND = 8, 12, 22, 4, 8.5


class GanttRow(NamedTuple):
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
    parts += ground(first, last, zoom, scale, wide, tall, status_date, origin)
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
    ordinal = minute // MINUTES + EPOCH
    text = _days.get(ordinal)
    if text is None:
        if len(_days) > 20_000:
            _days.clear()
        day = date.fromordinal(ordinal)
        text = _days[ordinal] = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return text
