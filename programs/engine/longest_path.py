"""What drives what: the links that hold their successors, and the chains of them that reach the finish.

"Critical" is the longest path, not "float of zero": with several calendars an activity on the path may show
float (it waits for a weekend that another calendar works), and one beside it may show none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from programs.engine.layout import Layout
from programs.engine.links import crossed
from programs.engine.plan import LatestFinish, Plan, Rules


def driving_links(plan: Plan, layout: Layout, early: list[int]) -> list[bool]:
    """Per link, whether the bound it gives is where its successor (or what remains of it) begins."""
    driving = [
        early[slot] + weight == early[2 * j]
        for slot, weight, j in zip(layout.slot, layout.weight, plan.successor, strict=True)
    ]
    for k, way in layout.crossing.items():
        driving[k] = crossed(early, way) == early[2 * plan.successor[k]]
    return driving


def longest_path(
    plan: Plan, rules: Rules, layout: Layout, driving: list[bool], finishes: list[int]
) -> list[bool]:
    """Unfinished work from which a chain of driving links leads to the last finish, ties included.

    `finishes` are early finishes in wall minutes. With `LatestFinish.EACH_PROJECT` each project is traced
    from its own finish, through other projects too, and marks its own activities only.
    """
    drivers: dict[int, list[int]] = {}
    for k, drives in enumerate(driving):
        if drives:
            drivers.setdefault(plan.successor[k], []).append(plan.predecessor[k])
    live = [i for i in layout.order if i not in layout.completed]
    on_path = [False] * len(plan.duration)
    if not live:
        return on_path
    if rules.longest_path_to is LatestFinish.PROGRAM or not plan.project:
        for i in traced(_last(live, finishes), drivers) - layout.completed:
            on_path[i] = True
        return on_path
    members: dict[int, list[int]] = {}
    for i in live:
        members.setdefault(plan.project[i], []).append(i)
    for p, own in members.items():
        for i in traced(_last(own, finishes), drivers):
            if plan.project[i] == p and i not in layout.completed:
                on_path[i] = True
    return on_path


def _last(activities: list[int], finishes: list[int]) -> list[int]:
    last = max(finishes[i] for i in activities)
    return [i for i in activities if finishes[i] == last]


class Drivers(Protocol):
    """Per activity, the predecessors whose links drive it."""

    def get(self, activity: int, none: tuple[()], /) -> Sequence[int]:
        """Those of one activity."""


def traced(last: list[int], drivers: Drivers) -> set[int]:
    """All that drives the last activities, they included."""
    waiting = last[:]
    seen = set(waiting)
    while waiting:
        for i in drivers.get(waiting.pop(), ()):
            if i not in seen:
                seen.add(i)
                waiting.append(i)
    return seen


def critical(plan: Plan, layout: Layout, total_float: list[int], on_path: list[bool]) -> list[bool]:
    """The longest path, except in projects that set a threshold on total float (working minutes)."""
    marked = on_path[:]
    thresholds = {p: frame.critical_float for p, frame in enumerate(plan.projects)}
    if any(threshold is not None for threshold in thresholds.values()):
        project = plan.project or bytes(len(plan.duration))
        for i in layout.order:
            threshold = thresholds[project[i]]
            if threshold is not None:
                marked[i] = total_float[i] <= threshold and i not in layout.completed
    return marked
