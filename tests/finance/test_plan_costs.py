"""What an imported plan brings along: costs as differences, budget lines as drafts, nothing approved."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from finance.budgets import services as budgets
from finance.budgets.models import Budget
from finance.earned_value.refreshing import TOPIC
from finance.imports import plan_costs
from finance.imports.models import ActualBatch
from finance.ledger.models import Account, ActualLine
from pmo.outbox.models import Outbox
from pmo.refusals import NotAllowed
from programs.exchange.draft import (
    ActivityDraft,
    ActualCostDraft,
    BudgetLineDraft,
    Draft,
    ProgressDraft,
)
from programs.schedule.models import Activity, StatusPeriod
from tests.finance.office import Office

STATUS = [datetime(2026, 9, 30, 22, tzinfo=UTC), datetime(2026, 10, 31, 22, tzinfo=UTC)]


@pytest.fixture
def planned(office: Office) -> Office:
    """One activity with two status dates in each project, as an accepted plan import leaves them."""
    with office.looking():
        for project in office.projects.values():
            Activity.objects.create(program=office.program, project=project, code="A1", name="Work")
            for number, at in enumerate(STATUS, 1):
                StatusPeriod.objects.create(program=office.program, project=project, number=number, at=at)
    return office


def told(*costs: str, project: str = "CRM", category: str = "", nature: str = "") -> Draft:
    """A plan whose activity has these cumulative costs at its status dates."""
    return Draft(
        "bundle",
        activities=[ActivityDraft(project, "A1", "Work", cost_category=category, cost_nature=nature)],
        progress=[
            ProgressDraft(project, number, "A1", actual_cost=Decimal(cost))
            for number, cost in enumerate(costs, 1)
        ],
    )


def bring(office: Office, draft: Draft, who: str | None = None) -> ActualBatch | None:
    return office.does(who, plan_costs.import_bundle_costs, program=office.program, draft=draft)


def lines(office: Office) -> list[tuple[str, str, int]]:
    with office.looking():
        rows = ActualLine.objects.order_by("pk")
        return [(str(row.effective), str(row.amount_exact), row.amount_minor) for row in rows]


def test_cumulative_cost_becomes_what_was_added_at_each_status_date(planned: Office) -> None:
    bring(planned, told("100.00", "250.50"))
    assert lines(planned) == [("2026-09-30", "10000.0000", 10_000), ("2026-10-31", "15050.0000", 15_050)]
    with planned.looking():
        assert sum(a.balance for a in Account.objects.filter(kind="spent")) == 25_050


def test_a_cost_that_did_not_change_makes_no_line(planned: Office) -> None:
    bring(planned, told("100.00", "100.00"))
    assert len(lines(planned)) == 1


def test_parts_of_a_cent_are_kept_and_the_rounded_lines_add_up(planned: Office) -> None:
    bring(planned, told("0.004", "0.010"))
    assert lines(planned) == [("2026-09-30", "0.4000", 0), ("2026-10-31", "0.6000", 1)]


def test_a_correction_enters_the_difference_and_back_again(planned: Office) -> None:
    for first in ("100", "120", "100"):
        bring(planned, told(first, "150"))
    assert [minor for _, _, minor in lines(planned)] == [10_000, 5_000, 2_000, -2_000, -2_000, 2_000]
    assert bring(planned, told("100", "150")) is None


def test_costs_listed_one_by_one_count_instead_of_the_progress(planned: Office) -> None:
    actual = ActualCostDraft(
        "CRM", "A1", date(2026, 10, 2), "hardware", "capital", Decimal("99.99"), "INV-1", "Cable", "Dell"
    )
    draft = replace(told("100", "150"), actuals=[actual])
    bring(planned, draft)
    with planned.looking():
        line = ActualLine.objects.get()
        assert (line.source_reference, line.amount_minor, line.category, line.vendor) == (
            "INV-1", 9_999, "hardware", "Dell",
        )  # fmt: skip
        assert line.activity is not None and line.activity.code == "A1"
    assert bring(planned, draft) is None


def test_the_category_and_nature_are_those_of_the_activity(planned: Office) -> None:
    bring(planned, told("10", category="software", nature="capital"))
    with planned.looking():
        assert ActualLine.objects.values_list("category", "nature").get() == ("software", "capital")


def test_budget_lines_become_a_draft_that_nobody_approved(planned: Office) -> None:
    draft = Draft(
        "bundle",
        budget=[
            BudgetLineDraft("CRM", "hardware", "capital", "2026-11", Decimal("10.50")),
            BudgetLineDraft("CRM", "hardware", "capital", "2026-11", Decimal("1")),
            BudgetLineDraft("CRM", "labour", "operating", "", Decimal("7")),
        ],
    )
    bring(planned, draft)
    bring(planned, draft)
    with planned.looking():
        budget = Budget.objects.get()
        assert (budget.state, budget.origin, budget.warrant) == ("draft", "imported", None)
        found = budget.lines.order_by("category").values_list("category", "period__code", "amount_minor")
        assert list(found) == [("hardware", "2026-11", 1_150), ("labour", "2026-11", 700)]
        assert not Account.objects.filter(kind="available").exclude(balance=0).exists()


def test_a_budget_that_people_work_on_is_left_alone(planned: Office) -> None:
    planned.does("fiona", budgets.create_draft, program=planned.program, project=planned.projects["CRM"])
    bring(
        planned,
        Draft("bundle", budget=[BudgetLineDraft("CRM", "labour", "operating", "2026-11", Decimal(1))]),
    )
    with planned.looking():
        assert not Budget.objects.get().lines.exists()


def test_earned_value_is_asked_for_once_for_each_version(planned: Office) -> None:
    bring(planned, told("100", "150"))
    bring(planned, told("100", "150"))
    with planned.looking():
        assert Outbox.objects.filter(topic=TOPIC).count() == 1


def test_somebody_without_the_right_to_import_brings_nothing(planned: Office) -> None:
    with pytest.raises(NotAllowed):
        bring(planned, told("100"), who="ada")
