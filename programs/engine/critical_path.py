"""The critical path method: early dates forwards, late dates and floats backwards, then reasons.

`schedule` is the door. The passes are sums and maxima over the lists that `layout` prepares; they cost what
the plan uses: a link within one calendar is one addition, whatever its kind, lag or progress.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from programs.engine.dates import project_finishes, shown
from programs.engine.layout import Bounds, Layout, lay_out
from programs.engine.links import crossed
from programs.engine.longest_path import critical, driving_links, longest_path
from programs.engine.plan import Alap, LatestFinish, Plan, Rules
from programs.engine.reasons import findings_of, reasons
from programs.engine.result import Schedule
from programs.engine.rollup import roll_up

_OURS = Rules()

SWEPT_FROM = 10_000
"""Activities from which `schedule` takes the numpy sweep: it is faster from about 2,000 on, but then a web process
that computes small plans only would load numpy for them."""


@dataclass(frozen=True, slots=True)
class Passes:
    """What lies between a plan and its schedule; `what_if` starts from it. Slots as `layout` describes them."""

    layout: Layout
    first: list[int]
    """Early slots before anything was moved as late as possible."""
    early: list[int]
    late: list[int]
    finishes: list[int]
    """Per activity, its early finish in wall minutes; without those that take no part in the passes."""
    moved: set[int]
    """Moved as late as possible, within their free float."""


def schedule(plan: Plan, rules: Rules = _OURS, *, sweep: bool | None = None) -> Schedule:
    """Early and late dates, floats, longest path and reasons of every activity of a valid plan.

    Times in and out are wall minutes, durations, lags and floats working minutes. Raises `CycleFound` with
    the path of a circle of links, and `BeyondCalendar` where a date falls past all that a calendar can say.
    What else may be wrong with a plan is told by `validate`; this function does not look for it.

    From `SWEPT_FROM` activities on the passes are swept by levels in numpy, with the same result in every field;
    `sweep` asks for one or the other.
    """
    if sweep or (sweep is None and len(plan.duration) >= SWEPT_FROM):
        from programs.engine.sweep import swept  # here: numpy costs a process 0.2 s and 25 MB

        result = swept(plan, rules)
        if result is not None:
            return result
    return computed(plan, rules)[0]


def computed(plan: Plan, rules: Rules) -> tuple[Schedule, Passes]:
    """`schedule` together with what it was worked out from."""
    layout = lay_out(plan, rules)
    early = forward_pass(layout, rules)
    if rules.alap is Alap.TOTAL_FLOAT and any(bounds.late for bounds in layout.bounds.values()):
        # As late as possible with its successors in tow: the late starts become the earliest ones.
        late, _, _ = backward_pass(plan, rules, layout, early, _finishes(plan, layout, early))
        for i, bounds in layout.bounds.items():
            if bounds.late:
                layout.floor[i] = max(layout.floor[i], late[2 * i])
        early = forward_pass(layout, rules)
    finishes, first = _finishes(plan, layout, early), early[:]
    late, free, moved = backward_pass(plan, rules, layout, early, finishes)
    for i in moved:
        finishes[i] = plan.calendars[plan.calendar[i]].finish_time(early[2 * i + 1])
    driving = driving_links(plan, layout, early)
    on_path = longest_path(plan, rules, layout, driving, finishes)
    why, driver = reasons(plan, layout, early, driving, moved)
    total = [last - first for first, last in zip(early[1::2], late[1::2], strict=True)]
    dates = shown(plan, layout, early, late, finishes)
    for i in layout.completed:
        total[i] = free[i] = 0
    result = Schedule(
        early_start=dates.early_start,
        early_finish=dates.early_finish,
        late_start=dates.late_start,
        late_finish=dates.late_finish,
        remaining_start=dates.remaining_start,
        total_float=total,
        free_float=free,
        interfering_float=[],
        on_longest_path=on_path,
        critical=critical(plan, layout, total, on_path),
        why=why,
        driver=driver,
        driving=driving,
        findings=findings_of(plan, rules, layout, early, dates.early_finish),
        project_finish=project_finishes(plan, layout, dates.early_finish),
        finish=0,
    )
    if plan.kind:
        result.findings.extend(roll_up(plan, layout, result))
    result.interfering_float.extend(a - b for a, b in zip(total, free, strict=True))
    result = replace(result, finish=max(result.project_finish))
    return result, Passes(layout, first, early, late, finishes, moved)


def forward_pass(layout: Layout, rules: Rules) -> list[int]:
    """Early slots: each activity begins as soon as its floor and every predecessor allow."""
    length, floor, into, across = layout.length, layout.floor, layout.into, layout.across_into
    slot, weight = layout.slot, layout.weight
    early = [0] * (2 * len(length) + 1)
    bounds = {i: b for i, b in layout.bounds.items() if b.start is not None or rules.late_constraints_pull}
    if layout.settled:
        for i in layout.started:
            bounds.pop(i, None)
    for j in layout.order:
        start = floor[j]
        for k in into[j]:
            bound = early[slot[k]] + weight[k]
            if bound > start:
                start = bound
        if across and j in across:
            start = max(start, *[crossed(early, way) for way in across[j]])
        if bounds and j in bounds:
            start = held_by(start, bounds[j], length[j], rules)
        early[2 * j] = start
        early[2 * j + 1] = start + length[j]
    return early


def late_move(room: int, held: Bounds, finish: int) -> int:
    """Working minutes by which "as late as possible" moves a finish, given its free float.

    Not past a date of its own, which would make it late by the scheduler's doing, and not off a date it must keep.
    """
    if held.start is not None:
        return 0
    return min(room, held.highest - finish, held.deadline - finish)


def held_by(start: int, bounds: Bounds, length: int, rules: Rules) -> int:
    """The start after the constraints that win over links."""
    if bounds.start is not None:
        return bounds.start
    if rules.late_constraints_pull:
        return min(start, bounds.highest - length)
    return start


def _finishes(plan: Plan, layout: Layout, early: list[int]) -> list[int]:
    """Early finishes in wall minutes, of those that take part; the others are given dates later."""
    finish_time = [calendar.finish_time for calendar in plan.calendars]
    if len(layout.order) < len(plan.duration):
        finishes = [0] * len(plan.duration)
        for i in layout.order:
            finishes[i] = finish_time[plan.calendar[i]](early[2 * i + 1])
        return finishes
    return [finish_time[c](work) for c, work in zip(plan.calendar, early[1::2], strict=True)]


def limits_of(plan: Plan, rules: Rules, layout: Layout, finishes: list[int]) -> tuple[list[int], list[int]]:
    """Per activity, the latest finish of an open end and the early finish that its free float runs to."""
    project = plan.project or bytes(len(plan.duration))
    ends = ends_of(plan, rules, layout, finishes)
    known = limits_at(plan, layout, ends, set(zip(project, plan.calendar, strict=True)))
    both = [known[key] for key in zip(project, plan.calendar, strict=True)]
    return [late for late, _ in both], [early for _, early in both]


def ends_of(plan: Plan, rules: Rules, layout: Layout, finishes: list[int]) -> list[int | None]:
    """Per project, the finish in wall minutes that its unfinished work runs to; None where there is no such work."""
    project = plan.project or bytes(len(plan.duration))
    live = layout.order if layout.settled else [i for i in layout.order if i not in layout.completed]
    if rules.float_to is LatestFinish.PROGRAM:
        last = max(map(finishes.__getitem__, live), default=None)
        return [last] * len(plan.projects)
    ends: list[int | None] = [None] * len(plan.projects)
    for i in live:
        end = ends[project[i]]
        if end is None or finishes[i] > end:
            ends[project[i]] = finishes[i]
    return ends


def limits_at(
    plan: Plan, layout: Layout, ends: list[int | None], keys: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], tuple[int, int]]:
    """What `limits_of` says, by project and calendar."""
    known: dict[tuple[int, int], tuple[int, int]] = {}
    for p, c in keys:
        early = ends[p]
        if early is None:
            early = layout.held_from[p]
        late = plan.projects[p].must_finish_by
        work = plan.calendars[c].work_at
        known[p, c] = (work(early if late is None else late), work(early))
    return known


def backward_pass(
    plan: Plan, rules: Rules, layout: Layout, early: list[int], finishes: list[int]
) -> tuple[list[int], list[int], set[int]]:
    """Late slots, free floats, and who was moved as late as possible (in `early` itself, by its free float)."""
    length, out_of, across, bounds = layout.length, layout.out_of, layout.across_out_of, layout.bounds
    slot, weight = layout.up_slot, layout.up_weight
    late = [0] * len(early)
    free = [0] * len(length)
    moved: set[int] = set()
    latest, furthest = limits_of(plan, rules, layout, finishes)
    after_start = length
    if layout.settled:
        after_start = length[:]
        for i in layout.started:
            if plan.remaining and (left := plan.remaining[i]) is not None and length[i]:
                after_start[i] = left
        for i in layout.completed:
            latest[i] = furthest[i] = early[2 * i + 1]
            after_start[i] = length[i]
    for i in reversed(layout.order):
        last, room = latest[i], furthest[i]
        for k in out_of[i]:
            at, plus = slot[k], weight[k]
            bound = late[at] + plus
            if bound < last:
                last = bound
            bound = early[at] + plus
            if bound < room:
                room = bound
        if across and i in across:
            for at, before, read, elapsed, write, plus in across[i]:  # `crossed` twice
                bound = write(read(late[at] + before) + elapsed) + plus
                if bound < last:
                    last = bound
                bound = write(read(early[at] + before) + elapsed) + plus
                if bound < room:
                    room = bound
        room -= early[2 * i + 1]
        if bounds and i in bounds:
            held = bounds[i]
            last = min(last, held.highest) if held.start is None else held.start + length[i]
            last = min(last, held.deadline)
            if held.late and room > 0 and rules.alap is Alap.FREE_FLOAT:
                move = late_move(room, held, early[2 * i + 1])
                if move > 0:
                    early[2 * i] += move
                    early[2 * i + 1] += move
                    room -= move
                    moved.add(i)
        late[2 * i] = last - after_start[i]
        late[2 * i + 1] = last
        free[i] = room
    return late, free, moved
