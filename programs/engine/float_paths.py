"""Beyond the longest path: the paths to an activity, closest first, and near-critical work.

Multiple float paths have the meaning that Primavera P6 gives them ("calculate multiple float paths ... ending with
activity"). Path 1 runs from the chosen activity back along the closest predecessors. Each further path leaves the
paths known so far at the closest activity that is on none of them, and runs back in the same way until there is no
closer one to follow. "Close" is by free float: the slack of the link itself; or by total float: the predecessor's.
What is completed is on no path. Worked out from paths that P6 stored: 23 of 30 are the same from end to end, the others
differ where several predecessors are equally close, a choice that P6 does not document.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from programs.engine.layout import NEVER
from programs.engine.links import crossed
from programs.engine.plan import Plan
from programs.engine.result import Schedule
from programs.engine.what_if import Scheduled
from programs.engine.worktime import BeyondCalendar


class FloatKind(Enum):
    """What "closest" goes by."""

    FREE_FLOAT = "free float"
    """The slack of links: path 1 is what drives the activity."""
    TOTAL_FLOAT = "total float"
    """The total float of predecessors: path 1 is what is most critical before the activity."""
    SPARE = "spare"
    """By how much a path may slip before the chosen activity moves, in the hours of who slips. What follows the first
    path has ever more of it."""


@dataclass(frozen=True, slots=True)
class FloatPath:
    """One path of activities, the first of them first."""

    activities: tuple[int, ...]
    joins: int
    """The activity on an earlier path that it leads to; -1 for path 1."""
    link: int
    """The link by which it does; -1 for path 1."""
    distance: int
    """Working minutes of that link's slack, total float of its predecessor, or what that may slip; 0 for path 1."""
    links: tuple[int, ...] = ()
    """From each of the activities to the next: one fewer."""


def slack_of(scheduled: Scheduled, link: int) -> int | None:
    """Working minutes, on the successor's calendar, by which a link could ask more before its successor moved.

    Negative where a constraint starts the successor earlier than the link allows; None for a link that holds
    nothing (of completed or supporting work). Where progress replaced the link by a date, to that date.
    """
    layout, early = scheduled.passes.layout, scheduled.passes.early
    way = layout.crossing.get(link)
    if way is None and layout.weight[link] == NEVER:
        return None
    bound = early[layout.slot[link]] + layout.weight[link] if way is None else crossed(early, way)
    return early[2 * scheduled.plan.successor[link]] - bound


def slip_of(scheduled: Scheduled, link: int, by: int = 0) -> int | None:
    """Working minutes, on its own calendar, by which a link's predecessor may slip.

    Before the link moves the successor by more than `by` working minutes of the successor's calendar. Negative and None
    as in `slack_of`; where progress replaced the link by a date, minutes of the successor.
    """
    plan, layout, early = scheduled.plan, scheduled.passes.layout, scheduled.passes.early
    slack = slack_of(scheduled, link)
    way = layout.crossing.get(link)
    if slack is None or way is None:
        return None if slack is None else slack + by
    slot, before, read, elapsed, write, after = way
    latest = early[2 * plan.successor[link]] + by
    done = early[slot] + before

    def fits(more: int) -> bool:
        try:
            return write(read(done + more) + elapsed) + after <= latest
        except BeyondCalendar:
            return more < 0

    # Back along the link as it usually is undone; where that is not exact (milestones, lags by a third calendar), near.
    guess, step = 0, 1
    with suppress(BeyondCalendar):
        at = plan.calendars[plan.calendar[plan.successor[link]]].start_time(latest - after) - elapsed
        guess = plan.calendars[plan.calendar[plan.predecessor[link]]].work_at(at) - done
    low = high = guess
    while not fits(low):
        low, high, step = low - step, low, 2 * step
    while low == high or fits(high):
        low, high, step = high, high + step, 2 * step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def spare_before(scheduled: Scheduled, target: int) -> dict[int, int]:
    """Of each unfinished activity that leads to the target, by how many working minutes it may slip before that moves.

    Of its own calendar, and the least on any way there. The target itself has none. Costs the links that lead there,
    and the sorting of their activities.
    """
    net = scheduled.net
    links: list[tuple[int, int, int, int]] = []
    seen, waiting = {target}, [target]
    while waiting:
        here = waiting.pop()
        for k, before in _held_by(scheduled, here):
            links.append((-net.place[here], here, before, k))
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    found = {target: 0}
    for _, here, before, k in sorted(links):  # successors first
        way = slip_of(scheduled, k, found[here])
        if way is not None:
            found[before] = min(way, found.get(before, way))
    return found


def _held_by(scheduled: Scheduled, i: int) -> Iterator[tuple[int, int]]:
    """The links that hold an activity, each with its unfinished predecessor."""
    plan, net, completed = scheduled.plan, scheduled.net, scheduled.passes.layout.completed
    for k in net.into[i]:
        before = plan.predecessor[k]
        if before not in completed and before not in net.idle and slack_of(scheduled, k) is not None:
            yield k, before


class _Closeness:
    """How close the predecessors of an activity are, in working minutes of work: never of a group's point."""

    def __init__(self, scheduled: Scheduled, target: int, by: FloatKind, own: int) -> None:
        self.scheduled, self.by = scheduled, by
        self.spare = spare_before(scheduled, target) if by is FloatKind.SPARE else {}
        self.points = range(own, len(scheduled.plan.duration))
        self.behind: dict[int, int | None] = {}

    def of(self, k: int, before: int, i: int) -> int:
        """The distance of the predecessor `before` of `i`, which link `k` holds."""
        if self.by is FloatKind.TOTAL_FLOAT:
            while before in self.points and (way := self._behind(before)) is not None:
                before = self.scheduled.plan.predecessor[way]
            return self.scheduled.schedule.total_float[before]
        if self.by is FloatKind.FREE_FLOAT and i not in self.points:
            return slack_of(self.scheduled, k) or 0
        slip, ways = slip_of(self.scheduled, k, self.spare.get(i, 0)) or 0, []
        while before in self.points and (way := self._behind(before)) is not None:
            ways.append(way)
            before = self.scheduled.plan.predecessor[way]
        beyond = 0  # by free float only the first of the links counts, in the hours of whose work it is
        for way in ways:
            slip, beyond = (slip_of(self.scheduled, way, by) or 0 for by in (slip, beyond))
        return slip if self.by is FloatKind.SPARE else slip - beyond

    def _behind(self, point: int) -> int | None:
        """The link by which the closest work reaches a point."""
        if point not in self.behind:
            result = self.scheduled.schedule
            links = [
                (self.of(k, before, point), -result.early_finish[before], k)
                for k, before in _held_by(self.scheduled, point)
            ]
            self.behind[point] = min(links)[2] if links else None
        return self.behind[point]


_Near = tuple[int, int, int]
"""Distance, the finish that decides between equals, and the number of the link."""


def float_paths(
    scheduled: Scheduled,
    target: int,
    paths: int = 10,
    by: FloatKind = FloatKind.FREE_FLOAT,
    own: int | None = None,
) -> list[FloatPath]:
    """Up to so many float paths to an activity, closest first.

    Of equally close predecessors the one that finishes later goes first, then the one with the lower link number.
    `own` says how many activities of the plan are work; those behind are the points that `with_group_links` put there,
    which are as close as the closest work behind them.

    Empty where the activity is completed or takes no part in scheduling (levels of effort, summaries). Costs the
    links that lead to activities on the paths, times the logarithm of their number.
    """
    plan, net, completed = scheduled.plan, scheduled.net, scheduled.passes.layout.completed
    if target in completed or target in net.idle:
        return []
    taken: set[int] = set()
    waiting: list[_Near] = []  # links into activities on a path
    found: list[FloatPath] = []
    early_finish = scheduled.schedule.early_finish
    close = _Closeness(scheduled, target, by, len(plan.duration) if own is None else own)

    def into(i: int) -> list[_Near]:
        return [(close.of(k, before, i), -early_finish[before], k) for k, before in _held_by(scheduled, i)]

    def walk(here: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        path, ways = [here], list[int]()
        taken.add(here)
        while True:
            links = sorted(into(path[-1]))
            for one in links:
                heapq.heappush(waiting, one)
            if not links or (before := plan.predecessor[links[0][2]]) in taken:
                return tuple(reversed(path)), tuple(reversed(ways))
            taken.add(before)
            path.append(before)
            ways.append(links[0][2])

    if paths > 0:
        activities, ways = walk(target)
        found.append(FloatPath(activities, -1, -1, 0, ways))
    while waiting and len(found) < paths:
        distance, _, k = heapq.heappop(waiting)
        before = plan.predecessor[k]
        if before not in taken:
            activities, ways = walk(before)
            found.append(FloatPath(activities, plan.successor[k], k, distance, ways))
    return found


def near_critical(plan: Plan, schedule: Schedule, within: int) -> list[int]:
    """Unfinished work beside the longest path whose total float exceeds the path's by at most `within` minutes.

    The path's float is the least of those on it: with several calendars they differ, with a date that cannot be kept
    they are negative. Nothing where there is no path (all is done). Ascending; summaries and levels of effort, which
    follow from the rest, are left out.
    """
    on_path = [i for i, on in enumerate(schedule.on_longest_path) if on]
    if not on_path:
        return []
    most = min(schedule.total_float[i] for i in on_path) + within
    ended = plan.actual_finish or [None] * len(plan.duration)
    kind = plan.kind or bytes(len(plan.duration))
    return [
        i
        for i, minutes in enumerate(schedule.total_float)
        if minutes <= most and not schedule.on_longest_path[i] and ended[i] is None and kind[i] < 3
    ]
