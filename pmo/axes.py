"""Scales, ticks, grids and labels of the charts: the arithmetic of an axis, apart from what is it."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pmo.svg import Drawing

TEXT_WIDTH: Final = 6.6
"""About how wide one letter of an end label is, in pixels: enough to keep labels inside and apart."""
LABEL_GAP: Final = 13.0
_NICE: Final = (1.0, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one kind of column: its name, its points (x, y), its colour 1 to 6, the text at its end."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: int = 1
    label: str = ""
    dashed: bool = False


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """About `count` steps of 1, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten that cover `low` to `high`.

    The first is at or below `low`, the last at or above `high`. Raises `ValueError`
    for an end that is not finite.
    """
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("an axis needs finite ends")
    low, high = min(low, high), max(low, high)
    if low == high:
        low, high = min(low, 0.0), max(high, 0.0)
        if low == high:
            high = 1.0
    rough = (high - low) / max(1, count)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(nice * power for nice in _NICE if nice * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [place * step for place in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot area inside a drawing and the two scales."""

    left: float
    top: float
    right: float
    bottom: float
    x_low: float
    x_high: float
    y_low: float
    y_high: float

    def x(self, value: float) -> float:
        span = self.x_high - self.x_low or 1.0
        return self.left + (value - self.x_low) / span * (self.right - self.left)

    def y(self, value: float) -> float:
        span = self.y_high - self.y_low or 1.0
        return self.bottom - (value - self.y_low) / span * (self.bottom - self.top)


def draw_frame(
    drawing: Drawing, y_ticks: Sequence[float], y_text: Callable[[float], str], x_low: float, x_high: float
) -> Frame:
    """Draw the horizontal grid with its texts; returns the scales."""
    texts = [y_text(value) for value in y_ticks]
    left = 12 + max((len(text) for text in texts), default=0) * 6.2
    frame = Frame(left, 12, drawing.width - 14, drawing.height - 24, x_low, x_high, y_ticks[0], y_ticks[-1])
    for value, text in zip(y_ticks, texts, strict=True):
        height = frame.y(value)
        drawing.line(frame.left, height, frame.right, height, "axis-line" if value == 0 else "grid-line")
        drawing.text(frame.left - 6, height + 3.6, text, anchor="end")
    return frame


def draw_x_texts(drawing: Drawing, frame: Frame, labels: Sequence[tuple[float, str]]) -> None:
    """Texts below the plot, kept inside it; one that would touch its left neighbour is left out."""
    taken = -1e9
    for value, text in labels:
        at, half = frame.x(value), len(text) * 2.9
        at_left = at - half < frame.left
        at_right = at + half > frame.right + 10
        start = at if at_left else at - 2 * half if at_right else at - half
        if start < taken + 6:
            continue
        taken = start + 2 * half
        drawing.text(at, frame.bottom + 15, text, anchor="" if at_left else "end" if at_right else "middle")


@dataclass(slots=True)
class _EndLabel:
    """Where the text of one line's end goes, while the texts are pushed apart."""

    x: float
    y: float
    inside: bool
    text: str
    colour: int


def draw_end_labels(drawing: Drawing, frame: Frame, series: Sequence[Series]) -> None:
    """A text at the end of each line, pushed apart where lines end close together."""
    wanted: list[_EndLabel] = []
    for one in series:
        if not one.label or not one.points:
            continue
        x, y = frame.x(one.points[-1][0]), frame.y(one.points[-1][1])
        inside = x + 5 + len(one.label) * TEXT_WIDTH <= drawing.width
        at = (x + 5, y) if inside else (drawing.width - 2, y + 18)
        wanted.append(_EndLabel(at[0], at[1], inside, one.label, one.colour))
    wanted.sort(key=lambda label: label.y)
    for above, below in pairwise(wanted):
        if abs(above.x - below.x) < 90 and below.y - above.y < LABEL_GAP:
            middle = (above.y + below.y) / 2
            above.y, below.y = min(above.y, middle - LABEL_GAP / 2), max(below.y, middle + LABEL_GAP / 2)
    for label in wanted:
        label.y = min(max(label.y, frame.top + 4), frame.bottom - 2)
    # Of three and more, one that was pushed may stand on the next: down from the top, then up from the bottom.
    for place, label in enumerate(wanted):
        over = [one.y for one in wanted[:place] if abs(one.x - label.x) < 90]
        label.y = max([label.y, *(y + LABEL_GAP for y in over)])
    for place in range(len(wanted) - 1, -1, -1):
        label = wanted[place]
        under = [one.y for one in wanted[place + 1 :] if abs(one.x - label.x) < 90]
        label.y = min([label.y, frame.bottom - 2, *(y - LABEL_GAP for y in under)])
    for label in wanted:
        anchor = "" if label.inside else "end"
        drawing.text(label.x, label.y + 3.5, label.text, f"end s{label.colour}", anchor=anchor)
