"""What finance counts in each office: costs, policies, estimates, forecasts, reserves."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from finance.amendments import services as amendments
from finance.budgets import services as budgets
from finance.capex import holding, papers
from finance.capex.models import CapitalRequest
from finance.capitalisation import services as capitalisation
from finance.capitalisation.models import CapitalisationPolicy
from finance.capitalisation.reclass_models import Reclassification, ReclassifiedLine
from finance.conformity import services as conformity
from finance.conformity import waivers
from finance.control_accounts.models import ControlAccount, OwnLimits, VarianceFinding
from finance.earned_value.models import EarningStep
from finance.estimates import services as estimates
from finance.forecast import services as forecasts
from finance.funding import services as funding
from finance.imports import services as costs
from finance.imports import source_services
from finance.imports.layout import COLUMNS, Layout
from finance.ledger.models import ActualLine
from finance.rates import services as rates
from finance.reconciliation import services as reconciliation
from finance.reserves import services as reserves
from finance.structure.models import FiscalPeriod
from finance.transfers import services as transfers
from pmo.attachments.files import examined
from pmo.attachments.services import Paper
from programs.changes.models import ChangeRequest
from programs.gates.models import Gate
from programs.resources.models import Availability, Resource
from programs.schedule.models import Activity, StatusPeriod
from tests.cast import Office, everything
from tests.governance.committee import Committee


def asked(committee: Committee) -> CapitalRequest:
    """A request before the committee, and a drafted one with a paper; answers the drafted one."""
    office: Office = committee.office
    program = committee.program
    committee.opened(committee.request(title=f"{program.name} arrays"))
    drafted = committee.request(title=f"{program.name} draft", submitted=False)
    committee.does(
        office.erp_manager, papers.add, capital_request=drafted, version=drafted.version,
        upload=examined(f"{program.name} quote.txt", f"{program.name}: 10 EUR".encode()),
        paper=Paper("quote", f"{program.name} vendor", 10_00, timezone.now().date() - timedelta(days=3)),
    )  # fmt: skip
    return drafted


def counted(committee: Committee) -> None:
    """Costs, rates, money asked for, what is capital, clauses, estimates and a budget being drafted."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
    headings = "source_reference,project,category,nature,date,amount"
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


def steered(committee: Committee, change: ChangeRequest) -> None:
    """What the change would cost, a forecast, steps that earn, accounts with their limits, and reserves."""
    office: Office = committee.office
    program = committee.program
    now = timezone.now()
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


def held(committee: Committee, drafted: CapitalRequest, gate: Gate) -> None:
    """The drafted request waits for a gate."""
    office: Office = committee.office
    program = committee.program
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
