"""How the arrows between bars run: out of one bar's end, straight up or down, into the other's end."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

LinkKind = Literal["FS", "SS", "FF", "SF"]
Ends = Mapping[str | int, tuple[float, float, float]]
"""Per row key: the x of start and finish, and the y of the bar's middle, in pixels."""

OUT: Final = 5.0
"""How far a link leaves its bar before it turns."""
HEAD: Final = 5.0
_HALF_BAR: Final = 6.0


class GanttLink(NamedTuple):
    """A dependency between two rows by their keys; `critical` if it drives the critical path."""

    source: str | int
    target: str | int
    kind: LinkKind = "FS"
    critical: bool = False


def arrows(links: Sequence[GanttLink], ends: Ends) -> list[str]:
    """All links as four SVG elements: lines and heads, ordinary and critical."""
    lines: dict[bool, list[str]] = {False: [], True: []}
    heads: dict[bool, list[str]] = {False: [], True: []}
    for link in links:
        source, target = ends.get(link.source), ends.get(link.target)
        if source and target:
            line, head = route(source, target, link.kind)
            lines[link.critical].append(line)
            heads[link.critical].append(head)
        elif source:  # leads to a row that is not drawn here
            x = source[0] - OUT if link.kind[0] == "S" else source[1] + OUT
            heads[link.critical].append(_dot(x, source[2]))
        elif target:
            x = target[0] - OUT if link.kind[1] == "S" else target[1] + OUT
            heads[link.critical].append(_dot(x, target[2]))
    parts = ['<g class="links">']
    for critical, css in ((False, ""), (True, ' class="critical"')):
        if lines[critical]:
            parts.append(f'<path{css} d="{"".join(lines[critical])}"/>')
    parts.append("</g>")
    for critical, css in ((False, "arrow"), (True, "arrow critical")):
        if heads[critical]:
            parts.append(f'<path class="{css}" d="{"".join(heads[critical])}"/>')
    return parts


def route(
    source: tuple[float, float, float], target: tuple[float, float, float], kind: LinkKind
) -> tuple[str, str]:
    """Path data of the line and of its arrow head, from the end of `source` to the end of `target`."""
    out = -1 if kind[0] == "S" else 1  # left of a start, right of a finish
    x1, y1 = source[0] if kind[0] == "S" else source[1], source[2]
    y2 = target[2]
    turn = x1 + out * OUT
    if kind[1] == "F":  # into a finish, from the right
        x2 = target[1]
        turn = max(turn, x2 + OUT + HEAD)
        return f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{y2:.1f}H{x2 + HEAD:.1f}", _left(x2, y2)
    x2 = target[0]
    if turn <= x2 - HEAD:
        return f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{y2:.1f}H{x2 - HEAD:.1f}", _right(x2, y2)
    if kind == "SS":
        turn = min(turn, x2 - OUT - HEAD)
        return f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{y2:.1f}H{x2 - HEAD:.1f}", _right(x2, y2)
    if (
        x2 <= turn <= max(target[1], x2 + OUT + 1)
    ):  # no room before it, but above it: into its top or bottom edge
        down = 1 if y2 > y1 else -1
        edge = y2 - down * _HALF_BAR
        return f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{edge - down * HEAD:.1f}", _vertical(turn, edge, down)
    if turn < x2:  # a hair before its start: the line runs down just there
        return f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{y2:.1f}H{x2:.1f}", _right(x2, y2)
    # It starts before the source ends (a lead): around, between the two rows, and in from the left.
    between = y1 + (14.0 if y2 > y1 else -14.0)
    back = x2 - OUT - HEAD
    return (
        f"M{x1:.1f} {y1:.1f}H{turn:.1f}V{between:.1f}H{back:.1f}V{y2:.1f}H{x2 - HEAD:.1f}",
        _right(x2, y2),
    )


def _right(x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}l-6-3.2v6.4z"


def _left(x: float, y: float) -> str:
    return f"M{x:.1f} {y:.1f}l6-3.2v6.4z"


def _vertical(x: float, y: float, down: int) -> str:
    return f"M{x:.1f} {y:.1f}l-3.2{'-6' if down > 0 else ' 6'}h6.4z"


def _dot(x: float, y: float) -> str:
    return f"M{x - 2.2:.1f} {y:.1f}a2.2 2.2 0 1 0 4.4 0a2.2 2.2 0 1 0-4.4 0z"
