"""Published examples and real projects with known answers: every row of them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from programs.engine import LinkKind, Plan, Project, Rules, Shift, StartFloor, WorkCalendar, schedule
from tests.programs.engine.planner import CALENDARS, minute
from tests.shared import shared

HOUR = 60
START = minute("01-04T00:00")
_LINKS = {"FS": LinkKind.FINISH_START, "SS": LinkKind.START_START}
_LINKS |= {"FF": LinkKind.FINISH_FINISH, "SF": LinkKind.START_FINISH}


def around_the_clock(durations: list[float], links: list[tuple[int, int, str, float]]) -> Plan:
    """A network in abstract units of time, one unit an hour, worked day and night."""
    return Plan(
        calendars=[CALENDARS["always"]],
        projects=[Project(START)],
        calendar=[0] * len(durations),
        duration=[round(units * HOUR) for units in durations],
        predecessor=[link[0] for link in links],
        successor=[link[1] for link in links],
        link_kind=[_LINKS[link[2]] for link in links],
        lag=[round(link[3] * HOUR) for link in links],
    )


def units(t: int) -> float:
    return (t - START) / HOUR


def test_all_four_kinds_of_link_with_every_lag_and_duration_give_the_published_dates() -> None:
    cases = json.loads(shared("02_cpm_pert_worked_examples/relation_types_lags.json").read_text())
    assert len(cases) == 20
    compared = 0
    for case in cases:
        ids = [activity["var"] for activity in case["activities"]]
        links = [
            (ids.index(link["frm"]), ids.index(link["to"]), link["type"], link["lag"])
            for link in case["relations"]
        ]
        plan = around_the_clock([activity["duration"] for activity in case["activities"]], links)
        # The published package lets a link pull an activity in front of day 0; ours does where it is told to.
        early = case["needs_start_before_project_start"]
        floor = StartFloor.OPEN_STARTS if early else StartFloor.EVERY_ACTIVITY
        result = schedule(plan, Rules(start_floor=floor))
        assert units(result.finish) - units(min(result.early_start)) == case["duration"], case["title"]
        # In some published rows an activity whose finish holds nothing may end after the project: late
        # dates that the program's finish does not bound. Those rows' late dates are a convention that
        # nobody else shares.
        last = max(dates["late_finish"] for dates in case["expected"].values())
        bounded = last <= units(result.finish)
        compared += bounded
        for i, name in enumerate(ids):
            got = {
                "early_start": units(result.early_start[i]),
                "early_finish": units(result.early_finish[i]),
                "late_start": units(result.late_start[i]),
                "late_finish": units(result.late_finish[i]),
            }
            expected = case["expected"][name]
            keys = [key for key in got if bounded or key.startswith("early")]
            assert [got[key] for key in keys] == [expected[key] for key in keys], (case["title"], name)
    assert compared == 11


def _on_arrows(activities: list[dict[str, Any]]) -> list[tuple[int, int, str, float]]:
    """Activities drawn as arrows between events: each follows those that end where it begins."""
    return [
        (i, j, "FS", 0)
        for i, one in enumerate(activities)
        for j, other in enumerate(activities)
        if one["to"] == other["frm"]
    ]


def test_the_published_network_of_arrows_has_its_dates_floats_and_critical_activities() -> None:
    cases = json.loads(shared("02_cpm_pert_worked_examples/critpath_cpm_pert.json").read_text())["cases"]
    case = next(c for c in cases if "ES" in c["expected"])
    result = schedule(
        around_the_clock([a["duration"] for a in case["activities"]], _on_arrows(case["activities"]))
    )
    expected = case["expected"]
    assert units(result.finish) == expected["completion"]
    for i, activity in enumerate(case["activities"]):
        name = activity["name"]
        assert units(result.early_start[i]) == expected["ES"][name]
        assert units(result.early_finish[i]) == expected["EF"][name]
        assert units(result.late_start[i]) == expected["LS"][name]
        assert units(result.late_finish[i]) == expected["LF"][name]
        assert result.total_float[i] == expected["total_float"][name] * HOUR
        assert result.free_float[i] == expected["free_float"][name] * HOUR
        assert result.critical[i] == (name in expected["critical"])


def test_the_published_three_point_network_has_its_mean_completion_and_floats() -> None:
    cases = json.loads(shared("02_cpm_pert_worked_examples/critpath_cpm_pert.json").read_text())["cases"]
    case = next(c for c in cases if "mean" in c["expected"])
    expected, activities = case["expected"], case["activities"]
    means = [(a["optimistic"] + 4 * a["most_likely"] + a["pessimistic"]) / 6 for a in activities]
    assert means == [expected["mean"][a["name"]] for a in activities]
    result = schedule(around_the_clock(means, _on_arrows(activities)))
    assert units(result.finish) == expected["completion_mean"]
    for i, activity in enumerate(activities):
        assert result.total_float[i] == expected["total_float"][activity["name"]] * HOUR
        assert result.critical[i] == (activity["name"] in expected["critical"])


def instance(lines: list[str]) -> Plan:
    """A network of the scheduling library PSPLIB, from the lines of its file."""
    at = {line.strip(): k for k, line in enumerate(lines)}
    begin, middle = at["PRECEDENCE RELATIONS:"] + 2, at["REQUESTS/DURATIONS:"] + 3
    links, durations = [], []
    for line in lines[begin:]:
        if line.startswith("*"):
            break
        job, _, _, *successors = map(int, line.split())
        links += [(job - 1, after - 1, "FS", 0.0) for after in successors]
    for line in lines[middle:]:
        if line.startswith("*"):
            break
        durations.append(float(line.split()[2]))
    return around_the_clock(durations, links)


def test_the_scheduling_librarys_instances_have_their_published_length() -> None:
    folder = shared("02_cpm_pert_worked_examples/psplib")
    rows = list(csv.DictReader((folder / "expected_mpm_time.csv").read_text().splitlines()))
    assert len(rows) == 20
    for row in rows:
        result = schedule(instance((folder / row["file"]).read_text().splitlines()))
        assert units(result.finish) == int(row["published_mpm_time"]), row["file"]


def _table(path: Path) -> dict[str, list[dict[str, str]]]:
    """The rows of a CSV file by project."""
    rows: dict[str, list[dict[str, str]]] = defaultdict(list)
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["project_id"]].append(row)
    return rows


def _wall(text: str) -> int:
    return int((datetime.fromisoformat(text) - datetime(1970, 1, 1)).total_seconds()) // 60


def _calendar(row: dict[str, str], first: date) -> WorkCalendar:
    """A ProTrack calendar: the hours of the day that are worked, the weekdays that are not, and holidays."""
    day: list[Shift] = [(int(hour) * 60, int(hour) * 60 + 60) for hour in row["working_hours"].split()]
    free = {int(weekday) for weekday in row["non_working_weekdays_mon0"].split()}
    week = [[] if weekday in free else day for weekday in range(7)]
    holidays: dict[date, list[Shift]] = {date.fromisoformat(text): [] for text in row["holidays"].split()}
    return WorkCalendar.weekly(week, holidays, first=first, last=first.replace(year=first.year + 2))


@pytest.mark.parametrize(("folder", "rows"), [("schedule_only_cpm", 162), ("other_it_projects", 41)])
def test_real_projects_have_the_early_and_late_hours_of_their_own_tool(folder: str, rows: int) -> None:
    base = shared(f"01_dslib_real_projects/{folder}")
    activities, dependencies = _table(base / "activities.csv"), _table(base / "dependencies.csv")
    projects, calendars = _table(base / "projects.csv"), _table(base / "calendars.csv")
    checked = 0
    for project_id, expected in _table(base / "expected" / "cpm.csv").items():
        start = _wall(projects[project_id][0]["baseline_start"])
        first = datetime.fromisoformat(projects[project_id][0]["baseline_start"]).date()
        calendar = _calendar(calendars[project_id][0], first)
        work = [row for row in activities[project_id] if row["kind"] != "group"]
        index = {row["activity_id"]: i for i, row in enumerate(work)}
        links = dependencies[project_id]
        plan = Plan(
            calendars=[calendar],
            projects=[Project(start)],
            calendar=[0] * len(work),
            duration=[round(float(row["duration_hours"] or 0) * 60) for row in work],
            predecessor=[index[link["from_activity"]] for link in links],
            successor=[index[link["to_activity"]] for link in links],
            link_kind=[_LINKS[link["type"]] for link in links],
            lag=[round(float(link["lag_hours"]) * 60) for link in links],
        )
        result = schedule(plan)
        for row in expected:
            i = index[row["activity_id"]]
            got = [
                calendar.between(start, dates[i]) / 60
                for dates in (result.early_start, result.early_finish, result.late_start, result.late_finish)
            ]
            names = ("early_start_h", "early_finish_h", "late_start_h", "late_finish_h")
            assert got == [float(row[name]) for name in names], (project_id, row)
            assert got[0] == float(row["protrack_start_h"])
            assert result.total_float[i] == float(row["total_float_h"]) * 60
            assert (result.total_float[i] <= 0) == (row["critical"] == "1")
            checked += 1
    assert checked == rows
