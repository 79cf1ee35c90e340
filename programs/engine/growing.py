"""Copies of a layout and of its net with room for what edits add and without what they take out.

Lists are copied as a whole, which costs microseconds; nothing is worked out here but who stands where in the order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from programs.engine.edits import Edited
from programs.engine.ghosts import without
from programs.engine.layout import NEVER, ZERO, Layout
from programs.engine.network import topological_order
from programs.engine.ordering import admit
from programs.engine.plan import Kind, Plan

MANY_LINKS = 200
"""With more new links than this the order is found anew rather than mended link by link."""


@dataclass(slots=True)
class Net:
    """Who is linked with whom and where everybody stands in the order; parallel to a plan's activities."""

    into: list[list[int]]
    """Numbers of the links that lead to each activity, in order; those with levels of effort and summaries too."""
    out_of: list[list[int]]
    place: list[int]
    """Place in `Layout.order`; its length for those that are not in it."""
    idle: frozenset[int]
    """Levels of effort and summaries: they take no part in the passes."""


def net_of(plan: Plan, layout: Layout) -> Net:
    """The net of a plan that has been laid out."""
    count = len(plan.duration)
    into: list[list[int]] = [[] for _ in range(count)]
    out_of: list[list[int]] = [[] for _ in range(count)]
    for k, (i, j) in enumerate(zip(plan.predecessor, plan.successor, strict=True)):
        out_of[i].append(k)
        into[j].append(k)
    idle = frozenset(i for i, kind in enumerate(plan.kind) if kind >= Kind.LEVEL_OF_EFFORT)
    return Net(into, out_of, _places(layout.order, count), idle)


def _places(order: list[int], count: int) -> list[int]:
    place = [len(order)] * count
    for at, i in enumerate(order):
        place[i] = at
    return place


def grown(plan: Plan, layout: Layout, net: Net, edited: Edited, touched: set[int]) -> tuple[Net, Layout]:
    """Copies with room for what was added and without what was taken out; new links are not in the net yet.

    `touched` holds the activities whose actual dates may have changed.
    """
    changed, gone, cut = edited.plan, edited.gone, edited.cut
    known, more = len(plan.duration), len(changed.duration) - len(plan.duration)
    more_links = len(changed.predecessor) - len(plan.predecessor)
    into, out_of = net.into, net.out_of
    if more or more_links or cut:
        into = [*into, *[[] for _ in range(more)]]
        out_of = [*out_of, *[[] for _ in range(more)]]
    for j in {plan.successor[k] for k in cut}:
        into[j] = [k for k in into[j] if k not in cut]
    for i in {plan.predecessor[k] for k in cut}:
        out_of[i] = [k for k in out_of[i] if k not in cut]
    idle = net.idle
    added_idle = {
        i for i in range(known, known + more) if changed.kind and changed.kind[i] >= Kind.LEVEL_OF_EFFORT
    }
    if gone or added_idle:
        idle = (idle - gone) | added_idle
    begun, ended = changed.actual_start, changed.actual_finish
    started, completed = layout.started, layout.completed
    if begun is not plan.actual_start or ended is not plan.actual_finish:
        afresh = {i for i in touched if begun and begun[i] is not None}
        started = (started - touched - gone) | afresh
        completed = (completed - touched - gone) | {i for i in afresh if ended and ended[i] is not None}
    return Net(into, out_of, net.place, idle), replace(
        layout,
        length=layout.length + [0] * more,
        started=started,
        completed=completed,
        base=layout.base + [0] * more,
        floor=layout.floor + [0] * more,
        into=layout.into + [[] for _ in range(more)],
        out_of=layout.out_of + [[] for _ in range(more)],
        across_into=layout.across_into.copy(),
        across_out_of=layout.across_out_of.copy(),
        slot=layout.slot + [ZERO] * more_links,
        weight=layout.weight + [NEVER] * more_links,
        up_slot=layout.up_slot + [ZERO] * more_links,
        up_weight=layout.up_weight + [-NEVER] * more_links,
        crossing=layout.crossing.copy(),
        bounds={i: bounds for i, bounds in layout.bounds.items() if i not in gone},
        ignored_links=[
            *(k for k in layout.ignored_links if k not in cut),
            *(k for k in range(len(plan.predecessor), len(changed.predecessor)) if _of_a_group(changed, k)),
        ],
    )


def _of_a_group(plan: Plan, link: int) -> bool:
    ends = (plan.predecessor[link], plan.successor[link])
    return bool(plan.kind) and any(plan.kind[i] == Kind.SUMMARY for i in ends)


def in_order(
    plan: Plan, order: list[int], net: Net, gone: frozenset[int], known: int, new_links: range
) -> tuple[list[int], list[int]]:
    """The order with the new links in it, which are entered into the net; and everybody's place."""
    count = len(plan.duration)
    if not gone and not new_links and count == known:
        return order, net.place
    new = [i for i in range(known, count) if i not in net.idle]
    left = sorted(at for i in gone if (at := net.place[i]) < len(order))
    order = [*without(order, left), *new]
    place = [*net.place, *[0] * (count - known)]
    begin = left[0] if left else len(order) - len(new)
    for at, i in enumerate(order[begin:], begin):
        place[i] = at
    for i in (*gone, *net.idle):
        place[i] = len(order)
    fresh: set[int] = set()
    at_once = len(new_links) > MANY_LINKS
    for k in new_links:
        i, j = plan.predecessor[k], plan.successor[k]
        if i not in net.idle and j not in net.idle and not at_once:
            admit(order, place, net.out_of, net.into, plan.predecessor, plan.successor, k)
        for links, end in ((net.out_of, i), (net.into, j)):
            key = 2 * end + (links is net.into)
            if key not in fresh:  # the lists of the plan before stay its own
                fresh.add(key)
                links[end] = links[end][:]
            links[end].append(k)
    if at_once:
        live = [k for links in net.into for k in links if plan.predecessor[k] not in net.idle]
        live = [k for k in live if plan.successor[k] not in net.idle]
        wanted = set(order)
        order = topological_order(
            count, [plan.predecessor[k] for k in live], [plan.successor[k] for k in live]
        )
        order = [i for i in order if i in wanted]
        place = _places(order, count)
    return order, place
