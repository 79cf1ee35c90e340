"""The plan that is in the database, as rows to compare a file with: nine queries, whatever the size."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from programs.baselines.models import Baseline
from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import Program, Project
from programs.resources.models import Assignment, Resource
from programs.schedule.models import Activity, Dependency, Progress, StatusPeriod

from . import rows
from .rows import Key, Present

PROJECT_FIELDS = ("name", "kind", "lag_calendar", "starts_at", "status_at")
ACTIVITY_FIELDS = (
    "wbs",
    "position",
    "level",
    "kind",
    "name",
    "duration_minutes",
    "constraint",
    "constraint_at",
    "deadline_at",
    "optimistic_minutes",
    "likely_minutes",
    "pessimistic_minutes",
    "fixed_cost",
    "cost_per_hour",
    "actual_start",
    "actual_finish",
    "remaining_minutes",
    "percent_complete",
    "notes",
)
RESOURCE_FIELDS = ("name", "kind", "capacity", "cost_per_use", "cost_per_hour")
PROGRESS_FIELDS = (
    "actual_start",
    "actual_finish",
    "actual_minutes",
    "remaining_minutes",
    "percent_complete",
)
BASELINE_FIELDS = ("starts_at", "finishes_at", "duration_minutes", "start_cost", "spread_cost")


def present(program: Program, project_codes: Iterable[str] | None) -> Present:
    """The program's calendars and projects, and everything else of the projects named (None: of all of them)."""
    found = Present()
    _calendars(found, program)
    wanted = None if project_codes is None else set(project_codes)
    calendars = {pk: key[0] for key, pk in found.ids[rows.CALENDAR].items()}
    codes: dict[int, str] = {}
    for pk, code, calendar_id, *values in Project.objects.filter(program_id=program.pk).values_list(
        "pk", "code", "calendar_id", *PROJECT_FIELDS
    ):
        row = dict(zip(PROJECT_FIELDS, values, strict=True)) | {"calendar": calendars.get(calendar_id, "")}
        _add(found, rows.PROJECT, (code,), pk, row)
        codes[pk] = code
    here = [pk for pk, code in codes.items() if wanted is None or code in wanted]
    found.other_projects = len(codes) - len(here)
    activities = _activities(found, Activity.objects.filter(project_id__in=here), codes, calendars)
    _links(found, program, codes, set(here), activities)
    _resources(found, program, codes, here, activities)
    _progress(found, here, codes, activities)
    _baseline(found, program, activities)
    return found


def _add(found: Present, kind: str, key: Key, pk: int, row: dict[str, Any]) -> None:
    found.tables[kind][key] = row
    found.ids[kind][key] = pk


def _calendars(found: Present, program: Program) -> None:
    codes: dict[int, str] = {}
    for pk, code, name, week in Calendar.objects.filter(program_id=program.pk).values_list(
        "pk", "code", "name", "week"
    ):
        _add(found, rows.CALENDAR, (code,), pk, {"name": name, "week": week})
        codes[pk] = code
    if codes:  # as `programs.schedule.inputs` takes it: the program's, else the oldest
        found.usual_calendar = codes.get(program.calendar_id or 0) or codes[min(codes)]
    for pk, calendar_id, day, shifts in CalendarException.objects.filter(program_id=program.pk).values_list(
        "pk", "calendar_id", "day", "shifts"
    ):
        _add(found, rows.EXCEPTION, (codes[calendar_id], day), pk, {"shifts": shifts})


def _activities(
    found: Present, activities: QuerySet[Activity], codes: dict[int, str], calendars: dict[int, str]
) -> dict[int, Key]:
    """Add the activities; returns their keys by id."""
    listed = list(
        activities.values_list("pk", "project_id", "code", "parent_id", "calendar_id", *ACTIVITY_FIELDS)
    )
    keys: dict[int, Key] = {row[0]: (codes[row[1]], row[2]) for row in listed}
    for pk, _, _, parent_id, calendar_id, *values in listed:
        row = dict(zip(ACTIVITY_FIELDS, values, strict=True)) | {
            "parent": keys[parent_id][1] if parent_id else "",
            "calendar": calendars.get(calendar_id, ""),
        }
        _add(found, rows.ACTIVITY, keys[pk], pk, row)
    return keys


def _links(
    found: Present, program: Program, codes: dict[int, str], here: set[int], activities: dict[int, Key]
) -> None:
    """Links that touch a project of the file; the far end may be in another project."""
    for pk, kind, lag, unit, p_project, p_code, s_project, s_code in Dependency.objects.filter(
        program_id=program.pk
    ).values_list(
        "pk",
        "kind",
        "lag",
        "lag_unit",
        "predecessor__project_id",
        "predecessor__code",
        "successor__project_id",
        "successor__code",
    ):
        if p_project in here or s_project in here:
            key = (codes[p_project], p_code, codes[s_project], s_code, kind)
            _add(found, rows.DEPENDENCY, key, pk, {"type": kind, "lag": lag, "lag_unit": unit})


def _resources(
    found: Present, program: Program, codes: dict[int, str], here: list[int], activities: dict[int, Key]
) -> None:
    keys: dict[int, Key] = {}
    for pk, project_id, code, *values in Resource.objects.filter(program_id=program.pk).values_list(
        "pk", "project_id", "code", *RESOURCE_FIELDS
    ):
        keys[pk] = (codes[project_id] if project_id else "", code)
        if project_id is None or project_id in here:
            _add(found, rows.RESOURCE, keys[pk], pk, dict(zip(RESOURCE_FIELDS, values, strict=True)))
    for pk, activity_id, resource_id, units in Assignment.objects.filter(
        activity__project_id__in=here
    ).values_list("pk", "activity_id", "resource_id", "units"):
        _add(found, rows.ASSIGNMENT, (*activities[activity_id], *keys[resource_id]), pk, {"units": units})


def _progress(found: Present, here: list[int], codes: dict[int, str], activities: dict[int, Key]) -> None:
    periods: dict[int, Key] = {}
    for pk, project_id, number, name, at in StatusPeriod.objects.filter(project_id__in=here).values_list(
        "pk", "project_id", "number", "name", "at"
    ):
        periods[pk] = (codes[project_id], number)
        _add(found, rows.STATUS, periods[pk], pk, {"name": name, "at": at})
    for pk, period_id, activity_id, *values in Progress.objects.filter(
        period__project_id__in=here
    ).values_list("pk", "period_id", "activity_id", *PROGRESS_FIELDS):
        key = (*periods[period_id], activities[activity_id][1])
        _add(found, rows.PROGRESS, key, pk, dict(zip(PROGRESS_FIELDS, values, strict=True)))


def _baseline(found: Present, program: Program, activities: dict[int, Key]) -> None:
    """The current baseline, which may have no line, and its lines of the file's projects; one query."""
    lines = [f"activities__{name}" for name in BASELINE_FIELDS]
    for number, origin, pk, activity_id, *values in Baseline.objects.filter(
        program_id=program.pk, is_current=True
    ).values_list("number", "origin", "activities__pk", "activities__activity_id", *lines):
        found.baseline = (number, origin)
        if activity_id in activities:
            row = dict(zip(BASELINE_FIELDS, values, strict=True))
            _add(found, rows.BASELINE, activities[activity_id], pk, row)
