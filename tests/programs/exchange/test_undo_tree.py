"""Undoing imports that moved groups, made groups of tasks, follow baselines, or meet a closed project."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from pmo import commands
from pmo.refusals import Refused
from programs.baselines.models import Baseline
from programs.exchange.models import PlanImport
from programs.exchange.undo_found import Undoing
from programs.exchange.undo_look import look
from programs.exchange.undo_words import described
from programs.lives import services as lives
from programs.portfolio.models import Program, Project
from programs.schedule import services as schedule
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.programs.exchange.test_undo import WITHOUT_MONEY, activity, brought_in, bundle, undone

pytestmark = pytest.mark.django_db
ACTIVITIES = WITHOUT_MONEY["activities.csv"]
TO_GROUP = WITHOUT_MONEY["dependencies.csv"] + "APP,,,A1,G2,FS,,\n"


@pytest.fixture
def office() -> Office:
    return make_office()


def groups(first: str, second: str) -> str:
    """Groups G1 and G2, each with a task, under these parents."""
    return (
        f"{ACTIVITIES}APP,group,G1,3,Frame,{first},,,,,,,,,\nAPP,group,G2,4,Shop,{second},,,,,,,,,\n"
        "APP,activity,T1,3.1,Plan,G1,,8,,,,,,,\nAPP,activity,T2,4.1,Fit,G2,,8,,,,,,,\n"
    )


def looked(office: Office, found: PlanImport) -> tuple[Undoing, dict[str, Any]]:
    with everything(office.program):
        would = look(Program.objects.get(pk=office.program.pk), found)
        assert would is not None
        return would, described(would)


def tree(office: Office) -> dict[str, tuple[str | None, int]]:
    with everything(office.program):
        rows = Activity.objects.filter(code__in=("G1", "G2", "T1", "T2"))
        return {
            code: (parent, level) for code, parent, level in rows.values_list("code", "parent__code", "level")
        }


def test_a_group_that_would_come_to_lie_under_itself_stays_where_it_is_and_that_is_said(
    office: Office,
) -> None:
    brought_in(office, bundle(activities=groups("", "G1"), dependencies=TO_GROUP))
    second = brought_in(office, bundle(activities=groups("", ""), dependencies=TO_GROUP))
    brought_in(office, bundle(activities=groups("G2", ""), dependencies=TO_GROUP))
    _, said = looked(office, second)
    assert {(one["row"], one["field"], one["why"]) for one in said["kept"]} == {
        ("APP/G2 Shop", field, "It would lie under itself: it stays where it is")
        for field in ("parent", "level")
    }
    undone(office, second)
    assert tree(office) == {"G1": ("G2", 1), "G2": (None, 0), "T1": ("G1", 2), "T2": ("G2", 1)}


def test_what_a_person_indented_does_not_make_an_undo_turn_in_a_circle_either(office: Office) -> None:
    brought_in(office, bundle(activities=groups("", "G1"), dependencies=TO_GROUP))
    second = brought_in(office, bundle(activities=groups("", ""), dependencies=TO_GROUP))
    with everything(office.program):
        Activity.objects.filter(code="G1").update(parent=Activity.objects.get(code="G2"), level=1)
    undone(office, second)
    assert tree(office)["G2"] == (None, 0)


def test_an_activity_does_not_go_back_under_what_is_no_group_any_more(office: Office) -> None:
    brought_in(office, bundle(activities=groups("", "G1"), dependencies=TO_GROUP))
    moved = groups("", "").replace("Plan,G1,", "Plan,G2,")
    second = brought_in(office, bundle(activities=moved, dependencies=TO_GROUP))
    with everything(office.program):
        Activity.objects.filter(code="G1").update(kind="task", duration_minutes=480)
    undone(office, second)
    assert tree(office) == {"G1": (None, 0), "G2": (None, 0), "T1": ("G2", 1), "T2": ("G2", 1)}


def test_a_group_with_somebodys_work_in_it_is_not_made_a_task_again(office: Office) -> None:
    brought_in(office, bundle())
    inside = ACTIVITIES.replace(
        "APP,activity,A2,2,Roll out,,,24,FNLT,2027-01-29", "APP,group,A2,2,Roll out,,,,,"
    )
    assert inside != ACTIVITIES
    found = brought_in(office, bundle(activities=f"{inside}APP,activity,A21,2.1,Tills,A2,,8,,,,,,,\n"))
    with everything(office.program):
        project = Project.objects.get(code="APP")
        group = Activity.objects.get(code="A2")
    commands.run(
        schedule.add_activity,
        actor=office.program_manager,
        program=office.program,
        project_id=project.pk,
        values={"code": "X1", "name": "Mine", "kind": "task", "duration_minutes": 480, "parent": group},
    )
    _, said = looked(office, found)
    assert ("kind", "Other work lies under it: it stays a group") in {
        (one["field"], one["why"]) for one in said["kept"]
    }
    undone(office, found)
    left = activity(office, "A2")
    assert (left.kind, left.pk) == ("summary", activity(office, "X1").parent_id)
    with everything(office.program):
        assert not Activity.objects.filter(code="A21").exists()


def test_when_the_baseline_before_is_gone_the_newest_that_remains_becomes_current(office: Office) -> None:
    def dated(day: int) -> str:
        head, *lines = ACTIVITIES.replace(
            "fixed_cost,total_cost", "baseline_start,baseline_finish,fixed_cost,total_cost"
        ).splitlines()
        at = head.split(",").index("baseline_start")
        out = [head]
        for line in lines:
            cells = line.split(",")
            cells[at:at] = ["2027-01-04T08:00", f"2027-01-{day:02}T17:00"] if cells[2] == "N1" else ["", ""]
            out.append(",".join(cells))
        return "\n".join(out) + "\n"

    imports = [brought_in(office, bundle(activities=dated(day))) for day in (5, 7, 8)]
    undone(office, imports[1])
    _, said = looked(office, imports[2])
    assert [note.split()[0] for note in said["notes"]] == ["B1"]
    undone(office, imports[2])
    with everything(office.program):
        assert Baseline.objects.get(is_current=True).number == 1


def test_the_preview_already_refuses_to_touch_the_plan_of_a_closed_project(office: Office) -> None:
    brought_in(office, bundle())
    found = brought_in(office, bundle(activities=ACTIVITIES.replace("Roll out", "Roll it out")))
    with everything(office.program):
        project = Project.objects.get(code="APP")
    commands.run(
        lives.move,
        actor=office.program_manager,
        project=project,
        version=project.version,
        deed="cancel",
        reason="No money.",
    )
    client = Client()
    client.force_login(office.program_manager)
    page = client.get(f"/p/ATLAS/import/{found.pk}/undo/").content.decode()
    assert "APP Till software is closed: its plan stays as it is." in page
    assert "Undo the import</button>" not in page
    with pytest.raises(Refused, match="Not undone: APP Till software is closed"):
        undone(office, found)
