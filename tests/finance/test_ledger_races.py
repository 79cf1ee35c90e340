"""Many people at the last money: as many get it as there is money for, the others are told so."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from finance.ledger import services as ledger
from finance.ledger.models import Journal
from finance.structure import periods
from pmo.refusals import Refused
from tests.conftest import OwnDatabase
from tests.finance.office import commit_capital, open_office
from tests.finance.test_ledger import TODAY, spend


def together(count: int, deed: Callable[[int], object], pool: int = 20) -> Counter[str]:
    """Run `deed(n)` from many threads at once; how they ended, by the sentence of the refusal."""
    ready = threading.Barrier(min(count, pool))

    def one(n: int) -> str:
        if n < pool:
            ready.wait(30)
        try:
            deed(n)
        except Refused as refused:
            return refused.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(pool) as workers:
        return Counter(workers.map(one, range(count)))


def test_of_a_hundred_who_want_the_last_money_exactly_ten_get_it(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(10_000)
    warrant = office.warrant("C-1", "capital_request")

    def take(n: int) -> None:
        office.does(
            None,
            commit_capital,
            program=office.program,
            place=office.place(),
            amount=1_000,
            warrant=warrant,
            source=("capital_request", str(n)),
            text="The last money",
        )

    assert together(100, take) == {"done": 10, "not-enough-money": 90}
    assert (office.balance("available"), office.balance("committed")) == (0, 10_000)


def test_transfers_back_and_forth_never_deadlock_and_keep_the_sum(own_database: OwnDatabase) -> None:
    office = open_office()
    here, there = office.place(), office.place("DC")
    office.granted(100_000)
    office.granted(100_000, there, number="D-2")

    def move(n: int) -> None:
        source, target = (here, there) if n % 2 else (there, here)
        office.does(
            "fiona",
            ledger.transfer,
            program=office.program,
            source=source,
            target=target,
            amount=10,
            effective=TODAY,
            text="Back and forth",
        )

    assert together(60, move) == {"done": 60}
    assert office.balance("available") + office.balance("available", there) == 200_000


def test_of_twenty_who_reverse_the_same_journal_one_does(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(1_000)
    journal = spend(office, 400)

    def reverse(n: int) -> None:
        office.does("fiona", ledger.reverse, journal=journal, text="Entered twice")

    ended = together(20, reverse)
    assert ended["done"] == 1 and sum(ended.values()) == 20
    assert (office.balance("available"), office.balance("spent")) == (1_000, 0)


def test_a_period_closes_before_or_after_an_entry_never_during_it(own_database: OwnDatabase) -> None:
    office = open_office()
    office.granted(100_000)
    period = office.does(None, lambda **_: periods.period_of(office.program, TODAY))

    def act(n: int) -> None:
        if n == 10:
            office.does("fiona", periods.close, period=period)
        else:
            spend(office, 100)

    together(20, act)
    with office.looking():
        period = periods.period_of(office.program, TODAY)
        assert period.closed_at is not None
        spent = Journal.objects.filter(kind="actual").count()
    assert office.balance("spent") == spent * 100
