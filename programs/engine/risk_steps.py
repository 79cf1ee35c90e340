"""The sweep over runs prepared: what is to be done level by level, forwards and backwards (numpy)."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.risk_clock import Joined, Reader, Row, RowClock
from programs.engine.risk_ends import reader_of
from programs.engine.risk_flows import AFTER, BEFORE, SAME
from programs.engine.risk_network import ALWAYS_FINISH, ALWAYS_START, Level, Network
from programs.engine.sweep_network import sorted_links


class Odd(NamedTuple):
    """A flow that has to be looked at by itself."""

    at: int
    """Among the level's flows."""
    via: int
    lag: int
    percent: int
    reader: Reader
    third: Reader
    there: int
    source: int
    """The rank of the activity that is read."""


class Step(NamedTuple):
    """What is done in a level; numbers per flow are columns."""

    level: Level
    source: npt.NDArray[np.intp]
    lag: Row | None
    """Added before anything is converted; None: nothing is."""
    across: list[tuple[int, npt.NDArray[np.intp], Row, Row, Row]]
    """Per step of minutes: which flows, origins and offsets in the table, what is added afterwards."""
    odd: list[Odd]
    at_finish: npt.NDArray[np.intp]
    late_target: npt.NDArray[np.intp]
    """Flows that hold a finish, and the ranks that they hold."""
    floor: Row
    idle: bool
    """Whether some of its activities have a floor and no single flow, or many."""
    held: list[int]


class Back(NamedTuple):
    """The way back through a level: its links sorted by predecessor."""

    targets: npt.NDArray[np.intp]
    flows: npt.NDArray[np.intp]
    begins: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    """The ranks whose links begin at `begins`."""


def steps_of(network: Network, clock: RowClock) -> tuple[list[Step], Joined]:
    """What is done level by level, and the table of the ways that `Step.across` goes."""
    flows = network.flows
    places = network.source
    low, high = network.low[places], network.high[places]
    low = low + np.where(flows.via == BEFORE, flows.lag, 0)
    high = high + np.where(flows.via == BEFORE, flows.lag, 0)
    point = np.where(
        low > flows.point, ALWAYS_FINISH, np.where(high <= flows.point, ALWAYS_START, flows.point)
    )
    sure = (point == ALWAYS_FINISH) | (point == ALWAYS_START)
    cross = flows.via != SAME
    by_table = cross & sure & ((flows.via == BEFORE) | (flows.via == AFTER)) & (flows.percent == 0)
    odd = (cross & ~by_table) | (flows.percent != 0)
    before = np.where(~odd & ((flows.via == SAME) | (flows.via == BEFORE)), flows.lag, 0).astype(np.int32)
    after = np.where(by_table & (flows.via == AFTER), flows.lag, 0).astype(np.int32)

    crossing = np.flatnonzero(by_table)
    calendars = len(network.plan.calendars)
    key = (flows.here[crossing] * calendars + flows.there[crossing]) * 2 + (point[crossing] == ALWAYS_FINISH)
    kinds, which = np.unique(key, return_inverse=True)
    ways = Joined(
        clock,
        [(Reader(k // 2 // calendars, bool(k % 2)), k // 2 % calendars) for k in kinds.tolist()],
    )
    step = np.zeros(len(places), dtype=np.int64)
    step[crossing] = ways.step[which]
    origin, offset = np.zeros(len(places), np.int32), np.zeros(len(places), np.int32)
    origin[crossing], offset[crossing] = ways.origin[which], ways.offset[which]

    target = network.rank[flows.target].astype(np.intp)
    floor = np.maximum(network.floor, -(1 << 31) + 1).astype(np.int32)[:, None]
    held = sorted(network.held)
    steps = sorted(set(ways.step.tolist()))
    source = places.astype(np.intp)
    found: list[Step] = []
    for level in network.levels:
        a, b = level.flows
        part = slice(a, b)
        across = []
        for size in steps:
            n = np.flatnonzero(step[part] == size)
            if len(n):
                across.append(
                    (size, n, origin[a + n][:, None], offset[a + n][:, None], after[a + n][:, None])
                )
        at_finish = np.flatnonzero(flows.at_finish[part])
        own = [rank for rank in held if level.first <= rank < level.last] if held else []
        found.append(
            Step(
                level=level,
                source=source[part],
                lag=before[part, None] if before[part].any() else None,
                across=across,
                odd=[_odd(network, a, n, int(point[n])) for n in (a + np.flatnonzero(odd[part])).tolist()],
                at_finish=at_finish,
                late_target=target[a + at_finish],
                floor=floor[level.first : level.last],
                idle=not level.turns or level.turns[0][2] - level.turns[0][1] < level.last - level.first,
                held=own,
            )
        )
    return found, ways


def _odd(network: Network, first: int, n: int, point: int) -> Odd:
    flows = network.flows
    source = int(flows.source[n])
    return Odd(
        at=n - first,
        via=int(flows.via[n]),
        lag=int(flows.lag[n]),
        percent=int(flows.percent[n]),
        reader=reader_of(int(flows.here[n]), point),
        third=Reader(int(flows.axis[n]), bool(flows.third_at_finish[n])),
        there=int(flows.there[n]),
        source=int(network.rank[source]),
    )


def backwards_of(network: Network) -> list[Back]:
    """Per level from the last to the first, the links out of it: a link leads from a later level to it."""
    target = network.rank[network.flows.target].astype(np.intp)
    behind = network.flows.behind
    links = np.flatnonzero(behind >= 0)
    source = network.rank[behind[links]]
    order = sorted_links(source)
    links, source = links[order], source[order]
    edges = np.searchsorted(source, [level.first for level in network.levels] + [len(network.order)]).tolist()
    found = []
    for a, b in reversed(list(itertools.pairwise(edges))):
        if a < b:
            begins = np.flatnonzero(np.diff(source[a:b], prepend=-1)).astype(np.intp)
            found.append(
                Back(
                    target[links[a:b]],
                    links[a:b].astype(np.intp),
                    begins,
                    source[a:b][begins].astype(np.intp),
                )
            )
    return found
