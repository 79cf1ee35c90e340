"""The two Gantts of a change on paper: each one standalone SVG, names beside bars, as a pack of a meeting prints it."""

from __future__ import annotations

from typing import Any, Final

from pmo.svg import clean
from programs.changes.before_after import Stand, stands
from programs.schedule import gantt, gantt_axis
from programs.schedule.gantt_paper import style

MOST: Final = 30
"""Rows on paper, with those of projects; the page draws the others too."""
_NAMES, _BARS, _ROW, _LETTERS = 270, 560, 30, 40


def charts(found: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Title, drawing and the number of activities left out, for today and for after; none where nothing moves."""
    return [(one.title, _drawn(one), max(0, len(one.rows) - MOST)) for one in stands(found)]


def _drawn(stand: Stand) -> str:
    rows = stand.rows[:MOST]
    scale = max(1, _BARS * 100 // ((stand.last - stand.first).days + 1))
    zoom: gantt_axis.Zoom = "month" if scale >= 110 else "quarter" if scale >= 40 else "year"
    axis: Any = {"first": stand.first, "last": stand.last, "zoom": zoom, "scale": scale}
    wide, tall = _NAMES + gantt_axis.width(**axis), gantt_axis.HEADER_HEIGHT + len(rows) * _ROW
    lines = "".join(
        f"M0 {gantt_axis.HEADER_HEIGHT + place * _ROW + 0.5}H{wide}" for place in range(len(rows))
    )
    names = []
    for place, row in enumerate(rows):
        strong = row.kind == "project"
        weight = ' font-weight="600"' if strong else ""
        text = row.label if len(row.label) <= _LETTERS else f"{row.label[: _LETTERS - 1].rstrip()}…"
        names.append(
            f'<text x="{8 if strong else 20}" y="{gantt_axis.HEADER_HEIGHT + place * _ROW + 19}"{weight}>'
            f"{clean(text)}</text>"
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="g" width="{wide}" height="{tall}" '
        f'viewBox="0 0 {wide} {tall}" font-family="Inter"><style>{style()}</style>'
        f'<path class="grid-line" d="{lines}M{_NAMES - 0.5} 0V{tall}"/>{"".join(names)}'
        f'<g transform="translate({_NAMES} 0)">{gantt_axis.header(**axis)}</g>'
        f'<g transform="translate({_NAMES} {gantt_axis.HEADER_HEIGHT})">{gantt.render(rows, [], **axis)}</g></svg>'
    )
