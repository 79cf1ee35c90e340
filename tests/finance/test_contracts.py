"""Contracts: within what is set aside, ordered within their value, changed with a reason, kept by the database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import DatabaseError

from finance.contracts import services as contracts
from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from finance.procurement import services as procurement
from finance.procurement.bills import Invoice
from finance.procurement.models import PurchaseOrder
from pmo.accounts.models import Membership
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import AT, Office
from tests.finance.signing import (
    TODAY,
    accepted,
    active,
    billed,
    came,
    drafted,
    kept_order,
    milestone,
    ordered,
    stands,
)
from tests.finance.test_procurement import approved, vendor


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"title": " "}, "title"),
        ({"value_minor": 0}, "value_minor"),
        ({"ends_on": TODAY - timedelta(days=31)}, "ends_on"),
        ({"retention_percent": Decimal("50.01")}, "retention_percent"),
        ({"retention_percent": Decimal(-1)}, "retention_percent"),
        ({"release_on": None}, "release_on"),
        ({"retention_percent": Decimal(0)}, "release_on"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(office: Office, more: dict[str, Any], field: str) -> None:
    office.granted(100_000)
    with pytest.raises(Refused) as refused:
        drafted(office, approved(office), vendor(office), **more)
    assert refused.value.field == field


def test_a_contract_holds_its_value_out_of_what_is_set_aside(office: Office) -> None:
    contract = active(office)
    with pytest.raises(
        Refused, match=r"Only 200\.00 EUR of CR-001 is set aside and held by no other contract"
    ):
        other = drafted(office, contract.request, contract.vendor, value_minor=20_001)
        office.does("paul", contracts.activate, contract=other, version=1)
    with pytest.raises(
        Refused, match=r"400\.00 EUR of what is set aside for CR-001 is held by contracts in force"
    ):
        ordered(office, None, 20_001, contract.request, contract.vendor)
    ordered(office, None, 20_000, contract.request, contract.vendor)
    ordered(office, contract, 30_000)
    with pytest.raises(Refused, match=r"Only 100\.00 EUR of CT-001 is left to order"):
        ordered(office, contract, 10_001)
    order = ordered(office, contract, 10_000)
    office.does("paul", procurement.cancel, order=order, version=1, reason="Not needed")
    assert stands(office, contract).ordered == 30_000
    ordered(office, contract, 10_000)


def test_the_value_changes_with_a_reason_within_limits_and_for_who_saw_it(office: Office) -> None:
    contract = active(office)
    ordered(office, contract, 30_000)

    def change(to: int, reason: str = "Two racks more", version: int = 2) -> Contract:
        return office.does(
            "paul", contracts.change_value, contract=contract, version=version, value_minor=to, reason=reason
        )

    for to, reason, words in (
        (50_000, " ", "Say why"),
        (40_000, "Same", "another value"),
        (0, "None", "another value"),
        (29_999, "Less", "not less than that"),
        (60_001, "More", "are needed"),
    ):
        with pytest.raises(Refused, match=words):
            change(to, reason)
    with pytest.raises(Conflict):
        change(50_000, version=1)
    assert change(60_000).value_minor == 60_000
    with office.looking():
        kept = contract.changes.get()
    assert (kept.from_minor, kept.to_minor, kept.reason) == (40_000, 60_000, "Two racks more")
    with pytest.raises(DatabaseError), office.looking(), transaction.atomic():
        contract.changes.update(reason="Other")
    with pytest.raises(Refused, match="PO-001 is under way"):
        office.does("paul", contracts.close, contract=contract, version=3, reason="Done")
    office.does("paul", procurement.cancel, order=kept_order(office), version=1, reason="Not needed")
    with pytest.raises(Refused, match="CT-001 is in force: close it first"):
        office.does("paul", procurement.close_request, capital_request=contract.request)
    office.does("paul", contracts.close, contract=contract, version=3, reason="Done")
    office.does("paul", procurement.close_request, capital_request=contract.request)


def test_a_name_lent_as_manager_changes_nothing(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    for name in ("ada", "fiona"):  # of the program, but without the right to order there
        with pytest.raises(Refused, match="may order in this project") as refused:
            drafted(office, request, acme, manager=office.person(name))
        assert refused.value.field == "manager"
    contract = drafted(office, request, acme, manager=office.person("mira"))
    with office.looking():
        Membership.objects.filter(user=office.person("mira")).update(valid_to=TODAY - timedelta(days=1))
    with pytest.raises(Refused, match="may order in this project"):
        office.does("paul", contracts.activate, contract=contract, version=1)
    with office.looking():
        Membership.objects.filter(user=office.person("mira")).update(valid_to=None)
    contract = office.does("paul", contracts.activate, contract=contract, version=1)
    one = milestone(office, contract, 25_000)
    with pytest.raises(NotAllowed, match="Who manages, drafted or activated"):
        accepted(office, one, "paul")  # drafted it and put it in force


def test_the_database_keeps_manager_and_day_of_a_contract_in_force(office: Office) -> None:
    contract = active(office, release_on=TODAY + timedelta(days=300))
    order = ordered(office, contract, 20_000)
    billed(office, order, 20_000)
    came(office, order)
    rows = Contract.objects.filter(pk=contract.pk)
    for values, words in (
        ({"manager": office.person("mira")}, "with a reason"),
        ({"release_on": TODAY}, "stay as they are"),
        ({"drafted_by": office.person("mira")}, "Who drafted"),
        ({"state": "draft", "activated_at": None}, "no draft again"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            rows.update(**values)
    with pytest.raises(DatabaseError, match="from its day on"), office.looking(), transaction.atomic():
        RetentionRelease(
            program=office.program, contract=contract, code="RR-9", due_on=TODAY, reason="x",
            released_by=office.person("mira"), released_at=AT, amount_minor=2_000,
        ).save()  # fmt: skip


def test_the_database_itself_keeps_contracts(office: Office) -> None:
    contract = active(office)
    one = milestone(office, contract, 25_000)
    order = ordered(office, contract, 30_000)
    bill = billed(office, order, 30_000)
    with office.looking():  # a fact of the books, not held: what is retained of it may be released
        Invoice.objects.filter(pk=bill.pk).update(state="cleared")
    paul, mira = office.person("paul"), office.person("mira")
    row: dict[str, Any] = {
        "program": office.program, "contract": contract, "code": "RR-9", "due_on": TODAY, "reason": "x",
        "released_by": mira, "released_at": AT,
    }  # fmt: skip

    def bad_order() -> None:
        PurchaseOrder(
            program=office.program, request=contract.request, vendor=contract.vendor, contract=contract,
            code="PO-9", title="x", amount_minor=10_001, currency="EUR", ordered_by=paul, ordered_at=AT,
        ).save(force_insert=True)  # fmt: skip

    rows = Contract.objects.filter(pk=contract.pk)
    accept = {"accepted_on": TODAY, "accepted_by": paul, "accepted_at": AT}
    for deed, words in (
        (bad_order, "do not come to more than its value"),
        (lambda: rows.update(value_minor=29_999), "do not come to more than its value"),
        (lambda: rows.update(retention_percent=5), "stay as they are"),
        (
            lambda: ContractMilestone.objects.filter(pk=one.pk).update(amount_minor=40_001),
            "do not come to more",
        ),
        (lambda: ContractMilestone.objects.filter(pk=one.pk).update(**accept), "not accept its"),
        (lambda: RetentionRelease(**row, amount_minor=3_001).save(), "No more is released"),
        (lambda: RetentionRelease(**{**row, "released_by": paul}, amount_minor=1).save(), "not release what"),
        (lambda: Invoice.objects.filter(pk=bill.pk).update(retained_minor=1), "stays as it was entered"),
    ):
        with pytest.raises(DatabaseError, match=words), office.looking(), transaction.atomic():
            deed()
