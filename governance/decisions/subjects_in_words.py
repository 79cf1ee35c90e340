"""Subjects that move neither money nor plan: a free question, and a risk that is to be carried."""

from __future__ import annotations

from datetime import UTC, datetime

from governance.authority.models import SubjectKind
from governance.decisions.facts import Facts
from governance.decisions.models import Decision
from governance.decisions.reopened import parties, reopened
from governance.questions.models import FreeQuestion
from pmo.accounts.models import User
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.raid import acceptance
from programs.raid.models import RiskAcceptance


class Questions:
    """The answer is the record: nothing else changes by it."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        asked: FreeQuestion = FreeQuestion.objects.select_related("program", "asked_by").get(pk=subject_id)
        recused = {} if asked.asked_by_id is None else {asked.asked_by_id: "asked it"}
        anew = Decision.objects.filter(free_question=asked, supersedes__isnull=False).order_by("pk").first()
        approval = None if anew is None else reopened(anew)
        if approval is not None:  # who had no vote on the approval has none on what follows from it
            recused = parties(approval) | recused
        return Facts(
            SubjectKind.QUESTION,
            asked.pk,
            asked.program_id,
            f"{asked.code} {asked.title}",
            0,
            0,
            asked.program.currency,
            asked.sha256,
            asked.asked_by,
            recused,
            (),
            asked,
        )

    def ready(self, facts: Facts) -> None:
        return None  # it never changes

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        return None

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        return None

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None


class RiskAcceptances:
    """Approval lets a risk be carried as it was scored, up to the score shown, until the day shown."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = (
            RiskAcceptance.objects.select_for_update(of=("self", "risk")) if lock else RiskAcceptance.objects
        )
        asked: RiskAcceptance = rows.select_related("risk", "program", "requester").get(pk=subject_id)
        recused = {asked.requester_id: "asked for it"}
        if asked.risk.owner_id is not None:
            recused.setdefault(asked.risk.owner_id, "owns the risk")
        return Facts(
            SubjectKind.RISK_ACCEPTANCE,
            asked.pk,
            asked.program_id,
            f"{asked.code}: accept {asked.about}"[:250],
            asked.exposure_minor,
            asked.exposure_minor,
            asked.program.currency,
            asked.sha256,
            asked.requester,
            recused,
            (),
            asked,
            score=asked.appetite,
        )

    def ready(self, facts: Facts) -> None:
        if facts.row.state != RiskAcceptance.State.SUBMITTED:
            raise Refused(f"{facts.row.code}: {facts.row.get_state_display().lower()} already.")
        reason = acceptance.why_not(facts.row, acceptance.local_day(facts.row.program, datetime.now(UTC)))
        if reason:
            raise Refused(reason)

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        acceptance.approve(acceptance=facts.row, warrant=warrant, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        acceptance.reject(acceptance=facts.row, by=by, at=at)

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None  # it waits as before
