"""Charts drawn on the server where people would rather look than read.

S-curve, columns, bars, sparkline, heat map, P-curve: all return safe SVG for `<figure class="chart">`;
`standalone=True` gives one with its own colours for PDFs. Coordinates along an axis are plain numbers (dates
as day numbers or wall minutes, money in minor units). Texts are formatted by the caller with `pmo.formats`;
those of ticks, whose values are found here, by a function of hers.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from pmo.axes import TEXT_WIDTH, Frame, Series, draw_end_labels, draw_frame, draw_x_texts, ticks
from pmo.svg import Drawing

__all__ = ["Bar", "Series", "bars", "columns", "heat_band", "heat_map", "line_chart", "p_curve", "sparkline"]


@dataclass(frozen=True, slots=True)
class Bar:
    """One horizontal bar: label left, `text` (the formatted value) right, colour 1 to 6, an address or ""."""

    label: str
    value: float
    text: str
    colour: int = 1
    href: str = ""


def line_chart(
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    key: str,
    x_labels: Sequence[tuple[float, str]],
    y_text: Callable[[float], str],
    status_x: float | None = None,
    status_text: str = "status date",
    width: int = 430,
    height: int = 184,
    standalone: bool = False,
) -> SafeString:
    """Lines over time, zero in view, each with its text at the end, and the status date as a dotted line.

    This is the S-curve: planned (colour 3), earned (1) and actual (2), each cumulative. Lines are straight
    between their points: nothing is smoothed. Without a point the axes are drawn; the description says why.
    """
    drawing = Drawing(width, height, standalone=standalone)
    xs = [x for one in series for x, _ in one.points] + [x for x, _ in x_labels]
    ys = [y for one in series for _, y in one.points]
    frame = draw_frame(
        drawing, ticks(min([0.0, *ys]), max([0.0, *ys])), y_text, min(xs, default=0.0), max(xs, default=1.0)
    )
    draw_x_texts(drawing, frame, x_labels)
    if status_x is not None:
        at = frame.x(status_x)
        drawing.line(at, frame.top - 6, at, frame.bottom, "status-line")
        right = at + 4 + len(status_text) * 5.4 > drawing.width
        drawing.text(
            at + (-4 if right else 4), frame.top + 1, status_text, "status", anchor="end" if right else ""
        )
    for one in series:
        if one.points:
            points = [(frame.x(x), frame.y(y)) for x, y in one.points]
            drawing.polyline(points, f"line s{one.colour}{' dash' if one.dashed else ''}")
    draw_end_labels(drawing, frame, series)
    return drawing.finish(title=title, description=description, key=key)


def columns(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    description: str,
    key: str,
    y_text: Callable[[float], str],
    lines: Sequence[Series] = (),
    stacked: bool = True,
    width: int = 560,
    height: int = 190,
    standalone: bool = False,
) -> SafeString:
    """Columns per period, stacked (positive up, negative down) or side by side, with lines over them.

    A point's x is the place in `labels`. Cash flow, burn, capacity against load. Raises `ValueError` for a
    column that belongs to no label.
    """
    drawing = Drawing(width, height, standalone=standalone)
    up, down = [0.0] * len(labels), [0.0] * len(labels)
    heights: list[tuple[int, int, float, float]] = []  # colour, place, from, to
    beside: list[int] = []
    for order, one in enumerate(series):
        for x, y in one.points:
            place = int(x)
            if not 0 <= place < len(labels):
                raise ValueError(f"{one.name} has a column outside the labels")
            pile = up if y >= 0 else down
            base = pile[place] if stacked else 0.0
            pile[place] = base + y if stacked else max(pile[place], y) if y >= 0 else min(pile[place], y)
            heights.append((one.colour, place, base, base + y))
            beside.append(order)
    reach = [y for one in lines for _, y in one.points]
    frame = draw_frame(
        drawing, ticks(min([0.0, *down, *reach]), max([0.0, *up, *reach])), y_text, -0.5, len(labels) - 0.5
    )
    slot = (frame.right - frame.left) / max(1, len(labels))
    thick = slot * 0.62 if stacked else slot * 0.72 / max(1, len(series))
    for (colour, place, low, high), order in zip(heights, beside, strict=True):
        left = frame.x(place) - (slot * 0.31 if stacked else slot * 0.36 - thick * order)
        top, bottom = sorted((frame.y(low), frame.y(high)))
        drawing.rect(left, top, thick, bottom - top, f"fill s{colour}")
    for one in lines:
        drawing.polyline([(frame.x(x), frame.y(y)) for x, y in one.points], f"line s{one.colour}")
    draw_x_texts(drawing, frame, list(enumerate(labels)))
    return drawing.finish(title=title, description=description, key=key)


def bars(
    items: Sequence[Bar],
    *,
    title: str,
    description: str,
    key: str,
    width: int = 430,
    standalone: bool = False,
) -> SafeString:
    """Horizontal bars from a common zero, label left and value right; a negative value grows to the left."""
    row = 24
    drawing = Drawing(width, max(row, row * len(items)), standalone=standalone)
    left = 10 + max((min(len(item.label), 26) for item in items), default=0) * 6.0
    right = width - 8 - max((len(item.text) for item in items), default=0) * TEXT_WIDTH
    low = min([0.0, *(item.value for item in items)])
    high = max([0.0, *(item.value for item in items)])
    frame = Frame(left, 0, max(right, left + 20), drawing.height, low, high if high > low else low + 1, 0, 1)
    for place, item in enumerate(items):
        middle = place * row + row / 2
        linked = drawing.link(item.href)
        shown = item.label if len(item.label) <= 26 else item.label[:25] + "…"
        drawing.text(left - 8, middle + 3.7, shown, anchor="end")
        start, end = sorted((frame.x(0), frame.x(item.value)))
        drawing.rect(start, middle - 6, max(end - start, 1), 12, f"fill s{item.colour}", radius=2)
        drawing.text(end + 6, middle + 3.7, item.text, f"end s{item.colour}")
        if linked:
            drawing.close("a")
    drawing.line(frame.x(0), 0, frame.x(0), drawing.height, "axis-line")
    return drawing.finish(
        title=title, description=description, key=key, role=_role(item.href for item in items)
    )


def sparkline(
    values: Sequence[float], *, title: str, key: str, colour: int = 1, standalone: bool = False
) -> SafeString:
    """A line without axes for inside a table; the same values stand as text beside it or in its title."""
    drawing = Drawing(90, 22, standalone=standalone)
    low, high = min(values, default=0.0), max(values, default=1.0)
    frame = Frame(2, 3, 87, 19, 0, max(1, len(values) - 1), low, high)
    if values:
        points = [
            (frame.x(place), frame.y(value) if high > low else 11.0) for place, value in enumerate(values)
        ]
        drawing.polyline(points, f"line s{colour}")
        drawing.element("circle", f"fill s{colour}", cx=points[-1][0], cy=points[-1][1], r=2.4)
    return drawing.finish(title=title, description=title, key=key, css="sparkline")


def heat_map(
    counts: Mapping[tuple[int, int], int],
    *,
    title: str,
    description: str,
    key: str,
    href: Callable[[int, int], str] | None = None,
    chosen: tuple[int, int] | None = None,
    across: str = "Impact",
    upwards: str = "Likelihood",
    standalone: bool = False,
) -> SafeString:
    """Risks by likelihood and impact, both 1 to 5; each cell its count, and a link where `href` gives one.

    `counts` is keyed by (likelihood, impact). The shade is the product of both: 1-3, 4-6, 8-10, 12-16, 20-25.
    The count is written in the cell: no shade carries meaning alone. Raises `ValueError` outside 1 to 5.
    """
    if any(not (1 <= likelihood <= 5 and 1 <= impact <= 5) for likelihood, impact in counts):
        raise ValueError("likelihood and impact go from 1 to 5")
    size, gap, left, top = 52, 4, 42, 8
    drawing = Drawing(left + 5 * size + 8, top + 5 * size + 36, standalone=standalone)
    addresses: list[str] = []
    for likelihood in range(5, 0, -1):
        y = top + (5 - likelihood) * size
        drawing.text(left - 8, y + size / 2 + 4, likelihood, anchor="end")
        for impact in range(1, 6):
            x = left + (impact - 1) * size
            count = counts.get((likelihood, impact), 0)
            address = href(likelihood, impact) if href and count else ""
            addresses.append(address)
            linked = drawing.link(address)
            shade = heat_band(likelihood, impact)
            css = f"heat-{shade} chosen" if chosen == (likelihood, impact) else f"heat-{shade}"
            drawing.rect(x, y, size - gap, size - gap, css, radius=5)
            if count:
                drawing.text(x + (size - gap) / 2, y + size / 2 + 3, count, "heat-count", anchor="middle")
            if linked:
                drawing.close("a")
    for impact in range(1, 6):
        drawing.text(
            left + (impact - 1) * size + (size - gap) / 2, top + 5 * size + 12, impact, anchor="middle"
        )
    drawing.text(left + 5 * size / 2, top + 5 * size + 29, f"{across} →", anchor="middle")
    middle = top + 5 * size / 2
    drawing.element(
        "text", "", f"{upwards} →", x=12, y=middle, text_anchor="middle", transform=f"rotate(-90 12 {middle})"
    )
    return drawing.finish(title=title, description=description, key=key, role=_role(addresses), css="heat")


def heat_band(likelihood: int, impact: int) -> int:
    """The shade 1 (least) to 5 of a likelihood and an impact, by their product."""
    product = likelihood * impact
    return 1 if product <= 3 else 2 if product <= 6 else 3 if product <= 10 else 4 if product <= 16 else 5


def p_curve(
    points: Sequence[tuple[float, float]],
    marks: Sequence[tuple[float, float, str]],
    *,
    title: str,
    description: str,
    key: str,
    x_labels: Sequence[tuple[float, str]],
    commitment: tuple[float, str] | None = None,
    width: int = 430,
    height: int = 190,
    standalone: bool = False,
) -> SafeString:
    """How likely it is to be done by a date or within an amount: cumulative, with P50, P80 and the promise.

    `points` and `marks` are (x, probability 0 to 1[, text]); `commitment` is the promised x with its text.
    """
    drawing = Drawing(width, height, standalone=standalone)
    xs = [x for x, _ in points] + [x for x, _ in x_labels] + ([commitment[0]] if commitment else [])
    frame = draw_frame(
        drawing,
        [0.0, 0.25, 0.5, 0.75, 1.0],
        lambda share: f"{share * 100:.0f} %",
        min(xs, default=0.0),
        max(xs, default=1.0),
    )
    draw_x_texts(drawing, frame, x_labels)
    if commitment:
        at = frame.x(commitment[0])
        drawing.line(at, frame.top - 6, at, frame.bottom, "status-line")
        fits = at + 4 + len(commitment[1]) * 5.6 <= drawing.width
        drawing.text(
            at + (4 if fits else -4), frame.bottom - 6, commitment[1], "status", anchor="" if fits else "end"
        )
    if points:
        drawing.polyline([(frame.x(x), frame.y(share)) for x, share in points], "line s1")
    for x, share, text in marks:
        at, height_at = frame.x(x), frame.y(share)
        drawing.element("circle", "fill s1", cx=at, cy=height_at, r=3.4)
        fits = at - 8 - len(text) * TEXT_WIDTH >= frame.left
        drawing.text(
            at + (-8 if fits else 8),
            height_at + (-2 if fits else 12),
            text,
            "end s1",
            anchor="end" if fits else "",
        )
    return drawing.finish(title=title, description=description, key=key)


def _role(addresses: Iterable[str]) -> str:
    """A drawing with links in it is a group (their names are read); one without is an image."""
    return "group" if any(addresses) else "img"
