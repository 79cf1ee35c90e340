"""Raising by amendments passes nothing that one order could not, nor anything past the database or at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finance.capex.models import CapitalRequest
from finance.contracts import services as services_of_contracts
from finance.policy import guard
from finance.procurement import services
from finance.procurement.models import AmendedLine, OrderAmendment, OrderLine, PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from pmo.refusals import Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.signing import active, deputy, drafted
from tests.finance.signing import ordered as ordered_under
from tests.finance.test_invoices import came, ordered, where
from tests.finance.test_ledger_races import together
from tests.finance.test_order_amendments import amended, first
from tests.finance.test_procurement import approved, order, vendor, whole


# ---------------------------------------------------------------- no way around what one order could not
def outcome(deed: Callable[[], Any]) -> str:
    """Done, or what it was refused for; then as it was before."""
    point = transaction.savepoint()
    try:
        deed()
        return "done"
    except Refused as refused:
        return f"{refused.code} {refused.field} {refused.message.split(';')[-1] * (not refused.code)}"
    finally:
        transaction.savepoint_rollback(point)


@settings(
    max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def _never_past_one_order(office: Office, request: CapitalRequest, acme: Vendor, data: st.DataObject) -> None:
    """Placed with a part and raised in steps to a sum, or placed with the sum at once: refused alike."""
    under = data.draw(st.booleans(), "under a contract")
    held = data.draw(st.integers(0, 500), "held by another contract")
    steps = data.draw(st.lists(st.integers(1, 400), min_size=2, max_size=4), "steps")
    point = transaction.savepoint()
    try:
        own = None
        if under:
            own = drafted(office, request, acme, value_minor=data.draw(st.integers(1, 500), "its value"))
            own = office.does("paul", services_of_contracts.activate, contract=own, version=own.version)
        if held:
            rest = 600 - (own.value_minor if own else 0)
            if held > rest:
                return
            other = drafted(office, request, acme, value_minor=held)
            office.does("paul", services_of_contracts.activate, contract=other, version=other.version)

        def place(amount: int) -> PurchaseOrder:
            return office.does(
                "paul", services.order, capital_request=request, vendor=acme, title="Things", contract=own,
                lines=[Wanted("Thing", Decimal(amount), 1)],
            )  # fmt: skip

        def in_steps() -> None:
            made = place(steps[0])
            for n in range(1, len(steps)):
                amended(office, made, str(sum(steps[: n + 1])))

        one, many = outcome(lambda: place(sum(steps))), outcome(in_steps)
        assert (one == "done") == (many == "done"), (one, many)
    finally:
        transaction.savepoint_rollback(point)


def test_raising_by_amendments_passes_nothing_that_one_order_could_not(office: Office) -> None:
    office.granted(1_000)
    deputy(office)  # who manages the contracts stays while each example is taken back
    _never_past_one_order(office, approved(office, 600), vendor(office))


def test_the_same_sentences_name_what_is_left(office: Office) -> None:
    contract = active(office)  # 400.00 of 600.00
    free = ordered_under(office, None, 5_000, contract.request, contract.vendor)
    with pytest.raises(
        Refused, match=r"400\.00 EUR of what is set aside .* held by contracts in force; this amend"
    ):
        amended(office, free, "4.001")
    amended(office, free, "4")
    under = ordered_under(office, contract, 30_000)
    with pytest.raises(
        Refused, match=r"Only 100\.00 EUR of CT-001 is left to order; this amendment adds"
    ) as no:
        amended(office, under, "1.334")
    assert no.value.field == "contract"
    amended(office, under, "1.333")
    assert whole(office)


def test_a_blocking_clause_stops_a_raise_as_it_stops_an_order(office: Office) -> None:
    """Whatever the policy refuses when an order is placed it refuses when one is raised: it is asked in both."""
    placed = ordered(office)
    asked: list[str] = []

    def checker(program: Any, *, at: Any, promise: bool, subject: Any = ("", 0)) -> None:
        asked.append("promise" if promise else "noted")
        if promise:
            raise Refused("C-1 does not allow it.", code="policy")

    was = list(guard._registered)
    guard.register(checker)
    try:
        for deed in (
            lambda: order(office, placed.request, placed.vendor, 1_000),
            lambda: amended(office, placed, "11"),
            lambda: amended(office, placed, "5", added=[Wanted("Other", Decimal(1), 100)]),
        ):
            with pytest.raises(Refused, match="C-1 does not allow it"):
                deed()
        amended(office, placed, "9")  # less is asked of nobody
    finally:
        guard._registered[:] = was
    assert asked == ["promise"] * 3


# ---------------------------------------------------------------- the database
def _row(office: Office, one: PurchaseOrder, **other: Any) -> OrderAmendment:
    values: dict[str, Any] = {
        "program": office.program, "order": one, "n": 1, "from_minor": 50_000, "to_minor": 55_000,
        "committed_minor": 5_000, "reason": "x", "amended_by": office.person("paul"), "amended_at": office.at,
    }  # fmt: skip
    return OrderAmendment(**values | other)


FORGED: list[tuple[dict[str, Any], str]] = [
    ({}, "An order comes to the sum of its lines and of its amendments."),  # without lines
    ({"n": 2}, "An amendment begins with what the order was before."),
    ({"from_minor": 49_000}, "An amendment begins with what the order was before."),
    ({"expected_before": date(2027, 1, 1)}, "An amendment begins with what the order was before."),
    ({"reason": " "}, "Say why the order is amended."),
    ({"to_minor": 0}, "An order comes to more than nothing, and not to more than money can be."),
    ({"committed_minor": 6_000}, "No more is committed than an amendment adds."),
    (
        {"to_minor": 50_000, "committed_minor": 0, "expected_on": date(2027, 1, 1)},
        "An order is expected on the day of its last amendment.",
    ),
]


def test_the_database_takes_no_amendment_that_does_not_add_up(own_database: OwnDatabase) -> None:
    office = open_office()
    placed = ordered(office)
    for other, sentence in FORGED:

        def forge(*, by: Any, at: Any, other: dict[str, Any] = other) -> None:
            _row(office, placed, **other).save(force_insert=True)

        with pytest.raises(Refused) as refused:
            office.does(None, forge)
        assert refused.value.message == sentence


def test_the_database_keeps_the_order_its_sum_and_its_past(own_database: OwnDatabase) -> None:
    office = open_office()
    placed = ordered(office)
    came(office, placed, "4")
    amended(office, placed, "11")
    line = first(office, placed)

    def refuses(sentence: str, deed: Callable[[], Any]) -> None:
        def forge(*, by: Any, at: Any) -> None:
            deed()

        with pytest.raises(Exception, match=sentence):
            office.does(None, forge)

    def changed(n: int, **other: Any) -> None:
        made = _row(
            office, placed, n=2, from_minor=55_000, to_minor=55_000 + n * 5_000, committed_minor=n * 5_000
        )
        made.save(force_insert=True)
        values = {
            "from_quantity": 11, "to_quantity": 11 + n, "from_minor": 55_000, "to_minor": 55_000 + n * 5_000,
        } | other  # fmt: skip
        AmendedLine(program=office.program, amendment=made, line_id=line, **values).save(force_insert=True)

    adds_up = "the sum of its lines and of its amendments"
    refuses(adds_up, lambda: PurchaseOrder.objects.filter(pk=placed.pk).update(amount_minor=60_000))
    refuses("No less is ordered than came", lambda: changed(-8))
    refuses("quantity times its price", lambda: changed(1, to_minor=70_000))
    refuses("begins with what the order was", lambda: changed(1, from_quantity=10))
    refuses(adds_up, lambda: changed(1))  # the order itself does not say so
    refuses(adds_up, lambda: OrderLine(
        program=office.program, order=placed, n=2, text="x", quantity=0, unit_price_minor=1, amount_minor=0,
    ).save(force_insert=True))  # fmt: skip
    for table in ("finance_orderamendment", "finance_amendedline"):
        for what in (f"update {table} set to_minor = 1", f"delete from {table}"):  # noqa: S608
            refuses(
                "permission denied|never changed|stays|append",
                lambda what=what: connection.cursor().execute(what),
            )


def test_of_two_who_amend_at_once_one_is_told(own_database: OwnDatabase) -> None:
    office = open_office()
    placed = ordered(office)
    assert together(2, lambda n: amended(office, placed, "11", version=1)) == {"done": 1, "changed": 1}
    assert where(office, placed) == (5_000, 55_000, 0, 0)


def test_who_raises_and_who_orders_at_once_share_what_is_left(own_database: OwnDatabase) -> None:
    office = open_office()
    placed = ordered(office)
    ended = together(
        2,
        lambda n: (
            amended(office, placed, "12") if n else order(office, placed.request, placed.vendor, 10_000)
        ),
    )
    assert ended == {"done": 1, "not-enough-money": 1}
    assert whole(office) and sum(where(office, placed)) == 60_000
