"""A plan prepared for the sweep over runs: what holds each activity, and within which bounds every date lies (numpy).

The same rules as `sweep_layout` and `sweep_links` read them, with lengths that vary: a bound on an activity's finish
is kept as such, because the start it gives depends on the run. Activities are ranked level by level, and within a
level by how many flows hold them, so that the first flows of a level's activities, the second ones and so on are
slices. Slots are rows of one table: starts by rank, then finishes by rank, then a row of zeros.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from programs.engine.plan import Constraint, Kind, LagUnit, Plan, Rules
from programs.engine.risk_flows import FAR, SAME, Flows, Span, crossed, flows_of
from programs.engine.risk_held import Held, constraints_of, hold, with_constraints
from programs.engine.sweep_clocks import Bools, Ints
from programs.engine.sweep_layout import (
    Columns,
    TooLarge,
    columns_of,
    set_floors,
    small,
    whole,
)
from programs.engine.sweep_links import links_of
from programs.engine.sweep_network import levels_of, sorted_links
from programs.engine.worktime import BeyondCalendar

ALWAYS_START, ALWAYS_FINISH = 1 << 61, -(1 << 61)
HUB = 8
"""An activity that more flows than this hold is looked at by itself."""


class Level(NamedTuple):
    """One level: its ranks `[first, last)` and its flows, sorted so that each of their slices can be taken at once."""

    first: int
    last: int
    flows: tuple[int, int]
    hubs: list[tuple[int, int, int]]
    """Activities with many flows, each with its own slice."""
    turns: list[tuple[int, int, int]]
    """The k-th flows of consecutive activities: the rank of the first of them, and the slice."""


@dataclass(slots=True)
class Network:
    """What the sweep reads. By activity unless it says by rank; places are working minutes on the own calendar."""

    plan: Plan
    rules: Rules
    columns: Columns
    order: Ints
    """Activities by rank: those that take part."""
    rank: Ints
    """By activity; -1 for what takes no part."""
    levels: list[Level]
    flows: Flows
    """Sorted by level, then first flows before second ones, then by rank."""
    source: Ints
    """Per flow, the row of the slot it reads."""
    held: dict[int, Held]
    """By rank."""
    floor: Ints
    """By rank."""
    point: Ints
    """How a finish is shown: with more work than this as the end of it, else as the beginning of the next."""
    planned: Ints
    low: Ints
    high: Ints
    """By row: the place in the plan itself, and its bounds over all runs."""
    span: Span
    """The wall minutes that places within the bounds can stand for."""

    @property
    def alive(self) -> Bools:
        """Who takes part and is not complete."""
        alive: Bools = self.columns.taking_part & ~self.columns.completed
        return alive

    def finishes(self, by_row: Ints) -> Ints:
        """Per activity its finish, from places by row; zero for what takes no part."""
        places = np.zeros(len(self.rank), dtype=np.int64)
        places[self.order] = by_row[len(self.order) : 2 * len(self.order)]
        return places

    def walls(self, which: Ints, places: Ints) -> Ints:
        """The wall minutes of finishes of activities, as `dates.shown` has them; an actual finish is what it is."""
        columns = self.columns
        walls = columns.clocks.clock(columns.at[which], places, places > self.point[which])
        return np.where(columns.completed[which], columns.ended[which], walls)


def needs_full_schedule(plan: Plan) -> bool:
    """Whether the plan has unfinished work "as late as possible": its dates hang on late dates or free floats."""
    done = plan.actual_start or [None] * len(plan.duration)
    return any(
        constraint == Constraint.AS_LATE_AS_POSSIBLE and done[i] is None
        for column in (plan.constraint, plan.second_constraint)
        if any(column)
        for i, constraint in enumerate(column)
    )


def prepare(plan: Plan, rules: Rules, ranges: Mapping[int, tuple[int, int]]) -> Network:
    """The network with some lengths between a least and a most (minutes that the passes give the activity).

    Raises what `schedule` raises, `BeyondCalendar` already where only the worst case falls past a calendar or where
    numbers are too large for any calendar.
    """
    try:
        return _prepare(plan, rules, ranges)
    except TooLarge as refused:
        raise BeyondCalendar("a date lies too far from all others for a simulation") from refused


def _prepare(plan: Plan, rules: Rules, ranges: Mapping[int, tuple[int, int]]) -> Network:
    columns = columns_of(plan, rules)
    least, most = columns.length.copy(), columns.length.copy()
    varying = np.zeros(len(least), dtype=np.bool_)
    if ranges:
        i = np.fromiter(ranges, np.int64, len(ranges))
        varying[i] = True
        least[i], most[i] = np.array(list(ranges.values()), dtype=np.int64).T
    if not columns.settled:
        varying &= (
            ~columns.started
        )  # a lag in percent of it is one of the planned duration, part of which is behind
    links = links_of(plan, rules, replace(columns, duration=np.where(varying, most, columns.duration)))
    set_floors(columns, rules, links.successor, links.typ, links.acts())
    flows = flows_of(links, columns.length, columns.calendar, _percents(plan, varying))
    held, on_finish = constraints_of(plan, rules, columns)
    flows = with_constraints(flows, columns, on_finish)
    levels = levels_of(columns.taking_part, links.predecessor, links.successor, 1)
    assert levels is not None  # noqa: S101 (levels of one activity each are wide enough)
    bounds = [(first, last) for first, _, last in levels.bounds]

    count = len(levels.order) if columns.taking_part.all() else int(np.count_nonzero(columns.taking_part))
    order, rank, flows, steps = _ranked(levels.order[:count], bounds, flows, len(least))
    source = np.where(flows.source < 0, 2 * count, np.where(flows.from_finish, count, 0) + rank[flows.source])
    network = Network(
        plan=plan,
        rules=rules,
        columns=columns,
        order=order,
        rank=rank,
        levels=steps,
        flows=flows,
        source=source,
        held={int(rank[i]): what for i, what in held.items()},
        floor=columns.floor[order],
        point=_points(columns),
        planned=order,
        low=order,
        high=order,
        span=Span(),
    )
    _bounds(network, least, most)
    return network


def _percents(plan: Plan, varying: Bools) -> Ints:
    """Per link of the plan, the percent of the predecessor's length in the run that its lag is, else 0."""
    if not plan.lag or not any(unit == LagUnit.PERCENT for unit in plan.lag_unit):
        return np.zeros(0, dtype=np.int64)
    i = whole(plan.predecessor)
    follows = (small(plan.lag_unit, len(i)) == LagUnit.PERCENT) & varying[i]
    return np.where(follows, whole(plan.lag), 0)


def _points(columns: Columns) -> Ints:
    point = np.where(columns.length > 0, ALWAYS_FINISH, columns.base)
    point[(columns.length == 0) & (columns.kind == Kind.START_MILESTONE)] = ALWAYS_START
    return point


def _ranked(
    order: Ints, bounds: list[tuple[int, int]], flows: Flows, count: int
) -> tuple[Ints, Ints, Flows, list[Level]]:
    """Activities by rank, ranks by activity, flows sorted, and the levels."""
    number = np.bincount(flows.target, minlength=count)
    widths = np.array([last - first for first, last in bounds], dtype=np.int64)
    level = np.repeat(np.arange(len(bounds)), widths)
    most = int(number.max(initial=0))
    order = order[sorted_links(level * (most + 1) + (most - number[order]))]
    rank = np.full(count, -1, dtype=np.int64)
    rank[order] = np.arange(len(order))

    target = rank[flows.target]
    by_rank = sorted_links(target)
    target = target[by_rank]
    held_by = number[order]
    turn = np.arange(len(target)) - (np.cumsum(held_by) - held_by)[target]
    # Flows of hubs have a negative turn and stay together by activity.
    turn[held_by[target] > HUB] = -1
    key = level[target] * (HUB + 2) + turn + 1
    by_key = sorted_links(key)
    key, target = key[by_key], target[by_key]
    edges = [0, *(np.flatnonzero(np.diff(key)) + 1).tolist(), len(key)] if len(key) else []
    levels = [Level(first, last, (0, 0), [], []) for first, last in bounds]
    for begin, end in itertools.pairwise(edges):
        at = int(key[begin]) // (HUB + 2)
        known = levels[at]
        first = int(target[begin])
        if int(key[begin]) % (HUB + 2):
            known.turns.append((first, begin, end))
        else:
            cuts = [begin, *(np.flatnonzero(np.diff(target[begin:end])) + begin + 1).tolist(), end]
            known.hubs.extend((first + n, x, y) for n, (x, y) in enumerate(itertools.pairwise(cuts)))
        low = known.flows[0] if known.flows[1] else begin
        levels[at] = known._replace(flows=(low, end))
    return order, rank, flows.taken(by_rank[by_key]), levels


def _bounds(network: Network, least: Ints, most: Ints) -> None:
    """The place of every slot as planned, and the earliest and latest over all runs, by one pass with intervals.

    Every way is monotone, so the bounds of a date follow from the bounds of what it hangs on.
    """
    order, flows, clocks = network.order, network.flows, network.columns.clocks
    count = len(order)
    lengths = (network.columns.length, least, most)
    lags = [flows.lags(length) for length in lengths]
    lag = np.stack((lags[0], np.minimum(lags[1], lags[2]), np.maximum(lags[1], lags[2])), axis=1)
    own = np.stack(lengths, axis=1)[order]
    off = own[
        :, [0, 2, 1]
    ]  # what a bound on the finish leaves for the start: least where the activity is longest
    places = np.zeros((2 * count + 1, 3), dtype=np.int64)
    target = network.rank[flows.target]
    across = np.flatnonzero(flows.via != SAME)
    begins = across.searchsorted([level.flows[0] for level in network.levels]).tolist()
    ends = across.searchsorted([level.flows[1] for level in network.levels]).tolist()
    three = np.repeat(across, 3)
    held = sorted(network.held)
    for level, begin, end in zip(network.levels, begins, ends, strict=True):
        first, last, (a, b), hubs, turns = level
        start = np.repeat(network.floor[first:last, None], 3, axis=1)
        finish = start + own[first:last]
        if a < b:
            bound = places[network.source[a:b]]
            if begin < end:
                n = across[begin:end]
                work = bound[n - a].ravel()
                found = crossed(flows, three[3 * begin : 3 * end], work, lag[n].ravel(), clocks, network.span)
                bound += lag[a:b]
                bound[n - a] = found.reshape(-1, 3)
            else:
                bound += lag[a:b]
            at_finish = flows.at_finish[a:b, None]
            starts = np.where(at_finish, bound - off[target[a:b]], bound)
            bound = np.where(at_finish, bound, bound + own[target[a:b]])
            for at, x, y in hubs:
                for own_place, by_flow in ((start[at - first], starts), (finish[at - first], bound)):
                    np.maximum(own_place, by_flow[x - a : y - a].max(axis=0), out=own_place)
            for at, x, y in turns:
                size = slice(at - first, at - first + y - x)
                np.maximum(start[size], starts[x - a : y - a], out=start[size])
                np.maximum(finish[size], bound[x - a : y - a], out=finish[size])
        while held and held[0] < last:
            at = held.pop(0) - first
            hold(network.held[at + first], own[at + first], off[at + first], start[at], finish[at])
        places[first:last], places[count + first : count + last] = start, finish
    network.planned, network.low, network.high = (np.ascontiguousarray(column) for column in places.T)
    if max(abs(network.low.min(initial=0)), abs(network.high.max(initial=0))) > FAR:
        raise BeyondCalendar("a date lies too far from all others for a simulation")
