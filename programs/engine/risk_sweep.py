"""The forward pass over many runs at once, and which activities drove the finish in each of them.

One activity after the other, each step a few vector operations over the runs of a portion. Slots that never move are
numbers and not rows; a link that alone holds an activity is a name for the row it reads. "Drove the finish" is the
longest path as `longest_path` has it, ties included: a link is tight where its bound is where its successor begins, and
what is tight is followed backwards from the activities that end last.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.risk_clock import Row, RowClock
from programs.engine.risk_ends import Ends, last_ones, may_be_critical, project_ends
from programs.engine.risk_flows import FAR, Held, Inflow, Via
from programs.engine.risk_network import Network
from programs.engine.worktime import BeyondCalendar

Flags = npt.NDArray[np.bool_]
Slot = Row | int
"""A place on a work axis in every run; a plain number where it is the same in all of them."""


class Block(NamedTuple):
    """What a portion of runs gave; all arrays have one column per run."""

    finish: list[Slot]
    """Per activity, the finish on its own work axis."""
    projects: npt.NDArray[np.int64]
    """Per project, its last finish in wall minutes."""
    critical: list[Flags | None]
    """Per activity, whether it was on the longest path; None: in no run."""


class _Way(NamedTuple):
    """A flow as the sweep reads it: the constant, or the slot plus the lag, or what `flow` has to be asked for."""

    slot: int
    constant: Row | None
    lag: Row | None
    flow: Inflow | None
    at_finish: bool
    tight: int
    """Its row among the flags; -1: it is the only one and always tight, -2: nobody asks."""


class _Step(NamedTuple):
    """An activity whose dates move; numbers are arrays without a dimension, which numpy takes at once."""

    activity: int
    row: int
    """Of its length, or -1: it is `length`."""
    length: Row
    floor: Row | None
    ways: list[_Way]
    held: Held | None
    single: bool
    """Nothing but one way holds it."""
    start: int | None
    finish: int | None
    """Where they are when they never move."""
    point: bool
    """It has no length: its finish is its start."""


class Sweep:
    """The sweep over a network; `varies[i]` is the row of an activity's lengths, -1 where its length never changes."""

    def __init__(self, network: Network, varies: list[int]) -> None:
        if max(network.high, default=0) > FAR or min(network.low, default=0) < -FAR:
            raise BeyondCalendar("a date lies too far from all others for a simulation")
        self.network, self.varies = network, varies
        low, high = network.low, network.high
        self.still = [a == b for a, b in zip(low, high, strict=True)]
        plan, layout = network.plan, network.layout
        self._shown = project_ends(network)
        self._targets = last_ones(network)
        self.clock = RowClock(plan.calendars, network.clock.low, network.clock.high)
        self._candidates = may_be_critical(network, self._targets)
        self._steps: list[_Step] = []
        self._incoming: dict[int, list[tuple[int, int]]] = {}
        self.flags = 0
        self._spare = 0
        for j in layout.order:
            self._compile(j)
        self._backwards = [
            (j, incoming) for j in reversed(layout.order) if (incoming := self._incoming.get(j))
        ]

    # -------------------------------------------------------------- once per simulation

    def _compile(self, j: int) -> None:
        network, low = self.network, self.network.low
        flows = network.inflows[j]
        floor: int | None = network.layout.floor[j]
        if floor is not None and floor < -FAR and flows:
            floor = None  # held by its links alone
        held = network.held.get(j)
        only = False
        if held is None:
            begins = low[2 * j]
            short, long = network.least[j], network.most[j]
            flows = [f for f in flows if (f.high - short if f.at_finish else f.high) >= begins]
            sure = [f.low - long if f.at_finish else f.low for f in flows]
            if floor is not None and any(place >= floor for place in sure):
                floor = None
            only = len(flows) == 1 and floor is None
        ways = [self._way(j, flow, only) for flow in flows]
        still = self.still[2 * j], self.still[2 * j + 1]
        if all(still) and not any(way.tight >= 0 for way in ways):
            return
        row = self.varies[j]
        self._steps.append(
            _Step(
                activity=j,
                row=row,
                length=_constant(network.least[j]),
                floor=None if floor is None else _constant(floor),
                ways=ways,
                held=held,
                single=only and not still[0],
                start=low[2 * j] if still[0] else None,
                finish=low[2 * j + 1] if still[1] else None,
                point=row < 0 and not network.least[j],
            )
        )
        self._spare = max(self._spare, len(ways))

    def _way(self, j: int, flow: Inflow, only: bool) -> _Way:
        tight = -2
        if flow.link >= 0 and j in self._candidates:
            tight = -1 if only else self.flags
            self.flags += not only
            i = self.network.plan.predecessor[flow.link]
            self._incoming.setdefault(j, []).append((i, tight))
        constant = _constant(flow.low) if flow.low == flow.high else None
        plain = flow.via is Via.SAME and not flow.percent
        return _Way(
            slot=flow.slot,
            constant=constant,
            lag=_constant(flow.lag) if plain and flow.lag else None,
            flow=None if plain or constant is not None else flow,
            at_finish=flow.at_finish,
            tight=tight,
        )

    # -------------------------------------------------------------- once per portion of runs

    def run(self, lengths: npt.NDArray[np.int32]) -> Block:
        """Dates for the runs whose lengths are given: one row per varying activity, one column per run."""
        runs = lengths.shape[1]
        slots: list[Slot] = list(self.network.low)
        flags = np.empty((self.flags, runs), np.bool_)
        places = np.empty((2 * len(self._steps), runs), np.int32)
        spare = np.empty((self._spare, runs), np.int32)
        rows, spares = list(places), list(spare)
        add, subtract, maximum, equal = np.add, np.subtract, np.maximum, np.equal
        for at, (j, row, length, floor, ways, held, single, start, finish, point) in enumerate(self._steps):
            if row >= 0:
                length = lengths[row]
            limits: list[Any] = []
            for way, own in zip(ways, (rows[2 * at],) if single else spares, strict=False):
                limit: Any
                if way.constant is not None:
                    limit = way.constant
                elif way.flow is not None:
                    limit = self._asked(way.flow, slots, lengths)
                elif way.lag is not None:
                    limit = add(slots[way.slot], way.lag, own)
                else:
                    limit = slots[way.slot]
                limits.append(subtract(limit, length, own) if way.at_finish else limit)
            place: Slot
            if start is not None:
                place = start
            elif single:
                place = limits[0]
            else:
                waits = limits if floor is None else [*limits, floor]
                place = waits[0]
                for limit in waits[1:]:
                    place = maximum(place, limit, out=rows[2 * at])
                if held is not None:
                    place = self._hold(held, place, length)
                if len(waits) == 1 and place is waits[0]:
                    rows[2 * at][:] = place  # it may lie in a spare row, which the next one takes
                    place = rows[2 * at]
            for way, limit in zip(ways, limits, strict=False):
                if way.tight >= 0:
                    equal(limit, place, flags[way.tight])
            slots[2 * j] = place
            if finish is None:
                slots[2 * j + 1] = place if point else add(place, length, rows[2 * at + 1])
        ends = slots[1::2]
        return Block(ends, self._finishes(ends, runs), self._critical(ends, flags, runs))

    def _asked(self, flow: Inflow, slots: list[Slot], lengths: npt.NDArray[np.int32]) -> Row:
        """The bound of a flow between calendars, or with a lag that follows the predecessor's length."""
        place = slots[flow.slot]
        if flow.percent:
            own = lengths[self.varies[flow.slot >> 1]].astype(np.int64)
            lag = ((own * flow.percent + 50) // 100).astype(np.int32)
            bound: Row = flow.bound(np.full(lag.shape, place, np.int32), lag, self.clock)
            return bound
        crossed: Row = flow.bound(place, flow.lag, self.clock)
        return crossed

    def _hold(self, held: Held, place: Slot, length: Slot) -> Slot:
        """As `critical_path._held`."""
        if held.start is not None:
            return held.start
        if held.finish is not None:
            return held.finish - length
        if held.last_start is not None:
            place = np.minimum(place, held.last_start)
        if held.last_finish is not None:
            place = np.minimum(place, held.last_finish - length)
        return place

    def _finishes(self, finish: list[Slot], runs: int) -> npt.NDArray[np.int64]:
        """Per project and run, the last finish in wall minutes."""
        last = np.empty((len(self._shown), runs), np.int64)
        for p, (known, ends) in enumerate(self._shown):
            last[p] = known
            for group in ends:
                np.maximum(last[p], self.clock.read(group.reader, _latest(group, finish, runs)), out=last[p])
        return last

    def _critical(self, finish: list[Slot], flags: Flags, runs: int) -> list[Flags | None]:
        """Per activity, in which runs it was on the longest path; None: in none."""
        marked: list[Flags | None] = [None] * len(finish)
        completed, spare = self.network.layout.completed, len(self._targets) > 1
        for ends, own in self._targets:
            on_path: list[Flags | None] = [None] * len(finish)
            walls = [self.clock.read(group.reader, _latest(group, finish, runs)) for group in ends]
            last = walls[0]
            for wall in walls[1:]:
                last = np.maximum(last, wall)
            for group in ends:
                work = self.clock.work_at(group.reader.calendar, last)
                here = self.clock.read(group.reader, work) == last
                for i in group.rows:
                    on_path[i] = np.equal(finish[i], work) & here
            for j, incoming in self._backwards:
                ends_it = on_path[j]
                if ends_it is None:
                    continue
                for i, tight in incoming:
                    known = on_path[i]
                    if tight < 0:
                        on_path[i] = (
                            ends_it.copy() if known is None else np.logical_or(known, ends_it, out=known)
                        )
                        continue
                    both = np.logical_and(flags[tight], ends_it, out=None if spare else flags[tight])
                    on_path[i] = both if known is None else np.logical_or(known, both, out=known)
            for i, flag in enumerate(on_path):
                if flag is not None and i not in completed and (own is None or i in own):
                    known = marked[i]
                    marked[i] = flag if known is None else known | flag
        return marked


def _constant(number: int) -> Row:
    """A number that numpy need not convert each time."""
    return np.array(number, np.int32)


def _latest(group: Ends, finish: list[Slot], runs: int) -> Row:
    """The latest of a group in each run, on their work axis."""
    last = np.empty(runs, np.int32)
    last[:] = finish[group.rows[0]]
    for i in group.rows[1:]:
        np.maximum(last, finish[i], out=last)
    return last
