"""The governance structure as a drawing: who is asked first at the bottom, who answers last on top. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from pmo.svg import Drawing

WIDTH, BOX, GAP, LINE, HEAD, LEFT = 760, 340, 34, 17, 46, 20
SHOWN = 8
"""People named in a box; of more, their number is said, and the table under the drawing has all."""


@dataclass(frozen=True, slots=True)
class Box:
    """A body: its name, one line about it, its people in words, and the page it leads to."""

    name: str
    about: str
    people: tuple[str, ...]
    href: str


def structure(ladder: Sequence[Box], others: Sequence[Box], *, description: str) -> SafeString:
    """The rungs of the ladder (the first asked first) in a column with arrows upwards, the other bodies beside it."""
    rungs = list(reversed(ladder))
    column = sum(_height(box) + GAP for box in rungs)
    beside = sum(_height(box) + GAP for box in others)
    drawing = Drawing(WIDTH, max(column, beside, HEAD) + 10)
    y = 10
    for place, box in enumerate(rungs):
        _draw(drawing, LEFT, y, box)
        foot = y + _height(box)
        if place < len(rungs) - 1:
            middle = LEFT + BOX // 2
            drawing.line(middle, foot + GAP, middle, foot + 4, "axis-line")
            drawing.polyline(
                [(middle - 5, foot + 10), (middle, foot + 4), (middle + 5, foot + 10)], "line s3"
            )
            drawing.text(middle + 10, foot + GAP / 2 + 5, "goes up without an answer")
        y = foot + GAP
    y = 10
    for box in others:
        _draw(drawing, WIDTH - BOX - LEFT, y, box)
        y += _height(box) + GAP
    return drawing.finish(title="Governance structure", description=description, key="structure")


def _height(box: Box) -> int:
    return HEAD + LINE * (min(len(box.people), SHOWN) + (len(box.people) > SHOWN) or 1) + 8


def _draw(drawing: Drawing, x: float, y: float, box: Box) -> None:
    drawing.rect(x, y, BOX, _height(box), "heat-1", radius=8)
    linked = drawing.link(box.href)
    drawing.text(x + 12, y + 19, _short(box.name, 34), "heat-count")
    if linked:
        drawing.close("a")
    drawing.text(x + 12, y + 35, _short(box.about, 58))
    lines = [*box.people[:SHOWN]] or ["nobody sits here yet"]
    if len(box.people) > SHOWN:
        lines.append(f"and {len(box.people) - SHOWN} more")
    for n, line in enumerate(lines, 1):
        drawing.text(x + 12, y + HEAD + LINE * n - 2, _short(line, 50))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
