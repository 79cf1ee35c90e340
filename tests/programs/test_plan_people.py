"""Who works on what, typed into the plan's table: read, merged, refused at its cell, offered, undone and done again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.resources.models import Assignment, Resource
from tests.cast import Office, everything
from tests.programs.planner import Planner, found, three_steps

pytestmark = pytest.mark.django_db
COLUMN = "/p/ATLAS/plan/?cols=code,resources"


@pytest.fixture
def office() -> Office:
    return three_steps()


@pytest.fixture
def crew(office: Office) -> Office:
    with everything(office.program):
        for code, name, project in (
            ("JO", "Jo", None),
            ("KIM", "Kim", None),
            ("KIM", "Kim", office.iam),
            ("S-1", "Smith, Sam", office.erp),
        ):
            Resource.objects.create(
                program=office.program, project=project, code=code, name=name, kind="person"
            )
    return office


def on(office: Office, code: str) -> list[tuple[str, Decimal]]:
    with everything(office.program):
        rows = Assignment.objects.filter(program=office.program, activity__code=code).order_by("pk")
        return [(name, units) for name, units in rows.values_list("resource__name", "units")]


def shown(planner: Planner, code: str) -> str:
    """The text of the cell as the page has it."""
    page = planner.client.get(COLUMN).content.decode()
    row = page.split(f'data-row="{found(planner.office, code).pk}"')[1].split("</tr>")[0]
    return row.split('data-f="resources"')[1].split(">", 1)[1].split("<")[0]


def test_what_is_typed_is_shown_again_in_the_same_words(crew: Office) -> None:
    planner = Planner(crew)
    status, answer = planner.types("A1", "resources", "jo[50 %], S-1; Kim [12,5%]", was="")
    assert status == 200, answer
    assert on(crew, "A1") == [
        ("Jo", Decimal("0.5")),
        ("Smith, Sam", Decimal(1)),
        ("Kim", Decimal("0.125")),
    ]
    assert shown(planner, "A1") == "Jo [50%]; S-1; Kim [12.5%]"
    planner.types("A1", "resources", "Kim", was="Jo [50%]; S-1; Kim [12.5%]")
    assert on(crew, "A1") == [("Kim", Decimal(1))]
    planner.types("A1", "resources", "", was="Kim")
    assert on(crew, "A1") == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("Jon", "Nearest: Jo."),
        ("Jo [0%]", "more than nothing"),
        ("Jo [a]", "as a name and a percentage"),
        ("Jo; JO [50%]", "named twice"),
        ("Jo [1.234%]", "at most two decimals"),
        ("x" * 1999, "There is no resource"),
        ("Jo\x00", ""),
    ],
)
def test_nonsense_is_refused_at_the_cell_and_nothing_changes(crew: Office, typed: str, words: str) -> None:
    status, answer = Planner(crew).types("A1", "resources", typed)
    assert status == 422 and words in answer["problems"][0]["message"]
    assert "\x00" in typed or answer["problems"][0]["field"] == "resources"
    assert on(crew, "A1") == []


def test_a_milestone_takes_nobody_in_words(crew: Office) -> None:
    planner = Planner(crew)
    planner.types("A3", "days", "0")
    status, answer = planner.types("A3", "resources", "Jo")
    assert status == 422 and "Only work has people" in answer["problems"][0]["message"]


def test_two_planners_are_merged_by_cell_and_the_later_is_shown_the_difference(crew: Office) -> None:
    one, other = Planner(crew), Planner(crew, "program_manager")
    assert one.types("A1", "resources", "Jo", was="")[0] == 200
    assert other.types("A1", "days", "4d", was="5")[0] == 200, "another cell of the row"
    status, answer = other.types("A1", "resources", "Kim", was="")
    assert status == 409 and "“Jo” now" in answer["problems"][0]["message"]
    assert other.types("A1", "resources", "Kim", was="Jo")[0] == 200
    assert [name for name, _ in on(crew, "A1")] == ["Kim"]


def test_one_resource_is_put_on_all_chosen_rows_besides_the_others(crew: Office) -> None:
    planner = Planner(crew)
    planner.types("A1", "resources", "Kim")
    rows = [found(crew, code).pk for code in ("A1", "A2")]
    status, answer = planner.edits(*({"do": "assign", "activity": pk, "value": "Jo [50%]"} for pk in rows))
    assert status == 200, answer
    assert on(crew, "A1") == [("Kim", Decimal(1)), ("Jo", Decimal("0.5"))]
    assert on(crew, "A2") == [("Jo", Decimal("0.5"))]
    status, answer = planner.edits({"do": "assign", "activity": rows[0], "value": " "})
    assert status == 422 and "Write who" in answer["problems"][0]["message"]


def test_undo_and_redo_put_people_back(crew: Office) -> None:
    planner = Planner(crew)
    planner.types("A1", "resources", "Jo [50%]; Kim")
    planner.types("A1", "resources", "Jo")
    assert on(crew, "A1") == [("Jo", Decimal(1))]
    assert planner.undoes()[0] == 200
    assert on(crew, "A1") == [("Jo", Decimal("0.5")), ("Kim", Decimal(1))]
    assert planner.undoes()[0] == 200 and on(crew, "A1") == []
    planner.undoes(redo=True)
    assert planner.undoes(redo=True)[0] == 200 and on(crew, "A1") == [("Jo", Decimal(1))]
    with everything(crew.program):
        Assignment.objects.filter(program=crew.program).update(units=3)
    status, answer = planner.undoes()
    assert status == 409 and "Who works on A1: somebody edited since" in answer["problems"][0]["message"]


def test_a_pasted_row_brings_its_people(crew: Office) -> None:
    planner = Planner(crew)
    cells = {"name": "Pasted", "code": "P1", "days": "2d", "resources": "Jo; Kim [50%]"}
    status, answer = planner.edits({"do": "add", "key": "p", "below": found(crew, "A1").pk, "cells": cells})
    assert status == 200, answer
    assert on(crew, "P1") == [("Jo", Decimal(1)), ("Kim", Decimal("0.5"))]
    assert planner.undoes()[0] == 200 and on(crew, "P1") == []


def test_who_is_asked_for_too_much_is_said_after_saving(crew: Office) -> None:
    planner = Planner(crew)
    planner.types("A1", "resources", "Jo")
    status, answer = planner.types("A2", "resources", "Jo")
    assert status == 200 and "Jo is now asked for more than there is in the week of" in answer["words"]


def test_another_projects_manager_cannot_say_who_works_on_it(crew: Office) -> None:
    assert Planner(crew, "iam_manager").client.post(
        "/p/ATLAS/plan/edit/",
        {"ops": f'[{{"do": "set", "activity": {found(crew, "A1").pk}, "field": "resources", "value": "Jo"}}]'},
    ).status_code == 403  # fmt: skip


def test_the_column_costs_two_queries_whatever_the_rows(crew: Office) -> None:
    planner = Planner(crew)
    counts = []
    for code in ("A1", "A2"):
        planner.types(code, "resources", "Jo; Kim")
        for url in ("/p/ATLAS/plan/?cols=code", COLUMN):
            with CaptureQueriesContext(connection) as seen:
                planner.client.get(url)
            counts.append(len(seen))
    assert counts[1] == counts[3] == counts[0] + 2 == counts[2] + 2
