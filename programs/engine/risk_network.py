"""A plan prepared for the sweep over runs: what holds each activity, within which bounds, and what never matters.

The same rules as `layout` and `critical_path`, with durations that vary: a bound on an activity's finish is kept as
such, because the start it gives depends on the run. Bounds of every date over all possible runs come first (one pass
with single numbers); they tell which slots never move and which links can never hold anything, and these cost nothing
in the sweep.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from programs.engine.layout import NEVER, Layout, lay_out
from programs.engine.links import ALL_HOURS, Links, lag_of
from programs.engine.plan import Constraint, Kind, LagUnit, Plan, Rules
from programs.engine.risk_clock import Clock, Reader
from programs.engine.risk_flows import Held, Inflow, Via, bounds


@dataclass(slots=True)
class Network:
    """What the sweep reads; parallel to the plan's activities, slots as in `layout`."""

    plan: Plan
    rules: Rules
    layout: Layout
    least: list[int]
    most: list[int]
    """Per activity, its shortest and longest length in working minutes."""
    inflows: list[list[Inflow]]
    held: dict[int, Held]
    low: list[int]
    high: list[int]
    """Per slot, the bounds of its place over all runs."""
    planned: list[int]
    """Per slot, its place in the plan itself."""
    clock: Clock
    varying: set[int] = field(default_factory=set)
    """The activities whose length varies."""

    def bounds(self) -> tuple[list[int], list[int]]:
        """The bounds of every slot with the lengths as they are set; each flow's bounds are set on the way."""
        layout = self.layout
        return bounds(layout.order, layout.floor, self.inflows, self.held, self.least, self.most, self.clock)

    def percent_varies(self, i: int) -> bool:
        """Whether a lag in percent of this activity follows its length in the run (else its planned duration)."""
        return i in self.varying and (self.layout.settled or i not in self.layout.started)

    def reader(self, i: int) -> Reader:
        """How the finish of an unfinished activity is shown, as `dates.shown` does it."""
        layout, plan = self.layout, self.plan
        if layout.length[i]:
            return Reader(plan.calendar[i], True)
        if plan.kind and plan.kind[i] == Kind.START_MILESTONE:
            return Reader(plan.calendar[i], False)
        return Reader(plan.calendar[i], True, layout.base[i])

    def wall(self, i: int, place: int) -> int:
        """The wall minute of a finish from its place on the activity's work axis."""
        if i in self.layout.completed:
            ended = self.plan.actual_finish[i]
            assert ended is not None  # noqa: S101 (that is what the set holds)
            return ended
        return self.clock.read(self.reader(i), place)


def needs_full_schedule(plan: Plan) -> bool:
    """Whether the plan has unfinished work "as late as possible": its dates hang on late dates or free floats."""
    done = plan.actual_start or [None] * len(plan.duration)
    return any(
        constraint == Constraint.AS_LATE_AS_POSSIBLE and done[i] is None
        for column in (plan.constraint, plan.second_constraint)
        for i, constraint in enumerate(column)
    )


def prepare(plan: Plan, rules: Rules, ranges: Mapping[int, tuple[int, int]]) -> Network:
    """The network with some lengths between a least and a most (minutes that the passes give the activity).

    Raises what `schedule` raises, `BeyondCalendar` already where only the worst case falls past a calendar.
    """
    layout = lay_out(replace(plan, constraint=(), second_constraint=(), deadline=()), rules)
    network = Network(
        plan=plan,
        rules=rules,
        layout=layout,
        least=layout.length[:],
        most=layout.length[:],
        inflows=[[] for _ in plan.duration],
        held={},
        low=[],
        high=[],
        planned=[],
        clock=Clock(plan.calendars),
    )
    longest = plan.duration
    if ranges and any(unit == LagUnit.PERCENT for unit in plan.lag_unit):
        longest = [ranges[i][1] if i in ranges else minutes for i, minutes in enumerate(plan.duration)]
    network.varying.update(ranges)
    _links(network, longest)
    _constraints(network)
    network.planned, _ = network.bounds()
    for i, (least, most) in ranges.items():
        network.least[i], network.most[i] = least, most
    network.low, network.high = network.bounds()
    return network


def _links(network: Network, longest: Sequence[int]) -> None:
    plan, layout = network.plan, network.layout
    count = len(plan.duration)
    kind: Sequence[int] = plan.kind or bytes(count)
    project: Sequence[int] = plan.project or bytes(count)
    calendar, started, inflows = plan.calendar, layout.started, network.inflows
    ways = Links(
        plan, network.rules, kind=kind, project=project,
        length=layout.length, held_from=layout.held_from, base=layout.base,
    )  # fmt: skip
    kinds: Sequence[int] = plan.link_kind or bytes(len(plan.predecessor))
    lags: Sequence[int] = plan.lag or bytes(len(plan.predecessor))
    percents = {k for k, unit in enumerate(plan.lag_unit) if unit == LagUnit.PERCENT and lags[k]}
    worst = replace(plan, duration=longest)
    work = [k < Kind.LEVEL_OF_EFFORT for k in kind]
    for k, (i, j, typ) in enumerate(zip(plan.predecessor, plan.successor, kinds, strict=True)):
        if not (work[i] and work[j]):
            continue
        lag, axis = lag_of(plan, k) if lags[k] else (0, ALL_HOURS)
        percent = lags[k] if k in percents and network.percent_varies(i) else 0
        if percent:
            axis = lag_of(worst, k)[1]
        down = lag
        if started and (i in started or j in started):
            kept, fixed, _ = ways.under_progress(i, j, typ, lag, axis)
            if fixed is not None:
                place = fixed + layout.length[j] if typ > 1 else fixed
                inflows[j].append(Inflow(k, -1, typ > 1, place))
                continue
            if kept is None:
                continue
            down = kept
            if not down and lag:
                percent = 0  # the lag is spent
        flow = Inflow(k, 2 * i + 1 - (typ & 1), typ > 1, down, percent)
        lagged = bool(down or percent)
        if calendar[i] != calendar[j] or (lagged and axis != calendar[i]):
            _across(flow, ways, plan, i, j, axis if lagged else None)
        inflows[j].append(flow)


def _across(flow: Inflow, ways: Links, plan: Plan, i: int, j: int, axis: int | None) -> None:
    """The conversions of `Links.down`, by name."""
    here, there = plan.calendar[i], plan.calendar[j]
    leaves_start = not flow.slot & 1
    flow.read, flow.write = Reader(here, not leaves_start), there
    if axis == here:
        flow.via = Via.BEFORE
        return
    if ways.kind[i] == Kind.START_MILESTONE:
        flow.read = Reader(here, False)
    elif ways.is_end(i):
        flow.read = Reader(here, True, ways.base[i])
    if axis is None or axis == there:
        flow.via = Via.AFTER
    elif axis == ALL_HOURS:
        flow.via = Via.ELAPSED
    else:
        flow.via = Via.THIRD
        flow.third = Reader(axis, not leaves_start)


_ON_START = (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN, Constraint.MUST_START_ON)
_NO_LATER = (Constraint.START_NO_LATER_THAN, Constraint.FINISH_NO_LATER_THAN)
_NO_EARLIER = (Constraint.START_NO_EARLIER_THAN, Constraint.FINISH_NO_EARLIER_THAN)


def _constraints(network: Network) -> None:
    """What constraints say about early dates, as `layout._bind` and `critical_path._held` have it."""
    plan, layout = network.plan, network.layout
    pull = network.rules.late_constraints_pull
    for constraints, dates in (
        (plan.constraint, plan.constraint_date),
        (plan.second_constraint, plan.second_constraint_date),
    ):
        for i, constraint in enumerate(constraints):
            date = dates[i] if dates else None
            if not constraint or date is None or constraint == Constraint.AS_LATE_AS_POSSIBLE:
                continue
            if i in layout.completed:
                continue
            begun, on_start = i in layout.started, constraint in _ON_START
            place = plan.calendars[plan.calendar[i]].work_at(date)
            if constraint in _NO_EARLIER:
                if begun:
                    continue
                if on_start:
                    layout.floor[i] = max(layout.floor[i], place)
                else:
                    network.inflows[i].append(Inflow(-1, -1, True, place))
            elif begun or constraint in _NO_LATER:
                if pull and not (begun and layout.settled):
                    held = network.held.setdefault(i, Held())
                    if on_start:
                        held.last_start = min(place, _or_far(held.last_start))
                    else:
                        held.last_finish = min(place, _or_far(held.last_finish))
            else:
                held = network.held.setdefault(i, Held())
                held.start, held.finish = (place, None) if on_start else (None, place)


def _or_far(place: int | None) -> int:
    return -NEVER if place is None else place
