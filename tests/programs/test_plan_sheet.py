"""The plan as a sheet: what is typed into a cell, and what is refused there; the same by the API."""

from __future__ import annotations

import pytest

from tests.cast import Office
from tests.programs.planner import Planner, found, links, three_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return three_steps()


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("3d", 1440),
        ("2w", 4800),
        ("4h", 240),
        ("90min", 90),
        ("7", 3360),
        ("2,5 days", 1200),
        ("1 week", 2400),
    ],
)
def test_a_duration_is_typed_in_days_weeks_hours_or_minutes(office: Office, typed: str, minutes: int) -> None:
    status, answer = Planner(office).types("A1", "days", typed)
    assert status == 200 and 'id="plan"' in answer["html"], answer
    assert found(office, "A1").duration_minutes == minutes


@pytest.mark.parametrize("typed", ["minus three", "-1", "1e9", "٣", "99999999", "1_000", "", "3ed"])
def test_nonsense_is_refused_in_words_at_its_cell_and_changes_nothing(office: Office, typed: str) -> None:
    status, answer = Planner(office).types("A1", "days", typed)
    assert status == 422
    assert answer["problems"][0]["field"] == "days" and answer["problems"][0]["message"].endswith(".")
    assert found(office, "A1").duration_minutes == 5 * 480


def test_nothing_makes_a_milestone_and_a_duration_makes_it_work_again(office: Office) -> None:
    planner = Planner(office)
    planner.types("A3", "days", "0")
    assert found(office, "A3").kind == "finish_milestone"
    planner.types("A3", "days", "2d")
    assert (found(office, "A3").kind, found(office, "A3").duration_minutes) == ("task", 960)


def test_predecessors_are_typed_as_in_other_planning_tools(office: Office) -> None:
    planner = Planner(office)
    status, answer = planner.types("A3", "predecessors", "A1FS+2d; a2ss")
    assert status == 200, answer
    assert links(office) == [("A1", "A3", "FS", 960, "working"), ("A2", "A3", "SS", 0, "working")]
    planner.types("A3", "predecessors", "ERP-FIN/A1-4h; A2FF+50%", was="A1FS+2d; A2SS")
    assert links(office) == [("A1", "A3", "FS", -240, "working"), ("A2", "A3", "FF", 50, "percent")]
    planner.types("A3", "predecessors", "")
    assert links(office) == []


def test_a_circle_of_predecessors_is_refused_and_an_unknown_code_named(office: Office) -> None:
    planner = Planner(office)
    planner.types("A2", "predecessors", "A1")
    status, answer = planner.types("A1", "predecessors", "A2")
    assert status == 422 and "would wait for each other" in answer["problems"][0]["message"]
    status, answer = planner.types("A1", "predecessors", "Z9FS")
    assert status == 422 and "Z9" in answer["problems"][0]["message"]
    assert links(office) == [("A1", "A2", "FS", 0, "working")]


def test_a_start_typed_is_a_constraint_and_says_so_when_emptied(office: Office) -> None:
    planner = Planner(office)
    planner.types("A1", "start", "2 Nov 2026")
    assert found(office, "A1").constraint == "SNET"
    assert "SNET 2 Nov 2026" in planner.client.get("/p/ATLAS/plan/?cols=start,constraint").content.decode()
    planner.types("A1", "start", "")
    assert found(office, "A1").constraint == "ASAP"
    status, answer = planner.types("A1", "start", "3/4/2026")
    assert status == 422 and "slashes" in answer["problems"][0]["message"]
    status, answer = planner.types("A1", "constraint", "FNLT")
    assert status == 422 and "needs a date" in answer["problems"][0]["message"]


def test_many_rows_are_edited_at_once_and_undone_at_once(office: Office) -> None:
    planner = Planner(office)
    pks = [found(office, code).pk for code in ("A1", "A2", "A3")]
    ops = [{"do": "set", "activity": pk, "field": "constraint", "value": "SNET 2026-12-01"} for pk in pks]
    status, answer = planner.edits(*ops)
    assert status == 200 and "and 2 more edits." in answer["words"]
    assert {found(office, code).constraint for code in ("A1", "A2", "A3")} == {"SNET"}
    planner.undoes()
    assert {found(office, code).constraint for code in ("A1", "A2", "A3")} == {"ASAP"}


def test_a_batch_is_saved_whole_or_not_at_all_with_every_fault_named(office: Office) -> None:
    planner = Planner(office)
    first, second = found(office, "A1").pk, found(office, "A2").pk
    status, answer = planner.edits(
        {"do": "set", "activity": first, "field": "days", "value": "9"},
        {"do": "set", "activity": second, "field": "days", "value": "soon"},
        {"do": "set", "activity": first, "field": "percent", "value": "140"},
    )
    assert status == 422
    assert [(one["op"], one["field"]) for one in answer["problems"]] == [(1, "days"), (2, "percent")]
    assert found(office, "A1").duration_minutes == 5 * 480


@pytest.mark.parametrize(
    "ops",
    [
        "",
        "{}",
        "[]",
        "[1]",
        '[{"do":"drop"}]',
        '[{"do":"set"}]',
        "[" * 5000,
        '[{"do":"remove","activity":true}]',
    ],
)
def test_what_is_no_edit_is_refused(office: Office, ops: str) -> None:
    answer = Planner(office).client.post("/p/ATLAS/plan/edit/", {"ops": ops})
    assert answer.status_code == 422 and "cannot be read" in answer.json()["problems"][0]["message"]


def test_the_api_takes_the_same_edits_and_undoes_them(office: Office) -> None:
    planner, pk = Planner(office), found(office, "A1").pk
    body = {
        "ops": [
            {"do": "set", "activity": pk, "field": "days", "value": "2w"},
            {"do": "add", "key": "n", "below": pk, "cells": {"name": "New"}},
            {"do": "set", "activity_key": "n", "field": "predecessors", "value": "A1"},
        ]
    }
    url = "/api/v1/programs/ATLAS/plan-edits/"
    answer = planner.client.post(url, body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["made"] == {"n": found(office, "A4").pk}
    assert found(office, "A1").duration_minutes == 10 * 480
    assert [row["state"] for row in planner.client.get(url).json()["results"]] == ["done"]
    assert planner.client.post(f"{url}undo/", {}, content_type="application/json").status_code == 200
    assert found(office, "A1").duration_minutes == 5 * 480
    assert planner.client.post(f"{url}redo/", {}, content_type="application/json").status_code == 200
    assert found(office, "A1").duration_minutes == 10 * 480
    wrong = {"ops": [{"do": "set", "activity": pk, "field": "days", "value": "soon"}]}
    refused = planner.client.post(url, wrong, content_type="application/json")
    assert refused.status_code == 422 and "Write a duration" in refused.content.decode()


def test_a_finish_typed_or_dragged_to_is_a_duration(office: Office) -> None:
    planner = Planner(office)
    planner.types("A1", "start", "2027-03-01")  # a Monday
    status, answer = planner.types("A1", "finish", "9 Mar 2027")
    assert status == 200, answer
    assert found(office, "A1").duration_minutes == 7 * 480
    assert planner.types("A1", "finish", "1 Mar 2027")[0] == 200
    assert found(office, "A1").duration_minutes == 480
    status, answer = planner.types("A1", "finish", "27 Feb 2027")
    assert (
        status == 422 and "no working time between its start, 1 Mar 2027" in answer["problems"][0]["message"]
    )
