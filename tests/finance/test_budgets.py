"""Budgets: drafted by people, active only by a decision, changed only by the next one."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import DatabaseError, transaction

from finance.budgets import content
from finance.budgets import services as budgets
from finance.budgets.models import Budget, BudgetLine
from finance.ledger.sums import LedgerCell
from finance.structure import periods
from pmo.refusals import Conflict, NotAllowed, Refused
from tests.finance.office import Office
from tests.finance.test_ledger import TODAY, settle, spend


def drafted(office: Office, amounts: dict[str, int], project: str = "CRM") -> Budget:
    """A draft with capital hardware by period."""
    budget = office.does(
        "fiona", budgets.create_draft, program=office.program, project=office.projects[project]
    )
    for code, amount in amounts.items():
        line(office, budget, code, amount)
    return budget


def line(office: Office, budget: Budget, code: str, amount: int, **more: object) -> BudgetLine | None:
    values: dict[str, object] = {"category": "hardware", "nature": "capital"}
    return office.does(
        "fiona",
        budgets.set_line,
        budget=budget,
        period_code=code,
        amount_minor=amount,
        **(values | more),
    )


def activated(office: Office, budget: Budget, number: str = "B-1") -> Budget:
    office.does("fiona", budgets.submit, budget=budget)
    with office.looking():
        digest = content.digest(Budget.objects.get(pk=budget.pk))
    return office.does(
        None, budgets.activate, budget=budget, warrant=office.warrant(number, "budget", digest)
    )


def test_a_budget_that_was_decided_on_is_granted_period_by_period(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 1_000, "2026-12": 2_000}))
    assert office.balance("available") == 3_000
    with office.looking():
        cells = LedgerCell.objects.filter(kind="available").order_by("period__code")
        assert list(cells.values_list("period__code", "amount")) == [("2026-11", 1_000), ("2026-12", 2_000)]
    settle()


def test_the_next_version_grants_the_difference(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 1_000, "2026-12": 2_000}))
    second = drafted(office, {"2026-12": 1_500, "2027-01": 700})
    with office.looking():
        assert second.number == 2 and second.lines.count() == 3  # begun as a copy
    activated(office, second, "B-2")
    assert office.balance("available") == 3_200
    with office.looking():
        assert Budget.objects.get(number=1).state == "superseded"


def test_money_that_is_spent_cannot_be_taken_back(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 1_000}))
    spend(office, 900)
    with pytest.raises(Refused, match="not enough money available"):
        activated(office, drafted(office, {"2026-11": 800}), "B-2")


def test_a_closed_period_keeps_its_lines(office: Office) -> None:
    activated(office, drafted(office, {"2026-11": 1_000}))
    with office.looking():
        period = periods.period_of(office.program, TODAY)
    office.does("fiona", periods.close, period=period)
    activated(office, drafted(office, {"2026-12": 500}), "B-2")
    with pytest.raises(Refused, match="2026-11 is closed"):
        activated(office, drafted(office, {"2026-11": 1_100}), "B-3")


def test_a_submitted_budget_stays_as_it_was_shown(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    office.does("fiona", budgets.submit, budget=budget)
    with pytest.raises(Refused, match="Only the lines of a draft"):
        line(office, budget, "2026-11", 2_000)
    with (
        office.looking(),
        pytest.raises(DatabaseError, match="Only the lines of a draft"),
        transaction.atomic(),
    ):
        BudgetLine.objects.filter(budget=budget).update(amount_minor=2_000)
    office.does("fiona", budgets.recall, budget=budget)
    line(office, budget, "2026-11", 2_000)


def test_a_decision_about_other_lines_does_not_hold(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    office.does("fiona", budgets.submit, budget=budget)
    warrant = office.warrant("B-1", "budget", "0" * 64)
    with pytest.raises(Conflict, match="changed after it was shown"):
        office.does(None, budgets.activate, budget=budget, warrant=warrant)


def test_a_later_edit_of_an_amount_is_told_about_the_earlier_one(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    line(office, budget, "2026-11", 1_100, version=1)
    with pytest.raises(Conflict, match="after you opened it"):
        line(office, budget, "2026-11", 1_200, version=1)


def test_only_one_version_is_prepared_at_a_time(office: Office) -> None:
    drafted(office, {})
    with pytest.raises(Refused, match="already being prepared"):
        drafted(office, {})


def test_management_reserve_is_the_programs_and_contingency_may_be_a_projects(office: Office) -> None:
    budget = drafted(office, {})
    with pytest.raises(Refused, match="Management reserve is the program's"):
        line(office, budget, "2026-11", 100, category="management_reserve")
    line(office, budget, "2026-11", 100, category="contingency")


def test_a_project_manager_cannot_write_the_budget(office: Office) -> None:
    budget = drafted(office, {})
    with pytest.raises(NotAllowed):
        office.does(
            "paul",
            budgets.set_line,
            budget=budget,
            category="hardware",
            nature="capital",
            period_code="2026-11",
            amount_minor=1,
        )


def test_a_controller_alone_cannot_make_a_budget_active(office: Office) -> None:
    budget = drafted(office, {"2026-11": 1_000})
    refused = pytest.raises(DatabaseError, match="finance_budget_active_by_warrant")
    with office.looking(), refused, transaction.atomic():
        Budget.objects.filter(pk=budget.pk).update(state="active", submitted_at=office.at)


@pytest.mark.parametrize("code", ["2026-13", "2026-1", "next", "2026-00", "20261-1"])
def test_a_period_is_a_month(office: Office, code: str) -> None:
    budget = drafted(office, {})
    with pytest.raises(Refused, match="not a period such as 2026-11"):
        line(office, budget, code, 5)


def test_a_period_holds_all_days_of_its_month(office: Office) -> None:
    with office.looking():
        period = periods.period_of(office.program, date(2028, 2, 29))
    assert (period.code, period.starts_on, period.ends_on) == ("2028-02", date(2028, 2, 1), date(2028, 2, 29))
