"""From an approved request to its orders: money is set aside, ordered with, taken back, and always accounted for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from finance import verify
from finance.capex.models import CapitalRequest
from finance.ledger import services as ledger
from finance.ledger.models import Journal
from finance.ledger.services import Cost
from finance.procurement import selectors, services, vendors
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.conftest import OwnDatabase
from tests.finance.office import Office, open_office
from tests.finance.test_capex import approve, submitted
from tests.finance.test_ledger import TODAY, settle
from tests.finance.test_ledger_races import together


def vendor(office: Office, name: str = "Acme", **more: Any) -> Vendor:
    return office.does("fiona", vendors.add, program=office.program, values={"name": name, **more})


def approved(office: Office, amount: int = 60_000, number: str = "D-7") -> CapitalRequest:
    return approve(office, submitted(office, amount_minor=amount), number)


def order(
    office: Office, request: CapitalRequest, whose: Vendor, amount: int = 10_000, who: str = "paul"
) -> PurchaseOrder:
    return office.does(
        who, services.order, capital_request=request, vendor=whose, title="Tapes",
        lines=[Wanted("Tape", Decimal(1), amount)],
    )  # fmt: skip


def stands(office: Office, request: CapitalRequest) -> selectors.RequestMoney:
    with office.looking():
        return selectors.money(CapitalRequest.objects.get(pk=request.pk))


def whole(office: Office) -> bool:
    settle()
    with office.looking(), connection.cursor() as cursor:
        return verify.check(cursor) == []


def test_an_order_commits_what_was_set_aside_and_its_lines_add_up(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    placed = office.does(
        "paul", services.order, capital_request=request, vendor=acme, title="Arrays",
        lines=[Wanted("Array", Decimal(3), 10_000), Wanted("Cable", Decimal("2.5"), 333)],
    )  # fmt: skip
    assert (placed.code, placed.amount_minor) == ("PO-001", 30_832)  # 832.5 is rounded to the even 832
    assert [office.balance(kind) for kind in ("available", "reserve", "committed")] == [
        40_000,
        29_168,
        30_832,
    ]
    money = stands(office, request)
    assert (money.approved, money.reserved, money.ordered) == (60_000, 29_168, 30_832)
    assert whole(office)


def test_no_more_is_ordered_than_the_request_has_left(office: Office) -> None:
    office.granted(200_000)
    request, other, acme = approved(office), approved(office, number="D-8"), vendor(office)
    order(office, request, acme, 50_000)
    with pytest.raises(Refused, match=r"Only 100\.00 EUR of CR-001 is left to order"):
        order(office, request, acme, 10_001)  # though CR-002 has as much beside it, in the same account
    order(office, request, acme, 10_000)
    assert (stands(office, request).reserved, stands(office, other).reserved) == (0, 60_000)
    assert whole(office)


def test_only_an_approved_request_is_ordered_on(office: Office) -> None:
    with pytest.raises(Refused, match="CR-001 is submitted: orders are placed on approved requests"):
        order(office, submitted(office), vendor(office))


def test_who_keeps_the_vendors_places_no_orders_and_the_other_way_round(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    with pytest.raises(NotAllowed):
        order(office, request, acme, who="fiona")
    with pytest.raises(NotAllowed):
        office.does("paul", vendors.add, program=office.program, values={"name": "My cousin"})


def test_a_vendor_without_new_orders_gets_none_and_a_name_is_taken_once(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    with pytest.raises(Refused, match="V-001 has this name already") as refused:
        vendor(office, " acme ")
    assert refused.value.field == "name"
    acme = office.does("fiona", vendors.edit, vendor=acme, version=1, values={"active": False})
    with pytest.raises(Refused, match="Choose an active vendor"):
        order(office, request, acme)
    with pytest.raises(Conflict, match="after you opened it"):
        office.does("fiona", vendors.edit, vendor=acme, version=1, values={"active": True})


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (Wanted(" ", Decimal(1), 1), "lines.0"),
        (Wanted("Tape", Decimal(0), 1), "lines.0"),
        (Wanted("Tape", Decimal("0.0001"), 1), "lines.0"),
        (Wanted("Tape", Decimal("0.001"), 1), "lines.0"),
        (Wanted("Tape", Decimal(1), 0), "lines.0"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_at_its_row(office: Office, line: Wanted, field: str) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    with pytest.raises(Refused) as refused:
        office.does("paul", services.order, capital_request=request, vendor=acme, title="Tapes", lines=[line])
    assert refused.value.field == field


def test_a_cancelled_order_is_set_aside_again_and_cancelled_once(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    placed = order(office, request, acme)
    done = office.does("paul", services.cancel, order=placed, version=1, reason="Too late")
    assert (done.state, stands(office, request).reserved, office.balance("committed")) == (
        "cancelled",
        60_000,
        0,
    )
    with pytest.raises(Conflict, match="after you opened it"):
        office.does("paul", services.cancel, order=placed, version=1, reason="Again")
    with pytest.raises(Conflict, match="PO-001 is cancelled already"):
        office.does("paul", services.cancel, order=placed, version=2, reason="Again")
    assert whole(office)


def test_closing_a_request_gives_back_what_is_left_but_not_under_a_running_order(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    placed = order(office, request, acme)
    with pytest.raises(Refused, match="PO-001 is under way"):
        office.does("paul", services.close_request, capital_request=request)
    office.does("paul", services.cancel, order=placed, version=1, reason="Not needed")
    closed = office.does("paul", services.close_request, capital_request=request)
    assert (closed.state, office.balance("available"), office.balance("reserve")) == ("closed", 100_000, 0)
    assert stands(office, request).returned == 60_000
    assert whole(office)
    with pytest.raises(Refused, match="CR-001 is closed"):
        order(office, request, acme)


def test_a_cost_from_elsewhere_does_not_eat_what_is_ordered_for_a_request(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    order(office, request, acme, 25_000)
    office.does(
        "fiona", ledger.actuals, program=office.program, costs=[Cost(office.place(), 45_000, TODAY, "Cost")]
    )
    kinds = ("available", "reserve", "committed", "unfunded", "spent")
    assert [office.balance(kind) for kind in kinds] == [0, 35_000, 25_000, -5_000, 45_000]
    with pytest.raises(Refused, match=r"Only 0\.00 EUR of hardware \(capital\) is committed"):
        office.does(
            "mira", ledger.release, program=office.program, place=office.place(), amount=1, effective=TODAY,
            text="Mine",
        )  # fmt: skip
    assert whole(office)


def test_the_journals_of_a_request_are_not_reversed_in_the_ledger(office: Office) -> None:
    office.granted(100_000)
    request, acme = approved(office), vendor(office)
    placed = order(office, request, acme)
    office.does("paul", services.cancel, order=placed, version=1, reason="Too late")
    with office.looking():
        journal = Journal.objects.get(kind="release")
    with pytest.raises(Refused, match="belongs to a capital request"):
        office.does("fiona", ledger.reverse, journal=journal, text="Back")


STOLEN = """
do $$ declare j uuid := gen_random_uuid(); was finance_journal; begin
  select * into was from finance_journal where kind = 'commitment' limit 1;
  insert into finance_journal (id, program_id, currency, kind, period_id, effective, text, legs, request_id,
                               source_kind, source_id)
    values (j, was.program_id, was.currency, 'release', was.period_id, was.effective, 'x', 2, {request}, '', '');
  insert into finance_posting (journal_id, program_id, currency, account_id, amount)
    select j, p.program_id, p.currency, p.account_id, {sign} * p.amount
      from finance_posting p where p.journal_id = was.id;
end $$"""


@pytest.mark.parametrize(
    ("request_id", "times", "sentence"),
    [
        ("null", "-1", "This money belongs to a capital request."),
        ("was.request_id", "-2", "more than the capital"),
    ],
)
def test_the_database_keeps_a_request_its_money(
    own_database: OwnDatabase, request_id: str, times: str, sentence: str
) -> None:
    office = open_office()
    office.granted(200_000)
    first, second, acme = approved(office), approved(office, number="D-8"), vendor(office)
    order(office, first, acme, 20_000)
    order(office, second, acme, 50_000)

    def steal(*, by: Any, at: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(STOLEN.format(request=request_id, sign=times))

    with pytest.raises(Refused, match=sentence):
        office.does(None, steal)


def test_of_a_hundred_who_order_the_last_ten_euros_exactly_ten_do(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(1_000)
    request, acme = approved(office, 1_000), vendor(office)
    assert together(100, lambda n: order(office, request, acme, 100)) == {"done": 10, "not-enough-money": 90}
    money = stands(office, request)
    assert (money.reserved, money.ordered) == (0, 1_000)
    with office.looking():
        assert len(set(PurchaseOrder.objects.values_list("code", flat=True))) == 10
