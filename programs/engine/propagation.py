"""The passes again, from where something changed and only as far as anything moves.

Each visit works out one activity exactly as `critical_path` does in its loops; an activity whose slots come out as
they were stops the wave. Activities are visited in the order of the layout, which is a flag per place and a search
for the next flag.
"""

from __future__ import annotations

from collections.abc import Iterable

from programs.engine.critical_path import held_by, late_move
from programs.engine.layout import Bounds, Layout
from programs.engine.links import crossed
from programs.engine.plan import Alap, Plan, Rules
from programs.engine.relaying import Net


def flags(net: Net, size: int, activities: Iterable[int]) -> bytearray:
    """A flag for each place in an order of `size`, and one behind it for those that are not in the order."""
    marked = bytearray(size + 1)
    for i in activities:
        marked[net.place[i]] = 1
    return marked


def forward_from(
    plan: Plan, rules: Rules, layout: Layout, net: Net, early: list[int], seeds: Iterable[int]
) -> set[int]:
    """Bring early slots up to date in place, as `forward_pass` has them; gives the activities that changed."""
    order, length, floor, into, across = (
        layout.order,
        layout.length,
        layout.floor,
        layout.into,
        layout.across_into,
    )
    slot, weight, bounds, place = layout.slot, layout.weight, layout.bounds, net.place
    successor, out_of = plan.successor, net.out_of
    changed: set[int] = set()
    size = len(order)
    marked = flags(net, size, seeds)
    at = marked.find(1, 0, size)
    while at >= 0:
        j = order[at]
        start = floor[j]
        for k in into[j]:
            bound = early[slot[k]] + weight[k]
            if bound > start:
                start = bound
        if j in across:
            for way in across[j]:
                bound = crossed(early, way)
                if bound > start:
                    start = bound
        if j in bounds and not (layout.settled and j in layout.started):
            start = held_by(start, bounds[j], length[j], rules)
        finish = start + length[j]
        if early[2 * j] != start or early[2 * j + 1] != finish:
            early[2 * j], early[2 * j + 1] = start, finish
            changed.add(j)
            for k in out_of[j]:
                marked[place[successor[k]]] = 1
        at = marked.find(1, at + 1, size)
    return changed


class Backward:
    """Late slots and free floats from where something changed; moves what is as late as possible, in `early`."""

    __slots__ = (
        "_layout",
        "_limits",
        "_net",
        "_plan",
        "_rules",
        "early",
        "first",
        "free",
        "freed",
        "late",
        "moved",
    )

    def __init__(
        self, plan: Plan, rules: Rules, layout: Layout, net: Net, limits: tuple[list[int], list[int]]
    ):
        self._plan, self._rules, self._layout, self._net = plan, rules, layout, net
        self._limits = limits
        self.first: list[int] = []
        """Early slots as the forward pass left them."""
        self.early: list[int] = []
        self.late: list[int] = []
        self.free: list[int] = []
        """Free floats, of completed work too."""
        self.freed: set[int] = set()
        """Whose free float changed."""
        self.moved: set[int] = set()

    def run(self, seeds: Iterable[int]) -> set[int]:
        """Bring everything up to date in place; gives the activities of which a slot changed."""
        layout, rules, first, early, late = self._layout, self._rules, self.first, self.early, self.late
        latest, furthest = self._limits
        order, out_of, across, bounds = layout.order, layout.out_of, layout.across_out_of, layout.bounds
        slot, weight, length, free = layout.up_slot, layout.up_weight, layout.length, self.free
        predecessor, into, place = self._plan.predecessor, self._net.into, self._net.place
        free_moves = rules.alap is Alap.FREE_FLOAT
        settled = layout.settled
        changed: set[int] = set()
        size = len(order)
        marked = flags(self._net, size, seeds)
        at = marked.rfind(1, 0, size)
        while at >= 0:
            i = order[at]
            start, finish = first[2 * i], first[2 * i + 1]
            last, room = latest[i], furthest[i]
            after_start = length[i]
            if settled and i in layout.started:
                if i in layout.completed:
                    last = room = finish
                elif self._plan.remaining and (left := self._plan.remaining[i]) is not None and length[i]:
                    after_start = left
            for k in out_of[i]:
                read, plus = slot[k], weight[k]
                bound = late[read] + plus
                if bound < last:
                    last = bound
                bound = early[read] + plus
                if bound < room:
                    room = bound
            if i in across:
                for way in across[i]:
                    bound = crossed(late, way)
                    if bound < last:
                        last = bound
                    bound = crossed(early, way)
                    if bound < room:
                        room = bound
            room -= finish
            self.moved.discard(i)
            if i in bounds:
                held = bounds[i]
                last = _bounded(last, held, length[i])
                if held.late and room > 0 and free_moves and (move := late_move(room, held, finish)) > 0:
                    start, finish, room = start + move, finish + move, room - move
                    self.moved.add(i)
            begin = last - after_start
            if (
                late[2 * i + 1] != last
                or late[2 * i] != begin
                or early[2 * i] != start
                or early[2 * i + 1] != finish
            ):
                late[2 * i], late[2 * i + 1] = begin, last
                early[2 * i], early[2 * i + 1] = start, finish
                changed.add(i)
                for k in into[i]:
                    marked[place[predecessor[k]]] = 1
            if free[i] != room:
                free[i] = room
                self.freed.add(i)
            at = marked.rfind(1, 0, at)
        return changed


def _bounded(last: int, held: Bounds, length: int) -> int:
    """A late finish within the constraints and the deadline of its activity."""
    last = min(last, held.highest) if held.start is None else held.start + length
    return min(last, held.deadline)
