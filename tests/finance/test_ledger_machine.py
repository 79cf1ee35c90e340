"""Anything people may do with money, in any order: the books stay whole and follow a model of ten lines."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from finance.ledger import services as ledger
from finance.ledger.books import Place
from finance.ledger.models import Journal
from finance.ledger.services import Cost
from finance.structure import periods
from pmo.refusals import Refused
from pmo.warrants import Warrant
from tests.finance import rewinding
from tests.finance.office import Office, commit_capital
from tests.finance.test_ledger import TODAY, settle

AMOUNTS = st.integers(1, 500) | st.sampled_from(["all", "all and one", "most", "most and one"])
"""Minor units; or all that is there; or the most that money can be."""
PLACES = st.integers(0, 2)
DAYS = st.sampled_from([TODAY, date(2026, 10, 31)])
FREE = ("funding", "unfunded", "spent")
"""The kinds of account that may stand below zero."""


class Books(rewinding.Rewound):
    """Balances by place and kind in a dictionary beside the real ones, and which of two months are closed."""

    places: tuple[Place, Place, Place]
    given: dict[tuple[Place, str], int]
    warrants: dict[str, Warrant]

    @initialize()
    def begin(self) -> None:
        """Three cost lines of two projects: one with money that is partly committed, one with money, one without."""
        self.model: dict[tuple[Place, str], int] = defaultdict(int, self.given)
        self.undoable: list[Any] = []
        self.closed: set[str] = set()
        self.numbers = itertools.count(1)

    def open(self, day: date = TODAY) -> bool:
        return periods.code_of(day) not in self.closed

    def attempt(
        self, possible: bool, service: Any, moves: dict[tuple[Place, str], int], **arguments: Any
    ) -> Any:
        """The deed succeeds exactly when the model says that it can."""
        try:
            made = self.office.does("fiona", service, program=self.office.program, **arguments)
        except Refused as refused:
            assert not possible, (service.__name__, arguments, refused.message)
            assert refused.message.endswith(".")
            self.note(service.__name__, False)
            return None
        settle()
        assert possible, (service.__name__, arguments)
        self.note(service.__name__, True)
        for key, amount in moves.items():
            self.model[key] += amount
        return made

    def minor(self, amount: int | str, place: Place, kind: str) -> int:
        """What was drawn as minor units; `all` of nothing is one."""
        if isinstance(amount, int):
            return amount
        return (10**15 if amount.startswith("most") else max(1, self.model[place, kind])) + amount.endswith(
            "one"
        )

    def have(self, place: Place, kind: str, amount: int) -> bool:
        return self.open() and self.model[place, kind] >= amount

    @rule(place=PLACES, drawn=AMOUNTS)
    def grant(self, place: int, drawn: int | str) -> None:
        where = self.places[place]
        amount = self.minor(drawn, where, "available")
        possible = self.open() and amount <= 10**15
        try:
            self.office.granted(amount, where, warrant=self.warrants[f"G-{next(self.numbers)}"])
        except Refused:
            assert not possible
            self.note("grant", False)
            return
        settle()
        assert possible
        self.note("grant", True)
        self.model[where, "available"] += amount
        self.model[where, "funding"] -= amount

    @rule(place=PLACES, drawn=AMOUNTS)
    def reserve(self, place: int, drawn: int | str) -> None:
        where = self.places[place]
        amount = self.minor(drawn, where, "available")
        made = self.attempt(
            self.have(where, "available", amount) and amount <= 10**15,
            ledger.reserve,
            {(where, "available"): -amount, (where, "reserve"): amount},
            place=where,
            amount=amount,
            effective=TODAY,
            text="Reserve",
        )
        if made:
            self.undoable.append(made)

    @rule(place=PLACES, drawn=AMOUNTS)
    def commit(self, place: int, drawn: int | str) -> None:
        where, number = self.places[place], f"C-{next(self.numbers)}"
        amount = self.minor(drawn, where, "available")
        self.attempt(
            self.have(where, "available", amount) and amount <= 10**15,
            commit_capital,
            {(where, "available"): -amount, (where, "committed"): amount},
            place=where,
            amount=amount,
            warrant=self.warrants[number],
            source=("capital_request", number),
            text="Commit",
        )

    @rule(place=PLACES, drawn=AMOUNTS)
    def release(self, place: int, drawn: int | str) -> None:
        where = self.places[place]
        amount = self.minor(drawn, where, "committed")
        made = self.attempt(
            self.have(where, "committed", amount) and amount <= 10**15,
            ledger.release,
            {(where, "committed"): -amount, (where, "available"): amount},
            place=where,
            amount=amount,
            effective=TODAY,
            text="Release",
        )
        if made:
            self.undoable.append(made)

    @rule(there=PLACES, here=PLACES, drawn=AMOUNTS)
    def transfer(self, there: int, here: int, drawn: int | str) -> None:
        one, other = self.places[there], self.places[here]
        amount = self.minor(drawn, one, "available")
        made = self.attempt(
            one != other and self.have(one, "available", amount) and amount <= 10**15,
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

    @rule(place=PLACES, amount=st.integers(-300, 500).filter(bool), day=DAYS)
    def spend(self, place: int, amount: int, day: date) -> None:
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
            self.open(day),
            ledger.actuals,
            moves,
            costs=[Cost(where, amount, day, "Cost")],
        )
        if made:
            self.undoable.append(made[0])

    @precondition(lambda self: self.undoable)
    @rule(choice=st.integers(0, 1_000))
    def reverse(self, choice: int) -> None:
        pk = self.undoable[choice % len(self.undoable)]
        with self.office.looking():
            journal = Journal.objects.select_related("program").get(pk=pk)
            legs = [
                (Place(p.account.project_id, p.account.category, p.account.nature), p.account.kind, -p.amount)
                for p in journal.postings.select_related("account")
            ]
        possible = self.open() and all(
            kind in FREE or self.model[place, kind] + amount >= 0 for place, kind, amount in legs
        )
        try:
            self.office.does("fiona", ledger.reverse, journal=journal, text="Back")
        except Refused:
            assert not possible
            self.note("reverse", False)
            return
        settle()
        assert possible
        self.note("reverse", True)
        self.undoable.remove(pk)
        for place, kind, amount in legs:
            self.model[place, kind] += amount

    @precondition(lambda self: not self.closed)
    @rule(day=DAYS)
    def close_period(self, day: date) -> None:
        with self.office.looking():
            period = periods.period_of(self.office.program, day)
        self.office.does("fiona", periods.close, period=period)
        self.note("close", True)
        self.closed.add(period.code)

    @precondition(lambda self: self.closed)
    @rule()
    def reopen_period(self) -> None:
        (code,) = self.closed
        with self.office.looking():
            period = periods.ensure(self.office.program, [code])[code]
        self.office.at += timedelta(seconds=1)  # the database tells two openings apart by their moment
        self.office.does("fiona", periods.reopen, period=period, reason="A late invoice.")
        self.closed.clear()

    @invariant()
    def the_balances_are_those_of_the_model(self) -> None:
        if not hasattr(self, "model"):
            return
        rows = self.ask(
            "select project_id, category, nature, kind, balance from finance_account where balance <> 0"
        )
        found = {(Place(*row[:3]), row[3]): row[4] for row in rows}
        assert found == {key: amount for key, amount in self.model.items() if amount}
        assert sum(found.values()) == 0


@pytest.mark.proof
def test_whatever_is_done_with_money_the_books_stay_whole(office: Office) -> None:
    numbers = range(1, 15)
    granting = {f"G-{n}": office.warrant(f"G-{n}") for n in numbers}
    committing = {f"C-{n}": office.warrant(f"C-{n}", "capital_request") for n in numbers}
    one, other, third = office.place("CRM"), office.place("DC"), office.place("CRM", "labour", "operating")
    office.granted(600, one, "first")
    office.granted(300, other, "second")
    office.does(
        None, commit_capital, program=office.program, place=one, amount=200, text="Commit",
        warrant=office.warrant("C-0", "capital_request"), source=("capital_request", "C-0"),
    )  # fmt: skip
    settle()
    given = {
        (one, "funding"): -600, (one, "available"): 400, (one, "committed"): 200,
        (other, "funding"): -300, (other, "available"): 300,
    }  # fmt: skip
    ran = rewinding.run(
        Books, 8, office=office, places=(one, other, third), given=given, warrants=granting | committing
    )
    assert set(ran.done) == {
        "grant", "reserve", "commit_capital", "release", "transfer", "actuals", "reverse", "close",
    }  # fmt: skip
    assert set(ran.refused) == set(ran.done) - {"close"}
