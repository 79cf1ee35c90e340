"""The Gantt on sheets of paper: table and bars side by side, so many rows to a sheet, each with its axis and legend.

A sheet is one standalone SVG. It has the light theme's own rules, read from the style sheets of the pages, because a
PDF has none; so that screen and paper cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings

from pmo.svg import clean
from programs.schedule import gantt, gantt_axis

ROWS: Final = 36
"""Rows on a sheet of A3 on its long side."""
WIDE: Final = 1760
"""Pixels across a sheet; some 0.22 mm each on A3."""
TABLE: Final = 500
BARS: Final = WIDE - TABLE
_ROW, _HEAD, _LEGEND = 30, gantt_axis.HEADER_HEIGHT, 34
_COLUMNS: Final = (
    ("Activity", 8, "start"),
    ("Start", 258, "start"),
    ("Finish", 342, "start"),
    ("Float", 488, "end"),
)
_LETTERS: Final = 42
"""As many letters of a name as fit before its dates."""
_MARKS: Final[tuple[tuple[gantt_axis.Zoom, int], ...]] = (("week", 500), ("month", 110), ("year", 0))
"""Marks of the axis by the hundredths of a pixel that a day has at least."""
_RULE = re.compile(r"(?:^|(?<=\})) *(\.g [^{}]*)\{([^{}]*)\}", re.MULTILINE)
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*(?:light-dark\(([^,]+),[^)]*\)|([^;]+));")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row of the table beside its bar: texts as the page shows them, `level` 0 for a project."""

    bar: gantt.GanttRow
    level: int = 0
    strong: bool = False
    start: str = ""
    finish: str = ""
    float_text: str = ""


@cache
def style() -> str:
    """The rules for `.g` of the style sheets with the light theme's values, for an SVG that stands alone."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    tokens = {
        name: (light or plain).strip()
        for name, light, plain in _TOKEN.findall((folder / "tokens.css").read_text(encoding="utf-8"))
    }
    tokens["font"] = "Inter"
    rules = []
    for selector, body in _RULE.findall((folder / "drawings.css").read_text(encoding="utf-8")):
        if not re.search(r":|dragged|drop-here|show-float", selector):
            rules.append(
                selector + "{" + re.sub(r"var\(--([a-z0-9-]+)\)", lambda m: tokens[m[1]], body) + "}"
            )
    return "".join(rules)


def sheets(
    rows: Sequence[PaperRow],
    links: Sequence[gantt.GanttLink],
    *,
    first: date,
    last: date,
    status_date: int | None,
) -> Iterator[str]:
    """One SVG for each `ROWS` rows; all of them on one axis, the days from `first` to `last`, both included."""
    days = (last - first).days + 1
    scale = max(1, BARS * 100 // days)
    zoom = next(name for name, least in _MARKS if scale >= least)
    last = max(last, first + timedelta(days=BARS * 100 // scale - 1))
    head = gantt_axis.header(first=first, last=last, zoom=zoom, status_date=status_date, scale=scale)
    by_end: dict[str | int, list[gantt.GanttLink]] = {}
    for link in links:
        for end in {link.source, link.target}:
            by_end.setdefault(end, []).append(link)
    for begin in range(0, len(rows), ROWS):
        here = rows[begin : begin + ROWS]
        drawn = list(dict.fromkeys(link for row in here for link in by_end.get(row.bar.key, ())))
        bars = gantt.render(
            [row.bar for row in here],
            drawn,
            first=first,
            last=last,
            zoom=zoom,
            status_date=status_date,
            scale=scale,
        )
        yield _sheet(here, str(head), str(bars))


def _sheet(rows: Sequence[PaperRow], head: str, bars: str) -> str:
    tall = _HEAD + len(rows) * _ROW + _LEGEND
    lines = "".join(f"M0 {_HEAD + place * _ROW + 0.5}H{WIDE}" for place in range(len(rows) + 1))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g" width="{WIDE}" height="{tall}" '
        f'viewBox="0 0 {WIDE} {tall}" font-family="Inter"><style>{style()}</style>'
        f'<path class="grid-line" d="{lines}M{TABLE - 0.5} 0V{tall - _LEGEND}"/>'
    ]
    parts += [
        f'<text class="month" x="{x}" y="17" text-anchor="{anchor}">{title}</text>'
        for title, x, anchor in _COLUMNS
    ]
    for place, row in enumerate(rows):
        parts += _texts(row, _HEAD + place * _ROW + 19)
    parts.append(f'<g transform="translate({TABLE} 0)">{head}</g>')
    parts.append(f'<g transform="translate({TABLE} {_HEAD})">{bars}</g>')
    parts += _legend(tall - _LEGEND + 20)
    parts.append("</svg>")
    return "".join(parts)


def _texts(row: PaperRow, y: int) -> list[str]:
    weight = ' font-weight="600"' if row.strong else ""
    indent = 8 + 14 * min(row.level, 6)
    fits = _LETTERS - 2 * min(row.level, 6)
    name = row.bar.label if len(row.bar.label) <= fits else f"{row.bar.label[: fits - 1].rstrip()}…"
    parts = [f'<text x="{indent}" y="{y}"{weight}>{clean(name)}</text>']
    for text, (_, x, anchor) in zip((row.start, row.finish, row.float_text), _COLUMNS[1:], strict=True):
        if text:
            parts.append(f'<text x="{x}" y="{y}" text-anchor="{anchor}">{clean(text)}</text>')
    return parts


def _legend(y: int) -> list[str]:
    """What the shapes mean, drawn as they are drawn."""
    shapes = (
        ("Planned", '<rect class="bar" x="0" y="-9" width="26" height="10" rx="2"/>'),
        ("Done", '<rect class="done" x="0" y="-9" width="26" height="10" rx="2"/>'),
        (
            "Critical",
            '<g class="critical"><rect class="bar" x="0" y="-9" width="26" height="10" rx="2"/></g>',
        ),
        ("Milestone", '<path class="diamond" d="M13 -12l8 8-8 8-8-8z"/>'),
        ("Baseline", '<rect class="ghost" x="0" y="-5" width="26" height="4" rx="2"/>'),
        ("Summary", '<path class="sum" d="M0 -9H26v8l-5-5H5l-5 5z"/>'),
        ("Link", '<g class="links"><path d="M0 -4H22"/></g><path class="arrow" d="M26 -4l-6-3v6z"/>'),
        ("Status date", '<path class="today" d="M13 -12V4"/>'),
    )
    return [
        f'<g transform="translate({8 + place * 130} {y})">{shape}<text x="34" y="0">{text}</text></g>'
        for place, (text, shape) in enumerate(shapes)
    ]
