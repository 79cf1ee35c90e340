"""Every address of the office, and who may do what there: the one table that the route tests are made of.

A route that is not declared here fails the suite (`tests/test_routes.py`). `MAY` says for each right which roles of
the fixed cast hold it, in words of its own: a change of the grants in `pmo/accounts/roles.py` must be made twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

ROLES = (
    "program_manager",
    "staff",
    "erp_manager",
    "iam_manager",
    "controller",
    "chair",
    "member",
    "member2",
    "sponsor",
    "auditor",
    "administrator",
)
_ALL = set(ROLES)
_BUSINESS = _ALL - {"administrator"}
_PROJECT = {"erp_manager", "iam_manager"}
MAY: dict[str, set[str]] = {
    "view_program": _BUSINESS,
    "view_money": _BUSINESS,
    "view_history": {"program_manager", "staff", "controller", "auditor"},
    "edit_plan": {"program_manager", "staff", *_PROJECT},
    "edit_program": {"program_manager"},
    "report_progress": {"program_manager", "staff", *_PROJECT},
    "edit_risks": {"program_manager", "staff", *_PROJECT},
    "edit_budget": {"program_manager", "controller"},
    "edit_policy": {"controller"},
    "post_actuals": {"controller"},
    "close_period": {"controller"},
    "place_order": {"program_manager", *_PROJECT},
    "keep_vendors": {"controller"},
    "receive_goods": {"program_manager", "staff", *_PROJECT},
    "release_payment": {"program_manager", "controller"},
    "review_investment": {"program_manager", "staff", "controller"},
    "request_capital": {"program_manager", *_PROJECT},
    "forecast": {"program_manager", "controller", *_PROJECT},
    "import": {"program_manager", "staff", "controller"},
    "build_reports": {"program_manager", "staff", "controller", "chair", "sponsor", *_PROJECT},
    "subscribe": _BUSINESS - {"auditor"},
    "propose_decision": {"program_manager", "staff", "controller"},
    "open_ballot": {"program_manager", "chair"},
    "keep_meetings": {"program_manager", "staff", "chair"},
    "vote": {"chair", "member", "member2", "sponsor"},
    "manage_members": {"administrator"},
    "the sponsor's": {"sponsor"},  # not a right: the subscription of the tests is hers
    "manage_outbox": {"program_manager", "administrator"},
}
# Rights of a project manager reach into one project; the objects of the tests lie in ERP-FIN.
LIMITED = {
    "edit_plan",
    "report_progress",
    "edit_risks",
    "request_capital",
    "place_order",
    "receive_goods",
    "forecast",
    "build_reports",
    "subscribe",
}


@dataclass(frozen=True)
class Need:
    """Who gets past the door: everybody, who is signed in, who has any role, or who holds a right.

    reach: "program" (a project manager's limited right is not enough), "somewhere" (it is), "erp" (it is where the
    object lies in that project). `or_not`: past the door the deed itself may still refuse (403) for a reason that
    is not the role: somebody else's vote, subscription or request. `hidden`: for the others it does not exist.
    """

    who: str
    reach: str = "program"
    or_not: bool = False
    hidden: bool = False

    def lets(self, role: str) -> bool:
        """May this role of the program pass?"""
        if self.who in ("anybody", "signed in", "member"):
            return True
        if role not in MAY[self.who]:
            return False
        if self.who in LIMITED and role in _PROJECT:
            return self.reach == "somewhere" or (self.reach == "erp" and role == "erp_manager")
        return True


@dataclass(frozen=True)
class Route:
    """One address: what its names stand for, and what each method needs. A method that is not here is 405."""

    methods: dict[str, Need]
    names: dict[str, str] = field(default_factory=dict)
    query: str = ""


ANYBODY, SIGNED_IN, MEMBER = Need("anybody"), Need("signed in"), Need("member")


def of(right: str, reach: str = "program", or_not: bool = False) -> Need:
    return Need(right, reach, or_not)


def reads(right: str, **names: str) -> Route:
    """Only read, by who holds this right."""
    return Route({"GET": of(right)}, names)


def acts(right: str, reach: str = "program", or_not: bool = False, **names: str) -> Route:
    """Only posted to."""
    return Route({"POST": of(right, reach, or_not)}, names)


def form(right: str, reach: str = "program", or_not: bool = False, **names: str) -> Route:
    """A form: shown to and taken from the same people."""
    return Route({"GET": of(right, reach), "POST": of(right, reach, or_not)}, names)


def page_and_form(sees: str, edits: Need, **names: str) -> Route:
    """A page that everybody reads and some edit on."""
    return Route({"GET": of(sees), "POST": edits}, names)


def listed(
    basename: str, kind: str, sees: str = "view_program", post: Need | None = None, **detail: Need
) -> dict[str, Route]:
    """The list and the detail of one kind of row in the API."""
    return {
        f"api:{basename}-list": Route({"GET": of(sees), **({"POST": post} if post else {})}),
        f"api:{basename}-detail": Route({"GET": of(sees), **detail}, {"pk": kind}),
    }


PLAN = of("edit_plan", "erp")
HERS = Need("the sponsor's", hidden=True)
RISKS = of("edit_risks", "erp")
PAGES: dict[str, Route] = {
    "healthz": Route({"GET": ANYBODY}),
    "readyz": Route({"GET": ANYBODY}),
    "bench-fixed": Route({"GET": ANYBODY}),
    "bench-rows": Route({"GET": ANYBODY}),
    "pmo:home": Route({"GET": SIGNED_IN}),
    "pmo:theme": Route({"POST": SIGNED_IN}),
    "pmo:search": Route({"GET": SIGNED_IN}),
    "pmo:tokens": Route({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "pmo:token-end": Route({"POST": SIGNED_IN}, {"digest": "digest"}),
    "pmo:members": form("manage_members"),
    "pmo:member-end": acts("manage_members", pk="membership"),
    "outbox:list": Route({"GET": MEMBER}),
    "outbox:row": Route({"GET": Need("manage_outbox", hidden=True)}, {"pk": "outbox"}),  # and one's own mails
    "outbox:again": acts("manage_outbox", pk="outbox"),
    "reports:list": reads("view_program"),
    "reports:request": form("build_reports", "somewhere"),
    "reports:subscriptions": Route({"GET": of("subscribe", "somewhere")}),
    "reports:subscribe": form("subscribe", "somewhere"),
    "reports:subscription": Route({"GET": HERS, "POST": HERS}, {"pk": "subscription"}),
    "reports:stop-subscription": Route({"POST": HERS}, {"pk": "subscription"}),
    "reports:run": reads("view_program", pk="report"),
    "reports:progress": reads("view_program", pk="report"),
    "reports:cancel": acts("view_program", or_not=True, pk="report"),
    "reports:download": reads("view_program", pk="report", format="format"),
    "programs:plan": reads("view_program"),
    "programs:plan-csv": reads("view_program"),
    "programs:feeds": form("view_program"),
    "programs:feed-end": Route({"POST": HERS}, {"pk": "feed"}),
    "feeds:milestones": Route({"GET": ANYBODY}, {"text": "feed_address"}),  # who knows it
    "programs:plan-as": reads("view_money", kind="plan_format"),
    "programs:activity-add": form("edit_plan", "somewhere"),
    "programs:activity": page_and_form("view_program", PLAN, pk="activity"),
    "programs:milestones": reads("view_program"),
    "programs:plan-xlsx": reads("view_program"),
    "programs:plan-view-save": acts("view_program"),
    "programs:plan-view-drop": acts("view_program", or_not=True, pk="plan_view"),
    "programs:plan-edit": acts("edit_plan", "somewhere"),
    "programs:plan-undo": acts("edit_plan", "somewhere"),
    "programs:would-move": acts("edit_plan", "erp", pk="activity"),
    "programs:link-would-move": acts("edit_plan", "erp", pk="activity"),
    "programs:link": acts("edit_plan", "somewhere", pk="activity"),
    "programs:unlink": acts("edit_plan", "erp", pk="activity", link_pk="link"),
    "programs:activity-remove": acts("edit_plan", "somewhere", pk="activity"),
    "programs:health": reads("view_program"),
    "programs:health-point": reads("view_program", number="health_point"),
    "programs:health-assess": acts("edit_plan", "somewhere"),
    "programs:baselines": reads("view_program"),
    "programs:baselines-compare": reads("view_program"),
    "programs:projects": reads("view_program"),
    "programs:project": reads("view_program", project_code="project_code"),
    "programs:resources": reads("view_program"),
    "programs:deliverables": reads("view_program"),
    "programs:benefits": reads("view_program"),
    "programs:imports": form("import"),
    "programs:import-sample": acts("import"),
    "programs:import-sample-file": reads("import"),
    "programs:import": reads("import", pk="plan_import"),
    "programs:import-problems": reads("import", pk="plan_import"),
    "programs:import-again": acts("import", pk="plan_import"),
    "programs:import-drop": acts("import", pk="plan_import"),
    "programs:simulations": reads("view_program"),
    "programs:simulation-ask": form("build_reports", "somewhere"),
    "programs:simulation": reads("view_program", pk="simulation"),
    "programs:simulation-progress": reads("view_program", pk="simulation"),
    "programs:simulation-cancel": acts("view_program", or_not=True, pk="simulation"),
    "programs:risks": reads("view_program"),
    "programs:risk-add": form("edit_risks", "somewhere"),
    "programs:risk": page_and_form("view_program", RISKS, pk="risk"),
    "programs:risk-occurred": acts("edit_risks", "erp", pk="risk"),
    "programs:issues": reads("view_program"),
    "programs:issue-add": form("edit_risks", "somewhere"),
    "programs:issue": Route(
        {"GET": of("view_program"), "POST": of("view_program", or_not=True)}, {"pk": "issue"}
    ),
    "programs:issue-edit": form("edit_risks", "erp", pk="issue"),
    "programs:changes": reads("view_program"),
    "programs:change-add": form("edit_plan", "somewhere"),
    "programs:change": reads("view_program", pk="change_request"),
    "programs:change-edit": form("edit_plan", "erp", pk="change_request"),
    "programs:change-compute": acts("edit_plan", "somewhere", True, pk="change_request"),
    "programs:change-submit": acts("edit_plan", "somewhere", True, pk="change_request"),
    "programs:change-withdraw": acts("edit_plan", "somewhere", True, pk="change_request"),
    "programs:change-choose": Route({"GET": of("edit_plan", "somewhere")}, {"pk": "change_request"}),
    "programs:change-new": form("edit_plan", "erp", pk="change_request"),
    "programs:change-drop": acts("edit_plan", "somewhere", True, pk="change_request", number="edit_number"),
    "programs:change-unlink": acts("edit_plan", "somewhere", True, pk="change_request", link_pk="link"),
    "programs:change-activity": form("edit_plan", "erp", pk="change_request", activity_pk="activity"),
    "programs:change-link": acts("edit_plan", "somewhere", True, pk="change_request", activity_pk="activity"),
    "programs:change-remove": acts(
        "edit_plan", "somewhere", True, pk="change_request", activity_pk="activity"
    ),
    "finance:budget": reads("view_money"),
    "finance:budget-rollup": reads("view_money"),
    "finance:budget-create": acts("edit_budget"),
    "finance:budget-version": reads("view_money", pk="budget"),
    "finance:budget-difference": reads("view_money", pk="budget"),
    "finance:budget-submit": acts("edit_budget", pk="budget"),
    "finance:budget-recall": acts("edit_budget", pk="budget"),
    "finance:budget-cells": acts("edit_budget", pk="budget"),
    "finance:estimates": reads("view_money"),
    "finance:estimate-add": form("edit_budget"),
    "finance:estimate": reads("view_money", pk="estimate"),
    "finance:estimate-edit": form("edit_budget", pk="estimate"),
    "finance:estimate-labour": acts("edit_budget", pk="estimate"),
    "finance:estimate-issue": acts("edit_budget", pk="estimate"),
    "finance:estimate-line-add": form("edit_budget", pk="estimate"),
    "finance:estimate-line": form("edit_budget", pk="estimate", line_pk="estimate_line"),
    "finance:rate-cards": reads("view_money"),
    "finance:rate-card-add": form("edit_budget"),
    "finance:transfers": page_and_form("view_money", of("edit_budget")),
    "finance:transfer-rule-add": form("edit_program"),
    "finance:transfer-rule-end": acts("edit_program", pk="transfer_rule"),
    "finance:reserves": reads("view_money"),
    "finance:periods": reads("view_money"),
    "finance:period": reads("view_money", pk="period"),
    "finance:period-total": acts("post_actuals", pk="period"),
    "finance:period-reopen": acts("close_period", pk="period"),
    "finance:period-close": acts("close_period", pk="period"),
    "finance:spend": reads("view_money"),
    "finance:funding": reads("view_money"),
    "finance:funding-add": form("edit_budget"),
    "finance:funding-lines": reads("view_money", pk="funding_plan"),
    "finance:funding-withdraw": acts("edit_budget", pk="funding_plan"),
    "finance:ledger": reads("view_money"),
    "finance:entries": reads("view_money"),
    "finance:cost-lines": reads("view_money"),
    "finance:journal": reads("view_money", pk="journal"),
    "finance:journal-reverse": acts("post_actuals", pk="journal"),
    "finance:earned-value": reads("view_money"),
    "finance:forecasts": reads("view_money"),
    "finance:forecast-begin": acts("forecast", "somewhere"),
    "finance:forecast-scores": reads("view_money"),
    "finance:forecast": page_and_form("view_money", of("forecast", "erp"), pk="forecast"),
    "finance:forecast-submit": acts("forecast", "erp", pk="forecast"),
    "finance:forecast-discard": acts("forecast", "erp", pk="forecast"),
    "finance:control-accounts": reads("view_money"),
    "finance:control-account-add": form("edit_plan", "somewhere"),
    "finance:control-account": reads("view_money", pk="control_account"),
    "finance:control-account-edit": form("edit_plan", "erp", pk="control_account"),
    "finance:control-account-remove": acts("edit_plan", "erp", pk="control_account"),
    "finance:variances": reads("view_money"),
    "finance:variance-limits": form("edit_program"),
    "finance:variance": page_and_form("view_money", of("edit_plan", "erp"), pk="variance"),
    "finance:variance-close": acts("edit_budget", pk="variance"),
    "finance:earning": reads("view_money"),
    "finance:earning-activity": page_and_form("view_money", of("edit_plan", "erp"), pk="activity"),
    "finance:earned-value-series": reads("view_money"),
    "finance:earned-value-measure": reads("view_money", name="measure"),
    "finance:earned-value-project": reads("view_money", project_code="project_code"),
    "finance:capital-requests": reads("view_money"),
    "finance:capital-request-add": form("request_capital", "somewhere"),
    "finance:capital-request": reads("view_money", pk="capital_request"),
    "finance:capital-request-edit": form("request_capital", "erp", pk="capital_request"),
    "finance:capital-request-submit": acts("request_capital", "erp", True, pk="capital_request"),
    "finance:capital-request-withdraw": acts("request_capital", "erp", True, pk="capital_request"),
    "finance:rates": reads("view_money"),
    "finance:rate-add": form("post_actuals"),
    "finance:rate": page_and_form("view_money", of("post_actuals"), pk="rate"),
    "finance:capitalisation": reads("view_money"),
    "finance:capitalisation-project": reads("view_money", project_code="project_code"),
    "finance:capitalisation-record": acts("edit_policy", project_code="project_code"),
    "finance:capitalisation-mark": acts("edit_policy", project_code="project_code"),
    "finance:policy": reads("view_money"),
    "finance:policy-waiver-ask": acts("propose_decision", pk="clause"),
    "finance:policy-waiver-withdraw": acts("propose_decision", pk="waiver"),
    "finance:policy-findings": reads("view_money"),
    "finance:policy-clause-add": form("edit_policy"),
    "finance:policy-clause": reads("view_money", pk="clause"),
    "finance:policy-clause-change": form("edit_policy", pk="clause"),
    "finance:policy-clause-end": acts("edit_policy", pk="clause"),
    "finance:order-place": form("place_order", "erp", pk="approved_request"),
    "finance:request-close": acts("place_order", "erp", True, pk="approved_request"),
    "finance:asset-hand-over": form("post_actuals", pk="approved_request"),
    "finance:investment-review": form("review_investment", pk="approved_request"),
    "finance:assets": reads("view_money"),
    "finance:asset": reads("view_money", pk="asset"),
    "finance:orders": reads("view_money"),
    "finance:order": reads("view_money", pk="order"),
    "finance:order-cancel": acts("place_order", "erp", True, pk="order"),
    "finance:order-receive": form("receive_goods", "erp", True, pk="order"),
    "finance:order-invoice": form("post_actuals", pk="order"),
    "finance:invoices": reads("view_money"),
    "finance:tolerance": form("edit_policy"),
    "finance:invoice": reads("view_money", pk="invoice"),
    "finance:invoice-release": acts("release_payment", or_not=True, pk="invoice"),
    "finance:invoice-pay": acts("post_actuals", pk="invoice"),
    "finance:invoice-credit": acts("post_actuals", pk="invoice"),
    "finance:payables": reads("view_money"),
    "finance:vendors": reads("view_money"),
    "finance:vendor-add": form("keep_vendors"),
    "finance:vendor": reads("view_money", pk="vendor"),
    "finance:vendor-edit": form("keep_vendors", pk="vendor"),
    "finance:costs": reads("view_money"),
    "finance:cost-add": form("post_actuals"),
    "finance:cost": reads("view_money", pk="batch"),
    "finance:cost-accept": acts("post_actuals", pk="batch"),
    "finance:cost-sources": reads("view_money"),
    "finance:cost-source-add": form("post_actuals"),
    "finance:cost-source": page_and_form("view_money", of("post_actuals"), pk="cost_source"),
    "finance:cost-corrected": acts("post_actuals", pk="batch"),
    "finance:cost-leave-out": acts("post_actuals", pk="batch"),
    "finance:cost-again": acts("post_actuals", pk="batch"),
    "finance:cost-late": acts("post_actuals", pk="batch"),
    "finance:cost-total": acts("post_actuals", pk="batch"),
    "finance:cost-drop": acts("post_actuals", pk="batch"),
    "finance:cost-faults": reads("view_money", pk="batch"),
    "finance:import-accept": acts("import", pk="plan_import", or_not=True),
    "governance:dashboard": reads("view_program"),
    "governance:since": reads("view_program"),
    "governance:resource-load": reads("view_program"),
    "governance:decisions": reads("view_program"),
    "governance:propose": form("propose_decision"),
    "governance:chain": reads("view_history"),
    "governance:decision": reads("view_program", number="decision_number"),
    "governance:vote": acts("vote", or_not=True, number="decision_number"),
    "governance:open": acts("open_ballot", or_not=True, number="decision_number"),
    "governance:close": acts("open_ballot", or_not=True, number="decision_number"),
    "governance:withdraw": acts("open_ballot", or_not=True, number="decision_number"),
    "governance:meetings": reads("view_program"),
    "governance:meetings-calendar": reads("view_program"),
    "governance:meeting-add": form("keep_meetings"),
    "governance:series-add": form("keep_meetings"),
    "governance:series-end": acts("keep_meetings", pk="meeting_series"),
    "governance:series-call": acts("keep_meetings", pk="meeting_series"),
    "governance:meeting": reads("view_program", pk="meeting"),
    "governance:meeting-move": form("keep_meetings", pk="meeting"),
    "governance:meeting-open": acts("keep_meetings", pk="meeting"),
    "governance:meeting-close": acts("keep_meetings", pk="meeting"),
    "governance:meeting-cancel": acts("keep_meetings", pk="meeting"),
    "governance:meeting-pack": acts("build_reports", "somewhere", True, pk="meeting"),
    "governance:agenda-refresh": acts("keep_meetings", pk="meeting"),
    "governance:topic-add": acts("keep_meetings", pk="meeting"),
    "governance:meeting-item": acts("keep_meetings", pk="meeting", item_pk="agenda_item"),
    "governance:attendance": acts("keep_meetings", pk="meeting"),
    "governance:minutes-approve": acts("keep_meetings", pk="meeting", former_pk="meeting"),
    "governance:meeting-action": acts("keep_meetings", pk="meeting"),
    "governance:escalations": reads("view_program"),
    "governance:escalation-add": form("edit_risks", "somewhere"),
    "governance:ladder": form("edit_program"),
    "governance:escalation": Route(
        {"GET": of("view_program"), "POST": of("view_program", or_not=True)}, {"pk": "escalation"}
    ),
    "governance:actions": reads("view_program"),
    "governance:action-add": form("keep_meetings"),
    "governance:action": Route(
        {"GET": of("view_program"), "POST": of("view_program", or_not=True)}, {"pk": "action_item"}
    ),
    "governance:bodies": reads("view_program"),
    "governance:body-add": form("edit_program"),
    "governance:seat-add": form("edit_program", pk="body"),
    "governance:authority": reads("view_program"),
    "governance:rule-add": form("edit_program"),
    "api-docs": Route({"GET": SIGNED_IN}),
}
# allauth's own pages: about the person alone, nothing of a program; tested in tests/pmo/test_account_pages.py.
ACCOUNTS = {
    "account_login", "account_logout", "account_inactive", "account_signup", "account_reauthenticate",
    "account_email", "account_email_verification_sent", "account_change_password", "account_set_password",
    "account_reset_password", "account_confirm_login_code", "account_confirm_email",
    "account_reset_password_from_key_done", "account_reset_password_from_key", "account_reset_password_done",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
}  # fmt: skip
API: dict[str, Route] = {
    "api-schema": Route({"GET": SIGNED_IN}),
    "api:me": Route({"GET": SIGNED_IN}),
    "api:my-tokens": Route({"GET": SIGNED_IN, "POST": SIGNED_IN}),
    "api:my-token": Route({"DELETE": SIGNED_IN}, {"digest": "digest"}),
    "api:program-list": Route({"GET": SIGNED_IN}),
    "api:program-detail": reads("view_program"),
    **listed("projects", "project"),
    **listed("calendars", "calendar"),
    **listed("calendar-exceptions", "calendar_exception"),
    **listed("activities", "activity", post=of("edit_plan", "somewhere"), PATCH=PLAN, DELETE=PLAN),
    "api:activities-milestones": reads("view_program"),
    "api:activities-why": reads("view_program", pk="activity"),
    "api:activities-what-if": acts("edit_plan", "erp", pk="activity"),
    **listed("plan-edits", "plan_edit", post=of("edit_plan", "somewhere")),
    **listed("plan-views", "plan_view", post=of("view_program"), DELETE=of("view_program", or_not=True)),
    "api:plan-edits-undo": acts("edit_plan", "somewhere"),
    "api:plan-edits-redo": acts("edit_plan", "somewhere"),
    **listed("dependencies", "link", post=of("edit_plan", "somewhere"), PATCH=PLAN, DELETE=PLAN),
    **listed("computations", "computation"),
    **listed("schedule-health", "health"),
    "api:computations-latest": reads("view_program"),
    **listed("baselines", "baseline"),
    "api:baselines-compare": reads("view_program", pk="baseline"),
    **listed("baseline-lines", "baseline_line"),
    **listed("status-periods", "status_period"),
    **listed("progress", "progress"),
    **listed("resources", "resource"),
    **listed("assignments", "assignment"),
    **listed("risks", "risk", post=of("edit_risks", "somewhere"), PATCH=RISKS),
    **listed("issues", "issue", post=of("edit_risks", "somewhere"), PATCH=RISKS),
    "api:issues-note": acts("view_program", or_not=True, pk="issue"),
    "api:issues-resolve": acts("view_program", or_not=True, pk="issue"),
    "api:issues-close": acts("view_program", or_not=True, pk="issue"),
    "api:issues-reopen": acts("view_program", or_not=True, pk="issue"),
    **listed("simulations", "simulation", post=of("build_reports", "somewhere")),
    "api:simulations-cancel": acts("view_program", or_not=True, pk="simulation"),
    **listed(
        "change-requests",
        "change_request",
        post=of("edit_plan", "somewhere"),
        PATCH=of("edit_plan", "somewhere"),
    ),
    "api:change-requests-impact": reads("view_program", pk="change_request"),
    "api:change-requests-edits": acts("edit_plan", "somewhere", True, pk="change_request"),
    "api:change-requests-compute": acts("edit_plan", "erp", True, pk="change_request"),
    "api:change-requests-submit": acts("edit_plan", "erp", True, pk="change_request"),
    "api:change-requests-withdraw": acts("edit_plan", "erp", True, pk="change_request"),
    **listed("deliverables", "deliverable"),
    **listed("requirements", "requirement"),
    **listed("objectives", "objective"),
    **listed("readings", "reading"),
    **listed("narratives", "narrative"),
    "api:calendar-feeds-list": Route({"GET": of("view_program"), "POST": of("view_program")}),
    "api:calendar-feeds-detail": Route({"GET": HERS}, {"pk": "feed"}),
    "api:calendar-feeds-end": Route({"POST": HERS}, {"pk": "feed"}),
    **listed("imports", "plan_import", "import", post=of("import")),
    "api:imports-accept": acts("import", or_not=True, pk="plan_import"),
    "api:imports-compare-again": acts("import", pk="plan_import"),
    "api:imports-drop": acts("import", pk="plan_import"),
    **listed("report", "report", post=of("build_reports", "somewhere")),
    "api:report-cancel": acts("view_program", or_not=True, pk="report"),
    "api:report-file": reads("view_program", pk="report", kind="format"),
    "api:health": reads("view_program"),
    **listed("body", "body", post=of("edit_program")),
    **listed("seat", "seat", post=of("edit_program")),
    **listed("authority-rule", "rule", post=of("edit_program")),
    **listed("decision", "decision", post=of("propose_decision")),
    "api:decision-open": acts("open_ballot", or_not=True, pk="decision"),
    "api:decision-close": acts("open_ballot", or_not=True, pk="decision"),
    "api:decision-votes": acts("vote", or_not=True, pk="decision"),
    "api:decision-withdraw": acts("open_ballot", or_not=True, pk="decision"),
    **listed("meeting-series", "meeting_series"),
    **listed("meeting", "meeting", post=of("keep_meetings")),
    **listed("agenda-item", "agenda_item"),
    **listed("action-item", "action_item", post=of("keep_meetings"), PATCH=of("keep_meetings")),
    "api:action-item-close": acts("view_program", or_not=True, pk="action_item"),
    **listed("escalation", "escalation", post=of("edit_risks", "somewhere")),
    "api:escalation-reply": acts("view_program", or_not=True, pk="escalation"),
    "api:escalation-give-back": acts("view_program", or_not=True, pk="escalation"),
    "api:escalation-withdraw": acts("view_program", or_not=True, pk="escalation"),
    **listed("elector", "elector"),
    **listed("record", "record", "view_history"),
    "api:record-chain": reads("view_history"),
    **listed("periods", "period", "view_money"),
    "api:periods-close": acts("close_period", pk="period"),
    "api:periods-reopen": acts("close_period", pk="period"),
    **listed("budgets", "budget", "view_money", post=of("edit_budget")),
    "api:budgets-line": Route({"PUT": of("edit_budget")}, {"pk": "budget"}),
    "api:budgets-difference": reads("view_money", pk="budget"),
    "api:budgets-lines": Route({"PUT": of("edit_budget")}, {"pk": "budget"}),
    "api:budgets-submit": acts("edit_budget", pk="budget"),
    "api:budgets-recall": acts("edit_budget", pk="budget"),
    **listed("budget-lines", "budget_line", "view_money"),
    **listed("accounts", "account", "view_money"),
    **listed("postings", "posting", "view_money"),
    **listed("actual-lines", "actual_line", "view_money"),
    **listed("capitalisation-policies", "capitalisation_policy", "view_money", post=of("edit_policy")),
    **listed("capitalisation-marks", "capitalisation_mark", "view_money", post=of("edit_policy")),
    "api:capitalisation": reads("view_money"),
    **listed("policy-clauses", "clause", "view_money", post=of("edit_policy"), PATCH=of("edit_policy")),
    "api:policy-clauses-end": acts("edit_policy", pk="clause"),
    **listed("policy-waivers", "waiver", "view_money", post=of("propose_decision")),
    "api:policy-waivers-withdraw": acts("propose_decision", pk="waiver"),
    "api:policy-conformity": reads("view_money"),
    **listed("policy-findings", "finding", "view_money"),
    **listed(
        "capital-requests",
        "capital_request",
        "view_money",
        post=of("request_capital", "somewhere"),
        PATCH=of("request_capital", "somewhere"),
    ),
    "api:capital-requests-appraisal": reads("view_money", pk="capital_request"),
    "api:capital-requests-submit": acts("request_capital", "erp", True, pk="capital_request"),
    "api:capital-requests-withdraw": acts("request_capital", "erp", True, pk="capital_request"),
    "api:capital-requests-money": reads("view_money", pk="approved_request"),
    "api:capital-requests-close": acts("place_order", "erp", True, pk="approved_request"),
    **listed("vendors", "vendor", "view_money", post=of("keep_vendors"), PATCH=of("keep_vendors")),
    **listed("purchase-orders", "order", "view_money", post=of("place_order", "somewhere")),
    **listed("assets", "asset", "view_money"),
    **listed("investment-reviews", "review", "view_money"),
    "api:investment-reviews-conclude": acts("review_investment", pk="review", or_not=True),
    "api:capital-requests-hand-over": acts("post_actuals", pk="approved_request"),
    **listed("receipts", "receipt", "view_money", post=of("receive_goods", "somewhere")),
    **listed("invoices", "invoice", "view_money", post=of("post_actuals")),
    "api:invoices-release": acts("release_payment", or_not=True, pk="invoice"),
    "api:invoices-pay": acts("post_actuals", pk="invoice"),
    "api:invoices-credit": acts("post_actuals", pk="invoice"),
    "api:payables": reads("view_money"),
    "api:invoice-tolerance": Route({"GET": of("view_money"), "PUT": of("edit_policy")}),
    "api:purchase-orders-cancel": acts("place_order", "erp", True, pk="order"),
    **listed("cost-files", "batch", "view_money", post=of("post_actuals")),
    **listed("funding-plans", "funding_plan", "view_money", post=of("edit_budget")),
    "api:funding-plans-withdraw": acts("edit_budget", pk="funding_plan"),
    "api:funding-plans-funding": reads("view_money", pk="funding_plan"),
    **listed("funding-lines", "funding_line", "view_money"),
    "api:cost-files-accept": acts("post_actuals", pk="batch"),
    "api:cost-files-file": acts("post_actuals"),
    **listed("cost-sources", "cost_source", "view_money", post=of("post_actuals"), PATCH=of("post_actuals")),
    "api:cost-files-corrected": acts("post_actuals", pk="batch"),
    "api:cost-files-leave-out": acts("post_actuals", pk="batch"),
    "api:cost-files-again": acts("post_actuals", pk="batch"),
    "api:cost-files-late": acts("post_actuals", pk="batch"),
    "api:cost-files-total": acts("post_actuals", pk="batch"),
    **listed("erp-totals", "erp_total", "view_money", post=of("post_actuals")),
    "api:reconciliation": reads("view_money", period="period_code"),
    "api:cost-files-drop": acts("post_actuals", pk="batch"),
    **listed("exchange-rates", "rate", "view_money", post=of("post_actuals"), PATCH=of("post_actuals")),
    "api:exchange-rates-file": acts("post_actuals"),
    "api:plan-file": reads("view_money", kind="plan_format"),
    **listed(
        "forecasts", "forecast", "view_money", post=of("forecast", "somewhere"), PUT=of("forecast", "erp")
    ),
    "api:forecasts-submit": acts("forecast", "erp", pk="forecast"),
    "api:forecasts-scores": reads("view_money"),
    **listed("forecast-cells", "forecast_cell", "view_money"),
    **listed(
        "control-accounts",
        "control_account",
        "view_money",
        post=of("edit_plan", "somewhere"),
        PATCH=of("edit_plan", "erp"),
    ),
    "api:control-accounts-earned-value": reads("view_money"),
    **listed("variances", "variance", "view_money"),
    "api:variances-answer": Route({"PUT": of("edit_plan", "erp")}, {"pk": "variance"}),
    "api:variances-close": acts("edit_budget", pk="variance"),
    **listed("earning-steps", "earning_step", "view_money"),
    "api:activity-earning": Route(
        {"GET": of("view_money"), "PUT": of("report_progress", "erp")}, {"pk": "activity"}
    ),
    "api:earned-value": reads("view_money"),
    "api:earned-value-series": reads("view_money"),
    "api:spend": reads("view_money"),
    "api:spend-rows": reads("view_money"),
    **listed("estimates", "estimate", "view_money", post=of("edit_budget"), PATCH=of("edit_budget")),
    "api:estimates-labour": acts("edit_budget", pk="estimate"),
    "api:estimates-issue": acts("edit_budget", pk="estimate"),
    "api:estimates-lines": acts("edit_budget", pk="estimate"),
    "api:estimates-summary": reads("view_money", pk="estimate"),
    **listed("estimate-lines", "estimate_line", "view_money", DELETE=of("edit_budget")),
    **listed("rate-cards", "rate_card", "view_money", post=of("edit_budget")),
    **listed("transfer-rules", "transfer_rule", "view_money", post=of("edit_program")),
    "api:transfer-rules-end": acts("edit_program", pk="transfer_rule"),
    "api:budget-rollup": reads("view_money"),
    "api:reserves": reads("view_money"),
    "api:transfers": acts("edit_budget"),
    "api:accruals": acts("post_actuals"),
    "api:journal-reverse": acts("post_actuals", pk="journal"),
}
ROUTES = PAGES | API
