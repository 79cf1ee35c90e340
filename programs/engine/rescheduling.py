"""The schedule of an edited plan out of that of the plan before: the passes where they change, then what people see."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from programs.engine.critical_path import SWEPT_FROM
from programs.engine.edits import Edited
from programs.engine.longest_path import critical
from programs.engine.open_ends import ends_after, finishes_after, limits_after, path_after
from programs.engine.plan import Plan
from programs.engine.propagation import forward_from, free_from, freed_before, late_from
from programs.engine.relaying import Relaid
from programs.engine.result import Schedule, Why
from programs.engine.revision import (
    disorder,
    findings,
    give_reasons,
    redrive,
    show_early,
    show_late,
)
from programs.engine.rollup import roll_up
from programs.engine.scheduled import Scheduled


def rescheduled(base: Scheduled, change: Edited, relaid: Relaid) -> tuple[Schedule, set[int]] | None:
    """The schedule in the numbering with ghosts, and who may differ from the base in dates or floats.

    None where the finish moves in a plan so large that it is swept: then nearly every late date moves with it, and
    sweeping is faster than visiting.
    """
    plan, rules, old = change.plan, base.rules, base.passes
    layout, net, gone, touched = relaid.layout, relaid.net, change.gone, relaid.touched
    known, more = len(base.plan.duration), len(plan.duration) - len(base.plan.duration)
    slots, finish_time = [0] * (2 * more), [calendar.finish_time for calendar in plan.calendars]
    own = touched - net.idle  # on another calendar the same slots are other dates

    first = old.first + slots
    forward = forward_from(plan, rules, layout, net, first, touched | relaid.ends) | own
    reached = base.reached + [0] * more
    for i in forward:
        reached[i] = finish_time[plan.calendar[i]](first[2 * i + 1])
    ends = ends_after(base, plan, layout, reached, net.idle, gone, forward | gone)
    latest, furthest, limited = limits_after(base, plan, layout, ends, touched)
    if len(plan.duration) >= SWEPT_FROM and 2 * len(limited) > len(plan.duration):
        return None

    late, seeds = old.late + slots, touched | relaid.ends | limited
    late_changed = late_from(
        plan, layout, net, latest, first, late, seeds | forward if layout.settled else seeds
    )
    free, moved, early = base.schedule.free_float + [0] * more, old.moved - gone, first
    if old.moved or any(bounds.late for bounds in layout.bounds.values()):
        early = old.early + slots
        for i in forward:
            early[2 * i], early[2 * i + 1] = first[2 * i], first[2 * i + 1]
    seeds |= forward
    seeds |= freed_before(plan, layout, net, first, old.early, early, free, moved, forward)
    freed, pushed = free_from(plan, rules, layout, net, furthest, first, early, free, moved, seeds)
    finishes = reached
    for i in moved:
        finishes[i] = finish_time[plan.calendar[i]](early[2 * i + 1])

    # Who begins, or ends, at another time; `own` ones count as changed whatever their slots say.
    before = old.early
    begins = {i for i in forward | pushed if i >= known or early[2 * i] != before[2 * i]}
    shifted = own | begins
    shifted.update([i for i in forward | pushed if i < known and early[2 * i + 1] != before[2 * i + 1]])
    late_changed |= own
    result = _copied(base.schedule, plan, more)
    show_early(plan, layout, early, finishes, result, shifted)
    show_late(plan, layout, late, result, late_changed)

    links = (relaid.links - change.cut).union(
        *[net.into[i] for i in begins], *[net.out_of[i] for i in shifted]
    )
    driven = redrive(plan, layout, early, result.driving, links)
    driven.update([base.plan.successor[k] for k in change.cut if result.driving[k]])
    for k in change.cut:
        result.driving[k] = False
    regarded = driven | own | net.idle  # and where a constraint may hold a start, whatever became of that
    regarded.update(layout.bounds.keys() & (shifted | forward | relaid.ends | (old.moved ^ moved)))
    give_reasons(plan, layout, net, early, moved, result, regarded - gone)
    on_path = path_after(base, plan, layout, net, result.driving, finishes, gone, shifted | gone, driven)
    changed = shifted | late_changed | freed
    total_float, free_float = result.total_float, result.free_float
    for i in changed:
        done = i in layout.completed
        total_float[i] = 0 if done else late[2 * i + 1] - early[2 * i + 1]
        free_float[i] = 0 if done else free[i]
    unkept = base.unkept
    if unkept or plan.actual_start:
        unkept = {k: one for k, one in unkept.items() if k not in relaid.links}
        unkept |= disorder(plan, sorted(relaid.links - change.cut))
    project_finish = finishes_after(base, plan, net.idle, gone, result.early_finish, shifted)
    result = replace(
        result,
        on_longest_path=on_path,
        critical=critical(plan, layout, total_float, on_path),
        findings=findings(plan, rules, layout, net, early, result.early_finish, unkept),
        project_finish=project_finish,
        finish=max(project_finish),
    )
    if plan.kind:
        result.findings.extend(roll_up(plan, layout, result))
        changed |= net.idle
    for i in changed:
        result.interfering_float[i] = total_float[i] - free_float[i]
    return result, changed


def _copied(schedule: Schedule, plan: Plan, more: int) -> Schedule:
    """A copy to write in, with room for added activities and links."""
    new_links = len(plan.predecessor) - len(schedule.driving)
    blank: dict[str, Any] = dict.fromkeys(PER_ACTIVITY, 0) | {"why": Why.PROJECT_START, "driver": -1}
    columns = {name: getattr(schedule, name) + [blank[name]] * more for name in PER_ACTIVITY}
    return replace(schedule, **columns, driving=schedule.driving + [False] * new_links)


PER_ACTIVITY = (
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
