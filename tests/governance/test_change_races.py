"""Editing the plan against approving a change of it, at the same moment: never applied what was not shown."""

from __future__ import annotations

from typing import Any

import pytest

from governance import verify
from governance.decisions.models import Decision
from pmo.warrants import Warrant
from programs import verify as plans
from programs.baselines.models import Baseline
from programs.changes import services as changes
from programs.changes.models import ChangeImpact, ChangeRequest
from programs.schedule import services as plan
from programs.schedule.models import Activity
from tests.conftest import OwnDatabase
from tests.governance.test_changes import Room
from tests.governance.test_races import together
from tests.programs.changes.test_requests import DAY


@pytest.fixture
def room(own_database: OwnDatabase) -> Room:
    """A room whose commits are real."""
    return Room()


@pytest.mark.parametrize("first", ["close", "edit"])
def test_fifty_at_once_edit_the_plan_compute_again_and_close(room: Room, as_owner: Any, first: str) -> None:
    request = room.asked(20)
    decision = room.opened(request)
    room.all_vote(decision)

    def edit() -> None:
        room.does(
            room.program_manager, plan.edit_activity, activity_id=room.second.pk, version=None,
            changes={"duration_minutes": 6 * DAY},
        )  # fmt: skip

    def compute() -> None:
        room.does(room.erp_manager, changes.compute, change_request=request)

    def close() -> None:
        room.closes(decision)

    others = [compute, close, edit, close]
    deeds = [{"close": close, "edit": edit}[first], *(others * 13)][:50]
    ends = together(*deeds)
    assert "done" in ends
    with room.looking():
        decision = Decision.objects.get(pk=decision.pk)
        request = ChangeRequest.objects.get(pk=request.pk)
        minutes = Activity.objects.get(pk=room.first.pk).duration_minutes
        if request.state == "applied":
            warrant = Warrant.objects.get(pk=request.warrant_id)
            shown = ChangeImpact.objects.get(request=request, sha256=warrant.digest)
            baseline = Baseline.objects.get(warrant=warrant)
            assert decision.revision_sha256 == warrant.digest and decision.outcome == "approved"
            assert baseline.plan_version == shown.plan_version + 1
            assert minutes == 20 * DAY
        else:
            assert decision.state == "withdrawn" and request.state == "submitted"
            assert not Baseline.objects.exists() and minutes == 5 * DAY
    with as_owner.cursor() as cursor:
        assert verify.check(cursor) == []
        assert plans.check(cursor) == []
