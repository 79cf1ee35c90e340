"""Anything people may do with approved money, in any order: it is never lost, never twice, and names its request."""

from __future__ import annotations

import itertools
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from finance import verify
from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.models import Account, Journal, Posting
from finance.ledger.services import Cost
from finance.procurement import invoicing, matching, receiving, selectors, services
from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from programs.portfolio.models import Project
from tests.finance.office import Office
from tests.finance.test_capex import digest
from tests.finance.test_ledger import TODAY, settle
from tests.finance.test_procurement import vendor

AMOUNTS = st.integers(1, 600)
CHOICE = st.integers(0, 1_000)
NUMBERS = itertools.count(1)
BOUND = ("reserve", "committed", "accrued", "spent")


class Buying(RuleBasedStateMachine):
    """Requests, orders, receipts, invoices, credit notes, and others' money at the same place meanwhile."""

    office: Office
    acme: Vendor

    @initialize(amount=st.integers(0, 2_000))
    def begin(self, amount: int) -> None:
        """A fresh project with its budget."""
        with self.office.looking():
            self.project = Project.objects.create(
                program=self.office.program, code=f"P{next(NUMBERS)}", name="Fresh"
            )
        self.place = Place(self.project.pk, "hardware", "capital")
        self.requests: list[CapitalRequest] = []
        self.orders: list[PurchaseOrder] = []
        self.invoices: list[Invoice] = []
        self.granted = 0
        if amount:
            self.grant(amount)

    def attempt(self, service: Any, who: str | None = "mira", **arguments: Any) -> Any:
        """Done, or refused with a sentence: nothing else, and nothing half."""
        try:
            made = self.office.does(who, service, **arguments)
        except Refused as refused:
            assert refused.message.endswith("."), refused.message
            return None
        settle()
        return made

    def grant(self, amount: int) -> None:
        self.office.granted(amount, self.place, number=f"G-{next(NUMBERS)}")
        self.granted += amount

    @rule(amount=AMOUNTS)
    def more_budget(self, amount: int) -> None:
        self.grant(amount)

    @rule(amount=AMOUNTS)
    def approve(self, amount: int) -> None:
        asked = self.office.does(
            "mira", capex.create, program=self.office.program, project=self.project, title="Thing",
            justification="Needed.", amount_minor=amount, category="hardware",
        )  # fmt: skip
        asked = self.office.does("mira", capex.submit, capital_request=asked)
        with self.office.looking():
            have = self.balance("available")
        number = f"R-{next(NUMBERS)}"
        warrant = self.office.warrant(number, "capital_request", digest(self.office, asked))
        made = self.attempt(capex.approve, None, capital_request=asked, warrant=warrant)
        assert (made is not None) == (have >= amount)
        if made:
            self.requests.append(made)

    @rule(which=CHOICE, quantity=st.decimals("0.001", 5, places=3), price=st.integers(1, 200))
    def order(self, which: int, quantity: Decimal, price: int) -> None:
        if self.requests:
            made = self.attempt(
                services.order, capital_request=self.requests[which % len(self.requests)], vendor=self.acme,
                title="Things", lines=[Wanted("Thing", quantity, price), Wanted("Other", Decimal(1), price)],
            )  # fmt: skip
            if made:
                self.orders.append(made)

    @rule(which=CHOICE, quantity=st.decimals("0.001", 5, places=3), n=st.integers(0, 1))
    def receive(self, which: int, quantity: Decimal, n: int) -> None:
        if self.orders:
            order = self.orders[which % len(self.orders)]
            self.attempt(
                receiving.receive, "rita", order=order, quantities={self.lines(order)[n]: quantity},
                received_on=TODAY,
            )  # fmt: skip

    @rule(
        which=CHOICE,
        quantity=st.decimals("0.001", 6, places=3),
        price=st.integers(1, 300),
        n=st.integers(0, 1),
    )
    def invoice(self, which: int, quantity: Decimal, price: int, n: int) -> None:
        """A fact: refused only where it comes to nothing."""
        if self.orders:
            order = self.orders[which % len(self.orders)]
            made = self.attempt(
                invoicing.enter, "fiona", order=order, number=str(next(NUMBERS)), invoiced_on=TODAY,
                lines=[Billed(self.lines(order)[n], quantity, price)],
            )  # fmt: skip
            assert (made is not None) == (round(quantity * price) > 0)
            if made:
                self.invoices.append(made)

    @rule(which=CHOICE, amount=AMOUNTS)
    def credit(self, which: int, amount: int) -> None:
        if self.invoices:
            self.attempt(
                invoicing.credit, "fiona", invoice=self.invoices[which % len(self.invoices)],
                number=str(next(NUMBERS)), invoiced_on=TODAY, amount_minor=amount,
            )  # fmt: skip

    @rule(which=CHOICE)
    def cancel(self, which: int) -> None:
        if self.orders:
            with self.office.looking():
                now = PurchaseOrder.objects.get(pk=self.orders[which % len(self.orders)].pk)
            self.attempt(services.cancel, order=now, version=now.version, reason="Enough")

    @rule(which=CHOICE)
    def close(self, which: int) -> None:
        if self.requests:
            self.attempt(services.close_request, capital_request=self.requests[which % len(self.requests)])

    @rule(amount=st.integers(-300, 600).filter(bool))
    def cost_from_elsewhere(self, amount: int) -> None:
        self.attempt(
            ledger.actuals,
            "fiona",
            program=self.office.program,
            costs=[Cost(self.place, amount, TODAY, "Cost")],
        )

    @rule(amount=AMOUNTS)
    def release_of_another(self, amount: int) -> None:
        """Nothing here is committed for no request: whoever tries takes from nobody."""
        made = self.attempt(
            ledger.release,
            program=self.office.program,
            place=self.place,
            amount=amount,
            effective=TODAY,
            text="Mine",
        )
        assert made is None

    @rule(which=CHOICE)
    def reverse(self, which: int) -> None:
        with self.office.looking():
            rows = Journal.objects.filter(postings__account__project=self.project, reverses=None)
            journals = list(rows.distinct().order_by("recorded_at"))
        if journals:
            journal = journals[which % len(journals)]
            made = self.attempt(ledger.reverse, "fiona", journal=journal, text="Back")
            assert made is None or journal.request_id is None

    def lines(self, order: PurchaseOrder) -> list[int]:
        with self.office.looking():
            return list(order.lines.order_by("n").values_list("pk", flat=True))

    def balance(self, kind: str) -> int:
        return sum(Account.objects.filter(project=self.project, kind=kind).values_list("balance", flat=True))

    @invariant()
    def every_unit_is_somewhere_and_names_its_request(self) -> None:
        if not hasattr(self, "place"):
            return
        with self.office.looking():
            accounts = dict(Account.objects.filter(project=self.project).values_list("kind", "balance"))
            assert sum(accounts.values()) == 0 and accounts.get("funding", 0) == -self.granted
            assert all(amount >= 0 for kind, amount in accounts.items() if kind in BOUND[:3])
            bound = dict.fromkeys(BOUND, 0)
            for request in self.requests:
                money = selectors.money(request)
                parts = (money.reserved, money.ordered, money.accrued, money.spent)
                assert min(parts) >= 0
                assert money.approved == sum(parts) + money.returned - money.beyond
                for kind, part in zip(BOUND, parts, strict=True):
                    bound[kind] += part
                orders = PurchaseOrder.objects.filter(request=request)
                stands = [
                    matching.stands(matching.lines_of(one), running=one.state == "issued") for one in orders
                ]
                assert money.ordered == sum(one.committed for one in stands)
                assert money.accrued == sum(one.accrued for one in stands)
                assert selectors.open_of(request) == {
                    one.pk: stand.committed for one, stand in zip(orders, stands, strict=True)
                }
                bills = Invoice.objects.filter(order__request=request).values_list("kind", "amount_minor")
                assert money.spent == sum(-n if kind == "credit" else n for kind, n in bills)
            others = Posting.objects.filter(account__project=self.project, journal__request=None)
            spent = sum(others.filter(account__kind="spent").values_list("amount", flat=True))
            bound["spent"] += spent  # below zero where a credit came before its cost
            assert bound == {kind: accounts.get(kind, 0) for kind in BOUND}

    def teardown(self) -> None:
        with self.office.looking(), connection.cursor() as cursor:
            assert verify.check(cursor) == []


@pytest.mark.proof
def test_whatever_is_bought_every_unit_of_money_names_its_request(office: Office) -> None:
    office.people["rita"] = another_manager(office)
    machine = type("ThisBuying", (Buying,), {"office": office, "acme": vendor(office)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def another_manager(office: Office) -> Any:
    """A second person who may receive, besides the one who orders."""
    rita = User.objects.create_user("rita@example.org", name="Rita Receives")
    with office.looking():
        Membership.objects.create(
            program=office.program, user=rita, role=Role.PMO_STAFF, valid_from=date(2020, 1, 1)
        )
    return rita
