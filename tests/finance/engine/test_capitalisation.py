"""What three standards make of the same cost, edge by edge, without a database."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.capitalisation import (
    CRITERIA,
    KIND_OF_CATEGORY,
    Cost,
    CostKind,
    Known,
    Stage,
    Standard,
    stage_of,
    treat,
)

BEGIN, READY = date(2026, 3, 1), date(2026, 9, 1)
SHOWN = Known(
    development_from=BEGIN,
    ready_on=READY,
    funding_authorised_on=date(2026, 4, 1),
    completion_probable_on=date(2026, 4, 15),
    criteria=dict.fromkeys(CRITERIA, date(2026, 5, 1)),
)


@pytest.mark.parametrize(
    ("day", "asc", "asu", "ias"),
    [
        (date(2026, 2, 28), "operating", "operating", "operating"),  # preliminary
        (date(2026, 4, 14), "operating", "operating", "operating"),  # completion not probable yet
        (date(2026, 4, 15), "capital", "capital", "operating"),  # IAS 38's criteria not shown yet
        (date(2026, 5, 1), "capital", "capital", "capital"),
        (date(2026, 8, 31), "capital", "capital", "capital"),
        (READY, "operating", "operating", "operating"),
    ],
)
def test_the_day_decides(day: date, asc: str, asu: str, ias: str) -> None:
    cost = Cost(day, CostKind.PAYROLL)
    assert [treat(one, SHOWN, cost).nature for one in Standard] == [asc, asu, ias]


def test_without_stages_what_comes_early_is_capital_once_funds_are_authorised() -> None:
    early = Known(funding_authorised_on=date(2026, 1, 1), completion_probable_on=date(2026, 1, 1))
    cost = Cost(date(2026, 2, 1), CostKind.EXTERNAL_DIRECT)
    assert stage_of(early, cost) == Stage.PRELIMINARY
    assert treat(Standard.ASC_350_40, early, cost).clause == "ASC 350-40-25-1"
    assert treat(Standard.ASU_2025_06, early, cost).nature == "capital"


def test_unsettled_novelty_blocks_under_the_new_standard_only() -> None:
    novel = Known(
        development_from=BEGIN,
        funding_authorised_on=BEGIN,
        completion_probable_on=BEGIN,
        uncertain=True,
        uncertainty_resolved_on=date(2026, 6, 1),
    )
    before, after = (Cost(date(2026, 5, 31), CostKind.PAYROLL), Cost(date(2026, 6, 1), CostKind.PAYROLL))
    assert treat(Standard.ASU_2025_06, novel, before).nature == "operating"
    assert treat(Standard.ASU_2025_06, novel, after).nature == "capital"
    assert treat(Standard.ASC_350_40, novel, before).nature == "capital"


def test_what_is_missing_of_the_six_criteria_is_named() -> None:
    known = Known(development_from=BEGIN, criteria={"feasible": BEGIN, "intended": None})
    found = treat(Standard.IAS_38, known, Cost(date(2026, 5, 1), CostKind.PAYROLL))
    assert (found.nature, found.clause) == ("operating", "IAS 38.65")
    assert found.why.startswith("not shown by then: intention to complete and use it, ability to use it,")
    assert found.evidence[0] == "Technical feasibility: shown on 2026-03-01"
    assert found.evidence[1].endswith("missing")


@pytest.mark.parametrize("standard", list(Standard))
@pytest.mark.parametrize(
    "kind", [CostKind.TRAINING, CostKind.DATA_CONVERSION, CostKind.OVERHEAD, CostKind.MAINTENANCE]
)
def test_some_kinds_of_cost_are_never_capital(standard: Standard, kind: CostKind) -> None:
    found = treat(standard, SHOWN, Cost(date(2026, 6, 1), kind))
    assert found.nature == "operating" and found.clause and found.why


def test_a_stage_that_was_said_holds_against_the_days() -> None:
    assert stage_of(SHOWN, Cost(date(2026, 1, 1), CostKind.PAYROLL, Stage.DEVELOPMENT)) == Stage.DEVELOPMENT
    late = Cost(date(2026, 6, 1), CostKind.PAYROLL, Stage.POST)
    assert {treat(one, SHOWN, late).nature for one in Standard} == {"operating"}


DAYS = st.dates(date(2025, 1, 1), date(2028, 1, 1))


@given(DAYS, DAYS, DAYS, st.sampled_from(CostKind), st.sampled_from(Standard), st.integers(1, 400))
def test_evidence_that_comes_later_never_makes_more_capital(
    day: date, funded: date, probable: date, kind: CostKind, standard: Standard, later: int
) -> None:
    """No cost becomes capital because something was shown later: nothing expensed is reinstated."""
    first = Known(
        development_from=date(2025, 6, 1),
        funding_authorised_on=funded,
        completion_probable_on=probable,
        criteria=dict.fromkeys(CRITERIA, funded),
    )
    delayed = Known(
        development_from=date(2025, 6, 1),
        funding_authorised_on=funded + timedelta(days=later),
        completion_probable_on=probable,
        criteria=dict.fromkeys(CRITERIA, funded + timedelta(days=later)),
    )
    cost = Cost(day, kind)
    if treat(standard, delayed, cost).nature == "capital":
        assert treat(standard, first, cost).nature == "capital"


def test_every_category_that_is_spent_in_is_some_kind_of_cost() -> None:
    assert set(KIND_OF_CATEGORY) == {
        "labour",
        "hardware",
        "software",
        "services",
        "facilities",
        "travel",
        "other",
    }


@pytest.mark.parametrize(
    ("kind", "gaap", "ifrs", "why"),
    [
        (CostKind.TRAINING, "ASC 350-40-25-4", "IAS 38.67(c)", "training is expensed"),
        (CostKind.DATA_CONVERSION, "ASC 350-40-25-5", "IAS 38.67(b)", "converting data is expensed"),
        (CostKind.OVERHEAD, "ASC 350-40-30-3", "IAS 38.67(a)", "overhead is expensed"),
        (CostKind.MAINTENANCE, "ASC 350-40-25-6", "IAS 38.20", "maintenance is expensed"),
    ],
)
def test_what_is_never_capital_names_its_own_paragraph(
    kind: CostKind, gaap: str, ifrs: str, why: str
) -> None:
    found = {one: treat(one, SHOWN, Cost(date(2026, 5, 1), kind)) for one in Standard}
    assert [found[one].clause for one in (Standard.ASC_350_40, Standard.ASU_2025_06, Standard.IAS_38)] == [
        gaap, gaap, ifrs,
    ]  # fmt: skip
    assert {one.why for one in found.values()} == {why}


def test_development_begins_with_its_first_day() -> None:
    days = (BEGIN - timedelta(days=1), BEGIN, READY - timedelta(days=1), READY)
    assert [stage_of(SHOWN, Cost(day, CostKind.PAYROLL)) for day in days] == [
        Stage.PRELIMINARY, Stage.DEVELOPMENT, Stage.DEVELOPMENT, Stage.POST,
    ]  # fmt: skip
