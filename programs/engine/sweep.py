"""The critical path of a large plan, a level of the network at a time (numpy).

`swept` gives the same `Schedule` as the plain passes, field by field and minute by minute, about ten times as fast
from ten thousand activities on. It is a second writing of the same rules, not other rules: the plain passes are the
specification. This module and its neighbours `sweep_*` import numpy; nothing else in the engine does, and they are
imported only when a plan is large enough.
"""

from __future__ import annotations

import numpy as np

from programs.engine.layout import NEVER
from programs.engine.plan import Alap, LatestFinish, Plan, Rules
from programs.engine.result import Schedule
from programs.engine.sweep_clocks import Ints
from programs.engine.sweep_layout import (
    MISSING,
    Columns,
    TooLarge,
    by_calendar,
    columns_of,
    limits_of,
    set_floors,
)
from programs.engine.sweep_links import links_of
from programs.engine.sweep_network import Levels, levels_of
from programs.engine.sweep_passes import Late, backward, forward, held_finishes, held_starts, side_of
from programs.engine.sweep_result import Computed, schedule_of

NARROWEST = 16
"""Activities per level, on average, below which the plain passes are faster."""


def swept(plan: Plan, rules: Rules, narrowest: int = NARROWEST) -> Schedule | None:
    """`schedule` for large plans; None where levels are too narrow or numbers too large: the plain passes answer.

    Raises `CycleFound` and `BeyondCalendar` as they do. Bounded: linear in activities and links, no recursion.
    """
    if not plan.duration:
        return None
    try:
        columns = columns_of(plan, rules)
        links = links_of(plan, rules, columns)
        levels = levels_of(columns.taking_part, links.predecessor, links.successor, narrowest)
        if levels is None:
            return None
        set_floors(columns, rules, links.successor, links.typ, links.acts())
        limits = limits_of(columns, plan)
    except TooLarge:
        return None
    order, clocks = levels.order, columns.clocks
    length = columns.length[order]
    down = side_of(levels, links.successor, links.slot, links.weight, links.down)
    up = side_of(levels, links.predecessor, links.up_slot, links.up_weight, links.up)
    starts = finishes_held = ceiling = None
    if limits is not None:
        starts = held_starts(levels, columns, limits, pull=rules.late_constraints_pull)
        finishes_held = held_finishes(levels, columns, limits)
        if limits.late.any() and rules.alap is Alap.FREE_FLOAT:
            moves = limits.late & (limits.start == MISSING)  # not past a date of their own
            ceiling = np.where(moves, np.minimum(limits.highest, limits.deadline), NEVER)[order]

    def way_up(early: Ints, finishes: Ints) -> Late:
        latest, furthest, after_start = _ends(plan, rules, columns, levels, early, finishes)
        return backward(levels, up, clocks, early, latest, furthest, after_start, finishes_held, ceiling)

    early = forward(levels, down, clocks, columns.floor[order], length, starts)
    finishes = _finishes(columns, levels, early)
    if limits is not None and rules.alap is Alap.TOTAL_FLOAT and limits.late.any():
        # As late as possible with its successors in tow: the late starts become the earliest ones.
        late_start = way_up(early, finishes).late[2 * levels.rank[:-1]]
        raised = np.maximum(columns.floor, late_start)
        columns.floor = np.where(limits.late, raised, columns.floor)
        early = forward(levels, down, clocks, columns.floor[order], length, starts)
        finishes = _finishes(columns, levels, early)
    back = way_up(early, finishes)
    if ceiling is not None:
        finishes = _finishes(columns, levels, early)
    return schedule_of(plan, rules, Computed(columns, limits, links, levels, down, early, back, finishes))


def _finishes(columns: Columns, levels: Levels, early: Ints) -> Ints:
    """Early finishes in wall minutes, per activity; zero for what takes no part."""
    work = early[2 * levels.rank[:-1] + 1]
    part = columns.taking_part
    if part.all():
        return columns.clocks.clock(columns.at, work, finish=True)
    finishes = np.zeros_like(work)
    finishes[part] = columns.clocks.clock(columns.at[part], work[part], finish=True)
    return finishes


def _ends(
    plan: Plan, rules: Rules, columns: Columns, levels: Levels, early: Ints, finishes: Ints
) -> tuple[Ints, Ints, Ints]:
    """By rank: latest finish of an open end, early finish that free float runs to, length from a late start on."""
    counted = columns.taking_part if columns.settled else columns.taking_part & ~columns.completed
    ends = np.full(len(plan.projects), MISSING)
    np.maximum.at(ends, columns.project[counted], finishes[counted])
    if rules.float_to is LatestFinish.PROGRAM or (ends == MISSING).all():
        ends[:] = ends.max()
    ends = np.where(ends == MISSING, columns.held_from, ends)
    must = [
        end if p.must_finish_by is None else p.must_finish_by
        for p, end in zip(plan.projects, ends, strict=True)
    ]
    order = levels.order
    latest = by_calendar(columns, np.array(must, dtype=np.int64))[order]
    furthest = by_calendar(columns, ends)[order]
    after_start = columns.length[order]
    if columns.settled:
        left = columns.left[order]
        after_start = np.where((left == MISSING) | (after_start == 0), after_start, left)
        done = columns.completed[order]
        latest[done] = furthest[done] = early[1::2][done]
        after_start[done] = columns.length[order][done]
    return latest, furthest, after_start
