"""Points 12 to 14: does the critical path carry a delay to the finish, has it room, is the work done as baselined."""

from __future__ import annotations

from dataclasses import replace

from programs.engine.assessment import Check, Offence, Point, not_applicable, point
from programs.engine.critical_path import schedule
from programs.engine.health_counts import NO_BASELINE, NO_STATUS_DATE, NOTHING_LEFT, Population, due
from programs.engine.plan import Kind, LatestFinish, Plan, Progress, Rules
from programs.engine.result import Schedule
from programs.engine.worktime import BeyondCalendar


def own_path(of: Population) -> list[bool]:
    """Who lies on the path to the finish assessed: the program's, or (one more pass) the project's own."""
    if of.only is None:
        return of.result.on_longest_path
    if of.rules.longest_path_to is LatestFinish.EACH_PROJECT:
        return of.result.on_longest_path
    return schedule(of.plan, replace(of.rules, longest_path_to=LatestFinish.EACH_PROJECT)).on_longest_path


def finish_of(of: Population, result: Schedule) -> int:
    """Wall minute of the finish assessed."""
    return result.finish if of.only is None else result.project_finish[of.only]


def delayed(plan: Plan, rules: Rules, i: int, minutes: int) -> Plan:
    """The plan in which the work left of one activity takes so many working minutes longer."""
    left = plan.remaining[i] if plan.remaining and plan.actual_start else None
    started = bool(plan.actual_start) and plan.actual_start[i] is not None
    if started and left is not None and rules.progress is not Progress.ACTUAL_DATES:
        remaining = list(plan.remaining)
        remaining[i] = left + minutes
        return replace(plan, remaining=remaining)
    duration = list(plan.duration)
    duration[i] += minutes
    return replace(plan, duration=duration)


def critical_path_test(of: Population, path: list[bool]) -> Point:
    """Point 12: the first open critical activity takes 600 days longer; the finish must show it.

    A copy is scheduled. The finish is the activity that ends last now (of several, the one that moves most): the end
    of the plan alone would hide a nailed-down last activity behind the delayed ones. Delay and move are working
    minutes on the delayed activity's calendar.
    """
    limit, result = of.limits.passed_on, of.result
    open_path = [i for i in of.left if path[i]]
    if not open_path:
        reason = "No open activity lies on the critical path." if of.left else NOTHING_LEFT
        return not_applicable(Check.CRITICAL_PATH_TEST, limit, reason)
    first = min(open_path, key=lambda i: (result.remaining_start[i], result.early_finish[i], i))
    delay = of.limits.delay_days * of.facts.day[first]
    ending = [i for i in range(len(of.facts.day)) if of.has(i) and path[i] and not of.complete(i)]
    end = max(result.early_finish[i] for i in ending)
    try:
        after = schedule(delayed(of.plan, of.rules, first, delay), of.rules)
        moved = max(
            of.work_between(first, end, after.early_finish[i])
            for i in ending
            if result.early_finish[i] == end
        )
    except BeyondCalendar as beyond:
        return not_applicable(Check.CRITICAL_PATH_TEST, limit, f"It cannot be tested: {beyond}.")
    stopped = [] if moved >= limit * delay else [Offence(first, minutes=delay - moved)]
    if stopped:  # what held it: hard dates behind the delayed activity that now break
        held = {
            one.activity: one.minutes
            for one in set(after.findings) - set(result.findings)
            if 0 <= one.activity < len(of.facts.day) and one.activity != first
        }
        stopped += [Offence(i, minutes=late) for i, late in held.items()]
    return point(Check.CRITICAL_PATH_TEST, moved, delay, limit, stopped, nothing=NOTHING_LEFT)


def length_index(of: Population, path: list[bool]) -> Point:
    """Point 13, CPLI: (length of the critical path + total float of the finish) / length of the critical path.

    Length: working time from now (the status date, else the first open work of the path) to the finish, on
    `Facts.calendar`. Float of the finish: the engine's where the plan itself says by when to finish (a date the
    project must finish by; a deadline or constraint that it misses), else the working time to the promised finish,
    else to the last baseline finish. With none of them there is nothing to compare with.
    """
    limit, calendar = of.limits.length_index, of.plan.calendars[of.facts.calendar]
    on_path = [i for i in range(len(of.facts.day)) if path[i] and of.has(i) and not of.complete(i)]
    if not on_path:
        return not_applicable(Check.CRITICAL_PATH_LENGTH_INDEX, limit, NOTHING_LEFT)
    finish = finish_of(of, of.result)
    known = [
        frame.status_date
        for p, frame in enumerate(of.plan.projects)
        if frame.status_date is not None and of.only in (None, p)
    ]
    now = max(known) if known else min(of.result.remaining_start[i] for i in on_path)
    try:
        length = calendar.between(now, finish)
    except BeyondCalendar as beyond:
        return not_applicable(Check.CRITICAL_PATH_LENGTH_INDEX, limit, f"It cannot be measured: {beyond}.")
    if length <= 0:
        return not_applicable(Check.CRITICAL_PATH_LENGTH_INDEX, limit, "The finish does not lie ahead.")
    last = max(on_path, key=lambda i: (of.result.early_finish[i], -of.result.total_float[i]))
    spare, reason = of.result.total_float[last], ""
    if spare >= 0 and of.plan.projects[of.project(last)].must_finish_by is None:
        baselined = [f for i, f in enumerate(of.facts.baseline_finish) if f is not None and of.has(i)]
        if of.facts.promised is not None:
            by, reason = of.facts.promised, "Against the promised finish."
        elif baselined:
            by, reason = max(baselined), "Against the baseline's finish."
        else:
            return not_applicable(
                Check.CRITICAL_PATH_LENGTH_INDEX, limit, "Nothing says by when the work must be finished."
            )
        try:
            spare = calendar.between(finish, by)
        except BeyondCalendar as beyond:
            return not_applicable(
                Check.CRITICAL_PATH_LENGTH_INDEX, limit, f"It cannot be measured: {beyond}."
            )
    found = [Offence(last, minutes=-spare)] if spare < 0 else []
    return point(
        Check.CRITICAL_PATH_LENGTH_INDEX,
        length + spare,
        length,
        limit,
        found,
        nothing=NOTHING_LEFT,
        reason=reason,
    )


def execution_index(of: Population) -> Point:
    """Point 14, BEI: completed / (baseline finish by the status date + in no baseline), milestones included."""
    limit = of.limits.execution_index
    every = [i for i in range(len(of.facts.day)) if of.has(i) and of.kind(i) < Kind.LEVEL_OF_EFFORT]
    bare = [i for i in every if of.baseline_finish(i) is None]
    if len(bare) == len(every):
        return not_applicable(Check.BASELINE_EXECUTION_INDEX, limit, NO_BASELINE)
    if all(of.status(i) is None for i in every):
        return not_applicable(Check.BASELINE_EXECUTION_INDEX, limit, NO_STATUS_DATE)
    planned = [*due(of, every), *bare]
    missing = [Offence(i, minutes=of.left_of(i)) for i in planned if not of.complete(i)]
    return point(
        Check.BASELINE_EXECUTION_INDEX,
        sum(of.complete(i) for i in every),
        len(planned),
        limit,
        missing,
        nothing="Nothing was due by the status date.",
        reason=f"{len(bare)} in no baseline." if bare else "",
    )
