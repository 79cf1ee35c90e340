"""Status dates as they are: how old each is, what is due by one and has no actual, and every one there was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Max, Q, QuerySet

from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.zones import zone
from programs.lives.services import CLOSED
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity, ComputedDates, StatusPeriod
from programs.status.models import StatusUpdate

REPORTABLE = (
    Activity.Kind.TASK,
    Activity.Kind.START_MILESTONE,
    Activity.Kind.FINISH_MILESTONE,
)
"""Kinds of which somebody tells the progress; summaries and levels of effort follow the others."""
MILESTONES = (Activity.Kind.START_MILESTONE, Activity.Kind.FINISH_MILESTONE)


def open_projects(program: Program) -> QuerySet[Project]:
    """The projects that report, in the order of the plan: closed ones stay as they are."""
    found: QuerySet[Project] = Project.objects.filter(program_id=program.pk).exclude(state__in=CLOSED)
    return found.order_by("position", "pk")


def reporting_projects(access: Access, program: Program) -> set[int] | None:
    """Projects whose progress this person reports; None for all of them."""
    if access.may(Permission.REPORT_PROGRESS, program.pk):
        return None
    return set(access.projects_with(Permission.REPORT_PROGRESS, program.pk))


def newest(program: Program) -> int:
    """What a form says that it saw: the newest status period of the program, 0 for none."""
    found: int | None = StatusPeriod.objects.filter(program_id=program.pk).aggregate(last=Max("pk"))["last"]
    return found or 0


def end_of_day(program: Program, at: datetime) -> datetime:
    """The last minute of the day, on the program's clock, in which an instant lies."""
    local = at.astimezone(zone(program.time_zone))
    return datetime.combine(local.date(), time(23, 59), tzinfo=local.tzinfo)


def suggested(program: Program, at: datetime) -> datetime:
    """The status date that is offered: the end of today's work on the program's calendar, else 17:00."""
    local = at.astimezone(zone(program.time_zone))
    shifts = program.calendar.week[local.weekday()] if program.calendar else []
    minutes = min(shifts[-1][1], 1439) if shifts else 1020
    return datetime.combine(local.date(), time(), tzinfo=local.tzinfo) + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Due:
    """One activity that should have begun (`starts`) or finished by a date, as planned now, and has no such actual."""

    activity_id: int
    project: str
    code: str
    name: str
    since: datetime
    starts: bool


@dataclass(frozen=True, slots=True)
class Missing:
    """What has no actual although it is due: the first of them, and how many there are."""

    unstarted: int = 0
    unfinished: int = 0
    by_project: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Project -> due to start, due to finish."""
    first: tuple[Due, ...] = ()


def _due(program: Program, projects: Iterable[int] | None, at: datetime) -> QuerySet[ComputedDates]:
    # What the status date itself has pushed on was due before it.
    starts = Q(activity__actual_start=None) & (
        Q(why="status_date") | Q(early_start__lt=at) | Q(activity__kind__in=MILESTONES, early_start__lte=at)
    )
    finishes = Q(activity__actual_start__isnull=False, early_finish__lte=at)
    found: QuerySet[ComputedDates] = ComputedDates.objects.filter(
        starts | finishes,
        program_id=program.pk,
        superseded_by=None,
        activity__kind__in=REPORTABLE,
        activity__actual_finish=None,
    ).exclude(project__state__in=CLOSED)
    return found if projects is None else found.filter(project_id__in=projects)


def missing(program: Program, projects: Iterable[int] | None, at: datetime, *, most: int = 0) -> Missing:
    """What is due by `at` as planned now, in some projects (None: in all), the longest due first. One query, with
    `most` two."""
    due = _due(program, None if projects is None else list(projects), at)
    counted = (
        due.order_by()
        .values("project_id", unstarted=Q(activity__actual_start=None))
        .annotate(number=Count("pk"))
        .values_list("project_id", "unstarted", "number")
    )
    by_project: dict[int, tuple[int, int]] = {}
    for project_id, unstarted, number in counted:
        start, finish = by_project.get(project_id, (0, 0))
        by_project[project_id] = (start + number, finish) if unstarted else (start, finish + number)
    first = (
        tuple(
            Due(pk, project, code, name, start if begun is None else finish, begun is None)
            for pk, project, code, name, begun, start, finish in due.order_by(
                "early_start", "pk"
            ).values_list(
                "activity_id",
                "activity__project__code",
                "activity__code",
                "activity__name",
                "activity__actual_start",
                "early_start",
                "early_finish",
            )[:most]
        )
        if most
        else ()
    )
    return Missing(
        sum(start for start, _ in by_project.values()),
        sum(finish for _, finish in by_project.values()),
        by_project,
        first,
    )


def updates(program_id: int) -> QuerySet[StatusUpdate]:
    """Everything people set, the newest first, without what taking it back needs."""
    found: QuerySet[StatusUpdate] = StatusUpdate.objects.filter(program_id=program_id)
    return found.select_related("project", "by", "taken_by").defer("facts").order_by("-pk")


def standing(program_id: int) -> StatusUpdate | None:
    """The newest status update that was not taken back."""
    return updates(program_id).filter(taken_at=None).first()


def dates(program_id: int, most: int) -> list[dict[str, Any]]:
    """The newest status dates there are, whoever brought them: `at`, and the codes of the projects. One query."""
    rows = StatusPeriod.objects.filter(program_id=program_id).values("at")
    told = rows.annotate(projects=ArrayAgg(F("project__code"), order_by=("project__position", "project_id")))
    return [dict(row) for row in told.order_by("-at")[:most]]
