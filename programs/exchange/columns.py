"""The files of a CSV bundle and their columns: `docs/bundle-format.md` in code (a test holds the two together)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import cells


@dataclass(frozen=True, slots=True)
class Column:
    """`required`: the header must be there. `filled`: every row must have a value. `text`: people typed it."""

    name: str
    parse: Callable[[str], Any]
    required: bool = False
    filled: bool = False
    text: bool = False


def _key(name: str, parse: Callable[[str], Any] = cells.code) -> Column:
    return Column(name, parse, required=True, filled=True)


_KINDS = {
    "group": "summary",
    "activity": "task",
    "milestone": "finish_milestone",
}
_CONSTRAINTS = ("ASAP", "ALAP", "SNET", "SNLT", "FNET", "FNLT", "MSO", "MFO")
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NATURE = cells.choice(of=("capital", "operating"), also={"capex": "capital", "opex": "operating"})
_CATEGORIES = ("labour", "hardware", "software", "services", "facilities", "travel", "other")

FILES: dict[str, tuple[Column, ...]] = {
    "program.csv": (
        Column("code", cells.code),
        Column("name", cells.name, text=True),
        Column("currency", cells.currency),
        Column("time_zone", cells.name),
    ),
    "projects.csv": (
        _key("project_id"),
        Column("name", cells.name, required=True, filled=True, text=True),
        Column(
            "kind", cells.choice(of=("software", "infrastructure", "process", "organisation", "procurement"))
        ),
        Column("manager", cells.name, text=True),
        Column("currency", cells.currency),
        Column("hours_per_day", cells.positive),
        Column("calendar_id", cells.code),
        Column("lag_calendar", cells.choice(of=("predecessor", "successor", "project", "elapsed"))),
        Column("start", cells.moment),
        Column("progress_in", cells.choice(of=("status_dates", "activities"))),
        Column("baseline_start", cells.moment),
        Column("baseline_finish", cells.moment_end),
        # What the sender says the bundle holds; compared with what it does hold.
        Column("activities", cells.whole),
        Column("milestones", cells.whole),
        Column("dependencies", cells.whole),
        Column("bac", cells.positive),
        Column("status_dates", cells.whole),
        Column("cpm_duration_hours", cells.positive),
        Column("actual_finish", cells.moment_end),
        Column("final_actual_cost", cells.positive),
        Column("final_percent_complete", cells.percent),
    ),
    "calendars.csv": (
        Column("project_id", cells.code),
        Column("calendar_id", cells.code),
        Column("name", cells.name, text=True),
        Column("working_hours", cells.shifts, required=True),
        Column("non_working_weekdays_mon0", cells.weekdays),
        *(Column(day, cells.shifts) for day in _WEEK),
        Column("holidays", cells.days),
    ),
    "calendar_exceptions.csv": (
        _key("calendar_id"),
        _key("date", cells.day),
        Column("to_date", cells.day),
        Column("shifts", cells.shifts),
        Column("name", cells.name, text=True),
    ),
    "activities.csv": (
        _key("project_id"),
        _key(
            "kind",
            cells.choice(
                of=("group", "activity", "milestone", "start_milestone", "level_of_effort"), also=_KINDS
            ),
        ),
        _key("activity_id"),
        Column("wbs", cells.name, text=True),
        Column("name", cells.activity_name, required=True, filled=True, text=True),
        Column("parent_id", cells.code),
        Column("calendar_id", cells.code),
        Column("duration_hours", cells.hours, required=True),
        Column("constraint", cells.choice(of=_CONSTRAINTS)),
        Column("constraint_date", cells.moment_span),
        Column("deadline", cells.moment_end),
        Column("baseline_start", cells.moment),
        Column("baseline_finish", cells.moment_end),
        Column("baseline_duration_hours", cells.hours),
        Column("baseline_start_cost", cells.positive),
        Column("baseline_spread_cost", cells.positive),
        Column("dur_optimistic_h", cells.hours),
        Column("dur_most_likely_h", cells.hours),
        Column("dur_pessimistic_h", cells.hours),
        Column("fixed_cost", cells.positive),
        Column("cost_per_hour", cells.positive),
        Column("resource_cost", cells.positive),
        Column("total_cost", cells.positive),
        Column("cost_category", cells.choice(of=_CATEGORIES)),
        Column("cost_nature", _NATURE),
        Column("actual_start", cells.moment),
        Column("actual_finish", cells.moment_end),
        Column("remaining_duration_hours", cells.hours),
        Column("percent_complete", cells.percent),
        Column("priority", cells.whole),
        Column("notes", cells.notes, text=True),
    ),
    "dependencies.csv": (
        Column("project_id", cells.code),
        Column("from_project", cells.code),
        Column("to_project", cells.code),
        _key("from_activity"),
        _key("to_activity"),
        Column("type", cells.choice(of=("FS", "SS", "FF", "SF"))),
        Column("lag_hours", cells.number),
        Column("lag_unit", cells.choice(of=("working", "elapsed", "percent"))),
    ),
    "resources.csv": (
        Column("project_id", cells.code),
        _key("resource_id"),
        Column("name", cells.name, required=True, filled=True, text=True),
        Column(
            "type",
            cells.choice(
                of=("person", "role", "equipment", "environment", "material"),
                also={"renewable": "role", "consumable": "material", "work": "role"},
            ),
        ),
        Column("availability", cells.four_decimals),
        Column("cost_per_use", cells.positive),
        Column("cost_per_hour", cells.positive),
        Column("email", cells.name),
        Column("calendar_id", cells.code),
    ),
    "assignments.csv": (
        _key("project_id"),
        _key("activity_id"),
        _key("resource_id"),
        Column("resource_project", cells.code_or_program),
        Column("units", cells.four_decimals),
        Column("fixed_quantity", cells.yes_no),
        Column("effort_hours", cells.hours),
    ),
    "status_dates.csv": (
        _key("project_id"),
        _key("period", cells.whole),
        Column("name", cells.name, text=True),
        _key("status_date", cells.moment_end),
    ),
    "progress.csv": (
        _key("project_id"),
        _key("period", cells.whole),
        _key("activity_id"),
        Column("actual_start", cells.moment),
        Column("actual_finish", cells.moment_end),
        Column("actual_duration_hours", cells.hours),
        Column("remaining_duration_hours", cells.hours),
        Column("percent_complete", cells.percent, required=True),
        Column("actual_cost", cells.positive),
    ),
    "budget.csv": (
        _key("project_id"),
        _key("category", cells.choice(of=_CATEGORIES)),
        _key("nature", _NATURE),
        Column("period", cells.month),
        _key("amount", cells.positive),
        Column("currency", cells.currency),
        Column("description", cells.name, text=True),
    ),
    "actuals.csv": (
        _key("project_id"),
        Column("activity_id", cells.code),
        _key("date", cells.day),
        _key("category", cells.choice(of=_CATEGORIES)),
        _key("nature", _NATURE),
        _key("amount", cells.number),
        Column("currency", cells.currency),
        _key("reference", cells.name),
        Column("description", cells.name, text=True),
        Column("vendor", cells.name, text=True),
    ),
}

REQUIRED_FILES = ("projects.csv", "activities.csv")
