"""Two people at one sheet, and the way back: merged, refused with the difference, undone, held, agreed to."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest

from pmo.refusals import Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.master_plan import sheet_views
from programs.master_plan.models import PlanEdit
from programs.schedule.models import Activity
from tests.cast import Office, everything
from tests.programs.planner import Planner, found, links, three_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return three_steps()


def test_two_people_edit_different_cells_of_one_activity_and_both_are_kept(office: Office) -> None:
    hers, his = Planner(office), Planner(office, "program_manager")
    assert hers.types("A1", "days", "8", was="5")[0] == 200
    assert his.types("A1", "name", "Renamed", was="Step A1")[0] == 200
    assert (found(office, "A1").name, found(office, "A1").duration_minutes) == ("Renamed", 8 * 480)


def test_the_later_edit_of_the_same_cell_is_refused_with_the_difference(office: Office) -> None:
    hers, his = Planner(office), Planner(office, "program_manager")
    hers.types("A1", "days", "8", was="5")
    status, answer = his.types("A1", "days", "6", was="5")
    assert status == 409
    assert "“5” when you began and is “8” now" in answer["problems"][0]["message"]
    assert 'id="plan"' in answer["html"]
    assert found(office, "A1").duration_minutes == 8 * 480


def test_a_dragged_bar_says_what_it_saw_though_its_columns_are_not_shown(office: Office) -> None:
    text = Planner(office).client.get("/p/ATLAS/plan/?cols=slip").content.decode()
    row = text.split(f'data-row="{found(office, "A1").pk}"')[1].split("><")[0]
    names = text.split('id="plan"')[1].split('data-seen="')[1].split('"')[0].split()
    told = json.loads(unescape(row.split("data-seen='")[1].split("'")[0]))
    seen = dict(zip(names, told, strict=True))
    assert seen == {
        "days": "5", "start": "", "finish": "5", "percent": "0", "predecessors": "", "calendar": "",
        "constraint": "", "actual_start": "", "actual_finish": "", "remaining": "",
    }  # fmt: skip
    Planner(office, "program_manager").types("A1", "start", "2026-03-02")
    dragged = {"do": "set", "activity": found(office, "A1").pk, "field": "start", "value": "2026-04-01"}
    status, answer = Planner(office).edits(dragged | {"was": seen["start"]}, dry="1")
    assert status == 409 and "is “SNET 2 Mar 2026" in answer["problems"][0]["message"]
    stretched = {"do": "set", "activity": found(office, "A1").pk, "field": "finish", "value": "2026-03-31"}
    assert (
        Planner(office).edits(stretched | {"was": seen["finish"]})[0] == 200
    )  # another field: both are kept


def test_undo_goes_back_step_by_step_and_is_refused_where_somebody_edited_since(office: Office) -> None:
    hers, his = Planner(office), Planner(office, "program_manager")
    hers.types("A1", "days", "8")
    hers.types("A2", "days", "9")
    his.types("A1", "days", "20")
    assert hers.undoes()[0] == 200 and found(office, "A2").duration_minutes == 3 * 480
    status, answer = hers.undoes()
    assert status == 409 and "3840 after your edit and is 9600 now" in answer["problems"][0]["message"]
    assert found(office, "A1").duration_minutes == 20 * 480
    assert his.undoes()[0] == 200 and found(office, "A1").duration_minutes == 8 * 480
    status, answer = his.undoes()
    assert status == 422 and answer["problems"][0]["message"] == "There is nothing to undo."


def test_a_new_edit_ends_redo_and_another_browser_has_its_own_undo(office: Office) -> None:
    planner = Planner(office)
    planner.types("A1", "days", "8")
    planner.undoes()
    planner.types("A1", "days", "7")
    assert planner.undoes(redo=True)[0] == 422
    elsewhere = Planner(office)
    assert elsewhere.undoes()[0] == 422
    with everything(office.program):
        assert sorted(PlanEdit.objects.values_list("state", flat=True)) == ["done", "dropped"]


def test_an_edit_that_moves_what_was_committed_is_held_until_it_is_agreed_to(office: Office) -> None:
    planner = Planner(office)
    planner.types("A3", "days", "0")
    planner.types("A3", "predecessors", "A1")
    with everything(office.program):
        baseline = Baseline.objects.create(
            program=office.program, number=1, name="As planned", origin="imported", is_current=True,
            frozen_at=office.program.starts_at,
        )  # fmt: skip
        BaselineActivity.objects.create(
            program=office.program, baseline=baseline, activity=Activity.objects.get(code="A3"),
            starts_at=office.program.starts_at, finishes_at=office.program.starts_at, duration_minutes=0,
        )  # fmt: skip
    op = {"do": "set", "activity": found(office, "A1").pk, "field": "days", "value": "30", "was": "5"}
    status, answer = planner.edits(op)
    assert status == 422 and "committed milestone later" in answer["problems"][0]["message"]
    assert found(office, "A1").duration_minutes == 5 * 480
    assert planner.edits(op | {"value": "40"}, agreed=answer["agree"])[0] == 422  # agreed to something else
    assert planner.edits(op, agreed=answer["agree"])[0] == 200
    assert found(office, "A1").duration_minutes == 30 * 480


def test_a_manager_of_another_project_cannot_edit_add_or_remove(office: Office) -> None:
    other, pk = Planner(office, "iam_manager"), found(office, "A1").pk
    for op in (
        {"do": "set", "activity": pk, "field": "days", "value": "1"},
        {"do": "set", "activity": pk, "field": "predecessors", "value": ""},
        {"do": "add", "below": pk, "cells": {"name": "Mine"}},
        {"do": "remove", "activity": pk},
        {"do": "indent", "activity": found(office, "A2").pk},
    ):
        status, _ = other.edits(op)
        assert status == (200 if op.get("field") == "predecessors" else 403), op
    assert Planner(office, "sponsor").client.post("/p/ATLAS/plan/edit/", {"ops": "[]"}).status_code == 403


def test_what_would_move_is_told_and_not_saved_until_it_is_agreed_to(office: Office) -> None:
    planner, first, second = Planner(office), found(office, "A1").pk, found(office, "A2").pk
    link = {"do": "link", "activity": second, "predecessor": first}
    form = {"ops": json.dumps([link]), "dry": "1"}
    answer = planner.client.post("/p/ATLAS/plan/edit/", form).json()
    assert (
        answer["tried"][0].replace("\xa0", " ") == "1 activity would have new dates." and links(office) == []
    )
    assert any(line.startswith("A2 Step A2: ") for line in answer["tried"])
    assert planner.edits(link, agreed=answer["agree"])[0] == 200
    assert links(office) == [("A1", "A2", "FS", 0, "working")]
    assert planner.edits(link)[0] == 422


def test_what_is_saved_is_said_to_be_saved_though_it_cannot_be_drawn(
    office: Office, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """An error while the answer is drawn comes after the commit: it is no refusal of the edit."""
    planner = Planner(office)
    pk = found(office, "A1").pk

    def broken(*_: object, **__: object) -> str:
        raise Refused("This cannot be drawn.", code="too-large")

    with monkeypatch.context() as patched:
        patched.setattr(sheet_views, "plan_context", broken)
        status, answer = planner.types("A1", "days", "7d")
        assert (status, answer["reload"], answer["html"]) == (200, True, "")
        assert answer["words"] and "problems" not in answer
        status, answer = planner.undoes()
        assert (status, answer["reload"]) == (200, True)
        status, answer = planner.undoes(redo=True)
        assert status == 200
        # What is refused is refused all the same, with its reason.
        status, answer = planner.types("A1", "days", "9d", was="1d")
        assert status == 409 and answer["problems"] and "html" not in answer
    assert found(office, "A1").duration_minutes == 7 * 480
    # The page that is loaded then tells it.
    text = planner.client.get("/p/ATLAS/plan/").content.decode()
    assert "It is saved" in text

    # As it happened: a plan that grows beyond what is computed at once, filtered by paths.
    settings.COMPUTE_IN_REQUEST_UP_TO = 3
    ops = [{"do": "add", "key": "n1", "below": pk, "cells": {"name": "Fourth"}}]
    sent = planner.client.post(f"/p/ATLAS/plan/edit/?path={pk}", {"ops": json.dumps(ops), "agreed": ""})
    assert sent.status_code == 200 and "Fourth" in sent.json()["html"]
    with everything(office.program):
        assert Activity.objects.filter(name="Fourth").count() == 1
