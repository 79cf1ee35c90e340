"""The layout of an edited plan out of that of the plan before: only what the edits touch is laid out again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from programs.engine.edits import Edited, Edits
from programs.engine.layout import (
    NEVER,
    Bounds,
    Layout,
    bind,
    connect,
    held_from_of,
    lengths,
)
from programs.engine.links import Links
from programs.engine.network import topological_order
from programs.engine.ordering import admit
from programs.engine.plan import Kind, LinkKind, Plan, Rules, StartFloor

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


@dataclass(slots=True)
class Relaid:
    """What the edits made of a layout, and where the passes have to begin."""

    layout: Layout
    net: Net
    touched: set[int]
    """Activities whose own data count differently, new ones among them."""
    links: set[int]
    """Links laid out anew, and those cut."""
    ends: set[int]
    """The activities at the ends of those links that are still there."""


def held_now(plan: Plan, layout: Layout, edited: Edited) -> list[int]:
    """`Layout.held_from` of the edited plan."""
    new = edited.plan
    names = ("projects", "actual_start", "actual_finish")
    if all(getattr(new, name) is getattr(plan, name) for name in names):
        return layout.held_from
    return held_from_of(new, new.project or bytes(len(new.duration)), layout.settled)


def touched_by(plan: Plan, layout: Layout, edited: Edited, edits: Edits, held_from: list[int]) -> set[int]:
    """The activities that must be laid out again: edited ones, new ones, and all of a project whose frame changed.

    `held_from` is that of the edited plan.
    """
    changed = edited.plan
    touched = {*edits.activities, *range(len(plan.duration), len(changed.duration))}
    project = changed.project or bytes(len(changed.duration))
    frames = set()
    for p, held in enumerate(held_from):
        old, new = plan.projects[p], changed.projects[p]
        same = (old.start, old.lag_calendar, old.calendar) == (new.start, new.lag_calendar, new.calendar)
        if held != layout.held_from[p] or not same:
            frames.add(p)
    if frames:
        touched.update(i for i, p in enumerate(project) if p in frames and i not in edited.gone)
    return touched


def relay(
    plan: Plan,
    rules: Rules,
    layout: Layout,
    net: Net,
    edited: Edited,
    edits: Edits,
    touched: set[int],
    held_from: list[int],
) -> Relaid:
    """Lay out what the edits touch; `layout` and `net` stay as they are. Raises `CycleFound`.

    Copies lists as a whole, which is cheap, and works out again the links of touched activities and the bounds and
    floors at their ends.
    """
    changed, gone, cut = edited.plan, edited.gone, edited.cut
    count, known = len(changed.duration), len(plan.duration)
    new_links = range(len(plan.predecessor), len(changed.predecessor))
    grown, layout = _grown(plan, layout, net, edited)
    layout.held_from = held_from
    layout.order, grown.place = _in_order(changed, layout.order, grown, gone, known, new_links)

    again = {*new_links, *(k for k in edits.links if k not in cut)}
    for i in touched:
        again.update(grown.into[i], grown.out_of[i])
    # The ways of one activity's links to other calendars are kept together: where one is worked out anew, all are.
    sources = {changed.predecessor[k] for k in again} | {plan.predecessor[k] for k in cut}
    for i in sources - gone:
        if i in layout.across_out_of:
            again.update(grown.out_of[i])
    targets = {changed.successor[k] for k in again} | {plan.successor[k] for k in cut}
    links, ends = again | cut, (sources | targets) - gone

    _measure(changed, layout, touched)
    _unlink(layout, grown, links, sources, targets)
    ways = Links(
        changed,
        rules,
        kind=changed.kind or bytes(count),
        project=changed.project or bytes(count),
        length=layout.length,
        held_from=layout.held_from,
        base=layout.base,
    )
    live = [
        k
        for k in again
        if changed.predecessor[k] not in grown.idle and changed.successor[k] not in grown.idle
    ]
    connect(changed, layout, ways, sorted(live))
    for i in touched | ends:
        _hold(changed, rules, layout, grown, i)
    return Relaid(layout, grown, touched, links, ends)


def _grown(plan: Plan, layout: Layout, net: Net, edited: Edited) -> tuple[Net, Layout]:
    """Copies with room for what was added and without what was taken out; new links are not in the net yet."""
    changed, gone, cut = edited.plan, edited.gone, edited.cut
    known, more = len(plan.duration), len(changed.duration) - len(plan.duration)
    zero, more_links = 2 * len(changed.duration), len(changed.predecessor) - len(plan.predecessor)
    into: list[list[int]] = [*net.into, *[[] for _ in range(more)]]
    out_of: list[list[int]] = [*net.out_of, *[[] for _ in range(more)]]
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
    slot, up_slot = layout.slot, layout.up_slot
    if more:  # the slot that holds nothing moves behind the new activities'
        slot = [zero if at == 2 * known else at for at in slot]
        up_slot = [zero if at == 2 * known else at for at in up_slot]
    begun = changed.actual_start or [None] * len(changed.duration)
    ended = changed.actual_finish or [None] * len(changed.duration)
    started, completed = layout.started, layout.completed
    if changed.actual_start is not plan.actual_start or changed.actual_finish is not plan.actual_finish:
        started = {i for i, date in enumerate(begun) if date is not None}
        completed = {i for i in started if ended[i] is not None}
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
        slot=slot + [zero] * more_links,
        weight=layout.weight + [NEVER] * more_links,
        up_slot=up_slot + [zero] * more_links,
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


def _in_order(
    plan: Plan, order: list[int], net: Net, gone: frozenset[int], known: int, new_links: range
) -> tuple[list[int], list[int]]:
    """The order with the new links in it, which are entered into the net; and everybody's place."""
    count = len(plan.duration)
    new = [i for i in range(known, count) if i not in net.idle]
    if gone or new:
        order = [i for i in order if i not in gone] + new
        place = _places(order, count)
    else:
        order, place = order[:], [*net.place, *[len(order)] * (count - known)]
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


def _measure(plan: Plan, layout: Layout, touched: set[int]) -> None:
    """Lengths and bases of touched activities."""
    if not touched:
        return
    kind, project = plan.kind or bytes(len(plan.duration)), plan.project or bytes(len(plan.duration))
    started, completed = layout.started & touched, layout.completed & touched
    length = lengths(plan, kind, layout.settled, started, completed)
    for i in touched:
        layout.length[i] = length[i]
        layout.base[i] = plan.calendars[plan.calendar[i]].work_at(layout.held_from[project[i]])


def _unlink(layout: Layout, net: Net, links: set[int], sources: set[int], targets: set[int]) -> None:
    """Take links out of the layout; the ways that other links of their successors take stay."""
    zero = 2 * len(layout.length)
    for j in targets:
        layout.into[j] = [k for k in layout.into[j] if k not in links]
        if layout.across_into.pop(j, None):
            ways = [layout.crossing[k] for k in net.into[j] if k in layout.crossing and k not in links]
            if ways:
                layout.across_into[j] = ways
    for i in sources:
        layout.out_of[i] = [k for k in layout.out_of[i] if k not in links]
        layout.across_out_of.pop(i, None)
    for k in links:
        layout.slot[k] = layout.up_slot[k] = zero
        layout.weight[k], layout.up_weight[k] = NEVER, -NEVER
        layout.crossing.pop(k, None)


def _hold(plan: Plan, rules: Rules, layout: Layout, net: Net, i: int) -> None:
    """The floor and the bounds of one activity, as `lay_out` gives them."""
    layout.floor[i] = layout.base[i]
    linked = bool(layout.into[i]) or i in layout.across_into
    if linked and rules.start_floor is not StartFloor.EVERY_ACTIVITY and _freed(plan, rules, net, i):
        layout.floor[i] = NEVER
    if layout.settled and i in layout.started and (begun := plan.actual_start[i]) is not None:
        layout.floor[i] = plan.calendars[plan.calendar[i]].work_at(begun)
    layout.bounds.pop(i, None)
    if i in layout.completed:
        return
    for constraints, dates in (
        (plan.constraint, plan.constraint_date),
        (plan.second_constraint, plan.second_constraint_date),
    ):
        if constraints and constraints[i]:
            bind(plan, layout, i, constraints[i], dates[i] if dates else None)
    if plan.deadline and (date := plan.deadline[i]) is not None:
        bounds = layout.bounds.setdefault(i, Bounds())
        bounds.deadline = plan.calendars[plan.calendar[i]].work_at(date)


def _freed(plan: Plan, rules: Rules, net: Net, i: int) -> bool:
    """Whether its links, and not the project start, hold an activity."""
    if i in net.idle:
        return False
    kinds = {
        plan.link_kind[k] if plan.link_kind else LinkKind.FINISH_START
        for k in net.into[i]
        if plan.predecessor[k] not in net.idle
    }
    if rules.start_floor is StartFloor.OPEN_STARTS:
        return bool(kinds)
    return bool(kinds) and max(kinds) < LinkKind.FINISH_FINISH
