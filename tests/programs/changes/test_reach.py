"""How far a change reaches: the days on which somebody is asked for too much, gates, and other projects."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pmo.zones import zone
from programs.changes import holding, present, revisions
from programs.changes.reach import overloaded_days
from programs.gates.models import Gate
from programs.resources.models import Assignment, Resource
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.governance.test_changes import Room, built, room
from tests.programs.changes.test_requests import DAY, LINK

__all__ = ["built", "room"]
D = 1440


@pytest.mark.parametrize(
    ("spans", "days"),
    [
        ([], 0),
        ([(0, D, 1)], 0),
        ([(0, 2 * D, 1), (D, 3 * D, 1)], 1),
        ([(0, D, 1), (D, 2 * D, 1)], 0),  # one after the other
        ([(0, 100, 2), (200, 300, 2)], 1),  # twice on one day
        ([(0, 3 * D, 2), (D, 2 * D, 1)], 3),
        ([(D - 10, D + 10, 2)], 2),
    ],
)
def test_a_day_counts_where_more_units_work_than_there_are(spans: list[Any], days: int) -> None:
    assert overloaded_days([(a, b, Decimal(units)) for a, b, units in spans], Decimal(1)) == days


def test_the_voters_see_gate_other_project_and_overload(room: Room) -> None:
    other = room.does(
        room.program_manager, plan.add_activity, program=room.program, project_id=room.iam.pk,
        values={"code": "I1", "name": "Elsewhere", "duration_minutes": 10 * DAY},
    ).activity  # fmt: skip
    room.does(
        room.program_manager, plan.add_dependency, program=room.program, predecessor_id=room.second.pk,
        successor_id=other.pk, **LINK,
    )  # fmt: skip
    with room.looking():
        tester = Resource.objects.create(program=room.program, code="T", name="Tester")
        beside = Activity.objects.get(program=room.program, code="I1")
        Gate.objects.create(
            program=room.program, project=room.erp, position=1, code="G1", name="Ready", activity=room.second,
            due_on=date(2030, 1, 1),
        )  # fmt: skip
        for one in (room.first, beside):
            Assignment.objects.create(program=room.program, activity=one, resource=tester, units=1)
    made = room.does(
        room.program_manager, plan.add_activity, program=room.program, project_id=room.erp.pk,
        values={"code": "A9", "name": "Beside", "duration_minutes": 20 * DAY},
    ).activity  # fmt: skip
    with room.looking():
        Assignment.objects.create(program=room.program, activity=made, resource=tester, units=1)
    request = room.asked(25)
    with room.looking():
        shown = revisions.impact(request)
        assert shown is not None
        found = shown.result
    assert [one["label"] for one in found["gates"]] == ["Gate ERP-FIN/G1 Ready"]
    assert found["gates"][0]["minutes"] == 20 * DAY
    assert found["interfaces_moved"] == 1 and "ERP-FIN/A2" in found["interfaces"][0]
    [load] = found["loads"]
    assert load["label"] == "T Tester" and load["after"] != load["before"]
    labels = [row.label for row in present.measures(found, zone("UTC"))]
    said = [
        "Gate ERP-FIN/G1 Ready",
        "Links into other projects",
        "Overloaded: T Tester",
        "Likely finish and cost",
    ]
    assert labels[-4:] == said


def test_figures_kept_before_there_was_a_reach_are_still_shown(room: Room) -> None:
    request = room.asked()
    with room.looking():
        shown = revisions.impact(request)
        assert shown is not None
        old = {
            k: v
            for k, v in shown.result.items()
            if k not in ("gates", "interfaces", "interfaces_moved", "loads")
        }
    assert present.measures(old, zone("UTC"))[0].label == "Program finish"
    assert holding.why_stale(request, shown, room.program) is not None
