"""`manage.py schedule`: the engine on a file, from the command line, without a database."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from programs.exchange.problems import ImportRefused, Problems
from programs.exchange.sheet_layout import SheetLayout
from programs.exchange.sheet_rows import read_rows
from tests.shared import shared

from .bundles import GOOD, as_bytes, spoilt, zipped

ROOT = Path(__file__).resolve().parents[3]
COLUMNS = ["project", "activity", "early_start", "early_finish", "late_start", "late_finish"]
COLUMNS += ["total_float_minutes", "free_float_minutes", "on_longest_path"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; no database can be reached from it."""
    environment = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    command = [sys.executable, str(ROOT / "manage.py"), "schedule", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)


def test_a_zip_becomes_one_row_per_activity_with_stable_columns(tmp_path: Path) -> None:
    (tmp_path / "plan.zip").write_bytes(zipped(as_bytes(GOOD)))
    done = run(str(tmp_path / "plan.zip"), "--csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == COLUMNS
    assert [(row["project"], row["activity"]) for row in rows] == [
        ("NET", "N1"),
        ("NET", "N2"),
        ("NET", "N3"),
        ("APP", "A1"),
        ("APP", "A2"),
    ]
    # Two days of cable from Monday; lag of two hours on the clock; then a night and a half of laying.
    assert (rows[0]["early_start"], rows[0]["early_finish"]) == ("2027-01-04T08:00", "2027-01-05T17:00")
    assert (rows[1]["early_start"], rows[1]["early_finish"]) == ("2027-01-05T22:00", "2027-01-06T06:00")
    # Half of 40 hours after the building began on Tuesday; the network is up before that.
    assert rows[4]["early_start"] == "2027-01-07T13:00"


def test_a_plan_with_errors_is_told_row_by_row_and_not_scheduled(tmp_path: Path) -> None:
    for name, body in spoilt("activities.csv", "night,8", "night,-8").items():
        (tmp_path / name).write_bytes(body)
    done = run(str(tmp_path), "--csv")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "error: activities.csv, row 4, duration_hours (-8): The duration_hours a duration" in done.stderr


def test_a_file_that_is_no_plan_is_refused_in_a_sentence(tmp_path: Path) -> None:
    done = run(str(tmp_path / "nowhere.xml"))
    assert done.returncode == 1
    assert "nowhere.xml: cannot be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_csv_it_tells_each_projects_dates() -> None:
    done = run(str(ROOT / "samples" / "fedora20"))
    assert done.returncode == 0
    assert done.stdout.startswith("F20: 380 activities, 2013-05-01T09:00 to 2013-11-29T18:00")


DUMP = """\
P\tours.xer\tXER\t29984160\t29987040\t\t\tRETAINED_LOGIC\tPREDECESSOR\ttrue\t0
C\t0\tStandard\t480\t29984160-29984640 29985600-29986080 29987040-29987520 29988480-29988960 29989920-29990400
A\t1\t0\t960\t480\t\t\t\t\t29984160\t\t\tTASK_DEPENDENT\tAUTO\t\ttrue\tfalse
A\t2\t0\t960\t480\t\t\t\t\t29985600\t\t\tTASK_DEPENDENT\tAUTO\t\ttrue\tfalse
A\t3\t0\t480\t480\t\t\t\t\t\t\t\tTASK_DEPENDENT\tAUTO\t\tfalse\tfalse
L\t1\t2\tFS\t0\tW
L\t2\t3\tFS\t0\tW
"""
"""Two activities, the second begun before the first was done; a third one that is out of use."""


def rows_of(done: subprocess.CompletedProcess[str]) -> list[dict[str, str]]:
    assert (done.returncode, done.stderr) == (0, "")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def test_a_dump_is_scheduled_by_its_own_tools_rules_unless_told_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "ours.txt"
    path.write_text(DUMP)
    own, kept, let_go = (
        rows_of(run(str(path), "--csv", *flag))
        for flag in ([], ["--retained-logic"], ["--progress-override"])
    )
    assert [(row["project"], row["activity"]) for row in own] == [("ours.xer", "1"), ("ours.xer", "2")]
    assert own == kept
    # What is left of 2 waits for 1 to be done, or for the status date only.
    assert kept[1]["early_finish"] == "2027-01-07T16:00"
    assert let_go[1]["early_finish"] == "2027-01-06T16:00"


def test_a_bundle_obeys_the_same_flags() -> None:
    sample = str(ROOT / "samples" / "fedora20")
    assert rows_of(run(sample, "--csv")) == rows_of(run(sample, "--csv", "--retained-logic"))
    assert len(rows_of(run(sample, "--csv", "--progress-override"))) == 380
    both = run(sample, "--retained-logic", "--progress-override")
    assert both.returncode != 0
    assert "not allowed with" in both.stderr


def test_a_spoilt_dump_is_refused_with_its_row(tmp_path: Path) -> None:
    for old, new, told in (
        ("L\t1\t2\tFS", "L\t1\t2\tXX", "spoilt.txt, row 6: is not a line of a neutral dump ('XX')"),
        ("A\t2\t0\t960", "A\t2\t7\t960", "activity 1: there is no calendar 7"),
        ("29987040-29987520", "29987040-29985660", "runs backwards"),
        ("L\t2\t3", "L\t2\t1", "these activities would wait for each other: 1 -> 2 -> 1"),
    ):
        path = tmp_path / "spoilt.txt"
        path.write_text(DUMP.replace(old, new))
        done = run(str(path), "--csv")
        assert (done.returncode, done.stdout) == (1, ""), new
        assert told in done.stderr
        assert "Traceback" not in done.stderr


def test_the_archive_of_real_plans_is_scheduled_as_a_whole() -> None:
    rows = rows_of(run(str(shared("plans/neutral_dumps.zip")), "--csv", "--summaries"))
    assert len({row["project"] for row in rows}) == 18
    hotel = [row for row in rows if row["project"] == "p6_hotel_project.xer"]
    assert len(hotel) == 4217
    assert max(row["early_finish"] for row in hotel) == "2014-07-23T16:00"


OURS = """code,name,wbs,duration,start,predecessors
10,Survey,1,2d,2027-01-04,
11,Dig,2,3d,,10
"""


def test_a_table_with_our_headings_is_scheduled_without_being_described(tmp_path: Path) -> None:
    (tmp_path / "North region.csv").write_text("The plan of the north\n" + OURS)
    done = run(str(tmp_path / "North region.csv"), "--csv")
    assert (done.returncode, done.stderr) == (0, "")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["project"], row["activity"], row["early_finish"]) for row in rows] == [
        ("North-region", "10", "2027-01-05T17:00"),
        ("North-region", "11", "2027-01-08T17:00"),
    ]


MS_PROJECT = """ID,Task Name,Duration,Start,Predecessors,Outline Level,Resource Names,% Complete
1,Whole,25 days,2027-03-01,,1,,0%
2,A short,1 day,2027-03-01,,2,Jo,0%
3,B long,20 days?,2027-03-01,,2,Kim[50%],0%
4,C after A,5 days,,2FS+1 day,2,,0%
"""


def test_ms_project_s_headings_are_read_and_its_ids_are_what_predecessors_mean(tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(MS_PROJECT)
    rows = rows_of(run(str(table), "--csv"))
    assert [(row["activity"], row["early_start"], row["early_finish"]) for row in rows] == [
        ("2", "2027-03-01T08:00", "2027-03-01T17:00"),
        ("3", "2027-03-01T08:00", "2027-03-26T17:00"),
        ("4", "2027-03-03T08:00", "2027-03-09T17:00"),
    ]


def test_ids_that_predecessors_mean_are_not_passed_over(tmp_path: Path) -> None:
    table, kept = tmp_path / "plan.csv", tmp_path / "source.json"
    table.write_text("ID,Vorgang,Dauer,start,Nach\n1,A,1,2027-03-01,\n2,B,20,2027-03-01,\n3,C,5,,2\n")
    columns = {"name": "Vorgang", "duration": "Dauer", "predecessors": "Nach"}
    layout = SheetLayout("N", columns=columns)
    with pytest.raises(ImportRefused, match="nothing says that it is the code they mean"):
        read_rows(table.read_bytes(), "plan.csv", layout, Problems())
    kept.write_text(json.dumps({"project": "N", "columns": columns}))
    rows = rows_of(run(str(table), "--csv", "--source", str(kept), "--source", "code=ID"))
    assert [row["activity"] for row in rows] == ["1", "2", "3"]


def test_options_say_what_other_headings_mean(tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text(OURS.replace("duration", "Dauer").replace("2d", "2").replace("3d", "3"))
    options = ["--source", "duration=Dauer", "--source", "unit=hours", "--source", "project=N"]
    done = run(str(table), *options)
    assert done.returncode == 0
    assert done.stdout == "N: 2 activities, 2027-01-04T08:00 to 2027-01-04T14:00, 2 on the longest path\n"
    kept = tmp_path / "source.json"
    kept.write_text(
        '{"name": "x", "layout": {"project": "N", "unit": "hours", "columns": {"duration": "Dauer"}}}'
    )
    assert run(str(table), "--source", str(kept)).stdout == done.stdout


def test_a_table_or_an_option_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    table = tmp_path / "plan.csv"
    table.write_text("Vorgang,Dauer\nA,1\n")
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"project": "N", "columns": {"name": ["x"]}}')
    for options, said in (
        ([], "has no row of headings of ours among its first 60"),
        (["--source", "wort=x"], "is neither one of our columns"),
        (["--source", "unit=years"], "This way of writing durations"),
        (
            ["--source", "name=Vorgang", "--source", "code=Vorgang"],
            "gives two of our columns the same heading",
        ),
        (["--source", str(tmp_path / "none.json")], "cannot be read"),
        (["--source", str(wrong)], "each heading and setting is a text"),
        (["--source", "name=Vorgang"], "Give the duration, or start and finish."),
    ):
        done = run(str(table), *options)
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr
