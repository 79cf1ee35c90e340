"""The passes again, from where something changed and only as far as anything moves.

Each visit works out one activity exactly as `critical_path` does in its loops; an activity whose slots come out as
they were stops the wave, and so does a link that neither held its other end before nor holds it now. Activities are
visited in the order of the layout, which is a flag per place and a search for the next flag. What `critical_path`
does in one backward loop is two here, late dates and free floats: the one does not read what the other writes, and
most of what changes concerns only one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from programs.engine.critical_path import held_by, late_move
from programs.engine.layout import Layout
from programs.engine.links import crossed
from programs.engine.plan import Alap, Plan, Rules
from programs.engine.relaying import Net


def flags(net: Net, size: int, activities: Iterable[int]) -> bytearray:
    """A flag for each place in an order of `size`, and one behind it for those that are not in the order."""
    marked = bytearray(size + 1)
    place = net.place
    for i in activities:
        marked[place[i]] = 1
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
    successor, out_of, crossing = plan.successor, net.out_of, layout.crossing
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
        before = early[2 * j], early[2 * j + 1]
        if before != (start, finish):
            early[2 * j], early[2 * j + 1] = start, finish
            changed.add(j)
            for k in out_of[j]:
                if (at_slot := slot[k]) < 0:
                    if k in crossing:
                        marked[place[successor[k]]] = 1
                    continue
                then = successor[k]
                spare = early[2 * then] - weight[k]
                if before[at_slot & 1] >= spare or early[at_slot] > spare:
                    marked[place[then]] = 1
        at = marked.find(1, at + 1, size)
    return changed


def late_from(
    plan: Plan,
    layout: Layout,
    net: Net,
    latest: Sequence[int],
    early: list[int],
    late: list[int],
    seeds: Iterable[int],
) -> set[int]:
    """Bring late slots up to date in place, as `backward_pass` has them; gives the activities that changed.

    `latest` is per activity the latest finish of an open end, `early` are the slots as the forward pass left them.
    """
    order, out_of, across, bounds = layout.order, layout.out_of, layout.across_out_of, layout.bounds
    slot, weight, length, settled = layout.up_slot, layout.up_weight, layout.length, layout.settled
    predecessor, into, place = plan.predecessor, net.into, net.place
    changed: set[int] = set()
    size = len(order)
    marked = flags(net, size, seeds)
    at = marked.rfind(1, 0, size)
    while at >= 0:
        i = order[at]
        last, after_start = latest[i], length[i]
        if settled and i in layout.started:
            if i in layout.completed:
                last = early[2 * i + 1]
            elif plan.remaining and (left := plan.remaining[i]) is not None and length[i]:
                after_start = left
        for k in out_of[i]:
            bound = late[slot[k]] + weight[k]
            if bound < last:
                last = bound
        if i in across:
            for way in across[i]:
                bound = crossed(late, way)
                if bound < last:
                    last = bound
        if i in bounds:
            held = bounds[i]
            last = min(last, held.highest) if held.start is None else held.start + length[i]
            last = min(last, held.deadline)
        before = late[2 * i], late[2 * i + 1]
        if before != (last - after_start, last):
            late[2 * i], late[2 * i + 1] = last - after_start, last
            changed.add(i)
            for k in into[i]:
                then, at_slot = predecessor[k], slot[k]
                if at_slot < 0:
                    if then in across:
                        marked[place[then]] = 1
                    continue
                spare = late[2 * then + 1] - weight[k]
                if before[at_slot & 1] <= spare or late[at_slot] < spare:
                    marked[place[then]] = 1
        at = marked.rfind(1, 0, at)
    return changed


def freed_before(
    plan: Plan,
    layout: Layout,
    net: Net,
    first: list[int],
    before: list[int],
    early: list[int],
    free: list[int],
    moved: set[int],
    changed: Iterable[int],
) -> set[int]:
    """The predecessors of activities whose early slots changed whose own free float may be another for it.

    `before` are the early slots of the base, `early` those of now, which new activities have only.
    """
    slot, weight, across = layout.up_slot, layout.up_weight, layout.across_out_of
    predecessor, into, known = plan.predecessor, net.into, len(before) - 1
    found: set[int] = set()
    for i in changed:
        for k in into[i]:
            p, at = predecessor[k], slot[k]
            if at < 0:
                if p in across:
                    found.add(p)
            elif at >= known or p in moved:
                found.add(p)
            else:
                spare = free[p] + first[2 * p + 1] - weight[k]
                if before[at] <= spare or early[at] < spare:
                    found.add(p)
    return found


def free_from(
    plan: Plan,
    rules: Rules,
    layout: Layout,
    net: Net,
    furthest: Sequence[int],
    first: list[int],
    early: list[int],
    free: list[int],
    moved: set[int],
    seeds: Collection[int],
) -> tuple[set[int], set[int]]:
    """Bring free floats up to date in place, and with them `moved`, and the early slots of those moved.

    `furthest` is per activity the early finish that its free float runs to, `first` are early slots as the forward
    pass left them, `early` those after the moves. Free floats of completed work are written as well. Gives the
    activities whose free float changed, and those whose early slots did.
    """
    order, out_of, across, bounds = layout.order, layout.out_of, layout.across_out_of, layout.bounds
    slot, weight, settled = layout.up_slot, layout.up_weight, layout.settled
    predecessor, into, place = plan.predecessor, net.into, net.place
    free_moves = rules.alap is Alap.FREE_FLOAT
    freed: set[int] = set()
    changed: set[int] = set()
    size = len(order)
    marked = flags(net, size, seeds)
    at = marked.rfind(1, 0, size)
    while at >= 0:
        i = order[at]
        start, finish = first[2 * i], first[2 * i + 1]
        room = finish if settled and i in layout.completed else furthest[i]
        for k in out_of[i]:
            bound = early[slot[k]] + weight[k]
            if bound < room:
                room = bound
        if i in across:
            for way in across[i]:
                bound = crossed(early, way)
                if bound < room:
                    room = bound
        room -= finish
        moved.discard(i)
        if i in bounds and room > 0 and free_moves:
            held = bounds[i]
            if held.late and (move := late_move(room, held, finish)) > 0:
                start, finish, room = start + move, finish + move, room - move
                moved.add(i)
        if early[2 * i] != start or early[2 * i + 1] != finish:
            early[2 * i], early[2 * i + 1] = start, finish
            changed.add(i)
            for k in into[i]:
                marked[place[predecessor[k]]] = 1
        if free[i] != room:
            free[i] = room
            freed.add(i)
        at = marked.rfind(1, 0, at)
    return freed, changed
