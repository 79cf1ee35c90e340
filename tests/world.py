"""Two offices with something of every kind in each, one of them somebody else's; built once for a whole module.

A new model of a program is entered in `KINDS` below, and one of it is made in `tests/estate`, in the room of its area.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import transaction

from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from programs.people import links as invitation_links
from tests.cast import everything, person
from tests.estate import furnish
from tests.furnish import plan_rows
from tests.governance.committee import Committee, make_committee

CANARY = "Zebrafish"
"""A word in every name of the other program: whoever of ours reads it has seen what is not hers."""


@dataclass
class World:
    """Our program, another one, and people who are in neither, were in ours, or are in the other."""

    ours: Committee
    theirs: Committee
    stranger: User
    former: User
    things: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that is thrown away, inside which commands may still think theirs the outermost."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "membership": ("pmo.Membership", {"role": "auditor"}),
    "invitation": ("programs.Invitation", {}),
    "invited_role": ("programs.InvitedRole", {}),
    "outbox": ("pmo.Outbox", {"state": "dead"}),
    "report": ("pmo.ReportRun", {}),
    "subscription": ("pmo.Subscription", {}),
    "feed": ("programs.CalendarFeed", {}),
    "project": ("programs.Project", {"code": "ERP-FIN"}),
    "summary": ("programs.Activity", {"code": "SUM"}),
    "calendar": ("programs.Calendar", {}),
    "calendar_exception": ("programs.CalendarException", {}),
    "activity": ("programs.Activity", {"code": "A1"}),
    "plan_view": ("programs.PlanView", {}),
    "plan_edit": ("programs.PlanEdit", {}),
    "link": ("programs.Dependency", {"successor__code": "A1"}),
    "computation": ("programs.Computation", {}),
    "health": ("programs.HealthAssessment", {"project": None}),
    "baseline": ("programs.Baseline", {}),
    "baseline_line": ("programs.BaselineActivity", {}),
    "status_period": ("programs.StatusPeriod", {}),
    "progress": ("programs.Progress", {}),
    "status_update": ("programs.StatusUpdate", {}),
    "resource": ("programs.Resource", {}),
    "availability": ("programs.Availability", {}),
    "assignment": ("programs.Assignment", {}),
    "assigned": ("programs.Activity", {"assignments__isnull": False}),
    "risk": ("programs.Risk", {}),
    "issue": ("programs.Issue", {}),
    "acceptance": ("programs.RiskAcceptance", {}),
    "simulation": ("programs.SimulationRun", {}),
    "change_request": ("programs.ChangeRequest", {}),
    "contribution": ("programs.Contribution", {}),
    "gate": ("programs.Gate", {}),
    "project_move": ("programs.ProjectMove", {}),
    "gate_hold": ("finance.GateHold", {}),
    "gate_criterion": ("programs.GateCriterion", {}),
    "gate_reviewer": ("programs.GateReviewer", {}),
    "gate_opinion": ("programs.GateOpinion", {}),
    "deliverable": ("programs.Deliverable", {}),
    "requirement": ("programs.Requirement", {}),
    "objective": ("programs.Objective", {}),
    "outcome": ("programs.PlannedOutcome", {}),
    "reading": ("programs.Reading", {}),
    "narrative": ("programs.Narrative", {}),
    "plan_import": ("programs.PlanImport", {"digest": "f" * 64}),
    "plan_source": ("programs.PlanSource", {}),
    "budget": ("finance.Budget", {"state": "draft"}),
    "account": ("finance.Account", {}),
    "posting": ("finance.Posting", {}),
    "actual_line": ("finance.ActualLine", {}),
    "finding": ("finance.PolicyFinding", {}),
    "capitalisation_policy": ("finance.CapitalisationPolicy", {}),
    "capitalisation_mark": ("finance.CapitalisationMark", {}),
    "reclassification": ("finance.Reclassification", {}),
    "reclassified_line": ("finance.ReclassifiedLine", {}),
    "waiver": ("finance.PolicyWaiver", {}),
    "clause": ("finance.PolicyClause", {}),
    "budget_line": ("finance.BudgetLine", {}),
    "period": ("finance.FiscalPeriod", {}),
    "earned_row": ("finance.EarnedValueRow", {}),
    "earning_step": ("finance.EarningStep", {}),
    "forecast": ("finance.Forecast", {"state": "draft"}),
    "forecast_cell": ("finance.ForecastCell", {}),
    "control_account": ("finance.ControlAccount", {}),
    "variance": ("finance.VarianceFinding", {}),
    "own_limits": ("finance.OwnLimits", {}),
    "planned_draw": ("finance.PlannedDraw", {}),
    "reserve_outlook": ("finance.ReserveOutlook", {}),
    "outlook_month": ("finance.OutlookMonth", {}),
    "journal": ("finance.Journal", {}),
    "amendment_line": ("finance.AmendmentLine", {}),
    "capital_request": ("finance.CapitalRequest", {"state": "draft"}),
    "cost_source": ("finance.CostSource", {}),
    "erp_total": ("finance.ErpTotal", {}),
    "rate": ("finance.ExchangeRate", {}),
    "funding_plan": ("finance.FundingPlan", {}),
    "funding_line": ("finance.FundingLine", {}),
    "paper": ("pmo.Attachment", {"subject_kind": "capital_request"}),
    "contract_paper": ("pmo.Attachment", {"subject_kind": "contract"}),
    "contract_handover": ("finance.ContractHandover", {}),
    "approved_request": ("finance.CapitalRequest", {"state": "approved"}),
    "vendor": ("finance.Vendor", {}),
    "order": ("finance.PurchaseOrder", {}),
    "order_amendment": ("finance.OrderAmendment", {}),
    "contract": ("finance.Contract", {}),
    "contract_milestone": ("finance.ContractMilestone", {"accepted_at": None, "withdrawn_at": None}),
    "retention_release": ("finance.RetentionRelease", {}),
    "estimate": ("finance.Estimate", {"state": "draft"}),
    "estimate_line": ("finance.EstimateLine", {"resource": None}),
    "rate_card": ("finance.RateCard", {}),
    "transfer_rule": ("finance.TransferRule", {}),
    "asset": ("finance.Asset", {}),
    "asset_change": ("finance.AssetChange", {}),
    "review": ("finance.InvestmentReview", {}),
    "receipt": ("finance.Receipt", {}),
    "invoice": ("finance.Invoice", {}),
    "batch": ("finance.ActualBatch", {"state": "read"}),
    "body": ("governance.Body", {"code": "SC"}),
    "seat": ("governance.Seat", {}),
    "alternate": ("governance.Alternate", {}),
    "absence": ("governance.Absence", {}),
    "proxy": ("governance.Proxy", {}),
    "rule": ("governance.AuthorityRule", {}),
    "question_rule": ("governance.AuthorityRule", {"subject_kind": "question"}),
    "decision": ("governance.Decision", {"state": "open"}),
    "condition": ("governance.Condition", {"state": "open"}),
    "free_question": ("governance.FreeQuestion", {}),
    "meeting_series": ("governance.MeetingSeries", {}),
    "meeting": ("governance.Meeting", {}),
    "agenda_item": ("governance.AgendaItem", {}),
    "action_item": ("governance.ActionItem", {}),
    "escalation": ("governance.Escalation", {}),
    "stated_rating": ("governance.StatedRating", {}),
    "elector": ("governance.Elector", {}),
    "record": ("governance.DecisionRecord", {}),
}


def things_of(committee: Committee) -> dict[str, Any]:
    """What the names in addresses stand for, in this program."""
    found: dict[str, Any] = {
        "health_point": 1,
        "edit_number": 1,
        "digest": "0" * 128,
        "format": "pdf",
        "plan_format": "bundle",
        "feed_address": f"{committee.office.sponsor.pk}.secret of {committee.program.code}",
        "project_code": "ERP-FIN",
        "colleague": committee.office.auditor.pk,
        "category": "hardware",
        "nature": "capital",
        "measure": "cpi",
    }
    with everything(committee.program):
        for name, (label, chosen) in KINDS.items():
            rows = apps.get_model(label).objects.filter(program_id=committee.program.pk, **chosen)
            row = rows.order_by("pk").first()
            assert row is not None, f"the world has no {name}"
            found[name] = row.pk
        invitation = apps.get_model("programs.Invitation").objects.get(pk=found["invitation"])
        found["invitation_text"] = invitation_links.secret_of(invitation)
        found["period_code"] = apps.get_model("finance.FiscalPeriod").objects.get(pk=found["period"]).code
        found["decision_number"] = (
            apps.get_model("governance.Decision").objects.get(pk=found["decision"]).number
        )
    return found


def make_world() -> World:
    """Build both offices; call it inside `rolled_back`."""
    ours, theirs = make_committee("ATLAS"), make_committee("BOREAS", " B")
    for committee, word in ((ours, "Renewal"), (theirs, CANARY)):
        program = committee.program
        with everything(program):
            program.name = f"{word} program"
            program.save(update_fields=["name"])
        plan_rows(committee.office, 3, word=word)
        furnish(committee)
    former = person("Fay Former")
    with everything(ours.program):
        Membership.objects.create(
            program=ours.program, user=former, role=Role.PROGRAM_MANAGER,
            valid_from="2020-01-01", valid_to="2024-12-31",
        )  # fmt: skip
    return World(ours, theirs, person("Sid Stranger"), former, things_of(ours), things_of(theirs))
