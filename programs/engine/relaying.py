"""The layout of an edited plan out of that of the plan before: only what the edits touch is laid out again."""

from __future__ import annotations

from dataclasses import dataclass

from programs.engine.edits import Edited, Edits
from programs.engine.growing import Net, grown, in_order
from programs.engine.layout import (
    NEVER,
    ZERO,
    Bounds,
    Layout,
    bind,
    connect,
    held_from_of,
    length_of,
)
from programs.engine.links import Links
from programs.engine.plan import LagUnit, LinkKind, Plan, Rules, StartFloor


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
    same_frames = changed.projects is plan.projects and held_from == layout.held_from
    now, layout = grown(plan, layout, net, edited, touched)
    layout.held_from = held_from
    layout.order, now.place = in_order(changed, layout.order, now, gone, known, new_links)

    again = {*new_links, *(k for k in edits.links if k not in cut)}
    for i in touched:
        if same_frames and _only_resized(plan, changed, edits, i):
            again.update(_links_by_length(changed, now, i))
        else:
            again.update(now.into[i], now.out_of[i])
    # The ways of one activity's links to other calendars are kept together: where one is worked out anew, all are.
    sources = {changed.predecessor[k] for k in again} | {plan.predecessor[k] for k in cut}
    for i in sources - gone:
        if i in layout.across_out_of:
            again.update(now.out_of[i])
    targets = {changed.successor[k] for k in again} | {plan.successor[k] for k in cut}
    links, ends = again | cut, (sources | targets) - gone

    _measure(changed, layout, touched)
    _unlink(layout, now, links, sources, targets)
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
        k for k in again if changed.predecessor[k] not in now.idle and changed.successor[k] not in now.idle
    ]
    connect(changed, layout, ways, sorted(live))
    for i in touched | ends:
        _hold(changed, rules, layout, now, i)
    return Relaid(layout, now, touched, links, ends)


def _only_resized(plan: Plan, changed: Plan, edits: Edits, i: int) -> bool:
    """Whether an activity got another length and nothing else, and neither became a point in time nor was one."""
    fields = edits.activities.get(i)
    if fields is None or not fields.keys() <= {"duration", "remaining"}:
        return False
    return bool(plan.duration[i]) == bool(changed.duration[i])


def _links_by_length(plan: Plan, net: Net, i: int) -> list[int]:
    """The links of an activity that its length has a part in: to its finish, from its start, with a lag in percent."""
    kinds, units = plan.link_kind, plan.lag_unit
    found = [k for k in net.into[i] if kinds[k] > 1] if kinds else []
    found += [k for k in net.out_of[i] if (kinds and kinds[k] & 1) or (units and units[k] == LagUnit.PERCENT)]
    return found


def _measure(plan: Plan, layout: Layout, touched: set[int]) -> None:
    """Lengths and bases of touched activities."""
    if not touched:
        return
    project = plan.project or bytes(len(plan.duration))
    for i in touched:
        layout.length[i] = length_of(plan, i, layout.settled, i in layout.started, i in layout.completed)
        layout.base[i] = plan.calendars[plan.calendar[i]].work_at(layout.held_from[project[i]])


def _unlink(layout: Layout, net: Net, links: set[int], sources: set[int], targets: set[int]) -> None:
    """Take links out of the layout; the ways that other links of their successors take stay."""
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
        layout.slot[k] = layout.up_slot[k] = ZERO
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
