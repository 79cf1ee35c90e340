"""The network diagram as a picture: boxes as in every textbook, links around them, the critical path marked.

early start | days  | early finish
code and name
late start  | float | late finish
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.utils.safestring import SafeString

from pmo.svg import Drawing
from programs.master_plan.network import Box, Line, Network

WIDTH, HEIGHT, ACROSS, DOWN, EDGE = 176, 66, 240, 84, 28


def drawing(
    network: Network,
    *,
    day: Callable[[datetime], str],
    days: Callable[[Box, int], str],
    words: Callable[[Line], str],
    href: Callable[[Box], str],
    chosen: int | None,
) -> SafeString:
    """The picture; `day` writes an instant, `days` a length of a box, `words` a link that is not plain."""
    plan = network.layout
    picture = Drawing(
        2 * EDGE + max(plan.columns - 1, 0) * ACROSS + WIDTH,
        round(2 * EDGE + max(plan.rows - 1, 0) * DOWN + HEIGHT) + 1,
    )
    corners = [
        (EDGE + column * ACROSS, EDGE + height * DOWN)
        for column, height in zip(plan.layer, plan.height, strict=True)
    ]
    for line, route in sorted(zip(network.lines, plan.routes, strict=True), key=lambda one: one[0].critical):
        _line(picture, corners, line, route, words(line))
    for box, (x, y) in zip(network.boxes, corners, strict=True):
        _box(picture, box, x, y, day, days, href(box), box.pk == chosen)
    return picture.finish(
        title="Network diagram",
        description=f"{len(network.boxes)} activities from left to right by what they wait for, with "
        f"{len(network.lines)} links. Each box has its early start, days and early finish above, late start, float and "
        "late finish below. The table has the same in words.",
        key="network",
        role="group",
        css="network",
        natural=True,
    )


def _line(
    picture: Drawing,
    corners: Sequence[tuple[float, float]],
    line: Line,
    route: Sequence[tuple[int, float]],
    words: str,
) -> None:
    """From the right edge of one box to the left edge of the other, past those between."""
    css = "line critical" if line.critical else "line"
    (x1, y1), (x2, y2) = corners[line.source], corners[line.target]
    points: list[tuple[float, float]] = [(x1 + WIDTH, y1 + HEIGHT / 2)]
    for column, height in route:
        y = EDGE + height * DOWN + HEIGHT / 2
        points += [(EDGE + column * ACROSS, y), (EDGE + column * ACROSS + WIDTH, y)]
    end = (x2, y2 + HEIGHT / 2)
    picture.polyline([*points, (end[0] - 6, end[1])], css)
    picture.polyline([(end[0] - 7, end[1] - 4), end, (end[0] - 7, end[1] + 4)], css)
    if words:
        x, y = (points[0][0] + 26, (points[0][1] * 2 + (points[1] if len(points) > 1 else end)[1]) / 3)
        picture.text(x, y - 3, words, "end", anchor="middle")


def _box(
    picture: Drawing,
    box: Box,
    x: float,
    y: float,
    day: Callable[[datetime], str],
    days: Callable[[Box, int], str],
    href: str,
    chosen: bool,
) -> None:
    css = "box" + (" critical" if box.critical else "") + (" chosen" if chosen else "")
    linked = picture.link(href)
    picture.element("title", text=f"{box.project}/{box.code} {box.name}")
    picture.rect(x, y, WIDTH, HEIGHT, css, radius=16 if box.is_milestone else 4)
    picture.line(x, y + 19, x + WIDTH, y + 19, "axis-line")
    picture.line(x, y + HEIGHT - 19, x + WIDTH, y + HEIGHT - 19, "axis-line")
    label = f"{box.code} {box.name}"
    picture.text(
        x + WIDTH / 2, y + 37, label if len(label) < 26 else f"{label[:24]}…", "name", anchor="middle"
    )
    rows = (
        (y + 14, day(box.early_start), days(box, box.minutes), day(box.early_finish)),
        (
            y + HEIGHT - 6,
            day(box.late_start) if box.late_start else "–",
            days(box, box.total_float) if box.total_float is not None else "–",
            day(box.late_finish) if box.late_finish else "–",
        ),
    )
    for at, left, middle, right in rows:
        picture.text(x + 7, at, left)
        picture.text(x + WIDTH / 2, at, middle, "end", anchor="middle")
        picture.text(x + WIDTH - 7, at, right, anchor="end")
    if box.before:
        picture.text(x - 2, y + 10, f"+{box.before}", "end", anchor="end")
    if box.after:
        picture.text(x + WIDTH + 2, y + 10, f"+{box.after}", "end")
    if linked:
        picture.close("a")
