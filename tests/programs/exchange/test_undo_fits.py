"""What was taken out comes back only where it fits: the preview says what does not, and nothing is refused for it."""

from __future__ import annotations

import pytest
from django.test import Client

from pmo import commands
from pmo.refusals import Refused
from programs.exchange.models import PlanImport
from programs.schedule import services as schedule
from programs.schedule.models import Activity
from tests.cast import Office, everything, make_office
from tests.programs.exchange.bundles import GOOD
from tests.programs.exchange.test_missing import accepted, bundle, closed, here, staged
from tests.programs.exchange.test_undo import activity, undone

pytestmark = pytest.mark.django_db
ON_A1 = GOOD["assignments.csv"] + "APP,A1,R1,1\n"
NO_LINK = GOOD["dependencies.csv"].replace("APP,,,A1,A2,SS,50,percent\n", "")


@pytest.fixture
def office() -> Office:
    return make_office()


def without(office: Office, first: dict[str, str], later: dict[str, str]) -> PlanImport:
    accepted(office, staged(office, bundle(**first)))
    return accepted(office, staged(office, bundle(**later)), "APP")


def grouped(office: Office) -> None:
    """A2 is put under A1, which becomes a group."""
    client = Client()
    client.force_login(office.program_manager)
    answer = client.post(
        "/api/v1/programs/ATLAS/plan-edits/",
        {"ops": [{"do": "indent", "activity": activity(office, "A2").pk}]},
        content_type="application/json",
    )
    assert answer.status_code < 300, answer.content


def stays(office: Office, found: PlanImport) -> set[str]:
    client = Client()
    client.force_login(office.program_manager)
    body = client.get(f"/api/v1/programs/ATLAS/imports/{found.pk}/undo-preview/").json()
    assert body["refusals"] == []
    return {f"{one['row']}: {one['why']}" for one in body["kept"]}


def test_a_link_that_would_join_a_group_to_its_own_work_does_not_come_back_and_the_rest_does(
    office: Office,
) -> None:
    found = without(office, {}, {"dependencies": NO_LINK})
    grouped(office)
    assert "APP/A1 → APP/A2 SS: It would join a group to its own work by now: it does not come back" in stays(
        office, found
    )
    undone(office, found)
    assert "A1SSA2" not in here(office)[1]


def test_a_link_that_would_close_a_circle_does_not_come_back(office: Office) -> None:
    found = without(office, {}, {"dependencies": NO_LINK})
    commands.run(
        schedule.add_dependency,
        actor=office.program_manager,
        program=office.program,
        predecessor_id=activity(office, "A2").pk,
        successor_id=activity(office, "A1").pk,
        kind="FS",
        lag=0,
        lag_unit="working",
    )
    assert (
        "APP/A1 → APP/A2 SS: Its two ends would wait for each other by now: it does not come back"
        in stays(office, found)
    )
    assert [why for _, why in undone(office, found).lost.values()] == [
        "Its two ends would wait for each other by now: it does not come back"
    ]
    assert "A1SSA2" not in here(office)[1]
    assert "A2FSA1" in here(office)[1]


def test_nobody_is_given_back_to_an_activity_that_became_a_group(office: Office) -> None:
    found = without(
        office,
        {"assignments": ON_A1, "dependencies": NO_LINK},
        {"dependencies": NO_LINK},
    )
    people = here(office)[2]
    grouped(office)
    with everything(office.program):
        assert Activity.objects.get(code="A1").kind == Activity.Kind.SUMMARY
    assert "Assignment of APP/A1: It is a group by now: it does not come back" in stays(office, found)
    undone(office, found)
    assert here(office)[2] == people


def test_a_link_of_a_closed_project_refuses_the_undo_in_the_preview_already(office: Office) -> None:
    found = without(office, {}, {"dependencies": NO_LINK})
    closed(office)
    client = Client()
    client.force_login(office.program_manager)
    body = client.get(f"/api/v1/programs/ATLAS/imports/{found.pk}/undo-preview/").json()
    assert body["refusals"] == ["APP Till software is closed: its plan stays as it is."]
    with pytest.raises(Refused, match="Not undone: APP Till software is closed"):
        undone(office, found)
