"""Why each date is what it is, and what about a computed schedule deserves a look."""

from __future__ import annotations

from dataclasses import dataclass

from programs.engine.layout import NEVER, Layout
from programs.engine.links import crossed, lag_of
from programs.engine.plan import Kind, Plan, Rules
from programs.engine.result import Finding, FindingKind, Schedule, Why


def reasons(
    plan: Plan, layout: Layout, early: list[int], driving: list[bool], moved: set[int]
) -> tuple[list[Why], list[int]]:
    """Per activity, what holds its early start, and the first driving link of the work still to do (or -1)."""
    project = plan.project or bytes(len(plan.duration))
    first = [
        Why.PROJECT_START if held == frame.start else Why.STATUS_DATE
        for held, frame in zip(layout.held_from, plan.projects, strict=True)
    ]
    why = [first[p] for p in project]
    driver = [-1] * len(why)
    for k in range(len(driving) - 1, -1, -1):
        if driving[k]:
            driver[plan.successor[k]] = k
            why[plan.successor[k]] = Why.LINK
    for i, bounds in layout.bounds.items():
        start, length = early[2 * i], layout.length[i]
        if bounds.late and (i in moved or (driver[i] < 0 and start == layout.floor[i] > layout.base[i])):
            why[i] = Why.AS_LATE_AS_POSSIBLE
        elif driver[i] < 0 and i not in layout.started:
            held = start in (bounds.start, bounds.lowest) or start == bounds.highest - length
            if held and (start != layout.base[i] or bounds.start is not None):
                why[i] = Why.CONSTRAINT
    for i in layout.started:
        why[i] = Why.ACTUAL
    return why, driver


def findings_of(
    plan: Plan, rules: Rules, layout: Layout, early: list[int], early_finish: list[int]
) -> list[Finding]:
    """Broken constraints, missed dates, progress out of sequence and links that were left out, in that order."""
    found: list[Finding] = []
    # Levels of effort and summaries have no dates of their own yet, and none that a constraint or deadline moves.
    idle = {i for i, kind in enumerate(plan.kind) if kind >= Kind.LEVEL_OF_EFFORT}
    winning = {
        i
        for i, bounds in layout.bounds.items()
        if i not in layout.started
        and i not in idle
        and (bounds.start is not None or (rules.late_constraints_pull and bounds.highest < -NEVER))
    }
    if winning:
        found.extend(
            Finding(FindingKind.CONSTRAINT_BEFORE_START, activity=i, minutes=layout.base[i] - early[2 * i])
            for i in sorted(winning)
            if early[2 * i] < layout.base[i]
        )
        for k, j in enumerate(plan.successor):
            if j in winning:
                way = layout.crossing.get(k)
                bound = early[layout.slot[k]] + layout.weight[k] if way is None else crossed(early, way)
                if bound > early[2 * j]:
                    broken = FindingKind.CONSTRAINT_BREAKS_LINK
                    found.append(Finding(broken, activity=j, link=k, minutes=bound - early[2 * j]))
    for i, date in enumerate(plan.deadline):
        if date is not None and early_finish[i] > date and i not in idle:
            late = plan.calendars[plan.calendar[i]].between(date, early_finish[i])
            if late > 0:
                found.append(Finding(FindingKind.DEADLINE_MISSED, activity=i, minutes=late))
    found.extend(must_finish_by(plan, layout, early_finish))
    if layout.started:
        found.extend(out_of_sequence(plan))
    found.extend(Finding(FindingKind.LINK_IGNORED, link=k) for k in layout.ignored_links)
    return found


def must_finish_by(plan: Plan, layout: Layout, early_finish: list[int]) -> list[Finding]:
    """Projects that finish too late, by working time on the project's calendar, with the activity that ends last."""
    limits = {p: date for p, frame in enumerate(plan.projects) if (date := frame.must_finish_by) is not None}
    if not limits:
        return []
    project = plan.project or bytes(len(plan.duration))
    last: dict[int, int] = {}
    for i in layout.order:
        p = project[i]
        if p in limits and (p not in last or (early_finish[i], -i) > (early_finish[last[p]], -last[p])):
            last[p] = i  # of several that end together, the first in the plan
    found = []
    for p, i in sorted(last.items()):
        if early_finish[i] > limits[p]:
            late = plan.calendars[plan.projects[p].calendar].between(limits[p], early_finish[i])
            if late > 0:
                found.append(Finding(FindingKind.MUST_FINISH_BY_MISSED, activity=i, project=p, minutes=late))
    return found


def out_of_sequence(plan: Plan) -> list[Finding]:
    """Links whose successor has begun (or ended) although the predecessor had not yet begun (or ended).

    Lags are left aside: what is told is that the order was not kept, not by how many days.
    """
    found = []
    begun, ended = plan.actual_start, plan.actual_finish or [None] * len(plan.duration)
    kinds = plan.link_kind or bytes(len(plan.predecessor))
    for k, (i, j, kind) in enumerate(zip(plan.predecessor, plan.successor, kinds, strict=True)):
        happened = ended[j] if kind > 1 else begun[j]
        if happened is None:
            continue
        needed = begun[i] if kind & 1 else ended[i]
        if needed is None or needed > happened:
            minutes = 0 if needed is None else plan.calendars[plan.calendar[j]].between(happened, needed)
            found.append(Finding(FindingKind.OUT_OF_SEQUENCE, activity=j, link=k, minutes=minutes))
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an activity begins when it does, as data for a page; indices are -1 where they do not apply."""

    why: Why
    date: int
    """The early start (or actual start) in wall minutes."""
    calendar: int
    """The activity's calendar, on which the date was found."""
    link: int = -1
    """The first driving link of the work still to do, even where the start itself is an actual date."""
    predecessor: int = -1
    predecessor_calendar: int = -1
    lag: int = 0
    """Minutes that the driving link adds, and the calendar they run on (-1: the wall clock, or no lag)."""
    lag_calendar: int = -1
    others: tuple[int, ...] = ()
    """Further driving links, equally late."""


def explain(plan: Plan, schedule: Schedule, activity: int) -> Reason:
    """Why this date: what holds one activity, with the calendars it was worked out on."""
    link = schedule.driver[activity]
    predecessor = plan.predecessor[link] if link >= 0 else -1
    others = tuple(
        k
        for k, (j, drives) in enumerate(zip(plan.successor, schedule.driving, strict=True))
        if drives and j == activity and k != link
    )
    lag, lag_calendar = lag_of(plan, link) if link >= 0 else (0, -1)
    return Reason(
        why=schedule.why[activity],
        date=schedule.early_start[activity],
        calendar=plan.calendar[activity],
        link=link,
        predecessor=predecessor,
        predecessor_calendar=plan.calendar[predecessor] if predecessor >= 0 else -1,
        lag=lag,
        lag_calendar=lag_calendar,
        others=others,
    )
