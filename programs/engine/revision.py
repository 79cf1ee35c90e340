"""What people see of a schedule, brought up to date for the activities that changed: dates, drivers, reasons, findings.

Each function says for one activity or link what `dates`, `longest_path` and `reasons` say for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from programs.engine.layout import NEVER, Layout
from programs.engine.links import crossed
from programs.engine.plan import Kind, LatestFinish, Plan, Rules
from programs.engine.reasons import must_finish_by, out_of_sequence
from programs.engine.relaying import Net
from programs.engine.result import Finding, FindingKind, Schedule, Why


def show(
    plan: Plan,
    layout: Layout,
    early: list[int],
    late: list[int],
    finishes: list[int],
    result: Schedule,
    activities: Iterable[int],
) -> None:
    """Write the dates of some activities into the result, as `dates.shown` does."""
    start_time = [calendar.start_time for calendar in plan.calendars]
    finish_time = [calendar.finish_time for calendar in plan.calendars]
    calendar, length, base, started = plan.calendar, layout.length, layout.base, layout.started
    early_start, early_finish, late_start, late_finish, remaining_start = (
        result.early_start,
        result.early_finish,
        result.late_start,
        result.late_finish,
        result.remaining_start,
    )
    for i in activities:
        c, begin, last_begin = calendar[i], early[2 * i], late[2 * i]
        end, last_end = early[2 * i + 1], late[2 * i + 1]
        es, ef = start_time[c](begin), finishes[i]
        ls = es if begin == last_begin else start_time[c](last_begin)
        lf = ef if end == last_end else finish_time[c](last_end)
        if not length[i]:
            start_milestone = bool(plan.kind) and plan.kind[i] == Kind.START_MILESTONE
            if start_milestone or begin <= base[i]:
                ef = es
            else:
                es = ef
            if start_milestone or last_begin <= base[i]:
                lf = ls
            else:
                ls = lf
        remaining = es
        if started and i in started:
            begun, ended = plan.actual_start[i], plan.actual_finish[i] if plan.actual_finish else None
            if begun is not None:
                es = ls = begun
            if ended is not None:
                ef = lf = remaining = ended
        early_start[i], early_finish[i], late_start[i], late_finish[i] = es, ef, ls, lf
        remaining_start[i] = remaining


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


def trace(
    plan: Plan, rules: Rules, layout: Layout, net: Net, driving: list[bool], finishes: list[int]
) -> list[bool]:
    """The longest path, as `longest_path.longest_path` marks it."""
    on_path = [False] * len(plan.duration)
    done, order = layout.completed, layout.order
    live = [i for i in order if i not in done] if done else order
    if not live:
        return on_path
    if rules.longest_path_to is LatestFinish.PROGRAM or not plan.project:
        for i in _driven(plan, net, driving, live, finishes) - done:
            on_path[i] = True
        return on_path
    members: dict[int, list[int]] = {}
    for i in live:
        members.setdefault(plan.project[i], []).append(i)
    for p, own in members.items():
        for i in _driven(plan, net, driving, own, finishes) - done:
            if plan.project[i] == p:
                on_path[i] = True
    return on_path


def _driven(
    plan: Plan, net: Net, driving: list[bool], activities: list[int], finishes: list[int]
) -> set[int]:
    """The last of some activities and all that drives them."""
    reached = [finishes[i] for i in activities]
    last = max(reached)
    waiting = [i for i, finish in zip(activities, reached, strict=True) if finish == last]
    seen = set(waiting)
    into, predecessor = net.into, plan.predecessor
    while waiting:
        for k in into[waiting.pop()]:
            if driving[k] and (i := predecessor[k]) not in seen:
                seen.add(i)
                waiting.append(i)
    return seen


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
        links[found.link]: replace(found, link=links[found.link])
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
