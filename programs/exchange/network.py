"""A draft into the engine's arrays: what `schedule` computes when a file is judged before anything is stored."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from programs.engine.groups import with_group_links
from programs.engine.plan import (
    MICROSOFT_PROJECT,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
)
from programs.engine.worktime import WorkCalendar

from .draft import Draft, from_wall

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


_PROGRESS = {
    "retained_logic": Progress.RETAINED_LOGIC,
    "progress_override": Progress.PROGRESS_OVERRIDE,
}
PRIMAVERA = ("xer", "pmxml")
"""Sources of plans that Primavera P6 wrote: its data date holds back even a project in which nothing has begun."""


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
    rules = MICROSOFT_PROJECT if draft.source == "mspdi" else Rules(progress=_PROGRESS[progress_of(draft)])
    return replace(rules, float_to=float_to, longest_path_to=float_to)


def progress_of(draft: Draft) -> str:
    """The rule for progress: that of the largest project, as all are scheduled together; ours for a bundle."""
    if not draft.settings:
        return "retained_logic"
    sizes = Counter(activity.project for activity in draft.activities)
    return max(draft.settings, key=lambda one: sizes[one.project]).progress


def network_of(draft: Draft) -> Network:
    """The plan of a draft without blocking problems. Linear in activities and links."""
    first, last = _period(draft)
    codes = {calendar.code: at for at, calendar in enumerate(draft.calendars)}
    calendars = [
        WorkCalendar.weekly(calendar.week, calendar.exceptions, first=first, last=last)
        for calendar in draft.calendars
    ]
    places = {project.code: at for at, project in enumerate(draft.projects)}
    dated = draft.source in PRIMAVERA
    must_finish = {one.project: one.must_finish_by for one in draft.settings}
    second = {(one.project, one.activity): one for one in draft.seconds}
    started = {activity.project for activity in draft.activities if activity.actual_start is not None}
    projects = [
        Project(
            start=project.start or 0,
            status_date=project.status_date if project.code in started or dated else None,
            must_finish_by=must_finish.get(project.code),
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
        second_constraint=[
            _CONSTRAINTS[second[key].constraint] if key in second else Constraint.AS_SOON_AS_POSSIBLE
            for key in keys
        ]
        if second
        else (),
        second_constraint_date=[second[key].constraint_date if key in second else None for key in keys]
        if second
        else (),
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
    return Network(with_group_links(plan), keys)


def _period(draft: Draft) -> tuple[date, date]:
    """The days that calendars are built for at once; they extend themselves beyond."""
    known = [p.start for p in draft.projects] + [p.finish for p in draft.projects]
    known += [a.baseline_finish for a in draft.activities] + [a.constraint_date for a in draft.activities]
    days = sorted(from_wall(at).date() for at in known if at is not None)
    if not days:
        return date(2000, 1, 1), date(2001, 12, 31)
    return days[0] - timedelta(days=31), days[-1] + timedelta(days=366)
