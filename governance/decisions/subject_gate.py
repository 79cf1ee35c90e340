"""A gate as the subject of a decision."""

from __future__ import annotations

from datetime import datetime

from governance.authority.models import SubjectKind
from governance.consequences.gating import approved_budget
from governance.decisions.facts import Facts
from governance.decisions.models import Decision
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.gates import deciding as gates
from programs.gates.models import Gate


class Gates:
    """Approval lets happen what was asked for: the gate passes, with conditions or without, is stopped or reworked.

    It is routed by what the project costs, its approved budget: who may decide on that money decides on the gate.
    """

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = Gate.objects.select_for_update(of=("self",)) if lock else Gate.objects
        gate: Gate = rows.select_related("project", "program", "submitted_by").get(pk=subject_id)
        return Facts(
            SubjectKind.GATE,
            gate.pk,
            gate.program_id,
            f"{gate.project.code} {gate.code} {gate.name}: {gate.get_asked_display().lower()}",
            0,
            approved_budget(gate.project_id),
            gate.program.currency,
            gates.digest(gate),
            gate.submitted_by,
            gates.editors(gate),
            (),
            gate,
        )

    def ready(self, facts: Facts) -> None:
        gate: Gate = facts.row
        if gate.state != Gate.State.SUBMITTED:
            raise Refused(
                f"{gate.code} is {gate.get_state_display().lower()}: only a gate that is put forward is decided."
            )
        reason = gates.why_not(gate, gate.asked)
        if reason:
            raise Refused(reason)

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None  # it stands still since it was put forward

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        added = Decision.objects.values_list("conditions", flat=True).get(warrant=warrant)
        gates.approve(gate=facts.row, warrant=warrant, conditions=added, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        gates.reject(gate=facts.row, by=by, at=at)

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None  # it waits as before
