"""The links of a large plan as arrays: `layout.connect` and `links` by columns (numpy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from programs.engine.layout import NEVER
from programs.engine.links import ALL_HOURS
from programs.engine.plan import Kind, LagCalendar, LagUnit, Plan, Progress, Rules
from programs.engine.sweep_clocks import Bools, Clocks, Ints
from programs.engine.sweep_layout import MISSING, Columns, small, whole

_ALWAYS_START, _ALWAYS_FINISH = 1 << 61, -(1 << 61)


@dataclass(slots=True)
class Ways:
    """Links across calendars in one direction, by columns; see `links.Crossing`."""

    link: Ints
    """Where in the arrays of links each of them stands."""
    slot: Ints
    before: Ints
    point: Ints
    """Read as the end of work where there is more of it than this, else as the beginning."""
    here: Ints
    elapsed: Ints
    there: Ints
    after: Ints
    third: Bools
    """Whether the lag runs on a third calendar, `axis`."""
    axis: Ints
    lag: Ints
    third_at_finish: Bools

    def taken(self, which: Ints) -> Ways:
        """Some of them, in that order."""
        return Ways(*(getattr(self, name)[which] for name in self.__slots__))

    def bounds(self, clocks: Clocks, slots: Ints, part: slice) -> Ints:
        """What each gives on its target's axis, from early or late slots: `links.crossed`."""
        work = slots[self.slot[part]] + self.before[part]
        t = clocks.clock(self.here[part], work, work > self.point[part])
        third = self.third[part]
        if third.any():
            axis, lag = self.axis[part][third], self.lag[part][third]
            run = clocks.work_at(axis, t[third]) + lag
            t[third] = clocks.clock(axis, run, self.third_at_finish[part][third])
        return clocks.work_at(self.there[part], t + self.elapsed[part]) + self.after[part]


@dataclass(slots=True)
class LinkColumns:
    """The links between activities that take part, and their bounds both ways; see `Layout.slot` to `up_weight`."""

    number: Ints
    """Per link here, its index in the plan."""
    predecessor: Ints
    successor: Ints
    typ: Ints
    slot: Ints
    """Of the predecessor: `2i + 1` for its finish, `2i` for its start; `2 * count` where nothing is read."""
    weight: Ints
    up_slot: Ints
    up_weight: Ints
    down: Ways
    up: Ways

    def acts(self) -> Bools:
        """Per link, whether it holds its successor in any way."""
        acts: Bools = self.weight > NEVER
        acts[self.down.link] = True
        return acts


def links_of(plan: Plan, rules: Rules, columns: Columns) -> LinkColumns:
    """All links that take part, with what progress makes of them."""
    count = len(columns.length)
    i, j = whole(plan.predecessor), whole(plan.successor)
    typ = small(plan.link_kind, len(i))
    number = np.arange(len(i))
    if not columns.taking_part.all():
        number = np.flatnonzero(columns.taking_part[i] & columns.taking_part[j])
        i, j, typ = i[number], j[number], typ[number]
    lag, axis = _lags(plan, columns, number, i, j)
    from_start = (typ & 1) == 1
    down, up = lag.copy(), lag.copy()
    holds = np.ones(len(i), dtype=np.bool_)
    holds_up, fixed = holds.copy(), np.full(len(i), MISSING)
    touched = np.flatnonzero(columns.started[i] | columns.started[j])
    if len(touched):
        n = touched
        holds[n], down[n], fixed[n], holds_up[n], up[n] = _under_progress(
            rules, columns, i[n], j[n], from_start[n], typ[n], lag[n], axis[n]
        )
    length, calendar = columns.length, columns.calendar
    same = calendar[i] == calendar[j]
    arrives = np.where(typ > 1, length[j], 0)
    leaves = np.where(from_start, length[i], 0)

    plain = same & ((down == 0) | (axis == calendar[i]))
    slot = np.where(holds & plain, 2 * i + 1 - (typ & 1), 2 * count)
    weight = np.where(holds & plain, down - arrives, NEVER)
    weight = np.where(fixed != MISSING, fixed, weight)
    n = np.flatnonzero(holds & ~plain)
    ways_down = _ways_down(columns, n, i[n], j[n], typ[n], down[n], axis[n], arrives[n])

    plain = same & ((up == 0) | (axis == calendar[i]))
    up_slot = np.where(holds_up & plain, 2 * j + (typ >> 1), 2 * count)
    up_weight = np.where(holds_up & plain, leaves - up, -NEVER)
    n = np.flatnonzero(holds_up & ~plain)
    ways_up = _ways_up(rules, columns, n, i[n], j[n], typ[n], up[n], axis[n], leaves[n])
    return LinkColumns(number, i, j, typ, slot, weight, up_slot, up_weight, ways_down, ways_up)


def _lags(plan: Plan, columns: Columns, number: Ints, i: Ints, j: Ints) -> tuple[Ints, Ints]:
    """Lags in minutes and the calendars they run on: `links.lag_of`."""
    if not plan.lag:
        return np.zeros(len(i), dtype=np.int64), np.full(len(i), ALL_HOURS)
    lag = whole(plan.lag)[number]
    unit = small(plan.lag_unit, len(plan.lag))[number]
    percent = unit == LagUnit.PERCENT
    if percent.any():
        lag = np.where(percent, (columns.duration[i] * lag + 50) // 100, lag)
    settings = list(LagCalendar)
    setting = np.array([settings.index(p.lag_calendar) for p in plan.projects])[columns.project[j]]
    default = np.array([p.calendar for p in plan.projects], dtype=np.int64)[columns.project[j]]
    axis = np.where(setting == settings.index(LagCalendar.SUCCESSOR), columns.calendar[j], default)
    axis = np.where(setting == settings.index(LagCalendar.PREDECESSOR), columns.calendar[i], axis)
    nowhere = (lag == 0) | (unit == LagUnit.ELAPSED) | (setting == settings.index(LagCalendar.ALL_HOURS))
    return lag, np.where(nowhere, ALL_HOURS, axis)


def _under_progress(
    rules: Rules,
    columns: Columns,
    i: Ints,
    j: Ints,
    from_start: Bools,
    typ: Ints,
    lag: Ints,
    axis: Ints,
) -> tuple[Bools, Ints, Ints, Bools, Ints]:
    """`Links.under_progress`: holds its successor, its lag; a fixed bound; holds its predecessor, its lag there."""
    i_started, j_started = columns.started[i], columns.started[j]
    i_done, j_done = columns.ended[i] != MISSING, columns.ended[j] != MISSING
    fixed, up = np.full(len(i), MISSING), lag.copy()
    if rules.progress is Progress.ACTUAL_DATES:
        return ~j_started, lag, fixed, ~(j_done | i_done | (from_start & i_started)), up
    down = lag.copy()
    if rules.progress is Progress.PROGRESS_OVERRIDE:
        holds, holds_up = ~(j_started | i_done), ~(j_started | (from_start & i_started))
    else:
        holds, holds_up = np.ones(len(i), dtype=np.bool_), np.ones(len(i), dtype=np.bool_)
        up[from_start & i_started] = 0  # its start no longer waits for the lag, but the logic stays
    actual = np.where(from_start, columns.begun[i], columns.ended[i])
    n = np.flatnonzero(holds & (actual != MISSING))
    until = _after(columns.clocks, actual[n], lag[n], axis[n], from_start[n])
    spent = until < columns.held_from[columns.project[j[n]]]
    down[n] = up[n[spent]] = 0
    n, until = n[~spent], until[~spent]
    work = columns.clocks.work_at(columns.at[j[n]], until)
    fixed[n] = work - np.where(typ[n] > 1, columns.length[j[n]], 0)
    holds[n] = False
    return holds, down, fixed, holds_up, up


def _after(clocks: Clocks, t: Ints, lag: Ints, axis: Ints, from_start: Bools) -> Ints:
    """The wall minutes `lag` after wall minutes `t`, at the beginning or the end of work."""
    until: Ints = t + np.where(axis == ALL_HOURS, lag, 0)
    n = np.flatnonzero((lag != 0) & (axis != ALL_HOURS))
    at = clocks.keys(axis[n])
    until[n] = clocks.clock(at, clocks.work_at(at, t[n]) + lag[n], ~from_start[n])
    return until


def _ways_down(
    columns: Columns, link: Ints, i: Ints, j: Ints, typ: Ints, lag: Ints, axis: Ints, arrives: Ints
) -> Ways:
    """`Links.down` by columns."""
    from_start = (typ & 1) == 1
    on_here = (lag != 0) & (axis == columns.calendar[i])
    on_there = ~on_here & ((lag == 0) | (axis == columns.calendar[j]))
    elapsed = ~on_here & ~on_there & (axis == ALL_HOURS)
    point = np.where(from_start, _ALWAYS_START, _ALWAYS_FINISH)
    stands = ~on_here & columns.is_end[i]
    point[stands] = columns.base[i[stands]]
    point[~on_here & (columns.kind[i] == Kind.START_MILESTONE)] = _ALWAYS_START
    return Ways(
        link=link,
        slot=2 * i + 1 - (typ & 1),
        before=np.where(on_here, lag, 0),
        point=point,
        here=columns.at[i],
        elapsed=np.where(elapsed, lag, 0),
        there=columns.at[j],
        after=np.where(on_there, lag, 0) - arrives,
        third=~(on_here | on_there | elapsed),
        axis=Clocks.keys(axis),
        lag=lag,
        third_at_finish=~from_start,
    )


def _ways_up(
    rules: Rules,
    columns: Columns,
    link: Ints,
    i: Ints,
    j: Ints,
    typ: Ints,
    lag: Ints,
    axis: Ints,
    leaves: Ints,
) -> Ways:
    """`Links.up` by columns."""
    on_there = (lag != 0) & (axis == columns.calendar[j])
    on_here = ~on_there & ((lag == 0) | (axis == columns.calendar[i]))
    elapsed = (lag != 0) & (axis == ALL_HOURS)
    at_finish = ~on_there & ((typ > 1) | columns.is_end[j]) & ~elapsed & (not rules.late_finish_at_next_work)
    return Ways(
        link=link,
        slot=2 * j + (typ >> 1),
        before=np.where(on_there, -lag, 0),
        point=np.where(at_finish, _ALWAYS_FINISH, _ALWAYS_START),
        here=columns.at[j],
        elapsed=np.where(elapsed, -lag, 0),
        there=columns.at[i],
        after=leaves - np.where(on_here, lag, 0),
        third=~(on_there | on_here | elapsed),
        axis=Clocks.keys(axis),
        lag=-lag,
        third_at_finish=np.zeros(len(i), dtype=np.bool_),
    )
