"""Anything people may do with approved money, in any order: it is never lost, never twice, and names its request.

A contract holds no more than is there; orders and milestones keep within its value, what it retains is let go once.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.contracts import milestones, retention
from finance.contracts import services as contracts
from finance.contracts.models import Contract
from finance.procurement import invoicing, receiving, services
from finance.procurement.matching import Billed
from finance.procurement.services import Wanted
from pmo.accounts.roles import Role
from tests.finance import rewinding
from tests.finance.buying import BUDGET, ELSEWHERE, a_request, another
from tests.finance.contracting import Contracting
from tests.finance.office import Office
from tests.finance.test_capex import digest
from tests.finance.test_ledger import TODAY, settle
from tests.finance.test_procurement import vendor


@pytest.mark.proof
def test_whatever_is_bought_every_unit_of_money_names_its_request(office: Office) -> None:
    office.people |= {
        "rita": another(office, "Rita", Role.PMO_STAFF),  # receives what mira orders
        "pia": another(office, "Pia", Role.PROGRAM_MANAGER),  # manages contracts
        "rob": another(office, "Rob", Role.PROGRAM_MANAGER),  # has no hand in any contract
    }
    acme, place = vendor(office), office.place()
    office.granted(BUDGET, place, "first")
    office.granted(ELSEWHERE, office.place("DC"), "second")
    asked = [a_request(office, amount) for amount in (900, 300, 700, 1_500)]
    warrants = {
        one.code: office.warrant(one.code, "capital_request", digest(office, one)) for one in asked
    } | {f"G-{n}": office.warrant(f"G-{n}") for n in range(1, 15)}
    first = office.does(None, capex.approve, capital_request=asked[0], warrant=warrants[asked[0].code])
    signed = in_force(office, first, acme)
    order = office.does(
        "mira", services.order, capital_request=first, vendor=acme, contract=signed, title="Things",
        lines=[Wanted("Thing", Decimal("2.5"), 80), Wanted("Other", Decimal(1), 120)],
    )  # fmt: skip
    with office.looking():
        other = order.lines.get(n=2).pk
    office.does("rita", receiving.receive, order=order, quantities={other: Decimal(1)}, received_on=TODAY)
    bill = office.does(
        "fiona", invoicing.enter, order=order, number="First", invoiced_on=TODAY,
        lines=[Billed(other, Decimal(1), 120)],
    )  # fmt: skip
    with office.looking():
        signed.refresh_from_db()
    released = office.does(
        "rob", retention.release, contract=signed, version=signed.version, amount_minor=2, reason="It runs"
    )
    settle()
    ran = rewinding.run(
        Contracting, 8, office=office, acme=acme, project=office.projects["CRM"], elsewhere=office.place("DC"),
        first=order, signed=signed, billed=(bill,), released=released, asked=tuple(asked[1:]), warrants=warrants,
    )  # fmt: skip
    assert set(ran.done) >= {
        "approve", "order", "amend", "receive", "enter", "credit", "cancel", "actuals", "transfer",
        "draft", "activate", "agree", "accept", "withdraw", "change_value", "release", "pay", "close",
    }, "reversing is done by chance here, and always in the machine of the ledger"  # fmt: skip


def in_force(office: Office, request: CapitalRequest, acme: Any) -> Contract:
    """A contract of 500 that retains a tenth, with a milestone of 300 that was accepted and one of 100 that was not."""
    made = office.does(
        "paul", contracts.draft, capital_request=request, vendor=acme,
        values={
            "title": "Frame", "value_minor": 500, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=30),
            "retention_percent": Decimal(10), "release_on": TODAY, "manager": office.person("pia"),
        },
    )  # fmt: skip
    made = office.does("paul", contracts.activate, contract=made, version=made.version)
    for n, amount in enumerate((300, 100)):
        one = office.does(
            "paul", milestones.agree, contract=made, version=made.version + n, name=f"Part {n}", amount_minor=amount,
            due_on=TODAY,
        )  # fmt: skip
        if n == 0:
            first = one
    office.does(
        "rita", milestones.accept, milestone=first, version=made.version + 2, accepted_on=TODAY, note=""
    )
    with office.looking():
        return Contract.objects.select_related("request", "vendor", "program").get(pk=made.pk)
