"""A draft as a CSV bundle: the files of `docs/bundle-format.md`, which `bundle.read_bundle` reads back equal.

Every number is written exactly: hours with six decimals stand for whole minutes, money and percentages with all of
theirs, times on the program's clock with hours and minutes.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from pmo.cells import csv_cell

from ..cells import PROGRAM
from ..columns import FILES
from ..draft import (
    MILESTONES,
    NO_CONSTRAINT,
    PERCENT,
    SUMMARY,
    ActivityDraft,
    CalendarDraft,
    Draft,
    ProjectDraft,
    Shift,
    iso,
)
from ..table import GUARDED
from . import bundle_out_facts as facts
from .spelling import Hours, Moments, cost_or_nothing, plain, shifts_text

_KINDS = {"summary": "group", "task": "activity", "finish_milestone": "milestone"}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY = (2020, 1, 1, 0, 0, 0)
Row = dict[str, Any]


def bundle_zip(draft: Draft) -> bytes:
    """The draft as a zip of CSV files; the same draft gives the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in bundle_files(draft).items():
            archive.writestr(zipfile.ZipInfo(name, _DAY), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def bundle_files(draft: Draft) -> dict[str, str]:
    """The CSV files by name; those without rows are left out, as are columns that no row fills."""
    made = {
        "program.csv": _program(draft),
        "projects.csv": _projects(draft),
        "calendars.csv": map(_calendar, draft.calendars),
        "calendar_exceptions.csv": _exceptions(draft),
        "activities.csv": _activities(draft),
        "dependencies.csv": _dependencies(draft),
        "resources.csv": _resources(draft),
        "assignments.csv": _assignments(draft),
        "status_dates.csv": facts.status_dates(draft),
        "progress.csv": facts.progress(draft),
        "budget.csv": facts.budget(draft),
        "actuals.csv": facts.actuals(draft),
    }
    files = ((name, _csv(name, list(rows))) for name, rows in made.items())
    return {name: text for name, text in files if text}


def table(name: str, draft: Draft, project: str = "") -> list[str]:
    """Header and rows of one file (`program.csv`, `projects.csv`, `status_dates.csv`), all columns, of one project."""
    made = {"program.csv": _program, "projects.csv": _projects, "status_dates.csv": facts.status_dates}
    rows = [row for row in made[name](draft) if not project or row["project_id"] == project]
    out = io.StringIO()
    writer = csv.DictWriter(out, [one.name for one in FILES[name]], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines()


def _csv(name: str, rows: list[Row]) -> str:
    if not rows:
        return ""
    filled = {column for row in rows for column, value in row.items() if value not in (None, "")}
    columns = [one for one in FILES[name] if one.required or one.name in filled]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([one.name for one in columns])
    guarded = [one.text for one in columns]
    names = [one.name for one in columns]
    for row in rows:
        values = map(row.get, names)
        writer.writerow(
            [_safe(value) if text and value else value for text, value in zip(guarded, values, strict=True)]
        )
    return out.getvalue()


def _safe(text: str) -> str:
    """Text that no spreadsheet takes for a formula, and that the reader takes back for what it was."""
    return f"'{text}" if GUARDED.match(text) else str(csv_cell(text))


def _program(draft: Draft) -> Iterator[Row]:
    one = draft.program
    if one.code or one.name or one.currency or one.time_zone:
        yield {"code": one.code, "name": one.name, "currency": one.currency, "time_zone": one.time_zone}


def _projects(draft: Draft) -> Iterator[Row]:
    """The projects, with the counts by which a receiver sees that nothing is missing."""
    work = Counter(one.project for one in draft.activities if one.kind != SUMMARY)
    stones = Counter(one.project for one in draft.activities if one.kind in MILESTONES)
    links = Counter(one.to_project for one in draft.dependencies)
    dates = Counter(one.project for one in draft.status_dates)
    newer = {one.project for one in draft.progress_now}
    for one in draft.projects:
        yield _project(one) | {
            "progress_in": "activities" if one.code in newer else "",
            "activities": work[one.code],
            "milestones": stones[one.code],
            "dependencies": links[one.code],
            "status_dates": dates[one.code],
        }


def _project(one: ProjectDraft) -> Row:
    hours = Hours()
    return {
        "project_id": one.code,
        "name": one.name,
        "kind": one.kind,
        "manager": one.manager,
        "hours_per_day": hours[one.minutes_per_day],
        "calendar_id": one.calendar,
        "lag_calendar": one.lag_calendar,
        "start": "" if one.start is None else iso(one.start),
        "baseline_finish": "" if one.finish is None else iso(one.finish),
    }


def _calendar(one: CalendarDraft) -> Row:
    worked = [day for day in one.week if day]
    usual = max(worked, key=worked.count)
    row: Row = {
        "calendar_id": one.code,
        "name": one.name,
        "working_hours": shifts_text(usual),
        "non_working_weekdays_mon0": " ".join(str(at) for at, day in enumerate(one.week) if not day),
    }
    for name, day in zip(_WEEK, one.week, strict=True):
        if day and day != usual:
            row[name] = shifts_text(day)
    return row


def runs(calendar: CalendarDraft) -> list[tuple[date, date, tuple[Shift, ...]]]:
    """The days that differ: those that follow each other with the same shifts as one run of at most a year."""
    found: list[tuple[date, date, tuple[Shift, ...]]] = []
    for day, shifts in sorted(calendar.exceptions.items()):
        first, last, same = found[-1] if found else (day, day, None)
        if same == shifts and day - last == timedelta(1) and (day - first).days < 366:
            found[-1] = (first, day, shifts)
        else:
            found.append((day, day, shifts))
    return found


def _exceptions(draft: Draft) -> Iterator[Row]:
    for calendar in draft.calendars:
        for first, last, shifts in runs(calendar):
            yield {
                "calendar_id": calendar.code,
                "date": first.isoformat(),
                "to_date": last.isoformat() if last != first else "",
                "shifts": shifts_text(shifts),
            }


def _activities(draft: Draft) -> Iterator[Row]:
    exact = {(one.project, one.activity): one for one in draft.baseline_costs}
    hours, at = Hours(), Moments()
    for one in draft.activities:
        row = _activity(one, hours, at)
        costs = exact.get((one.project, one.code))
        if costs is not None:
            row["baseline_start_cost"], row["baseline_spread_cost"] = plain(costs.start), plain(costs.spread)
        elif one.baseline_cost is not None:
            row["total_cost"] = plain(one.total_cost)
        if one.baseline_duration not in (None, one.duration):
            row["baseline_duration_hours"] = hours[one.baseline_duration]
        yield row


def _activity(one: ActivityDraft, hours: Hours, at: Moments) -> Row:
    return {
        "project_id": one.project,
        "kind": _KINDS.get(one.kind, one.kind),
        "activity_id": one.code,
        "wbs": one.wbs,
        "name": one.name,
        "parent_id": one.parent,
        "calendar_id": one.calendar,
        "duration_hours": hours[one.duration] if one.kind != SUMMARY else "",
        "constraint": one.constraint if one.constraint != NO_CONSTRAINT else "",
        "constraint_date": at[one.constraint_date],
        "deadline": at[one.deadline],
        "baseline_start": at[one.baseline_start],
        "baseline_finish": at[one.baseline_finish],
        "dur_optimistic_h": hours[one.optimistic],
        "dur_most_likely_h": hours[one.most_likely],
        "dur_pessimistic_h": hours[one.pessimistic],
        "fixed_cost": cost_or_nothing(one.fixed_cost),
        "cost_per_hour": cost_or_nothing(one.cost_per_hour),
        "resource_cost": cost_or_nothing(one.resource_cost),
        "cost_category": one.cost_category,
        "cost_nature": one.cost_nature,
        "actual_start": at[one.actual_start],
        "actual_finish": at[one.actual_finish],
        "remaining_duration_hours": hours[one.remaining],
        "percent_complete": plain(one.percent_complete),
        "priority": one.priority,
        "notes": one.notes,
    }


def _dependencies(draft: Draft) -> Iterator[Row]:
    hours = Hours()
    for one in draft.dependencies:
        same = one.from_project == one.to_project
        yield {
            "project_id": one.to_project if same else "",
            "from_project": "" if same else one.from_project,
            "to_project": "" if same else one.to_project,
            "from_activity": one.from_activity,
            "to_activity": one.to_activity,
            "type": one.type,
            "lag_hours": (str(one.lag) if one.lag_unit == PERCENT else hours[one.lag]) if one.lag else "",
            "lag_unit": one.lag_unit if one.lag_unit != "working" else "",
        }


def _resources(draft: Draft) -> Iterator[Row]:
    for one in draft.resources:
        yield {
            "project_id": one.project,
            "resource_id": one.code,
            "name": one.name,
            "type": one.kind,
            "availability": plain(one.availability),
            "cost_per_use": cost_or_nothing(one.cost_per_use),
            "cost_per_hour": cost_or_nothing(one.cost_per_hour),
            "email": one.email,
            "calendar_id": one.calendar,
        }


def _assignments(draft: Draft) -> Iterator[Row]:
    known = {(one.project, one.code) for one in draft.resources}
    hours = Hours()
    for one in draft.assignments:
        found = one.project if (one.project, one.resource) in known else ""
        yield {
            "project_id": one.project,
            "activity_id": one.activity,
            "resource_id": one.resource,
            "resource_project": "" if found == one.resource_project else one.resource_project or PROGRAM,
            "units": plain(one.units),
            "fixed_quantity": "1" if one.fixed_quantity else "",
            "effort_hours": hours[one.effort],
        }
