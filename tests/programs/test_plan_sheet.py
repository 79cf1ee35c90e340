"""The plan as a sheet: what is typed, merged, refused at its cell, undone and done again."""

from __future__ import annotations

import json
from html import unescape
from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.refusals import Refused
from programs.baselines.models import Baseline, BaselineActivity
from programs.master_plan import sheet_views
from programs.master_plan.models import PlanEdit
from programs.schedule import services
from programs.schedule.models import Activity, Dependency
from tests.cast import Office, everything, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    office = make_office()
    for code, days in (("A1", 5), ("A2", 3), ("A3", 1)):
        commands.run(
            services.add_activity,
            actor=office.program_manager,
            program=office.program,
            project_id=office.erp.pk,
            values={"code": code, "name": f"Step {code}", "duration_minutes": days * 480},
        )
    return office


class Planner:
    """Somebody at the sheet, in a browser of her own."""

    def __init__(self, office: Office, role: str = "erp_manager") -> None:
        self.office, self.client = office, Client()
        self.client.force_login(office.people[role])

    def edits(self, *ops: dict[str, Any], agreed: str = "", **more: str) -> tuple[int, dict[str, Any]]:
        given = {"ops": json.dumps(list(ops)), "agreed": agreed} | more
        answer = self.client.post("/p/ATLAS/plan/edit/", given)
        return answer.status_code, answer.json()

    def types(self, code: str, field: str, value: str, was: str | None = None) -> tuple[int, dict[str, Any]]:
        pk = found(self.office, code).pk
        return self.edits({"do": "set", "activity": pk, "field": field, "value": value, "was": was})

    def undoes(self, *, redo: bool = False) -> tuple[int, dict[str, Any]]:
        answer = self.client.post("/p/ATLAS/plan/undo/", {"redo": "1"} if redo else {})
        return answer.status_code, answer.json()


def found(office: Office, code: str) -> Activity:
    with everything(office.program):
        return Activity.objects.select_related("parent").get(program=office.program, code=code)


def links(office: Office) -> list[tuple[str, str, str, int, str]]:
    with everything(office.program):
        return list(
            Dependency.objects.filter(program=office.program)
            .order_by("pk")
            .values_list("predecessor__code", "successor__code", "kind", "lag", "lag_unit")
        )


def order(office: Office) -> list[tuple[str, int]]:
    with everything(office.program):
        rows = Activity.objects.filter(program=office.program).order_by("position", "pk")
        return list(rows.values_list("name", "level"))


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


def test_a_row_is_added_below_another_with_the_next_code_and_undone(office: Office) -> None:
    planner = Planner(office)
    below = found(office, "A1").pk
    new = {
        "do": "add",
        "key": "n1",
        "below": below,
        "cells": {"name": "Between", "days": "2w", "predecessors": "A1"},
    }
    status, answer = planner.edits(new, {"do": "set", "activity": "n1", "field": "percent", "value": "10"})
    assert status == 200, answer
    assert [name for name, _ in order(office)] == ["Step A1", "Between", "Step A2", "Step A3"]
    made = found(office, "A4")
    assert answer["made"] == {"n1": made.pk} and made.duration_minutes == 10 * 480
    assert links(office) == [("A1", "A4", "FS", 0, "working")]
    assert planner.undoes()[0] == 200
    assert [name for name, _ in order(office)] == ["Step A1", "Step A2", "Step A3"] and links(office) == []
    assert planner.undoes(redo=True)[0] == 200
    assert found(office, "A4").pk == made.pk and links(office) == [("A1", "A4", "FS", 0, "working")]


def test_a_pasted_block_names_its_own_rows_also_those_that_come_later(office: Office) -> None:
    planner, below = Planner(office), found(office, "A3").pk
    block = [("Dig", "2d", ""), ("Pour", "1d", "1FS+3d"), ("Survey", "4h", "4"), ("Start", "0", "A3")]
    ops: list[dict[str, Any]] = [
        {
            "do": "add",
            "key": f"k{n}",
            "alias": str(n),
            "below": f"k{n - 1}" if n > 1 else below,
            "cells": {"name": name, "days": days, "predecessors": before},
        }
        for n, (name, days, before) in enumerate(block, 1)
    ]
    status, answer = planner.edits(*ops)
    assert status == 200, answer
    assert order(office)[3:] == [("Dig", 0), ("Pour", 0), ("Survey", 0), ("Start", 0)]
    assert set(links(office)) == {
        ("A4", "A5", "FS", 1440, "working"),
        ("A7", "A6", "FS", 0, "working"),
        ("A3", "A7", "FS", 0, "working"),
    }
    ops[1]["cells"] |= {"predecessors": "9", "days": "never"}
    status, answer = planner.edits(*ops)
    assert status == 422 and [one["op"] for one in answer["problems"]] == [1]
    assert len(order(office)) == 7


def test_many_rows_are_edited_at_once_and_undone_at_once(office: Office) -> None:
    planner = Planner(office)
    pks = [found(office, code).pk for code in ("A1", "A2", "A3")]
    ops = [{"do": "set", "activity": pk, "field": "constraint", "value": "SNET 2026-12-01"} for pk in pks]
    status, answer = planner.edits(*ops)
    assert status == 200 and "and 2 more edits." in answer["words"]
    assert {found(office, code).constraint for code in ("A1", "A2", "A3")} == {"SNET"}
    planner.undoes()
    assert {found(office, code).constraint for code in ("A1", "A2", "A3")} == {"ASAP"}


def test_a_hundred_rows_find_room_below_the_same_row(office: Office) -> None:
    below = found(office, "A1").pk
    ops = [{"do": "add", "below": below, "cells": {"name": f"N{n}"}} for n in range(40)]
    assert Planner(office).edits(*ops)[0] == 200
    names = [name for name, _ in order(office)]
    assert names == ["Step A1", *(f"N{n}" for n in reversed(range(40))), "Step A2", "Step A3"]


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


def test_indent_makes_a_summary_and_outdent_a_task_again(office: Office) -> None:
    planner = Planner(office)
    second, third = found(office, "A2").pk, found(office, "A3").pk
    assert planner.edits({"do": "indent", "activity": second}, {"do": "indent", "activity": third})[0] == 200
    assert order(office) == [("Step A1", 0), ("Step A2", 1), ("Step A3", 1)]
    assert found(office, "A1").kind == "summary" and found(office, "A3").parent_id == found(office, "A1").pk
    assert planner.edits({"do": "outdent", "activity": second})[0] == 200
    # What followed it under the summary now lies under it, as the rows show.
    assert order(office) == [("Step A1", 0), ("Step A2", 0), ("Step A3", 1)]
    assert (found(office, "A1").kind, found(office, "A2").kind) == ("task", "summary")
    assert planner.undoes()[0] == 200 and planner.undoes()[0] == 200
    assert order(office) == [("Step A1", 0), ("Step A2", 0), ("Step A3", 0)]
    assert found(office, "A1").duration_minutes == 5 * 480 and found(office, "A1").kind == "task"
    status, answer = planner.edits({"do": "indent", "activity": found(office, "A1").pk})
    assert status == 422 and "no row above" in answer["problems"][0]["message"]


def test_rows_that_lie_under_each_other_in_a_circle_are_refused_and_hold_nobody_up(office: Office) -> None:
    with everything(office.program):
        for code, above in (("A1", "A2"), ("A2", "A1")):
            rows = Activity.objects.filter(program=office.program, code=code)
            rows.update(kind="summary", parent=Activity.objects.get(program=office.program, code=above))
    status, answer = Planner(office).edits({"do": "indent", "activity": found(office, "A3").pk})
    assert status == 422 and "in a circle" in answer["problems"][0]["message"]


def test_a_removed_row_comes_back_with_its_links_and_its_place(office: Office) -> None:
    planner = Planner(office)
    planner.types("A2", "predecessors", "A1")
    planner.types("A3", "predecessors", "A2SS+1d")
    before = links(office)
    pk = found(office, "A2").pk
    assert planner.edits({"do": "remove", "activity": pk})[0] == 200
    assert links(office) == [] and len(order(office)) == 2
    assert planner.undoes()[0] == 200
    assert links(office) == before and [name for name, _ in order(office)] == [
        "Step A1",
        "Step A2",
        "Step A3",
    ]


def test_a_removed_row_comes_back_between_its_neighbours_after_rows_were_numbered_anew(
    office: Office,
) -> None:
    hers, his = Planner(office), Planner(office, "program_manager")
    hers.edits(*({"do": "remove", "activity": found(office, code).pk} for code in ("A3", "A2")))
    project = {"do": "add", "project": office.erp.pk}
    for n in range(6):
        assert (
            his.edits(project | {"key": f"n{n}", "cells": {"code": f"F{n}", "name": f"First {n}"}})[0] == 200
        )
    below = {
        "do": "add",
        "below": found(office, "A1").pk,
        "key": "x",
        "cells": {"code": "X", "name": "Below A1"},
    }
    assert his.edits(below)[0] == 200
    assert hers.undoes()[0] == 200
    names = [name for name, _ in order(office)]
    assert names[-4:] == ["Step A1", "Step A2", "Step A3", "Below A1"]
    assert hers.undoes(redo=True)[0] == 200 and [name for name, _ in order(office)][-2:] == [
        "Step A1",
        "Below A1",
    ]
    assert his.undoes()[0] == 200 and his.undoes(redo=True)[0] == 200
    assert [name for name, _ in order(office)][-2:] == ["Step A1", "Below A1"]


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


def test_an_empty_project_can_be_begun_below_its_heading(office: Office) -> None:
    planner = Planner(office, "program_manager")
    page = planner.client.get("/p/ATLAS/plan/").content.decode()
    assert f'data-row="p{office.iam.pk}"' in page
    status, answer = planner.edits({"do": "add", "project": office.iam.pk, "cells": {"name": "First"}})
    assert status == 200, answer
    with everything(office.program):
        assert Activity.objects.get(project=office.iam).code == "1"
    assert (
        f'data-row="p{office.iam.pk}"'
        not in Planner(office, "sponsor").client.get("/p/ATLAS/plan/?critical=1").content.decode()
    )


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
