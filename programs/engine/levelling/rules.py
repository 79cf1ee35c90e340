"""Priority rules: in which order activities compete for resources.

After R. Kolisch, "Efficient priority rules for the resource-constrained project scheduling problem", Journal of
Operations Management 14 (1996), and R. Alvarez-Valdes, J. M. Tamarit (1989) for greatest rank positional weight.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from enum import Enum

from programs.engine.levelling.axis import Axis


class Rule(Enum):
    """Which of the activities whose predecessors are placed is served next; ties by topological rank."""

    LFT = "latest finish first"
    LST = "latest start first"
    MINSLK = "least slack first"
    MTS = "most successors in all first"
    GRPW = "longest with its immediate successors first"
    SPT = "shortest first"
    EST = "earliest start first"


def heads(axis: Axis) -> list[int]:
    """Earliest starts if resources were free for the asking, in units of the axis."""
    start = [0] * len(axis.duration)
    for i in axis.order:
        if i in axis.fixed:
            start[i] = axis.fixed[i][0]
            continue
        t = axis.floor[i]
        for p, w in axis.into[i]:
            if start[p] + w > t:
                t = start[p] + w
        start[i] = t
    return start


def tails(axis: Axis) -> list[int]:
    """From each start at least so long to the end of everything that follows it, its own length included."""
    left = axis.duration[:]
    for i in reversed(axis.order):
        for j, w in axis.out_of[i]:
            if j not in axis.fixed and left[j] + w > left[i]:
                left[i] = left[j] + w
    return left


def values(axis: Axis, rule: Rule) -> list[int]:
    """Per activity, what the rule ranks it by: lower is served first."""
    duration = axis.duration
    if rule is Rule.MTS:
        return [-n for n in _successors(axis)]
    if rule is Rule.GRPW:
        return [-duration[i] - sum(duration[j] for j, _ in axis.out_of[i]) for i in range(len(duration))]
    if rule is Rule.SPT:
        return duration[:]
    early = heads(axis)
    if rule is Rule.EST:
        return early
    left = tails(axis)
    if rule is Rule.LST:
        return [-n for n in left]
    if rule is Rule.MINSLK:
        return [-n - t for n, t in zip(left, early, strict=True)]
    return [d - n for d, n in zip(duration, left, strict=True)]


def order_by(axis: Axis, value: Sequence[float], *, priorities: bool = True) -> list[int]:
    """The movable activities, predecessors first, and among those free to go the lowest value first.

    With `priorities`, a lower project priority goes before any value.
    """
    waiting = [sum(p not in axis.fixed for p, _ in arcs) for arcs in axis.into]
    priority = axis.priority if priorities else [0] * len(axis.duration)
    rank = {i: at for at, i in enumerate(axis.order)}
    ready = [(priority[i], value[i], rank[i], i) for i in axis.movable if not waiting[i]]
    heapq.heapify(ready)
    order = []
    while ready:
        i = heapq.heappop(ready)[3]
        order.append(i)
        for j, _ in axis.out_of[i]:
            waiting[j] -= 1
            if not waiting[j] and j not in axis.fixed:
                heapq.heappush(ready, (priority[j], value[j], rank[j], j))
    return order


def _successors(axis: Axis) -> list[int]:
    """How many activities follow each one, directly or not: one bit set per activity, merged backwards."""
    after = [0] * len(axis.duration)
    for i in reversed(axis.order):
        for j, _ in axis.out_of[i]:
            after[i] |= after[j] | 1 << j
    return [bits.bit_count() for bits in after]
