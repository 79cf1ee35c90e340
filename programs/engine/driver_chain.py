"""From a date back to its ultimate cause: what holds an activity, what holds that, and so on to the first cause."""

from __future__ import annotations

from dataclasses import dataclass

from programs.engine.links import ALL_HOURS, lag_of
from programs.engine.plan import LinkKind, Plan
from programs.engine.result import Schedule, Why


@dataclass(frozen=True, slots=True)
class Step:
    """One activity of a chain, held by the link from the next one, or by `why` itself where it is the last."""

    activity: int
    why: Why
    """`LINK` where the chain goes on; of the last step the ultimate cause. Work that has begun is `ACTUAL`, and the
    chain goes on where a predecessor holds what remains of it."""
    begins: int
    """Where the work still to do begins, wall minutes; the actual start of what is done."""
    link: int = -1
    predecessor: int = -1
    work: int = 0
    """Working minutes, on the predecessor's calendar, from where its remaining work begins to the end that the link
    leaves: none for a link from its start."""
    lag: int = 0
    """Minutes that the link adds (negative: takes off), on `lag_calendar` (-1: the wall clock, or no lag)."""
    lag_calendar: int = ALL_HOURS
    wait: int = 0
    """Minutes on the wall clock, after the lag, until the activity's calendar works: nights, weekends, holidays."""


def chain(plan: Plan, schedule: Schedule, activity: int) -> list[Step]:
    """The steps from an activity to its ultimate cause, the activity itself first; at least one.

    Follows the first driving link of each; with several equally late ones the others are in `Reason.others`. Of a
    level of effort or a summary there is one step: its dates are those of other work. Linear in the chain's length.
    """
    steps: list[Step] = []
    here, ended = activity, plan.actual_finish
    while True:
        link, begins = schedule.driver[here], schedule.remaining_start[here]
        if ended and ended[here] is not None:
            link, begins = -1, schedule.early_start[here]
        if link < 0:
            steps.append(Step(here, schedule.why[here], begins))
            return steps
        step = _step(plan, schedule, here, link, begins)
        before = step.predecessor
        status = plan.projects[plan.project[here] if plan.project else 0].status_date
        over = ended and ended[before] is not None and status is not None and begins - step.wait < status
        if over:  # what is done held it no longer than to the status date, which holds it now
            started = plan.actual_start[here] is not None
            steps.append(Step(here, Why.ACTUAL if started else Why.STATUS_DATE, begins))
            return steps
        steps.append(step)
        here = before


def _step(plan: Plan, schedule: Schedule, activity: int, link: int, begins: int) -> Step:
    predecessor = plan.predecessor[link]
    kind = plan.link_kind[link] if plan.link_kind else LinkKind.FINISH_START
    lag, axis = lag_of(plan, link)
    own = plan.calendars[plan.calendar[predecessor]]
    leaves_finish = kind in (LinkKind.FINISH_START, LinkKind.FINISH_FINISH)
    left = schedule.early_finish[predecessor] if leaves_finish else schedule.early_start[predecessor]
    done = plan.actual_finish and plan.actual_finish[predecessor] is not None
    first = schedule.early_start[predecessor] if done else schedule.remaining_start[predecessor]
    work = own.between(first, left) if leaves_finish else 0
    reached = left
    if lag and axis == ALL_HOURS:
        reached = left + lag
    elif lag:
        calendar = plan.calendars[axis]
        read = calendar.finish_time if leaves_finish else calendar.start_time
        reached = read(calendar.work_at(left) + lag)
    arrives_start = kind in (LinkKind.FINISH_START, LinkKind.START_START)
    arrived = begins if arrives_start else schedule.early_finish[activity]
    return Step(
        activity,
        schedule.why[activity],
        begins,
        link,
        predecessor,
        max(work, 0),
        lag,
        axis,
        max(arrived - reached, 0),
    )
