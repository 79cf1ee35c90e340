"""A deliverable is withdrawn by a vote on words that name the benefit which nothing contributes to any more."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from governance.verify import check as check_decisions
from programs.baselines.models import Baseline
from programs.benefits.models import Contribution
from programs.changes import services as changes
from programs.deliverables.models import Deliverable, Requirement
from programs.portfolio.models import Objective
from programs.verify import check as check_plans
from tests.governance.test_changes import Room, built, room
from tests.governance.test_pages import signed_in

__all__ = ["built", "room"]
DUE = date(2026, 1, 10)


def faults() -> list[str]:
    with connection.cursor() as cursor:
        return [*check_decisions(cursor), *check_plans(cursor)]


def test_a_body_withdraws_a_deliverable_and_has_read_what_is_lost(room: Room) -> None:
    with room.looking():
        thing = Deliverable.objects.create(
            program=room.program, project=room.erp, code="L", name="Ledger", due_on=DUE
        )
        Requirement.objects.create(
            program=room.program, deliverable=thing, code="L-R1", text="It adds up", due_on=DUE
        )
        benefit = Objective.objects.create(
            program=room.program, code="B-1", name="Days to close", measure="Days", unit="d",
            baseline_value=Decimal(10), target_value=Decimal(4), baseline_on=DUE, target_on=date(2027, 1, 1),
        )  # fmt: skip
        Contribution.objects.create(
            program=room.program, objective=benefit, deliverable=thing, how="It books."
        )
        before = set(faults())
    request: Any = room.does(
        room.erp_manager,
        changes.create,
        program=room.program,
        project=room.erp,
        title="Without ledger",
        reason="Late.",
    )
    request = room.does(
        room.erp_manager, changes.propose, change_request=request, version=request.version,
        edit={"do": "withdraw", "deliverable": thing.pk},
    )  # fmt: skip
    decision = room.opened(room.does(room.erp_manager, changes.submit, change_request=request))
    assert "Benefit B-1 Days to close loses its last contributor." in decision.figures["findings"]
    said = {
        row["label"]: (row["today"], row["after"], row.get("said")) for row in decision.figures["measures"]
    }
    assert said["Deliverables"] == ("1", "0", "1 withdrawn") and said["Requirements"] == (
        "1",
        "0",
        "1 withdrawn",
    )
    assert said["ERP-FIN/L Ledger"][1] == "withdrawn"
    page = signed_in(room.chair).get(f"/p/{room.program.code}/decisions/{decision.number}/").content.decode()
    assert "loses its last contributor" in page and "Deliverable withdrawn" in page
    room.votes(decision, room.sponsor)
    assert room.closes(decision, room.chair).outcome == "approved"
    with room.looking():
        thing.refresh_from_db()
        assert thing.withdrawn_at is not None and not Baseline.objects.filter(program=room.program).exists()
        assert set(faults()) == before
