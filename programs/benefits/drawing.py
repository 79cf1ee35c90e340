"""The benefits map as a drawing: what contributes on the left, benefits on the right, a line for each. No database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from pmo.svg import Drawing

WIDTH, BOX, HIGH, GAP = 860, 330, 42, 12


@dataclass(frozen=True, slots=True)
class Node:
    """A box: two lines and where it leads; a pale one contributes nothing (any more)."""

    name: str
    about: str
    href: str
    pale: bool = False


def benefits_map(
    left: Sequence[Node], right: Sequence[Node], lines: Sequence[tuple[int, int]], *, description: str
) -> SafeString:
    """Lines are pairs of places in `left` and `right`."""
    rows = max(len(left), len(right), 1)
    drawing = Drawing(WIDTH, rows * (HIGH + GAP) + GAP)

    def top(n: int, many: int) -> float:
        return GAP + (n + (rows - many) / 2) * (HIGH + GAP)

    for a, b in lines:
        kind = "line s3 dash" if left[a].pale else "line s1"
        points = [
            (10 + BOX, top(a, len(left)) + HIGH / 2),
            (WIDTH - BOX - 10, top(b, len(right)) + HIGH / 2),
        ]
        drawing.polyline(points, kind)
    for x, nodes in ((10, left), (WIDTH - BOX - 10, right)):
        for n, node in enumerate(nodes):
            y = top(n, len(nodes))
            drawing.rect(x, y, BOX, HIGH, "heat-3" if node.pale else "heat-1", radius=8)
            linked = drawing.link(node.href)
            drawing.text(x + 12, y + 18, _short(node.name, 31), "heat-count")
            if linked:
                drawing.close("a")
            drawing.text(x + 12, y + 34, _short(node.about, 56))
    return drawing.finish(
        title="Benefits map", description=description, key="benefits-map", css="map", natural=True
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
