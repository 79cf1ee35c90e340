"""What can be decided about: how each kind is read, frozen, and what a decision does to it.

A decision locks its subject first and reads second, so that what is counted is what is there.
"""

from __future__ import annotations

from datetime import UTC, datetime

from finance.budgets import content as budget_content
from finance.budgets import services as budgets
from finance.budgets.models import Budget
from finance.capex import services as capex
from finance.capex.models import CapitalRequest, CapitalRequestRevision
from finance.capex.splitting import exposure_of
from finance.conformity import waivers
from finance.policy.models import PolicyWaiver
from finance.structure import periods
from governance.authority.models import SubjectKind
from governance.consequences.changing import money_of
from governance.decisions.canonical import canonical, digest
from governance.decisions.facts import Facts, Subject
from governance.decisions.models import Decision
from governance.decisions.subject_gate import Gates
from governance.decisions.subjects_in_words import Questions, RiskAcceptances
from pmo.accounts.models import User
from pmo.money import LIMIT
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.baselines import services as baselines
from programs.changes import deciding as changing
from programs.changes import revisions as change_revisions
from programs.changes.holding import require_fresh as require_fresh_change
from programs.changes.models import ChangeRequest, ChangeRevision
from programs.portfolio.models import Program
from programs.schedule.models import Computation


class CapitalRequests:
    """Approval commits the money in the ledger; without enough available the approval is refused."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = CapitalRequest.objects.select_for_update(of=("self",)) if lock else CapitalRequest.objects
        request: CapitalRequest = rows.select_related("project", "requester").get(pk=subject_id)
        revisions = list(
            CapitalRequestRevision.objects.filter(request_id=request.pk)
            .order_by("n")
            .values("n", "sha256", "edited_by")
        )
        if not revisions:
            raise Refused(f"{request.code} has no revision that could be put to the vote.")
        recused = {revision["edited_by"]: f"wrote revision {revision['n']} of it" for revision in revisions}
        recused[request.requester_id] = "requested it"
        exposure = exposure_of(request)
        return Facts(
            SubjectKind.CAPITAL_REQUEST,
            request.pk,
            request.program_id,
            f"{request.code} {request.title}",
            request.amount_minor,
            exposure.minor,
            request.currency,
            revisions[-1]["sha256"],
            request.requester,
            recused,
            exposure.with_codes,
            request,
        )

    def ready(self, facts: Facts) -> None:
        if facts.row.state not in (CapitalRequest.State.SUBMITTED, CapitalRequest.State.IN_REVIEW):
            raise Refused(
                f"{facts.row.code} is {facts.row.get_state_display().lower()}: only a submitted request is decided."
            )

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        if facts.row.state != CapitalRequest.State.IN_REVIEW:
            capex.mark_in_review(capital_request=facts.row, by=by, at=at)

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        capex.approve(capital_request=facts.row, warrant=warrant, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        capex.reject(capital_request=facts.row, by=by, at=at)

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        if facts.row.state == CapitalRequest.State.IN_REVIEW:
            capex.return_to_submitted(capital_request=facts.row, by=by, at=at)


class Budgets:
    """Approval makes the submitted budget version the active one and grants its money."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = Budget.objects.select_for_update(of=("self",)) if lock else Budget.objects
        budget: Budget = rows.select_related("project", "program", "submitted_by").get(pk=subject_id)
        whose = budget.project.code if budget.project else "Reserves"
        total = sum(budget.lines.values_list("amount_minor", flat=True))
        recused = {} if budget.submitted_by_id is None else {budget.submitted_by_id: "submitted it"}
        return Facts(
            SubjectKind.BUDGET,
            budget.pk,
            budget.program_id,
            f"{whose}: budget version {budget.number}",
            total,
            total,
            budget.program.currency,
            budget_content.digest(budget),  # the very digest that `activate` compares
            budget.submitted_by,
            recused,
            (),
            budget,
        )

    def ready(self, facts: Facts) -> None:
        if facts.row.state != Budget.State.SUBMITTED:
            raise Refused(
                f"This budget is {facts.row.get_state_display().lower()}: only a submitted budget is decided."
            )

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        budgets.activate(budget=facts.row, warrant=warrant, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        return None  # it stays submitted: its author takes it back to change it

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None


class Baselines:
    """Approval freezes the plan exactly as it was when it was put to the vote; a plan that moved since is void."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = Program.objects.select_for_update(of=("self",), no_key=True) if lock else Program.objects
        program: Program = rows.get(pk=subject_id)
        content = canonical({"program": program.pk, "plan_version": program.plan_version})
        return Facts(
            SubjectKind.BASELINE,
            program.pk,
            program.pk,
            f"Baseline of the plan, version {program.plan_version}",
            0,
            0,
            program.currency,
            digest(content),
            None,
            {},
            (),
            program,
        )

    def ready(self, facts: Facts) -> None:
        computed = Computation.objects.filter(program_id=facts.program_id).order_by("-pk").first()
        if computed is None or computed.plan_version != facts.row.plan_version:
            raise Refused("The dates of this version of the plan are not computed yet.")

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        baselines.freeze(
            program=facts.row, name=f"Approved by {warrant.number}", warrant=warrant, by=by, at=at
        )

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        return None

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None


class ChangeRequests:
    """Approval applies exactly the edits and amendments that were shown; a plan or budget that moved is void."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = ChangeRequest.objects.select_for_update(of=("self",)) if lock else ChangeRequest.objects
        request: ChangeRequest = rows.select_related("project", "requester").get(pk=subject_id)
        programs = Program.objects.select_for_update(of=("self",), no_key=True) if lock else Program.objects
        request.program = programs.get(pk=request.program_id)  # its plan stands still under the lock
        shown = change_revisions.impact(request)
        if shown is None:
            raise Refused(f"{request.code} has no figures that could be put to the vote: compute it first.")
        recused = {
            one["edited_by"]: f"wrote revision {one['n']} of it"
            for one in ChangeRevision.objects.filter(request_id=request.pk)
            .order_by("n")
            .values("n", "edited_by")
        }
        recused[request.requester_id] = "requested it"
        money = money_of(shown.result)
        return Facts(
            SubjectKind.CHANGE_REQUEST,
            request.pk,
            request.program_id,
            f"{request.code} {request.title}",
            money,
            money,
            request.program.currency,
            shown.sha256,
            request.requester,
            recused,
            (),
            request,
            shown.result["slip_days"],
        )

    def ready(self, facts: Facts) -> None:
        request: ChangeRequest = facts.row
        if request.state not in (ChangeRequest.State.SUBMITTED, ChangeRequest.State.IN_REVIEW):
            raise Refused(
                f"{request.code} is {request.get_state_display().lower()}: only a submitted request is decided."
            )
        require_fresh_change(request, request.program)

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        if facts.row.state != ChangeRequest.State.IN_REVIEW:
            changing.mark_in_review(change_request=facts.row, by=by, at=at)

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        changing.approve(change_request=facts.row, warrant=warrant, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        changing.reject(change_request=facts.row, by=by, at=at)

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        if facts.row.state == ChangeRequest.State.IN_REVIEW:
            changing.return_to_submitted(change_request=facts.row, by=by, at=at)


class Waivers:
    """Approval lets a clause of the budget policy not hold, in the matter that was shown, until the day shown."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts:
        rows = PolicyWaiver.objects.select_for_update(of=("self",)) if lock else PolicyWaiver.objects
        waiver: PolicyWaiver = rows.select_related("clause", "project", "program", "requester").get(
            pk=subject_id
        )
        return Facts(
            SubjectKind.WAIVER,
            waiver.pk,
            waiver.program_id,
            f"{waiver.code} of {waiver.clause.code}, until {waiver.until.isoformat()}",
            waiver.amount_minor or 0,
            LIMIT
            if waiver.amount_minor is None
            else waiver.amount_minor,  # without one: for who may decide all
            waiver.program.currency,
            waiver.sha256,
            waiver.requester,
            {waiver.requester_id: "asked for it"},
            (),
            waiver,
        )

    def ready(self, facts: Facts) -> None:
        if facts.row.state != PolicyWaiver.State.SUBMITTED:
            raise Refused(f"{facts.row.code}: {facts.row.get_state_display().lower()} already.")
        reason = waivers.why_not(facts.row, periods.local_day(facts.row.program, datetime.now(UTC)))
        if reason:
            raise Refused(reason)

    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None

    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None:
        waivers.approve(waiver=facts.row, warrant=warrant, by=by, at=at)

    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None:
        waivers.reject(waiver=facts.row, by=by, at=at)

    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None:
        return None  # it waits as before


SUBJECTS: dict[str, Subject] = {
    SubjectKind.CAPITAL_REQUEST: CapitalRequests(),
    SubjectKind.BUDGET: Budgets(),
    SubjectKind.BASELINE: Baselines(),
    SubjectKind.CHANGE_REQUEST: ChangeRequests(),
    SubjectKind.WAIVER: Waivers(),
    SubjectKind.GATE: Gates(),
    SubjectKind.QUESTION: Questions(),
    SubjectKind.RISK_ACCEPTANCE: RiskAcceptances(),
}


def facts_of(decision: Decision, *, lock: bool = False) -> Facts:
    """The subject of a decision as it stands now (locked until the transaction ends, where asked)."""
    return SUBJECTS[decision.subject_kind].facts(decision.subject_id, lock=lock)
