"""The forward pass over many runs at once, and which activities drove the finish in each of them.

One activity after the other, each step a few vector operations over the runs of a portion. Slots that never move are
numbers and not rows; a link that alone holds an activity is a name for the row it reads. "Drove the finish" is the
longest path as `longest_path` has it, ties included: a link is tight where its bound is where its successor begins, and
what is tight is followed backwards from the activities that end last.
"""

from __future__ import annotations

from typing import NamedTuple

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


class _Step(NamedTuple):
    activity: int
    floor: int | None
    flows: list[Inflow]
    tight: list[int]
    """Per flow, its row among the flags; -1: it is the only one and always tight, -2: nobody asks."""
    single: bool
    """Nothing but one flow holds it."""


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

    @property
    def moving(self) -> int:
        """How many activities have dates that move."""
        return len(self._steps)

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
        asked = j in self._candidates
        tight: list[int] = []
        for flow in flows:
            if flow.link < 0 or not asked:
                tight.append(-2)
                continue
            tight.append(-1 if only else self.flags)
            self.flags += not only
            i = network.plan.predecessor[flow.link]
            self._incoming.setdefault(j, []).append((i, tight[-1]))
        if not (self.still[2 * j] and self.still[2 * j + 1]) or any(t >= 0 for t in tight):
            single = only and not self.still[2 * j]
            self._steps.append(_Step(j, floor, flows, tight, single))
            self._spare = max(self._spare, len(flows))

    # -------------------------------------------------------------- once per portion of runs

    def run(self, lengths: npt.NDArray[np.int32]) -> Block:
        """Dates for the runs whose lengths are given: one row per varying activity, one column per run."""
        runs = lengths.shape[1]
        slots: list[Slot] = list(self.network.low)
        flags = np.empty((self.flags, runs), np.bool_)
        places = np.empty((2 * len(self._steps), runs), np.int32)
        spare = np.empty((self._spare, runs), np.int32)
        least, varies, still = self.network.least, self.varies, self.still
        for at, step in enumerate(self._steps):
            j = step.activity
            row = varies[j]
            length: Slot = lengths[row] if row >= 0 else least[j]
            place: Slot
            if step.single:
                flow = step.flows[0]
                if flow.at_finish:
                    place = np.subtract(self._bound(flow, slots, lengths, None), length, out=places[2 * at])
                else:
                    place = self._bound(flow, slots, lengths, places[2 * at])
            else:
                place = self._begin(step, slots, length, lengths, flags, places[2 * at], spare)
            slots[2 * j] = place
            if still[2 * j + 1]:
                continue
            if isinstance(length, int) and not length:
                slots[2 * j + 1] = place
            else:
                slots[2 * j + 1] = np.add(place, length, out=places[2 * at + 1])
        finish = slots[1::2]
        return Block(finish, self._finishes(finish, runs), self._critical(finish, flags, runs))

    def _begin(
        self,
        step: _Step,
        slots: list[Slot],
        length: Slot,
        lengths: npt.NDArray[np.int32],
        flags: Flags,
        start: Row,
        spare: Row,
    ) -> Slot:
        """Where an activity with several things to wait for begins, and which of them it waited for."""
        limits: list[Slot] = []
        for flow, own in zip(step.flows, spare, strict=False):
            limit = self._bound(flow, slots, lengths, own)
            limits.append(np.subtract(limit, length, out=own) if flow.at_finish else limit)
        place: Slot
        if self.still[2 * step.activity]:
            place = self.network.low[2 * step.activity]
        else:
            waits = limits if step.floor is None else [*limits, step.floor]
            place = waits[0]
            for limit in waits[1:]:
                place = np.maximum(place, limit, out=start)
            if step.activity in self.network.held:
                place = self._hold(self.network.held[step.activity], place, length)
            if len(waits) == 1 and place is waits[0]:
                start[:] = place  # it may lie in a spare row, which the next one takes
                place = start
        for limit, tight in zip(limits, step.tight, strict=True):
            if tight >= 0:
                np.equal(limit, place, out=flags[tight])
        return place

    def _bound(
        self, flow: Inflow, slots: list[Slot], lengths: npt.NDArray[np.int32], out: Row | None
    ) -> Slot:
        """What a flow asks of the start or finish it holds, in `out` where it had to be computed and could be."""
        if flow.low == flow.high:
            return flow.low
        place = slots[flow.slot]
        if flow.percent:
            own = lengths[self.varies[flow.slot >> 1]].astype(np.int64)
            lag = ((own * flow.percent + 50) // 100).astype(np.int32)
            bound: Row = flow.bound(np.full(lag.shape, place, np.int32), lag, self.clock)
            return bound
        if flow.via is Via.SAME:
            if not flow.lag:
                return place
            added: Row = np.add(place, flow.lag, out=out)
            return added
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


def _latest(group: Ends, finish: list[Slot], runs: int) -> Row:
    """The latest of a group in each run, on their work axis."""
    last = np.empty(runs, np.int32)
    last[:] = finish[group.rows[0]]
    for i in group.rows[1:]:
        np.maximum(last, finish[i], out=last)
    return last
