"""The forward pass over many runs at once, and which activities drove the finish in each of them (numpy).

A level of the network at a time, over a portion of runs small enough that a level stays in the processor's cache.
"Drove the finish" is the longest path as `longest_path` has it, ties included: a link is tight where its bound is
where its successor begins, and what is tight is followed backwards from the activities that end last. Whether a link is
tight is one bit per run.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.plan import LatestFinish
from programs.engine.risk_clock import WALL, Joined, Row, RowClock
from programs.engine.risk_ends import Ends, last_ones, project_ends
from programs.engine.risk_flows import AFTER, BEFORE, ELAPSED, SAME
from programs.engine.risk_held import hold
from programs.engine.risk_network import Network
from programs.engine.risk_steps import Odd, backwards_of, steps_of
from programs.engine.sweep_clocks import Ints

Bits = npt.NDArray[np.uint64]
"""A bit per run, 64 to a word; those past the last run are not set."""


def _words(runs: int) -> int:
    return (runs + 63) // 64


class Block(NamedTuple):
    """What a portion of runs gave; all arrays have one column per run."""

    finish: Row
    """Finishes on the activities' own work axes; `Sweep.rows` says in which row. Good until the next portion."""
    projects: npt.NDArray[np.int64]
    """Per project, its last finish in wall minutes."""
    critical: Ints
    """Per activity, in how many of the runs it was on the longest path."""


class _Room(NamedTuple):
    """Memory for a portion of runs, taken once and used again."""

    places: Row
    length: Row
    bound: Row
    same: npt.NDArray[np.bool_]


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
        self._steps, self._ways = steps_of(network, self.clock)
        self._backwards = backwards_of(network)
        self._flows = max((level.flows[1] - level.flows[0] for level in network.levels), default=0)
        self._walls = [(ends, self._joined_ends(ends)) for ends in (self._project_ends, self._last)]
        self._counted = ~network.columns.completed[network.order]
        self._count = count
        self._room: _Room | None = None

    # -------------------------------------------------------------- once per portion of runs

    def run(self, lengths: npt.NDArray[np.int32]) -> Block:
        """Dates for the runs whose lengths are given: one row per varying activity, one column per run."""
        runs, count = lengths.shape[1], self._count
        if self._room is None or self._room.bound.shape[1] != runs:
            self._room = self._allocate(runs)
        places, length, bound, same = self._room
        start, finish = places[:count], places[count : 2 * count]
        length[self._varying] = lengths
        tight = np.zeros((len(self.network.source), _words(runs)), np.uint64)
        bits, width = tight.view(np.uint8), (runs + 7) // 8
        for step in self._steps:
            first, last, (a, b), hubs, turns = step.level
            own = start[first:last]
            if step.idle:
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
                for number, (at, x, y) in enumerate(turns):
                    part = start[at : at + y - x]
                    known = part if number or step.idle else step.floor[at - first :]
                    np.maximum(known, limits[x - a : y - a], out=part)
            np.add(own, length[first:last], out=finish[first:last])
            for rank in step.held:
                hold(self.network.held[rank], length[rank], length[rank], start[rank], finish[rank])
            if a < b:
                for at, x, y in hubs:
                    np.equal(limits[x - a : y - a], start[at], out=same[x - a : y - a])
                for at, x, y in turns:
                    np.equal(limits[x - a : y - a], start[at : at + y - x], out=same[x - a : y - a])
                bits[a:b, :width] = np.packbits(same[: b - a], axis=1)
        return Block(finish, self._finishes(places), self._critical(places, tight, runs))

    def _allocate(self, runs: int) -> _Room:
        places = np.empty((2 * self._count + 1, runs), np.int32)
        places[2 * self._count] = 0
        length = np.empty((self._count, runs), np.int32)
        length[:] = self._length
        bound = np.empty((self._flows, runs), np.int32)
        return _Room(places, length, bound, np.empty((self._flows, runs), np.bool_))

    def _asked(self, odd: Odd, place: Row, length: Row) -> Row:
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
        on_end = np.zeros((self._count, _words(runs)), np.uint64)
        bits, width = on_end.view(np.uint8), (runs + 7) // 8
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
                bits[rows - self._count, :width] |= np.packbits(ends_it, axis=1)
        if not each:
            self._follow(on_end, tight)
            marked = on_end
        else:
            marked = np.zeros_like(on_end)
            own = network.columns.project[network.order]
            for group in np.unique(group_of).tolist():
                mine = own == group
                path = np.where(mine[:, None], on_end, np.uint64(0))
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
