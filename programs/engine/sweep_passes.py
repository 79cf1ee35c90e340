"""The passes of a large plan, a level at a time: `forward_pass` and `backward_pass` on arrays (numpy).

Slots are numbered by rank here, so that a level is one slice of activities and one slice of links: those into it,
sorted by successor, on the way down; those out of it, sorted by predecessor, on the way up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from programs.engine.sweep_clocks import Bools, Clocks, Ints
from programs.engine.sweep_layout import MISSING, Columns, Limits
from programs.engine.sweep_links import Ways
from programs.engine.sweep_network import Levels, sorted_links

_NO_BOUND = 1 << 60


@dataclass(slots=True)
class Side:
    """The links of one direction in the order in which the levels read them."""

    order: Ints
    """Their places in `LinkColumns`."""
    bounded: Ints
    """The rank that each bounds."""
    slot: Ints
    weight: Ints
    begins: Ints
    """Per rank, its first link."""
    ways: Ways
    """Crossings in the same order; `ways.link` is the place among these links."""
    steps: list[tuple[int, int, int, int]]
    """Per level: its links and its crossings, `[low, high)` each."""

    def bounds(self, clocks: Clocks, slots: Ints, step: tuple[int, int, int, int]) -> Ints:
        """What the links of one step give, from early or late slots."""
        low, high, first, last = step
        bounds: Ints = slots[self.slot[low:high]] + self.weight[low:high]
        if first < last:
            part = slice(first, last)
            bounds[self.ways.link[part] - low] = self.ways.bounds(clocks, slots, part)
        return bounds


def side_of(levels: Levels, bounded: Ints, slot: Ints, weight: Ints, ways: Ways) -> Side:
    """Links sorted by the rank of the activity they bound; `bounded` and slots count activities as the plan does."""
    ranked = levels.rank[bounded]
    order = sorted_links(ranked)
    count = len(levels.order)
    begins = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(ranked, minlength=count), out=begins[1:])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ways = ways.taken(np.argsort(place[ways.link]))
    ways.link = place[ways.link]
    ways.slot = _by_rank(levels, ways.slot)
    low = begins[[a for a, _, _ in levels.bounds]]
    high = begins[[b for _, _, b in levels.bounds]]
    first, last = ways.link.searchsorted(low), ways.link.searchsorted(high)
    steps = list(zip(low.tolist(), high.tolist(), first.tolist(), last.tolist(), strict=True))
    return Side(order, ranked[order], _by_rank(levels, slot)[order], weight[order], begins, ways, steps)


def _by_rank(levels: Levels, slot: Ints) -> Ints:
    ranked: Ints = 2 * levels.rank[slot >> 1] + (slot & 1)
    return ranked


@dataclass(slots=True)
class Range:
    """Values held between two bounds, by rank, and whether a level has any to hold."""

    low: Ints
    high: Ints
    used: list[bool]

    def hold(self, values: Ints, a: int, b: int) -> Ints:
        """The values of ranks `[a, b)` within their bounds; where bounds cross, the lower one counts."""
        held: Ints = np.maximum(np.minimum(values, self.high[a:b]), self.low[a:b])
        return held


def _range(levels: Levels, low: Ints, high: Ints) -> Range:
    bound = np.flatnonzero((low > -_NO_BOUND) | (high < _NO_BOUND))
    begins = bound.searchsorted([a for a, _, _ in levels.bounds])
    ends = bound.searchsorted([b for _, _, b in levels.bounds])
    return Range(low, high, (begins < ends).tolist())


def held_starts(levels: Levels, columns: Columns, limits: Limits, *, pull: bool) -> Range:
    """What constraints that win over links make of an early start: `held_by`."""
    order = levels.order
    start = limits.start[order]
    high = limits.highest[order] - columns.length[order] if pull else np.full(len(order), _NO_BOUND)
    high = np.where(limits.highest[order] < _NO_BOUND, high, _NO_BOUND)
    if columns.settled:
        start[columns.started[order]] = MISSING
        high[columns.started[order]] = _NO_BOUND
    fixed = start != MISSING
    return _range(levels, np.where(fixed, start, -_NO_BOUND), np.where(fixed, start, high))


def held_finishes(levels: Levels, columns: Columns, limits: Limits) -> Range:
    """What constraints and deadlines make of a late finish."""
    order = levels.order
    deadline = limits.deadline[order]
    fixed = limits.start[order] != MISSING
    finish = np.minimum(limits.start[order] + columns.length[order], deadline)
    high = np.minimum(limits.highest[order], deadline)
    return _range(levels, np.where(fixed, finish, -_NO_BOUND), np.where(fixed, finish, high))


def forward(
    levels: Levels, down: Side, clocks: Clocks, floor: Ints, length: Ints, held: Range | None
) -> Ints:
    """Early slots: each level begins as soon as its floors and every predecessor allow."""
    early = np.zeros(2 * len(floor) + 1, dtype=np.int64)
    for number, ((a, _, b), step) in enumerate(zip(levels.bounds, down.steps, strict=True)):
        start = floor[a:b]
        if number:  # behind the first level everybody has a predecessor
            bounds = down.bounds(clocks, early, step)
            start = np.maximum(start, np.maximum.reduceat(bounds, down.begins[a:b] - step[0]))
        if held is not None and held.used[number]:
            start = held.hold(start, a, b)
        early[2 * a : 2 * b : 2] = start
        early[2 * a + 1 : 2 * b : 2] = start + length[a:b]
    return early


@dataclass(slots=True)
class Late:
    """What the way up gives, by rank."""

    late: Ints
    """Late slots."""
    free: Ints
    moved: Bools
    """As late as possible, by their free float, in the early slots themselves."""


def backward(
    levels: Levels,
    up: Side,
    clocks: Clocks,
    early: Ints,
    latest: Ints,
    furthest: Ints,
    after_start: Ints,
    held: Range | None,
    ceiling: Ints | None,
) -> Late:
    """Late slots and free floats; up to its `ceiling` each is moved in `early` as far as no successor notices."""
    late, free = np.zeros_like(early), np.zeros_like(latest)
    moved = np.zeros(len(latest), dtype=np.bool_)
    for number in range(len(levels.bounds) - 1, -1, -1):
        (a, m, b), step = levels.bounds[number], up.steps[number]
        last, room = latest[a:b].copy(), furthest[a:b].copy()
        if a < m:
            begins, n = up.begins[a:m] - step[0], m - a
            bounds = np.minimum.reduceat(up.bounds(clocks, late, step), begins)
            np.minimum(last[:n], bounds, out=last[:n])
            bounds = np.minimum.reduceat(up.bounds(clocks, early, step), begins)
            np.minimum(room[:n], bounds, out=room[:n])
        room -= early[2 * a + 1 : 2 * b : 2]
        if held is not None and held.used[number]:
            last = held.hold(last, a, b)
        if ceiling is not None:
            by = np.maximum(np.minimum(room, ceiling[a:b] - early[2 * a + 1 : 2 * b : 2]), 0)
            moves = by > 0
            if moves.any():
                early[2 * a : 2 * b : 2] += by
                early[2 * a + 1 : 2 * b : 2] += by
                room -= by
                moved[a:b] = moves
        late[2 * a : 2 * b : 2] = last - after_start[a:b]
        late[2 * a + 1 : 2 * b : 2] = last
        free[a:b] = room
    return Late(late, free, moved)
