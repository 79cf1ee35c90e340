"""The books: what may be promised, what must be recorded, what can never be undone."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from django.db import connection

from finance.ledger import services as ledger
from finance.ledger.books import Leg, Place
from finance.ledger.models import Account, Journal, Posting
from finance.ledger.services import Cost
from finance.ledger.sums import LedgerCell, LedgerTotal
from finance.policy.models import PolicyFinding
from finance.structure import periods
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import AT, Office, commit_capital, open_office

TODAY = date(2026, 11, 16)


def settle() -> None:
    """Look at what is otherwise looked at when the transaction commits."""
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; set constraints all deferred")


def test_a_budget_that_a_decision_granted_is_available(office: Office) -> None:
    office.granted(100_000)
    assert (office.balance("available"), office.balance("funding")) == (100_000, -100_000)
    settle()


def test_contingency_is_granted_into_the_reserve_and_cannot_be_spent_from_there(office: Office) -> None:
    reserve = office.place("", "contingency", "operating")
    office.granted(50_000, reserve)
    assert (office.balance("reserve", reserve), office.balance("available", reserve)) == (50_000, 0)


def test_capital_is_committed_out_of_what_is_available(office: Office) -> None:
    office.granted(100_000)
    office.does(
        None,
        commit_capital,
        program=office.program,
        place=office.place(),
        amount=60_000,
        warrant=office.warrant("C-1", "capital_request"),
        source=("capital_request", "1"),
        text="Servers",
    )
    assert (office.balance("available"), office.balance("committed")) == (40_000, 60_000)
    settle()


def test_more_than_is_available_cannot_be_committed_and_the_figure_is_named(office: Office) -> None:
    office.granted(10_000)
    with pytest.raises(Refused, match=r"Only 100\.00 EUR of hardware \(capital\) is available"):
        office.does(
            None,
            commit_capital,
            program=office.program,
            place=office.place(),
            amount=10_001,
            warrant=office.warrant("C-1", "capital_request"),
            source=("capital_request", "1"),
            text="Servers",
        )


def test_the_same_request_commits_once(office: Office) -> None:
    office.granted(100_000)
    arguments = {
        "program": office.program,
        "place": office.place(),
        "amount": 10_000,
        "warrant": office.warrant("C-1", "capital_request"),
        "source": ("capital_request", "1"),
        "text": "Servers",
    }
    office.does(None, commit_capital, **arguments)
    with pytest.raises(Refused, match="already entered in the books"):
        office.does(None, commit_capital, **arguments)
    assert office.balance("committed") == 10_000


def test_an_actual_cost_takes_from_committed_then_available_then_stands_without_funding(
    office: Office,
) -> None:
    office.granted(10_000)
    commit(office, 4_000)
    spend(office, 12_500)
    assert [office.balance(kind) for kind in ("committed", "available", "unfunded", "spent")] == [
        0,
        0,
        -2_500,
        12_500,
    ]
    with office.looking():
        finding = PolicyFinding.objects.get(program=office.program)
    assert finding.sentence == "CRM, hardware (capital): 25.00 EUR were spent without approved budget."
    settle()


def test_a_credit_first_makes_good_what_was_unfunded_then_gives_back(office: Office) -> None:
    office.granted(1_000)
    spend(office, 1_500)
    spend(office, -800)
    assert [office.balance(kind) for kind in ("available", "unfunded", "spent")] == [300, 0, 700]


def test_a_reversal_is_the_mirror_image_and_happens_once(office: Office) -> None:
    office.granted(1_000)
    journal = spend(office, 1_500)
    office.does("fiona", ledger.reverse, journal=journal, text="Entered twice")
    assert [office.balance(kind) for kind in ("available", "unfunded", "spent")] == [1_000, 0, 0]
    with office.looking():
        assert not PolicyFinding.objects.filter(cleared_at=None).exists()
    with pytest.raises(Conflict, match="already reversed"):
        office.does("fiona", ledger.reverse, journal=journal, text="Again")
    settle()


def test_what_a_decision_granted_is_not_reversed_by_a_controller(office: Office) -> None:
    office.granted(1_000)
    with office.looking():
        journal = Journal.objects.get(kind="grant")
    with pytest.raises(Refused, match="Only a decision"):
        office.does("fiona", ledger.reverse, journal=journal, text="No")


def test_a_project_manager_cannot_reverse(office: Office) -> None:
    office.granted(1_000)
    journal = spend(office, 500)
    with pytest.raises(NotAllowed):
        office.does("paul", ledger.reverse, journal=journal, text="No")


def test_money_moves_between_places_only_when_it_is_there(office: Office) -> None:
    office.granted(1_000)
    target = office.place("DC")
    move = {"program": office.program, "source": office.place(), "target": target, "effective": TODAY}
    office.does("fiona", ledger.transfer, amount=400, text="To the data centre", **move)
    assert (office.balance("available"), office.balance("available", target)) == (600, 400)
    with pytest.raises(Refused, match=r"Only 6\.00 EUR"):
        office.does("fiona", ledger.transfer, amount=601, text="Too much", **move)


def test_nothing_is_entered_in_a_closed_period(office: Office) -> None:
    office.granted(1_000)
    with office.looking():
        period = periods.period_of(office.program, TODAY)
    office.does("fiona", periods.close, period=period)
    with pytest.raises(Refused, match="Period 2026-11 is closed"):
        spend(office, 100)


def test_the_date_lies_in_its_period(office: Office) -> None:
    office.granted(1_000)
    with office.looking():
        december = periods.period_of(office.program, date(2026, 12, 1))
    with pytest.raises(Refused, match="is not in period 2026-12"):
        office.does(
            None,
            ledger.post,
            program=office.program,
            kind="transfer",
            legs=[Leg(office.place(), "available", -1), Leg(office.place("DC"), "available", 1)],
            effective=TODAY,
            period=december,
            text="Wrong month",
        )


@pytest.mark.parametrize(
    ("kind", "legs", "sentence"),
    [
        ("transfer", [("available", -5), ("reserve", 5)], "A reserve is drawn only by a decision"),
        ("transfer", [("funding", -5), ("available", 5)], "cannot move money between"),
        ("commitment", [("available", -5), ("committed", 5)], "Capital is committed only by a decision"),
        ("transfer", [("available", -5), ("committed", 4)], "add up to zero"),
        ("actual", [("funding", -5), ("spent", 5)], "cannot move money between"),
    ],
)
def test_the_database_refuses_a_journal_that_is_not_right(
    office: Office, kind: str, legs: list[tuple[str, int]], sentence: str
) -> None:
    office.granted(1_000)

    def enter(**kwargs: object) -> None:
        ledger.post(
            program=office.program,
            kind=kind,
            legs=[Leg(office.place(), account, amount) for account, amount in legs],
            effective=TODAY,
            text="Wrong",
            by=None,
            at=AT,
        )
        settle()

    with pytest.raises(Refused, match=sentence):
        office.does(None, enter)


def test_a_grant_needs_a_warrant(office: Office) -> None:
    with pytest.raises(Refused, match="granted only by a decision"):
        office.does(
            None,
            ledger.post,
            program=office.program,
            kind="grant",
            legs=[Leg(office.place(), "funding", -5), Leg(office.place(), "available", 5)],
            effective=TODAY,
            text="Out of thin air",
        )


def test_a_journal_that_was_entered_before_is_not_entered_again(office: Office) -> None:
    office.granted(1_000)
    with office.looking():
        version = type(office.program).objects.get(pk=office.program.pk).ledger_version
    arguments = {
        "program": office.program,
        "kind": "transfer",
        "legs": [Leg(office.place(), "available", -5), Leg(office.place("DC"), "available", 5)],
        "effective": TODAY,
        "text": "Once",
        "journal_id": UUID("0b0d5d5e-9a3f-4f0e-9d5b-3f2a3c0f7a11"),
    }
    office.does(None, ledger.post, **arguments)
    office.does(None, ledger.post, **arguments)
    assert office.balance("available") == 995
    with office.looking():
        assert type(office.program).objects.get(pk=office.program.pk).ledger_version == version + 1


def test_the_sums_are_those_of_the_postings(office: Office) -> None:
    office.granted(100_000)
    commit(office, 30_000)
    spend(office, 12_345)
    with office.looking():
        accounts = {a.pk: 0 for a in Account.objects.all()}
        for posting in Posting.objects.all():
            accounts[posting.account_id] += posting.amount
        assert accounts == {a.pk: a.balance for a in Account.objects.all()}
        assert sum(accounts.values()) == 0
        cells = sum(cell.amount for cell in LedgerCell.objects.filter(kind="spent"))
        totals = sum(total.amount for total in LedgerTotal.objects.filter(kind="spent"))
    assert cells == totals == 12_345


def test_the_books_know_who_entered_a_journal(office: Office) -> None:
    office.granted(1_000)
    journal = spend(office, 10)
    with office.looking():
        assert Journal.objects.get(pk=journal.pk).actor == office.person("fiona")


def test_a_posting_cannot_reach_an_account_of_another_program(office: Office) -> None:
    office.granted(1_000)
    other = open_office("OTHER", ("X",))
    other.granted(1_000, other.place("X"))

    def cross(**kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("select id from finance_account where program_id = %s limit 1", [other.program.pk])
            foreign = cursor.fetchone()
            assert foreign is None  # row security hides it
            cursor.execute(
                """insert into finance_account (program_id, project_id, category, nature, currency, kind)
                   values (%s, %s, 'labour', 'operating', 'EUR', 'available')""",
                [office.program.pk, other.projects["X"].pk],
            )

    with pytest.raises(Refused, match="The project belongs to another program"):
        office.does(None, cross)


def commit(office: Office, amount: int, place: Place | None = None) -> None:
    office.does(
        None,
        commit_capital,
        program=office.program,
        place=place or office.place(),
        amount=amount,
        warrant=office.warrant("C-1", "capital_request"),
        source=("capital_request", "1"),
        text="Committed",
    )


def spend(office: Office, amount: int, place: Place | None = None) -> Journal:
    made = office.does(
        "fiona",
        ledger.actuals,
        program=office.program,
        costs=[Cost(place or office.place(), amount, TODAY, "Invoice")],
    )
    with office.looking():
        return Journal.objects.select_related("program").get(pk=made[0])
