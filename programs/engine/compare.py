"""Two plans side by side: what was added, deleted, moved, became longer or dearer, and what that does to the finish.

Used for baseline against baseline, baseline against now, and the dry run of an import. Activities are matched by id
(whatever the caller calls one: a key, or project and code), links by their two ends and type. Values in, values out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from programs.engine.worktime import WorkCalendar

Id = int | str
LinkId = tuple[Id, Id, int]
"""Predecessor, successor, `LinkKind`."""
DAY = 1440


@dataclass(frozen=True, slots=True)
class Item:
    """One activity as one of the plans has it. Dates are wall minutes, None where it has none.

    `cost` is any exact unit (minor units, or hundredths of them), None where costs are not known or not to be seen.
    """

    start: int | None
    finish: int | None
    duration: int | None = None
    """Working minutes on its calendar."""
    cost: int | None = None
    project: Id = ""
    constraint: tuple[int, int | None] | None = None
    """A `Constraint` and its wall minute; None where the plan does not know (a baseline keeps none)."""
    critical: bool | None = None
    milestone: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """A plan to compare. `links` (LinkId -> lag) is None where it does not know its links: they are left out then."""

    items: Mapping[Id, Item]
    links: Mapping[LinkId, tuple[int, int]] | None = None
    """Lag and `LagUnit` by link."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One activity that is not the same: its two versions, None where one plan does not have it.

    Working days are not said here: `start_minutes`, `finish_minutes` and `longer` are working minutes on the
    activity's calendar, `start_days` and `finish_days` calendar days; later, longer, dearer are positive. None where
    it cannot be said.
    """

    id: Id
    before: Item | None
    after: Item | None
    start_minutes: int | None = None
    finish_minutes: int | None = None
    start_days: int | None = None
    finish_days: int | None = None
    longer: int | None = None
    dearer: int | None = None
    constrained: bool = False
    """Its constraint or the date of it changed."""
    joined_path: bool = False
    left_path: bool = False

    @property
    def added(self) -> bool:
        return self.before is None

    @property
    def deleted(self) -> bool:
        return self.after is None

    @property
    def milestone(self) -> bool:
        return any(item is not None and item.milestone for item in (self.before, self.after))

    @property
    def moved(self) -> bool:
        """Start or finish lies at another working minute."""
        return bool(self.start_minutes or self.finish_minutes)


@dataclass(frozen=True, slots=True)
class FinishMoved:
    """The finish of a project (or, by `id` None, of everything) in both plans, wall minutes; and how far it moved."""

    id: Id | None
    before: int | None
    after: int | None
    minutes: int | None
    """Working minutes on the calendar of the whole, later positive."""
    days: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that differs, in the order in which the plans list it (the second one first, then what it lacks)."""

    differences: tuple[Difference, ...]
    same: int
    finishes: tuple[FinishMoved, ...]
    """The whole first, then each project."""
    links_added: tuple[LinkId, ...] = ()
    links_removed: tuple[LinkId, ...] = ()
    links_changed: tuple[LinkId, ...] = ()
    """Same ends and type, another lag."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Of `KINDS`, how many differences are of each."""


KINDS: dict[str, Callable[[Difference], bool]] = {
    "added": lambda one: one.added,
    "deleted": lambda one: one.deleted,
    "moved": lambda one: one.moved,
    "later": lambda one: (one.finish_minutes or 0) > 0,
    "earlier": lambda one: (one.finish_minutes or 0) < 0,
    "longer": lambda one: (one.longer or 0) > 0,
    "shorter": lambda one: (one.longer or 0) < 0,
    "dearer": lambda one: (one.dearer or 0) > 0,
    "cheaper": lambda one: (one.dearer or 0) < 0,
    "constraint": lambda one: one.constrained,
    "joined": lambda one: one.joined_path,
    "left": lambda one: one.left_path,
    "milestone": lambda one: one.milestone,
}
"""The kinds of difference that a page filters by; one difference can be of several."""


def compare(
    before: Side, after: Side, calendar_of: Callable[[Id], WorkCalendar], whole: WorkCalendar
) -> Comparison:
    """What `after` has that `before` does not, and the other way round; linear in activities and links.

    `calendar_of` gives the calendar of an activity (asked for matched ones only), `whole` the one on which finishes
    of projects are counted. Raises `BeyondCalendar` where a date lies past what a calendar knows.
    """
    found: list[Difference] = []
    same = 0
    for id_, now in after.items.items():
        then = before.items.get(id_)
        if then is None:
            found.append(Difference(id_, None, now, joined_path=bool(now.critical)))
            continue
        one = _difference(id_, then, now, calendar_of(id_))
        if one is None:
            same += 1
        else:
            found.append(one)
    found += [
        Difference(id_, then, None, left_path=bool(then.critical))
        for id_, then in before.items.items()
        if id_ not in after.items
    ]
    counts = {name: sum(map(test, found)) for name, test in KINDS.items()}
    return Comparison(
        tuple(found), same, tuple(_finishes(before, after, whole)), *_links(before, after), counts
    )


def _difference(id_: Id, then: Item, now: Item, calendar: WorkCalendar) -> Difference | None:
    """Nothing for an activity that is the same: equal on the work axis, a night between two dates is no move."""
    start = _between(calendar, then.start, now.start)
    finish = _between(calendar, then.finish, now.finish)
    longer = _less(then.duration, now.duration)
    dearer = _less(then.cost, now.cost)
    known = then.constraint is not None and now.constraint is not None
    constrained = known and then.constraint != now.constraint
    both = then.critical is not None and now.critical is not None
    joined = both and bool(now.critical) and not then.critical
    left = both and bool(then.critical) and not now.critical
    if not (start or finish or longer or dearer or constrained or joined or left):
        return None
    return Difference(
        id_,
        then,
        now,
        start,
        finish,
        _days(then.start, now.start),
        _days(then.finish, now.finish, at_end=True),
        longer,
        dearer,
        constrained,
        joined,
        left,
    )


def _between(calendar: WorkCalendar, a: int | None, b: int | None) -> int | None:
    if a is None or b is None:
        return None
    return 0 if a == b else calendar.between(a, b)


def _less(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else b - a


def _days(a: int | None, b: int | None, *, at_end: bool = False) -> int | None:
    """Calendar days between two dates; a finish at midnight belongs to the day before."""
    if a is None or b is None:
        return None
    return (b - at_end) // DAY - (a - at_end) // DAY


def _finishes(before: Side, after: Side, whole: WorkCalendar) -> Iterator[FinishMoved]:
    """The last finish of everything and of each project, in the order in which projects first appear."""
    lasts: list[dict[Id | None, int]] = []
    for side in (before, after):
        last: dict[Id | None, int] = {}
        for item in side.items.values():
            if item.finish is not None:
                for key in (None, item.project):
                    last[key] = max(last.get(key, item.finish), item.finish)
        lasts.append(last)
    then, now = lasts
    for key in dict.fromkeys([None, *now, *then]):
        a, b = then.get(key), now.get(key)
        yield FinishMoved(key, a, b, _between(whole, a, b), _days(a, b, at_end=True))


def _links(before: Side, after: Side) -> tuple[tuple[LinkId, ...], tuple[LinkId, ...], tuple[LinkId, ...]]:
    """Links added, removed and with another lag; nothing where one of the plans does not know its links."""
    then, now = before.links, after.links
    if then is None or now is None:
        return (), (), ()
    return (
        tuple(link for link in now if link not in then),
        tuple(link for link in then if link not in now),
        tuple(link for link, lag in now.items() if link in then and then[link] != lag),
    )
