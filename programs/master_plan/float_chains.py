"""The paths to an activity or milestone: what drives it, and the next ones by what they have to spare.

Worked out by the engine (`engine.float_paths`) on the plan as it is now: five queries to load it, one for names.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from pmo import formats
from pmo.refusals import Refused
from programs.engine import BeyondCalendar, CycleFound, FloatKind, FloatPath, Scheduled, float_paths
from programs.engine.float_paths import spare_before
from programs.master_plan.float_chain_links import Link, link_of
from programs.master_plan.lines import in_days
from programs.portfolio.models import Program
from programs.schedule.computing import IN_EACH_OTHER, in_words
from programs.schedule.following import in_request
from programs.schedule.inputs import Loaded, load
from programs.schedule.models import Activity
from programs.schedule.uncollected import uncollected

BY = {"spare": FloatKind.SPARE, "free": FloatKind.FREE_FLOAT, "total": FloatKind.TOTAL_FLOAT}
"""What paths are ordered by, as addresses name it."""
USUAL, MOST = 10, 30
"""Paths that are shown unless more are asked for, and at most."""


class Names(NamedTuple):
    """What an activity is called and how it is drawn."""

    pk: int
    code: str
    name: str
    project_id: int
    project: str
    kind: str
    percent: float
    minutes: int

    @property
    def label(self) -> str:
        """`A10 Design`."""
        return f"{self.code} {self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """One activity of a path."""

    names: Names
    starts: datetime
    finishes: datetime
    critical: bool
    spare: int
    """Working minutes of its own calendar by which it may slip before the activity that was asked about moves."""
    day: int
    """Working minutes of a usual day of that calendar."""
    to_next: Link | None
    """None of the last activity of the first path, which is the one asked about."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path, its first activity first."""

    number: int
    spare: int
    """Working minutes by which its last activity may slip before the one asked about moves."""
    day: int
    """Working minutes of a usual day of that last activity."""
    steps: list[Step]
    joins: tuple[int, Names] | None = None
    """The path it leads to, and the activity on it; None of the first."""

    @property
    def days(self) -> str:
        """By how many days it may slip, or is too late: `6 d`."""
        return f"{in_days(abs(self.spare), self.day)}{formats.GAP}d"


@dataclass(frozen=True, slots=True)
class Paths:
    """All that was found; no path to what is done, and to summaries and levels of effort."""

    target: Names
    finishes: datetime
    starts: datetime
    paths: list[Path]
    done: bool = False

    def sentence(self, day: str) -> str:
        """What it hangs on, for who reads nothing else; `day` is when it finishes."""
        head = f"{self.target.name} ({day})"
        if self.done:
            return f"{head} is done: nothing can move it any more."
        if not self.paths:
            return f"{head} follows from other work: choose an activity or a milestone in it."
        first = self.paths[0]
        before = first.steps[:-1]
        if not before:
            return f"{head} waits for nothing that is still open."
        count = formats.counted(len(before), "activity", "activities")
        ends = before[0].names.label + (f" to {before[-1].names.label}" if len(before) > 1 else "")
        if first.spare > 0:
            rest = f"the closest chain, {ends}, has {first.days} to spare"
            said = f"{head} is held by a date of its own: {rest}"
        elif len(before) == 1:
            said = f"{head} hangs on {ends}"
        else:
            said = f"{head} hangs on a chain of {count}, {ends}"
        if len(self.paths) == 1:
            return f"{said}. There is no second chain."
        second = self.paths[1]
        if second.spare <= 0:
            return f"{said}; a second chain, from {second.steps[0].names.label}, holds it just as much."
        return f"{said}; the second chain has {second.days} to spare."

    @property
    def ids(self) -> list[int]:
        """The activities on any of them."""
        return [step.names.pk for path in self.paths for step in path.steps]


def paths_to(program: Program, activity_id: int, count: int = USUAL, by: str = "spare") -> Paths | None:
    """The first paths to an activity of the program; None if it is not one. Refused where a worker computes dates."""
    with uncollected():
        found = _searched(program, activity_id, count, by)
        return _told(*found) if found else None


def ids_on(
    program: Program, activity_id: int, number: int = 0, by: str = "spare", count: int = 0
) -> list[int]:
    """The activities on the first paths to one, or on the path of that number; none where there is no such path."""
    with uncollected():
        searched = _searched(program, activity_id, number or count or USUAL, by)
    if searched is None:
        return []
    _, loaded, _, found = searched
    ids, paths = loaded.activity_ids, found[number - 1 : number] if number else found
    return [ids[i] for path in paths for i in path.activities if i < len(ids)]


def _searched(
    program: Program, activity_id: int, count: int, by: str
) -> tuple[Scheduled, Loaded, int, list[FloatPath]] | None:
    """The engine's answer with what it was asked of. Six queries."""
    if not in_request(program):
        raise Refused(
            "Paths are worked out for plans whose dates are computed at once; this one is larger.",
            code="too-large",
        )
    try:
        loaded = load(program)
    except CycleFound as circle:
        raise Refused(IN_EACH_OTHER, code="cycle") from circle
    if activity_id not in loaded.activity_ids:
        return None
    try:
        base = Scheduled.of(loaded.plan, loaded.rules)
    except CycleFound as circle:
        raise in_words(circle, loaded.activity_ids) from circle
    except BeyondCalendar as beyond:
        raise Refused(
            "Some work lies more than a century away. Please check dates and durations."
        ) from beyond
    target, own = loaded.activity_ids.index(activity_id), len(loaded.activity_ids)
    return base, loaded, target, float_paths(base, target, min(max(count, 1), MOST), BY[by], own)


def _told(base: Scheduled, loaded: Loaded, target: int, found: list[FloatPath]) -> Paths:
    own, ids, instant = len(loaded.activity_ids), loaded.activity_ids, loaded.clock.instant
    spare = spare_before(base, target) if found else {}
    shown = {ids[i] for path in found for i in path.activities if i < own} | {ids[target]}
    named = _named(shown)
    day = [max(1, usual) for usual in loaded.calendars.usual]
    result, calendar = base.schedule, loaded.plan.calendar
    on: dict[int, int] = {}
    paths: list[Path] = []
    for number, path in enumerate(found, 1):
        on |= dict.fromkeys(path.activities, number)
        # Points that carry links of groups stand for nothing that people know.
        kept = [place for place, i in enumerate(path.activities) if i < own]
        if not kept:
            continue
        meets, onward = _own(path.joins, own, found[on[path.joins] - 1]) if number > 1 else (None, ())
        steps = []
        for place, after in zip(kept, [*kept[1:], None], strict=True):
            i = path.activities[place]
            ways = path.links[place:after]
            if after is None and meets is not None:
                ways = (*ways, path.link, *onward)
            steps.append(
                Step(
                    named[ids[i]],
                    instant(result.early_start[i]),
                    instant(result.early_finish[i]),
                    bool(result.critical[i]),
                    spare.get(i, 0),
                    day[calendar[i]],
                    link_of(base, loaded, ways, day) if ways else None,
                )
            )
        joins = (on[path.joins], named[ids[meets]]) if meets is not None else None
        # The last of it before the target; the target itself where it waits for nothing.
        last = steps[-1] if number > 1 else steps[max(len(steps) - 2, 0)]
        paths.append(Path(number, last.spare, last.day, steps, joins))
    return Paths(
        named[ids[target]],
        instant(result.early_finish[target]),
        instant(result.early_start[target]),
        paths,
        target in base.passes.layout.completed,
    )


def _own(joins: int, own: int, path: FloatPath) -> tuple[int | None, tuple[int, ...]]:
    """The activity that a path leads to, and the links to it: where it joins at a group's point, what comes behind."""
    at = path.activities.index(joins)
    found = next((n for n, i in enumerate(path.activities[at:], at) if i < own), None)
    return (None, ()) if found is None else (path.activities[found], path.links[at:found])


def _named(ids: set[int]) -> dict[int, Names]:
    rows = Activity.objects.filter(pk__in=ids).values_list(
        "pk", "code", "name", "project_id", "project__code", "kind", "percent_complete", "duration_minutes"
    )
    return {row[0]: Names(*row[:6], float(row[6]), row[7]) for row in rows}
