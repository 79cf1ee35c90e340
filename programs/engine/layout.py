"""A plan laid out for the passes: every link as a number to add, or as a way between two calendars.

Each activity has two slots in the lists of early and late dates, `2i` for its start and `2i + 1` for its
finish, in working minutes on its own calendar's axis. A link is then a slot to read and a weight to add,
whatever its kind: arriving at a finish takes the successor's length off, leaving a start gives the
predecessor's length back on the way up. One more slot, the last, always holds zero: a bound that depends on
no other activity reads it, as slot -1.

What progress does to a link is settled here, so that the passes know nothing of it. `sweep_layout` and `sweep_links`
write the same rules by columns for large plans: change both, `tests/programs/engine/test_sweep.py` compares them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programs.engine.links import ALL_HOURS, Crossing, Links, lag_of
from programs.engine.network import topological_order
from programs.engine.plan import Constraint, Kind, Plan, Progress, Rules, StartFloor

NEVER = -(1 << 60)
"""A bound below every date."""
ZERO = -1
"""The slot that always holds zero: the last, however many activities are added."""


@dataclass(slots=True)
class Bounds:
    """What constraints and a deadline say about one activity, in work on its own axis."""

    lowest: int = NEVER
    """Its start is not earlier."""
    highest: int = -NEVER
    """Its finish is not later."""
    start: int | None = None
    """Its start is this, whatever links say."""
    deadline: int = -NEVER
    late: bool = False
    """As late as possible."""


@dataclass(slots=True)
class Layout:
    """A plan in the form that the passes read; parallel to its activities or links."""

    order: list[int]
    """The activities that take part, predecessors first."""
    length: list[int]
    """Working minutes still to schedule."""
    started: set[int]
    completed: set[int]
    settled: bool
    """Started work lies at its actual dates (`Progress.ACTUAL_DATES`)."""
    held_from: list[int]
    """Per project, the wall minute before which no work still to do begins."""
    base: list[int]
    """The same on each activity's axis."""
    floor: list[int]
    """The earliest start before links are looked at."""
    into: list[list[int]]
    """Per activity, the links that hold its start from below on its own axis: early `slot` plus `weight`."""
    out_of: list[list[int]]
    """Per activity, the links that hold its finish from above on its own axis: late `up_slot` plus `up_weight`."""
    across_into: dict[int, list[Crossing]]
    across_out_of: dict[int, list[Crossing]]
    slot: list[int]
    """Per link, as in `into`: tells afterwards which links drive. A link without effect has weight `NEVER`."""
    weight: list[int]
    up_slot: list[int]
    up_weight: list[int]
    crossing: dict[int, Crossing]
    """Per link index, those of `across_into`."""
    bounds: dict[int, Bounds]
    ignored_links: list[int]
    """Links to or from a summary."""


def lay_out(plan: Plan, rules: Rules) -> Layout:
    """Everything about the plan that does not depend on computed dates. Raises `CycleFound`."""
    count, links = len(plan.duration), len(plan.predecessor)
    kind: Sequence[int] = plan.kind or bytes(count)
    project: Sequence[int] = plan.project or bytes(count)
    settled = rules.progress is Progress.ACTUAL_DATES
    started = {i for i, date in enumerate(plan.actual_start) if date is not None}
    completed = {i for i in started if plan.actual_finish and plan.actual_finish[i] is not None}
    length = lengths(plan, kind, settled, started, completed)

    held_from = held_from_of(plan, project, settled)
    calendars = plan.calendars
    at = {
        key: calendars[key[1]].work_at(held_from[key[0]])
        for key in set(zip(project, plan.calendar, strict=True))
    }
    base = [at[key] for key in zip(project, plan.calendar, strict=True)]

    live: Sequence[int]
    idle = {i for i, k in enumerate(plan.kind) if k >= Kind.LEVEL_OF_EFFORT}
    if idle:
        live = [k for k in range(links) if plan.predecessor[k] not in idle and plan.successor[k] not in idle]
        order = topological_order(
            count, [plan.predecessor[k] for k in live], [plan.successor[k] for k in live]
        )
        order = [i for i in order if i not in idle]
        summaries = {i for i in idle if kind[i] == Kind.SUMMARY}
        ignored = [
            k for k in range(links) if plan.predecessor[k] in summaries or plan.successor[k] in summaries
        ]
    else:
        live, ignored = range(links), []
        order = topological_order(count, plan.predecessor, plan.successor)

    layout = Layout(
        order=order,
        length=length,
        started=started,
        completed=completed,
        settled=settled,
        held_from=held_from,
        base=base,
        floor=base[:],
        into=[[] for _ in range(count)],
        out_of=[[] for _ in range(count)],
        across_into={},
        across_out_of={},
        slot=[ZERO] * links,
        weight=[NEVER] * links,
        up_slot=[ZERO] * links,
        up_weight=[-NEVER] * links,
        crossing={},
        bounds={},
        ignored_links=ignored,
    )
    ways = Links(plan, rules, kind=kind, project=project, length=length, held_from=held_from, base=base)
    connect(plan, layout, ways, live)
    _set_floors(plan, rules, layout, live)
    _set_bounds(plan, layout)
    return layout


def held_from_of(plan: Plan, project: Sequence[int], settled: bool) -> list[int]:
    """Per project, its start or its status date; where that is missing, its last actual date."""
    if settled:
        return [p.start for p in plan.projects]
    held = [p.start if p.status_date is None else max(p.start, p.status_date) for p in plan.projects]
    if all(p.status_date is not None for p in plan.projects):
        return held
    for dates in (plan.actual_start, plan.actual_finish):
        for i, date in enumerate(dates):
            if date is not None and date > held[project[i]] and plan.projects[project[i]].status_date is None:
                held[project[i]] = date
    return held


def lengths(
    plan: Plan, kind: Sequence[int], settled: bool, started: set[int], completed: set[int]
) -> list[int]:
    """Working minutes that the passes give each activity."""
    length = list(plan.duration)
    for i, k in enumerate(plan.kind):
        if k in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE):
            length[i] = 0
    for i in started:
        length[i] = length_of(plan, i, settled, True, i in completed)
    return length


def length_of(plan: Plan, i: int, settled: bool, started: bool, completed: bool) -> int:
    """Working minutes that the passes give one activity."""
    if completed and not settled:
        return 0  # a completed activity is a point in the network of what remains
    if completed:
        begun, ended = plan.actual_start[i], plan.actual_finish[i]
        assert begun is not None and ended is not None  # noqa: S101 (that is what completed says)
        return plan.calendars[plan.calendar[i]].between(begun, ended)
    if plan.kind and plan.kind[i] in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE):
        return 0
    length = plan.duration[i]
    if started and not settled and length and plan.remaining and (left := plan.remaining[i]) is not None:
        return left
    return length


def connect(plan: Plan, layout: Layout, ways: Links, live: Sequence[int]) -> None:
    """Turn each link into a slot and a weight on its activity's axis, or into a crossing."""
    calendar, predecessor, successor = plan.calendar, plan.predecessor, plan.successor
    kinds: Sequence[int] = plan.link_kind or bytes(len(predecessor))
    lags: Sequence[int] = plan.lag or bytes(len(predecessor))
    into, out_of, length, started = layout.into, layout.out_of, layout.length, layout.started
    slots, weights, up_slots, up_weights = layout.slot, layout.weight, layout.up_slot, layout.up_weight
    for k in live:
        i, j, typ = predecessor[k], successor[k], kinds[k]
        lag, axis = lag_of(plan, k) if lags[k] else (0, ALL_HOURS)
        same = calendar[i] == calendar[j]
        down: int | None = lag
        up: int | None = lag
        if started and (i in started or j in started):
            down, fixed, up = ways.under_progress(i, j, typ, lag, axis)
            if fixed is not None:
                weights[k] = fixed
                into[j].append(k)
        if down is not None:
            if same and (not down or axis == calendar[i]):
                slots[k] = 2 * i + 1 - (typ & 1)
                weights[k] = down - length[j] if typ > 1 else down
                into[j].append(k)
            else:
                layout.crossing[k] = way = ways.down(i, j, typ, down, axis)
                layout.across_into.setdefault(j, []).append(way)
        if up is not None:
            if same and (not up or axis == calendar[i]):
                up_slots[k] = 2 * j + (typ >> 1)
                up_weights[k] = length[i] - up if typ & 1 else -up
                out_of[i].append(k)
            else:
                layout.across_out_of.setdefault(i, []).append(ways.up(i, j, typ, up, axis))


def _set_floors(plan: Plan, rules: Rules, layout: Layout, live: Sequence[int]) -> None:
    """Who is held by the project start; where started work lies at its actual start, that."""
    floor = layout.floor
    if rules.start_floor is not StartFloor.EVERY_ACTIVITY:
        freed = {plan.successor[k] for k in live}
        if rules.start_floor is StartFloor.OPEN_STARTS_AND_FINISH_LINKS and plan.link_kind:
            freed -= {plan.successor[k] for k in live if plan.link_kind[k] > 1}
        for j in freed:
            if layout.into[j] or j in layout.across_into:  # else progress let go of all its links
                floor[j] = NEVER
    if layout.settled:
        for i in layout.started:
            date = plan.actual_start[i]
            assert date is not None  # noqa: S101 (that is what the set holds)
            floor[i] = plan.calendars[plan.calendar[i]].work_at(date)


def _set_bounds(plan: Plan, layout: Layout) -> None:
    """Constraints and deadlines of unfinished activities, on their own axes."""
    for constraints, dates in (
        (plan.constraint, plan.constraint_date),
        (plan.second_constraint, plan.second_constraint_date),
    ):
        for i, constraint in enumerate(constraints):
            if constraint and i not in layout.completed:
                bind(plan, layout, i, constraint, dates[i] if dates else None)
    for i, date in enumerate(plan.deadline):
        if date is not None and i not in layout.completed:
            bounds = layout.bounds.setdefault(i, Bounds())
            bounds.deadline = plan.calendars[plan.calendar[i]].work_at(date)


def bind(plan: Plan, layout: Layout, i: int, constraint: int, date: int | None) -> None:
    """Add one constraint to what is known about an activity; a started one is held by late dates only."""
    bounds = layout.bounds.setdefault(i, Bounds())
    begun = i in layout.started
    if constraint == Constraint.AS_LATE_AS_POSSIBLE:
        bounds.late = not begun
        return
    if date is None:
        return
    work, length = plan.calendars[plan.calendar[i]].work_at(date), layout.length[i]
    # As a start: a constraint on the finish is one on the start, a length earlier.
    on_start = constraint in (
        Constraint.START_NO_EARLIER_THAN,
        Constraint.START_NO_LATER_THAN,
        Constraint.MUST_START_ON,
    )
    start = work if on_start else work - length
    if constraint in (Constraint.START_NO_EARLIER_THAN, Constraint.FINISH_NO_EARLIER_THAN):
        if not begun:
            bounds.lowest = max(bounds.lowest, start)
            layout.floor[i] = max(layout.floor[i], start)
    elif begun or constraint in (Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN):
        bounds.highest = min(bounds.highest, start + length)
    else:
        bounds.start = start
