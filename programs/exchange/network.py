"""A draft into the engine's arrays: what `schedule` computes when a file is judged before anything is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from programs.engine.plan import (
    MICROSOFT_PROJECT,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Project,
    Rules,
)
from programs.engine.worktime import WorkCalendar

from .draft import SUMMARY, ActivityDraft, DependencyDraft, Draft, from_wall

Key = tuple[str, str]
"""An activity: its project's code and its own."""

_KINDS = {
    "task": Kind.TASK,
    "summary": Kind.SUMMARY,
    "start_milestone": Kind.START_MILESTONE,
    "finish_milestone": Kind.FINISH_MILESTONE,
    "level_of_effort": Kind.LEVEL_OF_EFFORT,
}
_LINKS = {
    "FS": LinkKind.FINISH_START,
    "SS": LinkKind.START_START,
    "FF": LinkKind.FINISH_FINISH,
    "SF": LinkKind.START_FINISH,
}
_CONSTRAINTS = {
    "ASAP": Constraint.AS_SOON_AS_POSSIBLE,
    "ALAP": Constraint.AS_LATE_AS_POSSIBLE,
    "SNET": Constraint.START_NO_EARLIER_THAN,
    "SNLT": Constraint.START_NO_LATER_THAN,
    "FNET": Constraint.FINISH_NO_EARLIER_THAN,
    "FNLT": Constraint.FINISH_NO_LATER_THAN,
    "MSO": Constraint.MUST_START_ON,
    "MFO": Constraint.MUST_FINISH_ON,
}
_LAG_UNITS = {"working": LagUnit.WORKING, "elapsed": LagUnit.ELAPSED, "percent": LagUnit.PERCENT}
_LAG_CALENDARS = {
    "predecessor": LagCalendar.PREDECESSOR,
    "successor": LagCalendar.SUCCESSOR,
    "elapsed": LagCalendar.ALL_HOURS,
    "project": LagCalendar.PROJECT_DEFAULT,
}
_AROUND_THE_CLOCK = (((0, 1440),),) * 7


@dataclass(frozen=True, slots=True)
class Network:
    """The engine's plan and the activities it stands for.

    `keys[i]` is activity `i` of the plan for `i < len(keys)`. Behind them the plan may hold points in time that
    stand for a group's beginning or end where a link leads to or from a group; they are nobody's activity.
    """

    plan: Plan
    keys: list[Key]


def rules_for(draft: Draft, float_to: LatestFinish = LatestFinish.EACH_PROJECT) -> Rules:
    """The rules under which the tool that wrote the file computes; ours for a bundle.

    Float and longest path run to each project's own finish, or to the program's.
    """
    rules = MICROSOFT_PROJECT if draft.source == "mspdi" else Rules()
    return replace(rules, float_to=float_to, longest_path_to=float_to)


def network_of(draft: Draft) -> Network:
    """The plan of a draft without blocking problems. Linear in activities and links."""
    first, last = _period(draft)
    codes = {calendar.code: at for at, calendar in enumerate(draft.calendars)}
    calendars = [
        WorkCalendar.weekly(calendar.week, calendar.exceptions, first=first, last=last)
        for calendar in draft.calendars
    ]
    places = {project.code: at for at, project in enumerate(draft.projects)}
    started = {activity.project for activity in draft.activities if activity.actual_start is not None}
    projects = [
        Project(
            start=project.start or 0,
            status_date=project.status_date if project.code in started else None,
            lag_calendar=_LAG_CALENDARS[project.lag_calendar],
            calendar=codes[project.calendar],
        )
        for project in draft.projects
    ]
    usual = {project.code: project.calendar for project in draft.projects}
    activities = draft.activities
    keys = [(activity.project, activity.code) for activity in activities]
    index = {key: at for at, key in enumerate(keys)}
    plan = Plan(
        calendars=calendars,
        projects=projects,
        calendar=[codes[a.calendar or usual[a.project]] for a in activities],
        duration=[a.duration for a in activities],
        project=[places[a.project] for a in activities],
        kind=[_KINDS[a.kind] for a in activities],
        parent=[index[a.project, a.parent] if a.parent else -1 for a in activities],
        constraint=[_CONSTRAINTS[a.constraint] for a in activities],
        constraint_date=[a.constraint_date for a in activities],
        deadline=[a.deadline for a in activities],
        actual_start=[a.actual_start for a in activities],
        actual_finish=[a.actual_finish for a in activities],
        remaining=[a.remaining if a.actual_start is not None else None for a in activities],
        predecessor=[index[d.from_project, d.from_activity] for d in draft.dependencies],
        successor=[index[d.to_project, d.to_activity] for d in draft.dependencies],
        link_kind=[_LINKS[d.type] for d in draft.dependencies],
        lag=[d.lag for d in draft.dependencies],
        lag_unit=[_LAG_UNITS[d.lag_unit] for d in draft.dependencies],
    )
    return Network(_with_groups(plan, activities, draft.dependencies, index, (first, last)), keys)


def _period(draft: Draft) -> tuple[date, date]:
    """The days that calendars are built for at once; they extend themselves beyond."""
    known = [p.start for p in draft.projects] + [p.finish for p in draft.projects]
    known += [a.baseline_finish for a in draft.activities] + [a.constraint_date for a in draft.activities]
    days = sorted(from_wall(at).date() for at in known if at is not None)
    if not days:
        return date(2000, 1, 1), date(2001, 12, 31)
    return days[0] - timedelta(days=31), days[-1] + timedelta(days=366)


def _with_groups(
    plan: Plan,
    activities: list[ActivityDraft],
    links: list[DependencyDraft],
    index: Mapping[Key, int],
    period: tuple[date, date],
) -> Plan:
    """The plan with every link to or from a group carried over to what is in the group.

    A link from a group waits for all in it, a link to a group holds back all in it. Points in time on a calendar
    that never rests stand in between, so that a group of n before a group of m costs n + m links, not n x m.
    """
    groups = [at for at, activity in enumerate(activities) if activity.kind == SUMMARY]
    wanted = set(groups) & {*plan.predecessor, *plan.successor}
    if not wanted:
        return plan
    inside: dict[int, list[int]] = {at: [] for at in groups}
    for at, activity in enumerate(activities):
        above = activity.parent
        while above and activity.kind != SUMMARY:
            group = index[activity.project, above]
            if group in wanted:
                inside[group].append(at)
            above = activities[group].parent
    columns: dict[str, list[int]] = {
        name: list(getattr(plan, name)) for name in ("calendar", "duration", "project", "kind", "parent")
    }
    source, target = list(plan.predecessor), list(plan.successor)
    kind, lag, unit = list(plan.link_kind), list(plan.lag), list(plan.lag_unit)
    clock = len(plan.calendars)

    def point(group: int) -> int:
        for name, value in (
            ("calendar", clock),
            ("duration", 0),
            ("kind", Kind.FINISH_MILESTONE),
            ("parent", -1),
        ):
            columns[name].append(value)
        columns["project"].append(plan.project[group])
        return len(columns["calendar"]) - 1

    ends: dict[tuple[int, bool], int] = {}
    for number in range(len(links)):
        for ends_of, is_source in ((source, True), (target, False)):
            group = ends_of[number]
            if group not in wanted:
                continue
            if (group, is_source) not in ends:
                ends[group, is_source] = point(group)
                for member in inside[group]:
                    source.append(member if is_source else ends[group, is_source])
                    target.append(ends[group, is_source] if is_source else member)
                    kind.append(LinkKind.FINISH_START)
                    lag.append(0)
                    unit.append(LagUnit.WORKING)
            ends_of[number] = ends[group, is_source]
    extra = len(columns["calendar"]) - len(activities)
    undated = [None] * extra
    return replace(
        plan,
        calendars=[*plan.calendars, WorkCalendar.weekly(_AROUND_THE_CLOCK, first=period[0], last=period[1])],
        calendar=columns["calendar"],
        duration=columns["duration"],
        project=columns["project"],
        kind=columns["kind"],
        parent=columns["parent"],
        constraint=[*plan.constraint, *[Constraint.AS_SOON_AS_POSSIBLE] * extra],
        constraint_date=[*plan.constraint_date, *undated],
        deadline=[*plan.deadline, *undated],
        actual_start=[*plan.actual_start, *undated],
        actual_finish=[*plan.actual_finish, *undated],
        remaining=[*plan.remaining, *undated],
        predecessor=source,
        successor=target,
        link_kind=kind,
        lag=lag,
        lag_unit=unit,
    )
