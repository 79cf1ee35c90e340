"""The activities that a change concerns as two Gantts on one time axis: today, and if approved.

Drawn from the bars that an impact holds, so that a vote shows what was frozen for it and not what is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.utils.safestring import SafeString

from programs.schedule import gantt, gantt_axis
from programs.schedule.gantt import GanttRow

_EPOCH = date(1970, 1, 1)
_TODAY, _AFTER = 2, 5
"""Where in a bar (label, kind, then twice start, finish, critical) the two stands begin."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One of the two: `names` are the rows' labels in order, with whether it is a project's."""

    title: str
    head: SafeString
    svg: SafeString
    names: list[tuple[str, bool]]


@dataclass(frozen=True, slots=True)
class Stand:
    """One of the two as rows, before it is drawn on whatever it is drawn on."""

    title: str
    rows: list[GanttRow]
    first: date
    last: date
    zoom: gantt_axis.Zoom


def stands(found: dict[str, Any]) -> list[Stand]:
    """Both stands with the same rows and the same axis, grouped by project; none where no bar has a date."""
    bars = found.get("bars") or []
    walls = [wall for bar in bars for wall in (*bar[2:4], *bar[5:7]) if wall is not None]
    if not walls:
        return []
    first, last = _day(min(walls)) - timedelta(days=7), _day(max(walls)) + timedelta(days=60)
    days = (last - first).days
    zoom: gantt_axis.Zoom = "week" if days < 150 else "month" if days < 700 else "quarter"
    return [
        Stand(title, list(_rows(bars, at, ghost)), first, last, zoom)
        for title, at, ghost in (("Today", _TODAY, 0), ("If approved", _AFTER, _TODAY))
    ]


def gantts(found: dict[str, Any]) -> list[Drawn]:
    """The two drawings for a page. The second has the first's bars as ghosts."""
    return [
        Drawn(
            one.title,
            gantt_axis.header(first=one.first, last=one.last, zoom=one.zoom),
            gantt.render(
                one.rows, [], first=one.first, last=one.last, zoom=one.zoom,
                title=f"{one.title}: the activities concerned",
            ),
            [(row.label, row.kind == "project") for row in one.rows],
        )
        for one in stands(found)
    ]  # fmt: skip


def _rows(bars: list[list[Any]], at: int, ghost: int) -> Iterator[GanttRow]:
    """A row for each project, from the first to the last of its bars, and under it theirs."""
    number = 0
    for code, own in groupby(bars, key=_project):
        group = list(own)
        starts = [bar[at] for bar in group if bar[at] is not None]
        ends = [bar[at + 1] for bar in group if bar[at + 1] is not None]
        yield GanttRow(
            key=f"p{number}", label=code, kind="project",
            start=min(starts, default=None), finish=max(ends, default=None),
        )  # fmt: skip
        for bar in group:
            number += 1
            yield GanttRow(
                key=number,
                label=bar[0],
                kind=bar[1],
                start=bar[at],
                finish=bar[at + 1],
                baseline_start=bar[ghost] if ghost else None,
                baseline_finish=bar[ghost + 1] if ghost else None,
                critical=bool(bar[at + 2]),
            )


def _project(bar: list[Any]) -> str:
    """The project's code: labels are `PROJECT/CODE name`, and no code has a slash."""
    return str(bar[0]).partition("/")[0]


def _day(wall: int) -> date:
    """The day in which a wall minute lies."""
    return _EPOCH + timedelta(minutes=wall)
