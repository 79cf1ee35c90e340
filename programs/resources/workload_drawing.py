"""The workload as a picture: a row for each resource, a cell for each period, its share in figures and shade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.safestring import SafeString

from pmo.svg import Drawing
from programs.resources.models import Resource
from programs.resources.workload import Load, Period

LEFT, TOP, ROW, CELL, GAP = 190, 40, 26, 40, 2
BANDS = ((50, 1), (85, 2), (100, 3), (120, 4))
"""Up to so many percent, which shade; beyond, the fifth."""


def shade(load: Load) -> int:
    """The shade 1 (little) to 5 (far too much) of a load; a clash is never below the fourth."""
    percent = load.percent
    if percent is None:
        return 5
    band = next((shade for most, shade in BANDS if percent <= most), 5)
    return max(band, 4) if load.clash or load.over else band


def drawing(
    shown: Sequence[Resource],
    spans: Sequence[Period],
    found: Mapping[int, Sequence[Load]],
    href: Mapping[tuple[int, int], str],
) -> SafeString:
    """Percent of what there is in each cell; an exclamation mark where it is too much: no shade speaks alone."""
    picture = Drawing(LEFT + len(spans) * CELL + 8, TOP + len(shown) * ROW + 6)
    for at, span in enumerate(spans):
        x = LEFT + at * CELL + (CELL - GAP) / 2
        top = str(span.first.year) if not at or span.first.year != spans[at - 1].first.year else ""
        picture.text(x, 14, top, "end", anchor="middle")
        picture.text(x, 30, span.name[5:], anchor="middle")
    for row, one in enumerate(shown):
        y = TOP + row * ROW
        label = f"{one.code} {one.name}"
        picture.text(LEFT - 8, y + ROW / 2 + 4, label if len(label) < 31 else f"{label[:29]}…", anchor="end")
        for at, load in enumerate(found[one.pk]):
            if not load.demand:
                continue
            x = LEFT + at * CELL
            linked = picture.link(href[one.pk, at])
            picture.rect(x, y, CELL - GAP, ROW - GAP, f"heat-{shade(load)}", radius=4)
            percent = load.percent
            text = "∞" if percent is None else str(min(percent, 999)) if percent else "<1"
            mark = "!" if load.over or load.clash else ""
            picture.text(x + (CELL - GAP) / 2, y + ROW / 2 + 3, text + mark, "load", anchor="middle")
            if linked:
                picture.close("a")
    return picture.finish(
        title="Workload",
        description=f"Percent of the hours there are, of {len(shown)} resources in {len(spans)} periods. An "
        "exclamation mark says that more is asked for than there is.",
        key="workload",
        role="group",
        css="load",
        natural=True,
    )
