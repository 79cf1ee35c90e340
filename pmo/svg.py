"""A small SVG writer: every text and attribute is escaped, numbers are short, colours are classes.

On pages the colours come from `static/css/drawings.css` by class, so that light and dark themes work without
an inline style. In a PDF there is no style sheet: `Drawing(standalone=True)` writes the light theme's colours
as presentation attributes instead (`STANDALONE`).
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Final

from django.utils.safestring import SafeString, mark_safe

Attribute = str | int | float | None

FONT: Final = "Inter"
_INK, _MUTED, _LINE, _SOFT = "#16202e", "#616d7f", "#e3e7ed", "#eef1f5"
_SERIES: Final = ("#2f5bea", "#b62d27", "#8894a6", "#2f8f83", "#b07a1c", "#8258c4")
_HEAT: Final = ("#e3f4ea", "#f1f4d8", "#fdf1dc", "#fbdccd", "#f7c6c1")

# Class names -> what they mean without a style sheet; the same values as static/css/tokens.css, light theme.
STANDALONE: Final[Mapping[str, Mapping[str, str]]] = {
    "grid-line": {"stroke": _SOFT, "stroke-width": "1"},
    "axis-line": {"stroke": _LINE, "stroke-width": "1"},
    "status-line": {"stroke": "#4a5667", "stroke-width": "1.4", "stroke-dasharray": "2 3"},
    "line": {"fill": "none", "stroke-width": "2.2", "stroke-linejoin": "round", "stroke-linecap": "round"},
    "dash": {"stroke-dasharray": "6 4"},
    "text": {"fill": _MUTED, "font-size": "10.5", "font-family": FONT},
    "end": {"font-weight": "700", "font-size": "11"},
    "status": {"fill": "#4a5667"},
    "heat-count": {"fill": _INK, "font-size": "15", "font-weight": "700"},
    **{f"line s{place}": {"stroke": colour} for place, colour in enumerate(_SERIES, 1)},
    **{f"fill s{place}": {"fill": colour} for place, colour in enumerate(_SERIES, 1)},
    **{f"text s{place}": {"fill": colour} for place, colour in enumerate(_SERIES, 1)},
    "text s3": {"fill": _MUTED},
    **{f"heat-{place}": {"fill": colour} for place, colour in enumerate(_HEAT, 1)},
}

# What XML 1.0 cannot hold at all, escaped or not: such a character would make the whole drawing unreadable.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOCAL: Final = re.compile(r"[/?#](?!/)[^\s\\]*")


def clean(text: object) -> str:
    """Text for inside an element or a quoted attribute: escaped, without characters that XML forbids."""
    return _cleaned(str(text))


@lru_cache(8192)
def _cleaned(text: str) -> str:
    return escape(_FORBIDDEN.sub("\ufffd", text), quote=True)


def local_address(href: str) -> str:
    """The escaped address if it leads within this site (`/...`, `?...`, `#...`), else an empty string.

    Names come from imported files; a `javascript:` or foreign address must not become a link by any way.
    """
    return clean(href) if _LOCAL.fullmatch(href) else ""


def num(value: float) -> str:
    """A coordinate with at most two decimals and no exponent; raises `ValueError` if it is not finite."""
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("a coordinate must be finite")
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Drawing:
    """Collects the elements of one `<svg>`; attribute names have `_` for `-`, and `css` for `class`."""

    def __init__(self, width: int, height: int, *, standalone: bool = False) -> None:
        """`width` and `height` in user units, which are pixels at the drawing's natural size."""
        self.width = width
        self.height = height
        self.standalone = standalone
        self._parts: list[str] = []

    def element(self, tag: str, css: str = "", text: object = None, **attributes: Attribute) -> None:
        """One element, closed; with `text`, that text inside it."""
        start = f"<{tag}{self._attributes(tag, css, attributes)}"
        self._parts.append(f"{start}/>" if text is None else f"{start}>{clean(text)}</{tag}>")

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self.element("line", css, x1=x1, y1=y1, x2=x2, y2=y2)

    def polyline(self, points: Sequence[tuple[float, float]], css: str) -> None:
        """Straight segments through the points, in order."""
        self.element("polyline", css, points=" ".join(f"{num(x)},{num(y)}" for x, y in points))

    def rect(self, x: float, y: float, width: float, height: float, css: str, *, radius: float = 0) -> None:
        """A rectangle; a negative size is a mistake of the caller and raises `ValueError`."""
        if width < 0 or height < 0:
            raise ValueError("a rectangle has no negative size")
        self.element("rect", css, x=x, y=y, width=width, height=height, rx=radius or None)

    def text(self, x: float, y: float, text: object, css: str = "", *, anchor: str = "") -> None:
        """One line of text with its baseline at `y`; `anchor` is "middle" or "end"."""
        self.element("text", css, text, x=x, y=y, text_anchor=anchor or None)

    def open(self, tag: str, css: str = "", **attributes: Attribute) -> None:
        """Begin an element that others go into; `close` ends it."""
        self._parts.append(f"<{tag}{self._attributes(tag, css, attributes)}>")

    def close(self, tag: str) -> None:
        """End an element begun with `open`."""
        self._parts.append(f"</{tag}>")

    def link(self, href: str) -> bool:
        """Begin a link within this site; false, and nothing begun, for any other address or on paper."""
        address = "" if self.standalone else local_address(href)
        if address:
            self._parts.append(f'<a href="{address}">')
        return bool(address)

    def finish(
        self,
        *,
        title: str,
        description: str,
        key: str,
        role: str = "img",
        css: str = "",
        natural: bool = False,
    ) -> SafeString:
        """The whole `<svg>` with its title and description; `key` makes their ids unique in the page.

        `natural`: at its own size, in a box that scrolls, not as wide as what it stands in.
        """
        ids = clean(re.sub(r"[^A-Za-z0-9_-]+", "-", key))
        css = f"{css} natural" if natural else css
        size = f' width="{self.width}" height="{self.height}"' if self.standalone or natural else ""
        classes = "" if self.standalone else f' class="{clean(f"chart {css}".strip())}"'
        return mark_safe(  # noqa: S308 (every part was escaped when it was added)
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"{size}{classes}'
            f' role="{role}" aria-labelledby="{ids}-title {ids}-desc">'
            f'<title id="{ids}-title">{clean(title)}</title><desc id="{ids}-desc">{clean(description)}</desc>'
            f"{''.join(self._parts)}</svg>"
        )

    def _attributes(self, tag: str, css: str, attributes: Mapping[str, Attribute]) -> str:
        said: dict[str, Attribute] = {}
        if self.standalone:
            said.update(standalone_attributes(tag, css))
        elif css:
            said["class"] = css
        said.update((name.replace("_", "-"), value) for name, value in attributes.items())
        return "".join(
            f' {name}="{num(value) if isinstance(value, int | float) else clean(value)}"'
            for name, value in said.items()
            if value is not None
        )


def standalone_attributes(tag: str, css: str) -> dict[str, str]:
    """The presentation attributes that the classes stand for where there is no style sheet."""
    names = css.split()
    found: dict[str, str] = dict(STANDALONE["text"]) if tag == "text" else {}
    for name in names:
        found.update(STANDALONE.get(name, {}))
    kind = "text" if tag == "text" else "line" if "line" in names else "fill"
    for name in names:
        found.update(STANDALONE.get(f"{kind} {name}", {}))
    return found
