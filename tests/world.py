"""Two offices with something of every kind in each, one of them somebody else's; built once for a whole module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from finance.amendments import services as amendments
from finance.assets import changing as asset_changes
from finance.assets import services as assets
from finance.budgets import services as budgets
from finance.capex import holding, papers
from finance.capex.models import CapitalRequest
from finance.capitalisation import services as capitalisation
from finance.capitalisation.models import CapitalisationPolicy
from finance.capitalisation.reclass_models import Reclassification, ReclassifiedLine
from finance.conformity import services as conformity
from finance.conformity import waivers
from finance.contracts import handing_over, milestones, retention
from finance.contracts import papers as contract_papers
from finance.contracts import services as contracts
from finance.control_accounts.models import ControlAccount, OwnLimits, VarianceFinding
from finance.earned_value import services as earned_value
from finance.earned_value.models import EarningStep
from finance.estimates import services as estimates
from finance.forecast import services as forecasts
from finance.funding import services as funding
from finance.imports import services as costs
from finance.imports import source_services
from finance.imports.layout import COLUMNS, Layout
from finance.ledger.models import ActualLine
from finance.procurement import invoicing, receiving, vendors
from finance.procurement import services as procurement
from finance.procurement.matching import Billed
from finance.procurement.services import Wanted
from finance.rates import services as rates
from finance.reconciliation import services as reconciliation
from finance.reserves import services as reserves
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from finance.transfers import services as transfers
from governance.asking import services as questions
from governance.authority import services as authority
from governance.bodies import services as bodies
from governance.bodies.models import Seat
from governance.decisions.conditions import Term
from governance.escalations import services as escalations
from governance.health import services as ratings
from governance.meetings import actions, minutes
from governance.meetings import services as meetings
from governance.standing import proxies
from governance.standing import services as standing
from pmo import commands
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.attachments.files import examined
from pmo.attachments.services import Paper
from pmo.outbox.models import Outbox
from pmo.reports.models import Artefact, ReportRun, Subscription
from programs.benefits import services as benefits
from programs.changes import services as changes
from programs.changes.models import ChangeSimulation
from programs.charter import outcomes
from programs.exchange import source_services as plan_sources
from programs.exchange.models import PlanImport
from programs.exchange.sheet_layout import SheetLayout
from programs.feeds import services as feeds
from programs.feeds.models import CalendarFeed
from programs.gates import services as gates
from programs.lives import services as lives
from programs.master_plan.models import PlanEdit, PlanView
from programs.people import links as invitation_links
from programs.people import services as people
from programs.people import wishes as invited
from programs.portfolio.models import Objective
from programs.raid import acceptance, issues
from programs.raid.models import Risk
from programs.resources.models import Availability, Resource
from programs.risk_analysis.models import SimulationRun
from programs.schedule.models import Activity, StatusPeriod
from programs.status.models import StatusUpdate
from tests.cast import Office, everything, person
from tests.furnish import plan_rows
from tests.governance.committee import SINCE, Committee, make_committee

ONE_ERROR = {"errors": 1, "warnings": 0, "more": 0}
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


def bought(committee: Committee, count: int = 1) -> None:
    """An approved request with orders on it, each from a vendor of its own (their names hold the program's)."""
    office, program = committee.office, committee.program
    decision = committee.opened(committee.request(100_000_00, title=f"{program.name} tapes", vendor="Tape"))
    committee.all_vote(decision)
    due = timezone.now().date() + timedelta(days=20)
    terms = [Term(f"{program.name} delivers", office.erp_manager, due)] if count == 1 else []
    committee.closes(decision, conditions=terms)
    for n in range(count):
        vendor = committee.does(
            office.controller, vendors.add, program=program,
            values={"name": f"{program.name} vendor {decision.number}-{n}"},
        )  # fmt: skip
        order = committee.does(
            office.erp_manager, procurement.order, capital_request=decision.capital_request, vendor=vendor,
            title=f"{program.name} order {n}", lines=[Wanted(f"{program.name} tape", Decimal(2), 50_00)],
        )  # fmt: skip
        with everything(program):
            line = order.lines.get().pk
        today = periods.local_day(program, timezone.now())
        committee.does(
            office.staff, receiving.receive, order=order, quantities={line: Decimal(1)}, received_on=today,
            note=f"{program.name} note",
        )  # fmt: skip
        committee.does(
            office.controller, invoicing.enter, order=order, number=f"{program.name} {n}", invoiced_on=today,
            lines=[Billed(line, Decimal(1), 51_00)],
        )  # fmt: skip
        asset = committee.does(
            office.controller, assets.hand_over, capital_request=decision.capital_request, cost_minor=10_00,
            name=f"{program.name} tape {n}", asset_class="it_equipment", in_service_on=today, life_months=24,
        )  # fmt: skip
        committee.does(
            office.controller, asset_changes.write_down, asset=asset, on_day=today, amount_minor=1_00,
            reason=f"{program.name} lost a drive", version=asset.version,
        )  # fmt: skip


def contracted(committee: Committee) -> None:
    """A contract on an approved request: milestones, an order and invoice under it, a part of retention freed."""
    office, program = committee.office, committee.program
    with everything(program):
        request = CapitalRequest.objects.filter(program=program, state="approved").order_by("pk")[0]
    vendor = committee.does(
        office.controller, vendors.add, program=program, values={"name": f"{program.name} racks"}
    )
    today = periods.local_day(program, timezone.now())
    deputies = []
    with everything(program):
        for n in (1, 2):  # who manages a contract did not put it in force, and hands it over to somebody else
            mail = f"deputy{n}-{program.code}@example.org".lower()
            deputy = User.objects.create_user(mail, name=f"{program.name} deputy {n}")
            Membership.objects.create(
                program=program, user=deputy, role="project_manager", project=request.project,
                valid_from=today - timedelta(days=9),
            )  # fmt: skip
            deputies.append(deputy)
    made = committee.does(
        office.erp_manager, contracts.draft, capital_request=request, vendor=vendor,
        values={
            "title": f"{program.name} racks", "value_minor": 9_000_00, "starts_on": today - timedelta(days=9),
            "ends_on": today, "retention_percent": Decimal(10), "release_on": today, "manager": deputies[0],
        },
    )  # fmt: skip
    made = committee.does(office.erp_manager, contracts.activate, contract=made, version=made.version)
    first = committee.does(
        office.erp_manager, milestones.agree, contract=made, version=made.version, name=f"{program.name} built",
        amount_minor=1_000_00, due_on=today,
    )  # fmt: skip
    committee.does(
        office.staff, milestones.accept, milestone=first, version=made.version + 1, accepted_on=today, note=""
    )
    committee.does(
        office.erp_manager, milestones.agree, contract=made, version=made.version + 2,
        name=f"{program.name} running", amount_minor=1_000_00, due_on=today,
    )  # fmt: skip
    order = committee.does(
        office.erp_manager, procurement.order, capital_request=request, vendor=vendor, contract=made,
        title=f"{program.name} racks", lines=[Wanted(f"{program.name} rack", Decimal(2), 100_00)],
    )  # fmt: skip
    with everything(program):
        line = order.lines.get().pk
    bill = committee.does(
        office.controller, invoicing.enter, order=order, number=f"{program.name} R", invoiced_on=today,
        lines=[Billed(line, Decimal(1), 100_00)],
    )  # fmt: skip
    committee.does(
        office.program_manager,
        invoicing.release,
        invoice=bill,
        version=bill.version,
        reason=f"{program.name} came",
    )
    committee.does(
        office.program_manager, retention.release, contract=made, version=made.version + 3, amount_minor=5_00,
        reason=f"{program.name} stands",
    )  # fmt: skip
    made = committee.does(
        office.erp_manager, handing_over.hand_over, contract=made, version=made.version + 4, manager=deputies[1],
        reason=f"{program.name} changes",
    )  # fmt: skip
    committee.does(
        office.erp_manager, contract_papers.add, contract=made, version=made.version,
        upload=examined(f"{program.name} signed.txt", f"{program.name} signed".encode()),
        paper=Paper("contract"),
    )  # fmt: skip


def furnish(committee: Committee) -> None:
    """One of everything besides the plan: requests, an open ballot, costs, reports, mails, a subscription."""
    office: Office = committee.office
    program = committee.program
    committee.opened(committee.request(title=f"{program.name} arrays"))
    drafted = committee.request(title=f"{program.name} draft", submitted=False)
    committee.does(
        office.erp_manager, papers.add, capital_request=drafted, version=drafted.version,
        upload=examined(f"{program.name} quote.txt", f"{program.name}: 10 EUR".encode()),
        paper=Paper("quote", f"{program.name} vendor", 10_00, timezone.now().date() - timedelta(days=3)),
    )  # fmt: skip
    now = timezone.now()
    headings = "source_reference,project,category,nature,date,amount"
    bought(committee)
    contracted(committee)
    file = f"{headings}\nINV-1,ERP-FIN,travel,operating,{now:%Y-%m-01},12.50\n"
    for last in (False, True):  # one accepted, one waiting
        batch = committee.does(
            office.controller, costs.read_file, program=program, name=f"{program.name}.csv",
            content=(file + "\n" * last).encode(),
        )  # fmt: skip
        if not last:
            committee.does(office.controller, costs.accept, batch=batch)
    committee.does(
        office.controller, rates.add, program=program,
        values={"currency": "USD", "from_day": now.date(), "rate": Decimal("0.9"), "note": f"{program.name} bank"},
    )  # fmt: skip
    committee.does(
        office.controller, funding.enter, program=program, name=f"{program.name} requests.csv", funds="",
        steps="asked, approved", content=(
            "fiscal_year,unit,unit_name,request,title,source,source_name,asked,approved\n"
            f"2026,IT,{program.name} IT,R-1,{program.name} switches,100,{program.name} bonds,500,400\n"
        ).encode(),
    )  # fmt: skip
    committee.does(
        office.controller, capitalisation.record_policy, project=office.erp, standard="ias_38", from_day=now.date(),
        evidence=f"{program.name} charter",
    )  # fmt: skip
    with everything(program):
        first = Activity.objects.get(program=program, code="A1")
    with everything(program):
        moved = Reclassification.objects.create(
            program=program, project=office.erp, code="RC-1", reason=f"{program.name} standard", lines=1,
            policy=CapitalisationPolicy.objects.get(program=program), to_capital_minor=12_50, to_expense_minor=0,
            asked_by=office.program_manager, asked_at=now,
        )  # fmt: skip
        ReclassifiedLine.objects.create(
            program=program, reclassification=moved, amount_minor=12_50, from_nature="operating",
            to_nature="capital", clause="IAS 38.57",
            line=ActualLine.objects.get(program=program, source_reference="INV-1"),
        )  # fmt: skip
    committee.does(
        office.controller, capitalisation.mark_activity, activity=first, stage="", cost_kind="training",
        reason=f"{program.name} course",
    )  # fmt: skip
    rule = committee.does(
        office.controller, conformity.add, program=program, code="B-1", kind="beyond_budget", parameters={},
        action="warn", from_day=now.date(), text=f"{program.name} keeps within its budget.",
    )  # fmt: skip
    committee.does(
        office.controller, waivers.ask, program=program, clause=rule, until=now.date() + timedelta(days=30),
        reason=f"{program.name} needs it.",
    )  # fmt: skip
    with everything(program):
        month = FiscalPeriod.objects.filter(program=program).order_by("pk").first()
    committee.does(
        office.controller, source_services.add_source, program=program, name=f"S{program.pk}",
        layout=Layout(columns={name: f"{program.name} {name}" for name in COLUMNS}),
    )  # fmt: skip
    committee.does(
        office.controller, plan_sources.add_source, program=program, name=f"Sheet {program.pk}",
        layout=SheetLayout(f"P{program.pk}", columns={"name": f"{program.name} task", "duration": "Days"}),
    )  # fmt: skip
    committee.does(
        office.controller, reconciliation.state_total, period=month, amount_minor=1250, version=0,
        note=f"{program.name} balance",
    )  # fmt: skip
    committee.does(
        office.program_manager, transfers.delegate, program=program, role="finance_controller",
        up_to_minor=10_000_00, year_up_to_minor=50_000_00, valid_from=now.date(),
    )  # fmt: skip
    estimated = committee.does(
        office.controller, estimates.create, program=program, project=office.erp,
        values={"maturity": 3, "as_of": now.date(), "basis": f"{program.name} quotes"},
    )  # fmt: skip
    committee.does(
        office.controller, estimates.add_line, estimate=estimated,
        values={
            "category": "travel", "nature": "operating", "period": f"{now:%Y-%m}", "text": f"{program.name} trips",
            "low_minor": 1_00, "likely_minor": 2_00, "high_minor": 4_00,
        },
    )  # fmt: skip
    with everything(program):
        resource = Resource.objects.filter(program=program).first() or Resource.objects.create(
            program=program, code="R0", name=f"{program.name} role"
        )
    with everything(program):
        Availability.objects.get_or_create(
            program=program, resource=resource, first=now.date(), last=now.date(), capacity=0,
            reason=f"{program.name} leave",
        )  # fmt: skip
    committee.does(
        office.controller, estimates.add_rate, program=program, resource=resource, from_day=now.date(),
        cost_per_hour=Decimal("9000"),
    )  # fmt: skip
    committee.does(office.controller, budgets.create_draft, program=program, project=office.erp)
    meet(committee)
    with everything(program):
        first = Activity.objects.get(program=program, code="A1")
    issue = committee.does(
        office.erp_manager, issues.add, program=program, activities=[first],
        values={"title": f"{program.name} leaks", "project": office.erp, "owner": office.erp_manager},
    )  # fmt: skip
    committee.does(
        office.erp_manager,
        issues.note,
        issue=issue,
        version=issue.version,
        text=f"{program.name} plumber called.",
    )
    change = committee.does(
        office.erp_manager, changes.create, program=program, project=office.erp,
        title=f"{program.name} later", reason=f"{program.name} is late.",
    )  # fmt: skip
    with everything(program):
        activity = Activity.objects.get(program=program, code="A1")
    change = committee.does(
        office.erp_manager, changes.propose, change_request=change, version=change.version,
        edit={"do": "change", "activity": activity.pk, "to": {"duration_minutes": activity.duration_minutes + 60}},
    )  # fmt: skip
    with everything(program):
        ChangeSimulation.objects.create(
            program=program, request=change, impact_sha256="0" * 64, iterations=200, seed=1, low_percent=80,
            high_percent=150, requested_at=now, requested_by=office.staff, state="failed",
            error=f"{program.name} moved",
        )  # fmt: skip
    committee.does(
        office.erp_manager, amendments.set_line, change_request=change, version=change.version, project=office.erp,
        category="hardware", nature="capital", period_code=f"{now:%Y-%m}", amount_minor=1_00,
    )  # fmt: skip
    forecast = committee.does(
        office.erp_manager, forecasts.begin, program=program, project=office.erp, period_code=f"{now:%Y-%m}"
    )
    committee.does(
        office.erp_manager, forecasts.write_lines, forecast=forecast, version=forecast.version, note=program.name,
        lines=[forecasts.LineValues("labour", "operating", "manual", {})],
    )  # fmt: skip
    with everything(program):  # steps are planned before work starts
        whole = Activity.objects.filter(program=program, code="A2")
        percent = whole.get().percent_complete
        whole.update(percent_complete=0)
        whole.update(technique="weighted_milestones")
        EarningStep.objects.create(
            program=program, activity=whole.get(), n=1, name=f"{program.name} step", weight=1, due_percent=50
        )
        whole.update(percent_complete=percent)
        account = ControlAccount.objects.create(
            program=program,
            project=office.erp,
            activity=Activity.objects.create(
                program=program, project=office.erp, code="SUM", name=f"{program.name} part", kind="summary"
            ),
            code=f"{program.code}.SUM",
            manager=office.erp_manager,
        )
        VarianceFinding.objects.create(
            program=program,
            account=account,
            period=StatusPeriod.objects.filter(program=program, project=office.erp).order_by("pk")[0],
            title=f"{program.name} CPI beyond the limit",
            crossed=[
                {"measure": "cpi", "value": "0.5", "limit": "0.9", "sentence": "CPI 0.50 is below 0.90."}
            ],
            owner=office.erp_manager,
            found_at=now,
            due_on=now.date(),
        )
        OwnLimits.objects.create(
            program=program, project=office.iam, n=1, cpi_low=Decimal("0.95"), reason=f"{program.name} is risky",
            set_by=office.controller, set_at=now,
        )  # fmt: skip
    for reserve in ("contingency", "management_reserve"):
        committee.does(
            office.controller, reserves.plan_draw, program=program, category=reserve,
            month=(now.date() + timedelta(days=62)).strftime("%Y-%m"), amount_minor=7_000, seen=0,
            reason=f"{program.name} moves late",
        )  # fmt: skip
    committee.does(office.controller, reserves.keep, program=program, note=f"{program.name} as expected")
    gate = committee.does(
        office.program_manager, gates.add, program=program,
        values={
            "project": office.erp, "code": "G1", "name": f"{program.name} may begin", "position": 1,
            "due_on": now.date(),
        },
    )  # fmt: skip
    committee.does(
        office.program_manager, gates.add_criterion, gate=gate, version=1, text=f"{program.name} is wanted",
    )  # fmt: skip
    committee.does(office.staff, gates.name_reviewer, gate=gate, person=office.auditor)
    committee.does(
        office.auditor,
        gates.give_opinion,
        gate=gate,
        revision=2,
        opinion="remarks",
        remarks=f"{program.name}?",
    )
    with everything(program):
        benefit = Objective.objects.filter(program=program).order_by("pk")[0]
    committee.does(
        office.program_manager, benefits.link, objective=benefit, version=benefit.version, project=office.iam,
        how=f"{program.name} helps",
    )  # fmt: skip
    committee.does(
        office.program_manager, outcomes.add, project=office.erp,
        values={
            "outcome": f"{program.name} is quicker", "measure": "Days", "target": "4", "due_on": now.date(),
        },
    )  # fmt: skip
    for n, deed in enumerate(("pause", "resume")):
        committee.does(
            office.program_manager, lives.move, project=office.iam, version=office.iam.version + n, deed=deed,
            reason=f"{program.name} money",
        )  # fmt: skip

    def updated(*, by: User, at: datetime) -> None:
        """A status update as a row alone: the dates of this plan stay as they are."""
        StatusUpdate.objects.create(
            program=program, project=office.erp, at=at, remark=f"{program.name} month end", by=by, made_at=at,
            periods=[], unstarted=0, unfinished=0,
        )  # fmt: skip

    committee.does(office.erp_manager, updated)
    with everything(program):
        drafted.refresh_from_db()
    committee.does(
        office.erp_manager,
        holding.add,
        capital_request=drafted,
        version=drafted.version,
        gate=gate,
        amount_minor=1_00,
    )
    with everything(program):
        PlanEdit.objects.create(
            program=program, by=office.erp_manager, session="test", at=now, words=f"{program.name} edited."
        )  # fmt: skip
        PlanView.objects.create(
            program=program, owner=office.program_manager, name=f"{program.name} view", shared=True, saved_at=now
        )  # fmt: skip
        PlanImport.objects.create(
            program=program, file_name=f"{program.name}.xml", format="mspdi", digest="f" * 64,
            state="refused", uploaded_at=now, uploaded_by=office.staff, totals=ONE_ERROR,
        )  # fmt: skip
        run = ReportRun.objects.create(
            program_id=program.pk, kind="status", as_of=now, known=now, state="done", requested_at=now,
            requested_by=office.staff, finished_at=now, percent=100,
        )  # fmt: skip
        Artefact.objects.bulk_create(
            [
                Artefact(
                    program_id=program.pk, run=run, format="pdf", name="status.pdf", content=b"%PDF-", size=5,
                    sha256="0" * 64,
                )
            ]
        )  # fmt: skip
        SimulationRun.objects.create(
            program_id=program.pk, iterations=200, seed=1, low_percent=80, high_percent=150, requested_at=now,
            requested_by=office.staff,
        )  # fmt: skip
        Subscription.objects.create(
            program_id=program.pk, recipient=office.sponsor, kind="status", time_zone="UTC",
            next_run_at=now + timedelta(days=3),
        )  # fmt: skip
        for who in (office.sponsor, office.program_manager):  # hers is the one that addresses name
            CalendarFeed.objects.create(
                program=program, user=who, name=f"{program.name} phone", made_at=now,
                digest=feeds.digest_of(f"secret of {program.code}" + " too" * (who != office.sponsor)),
            )  # fmt: skip
        Outbox.objects.create(
            program_id=program.pk, topic="report.build", key=f"test:{program.pk}", state="dead", payload={}
        )
    commands.run(earned_value.refresh, actor=None, scope=[program.pk], program=program)


def meet(committee: Committee, word: str = "") -> None:
    """A series, a meeting that was called with its agenda, and an action item born in it."""
    name = word or committee.program.name
    committee.does(
        committee.program_manager, escalations.raise_one, program=committee.program, title=f"{name} cannot wait",
        question=f"Who pays for {name}?", body=committee.steering,
    )  # fmt: skip
    committee.does(
        committee.erp_manager, ratings.state, program=committee.program, project=committee.erp, voice="manager",
        dimension="schedule", colour="amber", reason=f"{name} slips", seen=0,
        valid_until=timezone.now().date() + timedelta(days=30),
    )  # fmt: skip
    committee.does(
        committee.program_manager, authority.delegate, program=committee.program, code="A-Q", subject_kind="question",
        body=committee.steering, valid_from=SINCE,
    )  # fmt: skip
    committee.does(
        committee.staff, questions.ask, program=committee.program, title=f"{name} name", options=[name, "Another"],
        question=f"What shall {name} be called?",
    )  # fmt: skip
    with everything(committee.program):
        risk = (
            Risk.objects.filter(program=committee.program)
            .exclude(state__in=acceptance.OVER)
            .order_by("pk")[0]
        )
    committee.does(
        committee.staff, acceptance.ask, risk=risk, version=risk.version, reason=f"{name} carries it.",
        until=timezone.now().date() + timedelta(days=30),
    )  # fmt: skip
    with everything(committee.program):
        held = Seat.objects.select_related("body").get(body=committee.steering, person=committee.member2)
    committee.does(
        committee.program_manager,
        standing.name_alternate,
        seat=held,
        person=committee.sponsor,
        valid_from=SINCE,
    )
    next_month = timezone.now().date() + timedelta(days=30)
    committee.does(
        committee.member2, standing.declare_absence, seat=held, first_day=next_month, last_day=next_month,
        reason=f"{name} leave",
    )  # fmt: skip
    committee.does(
        committee.program_manager, bodies.change_rules, body=held.body, members_stand_in=False, proxies_per_person=1,
        silence="", version=held.body.version,
    )  # fmt: skip
    committee.does(committee.member2, proxies.give, seat=held, person=committee.member, until=next_month)
    series = committee.does(
        committee.staff, meetings.create_series, program=committee.program, body=committee.steering,
        title=f"{name} round", every="month", weekday=1, nth=2, at_time="14:00", minutes=90,
        starts_on=timezone.now().date(),
    )  # fmt: skip
    meeting = committee.does(
        committee.staff, meetings.call_meeting, program=committee.program, body=series.body,
        starts_at=timezone.now() + timedelta(days=9), minutes=60, place=f"{name} room",
    )  # fmt: skip
    committee.does(committee.staff, minutes.add_item, meeting=meeting, title=f"{name} outlook")
    committee.does(
        committee.program_manager, people.invite, program=committee.program, reason=f"{name} needs a hand",
        wishes=[invited.Wish("guest@office.example", f"{name} Guest", [invited.Wanted(Role.AUDITOR)])],
    )  # fmt: skip
    committee.does(
        committee.staff, actions.add, program=committee.program, title=f"{name} numbers again",
        owner=committee.erp_manager, due_on=timezone.now().date(),
    )  # fmt: skip


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
