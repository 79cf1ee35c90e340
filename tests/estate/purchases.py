"""What was bought: orders with all that follows them, and a contract with its milestones."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from finance.assets import changing as asset_changes
from finance.assets import services as assets
from finance.capex.models import CapitalRequest
from finance.contracts import handing_over, milestones, retention
from finance.contracts import papers as contract_papers
from finance.contracts import services as contracts
from finance.procurement import amending, invoicing, receiving, vendors
from finance.procurement import services as procurement
from finance.procurement.matching import Billed
from finance.procurement.services import Wanted
from finance.structure import periods
from governance.decisions.conditions import Term
from pmo.accounts.models import Membership, User
from pmo.attachments.files import examined
from pmo.attachments.services import Paper
from tests.cast import everything
from tests.governance.committee import Committee


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
    committee.does(
        office.erp_manager, amending.amend, order=order, version=order.version, reason=f"{program.name} grows",
        quantities={line: Decimal(3)}, added=[Wanted(f"{program.name} shelf", Decimal(1), 10_00)],
    )  # fmt: skip
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
