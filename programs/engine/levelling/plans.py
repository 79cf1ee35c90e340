"""A scheduled plan as a levelling problem: what may move, from when on, and what stays where it is."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from programs.engine.levelling.problem import Levelling, Share, Steps
from programs.engine.links import ALL_HOURS, lag_of
from programs.engine.plan import Constraint, Kind, LinkKind, Plan
from programs.engine.result import Schedule

PASSED_OVER = (Kind.SUMMARY, Kind.LEVEL_OF_EFFORT)
"""They last as long as other work does: levelling neither places them nor gives them resources."""
_STAYS = (Constraint.MUST_START_ON, Constraint.MUST_FINISH_ON)


def of_plan(
    plan: Plan,
    dates: Schedule,
    demand: Mapping[int, Sequence[tuple[int, int]]],
    capacity: Sequence[Steps],
) -> tuple[Levelling, list[int]]:
    """The problem of levelling a plan, and per activity of the problem its index in the plan.

    `dates` is the plan's own schedule, `demand` pairs of resource and amount per activity of the plan. Nothing is
    placed before its early start of `dates`, which is what the project's start, the status date and constraints
    ask for. What has started and what must start or finish on a date stays where `dates` has it.
    """
    kinds = plan.kind or [Kind.TASK] * len(plan.duration)
    members = [i for i, kind in enumerate(kinds) if kind not in PASSED_OVER]
    place = {i: at for at, i in enumerate(members)}
    projects = list(plan.project) or [0] * len(plan.duration)

    def fixed(i: int) -> tuple[int, int] | None:
        started = bool(plan.actual_start) and plan.actual_start[i] is not None
        dated = bool(plan.constraint) and plan.constraint[i] in _STAYS
        return (dates.early_start[i], dates.early_finish[i]) if started or dated else None

    stays = [fixed(i) for i in members]
    # A link from what stays holds for good: the early start knows it, or progress has made it vanish.
    links = [
        link
        for link, (i, j) in enumerate(zip(plan.predecessor, plan.successor, strict=True))
        if i in place and j in place and stays[place[i]] is None and stays[place[j]] is None
    ]
    lags = [lag_of(plan, link) for link in links]
    # Files give every project a calendar of its own; those with the same hours are one, and one axis is faster.
    known: dict[Hashable, int] = {}
    same = [known.setdefault(calendar.hours, at) for at, calendar in enumerate(plan.calendars)]
    begin = [project.start for project in plan.projects]
    for p in range(len(begin)):
        begin[p] = min((dates.early_start[i] for i in members if projects[i] == p), default=begin[p])

    problem = Levelling(
        duration=[plan.duration[i] for i in members],
        demand=[demand.get(i, ()) for i in members],
        capacity=capacity,
        predecessor=[place[plan.predecessor[link]] for link in links],
        successor=[place[plan.successor[link]] for link in links],
        link_kind=[plan.link_kind[link] if plan.link_kind else LinkKind.FINISH_START for link in links],
        lag=[lag for lag, _ in lags],
        lag_calendar=[calendar if calendar == ALL_HOURS else same[calendar] for _, calendar in lags],
        calendars=plan.calendars,
        calendar=[same[plan.calendar[i]] for i in members],
        kind=[kinds[i] for i in members],
        projects=[Share(release=at) for at in begin],
        project=[projects[i] for i in members],
        release=[dates.early_start[i] for i in members],
        fixed=stays,
    )
    return problem, members
