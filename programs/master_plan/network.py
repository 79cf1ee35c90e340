"""Reads for the network diagram: which boxes, which links, by the dates in force. Three queries at most.

The links of the whole program are read as pairs of ids, as what is near is found by walking them; of what is shown
the rest is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from pmo.refusals import Refused
from programs.engine import CycleFound
from programs.engine.layered import Layout, layout
from programs.portfolio.models import Program
from programs.schedule.models import Activity, Dependency

MOST = 150
"""Boxes of one drawing; of more, those that start first."""
MOST_STEPS = 6


@dataclass(frozen=True, slots=True)
class Window:
    """What the address chose: steps around an activity, a project, the critical path, or all of it."""

    around: int | None = None
    steps: int = 2
    project: str = ""
    critical: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """An activity as it is drawn: instants (UTC), working minutes."""

    pk: int
    project: str
    code: str
    name: str
    kind: str
    minutes: int
    calendar_id: int | None
    early_start: datetime
    early_finish: datetime
    late_start: datetime | None
    late_finish: datetime | None
    total_float: int | None
    critical: bool
    before: int
    """Links from activities that are not drawn."""
    after: int
    """Links to activities that are not drawn."""

    @property
    def is_milestone(self) -> bool:
        return self.kind in (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)


@dataclass(frozen=True, slots=True)
class Line:
    """A link between two boxes, by their places in `Network.boxes`."""

    source: int
    target: int
    kind: str
    lag: int
    lag_unit: str
    critical: bool


@dataclass(frozen=True, slots=True)
class Network:
    """What is drawn, and how much there would be."""

    boxes: list[Box]
    lines: list[Line]
    layout: Layout
    fits: int
    """Activities that fit the window; more than there are boxes where it is full."""


def network(program: Program, window: Window) -> Network:
    """The boxes and links of a window, laid out. Raises Refused while links run in a circle."""
    # All that is asked of the dates in one filter: in a second one it would be asked of any former row of them.
    dates = {"dates__superseded_by": None, "dates__isnull": False}
    if window.critical:
        dates["dates__critical"] = True
    rows = Activity.objects.filter(program_id=program.pk, **dates)
    pairs = list(
        Dependency.objects.filter(program_id=program.pk).values_list(
            "predecessor_id", "successor_id", "kind", "lag", "lag_unit"
        )
    )
    if window.around is not None:
        rows = rows.filter(pk__in=near(window.around, ((a, b) for a, b, *_ in pairs), window.steps))
    else:
        # A summary stands in the network only where a link leads from or to it.
        links = Dependency.objects.filter(program_id=program.pk)
        rows = rows.filter(
            ~Q(kind=Activity.Kind.SUMMARY)
            | Exists(links.filter(predecessor_id=OuterRef("pk")))
            | Exists(links.filter(successor_id=OuterRef("pk")))
        )
    if window.project:
        rows = rows.filter(project__code__iexact=window.project)
    shown = list(
        rows.annotate(at=F("dates__early_start"))
        .order_by("at", "project__position", "position", "pk")
        .values_list(
            "pk",
            "project__code",
            "code",
            "name",
            "kind",
            "duration_minutes",
            "calendar_id",
            "project__calendar_id",
            "at",
            "dates__early_finish",
            "dates__late_start",
            "dates__late_finish",
            "dates__total_float",
            "dates__critical",
        )[:MOST]
    )
    fits = rows.count() if len(shown) == MOST else len(shown)
    place = {row[0]: n for n, row in enumerate(shown)}
    into: dict[int, int] = defaultdict(int)
    out: dict[int, int] = defaultdict(int)
    lines = []
    for a, b, kind, lag, unit in pairs:
        if a in place and b in place:
            lines.append(
                Line(place[a], place[b], kind, lag, unit, bool(shown[place[a]][13] and shown[place[b]][13]))
            )
        elif b in place:
            into[b] += 1
        elif a in place:
            out[a] += 1
    try:
        drawn = layout(len(shown), [one.source for one in lines], [one.target for one in lines])
    except CycleFound as circle:  # while a worker still looks for dates
        raise Refused("Some links run in a circle: the network cannot be drawn.", code="cycle") from circle
    boxes = [
        Box(*row[:6], row[6] or row[7], *row[8:13], bool(row[13]), into[row[0]], out[row[0]]) for row in shown
    ]
    return Network(boxes, lines, drawn, fits)


def near(pk: int, pairs: Iterable[tuple[int, int]], steps: int) -> set[int]:
    """What is reached from an activity in so many links, against them or along them."""
    waits: dict[int, list[int]] = defaultdict(list)
    follow: dict[int, list[int]] = defaultdict(list)
    for before, after in pairs:
        waits[after].append(before)
        follow[before].append(after)
    found = {pk}
    for way in (waits, follow):
        edge = {pk}
        for _ in range(min(steps, MOST_STEPS)):
            edge = {other for one in edge for other in way[one]} - found
            found |= edge
    return found
