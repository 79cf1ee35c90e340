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
from dataclasses import dataclass
from enum import Enum

from programs.engine.layout import NEVER
from programs.engine.links import crossed
from programs.engine.plan import Plan
from programs.engine.result import Schedule
from programs.engine.what_if import Scheduled


class FloatKind(Enum):
    """What "closest" goes by."""

    FREE_FLOAT = "free float"
    """The slack of links: path 1 is what drives the activity."""
    TOTAL_FLOAT = "total float"
    """The total float of predecessors: path 1 is what is most critical before the activity."""
    SPARE = "spare"
    """By how much a path may slip before the chosen activity moves: the slacks on its way there, added up. What follows
    the first path has ever more of it."""


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


def spare_before(scheduled: Scheduled, target: int) -> dict[int, int]:
    """Of each unfinished activity that leads to the target, by how many working minutes it may slip before that moves.

    The least sum of slacks on any way there. Minutes of different calendars are added as they are. The target itself
    has none. Costs the links that lead there, and the sorting of their activities.
    """
    plan, net, completed = scheduled.plan, scheduled.net, scheduled.passes.layout.completed
    slacks: list[tuple[int, int, int, int]] = []
    seen, waiting = {target}, [target]
    while waiting:
        here = waiting.pop()
        for k in net.into[here]:
            before = plan.predecessor[k]
            slack = None if before in completed or before in net.idle else slack_of(scheduled, k)
            if slack is None:
                continue
            slacks.append((-net.place[here], here, before, slack))
            if before not in seen:
                seen.add(before)
                waiting.append(before)
    found = {target: 0}
    for _, here, before, slack in sorted(slacks):  # successors first
        way = slack + found[here]
        found[before] = min(way, found.get(before, way))
    return found


_Near = tuple[int, int, int]
"""Distance, the finish that decides between equals, and the number of the link."""


def float_paths(
    scheduled: Scheduled, target: int, paths: int = 10, by: FloatKind = FloatKind.FREE_FLOAT
) -> list[FloatPath]:
    """Up to so many float paths to an activity, closest first.

    Of equally close predecessors the one that finishes later goes first, then the one with the lower link number.

    Empty where the activity is completed or takes no part in scheduling (levels of effort, summaries). Costs the
    links that lead to activities on the paths, times the logarithm of their number.
    """
    plan, net, completed = scheduled.plan, scheduled.net, scheduled.passes.layout.completed
    if target in completed or target in net.idle:
        return []
    taken: set[int] = set()
    waiting: list[_Near] = []  # links into activities on a path
    found: list[FloatPath] = []
    result = scheduled.schedule
    spare = spare_before(scheduled, target) if by is FloatKind.SPARE else {}

    def into(i: int) -> Iterator[_Near]:
        for k in net.into[i]:
            before = plan.predecessor[k]
            slack = None if before in completed or before in net.idle else slack_of(scheduled, k)
            if slack is not None:
                distance = slack + spare.get(i, 0)
                if by is FloatKind.TOTAL_FLOAT:
                    distance = result.total_float[before]
                yield distance, -result.early_finish[before], k

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
