"""From the passes of a large plan to its `Schedule`: `dates`, `longest_path` and `reasons` by columns (numpy)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from programs.engine.layout import NEVER
from programs.engine.longest_path import traced
from programs.engine.plan import Kind, LatestFinish, LinkKind, Plan, Rules
from programs.engine.result import Finding, FindingKind, Schedule, Why
from programs.engine.rollup import roll_up
from programs.engine.sweep_clocks import Bools, Ints
from programs.engine.sweep_layout import MISSING, Columns, Limits, dates, small, whole
from programs.engine.sweep_links import LinkColumns
from programs.engine.sweep_network import Levels
from programs.engine.sweep_passes import Late, Side

_REASONS = list(Why)


@dataclass(slots=True)
class Computed:
    """All that the passes worked out."""

    columns: Columns
    limits: Limits | None
    links: LinkColumns
    levels: Levels
    down: Side
    early: Ints
    """Slots by rank, as those of `back`."""
    back: Late
    finishes: Ints
    """Per activity, early finishes in wall minutes."""


@dataclass(slots=True)
class _Base:
    base: Sequence[int]


class _Drivers:
    """Per activity, the predecessors that drive it; driving links are sorted by the rank of their successors."""

    def __init__(self, levels: Levels, bounded: Ints, predecessor: Ints) -> None:
        begins = np.searchsorted(bounded, np.arange(len(levels.order) + 1))
        self._low, self._high = begins[levels.rank[:-1]].tolist(), begins[levels.rank[:-1] + 1].tolist()
        self._predecessor: list[int] = predecessor.tolist()

    def get(self, activity: int, _: tuple[()], /) -> list[int]:
        """Those of one activity."""
        return self._predecessor[self._low[activity] : self._high[activity]]


def schedule_of(plan: Plan, rules: Rules, done: Computed) -> Schedule:
    """Dates, floats, path, reasons and findings."""
    columns, levels, links = done.columns, done.levels, done.links
    rank, count = levels.rank[:-1], len(plan.duration)
    completed = columns.completed
    early_start, early_finish = done.early[2 * rank], done.early[2 * rank + 1]
    late_start, late_finish = done.back.late[2 * rank], done.back.late[2 * rank + 1]
    total, free = late_finish - early_finish, done.back.free[rank]
    total[completed] = free[completed] = 0

    bounds = done.down.bounds(columns.clocks, done.early, (0, len(links.number), 0, len(done.down.ways.link)))
    starts = done.early[2 * done.down.bounded]
    hits = np.flatnonzero(bounds == starts)
    driving = np.zeros(len(plan.predecessor), dtype=np.bool_)
    driving[links.number[done.down.order[hits]]] = True
    driver = np.full(count, -1)
    driven = done.down.bounded[hits]
    first = np.flatnonzero(np.diff(driven, prepend=-1))  # links of one successor are in their own order
    driver[levels.order[driven[first]]] = links.number[done.down.order[hits[first]]]
    drivers = _Drivers(levels, driven, links.predecessor[done.down.order[hits]])
    on_path = _longest_path(rules, plan, columns, drivers, done.finishes)
    shown = _shown(done, early_start, late_start, late_finish)
    ends = np.full(len(plan.projects), MISSING)
    part = columns.taking_part
    np.maximum.at(ends, columns.project[part], shown[1][part])
    project_finish = [
        frame.start if end == MISSING else end
        for frame, end in zip(plan.projects, ends.tolist(), strict=True)
    ]
    why = _why(plan, done, early_start, driver)
    result = Schedule(
        early_start=shown[0].tolist(),
        early_finish=shown[1].tolist(),
        late_start=shown[2].tolist(),
        late_finish=shown[3].tolist(),
        remaining_start=shown[4].tolist(),
        total_float=total.tolist(),
        free_float=free.tolist(),
        interfering_float=[],
        on_longest_path=on_path.tolist(),
        critical=_critical(plan, columns, total, on_path).tolist(),
        why=[_REASONS[code] for code in why.tolist()],
        driver=driver.tolist(),
        driving=driving.tolist(),
        findings=_findings(plan, rules, done, early_start, shown[1], bounds - starts, project_finish),
        project_finish=project_finish,
        finish=max(project_finish),
    )
    if plan.kind:
        result.findings.extend(roll_up(plan, _Base(columns.base.tolist()), result))
        total, free = whole(result.total_float), whole(result.free_float)
    result.interfering_float.extend((total - free).tolist())
    return result


def _shown(done: Computed, early: Ints, late: Ints, late_finish: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Early and late starts and finishes and the start of what remains, in wall minutes: `dates.shown`."""
    columns = done.columns
    clocks, at = columns.clocks, columns.at
    early_start, early_finish = clocks.clock(at, early, finish=False), done.finishes.copy()
    late_start, last_finish = early_start.copy(), early_finish.copy()
    n = np.flatnonzero(late != early)
    late_start[n] = clocks.clock(at[n], late[n], finish=False)
    n = np.flatnonzero(late_finish != done.early[2 * done.levels.rank[:-1] + 1])
    last_finish[n] = clocks.clock(at[n], late_finish[n], finish=True)
    n = np.flatnonzero(columns.length == 0)
    if len(n):
        # A point in time begins and ends at one moment; see `dates`.
        for starts, finishes, work in (
            (early_start, early_finish, early),
            (late_start, last_finish, late),
        ):
            at_start = (columns.kind[n] == Kind.START_MILESTONE) | (work[n] <= columns.base[n])
            starts[n] = finishes[n] = np.where(at_start, starts[n], finishes[n])
    remaining = early_start.copy()
    s, c = columns.started, columns.completed
    early_start[s] = late_start[s] = columns.begun[s]
    early_finish[c] = last_finish[c] = remaining[c] = columns.ended[c]
    return early_start, early_finish, late_start, last_finish, remaining


def _longest_path(rules: Rules, plan: Plan, columns: Columns, drivers: _Drivers, finishes: Ints) -> Bools:
    """`longest_path.longest_path`: the last activities are found by columns, their chains one by one."""
    live = columns.taking_part & ~columns.completed
    on_path = np.zeros(len(finishes), dtype=np.bool_)
    if not live.any():
        return on_path
    if rules.longest_path_to is LatestFinish.PROGRAM or not plan.project:
        last = np.flatnonzero(live & (finishes == finishes[live].max()))
        on_path[list(traced(last.tolist(), drivers))] = True
        return on_path & ~columns.completed
    ends = np.full(len(plan.projects), MISSING)
    np.maximum.at(ends, columns.project[live], finishes[live])
    last = np.flatnonzero(live & (finishes == ends[columns.project]))
    members: dict[int, list[int]] = {}
    for i, p in zip(last.tolist(), columns.project[last].tolist(), strict=True):
        members.setdefault(p, []).append(i)
    for p, own in members.items():
        path = np.array(list(traced(own, drivers)))
        on_path[path[columns.project[path] == p]] = True
    return on_path & ~columns.completed


def _critical(plan: Plan, columns: Columns, total: Ints, on_path: Bools) -> Bools:
    """The longest path, except in projects that set a threshold on total float."""
    thresholds = [p.critical_float for p in plan.projects]
    if all(threshold is None for threshold in thresholds):
        return on_path
    by_float = np.array([t is not None for t in thresholds], dtype=np.bool_)[columns.project]
    limit = np.array([t or 0 for t in thresholds], dtype=np.int64)[columns.project]
    within = (total <= limit) & ~columns.completed
    return np.where(by_float & columns.taking_part, within, on_path)


def _why(plan: Plan, done: Computed, early: Ints, driver: Ints) -> Ints:
    """Per activity, the place of its reason in `_REASONS`: `reasons.reasons`."""
    columns, limits = done.columns, done.limits
    begins = np.array([p.start for p in plan.projects], dtype=np.int64)
    at_start, at_status = _REASONS.index(Why.PROJECT_START), _REASONS.index(Why.STATUS_DATE)
    why = np.where(columns.held_from == begins, at_start, at_status)[columns.project]
    why[driver >= 0] = _REASONS.index(Why.LINK)
    if limits is not None:
        fixed = limits.start != MISSING
        alone = driver < 0
        held = fixed & (early == limits.start)
        held |= (early == limits.lowest) | (early == limits.highest - columns.length)
        held &= limits.bound & alone & ~columns.started & ((early != columns.base) | fixed)
        moved = done.back.moved[done.levels.rank[:-1]]
        waits = moved | (alone & (early == columns.floor) & (columns.floor > columns.base))
        waits &= limits.late
        why[held & ~waits] = _REASONS.index(Why.CONSTRAINT)
        why[waits] = _REASONS.index(Why.AS_LATE_AS_POSSIBLE)
    why[columns.started] = _REASONS.index(Why.ACTUAL)
    return why


def _findings(
    plan: Plan,
    rules: Rules,
    done: Computed,
    early: Ints,
    early_finish: Ints,
    excess: Ints,
    project_finish: list[int],
) -> list[Finding]:
    """`reasons.findings_of`, in the same order; `excess` is by how much each link's bound lies after the start."""
    columns, limits, links = done.columns, done.limits, done.links
    clocks, at = columns.clocks, columns.at
    found: list[Finding] = []
    if limits is not None:
        wins = limits.start != MISSING
        if rules.late_constraints_pull:
            wins = wins | (limits.highest < -NEVER)
        wins &= ~columns.started & columns.taking_part
        n = np.flatnonzero(wins & (early < columns.base))
        found += _told(FindingKind.CONSTRAINT_BEFORE_START, n, columns.base[n] - early[n])
        n = np.flatnonzero((excess > 0) & wins[done.levels.order[done.down.bounded]])
        k = links.number[done.down.order[n]]
        n = n[np.argsort(k)]
        k.sort()
        j = done.levels.order[done.down.bounded[n]]
        found += _told(FindingKind.CONSTRAINT_BREAKS_LINK, j, excess[n], k)
    deadline = dates(plan.deadline, len(early))
    n = np.flatnonzero((deadline != MISSING) & (early_finish > deadline) & columns.taking_part)
    late = clocks.work_at(at[n], early_finish[n]) - clocks.work_at(at[n], deadline[n])
    found += _told(FindingKind.DEADLINE_MISSED, n[late > 0], late[late > 0])
    found += _must_finish_by(plan, columns, early_finish, project_finish)
    if columns.started.any():
        found += _out_of_sequence(plan, columns)
    if len(links.number) < len(plan.predecessor):
        summary = columns.kind == Kind.SUMMARY
        ignored = np.flatnonzero(summary[whole(plan.predecessor)] | summary[whole(plan.successor)])
        found += [Finding(FindingKind.LINK_IGNORED, link=k) for k in ignored.tolist()]
    return found


def _told(kind: FindingKind, activity: Ints, minutes: Ints, link: Ints | None = None) -> list[Finding]:
    numbers = [-1] * len(activity) if link is None else link.tolist()
    return [
        Finding(kind, activity=i, link=k, minutes=m)
        for i, k, m in zip(activity.tolist(), numbers, minutes.tolist(), strict=True)
    ]


def _must_finish_by(
    plan: Plan, columns: Columns, early_finish: Ints, project_finish: list[int]
) -> list[Finding]:
    """Projects that finish too late, with the first of the activities that end last."""
    found = []
    for p, frame in enumerate(plan.projects):
        limit = frame.must_finish_by
        if limit is None or project_finish[p] <= limit:
            continue
        last = columns.taking_part & (columns.project == p) & (early_finish == project_finish[p])
        if last.any():
            late = plan.calendars[frame.calendar].between(limit, project_finish[p])
            if late > 0:
                found.append(
                    Finding(
                        FindingKind.MUST_FINISH_BY_MISSED,
                        activity=int(np.argmax(last)),
                        project=p,
                        minutes=late,
                    )
                )
    return found


def _out_of_sequence(plan: Plan, columns: Columns) -> list[Finding]:
    """Links whose successor has begun (or ended) although the predecessor had not yet begun (or ended)."""
    i, j = whole(plan.predecessor), whole(plan.successor)
    typ = small(plan.link_kind, len(i))
    begun, ended = columns.begun, columns.ended
    needs_end = (typ == LinkKind.FINISH_START) | (typ == LinkKind.FINISH_FINISH)
    needed = np.where(needs_end, ended[i], begun[i])
    at_start = (typ == LinkKind.FINISH_START) | (typ == LinkKind.START_START)
    happened = np.where(at_start, begun[j], ended[j])
    k = np.flatnonzero((happened != MISSING) & ((needed == MISSING) | (needed > happened)))
    at, after, before = columns.at[j[k]], needed[k], happened[k]
    minutes = np.zeros(len(k), dtype=np.int64)
    n = np.flatnonzero(after != MISSING)
    clocks = columns.clocks
    minutes[n] = clocks.work_at(at[n], after[n]) - clocks.work_at(at[n], before[n])
    return _told(FindingKind.OUT_OF_SEQUENCE, j[k], minutes, k)
