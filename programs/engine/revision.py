"""What people see of a schedule, brought up to date for the activities that changed: dates, drivers, reasons, findings.

Each function says for one activity or link what `dates`, `longest_path` and `reasons` say for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from programs.engine.growing import Net
from programs.engine.layout import NEVER, Layout
from programs.engine.links import crossed
from programs.engine.plan import Kind, Plan, Rules
from programs.engine.reasons import must_finish_by, out_of_sequence
from programs.engine.result import Finding, FindingKind, Schedule, Why


def show_early(
    plan: Plan,
    layout: Layout,
    early: list[int],
    finishes: list[int],
    result: Schedule,
    activities: Iterable[int],
) -> None:
    """Write the early dates of some activities into the result, as `dates.shown` does."""
    start_time = [calendar.start_time for calendar in plan.calendars]
    calendar, length, base, started = plan.calendar, layout.length, layout.base, layout.started
    early_start, early_finish, remaining_start = (
        result.early_start,
        result.early_finish,
        result.remaining_start,
    )
    for i in activities:
        begin, ef = early[2 * i], finishes[i]
        if length[i]:
            es = start_time[calendar[i]](begin)
        elif begin <= base[i] or (plan.kind and plan.kind[i] == Kind.START_MILESTONE):
            es = ef = start_time[calendar[i]](begin)
        else:
            es = ef
        remaining = es
        if started and i in started:
            begun, ended = plan.actual_start[i], plan.actual_finish[i] if plan.actual_finish else None
            if begun is not None:
                es = begun
            if ended is not None:
                ef = remaining = ended
        early_start[i], early_finish[i], remaining_start[i] = es, ef, remaining


def show_late(
    plan: Plan, layout: Layout, late: list[int], result: Schedule, activities: Iterable[int]
) -> None:
    """Write the late dates of some activities into the result, as `dates.shown` does."""
    start_time = [calendar.start_time for calendar in plan.calendars]
    finish_time = [calendar.finish_time for calendar in plan.calendars]
    calendar, length, base, started = plan.calendar, layout.length, layout.base, layout.started
    late_start, late_finish = result.late_start, result.late_finish
    for i in activities:
        c, begin = calendar[i], late[2 * i]
        if length[i]:
            ls, lf = start_time[c](begin), finish_time[c](late[2 * i + 1])
        elif begin <= base[i] or (plan.kind and plan.kind[i] == Kind.START_MILESTONE):
            ls = lf = start_time[c](begin)
        else:
            ls = lf = finish_time[c](late[2 * i + 1])
        if started and i in started:
            begun, ended = plan.actual_start[i], plan.actual_finish[i] if plan.actual_finish else None
            if begun is not None:
                ls = begun
            if ended is not None:
                lf = ended
        late_start[i], late_finish[i] = ls, lf


def redrive(
    plan: Plan, layout: Layout, early: list[int], driving: list[bool], links: Iterable[int]
) -> set[int]:
    """Bring the driving flags of some links up to date; gives the successors of those that changed."""
    slot, weight, crossing, successor = layout.slot, layout.weight, layout.crossing, plan.successor
    changed = set()
    for k in links:
        j = successor[k]
        way = crossing.get(k)
        bound = early[slot[k]] + weight[k] if way is None else crossed(early, way)
        drives = bound == early[2 * j]
        if driving[k] is not drives:
            driving[k] = drives
            changed.add(j)
    return changed


def give_reasons(
    plan: Plan,
    layout: Layout,
    net: Net,
    early: list[int],
    moved: set[int],
    result: Schedule,
    activities: Iterable[int],
) -> None:
    """Write why some activities begin when they do into the result, as `reasons.reasons` does."""
    project = plan.project or bytes(len(plan.duration))
    first = [
        Why.PROJECT_START if held == frame.start else Why.STATUS_DATE
        for held, frame in zip(layout.held_from, plan.projects, strict=True)
    ]
    driving = result.driving
    for i in activities:
        driver = next((k for k in net.into[i] if driving[k]), -1)
        why = first[project[i]] if driver < 0 else Why.LINK
        bounds = layout.bounds.get(i)
        if i in layout.started:
            why = Why.ACTUAL
        elif bounds is not None:
            start, length = early[2 * i], layout.length[i]
            if bounds.late and (i in moved or (driver < 0 and start == layout.floor[i] > layout.base[i])):
                why = Why.AS_LATE_AS_POSSIBLE
            elif driver < 0:
                held = start in (bounds.start, bounds.lowest) or start == bounds.highest - length
                if held and (start != layout.base[i] or bounds.start is not None):
                    why = Why.CONSTRAINT
        result.driver[i], result.why[i] = driver, why


def only(plan: Plan, links: Sequence[int]) -> Plan:
    """The plan with some of its links and no others."""
    return replace(
        plan,
        predecessor=[plan.predecessor[k] for k in links],
        successor=[plan.successor[k] for k in links],
        link_kind=[plan.link_kind[k] for k in links] if plan.link_kind else (),
        lag=(),
        lag_unit=(),
    )


def disorder(plan: Plan, links: Sequence[int]) -> dict[int, Finding]:
    """Per link of some, the finding where progress did not keep to it."""
    if not plan.actual_start:
        return {}
    return {
        links[found.link]: found._replace(link=links[found.link])
        for found in out_of_sequence(only(plan, links))
    }


def findings(
    plan: Plan,
    rules: Rules,
    layout: Layout,
    net: Net,
    early: list[int],
    early_finish: list[int],
    unkept: dict[int, Finding],
) -> list[Finding]:
    """What `reasons.findings_of` finds, with the links that progress did not keep to (`unkept`) given."""
    winning = sorted(
        i
        for i, bounds in layout.bounds.items()
        if i not in layout.started
        and i not in net.idle
        and (bounds.start is not None or (rules.late_constraints_pull and bounds.highest < -NEVER))
    )
    found = [
        Finding(FindingKind.CONSTRAINT_BEFORE_START, activity=i, minutes=layout.base[i] - early[2 * i])
        for i in winning
        if early[2 * i] < layout.base[i]
    ]
    broken = []
    for j in winning:
        for k in net.into[j]:
            way = layout.crossing.get(k)
            bound = early[layout.slot[k]] + layout.weight[k] if way is None else crossed(early, way)
            if bound > early[2 * j]:
                broken.append(
                    Finding(
                        FindingKind.CONSTRAINT_BREAKS_LINK, activity=j, link=k, minutes=bound - early[2 * j]
                    )
                )
    found += sorted(broken, key=lambda one: one.link)
    for i, date in enumerate(plan.deadline):
        if date is not None and i not in net.idle and early_finish[i] > date:
            late = plan.calendars[plan.calendar[i]].between(date, early_finish[i])
            if late > 0:
                found.append(Finding(FindingKind.DEADLINE_MISSED, activity=i, minutes=late))
    found += must_finish_by(plan, layout, early_finish)
    found += [unkept[k] for k in sorted(unkept)]
    found += [Finding(FindingKind.LINK_IGNORED, link=k) for k in layout.ignored_links]
    return found
