"""Rows of the sheet: added, pasted, indented, removed, and back between their neighbours."""

from __future__ import annotations

from typing import Any

import pytest

from programs.schedule.models import Activity
from tests.cast import Office, everything
from tests.programs.planner import Planner, found, links, order, three_steps

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return three_steps()


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


def test_a_hundred_rows_find_room_below_the_same_row(office: Office) -> None:
    below = found(office, "A1").pk
    ops = [{"do": "add", "below": below, "cells": {"name": f"N{n}"}} for n in range(40)]
    assert Planner(office).edits(*ops)[0] == 200
    names = [name for name, _ in order(office)]
    assert names == ["Step A1", *(f"N{n}" for n in reversed(range(40))), "Step A2", "Step A3"]


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
