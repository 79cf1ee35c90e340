"""Anything people may do with money, in any order: the books stay whole and follow a model of ten lines."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from finance import verify
from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.models import Account, Journal
from finance.ledger.services import Cost
from pmo.refusals import Refused
from programs.portfolio.models import Project
from tests.finance.office import Office, commit_capital
from tests.finance.test_ledger import TODAY, settle

AMOUNTS = st.integers(1, 500) | st.sampled_from([10**15, 10**15 + 1])
PLACES = st.integers(0, 2)
NUMBERS = itertools.count(1)


class Books(RuleBasedStateMachine):
    """Balances by place and kind in a dictionary beside the real ones."""

    office: Office

    @initialize()
    def begin(self) -> None:
        """Three cost lines of two fresh projects."""
        n = next(NUMBERS)
        with self.office.looking():
            one, other = (
                Project.objects.create(program=self.office.program, code=f"{name}{n}", name=name)
                for name in ("A", "B")
            )
        self.places = [
            Place(one.pk, "hardware", "capital"),
            Place(other.pk, "hardware", "capital"),
            Place(one.pk, "labour", "operating"),
        ]
        self.model: dict[tuple[Place, str], int] = defaultdict(int)
        self.undoable: list[Any] = []

    def attempt(
        self, possible: bool, service: Any, moves: dict[tuple[Place, str], int], **arguments: Any
    ) -> Any:
        """The deed succeeds exactly when the model says that it can."""
        try:
            made = self.office.does("fiona", service, program=self.office.program, **arguments)
        except Refused:
            assert not possible, (service.__name__, arguments)
            return None
        settle()
        assert possible, (service.__name__, arguments)
        for key, amount in moves.items():
            self.model[key] += amount
        return made

    @rule(place=PLACES, amount=AMOUNTS)
    def grant(self, place: int, amount: int) -> None:
        where = self.places[place]
        try:
            self.office.granted(amount, where, number=f"G-{next(NUMBERS)}")
        except Refused:
            assert amount > 10**15
            return
        settle()
        assert amount <= 10**15
        self.model[where, "available"] += amount
        self.model[where, "funding"] -= amount

    @rule(place=PLACES, amount=AMOUNTS)
    def commit(self, place: int, amount: int) -> None:
        where, number = self.places[place], str(next(NUMBERS))
        self.attempt(
            self.model[where, "available"] >= amount and amount <= 10**15,
            commit_capital,
            {(where, "available"): -amount, (where, "committed"): amount},
            place=where,
            amount=amount,
            warrant=self.office.warrant(f"C-{number}", "capital_request"),
            source=("capital_request", number),
            text="Commit",
        )

    @rule(place=PLACES, amount=AMOUNTS)
    def release(self, place: int, amount: int) -> None:
        where = self.places[place]
        made = self.attempt(
            self.model[where, "committed"] >= amount and amount <= 10**15,
            ledger.release,
            {(where, "committed"): -amount, (where, "available"): amount},
            place=where,
            amount=amount,
            effective=TODAY,
            text="Release",
        )
        if made:
            self.undoable.append(made)

    @rule(there=PLACES, here=PLACES, amount=AMOUNTS)
    def transfer(self, there: int, here: int, amount: int) -> None:
        one, other = self.places[there], self.places[here]
        made = self.attempt(
            one != other and self.model[one, "available"] >= amount and amount <= 10**15,
            ledger.transfer,
            {(one, "available"): -amount, (other, "available"): amount},
            source=one,
            target=other,
            amount=amount,
            effective=TODAY,
            text="Transfer",
        )
        if made:
            self.undoable.append(made)

    @rule(place=PLACES, amount=st.integers(-300, 500).filter(bool))
    def spend(self, place: int, amount: int) -> None:
        where = self.places[place]
        moves: dict[tuple[Place, str], int] = {(where, "spent"): amount}
        spent, unfunded = self.model[where, "spent"], self.model[where, "unfunded"]
        if amount > 0:
            waiting = min(amount, max(0, unfunded))
            committed = min(amount - waiting, self.model[where, "committed"])
            available = min(amount - waiting - committed, self.model[where, "available"])
            moves |= {(where, "committed"): -committed, (where, "available"): -available}
            moves[where, "unfunded"] = -(amount - committed - available)
        else:
            good = min(-amount, max(0, -unfunded))
            back = min(-amount - good, max(0, spent - good))
            moves |= {(where, "unfunded"): -amount - back, (where, "available"): back}
        made = self.attempt(
            True,
            ledger.actuals,
            moves,
            costs=[Cost(where, amount, TODAY, "Cost")],
        )
        if made:
            self.undoable.append(made[0])

    @rule(choice=st.integers(0, 1_000))
    def reverse(self, choice: int) -> None:
        if not self.undoable:
            return
        pk = self.undoable[choice % len(self.undoable)]
        with self.office.looking():
            journal = Journal.objects.select_related("program").get(pk=pk)
            legs = [
                (Place(p.account.project_id, p.account.category, p.account.nature), p.account.kind, -p.amount)
                for p in journal.postings.select_related("account")
            ]
        free = ("funding", "unfunded", "spent")
        possible = all(kind in free or self.model[place, kind] + amount >= 0 for place, kind, amount in legs)
        try:
            self.office.does("fiona", ledger.reverse, journal=journal, text="Back")
        except Refused:
            assert not possible
            return
        settle()
        assert possible
        self.undoable.remove(pk)
        for place, kind, amount in legs:
            self.model[place, kind] += amount

    @invariant()
    def the_balances_are_those_of_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        with self.office.looking():
            rows = Account.objects.filter(project_id__in={place.project_id for place in self.places})
            found = {(Place(r.project_id, r.category, r.nature), r.kind): r.balance for r in rows}
        assert {key: amount for key, amount in found.items() if amount} == {
            key: amount for key, amount in self.model.items() if amount
        }
        assert sum(found.values()) == 0

    def teardown(self) -> None:
        with self.office.looking(), connection.cursor() as cursor:
            assert verify.check(cursor) == []


@pytest.mark.proof
def test_whatever_is_done_with_money_the_books_stay_whole(office: Office) -> None:
    machine = type("TheseBooks", (Books,), {"office": office})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=200,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
