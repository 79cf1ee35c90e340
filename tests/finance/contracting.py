"""The machine of buying with contracts: signed, ordered under, changed, accepted, released and ended in between."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from finance.contracts import milestones, retention
from finance.contracts import services as contracts
from finance.contracts.models import Contract, ContractMilestone, RetentionRelease
from finance.procurement import invoicing, matching, services
from finance.procurement.bills import Invoice
from finance.procurement.models import PurchaseOrder
from finance.procurement.services import Wanted
from tests.finance.buying import AMOUNTS, CHOICE, Buying
from tests.finance.test_ledger import TODAY

HELD = """
select r.id, coalesce((select sum(p.amount) from finance_posting p join finance_journal j on j.id = p.journal_id
                         join finance_account a on a.id = p.account_id and a.kind = 'reserve'
                        where j.request_id = r.id), 0)::bigint,
       coalesce((select sum(c.value_minor - finance_contract_ordered(c.id)) from finance_contract c
                  where c.request_id = r.id and c.state = 'active'), 0)::bigint,
       coalesce((select sum(case o.state when 'issued' then b.n
                              + greatest(0, b.amount - floor(l.unit_price_minor
                                                             * least(b.quantity, finance_ordered(l.id))))
                            else b.amount end) from finance_orderline l
                   join finance_purchaseorder o on o.id = l.order_id and o.request_id = r.id
                   join lateral (select sum(amount_minor) as amount, sum(quantity) as quantity, count(*) as n
                                   from finance_invoiceline where line_id = l.id) b on true), 0)::bigint
  from finance_capitalrequest r where r.program_id = %s"""
STANDS = """
select c.id, finance_contract_ordered(c.id), finance_contract_retained(c.id), finance_contract_releasable(c.id)
  from finance_contract c where c.program_id = %s"""


class Contracting(Buying):
    """Buying, with contracts signed, ordered under, changed, accepted, released and ended in between."""

    signed: Contract
    released: RetentionRelease

    def __init__(self) -> None:
        super().__init__()
        self.contracts: list[Contract] = [self.signed]
        self.releases: list[RetentionRelease] = [self.released]
        self.kept: dict[int, int] = {}  # what had come of an order when it ended

    def attempt(self, service: Any, who: str | None = "mira", **arguments: Any) -> Any:
        """As before; an invoice beyond the milestones that were accepted is held."""
        came = self.came(arguments["order"]) if service is services.cancel else 0
        made = super().attempt(service, who, **arguments)
        if made is not None and service is services.cancel:
            self.kept[made.pk] = came
        if made is not None and service is invoicing.enter and made.order.contract_id:
            with self.office.looking():
                agreed = list(ContractMilestone.objects.filter(contract_id=made.order.contract_id))
                bills = Invoice.objects.filter(order__contract_id=made.order.contract_id)
                invoiced = sum(
                    -one.amount_minor if one.kind == "credit" else one.amount_minor for one in bills
                )
            accepted = sum(one.amount_minor for one in agreed if one.accepted_on)
            assert not agreed or invoiced <= accepted or made.state == "held"
        return made

    def came(self, order: PurchaseOrder) -> int:
        """What came or was invoiced of an order so far, at its prices."""
        with self.office.looking():
            lines = matching.lines_of(order).values()
        return sum(min(one.worth(one.ordered), one.worth(max(one.received, one.invoiced))) for one in lines)

    def chosen(self, which: int) -> Contract:
        """One of the contracts as it is now."""
        with self.office.looking():
            return Contract.objects.select_related("request", "vendor", "program").get(
                pk=self.contracts[which % len(self.contracts)].pk
            )

    def stands(self, contract: Contract) -> tuple[int, int, int]:
        """Ordered, retained, releasable."""
        found = {row[0]: row[1:] for row in self.ask(STANDS, self.office.program.pk)}
        ordered, retained, releasable = found[contract.pk]
        return ordered, retained, releasable

    def free(self, request_id: int) -> int:
        """Set aside for a request and held by no contract."""
        return {row[0]: row[1] - row[2] for row in self.ask(HELD, self.office.program.pk)}[request_id]

    @rule(which=CHOICE, value=AMOUNTS, percent=st.sampled_from(["0", "5", "7.5"]))
    def sign(self, which: int, value: int, percent: str) -> None:
        request = self.requests[which % len(self.requests)]
        with self.office.looking():
            request.refresh_from_db()
        room = self.free(request.pk)
        drafted = self.attempt(
            contracts.draft, "paul", capital_request=request, vendor=self.acme,
            values={
                "title": "Frame", "value_minor": value, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=30),
                "retention_percent": Decimal(percent), "release_on": TODAY if Decimal(percent) else None,
                "manager": self.office.person("pia"),
            },
        )  # fmt: skip
        if drafted:
            made = self.attempt(contracts.activate, "paul", contract=drafted, version=drafted.version)
            assert (made is not None) == (room >= value)
            if made:
                self.contracts.append(made)

    @rule(which=CHOICE, quantity=st.decimals("0.001", 5, places=3), price=st.integers(1, 150))
    def order_under(self, which: int, quantity: Decimal, price: int) -> None:
        contract = self.chosen(which)
        amount = round(Fraction(quantity) * price) + price
        left = contract.value_minor - self.stands(contract)[0]
        made = self.attempt(
            services.order, capital_request=contract.request, vendor=self.acme, contract=contract, title="Call",
            lines=[Wanted("Thing", quantity, price), Wanted("Other", Decimal(1), price)],
        )  # fmt: skip
        assert made is None or (amount <= left and contract.state == "active")
        if made:
            self.orders.append(made)

    @rule(which=CHOICE, amount=AMOUNTS)
    def agree(self, which: int, amount: int) -> None:
        contract = self.chosen(which)
        with self.office.looking():
            agreed = list(contract.milestones.all())  # one that is withdrawn leaves its amount, not its name
        made = self.attempt(
            milestones.agree, "paul", contract=contract, version=contract.version, name=f"M{len(agreed)}",
            amount_minor=amount, due_on=TODAY,
        )  # fmt: skip
        left = contract.value_minor - sum(one.amount_minor for one in agreed if not one.withdrawn_at)
        assert (made is not None) == (amount <= left and contract.state != "closed")

    @rule(which=CHOICE, who=st.sampled_from(["rita", "mira", "paul"]))
    def accept(self, which: int, who: str) -> None:
        contract = self.chosen(which)
        with self.office.looking():
            waiting = contract.milestones.filter(accepted_on=None, withdrawn_at=None).order_by("pk").first()
            hand = who == "paul" or contract.orders.filter(ordered_by=self.office.person(who)).exists()
        if waiting:
            made = self.attempt(
                milestones.accept,
                who,
                milestone=waiting,
                version=contract.version,
                accepted_on=TODAY,
                note="",
            )
            assert (made is not None) == (not hand and contract.state == "active")

    @rule(which=CHOICE)
    def withdraw(self, which: int) -> None:
        contract = self.chosen(which)
        with self.office.looking():
            last = contract.milestones.order_by("pk").last()
        if last:
            made = self.attempt(
                milestones.withdraw, "paul", milestone=last, version=contract.version, reason="No need"
            )
            open_ = last.accepted_at is None and last.withdrawn_at is None
            assert (made is not None) == (open_ and contract.state == "active")

    @rule(which=CHOICE, value=AMOUNTS)
    def change_value(self, which: int, value: int) -> None:
        contract = self.chosen(which)
        ordered = self.stands(contract)[0]
        with self.office.looking():
            agreed = sum(one.amount_minor for one in contract.milestones.filter(withdrawn_at=None))
        room = (
            self.free(contract.request_id) + contract.value_minor
        )  # what is ordered under it is not set aside
        made = self.attempt(
            contracts.change_value, "paul", contract=contract, version=contract.version, value_minor=value,
            reason="More of it",
        )  # fmt: skip
        fits = max(ordered, agreed) <= value <= room and value != contract.value_minor
        assert (made is not None) == (fits and contract.state == "active")

    @rule(which=CHOICE, amount=st.integers(1, 20), who=st.sampled_from(["rob", "rob", "mira"]))
    def release(self, which: int, amount: int, who: str) -> None:
        contract = self.chosen(which)
        releasable = self.stands(contract)[2]
        before = self.balances()
        made = self.attempt(
            retention.release,
            who,
            contract=contract,
            version=contract.version,
            amount_minor=amount,
            reason="It runs",
        )
        assert self.balances() == before  # it was cost, and owed, from its invoice on
        if made:
            self.releases.append(made)
            assert amount <= releasable == self.stands(contract)[2] + amount
        else:
            assert who == "mira" or amount > releasable or contract.release_on is None

    @rule(which=CHOICE)
    def pay(self, which: int) -> None:
        if self.releases:
            one = self.releases[which % len(self.releases)]
            made = self.attempt(retention.pay, "fiona", release=one, version=one.version, paid_on=TODAY)
            with self.office.looking():
                paid = RetentionRelease.objects.get(pk=one.pk)
            assert paid.paid_on == TODAY and paid.version == one.version + 1  # once, whoever tries again
            assert made is None or made.pk == one.pk

    @rule(which=CHOICE)
    def end(self, which: int) -> None:
        contract = self.chosen(which)
        with self.office.looking():
            running = contract.orders.filter(state="issued").exists()
        made = self.attempt(
            contracts.close, "paul", contract=contract, version=contract.version, reason="Enough"
        )
        assert (made is not None) == (contract.state == "active" and not running)

    @invariant()
    def what_contracts_hold_is_set_aside(self) -> None:
        """But for what invoices came to beyond their orders: those are facts, and take from their request."""
        for _, aside, held, beyond in self.ask(HELD, self.office.program.pk):
            assert 0 <= held <= aside + beyond
        assert all(min(row[1:]) >= 0 for row in self.ask(STANDS, self.office.program.pk))

    def at_the_end(self) -> None:
        """Each invoice retains its contract's percentage; what is left of it is retained or released, never both."""
        super().at_the_end()
        with self.office.looking():
            for contract in self.contracts:
                contract.refresh_from_db()
                orders = list(PurchaseOrder.objects.filter(contract=contract))
                ordered, retained, releasable = self.stands(contract)
                assert ordered == sum(self.kept.get(one.pk, one.amount_minor) for one in orders)
                assert ordered <= contract.value_minor
                left = 0
                for bill in Invoice.objects.filter(order__contract=contract, kind="invoice"):
                    assert bill.retained_minor == round(
                        bill.amount_minor * Fraction(contract.retention_percent) / 100
                    )
                    credits = list(Invoice.objects.filter(credits=bill))
                    gone = sum(one.retained_minor for one in credits)
                    assert 0 <= gone <= bill.retained_minor
                    left += bill.retained_minor - gone
                released = sum(one.amount_minor for one in RetentionRelease.objects.filter(contract=contract))
                assert left == retained + released and releasable <= retained
