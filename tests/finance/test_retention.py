"""Milestones and what is retained: accepted by others, held, credited, released and paid once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from finance.contracts import milestones, retention
from finance.contracts import services as contracts
from finance.contracts.models import ContractMilestone, RetentionRelease
from finance.procurement import ageing, invoicing
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import AT, Office
from tests.finance.signing import (
    TODAY,
    accepted,
    active,
    billed,
    came,
    controller,
    drafted,
    faults,
    milestone,
    now,
    ordered,
    released,
    stands,
)
from tests.finance.test_procurement import approved, vendor


def test_a_milestone_is_accepted_by_somebody_else_and_then_invoiced(office: Office) -> None:
    contract = active(office)
    one = milestone(office, contract, 25_000)
    with pytest.raises(Refused, match="at most what no milestone has yet"):
        milestone(office, contract, 15_001, "Rest")
    bill = billed(office, ordered(office, contract, 25_000), 25_000)
    assert (
        bill.state == "held"
        and "CT-001: 250.00 EUR invoiced, milestones of 0.00 EUR accepted." in bill.findings
    )
    with pytest.raises(NotAllowed, match="Who manages, drafted or activated a contract"):
        accepted(office, one, "paul")
    accepted(office, one)
    with office.looking():
        left = Invoice.objects.get(pk=bill.pk).findings
    assert left == ["Rack: 1 invoiced, 0 received."]  # what did not come still holds it
    with pytest.raises(Conflict, match="accepted already"):
        accepted(office, one)


def test_of_each_invoice_a_part_is_retained_released_and_paid_once(office: Office) -> None:
    contract = active(office)
    order = ordered(office, contract, 20_005)
    bill = billed(office, order, 20_005)
    came(office, order)
    controller(office, "sam")
    assert bill.retained_minor == 2_000  # 2,000.5 rounded half to even
    assert stands(office, contract).retained == 2_000
    with office.looking():
        (owed,) = ageing.owed(office.program, TODAY)
    assert (owed.total, owed.retained) == (18_005, 2_000)
    for amount, words in ((0, "at most what is retained"), (2_001, "at most what is retained")):
        with pytest.raises(Refused, match=words):
            released(office, contract, amount)
    free = released(office, contract, 1_500)
    with pytest.raises(NotAllowed):
        released(office, contract, 100, "paul")
    with pytest.raises(Refused, match=r"20\.00 EUR|5\.00 EUR"):
        released(office, contract, 501)
    with office.looking():
        (owed,) = ageing.owed(office.program, TODAY)
    assert (owed.total, owed.retained) == (19_505, 500)
    paid = office.does("fiona", retention.pay, release=free, version=1, paid_on=TODAY)
    assert (paid.paid_on, stands(office, contract).released_paid) == (TODAY, 1_500)
    with pytest.raises(Conflict, match="paid already"):
        office.does("fiona", retention.pay, release=free, version=2, paid_on=TODAY)
    own = released(office, contract, 500, "sam")
    with pytest.raises(NotAllowed, match="Who released it"):
        office.does("sam", retention.pay, release=own, version=1, paid_on=TODAY)


def test_nothing_of_a_held_invoice_is_released_and_nothing_by_who_entered_one(office: Office) -> None:
    contract = active(office, retention_percent=Decimal(50))
    order = ordered(office, contract, 40_000)
    bill = billed(office, order, 5_000_000)
    assert (bill.state, stands(office, contract).retained) == ("held", 2_500_000)
    with pytest.raises(NotAllowed, match="Who entered an invoice"):
        released(office, contract, 1, "fiona")
    with pytest.raises(Refused, match=r"not held: 0\.00 EUR"):
        released(office, contract, 1)
    row: dict[str, Any] = {
        "program": office.program, "contract": contract, "code": "RR-9", "due_on": TODAY, "reason": "x",
        "released_at": AT, "amount_minor": 1,
    }  # fmt: skip
    for who, words in (("fiona", "Who entered an invoice"), ("mira", "invoices that are not held")):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            RetentionRelease(**row, released_by=office.person(who)).save()


def test_a_credit_takes_nothing_back_that_was_released_of_another_invoice(office: Office) -> None:
    contract = active(office)
    first, second = ordered(office, contract, 20_000), ordered(office, contract, 20_000)
    bill = billed(office, first, 20_000)
    came(office, first)
    billed(office, second, 20_000, "A-2")  # held: nothing of it came
    released(office, contract, 2_000)
    note = office.does(
        "fiona", invoicing.credit, invoice=bill, number="C-1", invoiced_on=TODAY, amount_minor=20_000
    )
    assert note.retained_minor == 0
    assert (stands(office, contract).retained, stands(office, contract).releasable) == (2_000, 0)
    assert faults() == []


def test_a_credit_note_on_a_later_invoice_is_counted_once(office: Office) -> None:
    contract = active(office)
    milestone(office, contract, 40_000)
    order, other = ordered(office, contract, 20_000), ordered(office, contract, 20_000)
    bill, later = billed(office, order, 20_000), billed(office, other, 20_000, "A-2")
    office.does(
        "fiona", invoicing.credit, invoice=later, number="C-1", invoiced_on=TODAY, amount_minor=20_000
    )
    came(office, order)
    with office.looking():
        left = Invoice.objects.get(pk=bill.pk)
    words = "CT-001: 200.00 EUR invoiced, milestones of 0.00 EUR accepted."
    assert (left.state, left.findings) == ("held", [words])


def test_milestones_are_taken_out_of_drafts_only(office: Office) -> None:
    office.granted(100_000)
    contract = drafted(office, approved(office), vendor(office))
    gone, kept = milestone(office, contract, 15_000), milestone(office, contract, 25_000, "Rest")
    office.does("paul", milestones.drop, milestone=gone, version=now(office, contract).version)
    version = now(office, contract).version
    office.does("paul", contracts.activate, contract=contract, version=version)
    with pytest.raises(Refused, match="its milestones stay"):
        office.does("paul", milestones.drop, milestone=kept, version=version + 1)
    rows = ContractMilestone.objects.filter(pk=kept.pk)
    for deed in (rows.delete, lambda: rows.update(amount_minor=1)):
        with pytest.raises(DatabaseError, match="in force stay"), office.looking(), transaction.atomic():
            deed()
    assert stands(office, contract).milestones == 25_000


def test_who_manages_or_drafted_a_contract_releases_no_invoice_under_it(office: Office) -> None:
    contract = active(office, manager=office.person("mira"))
    bill = billed(office, ordered(office, contract, 20_000), 20_000)
    controller(office, "paul")
    controller(office, "sam")
    for who, words in (("mira", "Who manages"), ("paul", "Who ordered")):
        with pytest.raises(NotAllowed, match=words):
            office.does(who, invoicing.release, invoice=bill, version=1, reason="It came")
    with pytest.raises(DatabaseError, match="Who manages"), office.looking(), transaction.atomic():
        Invoice.objects.filter(pk=bill.pk).update(
            state="released", released_by=office.person("mira"), released_at=AT
        )
    assert (
        office.does("sam", invoicing.release, invoice=bill, version=1, reason="It came").state == "released"
    )
    assert faults() == []


def test_who_accepted_a_milestone_orders_nothing_under_its_contract(office: Office) -> None:
    contract = active(office)
    accepted(office, milestone(office, contract, 25_000))
    with pytest.raises(NotAllowed, match="Who accepted a milestone"):
        office.does(
            "mira", procurement.order, capital_request=contract.request, vendor=contract.vendor,
            contract=contract, title="Racks", lines=[Wanted("Rack", Decimal(1), 100)],
        )  # fmt: skip


def test_nothing_is_released_before_its_day_and_a_credit_takes_its_share(office: Office) -> None:
    contract = active(office, release_on=TODAY + timedelta(days=1))
    bill = billed(office, ordered(office, contract, 20_000), 20_000)
    with pytest.raises(Refused, match="is released from 17 Nov 2026 on"):
        released(office, contract, 100)

    def credit(amount: int, number: str) -> Invoice:
        return office.does(
            "fiona", invoicing.credit, invoice=bill, number=number, invoiced_on=TODAY, amount_minor=amount
        )

    assert credit(5_000, "C-1").retained_minor == 500
    assert credit(15_000, "C-2").retained_minor == 1_500
    assert stands(office, contract).retained == 0
