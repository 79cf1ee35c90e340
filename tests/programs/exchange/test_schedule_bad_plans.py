"""`manage.py schedule` on plans that cannot be, or hardly: a named error or a right answer."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from .bundles import GOOD, as_bytes, spoilt

LINK = "NET,,,N2,N3,FF,,"
HEADS = {name: text.splitlines()[0] + "\n" for name, text in GOOD.items()}
FRAME = {name: GOOD[name] for name in ("program.csv", "projects.csv", "calendars.csv")}

REFUSED: dict[str, tuple[dict[str, bytes], str]] = {
    "ring": (
        spoilt("dependencies.csv", LINK, f"{LINK}\nNET,,,N3,N1,FS,,"),
        "dependencies.csv, row 4, to_activity (N1): The dependencies run in a circle: N1 → N2 → N3 → N1.",
    ),
    "group before its own child": (
        spoilt("dependencies.csv", LINK, f"{LINK}\nNET,,,N,N1,FS,,"),
        "The dependencies run in a circle: N → N1 → N2 → N3 → N.",
    ),
    "no working time": (
        spoilt("calendars.csv", "NET,,8 9 10 11 13 14 15 16,5 6,2027-01-06", "NET,,8,0 1 2 3 4 5 6,"),
        "calendars.csv, row 2, working_hours: This calendar has no working time in the week.",
    ),
    "a century": (
        spoilt("activities.csv", "Build,,,40", "Build,,,876000"),
        "activities.csv, row 6, duration_hours (876000): The duration_hours is longer than thirty years.",
    ),
    "a range of nothing": (
        spoilt("activities.csv", "30,40,60", "NaN,40,60"),
        "dur_optimistic_h (NaN): The dur_optimistic_h is not a plain number",
    ),
    "optimistic above pessimistic": (
        spoilt("activities.csv", "30,40,60", "70,40,60"),
        "(70 / 40 / 60): The three estimates are not in order: optimistic, most likely, pessimistic.",
    ),
    "actual in the future": (
        spoilt("progress.csv", "2027-01-04T08:00", "2027-01-09T08:00"),
        "progress.csv, row 2, actual_start (2027-01-09T08:00): This is after the status date",
    ),
}


def _run(folder: Path, files: dict[str, bytes]) -> tuple[list[dict[str, str]], str]:
    for name, body in files.items():
        (folder / name).write_bytes(body)
    out, told = io.StringIO(), io.StringIO()
    try:
        call_command("schedule", str(folder), "--csv", stdout=out, stderr=told)
    except CommandError as refused:
        return [], f"{told.getvalue()}{refused}"
    return list(csv.DictReader(io.StringIO(out.getvalue()))), told.getvalue()


@pytest.mark.parametrize(("files", "words"), REFUSED.values(), ids=list(REFUSED))
def test_a_plan_that_cannot_be_is_refused_at_its_row(
    tmp_path: Path, files: dict[str, bytes], words: str
) -> None:
    rows, told = _run(tmp_path, files)
    assert rows == []
    assert words in told
    assert "must be put right before this plan can be scheduled" in told


def test_a_plan_of_nothing_and_a_plan_of_one_activity_are_scheduled(tmp_path: Path) -> None:
    empty = FRAME | {name: HEADS[name] for name in ("activities.csv", "dependencies.csv")}
    assert _run(tmp_path, as_bytes(empty)) == ([], "")
    one = HEADS["activities.csv"] + GOOD["activities.csv"].splitlines()[5] + "\n"
    rows, told = _run(tmp_path, as_bytes(FRAME | {"activities.csv": one}))
    assert told == ""
    assert [(row["early_start"], row["early_finish"], row["on_longest_path"]) for row in rows] == [
        ("2027-01-05T08:00", "2027-01-11T17:00", "1")
    ]
