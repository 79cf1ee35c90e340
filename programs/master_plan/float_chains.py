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
from programs.engine.float_paths import slack_of, spare_before
from programs.master_plan.lines import in_days
from programs.portfolio.models import Program
from programs.schedule.computing import IN_EACH_OTHER, in_words
from programs.schedule.following import in_request
from programs.schedule.inputs import LAG_UNITS, LINKS, Loaded, load
from programs.schedule.models import Activity, Dependency
from programs.schedule.uncollected import uncollected

BY = {"spare": FloatKind.SPARE, "free": FloatKind.FREE_FLOAT, "total": FloatKind.TOTAL_FLOAT}
"""What paths are ordered by, as addresses name it."""
USUAL, MOST = 10, 30
"""Paths that are shown unless more are asked for, and at most."""
FINDS = {
    "FS": "the next waits until it finishes",
    "SS": "the next waits until it starts",
    "FF": "the next can finish no earlier than it finishes",
    "SF": "the next can finish no earlier than it starts",
}


KIND_OF = {number: kind for kind, number in LINKS.items()}
UNIT_OF: dict[int, str] = {number: unit for unit, number in LAG_UNITS.items()}


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
class Link:
    """How an activity holds the next one of its path."""

    link_id: int | None
    """None where it is a link of a group."""
    kind: str
    lag: int
    lag_unit: str
    slack: int
    """Working minutes it could ask more before the next one moved."""
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """One activity of a path."""

    names: Names
    starts: datetime
    finishes: datetime
    critical: bool
    spare: int
    """Working minutes by which it may slip before the activity that was asked about moves."""
    day: int
    """Working minutes of a usual day of its calendar."""
    to_next: Link | None
    """None of the last activity of the first path, which is the one asked about."""


@dataclass(frozen=True, slots=True)
class Path:
    """One path, its first activity first."""

    number: int
    spare: int
    """Working minutes by which it may slip before the activity asked about moves."""
    steps: list[Step]
    joins: tuple[int, Names] | None = None
    """The path it leads to, and the activity on it; None of the first."""


@dataclass(frozen=True, slots=True)
class Paths:
    """All that was found; no path to what is done, and to summaries and levels of effort."""

    target: Names
    target_day: int
    """Working minutes of a usual day, in which floats are told."""
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
            rest = f"the closest chain, {ends}, has {self.days(first.spare)} to spare"
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
        return f"{said}; the second chain has {self.days(second.spare)} to spare."

    @property
    def ids(self) -> list[int]:
        """The activities on any of them."""
        return [step.names.pk for path in self.paths for step in path.steps]

    def days(self, minutes: int) -> str:
        """`6 d`."""
        return f"{in_days(minutes, self.target_day)}{formats.GAP}d"


def paths_to(program: Program, activity_id: int, count: int = USUAL, by: str = "spare") -> Paths | None:
    """The first paths to an activity of the program; None if it is not one. Refused where a worker computes dates."""
    with uncollected():
        found = _searched(program, activity_id, count, by)
        return _told(*found) if found else None


def ids_on(program: Program, activity_id: int, number: int = 0) -> list[int]:
    """The activities on the first ten paths to one, or on the path of that number; none where there is no such path."""
    with uncollected():
        searched = _searched(program, activity_id, number or USUAL, "spare")
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
    target = loaded.activity_ids.index(activity_id)
    return base, loaded, target, float_paths(base, target, min(max(count, 1), MOST), BY[by])


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
        steps = []
        for place, after in zip(kept, [*kept[1:], None], strict=True):
            i = path.activities[place]
            ways = path.links[place:after]
            if after is None and number > 1:
                ways = (*ways, path.link)
            steps.append(
                Step(
                    named[ids[i]],
                    instant(result.early_start[i]),
                    instant(result.early_finish[i]),
                    bool(result.critical[i]),
                    spare.get(i, 0),
                    day[calendar[i]],
                    _link(base, loaded, ways, day) if ways else None,
                )
            )
        joins = None
        if number > 1:
            meets = _own(base, path.joins, own, found[on[path.joins] - 1])
            joins = (on[path.joins], named[ids[meets]]) if meets is not None else None
        last = (
            path.activities[-1] if number > 1 else path.activities[-2] if len(path.activities) > 1 else target
        )
        paths.append(Path(number, spare.get(last, 0), steps, joins))
    return Paths(
        named[ids[target]],
        day[calendar[target]],
        instant(result.early_finish[target]),
        instant(result.early_start[target]),
        paths,
        target in base.passes.layout.completed,
    )


def _own(base: Scheduled, joins: int, own: int, path: FloatPath) -> int | None:
    """The activity that a path leads to; where that is a group's point, what comes behind it on its path."""
    at = path.activities.index(joins)
    return next((i for i in path.activities[at:] if i < own), None)


def _link(base: Scheduled, loaded: Loaded, ways: tuple[int, ...], day: list[int]) -> Link:
    """What an activity and the next one have between them: one link, or several by way of a group."""
    given, k = loaded.given, ways[0]
    slack = sum(slack_of(base, way) or 0 for way in ways)
    plain = len(ways) == 1 and k < len(loaded.link_ids)
    if not plain or (given.predecessor[k], given.successor[k]) != (
        base.plan.predecessor[k],
        base.plan.successor[k],
    ):
        return Link(
            None, "", 0, "", slack, f"the next waits for it by a link of a group{_rest(slack, day[0])}"
        )
    kind, lag, unit = KIND_OF[given.link_kind[k]], given.lag[k], UNIT_OF[given.lag_unit[k]]
    usual = day[given.calendar[given.successor[k]]]
    return Link(
        loaded.link_ids[k],
        kind,
        lag,
        unit,
        slack,
        f"{FINDS[kind]}{_lag(lag, unit, usual)}{_rest(slack, usual)}",
    )


def _lag(lag: int, unit: str, day: int) -> str:
    if not lag:
        return ""
    size = abs(lag)
    if unit == Dependency.LagUnit.PERCENT:
        text = f"{size}{formats.GAP}% of its duration"
    elif unit == Dependency.LagUnit.ELAPSED:
        text = f"{in_days(size, 1440)}{formats.GAP}d on the clock"
    else:
        text = f"{in_days(size, day)}{formats.GAP}d"
    return f", and {text} more" if lag > 0 else f", less {text}"


def _rest(slack: int, day: int) -> str:
    """What lies between the two beyond the link."""
    if slack > 0:
        return f"; {in_days(slack, day)}{formats.GAP}d lie between"
    return f"; a date holds the next {in_days(-slack, day)}{formats.GAP}d too early for it" if slack else ""


def _named(ids: set[int]) -> dict[int, Names]:
    rows = Activity.objects.filter(pk__in=ids).values_list(
        "pk", "code", "name", "project_id", "project__code", "kind", "percent_complete", "duration_minutes"
    )
    return {row[0]: Names(*row[:6], float(row[6]), row[7]) for row in rows}
