"""`manage.py schedule`: the engine on a file, from the command line, without a database."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

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
