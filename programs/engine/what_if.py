"""What if: edits to a copy of a scheduled plan, without working out again what cannot change.

    base = Scheduled.of(plan, rules)                       # once
    answer = what_if(base, Edits(activities={7: {"duration": 4800}}))
    answer.difference.moved, answer.difference.finish      # many times

The answer equals `schedule` of the edited plan in every field; the base is never touched. Where edits reach more than
a third of the activities, the finish of a very large plan moves, or as-late-as-possible work takes its successors
along, the edited plan is scheduled as a whole, and compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

from programs.engine.critical_path import (
    SWEPT_FROM,
    Passes,
    computed,
    ends_of,
    limits_at,
    limits_of,
    schedule,
)
from programs.engine.dates import project_finishes
from programs.engine.delta import Difference, difference
from programs.engine.edits import Edited, Edits, alive, edited
from programs.engine.layout import Layout
from programs.engine.longest_path import critical
from programs.engine.network import CycleFound
from programs.engine.plan import Alap, Plan, Rules
from programs.engine.propagation import Backward, forward_from
from programs.engine.relaying import Net, Relaid, held_now, net_of, relay, touched_by
from programs.engine.result import Finding, Schedule, Why
from programs.engine.revision import disorder, findings, give_reasons, redrive, show, trace
from programs.engine.rollup import roll_up

_OURS = Rules()
WHOLE = 3
FEW = 100
"""Edits that touch more than one activity in three, and more than a hundred, are answered by scheduling everything."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A plan with its schedule and what lies in between: made once, asked many times. Nothing in it changes."""

    plan: Plan
    rules: Rules
    schedule: Schedule
    passes: Passes
    net: Net
    latest: list[int]
    furthest: list[int]
    """As `limits_of` gives them, and by project and calendar: """
    limits: dict[tuple[int, int], tuple[int, int]]
    members: list[list[int]]
    """Per project, its activities that take part in the passes."""
    unkept: dict[int, Finding]
    """Per link that progress did not keep to, the finding."""

    @classmethod
    def of(cls, plan: Plan, rules: Rules = _OURS) -> Scheduled:
        """Schedule a valid plan and keep the work. Raises what `schedule` raises."""
        result, passes = computed(plan, rules)
        layout, reached = passes.layout, _reached(plan, passes, passes.moved)
        project = plan.project or bytes(len(plan.duration))
        members: list[list[int]] = [[] for _ in plan.projects]
        for i in layout.order:
            members[project[i]].append(i)
        ends = ends_of(plan, rules, layout, reached)
        latest, furthest = limits_of(plan, rules, layout, reached)
        return cls(
            plan,
            rules,
            result,
            passes,
            net_of(plan, layout),
            latest,
            furthest,
            limits_at(plan, layout, ends, set(zip(project, plan.calendar, strict=True))),
            members,
            disorder(plan, range(len(plan.predecessor))),
        )


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The answer to edits."""

    schedule: Schedule
    """Of the edited plan, in the numbering of `plan()`."""
    difference: Difference
    edited: Edited

    def plan(self) -> Plan:
        """The edited plan as it would be written down, without what was taken out."""
        return self.edited.compact()


def what_if(base: Scheduled, edits: Edits) -> WhatIf:
    """The schedule after the edits and how it differs; times as in `schedule`.

    Raises `EditsRefused` for edits that make no sense, `CycleFound` (with numbers of the base, added activities
    behind) and `BeyondCalendar`. The base is the same afterwards, whatever happens.
    """
    plan, layout, net = base.plan, base.passes.layout, base.net
    touching = {i: [*net.into[i], *net.out_of[i]] for i in edits.removed if 0 <= i < len(plan.duration)}
    change = edited(plan, edits, touching)
    held_from = held_now(plan, layout, change)
    touched = touched_by(plan, layout, change, edits, held_from)
    if WHOLE * (len(touched) + len(change.gone)) > len(plan.duration) + WHOLE * FEW:
        return _answer(base, change, _whole(base, change), None)
    relaid = relay(plan, base.rules, layout, net, change, edits, touched, held_from)
    if base.rules.alap is Alap.TOTAL_FLOAT and any(
        held.late for part in (layout, relaid.layout) for held in part.bounds.values()
    ):
        return _answer(base, change, _whole(base, change), None)
    revised = _revised(base, change, relaid)
    if revised is None:
        return _answer(base, change, _whole(base, change), None)
    result, changed = revised
    return _answer(base, change, _compact(result, change), changed)


def _whole(base: Scheduled, change: Edited) -> Schedule:
    """The edited plan scheduled from scratch."""
    try:
        return schedule(change.compact(), base.rules)
    except CycleFound as circle:
        known = [i for i, number in enumerate(change.numbers()[0]) if number >= 0]
        raise CycleFound([known[i] for i in circle.path]) from None


def _answer(base: Scheduled, change: Edited, result: Schedule, among: set[int] | None) -> WhatIf:
    whole = not change.gone and not change.cut
    plan = change.plan
    numbers, links = (range(len(plan.duration)), range(len(plan.predecessor))) if whole else change.numbers()
    found = difference(
        base.schedule,
        result,
        numbers=numbers,
        links=links,
        kind=plan.kind,
        duration=plan.duration,
        among=among,
    )
    return WhatIf(result, found, change)


def _reached(plan: Plan, passes: Passes, activities: set[int]) -> list[int]:
    """Early finishes in wall minutes before anything was moved as late as possible."""
    if not passes.moved:
        return passes.finishes
    reached = passes.finishes[:]
    for i in activities:
        reached[i] = plan.calendars[plan.calendar[i]].finish_time(passes.first[2 * i + 1])
    return reached


def _revised(base: Scheduled, change: Edited, relaid: Relaid) -> tuple[Schedule, set[int]] | None:
    """The schedule in the numbering with ghosts, and who may differ from the base in dates or floats.

    None where the finish moves in a plan so large that it is swept: then nearly every late date moves with it, and
    sweeping is faster than visiting.
    """
    plan, rules, old = change.plan, base.rules, base.passes
    layout, net = relaid.layout, relaid.net
    more = len(plan.duration) - len(base.plan.duration)
    slots, finish_time = 2 * more, [calendar.finish_time for calendar in plan.calendars]
    own = relaid.touched - net.idle  # on another calendar the same slots are other dates

    first = old.first + [0] * slots
    forward = forward_from(plan, rules, layout, net, first, relaid.touched | relaid.ends) | own
    reached = _reached(base.plan, old, old.moved - change.gone)[:] + [0] * more
    for i in forward:
        reached[i] = finish_time[plan.calendar[i]](first[2 * i + 1])
    limits, limited = _limits(base, plan, layout, reached, relaid.touched)
    if len(plan.duration) >= SWEPT_FROM and 2 * len(limited) > len(plan.duration):
        return None

    back = Backward(plan, rules, layout, net, limits)
    back.first, back.early, back.late = first, old.early + [0] * slots, old.late + [0] * slots
    back.free = base.schedule.free_float + [0] * more
    back.moved = old.moved - change.gone
    for i in forward:
        back.early[2 * i], back.early[2 * i + 1] = first[2 * i], first[2 * i + 1]
    seeds = {*relaid.touched, *relaid.ends, *forward, *limited}
    for i in forward:
        seeds.update(plan.predecessor[k] for k in net.into[i])
    changed = back.run(seeds) | forward
    early, late = back.early, back.late
    finishes = reached
    for i in back.moved:
        finishes[i] = finish_time[plan.calendar[i]](early[2 * i + 1])

    result = _copied(base.schedule, plan, more)
    show(plan, layout, early, late, finishes, result, changed)
    before = old.early
    shifted = {
        i
        for i in changed
        if i in own or early[2 * i] != before[2 * i] or early[2 * i + 1] != before[2 * i + 1]
    }
    links = (relaid.links - change.cut).union(
        *[net.into[i] for i in shifted], *[net.out_of[i] for i in shifted]
    )
    for k in change.cut:
        result.driving[k] = False
    driven = redrive(plan, layout, early, result.driving, links)
    regarded = driven | shifted | forward | own | relaid.ends | (old.moved ^ back.moved)
    give_reasons(plan, layout, net, early, back.moved, result, (regarded | net.idle) - change.gone)
    on_path = trace(plan, rules, layout, net, result.driving, finishes)
    changed |= back.freed
    for i in changed:
        done = i in layout.completed
        result.total_float[i] = 0 if done else late[2 * i + 1] - early[2 * i + 1]
        result.free_float[i] = 0 if done else back.free[i]
    unkept = base.unkept
    if unkept or plan.actual_start:
        unkept = {k: one for k, one in unkept.items() if k not in relaid.links}
        unkept |= disorder(plan, sorted(relaid.links - change.cut))
    result = replace(
        result,
        on_longest_path=on_path,
        critical=critical(plan, layout, result.total_float, on_path),
        findings=findings(plan, rules, layout, net, early, result.early_finish, unkept),
        project_finish=_project_finishes(base, change, layout, result.early_finish, shifted),
    )
    if plan.kind:
        result.findings.extend(roll_up(plan, layout, result))
        changed |= net.idle
    for i in changed:
        result.interfering_float[i] = result.total_float[i] - result.free_float[i]
    return replace(result, finish=max(result.project_finish)), changed


def _limits(
    base: Scheduled, plan: Plan, layout: Layout, reached: list[int], touched: set[int]
) -> tuple[tuple[list[int], list[int]], list[int]]:
    """`limits_of` the edited plan, and the activities for which they are others than in the base."""
    project = plan.project or bytes(len(plan.duration))
    keys = base.limits.keys() | {(project[i], plan.calendar[i]) for i in touched}
    now = limits_at(plan, layout, ends_of(plan, base.rules, layout, reached), keys)
    other = {key for key, value in base.limits.items() if now[key] != value}
    more = [0] * (len(plan.duration) - len(base.latest))
    latest, furthest = base.latest + more, base.furthest + more
    affected = touched
    if other:
        affected = touched.union(
            i for i, key in enumerate(zip(project, plan.calendar, strict=True)) if key in other
        )
    for i in affected:
        latest[i], furthest[i] = now[project[i], plan.calendar[i]]
    return (latest, furthest), list(affected)


def _project_finishes(
    base: Scheduled, change: Edited, layout: Layout, early_finish: list[int], changed: set[int]
) -> list[int]:
    """As `dates.project_finishes`: only of the projects of which an activity changed."""
    plan = change.plan
    if change.gone or len(plan.duration) > len(base.plan.duration) or plan.projects is not base.plan.projects:
        return project_finishes(plan, layout, early_finish)
    finishes = base.schedule.project_finish[:]
    project = plan.project or bytes(len(plan.duration))
    for p in {project[i] for i in changed}:
        finishes[p] = max(map(early_finish.__getitem__, base.members[p]))
    return finishes


def _copied(schedule: Schedule, plan: Plan, more: int) -> Schedule:
    """A copy to write in, with room for added activities and links."""
    new_links = len(plan.predecessor) - len(schedule.driving)
    blank: dict[str, Any] = dict.fromkeys(_PER_ACTIVITY, 0) | {"why": Why.PROJECT_START, "driver": -1}
    columns = {name: getattr(schedule, name) + [blank[name]] * more for name in _PER_ACTIVITY}
    return replace(schedule, **columns, driving=schedule.driving + [False] * new_links)


_PER_ACTIVITY = (
    "early_start",
    "early_finish",
    "late_start",
    "late_finish",
    "remaining_start",
    "total_float",
    "free_float",
    "interfering_float",
    "why",
    "driver",
)


def _compact(result: Schedule, change: Edited) -> Schedule:
    """The schedule in the numbering without ghosts."""
    if not change.gone and not change.cut:
        return result
    numbers, links = change.numbers()
    stays, kept = alive(len(numbers), change.gone), alive(len(links), change.cut)
    columns: dict[str, Any] = {
        name: list(compress(getattr(result, name), stays))
        for name in (*_PER_ACTIVITY, "on_longest_path", "critical")
    }
    to_link, to_activity = [*links, -1], [*numbers, -1]
    columns["driver"] = [to_link[k] for k in columns["driver"]]
    return replace(
        result,
        **columns,
        driving=list(compress(result.driving, kept)),
        findings=[
            replace(one, activity=to_activity[one.activity], link=to_link[one.link])
            for one in result.findings
        ],
    )
