"""The machine of buying: whatever people may do with approved money, in any order, against a model of a few lines."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from finance.capex import services as capex
from finance.capex.models import CapitalRequest
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.models import Journal
from finance.ledger.services import Cost
from finance.procurement import amending, invoicing, matching, receiving, selectors, services
from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import Wanted
from finance.structure import periods
from pmo.accounts.models import Membership, User
from pmo.accounts.roles import Role
from pmo.refusals import Refused
from pmo.warrants import Warrant
from programs.portfolio.models import Project
from tests.finance import rewinding
from tests.finance.office import Office
from tests.finance.test_ledger import TODAY, settle

AMOUNTS = st.integers(1, 600)
CHOICE = st.integers(0, 1_000)
BUDGET, ELSEWHERE = 2_000, 500
"""Minor units granted at the place where things are bought, and at the one that money is moved from and to."""
BOUND = ("reserve", "committed", "accrued", "spent")
BALANCES = "select kind, sum(balance)::bigint from finance_account where project_id = %s group by 1"
MOVED = """
select coalesce(sum(p.amount), 0)::bigint from finance_posting p join finance_account a on a.id = p.account_id
 where p.journal_id = %s and a.project_id = %s"""
OF_REQUESTS = """
select j.request_id, a.kind, sum(p.amount)::bigint from finance_posting p
  join finance_journal j on j.id = p.journal_id and j.request_id is not null
  join finance_account a on a.id = p.account_id and a.project_id = %s group by 1, 2"""


class Buying(rewinding.Rewound):
    """Requests, orders, receipts, invoices, credit notes, closed months, and others' money at the same place."""

    acme: Vendor
    project: Project
    elsewhere: Place
    first: PurchaseOrder
    asked: tuple[CapitalRequest, ...]
    warrants: dict[str, Warrant]
    billed: tuple[Invoice, ...] = ()

    @initialize()
    def begin(self) -> None:
        """A project with a budget, an order issued for its first request, and three requests that wait."""
        self.place = Place(self.project.pk, "hardware", "capital")
        self.requests: list[CapitalRequest] = [self.first.request]
        self.waiting = list(self.asked)
        self.orders: list[PurchaseOrder] = [self.first]
        self.invoices: list[Invoice] = list(self.billed)
        self.granted, self.moved, self.closed = BUDGET, 0, False
        self.numbers = itertools.count(1)

    def attempt(self, service: Any, who: str | None = "mira", **arguments: Any) -> Any:
        """Done, or refused with a sentence: nothing else, and nothing half."""
        try:
            made = self.office.does(who, service, **arguments)
        except Refused as refused:
            assert refused.message.endswith("."), refused.message
            self.note(service.__name__, False)
            return None
        settle()
        self.note(service.__name__, True)
        return made

    @rule(amount=AMOUNTS)
    def more_budget(self, amount: int) -> None:
        try:
            self.office.granted(amount, self.place, warrant=self.warrants[f"G-{next(self.numbers)}"])
        except Refused:
            assert self.closed
        else:
            assert not self.closed
            self.granted += amount

    @precondition(lambda self: self.waiting)
    @rule(which=CHOICE)
    def approve(self, which: int) -> None:
        asked = self.waiting[which % len(self.waiting)]
        have = self.balances().get("available", 0)
        made = self.attempt(capex.approve, None, capital_request=asked, warrant=self.warrants[asked.code])
        assert (made is not None) == (have >= asked.amount_minor and not self.closed)
        if made:
            self.requests.append(made)
            self.waiting.remove(asked)

    @rule(amount=AMOUNTS, away=st.booleans())
    def transfer(self, amount: int, away: bool) -> None:
        one, other = (self.place, self.elsewhere) if away else (self.elsewhere, self.place)
        have = self.balances().get("available", 0) if away else ELSEWHERE + self.moved_away()
        made = self.attempt(
            ledger.transfer, "fiona", program=self.office.program, source=one, target=other, amount=amount,
            effective=TODAY, text="Transfer",
        )  # fmt: skip
        assert (made is not None) == (have >= amount and not self.closed)
        if made:
            self.moved += -amount if away else amount

    def moved_away(self) -> int:
        return -self.moved

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
                invoicing.enter, "fiona", order=order, number=str(next(self.numbers)), invoiced_on=TODAY,
                lines=[Billed(self.lines(order)[n], quantity, price)],
            )  # fmt: skip
            assert (made is not None) == (round(quantity * price) > 0 and not self.closed)
            if made:
                self.invoices.append(made)

    @rule(which=CHOICE, amount=AMOUNTS)
    def credit(self, which: int, amount: int) -> None:
        if self.invoices:
            self.attempt(
                invoicing.credit, "fiona", invoice=self.invoices[which % len(self.invoices)],
                number=str(next(self.numbers)), invoiced_on=TODAY, amount_minor=amount,
            )  # fmt: skip

    @rule(which=CHOICE)
    def cancel(self, which: int) -> None:
        if self.orders:
            with self.office.looking():
                now = PurchaseOrder.objects.get(pk=self.orders[which % len(self.orders)].pk)
            self.attempt(services.cancel, order=now, version=now.version, reason="Enough")

    @rule(which=CHOICE, n=st.integers(0, 1), quantity=st.decimals(0, 7, places=3), price=st.integers(0, 200))
    def amend(self, which: int, n: int, quantity: Decimal, price: int) -> None:
        """By the difference, out of what is set aside or back to it; of what was spent beyond, nothing twice."""
        if not self.orders:
            return
        with self.office.looking():
            now = PurchaseOrder.objects.get(pk=self.orders[which % len(self.orders)].pk)
        was = self.balances()
        made = self.attempt(
            amending.amend, order=now, version=now.version, reason="More or less",
            quantities={self.lines(now)[n]: quantity}, added=[Wanted("More", Decimal(1), price)] if price else [],
        )  # fmt: skip
        then = self.balances()
        moved = made.committed_minor if made else 0
        assert [then.get(kind, 0) - was.get(kind, 0) for kind in ("committed", "reserve")] == [moved, -moved]
        assert made is None or (now.state == "issued" and not (self.closed and moved))

    @rule(which=CHOICE)
    def close_request(self, which: int) -> None:
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
            assert made is None or (journal.request_id is None and not self.closed)
            if made:  # of all journals only a transfer's postings do not add up to zero here
                self.moved += self.ask(MOVED, made, self.project.pk)[0][0]

    def lines(self, order: PurchaseOrder) -> list[int]:
        with self.office.looking():
            return list(order.lines.order_by("n").values_list("pk", flat=True))

    @rule()
    def close_or_open_the_month(self) -> None:
        """Nothing of this month is entered while it is closed."""
        with self.office.looking():
            period = periods.period_of(self.office.program, TODAY)
        if self.closed:
            self.office.at += timedelta(seconds=1)  # the database tells two openings apart by their moment
            self.office.does("fiona", periods.reopen, period=period, reason="A late invoice.")
        else:
            self.office.does("fiona", periods.close, period=period)
        self.closed = not self.closed

    def balances(self) -> dict[str, int]:
        return dict(self.ask(BALANCES, self.project.pk))

    @invariant()
    def every_unit_is_somewhere_and_nothing_is_overdrawn(self) -> None:
        if not hasattr(self, "place"):
            return
        accounts = self.balances()
        assert sum(accounts.values()) == self.moved and accounts["funding"] == -self.granted
        assert all(
            amount >= 0 for kind, amount in accounts.items() if kind not in ("funding", "unfunded", "spent")
        )
        of_requests = self.ask(OF_REQUESTS, self.project.pk)
        assert all(amount >= 0 for _, kind, amount in of_requests if kind in BOUND)
        bound: dict[str, int] = dict.fromkeys(BOUND[:3], 0)
        for _, kind, amount in of_requests:
            if kind in bound:
                bound[kind] += amount
        assert bound == {kind: accounts.get(kind, 0) for kind in BOUND[:3]}

    def at_the_end(self) -> None:
        """Each request's money by its own pages' figures: parts add up, and agree with orders and invoices."""
        with self.office.looking():
            for request in self.requests:
                request.refresh_from_db()
                money = selectors.money(request)
                parts = (money.reserved, money.ordered, money.accrued, money.spent)
                assert min(parts) >= 0
                assert money.approved == sum(parts) + money.returned - money.beyond
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


def a_request(office: Office, amount: int) -> CapitalRequest:
    """One that waits for its decision."""
    made = office.does(
        "mira", capex.create, program=office.program, project=office.projects["CRM"], title="Thing",
        justification="Needed.", amount_minor=amount, category="hardware",
    )  # fmt: skip
    return office.does("mira", capex.submit, capital_request=made)


def another(office: Office, name: str, role: Role) -> User:
    """Somebody more, in a role of the program."""
    made: User = User.objects.create_user(f"{name.lower()}@example.org", name=name)
    with office.looking():
        Membership.objects.create(program=office.program, user=made, role=role, valid_from=date(2020, 1, 1))
    return made
