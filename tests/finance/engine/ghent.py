"""The Ghent / OR-AS project data as the engine's input: what an importer stores, without a database."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import cache

from finance.engine.phasing import Costed, Report
from pmo.single_precision import is_single_precision, restore_percent
from programs.engine.worktime import WorkCalendar
from tests.shared import shared

INSURER = "it_programme_insurer"
OTHER = "other_it_projects"
SCHEDULE_ONLY = "schedule_only_cpm"
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class GhentProject:
    """One project: its activities with their reports, its calendar, its status dates in wall minutes."""

    key: str
    activities: tuple[Costed, ...]
    calendar: WorkCalendar
    status_dates: tuple[tuple[str, int], ...]


def rows(data_set: str, name: str) -> list[dict[str, str]]:
    """The rows of one file of a data set; skips the test where the data is absent."""
    with shared(f"01_dslib_real_projects/{data_set}/{name}").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def wall(text: str) -> int:
    """Wall minutes of an ISO date and time."""
    return int((datetime.fromisoformat(text) - _EPOCH).total_seconds()) // 60


def calendars(data_set: str) -> dict[str, WorkCalendar]:
    """Each project's calendar; a working hour is a shift of sixty minutes."""
    found = {}
    for row in rows(data_set, "calendars.csv"):
        day = [(int(hour) * 60, int(hour) * 60 + 60) for hour in row["working_hours"].split()]
        free = {int(weekday) for weekday in row["non_working_weekdays_mon0"].split()}
        found[row["project_id"]] = WorkCalendar.weekly(
            [[] if weekday in free else day for weekday in range(7)],
            {date.fromisoformat(holiday): () for holiday in row["holidays"].split()},
            first=date(2010, 1, 1),
            last=date(2015, 12, 31),
        )
    return found


def costs(data_set: str) -> dict[tuple[str, str], tuple[Fraction, Fraction]]:
    """Start and spread cost of every activity in cents: fixed + per use, and rates x units x hours."""
    rates = {(row["project_id"], row["resource_id"]): row for row in rows(data_set, "resources.csv")}
    found = {}
    hours = {}
    for row in rows(data_set, "activities.csv"):
        if row["kind"] == "group":
            continue
        key = row["project_id"], row["activity_id"]
        hours[key] = Fraction(row["duration_hours"])
        found[key] = (Fraction(row["fixed_cost"]) * 100, Fraction(row["cost_per_hour"]) * hours[key] * 100)
    for row in rows(data_set, "assignments.csv"):
        key = row["project_id"], row["activity_id"]
        rate, units = rates[row["project_id"], row["resource_id"]], Fraction(row["units"])
        start, spread = found[key]
        found[key] = (
            start + units * Fraction(rate["cost_per_use"]) * 100,
            spread + units * Fraction(rate["cost_per_hour"]) * hours[key] * 100,
        )
    return found


@cache
def projects(data_set: str) -> dict[str, GhentProject]:
    """All projects of a data set by their key, with their reports."""
    by_calendar = calendars(data_set)
    dates = {
        (row["project_id"], row["period"]): wall(row["status_date"])
        for row in rows(data_set, "status_dates.csv")
    }
    reports: dict[tuple[str, str], list[Report]] = {}
    progress = sorted(rows(data_set, "progress.csv"), key=lambda row: dates[row["project_id"], row["period"]])
    assert is_single_precision(Decimal(row["percent_complete"]) for row in progress)
    for row in progress:
        percent = restore_percent(
            Decimal(row["percent_complete"]),
            done=int(row["actual_duration_hours"]),
            left=int(row["remaining_duration_hours"]),
        )
        reports.setdefault((row["project_id"], row["activity_id"]), []).append(
            Report(
                at=dates[row["project_id"], row["period"]],
                percent=percent,
                started=bool(row["actual_start"]),
                actual_cost=Fraction(row["actual_cost"]) * 100,
            )
        )
    cost = costs(data_set)
    found: dict[str, list[Costed]] = {}
    for row in rows(data_set, "activities.csv"):
        key = row["project_id"], row["activity_id"]
        if row["kind"] == "group":
            continue
        found.setdefault(row["project_id"], []).append(
            Costed(
                key=row["activity_id"],
                start=wall(row["baseline_start"]),
                finish=wall(row["baseline_finish"]),
                start_cost=cost[key][0],
                spread_cost=cost[key][1],
                reports=tuple(reports.get(key, ())),
            )
        )
    return {
        key: GhentProject(
            key,
            tuple(activities),
            by_calendar[key],
            tuple((period, at) for (project, period), at in dates.items() if project == key),
        )
        for key, activities in found.items()
    }


def expected(data_set: str) -> Iterator[tuple[GhentProject, dict[str, str]]]:
    """Every row of the independent converter's `evm.csv` with its project."""
    known = projects(data_set)
    for row in rows(data_set, "expected/evm.csv"):
        yield known[row["project_id"]], row
