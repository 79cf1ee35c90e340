"""What holds the activities of a plan from below, by columns, and the bounds of every date over all runs (numpy).

A bound on an activity's finish is kept as such, because the start it gives depends on the activity's length in the run.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from programs.engine.links import ALL_HOURS
from programs.engine.sweep_clocks import Bools, Clocks, Ints
from programs.engine.sweep_links import LinkColumns

FAR = 1 << 30
"""No place on a work axis and no wall minute lies further out: they are kept in 32 bits."""

SAME, BEFORE, AFTER, ELAPSED, THIRD = range(5)
"""Where a link's lag is counted: no conversion at all; on the predecessor's calendar, on the successor's, on the wall
clock, on another calendar."""


@dataclass(slots=True)
class Flows:
    """Links, and constraints on a finish, as bounds from below."""

    source: Ints
    """The activity whose place is read; -1: none, the bound is the lag itself."""
    from_finish: Bools
    """Its finish is read, else its start."""
    target: Ints
    at_finish: Bools
    """Holds the finish: the start is that less the activity's length."""
    behind: Ints
    """The predecessor to which a longest path goes on; -1 for a constraint."""
    via: Ints
    lag: Ints
    percent: Ints
    """Of the predecessor's length in the run, in place of `lag`; 0: the lag is the same in all runs."""
    here: Ints
    """The calendar of the place that is read."""
    point: Ints
    """Where there is more work than this it is read as the end of it, else as the beginning of the next."""
    there: Ints
    axis: Ints
    """The third calendar of `THIRD`."""
    third_at_finish: Bools

    def taken(self, which: Ints) -> Flows:
        """Some of them, in that order."""
        return Flows(*(getattr(self, field.name)[which] for field in fields(self)))

    def lags(self, length: Ints) -> Ints:
        """The lags in a run with these lengths of all activities."""
        follows = np.flatnonzero(self.percent)
        if not len(follows):
            return self.lag
        lag = self.lag.copy()
        lag[follows] = (length[self.source[follows]] * self.percent[follows] + 50) // 100
        return lag


def flows_of(links: LinkColumns, length: Ints, calendar: Ints, percent: Ints) -> Flows:
    """The links that hold their successors; `percent` belongs to the plan's links and is 0 where the lag is fixed.

    `length` is what the passes give each activity, with which the weights in `links` were made.
    """
    count = len(length)
    across = links.down
    acts = np.flatnonzero(links.acts())
    place = np.full(len(links.number), -1, dtype=np.int64)
    place[acts] = np.arange(len(acts))
    i, j, typ = links.predecessor[acts], links.successor[acts], links.typ[acts]
    at_finish = typ > 1
    arrives = np.where(at_finish, length[j], 0)
    fixed = links.slot[acts] == 2 * count
    flows = Flows(
        source=np.where(fixed, -1, i),
        from_finish=(typ & 1) == 0,
        target=j,
        at_finish=at_finish,
        behind=i,
        via=np.full(len(acts), SAME, dtype=np.int64),
        lag=links.weight[acts] + arrives,
        percent=percent[links.number[acts]] if len(percent) else np.zeros(len(acts), dtype=np.int64),
        here=calendar[i],
        point=np.zeros(len(acts), dtype=np.int64),
        there=calendar[j],
        axis=np.full(len(acts), ALL_HOURS, dtype=np.int64),
        third_at_finish=np.zeros(len(acts), dtype=np.bool_),
    )
    n = place[across.link]
    after = across.after + arrives[n]
    flows.source[n] = i[n]
    flows.point[n] = across.point
    flows.via[n] = np.select(
        [across.before != 0, across.elapsed != 0, across.third], [BEFORE, ELAPSED, THIRD], AFTER
    )
    flows.lag[n] = np.select(
        [across.before != 0, across.elapsed != 0, across.third],
        [across.before, across.elapsed, across.lag],
        after,
    )
    flows.axis[n] = np.where(across.third, Clocks.calendars(across.axis), ALL_HOURS)
    flows.third_at_finish[n] = across.third_at_finish
    flows.percent[(flows.source < 0) | (flows.lag == 0)] = 0  # a lag that is spent, or too small for a minute
    return flows


@dataclass(slots=True)
class Span:
    """The wall minutes touched so far."""

    low: int = 1 << 60
    high: int = -(1 << 60)

    def touch(self, moments: Ints) -> None:
        """Make it reach over these."""
        if moments.size:
            self.low = min(self.low, int(moments.min()))
            self.high = max(self.high, int(moments.max()))


def crossed(flows: Flows, which: Ints, work: Ints, lag: Ints, clocks: Clocks, span: Span) -> Ints:
    """The bounds of flows between calendars from places `work` of their sources, by the calendars themselves."""
    via = flows.via[which]
    work = work + np.where(via == BEFORE, lag, 0)
    moment = clocks.clock(clocks.keys(flows.here[which]), work, work > flows.point[which])
    span.touch(moment)
    third = np.flatnonzero(via == THIRD)
    if len(third):
        axis = clocks.keys(flows.axis[which[third]])
        run = clocks.work_at(axis, moment[third]) + lag[third]
        moment[third] = clocks.clock(axis, run, flows.third_at_finish[which[third]])
    moment += np.where(via == ELAPSED, lag, 0)
    span.touch(moment)
    bound: Ints = clocks.work_at(clocks.keys(flows.there[which]), moment)
    bound += np.where(via == AFTER, lag, 0)
    return bound
