"""What a CSV bundle may say, and how it comes out."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from programs.exchange.codec import decode, digest, encode
from programs.exchange.columns import FILES
from programs.exchange.draft import iso
from programs.exchange.problems import SHOWN, Problems
from programs.exchange.totals import totals_of

from .bundles import GOOD, as_bytes, errors, read, spoilt


def test_a_complete_small_bundle_is_read_without_a_single_problem() -> None:
    draft, problems = read(as_bytes(GOOD))
    assert problems == []
    assert (draft.program.code, draft.program.currency, draft.program.time_zone) == (
        "RETAIL",
        "EUR",
        "Europe/Brussels",
    )
    assert [(p.code, p.kind, p.manager, p.calendar) for p in draft.projects] == [
        ("NET", "infrastructure", "Ann", "NET"),
        ("APP", "software", "Bo", "office"),
    ]
    assert [(a.code, a.kind, a.parent, a.duration) for a in draft.activities] == [
        ("N", "summary", "", 0),
        ("N1", "task", "N", 960),
        ("N2", "task", "N", 480),
        ("N3", "finish_milestone", "N", 0),
        ("A1", "task", "", 2400),
        ("A2", "task", "", 1440),
    ]
    assert [(d.from_activity, d.to_activity, d.type, d.lag, d.lag_unit) for d in draft.dependencies] == [
        ("N1", "N2", "FS", 120, "elapsed"),
        ("N2", "N3", "FF", 0, "working"),
        ("A1", "A2", "SS", 50, "percent"),
        ("N3", "A2", "FS", -480, "working"),
    ]
    assert draft.resources[0].cost_per_hour == Decimal("80.25")
    assert draft.assignments[0].resource_project == ""
    assert draft.progress[0].percent_complete == Decimal("50.5")
    assert (draft.actuals[0].nature, draft.actuals[0].amount) == ("capital", Decimal("99.95"))


def test_calendars_have_shifts_hour_lists_holidays_and_dated_exceptions() -> None:
    draft, _ = read(as_bytes(GOOD))
    net, office, night = draft.calendars
    assert net.week == (((480, 720), (780, 1020)),) * 5 + ((), ())
    assert net.exceptions == {date(2027, 1, 6): ()}
    assert office.week == net.week
    assert office.exceptions == {date(2027, 1, 9): ((540, 780),)}
    assert night.week == (((0, 360), (1320, 1440)),) * 7


def test_a_constraint_on_a_finish_without_a_time_means_the_end_of_that_day() -> None:
    draft, _ = read(as_bytes(GOOD))
    by_code = {activity.code: activity for activity in draft.activities}
    assert iso(by_code["A1"].constraint_date or 0) == "2027-01-05T00:00"
    assert iso(by_code["A2"].constraint_date or 0) == "2027-01-30T00:00"


def test_only_projects_and_activities_are_required() -> None:
    activities = "project_id,kind,activity_id,name,duration_hours\nNET,activity,X,Do it,8\n"
    projects = "project_id,name,start\nNET,Network,2027-01-04\n"
    draft, problems = read(as_bytes({"projects.csv": projects, "activities.csv": activities}))
    assert [p.severity for p in problems] == ["warning"]  # no calendar given: the standard week is assumed
    assert draft.calendars[0].code == draft.projects[0].calendar == "standard"


def test_what_comes_back_through_json_is_the_same_draft() -> None:
    draft, _ = read(as_bytes(GOOD))
    assert decode(json.loads(json.dumps(encode(draft)))) == draft


def test_the_digest_is_of_the_content_not_of_the_file() -> None:
    draft, _ = read(as_bytes(GOOD))
    lines = GOOD["dependencies.csv"].splitlines()
    shuffled = "\r\n".join([lines[0], lines[3], lines[1], lines[4], lines[2]])
    same, _ = read(
        spoilt("activities.csv", "100.50,100.50", '"100.5",100.500', **{"dependencies.csv": "﻿" + shuffled})
    )
    assert digest(same) == digest(draft)


def test_every_changed_cell_changes_the_digest() -> None:
    draft, _ = read(as_bytes(GOOD))
    before = digest(draft)
    for file, old, new in (
        ("activities.csv", "Lay cable", "Lay cables"),
        ("activities.csv", "100.50,100.50", "100.51,100.51"),
        ("calendars.csv", "2027-01-06", "2027-01-07"),
        ("dependencies.csv", "FS,2,elapsed", "FS,2,working"),
        ("progress.csv", "50.5", "50.6"),
        ("projects.csv", "Ann", "Anna"),
    ):
        assert digest(read(spoilt(file, old, new))[0]) != before, (file, new)


def test_control_totals_are_plain_counts_and_exact_sums() -> None:
    draft, _ = read(as_bytes(GOOD))
    totals = totals_of(draft)
    assert (totals.activities, totals.dependencies, totals.cross_project_dependencies) == (5, 4, 1)
    assert (totals.planned_cost, totals.budget, totals.actual_costs) == ("2100.50", "1000.00", "99.95")
    net = totals.projects[0]
    assert (net.summaries, net.tasks, net.milestones, net.duration_minutes) == (1, 2, 1, 1440)
    assert (net.first_date, net.last_date, net.actual_cost) == (
        "2027-01-04T08:00",
        "2027-01-05T17:00",
        "600.25",
    )


def test_what_the_sender_states_is_compared_with_what_is_there() -> None:
    stated = GOOD["projects.csv"].replace("hours_per_day", "activities").replace("Ann,8", "Ann,4")
    _, problems = read(as_bytes(GOOD | {"projects.csv": stated}))
    assert [(p.severity, p.row, p.value) for p in problems] == [("warning", 2, "4"), ("warning", 3, "8")]


def test_formulas_stay_text_and_unknown_columns_and_files_are_named() -> None:
    _, problems = read(spoilt("activities.csv", "Lay cable", '"=HYPERLINK(""x"")"'))
    assert [(p.severity, p.row, p.column) for p in problems] == [("warning", 4, "name")]
    draft, problems = read(spoilt("status_dates.csv", "name,status", "nickname,status"))
    assert [(p.severity, p.row, p.column) for p in problems] == [("warning", 1, "nickname")]
    assert draft.unknown == ["status_dates.csv: column nickname"]


def test_a_circle_of_dependencies_is_refused_with_its_path() -> None:
    more = GOOD["dependencies.csv"] + ",APP,NET,A2,N1,FS,0,\n"
    problem = next(p for p in read(as_bytes(GOOD | {"dependencies.csv": more}))[1] if p.severity == "error")
    assert "NET/N1 → NET/N2 → NET/N3 → APP/A2 → NET/N1" in problem.sentence
    assert problem.row is not None


def test_a_group_cannot_wait_for_what_is_in_it() -> None:
    more = GOOD["dependencies.csv"] + "NET,,,N,N2,FS,0,\n"
    problem = next(p for p in read(as_bytes(GOOD | {"dependencies.csv": more}))[1] if p.severity == "error")
    assert "N → N2 → N" in problem.sentence or "N2 → N → N2" in problem.sentence


def test_the_document_names_every_file_and_column() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "bundle-format.md").read_text(encoding="utf-8")
    for file, columns in FILES.items():
        assert f"`{file}`" in text
        section = text.split(f"## `{file}`")[1].split("\n## ")[0]
        for column in columns:
            assert f"`{column.name}`" in section, (file, column.name)
            named = next(line for line in section.splitlines() if f"| `{column.name}`" in line)
            assert ("required" in named) == column.required, (file, column.name)


def test_errors_are_listed_up_to_a_thousand_and_the_rest_is_counted() -> None:
    problems = Problems()
    for row in range(1_500):
        problems.warn("a.csv", row, "", "", "w")
        problems.error("a.csv", row, "", "", "e")
    assert (len(problems.shown()), problems.rest()) == (SHOWN, 2_000)
    assert {p.severity for p in problems.shown()} == {"error"}


def test_a_bad_row_does_not_make_the_rows_that_refer_to_it_look_wrong() -> None:
    assert errors(spoilt("activities.csv", ",16,,,100.50", ",-16,,,100.50")) == [
        ("activities.csv", 3, "duration_hours", "-16")
    ]
