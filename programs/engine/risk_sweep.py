"""The forward pass over many runs at once, and which activities drove the finish in each of them (numpy).

A level of the network at a time, over a portion of runs small enough that a level stays in the processor's cache.
"Drove the finish" is the longest path as `longest_path` has it, ties included: a link is tight where its bound is
where its successor begins, and what is tight is followed backwards from the activities that end last. Whether a link is
tight is one bit per run.
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.plan import LatestFinish
from programs.engine.risk_clock import WALL, Joined, Reader, Row, RowClock
from programs.engine.risk_ends import Ends, last_ones, project_ends, reader_of
from programs.engine.risk_flows import AFTER, BEFORE, ELAPSED, SAME
from programs.engine.risk_network import ALWAYS_FINISH, ALWAYS_START, Level, Network, hold
from programs.engine.sweep_clocks import Ints
from programs.engine.sweep_network import sorted_links

Bits = npt.NDArray[np.uint8]
"""A bit per run, eight to a byte."""


class Block(NamedTuple):
    """What a portion of runs gave; all arrays have one column per run."""

    finish: Row
    """Finishes on the activities' own work axes; `Sweep.rows` says in which row."""
    projects: npt.NDArray[np.int64]
    """Per project, its last finish in wall minutes."""
    critical: Ints
    """Per activity, in how many of the runs it was on the longest path."""


class _Odd(NamedTuple):
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


class _Step(NamedTuple):
    """What is done in a level; numbers per flow are columns."""

    level: Level
    source: npt.NDArray[np.intp]
    lag: Row | None
    """Added before anything is converted; None: nothing is."""
    across: list[tuple[int, npt.NDArray[np.intp], Row, Row, Row]]
    """Per step of minutes: which flows, origins and offsets in the table, what is added afterwards."""
    odd: list[_Odd]
    at_finish: npt.NDArray[np.intp]
    late_target: npt.NDArray[np.intp]
    """Flows that hold a finish, and the ranks that they hold."""
    floor: Row
    held: list[int]


class _Back(NamedTuple):
    """The way back through a level: its links sorted by predecessor."""

    targets: npt.NDArray[np.intp]
    flows: npt.NDArray[np.intp]
    begins: npt.NDArray[np.intp]
    sources: npt.NDArray[np.intp]
    """The ranks whose links begin at `begins`."""


class Sweep:
    """The sweep over a network; `varying` are the activities whose lengths are given for each run."""

    def __init__(self, network: Network, varying: Ints) -> None:
        self.network = network
        count = len(network.order)
        self.rows = network.rank
        self._varying = network.rank[varying].astype(np.intp)
        self._length = network.columns.length[network.order].astype(np.int32)[:, None]
        self._shown, self._project_ends = project_ends(network)
        self._last = last_ones(network)
        span = network.span
        self.clock = RowClock(network.plan.calendars, min(span.low, span.high), max(span.low, span.high))
        self._compile()
        self._walls = [(ends, self._joined_ends(ends)) for ends in (self._project_ends, self._last)]
        self._counted = ~network.columns.completed[network.order]
        self._count = count

    # -------------------------------------------------------------- once per simulation

    def _compile(self) -> None:
        network, flows = self.network, self.network.flows
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
        key = (flows.here[crossing] * calendars + flows.there[crossing]) * 2 + (
            point[crossing] == ALWAYS_FINISH
        )
        kinds, which = np.unique(key, return_inverse=True)
        self._ways = Joined(
            self.clock,
            [(Reader(k // 2 // calendars, bool(k % 2)), k // 2 % calendars) for k in kinds.tolist()],
        )
        step = np.zeros(len(places), dtype=np.int64)
        step[crossing] = self._ways.step[which]
        origin, offset = np.zeros(len(places), np.int32), np.zeros(len(places), np.int32)
        origin[crossing], offset[crossing] = self._ways.origin[which], self._ways.offset[which]

        target = network.rank[flows.target].astype(np.intp)
        floor = np.maximum(network.floor, -(1 << 31) + 1).astype(np.int32)[:, None]
        held = sorted(network.held)
        steps = sorted(set(self._ways.step.tolist()))
        source = places.astype(np.intp)
        self._steps: list[_Step] = []
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
            self._steps.append(
                _Step(
                    level=level,
                    source=source[part],
                    lag=before[part, None] if before[part].any() else None,
                    across=across,
                    odd=[self._odd(a, n, int(point[n])) for n in (a + np.flatnonzero(odd[part])).tolist()],
                    at_finish=at_finish,
                    late_target=target[a + at_finish],
                    floor=floor[level.first : level.last],
                    held=own,
                )
            )
        self._flows = max((level.flows[1] - level.flows[0] for level in network.levels), default=0)
        self._backwards = self._compile_backwards(target)

    def _odd(self, first: int, n: int, point: int) -> _Odd:
        flows = self.network.flows
        source = int(flows.source[n])
        return _Odd(
            at=n - first,
            via=int(flows.via[n]),
            lag=int(flows.lag[n]),
            percent=int(flows.percent[n]),
            reader=reader_of(int(flows.here[n]), point),
            third=Reader(int(flows.axis[n]), bool(flows.third_at_finish[n])),
            there=int(flows.there[n]),
            source=int(self.network.rank[source]),
        )

    def _compile_backwards(self, target: npt.NDArray[np.intp]) -> list[_Back]:
        """Per level from the last to the first, the links out of it: a link leads from a later level to it."""
        network = self.network
        behind = network.flows.behind
        links = np.flatnonzero(behind >= 0)
        source = network.rank[behind[links]]
        order = sorted_links(source)
        links, source = links[order], source[order]
        edges = np.searchsorted(
            source, [level.first for level in network.levels] + [len(network.order)]
        ).tolist()
        found = []
        for a, b in reversed(list(itertools.pairwise(edges))):
            if a < b:
                begins = np.flatnonzero(np.diff(source[a:b], prepend=-1)).astype(np.intp)
                found.append(
                    _Back(
                        target[links[a:b]],
                        links[a:b].astype(np.intp),
                        begins,
                        source[a:b][begins].astype(np.intp),
                    )
                )
        return found

    # -------------------------------------------------------------- once per portion of runs

    def run(self, lengths: npt.NDArray[np.int32]) -> Block:
        """Dates for the runs whose lengths are given: one row per varying activity, one column per run."""
        runs, count = lengths.shape[1], self._count
        places = np.empty((2 * count + 1, runs), np.int32)
        places[2 * count] = 0
        start, finish = places[:count], places[count : 2 * count]
        length = np.empty((count, runs), np.int32)
        length[:] = self._length
        length[self._varying] = lengths
        tight = np.empty((len(self.network.source), (runs + 7) // 8), np.uint8)
        bound = np.empty((self._flows, runs), np.int32)
        same = np.empty((self._flows, runs), np.bool_)
        for step in self._steps:
            first, last, (a, b), hubs, turns = step.level
            own = start[first:last]
            own[:] = step.floor
            if a < b:
                limits = bound[: b - a]
                places.take(step.source, axis=0, out=limits, mode="clip")
                if step.lag is not None:
                    limits += step.lag
                for size, which, origin, offset, after in step.across:
                    found = self._ways.across(size, origin, offset, limits.take(which, axis=0))
                    found += after
                    limits[which] = found
                for odd in step.odd:
                    limits[odd.at] = self._asked(odd, limits[odd.at], length)
                if len(step.at_finish):
                    limits[step.at_finish] -= length.take(step.late_target, axis=0)
                for at, x, y in hubs:
                    np.maximum(start[at], limits[x - a : y - a].max(axis=0), out=start[at])
                for at, x, y in turns:
                    part = start[at : at + y - x]
                    np.maximum(part, limits[x - a : y - a], out=part)
            np.add(own, length[first:last], out=finish[first:last])
            for rank in step.held:
                hold(self.network.held[rank], length[rank], length[rank], start[rank], finish[rank])
            if a < b:
                for at, x, y in hubs:
                    np.equal(limits[x - a : y - a], start[at], out=same[x - a : y - a])
                for at, x, y in turns:
                    np.equal(limits[x - a : y - a], start[at : at + y - x], out=same[x - a : y - a])
                tight[a:b] = np.packbits(same[: b - a], axis=1)
        return Block(finish, self._finishes(places), self._critical(places, tight, runs))

    def _asked(self, odd: _Odd, place: Row, length: Row) -> Row:
        """The bound of a flow with a lag that follows the predecessor's length, or on the wall clock or a third one."""
        lag: Row | np.int32 = np.int32(odd.lag)
        if odd.percent:
            own = length[odd.source].astype(np.int64)
            lag = ((own * odd.percent + 50) // 100).astype(np.int32)
        if odd.via == SAME:
            return place + lag
        if odd.via == BEFORE:
            return self.clock.cross(odd.reader, odd.there, place + lag)
        if odd.via == AFTER:
            return self.clock.cross(odd.reader, odd.there, place) + lag
        moment = self.clock.read(odd.reader, place)
        if odd.via == ELAPSED:
            return self.clock.work_at(odd.there, moment + lag)
        run = self.clock.work_at(odd.third.calendar, moment) + lag
        return self.clock.cross(odd.third, odd.there, run)

    # -------------------------------------------------------------- who ended last

    def _joined_ends(self, ends: Ends) -> Joined:
        return Joined(self.clock, [(reader, WALL) for reader, _, _ in ends.ways if reader.base is None])

    def _last_of(self, at: int, places: Row, latest: Ints) -> npt.NDArray[np.int64]:
        """Per group, the last finish in wall minutes, not before its `latest`."""
        ends, joined = self._walls[at]
        last = np.repeat(latest[:, None], places.shape[1], axis=1)
        if not len(ends.rows):
            return last
        works = np.maximum.reduceat(places.take(ends.rows, axis=0), ends.begins, axis=0)
        known = 0
        for reader, a, b in ends.ways:
            if reader.base is None:
                step = int(joined.step[known])
                walls = joined.across(step, joined.origin[known], joined.offset[known], works[a:b])
                known += 1
            else:
                walls = self.clock.read(reader, works[a:b])
            for group, wall in zip(ends.groups[a:b].tolist(), walls, strict=True):
                np.maximum(last[group], wall, out=last[group])
        return last

    def _finishes(self, places: Row) -> npt.NDArray[np.int64]:
        """Per project and run, the last finish in wall minutes."""
        return self._last_of(0, places, self._shown)

    def _critical(self, places: Row, tight: Bits, runs: int) -> Ints:
        """Per activity, in how many runs it was on the longest path."""
        network, ends = self.network, self._last
        counts = np.zeros(len(network.rank), dtype=np.int64)
        if not len(ends.rows):
            return counts
        latest = np.full(len(network.plan.projects), -(1 << 40))
        last = self._last_of(1, places, latest)
        on_end = np.zeros((self._count, tight.shape[1]), np.uint8)
        each = network.rules.longest_path_to is LatestFinish.EACH_PROJECT
        group_of = ends.groups.repeat(np.diff([*ends.begins.tolist(), len(ends.rows)]))
        edges = [*ends.begins.tolist(), len(ends.rows)]
        for reader, a, b in ends.ways:
            for begin, end, group in zip(
                edges[a:b], edges[a + 1 : b + 1], ends.groups[a:b].tolist(), strict=True
            ):
                moment = last[group].astype(np.int32)
                work = self.clock.work_at(reader.calendar, moment)
                here = self.clock.read(reader, work) == moment
                rows = ends.rows[begin:end]
                ends_it = (places.take(rows, axis=0) == work) & here
                on_end[rows - self._count] |= np.packbits(ends_it, axis=1)
        if not each:
            self._follow(on_end, tight)
            marked = on_end
        else:
            marked = np.zeros_like(on_end)
            own = network.columns.project[network.order]
            for group in np.unique(group_of).tolist():
                mine = own == group
                path = np.where(mine[:, None], on_end, 0).astype(np.uint8)
                self._follow(path, tight)
                marked[mine] = path[mine]
        counted = np.bitwise_count(marked).sum(axis=1, dtype=np.int64)
        counts[network.order] = np.where(self._counted, counted, 0)
        return counts

    def _follow(self, on_path: Bits, tight: Bits) -> None:
        """Spread the longest path backwards over tight links, in place."""
        for targets, flows, begins, sources in self._backwards:
            leads = on_path.take(targets, axis=0)
            leads &= tight.take(flows, axis=0)
            on_path[sources] |= np.bitwise_or.reduceat(leads, begins, axis=0)
