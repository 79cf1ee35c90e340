"""Money that waits for a gate is approved and set aside, and not ordered before the gate has passed."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from finance import verify
from finance.capex import holding, holds
from finance.capex import services as capex
from finance.capex.hold_models import GateHold
from finance.capex.models import CapitalRequest
from finance.contracts import services as contracts
from finance.procurement import amending, invoicing, vendors
from finance.procurement import services as procurement
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder
from finance.procurement.services import Wanted
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.cast import today
from tests.governance.committee import sentence
from tests.governance.test_gates import Board
from tests.world import rolled_back

ALL = 100_000_00
WAITS = 60_000_00


class Buyers(Board):
    """The board, and a request of 100,000 of which 60,000 waits for G1 (20,000 of it released under conditions)."""

    def __init__(self) -> None:
        super().__init__()
        drafted = self.request(ALL, submitted=False)
        self.hold = self.waits(drafted, if_conditions_minor=20_000_00)
        self.wanted = self.hold.request
        self.vendor = self.does(
            self.controller, vendors.add, program=self.program, values={"name": "Acme Arrays"}
        )

    def waits(self, request: CapitalRequest, amount: int = WAITS, **more: Any) -> GateHold:
        live = self.fresh(request)
        given = {"gate": self.gate, "amount_minor": amount, "version": live.version, **more}
        return self.does(more.pop("who", self.erp_manager), holding.add, capital_request=live, **given)

    def fresh(self, request: Any = None) -> CapitalRequest:
        with self.looking():
            return CapitalRequest.objects.select_related("program").get(pk=(request or self.wanted).pk)

    def approved(self) -> CapitalRequest:
        self.does(self.erp_manager, capex.submit, capital_request=self.wanted)
        opened = self.opened(self.fresh())
        self.all_vote(opened, "+++")
        with self.looking():
            opened.refresh_from_db()
        if opened.state != "decided":
            self.closes(opened, by=self.chair)
        return self.fresh()

    def orders(self, amount: int) -> Any:
        return self.does(
            self.erp_manager, procurement.order, capital_request=self.wanted, vendor=self.vendor, title="Arrays",
            lines=[Wanted("Array", Decimal(1), amount)],
        )  # fmt: skip

    def line(self, hold: Any = None) -> holds.Line:
        with self.looking():
            return holds.line_of(holds.rows(self.program.pk).get(pk=(hold or self.hold).pk))

    def gate_says(self, asked: str, **more: Any) -> None:
        self.shows()
        self.forward(asked, **more)
        self.decided()


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Buyers]:
    with django_db_blocker.unblock(), rolled_back():
        yield Buyers()


@pytest.fixture
def buyers(built: Buyers) -> Iterator[Buyers]:
    with rolled_back():
        yield built


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_what_waits_is_not_ordered_until_the_decision_of_the_gate(buyers: Buyers) -> None:
    buyers.approved()
    assert buyers.orders(30_000_00).pk
    said = sentence(lambda: buyers.orders(20_000_00))
    assert "60,000.00" in said and "waits for G1" in said
    page = client_of(buyers.controller).get(f"/p/ATLAS/capital-requests/{buyers.wanted.pk}/").content.decode()
    assert "is not to be ordered or put under contract before its gate has passed" in page
    buyers.gate_says("proceed")
    line = buyers.line()
    assert (line.released, line.held) == (WAITS, 0)
    assert buyers.orders(70_000_00).pk
    page = client_of(buyers.controller).get(f"/p/ATLAS/capital-requests/{buyers.wanted.pk}/").content.decode()
    assert f"G1 passed by {line.gate.warrant.number}" in page


def test_an_invoice_above_its_order_is_a_fact_and_no_order_before_the_gate(buyers: Buyers) -> None:
    buyers.approved()
    order = buyers.orders(40_000_00)
    with buyers.looking():
        line = order.lines.get()
    buyers.does(
        buyers.controller, invoicing.enter, order=order, number="A1", invoiced_on=today(),
        lines=[Billed(line.pk, Decimal(1), 45_000_00)],
    )  # fmt: skip
    assert "Only 0.00 EUR" in sentence(lambda: buyers.orders(60_000_00))
    with buyers.looking(), connection.cursor() as cursor:
        assert verify.check(cursor) == []


def test_the_database_refuses_an_order_past_the_commands(
    buyers: Buyers, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyers.approved()
    monkeypatch.setattr(holds, "lines", lambda request: [])
    with connection.cursor() as cursor, pytest.raises(Refused, match="waits for a gate"):

        def past(*, by: Any, at: Any) -> None:
            procurement.order(
                capital_request=buyers.fresh(), vendor=buyers.vendor, title="Arrays",
                lines=[Wanted("Array", Decimal(1), 41_000_00)], by=by, at=at,
            )  # fmt: skip
            cursor.execute("set constraints d_gates_before_orders immediate")

        buyers.does(buyers.erp_manager, past)


def test_an_order_is_not_raised_into_what_waits(buyers: Buyers, monkeypatch: pytest.MonkeyPatch) -> None:
    buyers.approved()
    order = buyers.orders(30_000_00)

    def raised(more: int, *, by: Any, at: Any) -> None:
        live, lines = PurchaseOrder.objects.get(pk=order.pk), [Wanted("Shelf", Decimal(1), more)]
        with connection.cursor() as cursor:
            cursor.execute("set constraints d_gates_before_orders deferred")
            amending.amend(order=live, version=live.version, reason="More", added=lines, by=by, at=at)
            cursor.execute("set constraints d_gates_before_orders immediate")

    said = sentence(lambda: buyers.does(buyers.erp_manager, raised, more=10_000_01))
    assert "60,000.00" in said and "waits for G1" in said
    buyers.does(buyers.erp_manager, raised, more=6_000_00)
    said = sentence(lambda: buyers.does(buyers.erp_manager, raised, more=4_000_01))  # nor in two steps
    assert "waits for G1" in said
    monkeypatch.setattr(holds, "lines", lambda request: [])
    with pytest.raises(Refused, match="waits for a gate"):  # past the command
        buyers.does(buyers.erp_manager, raised, more=4_000_01)


def test_a_contract_does_not_hold_what_waits(buyers: Buyers) -> None:
    buyers.approved()
    values = {
        "title": "Arrays", "value_minor": 50_000_00, "starts_on": today(), "ends_on": today(),
        "manager": buyers.program_manager,
    }  # fmt: skip
    drafted = buyers.does(
        buyers.erp_manager,
        contracts.draft,
        capital_request=buyers.wanted,
        vendor=buyers.vendor,
        values=values,
    )
    said = sentence(
        lambda: buyers.does(buyers.erp_manager, contracts.activate, contract=drafted, version=drafted.version)
    )
    assert "waits for G1" in said


def test_a_gate_with_conditions_releases_the_part_that_was_said(buyers: Buyers) -> None:
    buyers.approved()
    buyers.shows("not_met", evidence="")
    buyers.forward("proceed_with_conditions", conditions="A second rehearsal by May.")
    buyers.decided()
    line = buyers.line()
    assert (line.released, line.held) == (20_000_00, 40_000_00)
    assert "left this rest" in line.what_to_do
    assert buyers.orders(60_000_00).pk
    assert "waits for G1" in sentence(lambda: buyers.orders(1))


def test_what_a_stopped_gate_holds_is_moved_to_an_undecided_gate_with_a_reason(buyers: Buyers) -> None:
    with buyers.looking():
        earlier = GateHold.objects.get(pk=buyers.hold.pk)
    other = buyers.plans("G0", 0)
    foreign = buyers.plans("GX", 1, project=buyers.iam)
    buyers.approved()

    def moves(who: Any = None, **more: Any) -> GateHold:
        given = {
            "hold": earlier,
            "version": buyers.line().hold.version,
            "gate": other,
            "reason": "New way",
            **more,
        }
        return buyers.does(who or buyers.controller, holding.move, **given)

    assert "Only what a stopped gate holds" in sentence(moves)
    buyers.forward("stop")
    buyers.decided()
    assert "Move this to another gate" in buyers.line().what_to_do
    with pytest.raises(NotAllowed):
        moves(buyers.erp_manager)
    for more in ({"reason": " "}, {"gate": foreign}, {"gate": buyers.gate}):
        with pytest.raises(Refused):
            moves(**more)
    with pytest.raises(Conflict):
        moves(version=99)
    made = moves()
    assert (buyers.line().held, buyers.line(made).held) == (0, WAITS)
    assert "waits for G0" in sentence(lambda: buyers.orders(41_000_00))
    assert buyers.does(
        buyers.erp_manager, procurement.close_request, capital_request=buyers.wanted
    ).state == ("closed")


def test_what_waits_is_part_of_what_is_voted_on_and_said_in_drafts_only(buyers: Buyers) -> None:
    with buyers.looking():
        canonical = bytes(buyers.wanted.revisions.order_by("-n")[0].canonical)
    assert b'"waits_for":[{"amount_minor":6000000,"gate":"G1","if_conditions_minor":2000000}]' in canonical
    with pytest.raises(Conflict):
        buyers.waits(buyers.wanted, 1, version=1)
    for amount in (0, -1, ALL - WAITS + 1):
        with pytest.raises(Refused):
            buyers.waits(buyers.wanted, amount)
    with pytest.raises(NotAllowed):
        buyers.does(
            buyers.iam_manager, holding.add, capital_request=buyers.fresh(), gate=buyers.gate, amount_minor=1,
            version=buyers.fresh().version,
        )  # fmt: skip
    less = {
        "capital_request": buyers.fresh(),
        "version": buyers.fresh().version,
        "values": {"amount_minor": 1},
    }
    assert "waits for gates" in sentence(lambda: buyers.does(buyers.erp_manager, capex.edit, **less))
    buyers.does(buyers.erp_manager, holding.remove, hold=buyers.hold, version=buyers.fresh().version)
    again = buyers.waits(buyers.wanted)
    buyers.approved()
    assert "was voted on" in sentence(lambda: buyers.waits(buyers.wanted, 1))
    with pytest.raises(Refused, match="only moved on"):

        def smaller(*, by: Any, at: Any) -> None:
            GateHold.objects.filter(pk=again.pk).update(amount_minor=1)

        buyers.does(buyers.controller, smaller)


def test_a_part_waits_by_the_page_and_by_the_api(buyers: Buyers) -> None:
    mine = client_of(buyers.erp_manager)
    url = f"/p/ATLAS/capital-requests/{buyers.wanted.pk}/waits/add/"
    version = buyers.fresh().version
    form = {"gate": buyers.gate.pk, "amount": "1,000.00", "if_conditions": "", "version": version}
    assert mine.post(url, {**form, "amount": "lots"}).status_code == 422
    assert mine.post(url, form).status_code == 302
    assert mine.post(url, form).status_code == 409
    assert "1,000.00" in mine.get(f"/p/ATLAS/capital-requests/{buyers.wanted.pk}/").content.decode()
    listed = mine.get("/api/v1/programs/ATLAS/gate-holds/").json()["results"]
    assert sorted(one["held_minor"] for one in listed) == [1_000_00, WAITS]
    api = f"/api/v1/programs/ATLAS/gate-holds/{listed[0]['id']}/remove/"
    stale = mine.post(api, {"version": version}, content_type="application/json")
    gone = mine.post(api, {"version": version + 1}, content_type="application/json")
    assert (stale.status_code, gone.status_code) == (409, 200)
    csv = mine.get("/p/ATLAS/capital-requests/waiting/?format=csv")
    assert csv.status_code == 200
    assert "asked for or approved" in mine.get("/p/ATLAS/capital-requests/waiting/").content.decode()
    buyers.approved()
    late = mine.get(url)  # said before a form is filled in
    assert late.status_code == 422 and "which gate was voted on" in late.content.decode()
