"""Clauses of a budget policy against facts, without a database: where each edge lies, and what is said."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.clause_kinds import KINDS, checked, evaluate
from finance.engine.conformity import (
    Accrued,
    Asked,
    Basis,
    Cell,
    Clause,
    Facts,
    Handled,
    Kind,
    Place,
    Position,
    Result,
    State,
    Subject,
)

TODAY = date(2026, 11, 29)


def facts(**more: Any) -> Facts:
    return Facts(
        today=TODAY,
        money=lambda minor: f"{minor}",
        category_names={"hardware": "Hardware", "labour": "Labour"},
        **more,
    )


def held(kind: Kind, parameters: dict[str, Any], known: Facts) -> Result:
    assert not checked(kind, parameters)
    return evaluate(Clause(1, "B-1", kind, parameters), known)


def cell(amount: int, category: str = "hardware", project: str = "DC", year: int = 2027) -> Cell:
    return Cell(Place(7 if project else None, project, category, "capital"), year, amount)


def test_a_ceiling_is_kept_to_the_cent() -> None:
    ceiling = {"year": 2027, "ceiling_minor": 1000}
    kept = held(Kind.FISCAL_YEAR_CEILING, ceiling, facts(bases=[Basis("in force", [cell(600), cell(400)])]))
    assert kept.state == State.KEPT and not kept.breaches
    over = held(Kind.FISCAL_YEAR_CEILING, ceiling, facts(bases=[Basis("in force", [cell(600), cell(401)])]))
    assert over.state == State.BREACHED
    assert over.sentence == ("1001 are budgeted in fiscal year 2027, 1 above the ceiling of 1000.")
    assert over.breaches[0].amount == 1


def test_a_year_without_budget_has_nothing_to_keep() -> None:
    result = held(
        Kind.FISCAL_YEAR_CEILING,
        {"year": 2028, "ceiling_minor": 1},
        facts(bases=[Basis("in force", [cell(600)])]),
    )
    assert (result.state, result.sentence) == (
        State.NOT_APPLICABLE,
        "Nothing is budgeted in fiscal year 2028.",
    )


@pytest.mark.parametrize(
    ("contingency", "state"),
    [(49, State.BREACHED), (50, State.KEPT), (150, State.KEPT), (151, State.BREACHED)],
)
def test_contingency_lies_within_its_band_edges_included(contingency: int, state: State) -> None:
    cells = [cell(1000), cell(contingency, "contingency", ""), cell(77, "management_reserve", "")]
    result = held(
        Kind.CONTINGENCY_BAND, {"low": "5", "high": "15.00"}, facts(bases=[Basis("in force", cells)])
    )
    assert result.state == state


def test_a_version_in_preparation_is_named_with_what_it_would_add() -> None:
    before = [cell(1100)]
    bases = [
        Basis("in force", before),
        Basis("DC version 2", [cell(1200)], Subject("budget", 12)),
        Basis("DC version 3", [cell(1100)], Subject("budget", 13)),
    ]
    result = held(Kind.FISCAL_YEAR_CEILING, {"year": 2027, "ceiling_minor": 1000}, facts(bases=bases))
    assert [(one.amount, one.subject) for one in result.breaches] == [
        (100, Subject()),
        (200, Subject("budget", 12)),
    ]
    assert result.breaches[1].sentence.startswith("DC version 2: 1200 are budgeted")


def test_a_category_is_capped_in_each_project_and_reserves_do_not_count() -> None:
    cells = [cell(61), cell(39, "labour"), cell(10_000, "contingency"), cell(1, "labour", "ERP")]
    cells[3] = Cell(Place(8, "ERP", "labour", "operating"), 2027, 1)
    result = held(
        Kind.CATEGORY_CAP, {"category": "hardware", "cap": "60"}, facts(bases=[Basis("in force", cells)])
    )
    assert [one.key for one in result.breaches] == ["DC"]
    assert "61.00 % of the project's budget, above the cap of 60.00 %" in result.sentence


def test_what_was_spent_beyond_the_budget_and_what_is_asked_beyond_it_are_found() -> None:
    place = Place(7, "DC", "hardware", "capital")
    result = held(
        Kind.BEYOND_BUDGET,
        {},
        facts(
            positions=[
                Position(place, 100, 130, 30),
                Position(place._replace(nature="operating"), 100, 100, 0),
            ],
            requests=[Asked(3, "CR-003", place, 50, 49), Asked(4, "CR-004", place, 49, 49)],
        ),
    )
    assert [(one.key, one.amount) for one in result.breaches] == [("DC/hardware/capital", 30), ("CR-003", 1)]
    assert result.sentence.endswith("30 too little. And 1 more.")


def test_above_an_amount_so_many_vendors_quote() -> None:
    place = Place(7, "DC", "hardware", "capital")
    asked = [
        Asked(3, "CR-003", place, 5000, 0),
        Asked(4, "CR-004", place, 5001, 0, ["Acme", "Borealis"]),
        Asked(5, "CR-005", place, 5001, 0, ["Acme"]),
        Asked(6, "CR-006", place, 9000, 0),
    ]
    result = held(Kind.QUOTES_ABOVE, {"above_minor": 5000, "quotes": 2}, facts(requests=asked))
    assert [(one.key, one.amount, one.subject.id) for one in result.breaches] == [
        ("CR-005", 5001, 5),
        ("CR-006", 9000, 6),
    ]
    assert "quotes of 2 different vendors are needed, and 1 are attached" in result.sentence
    assert result.evidence[0].value == "5001, quoted by Acme, Borealis"
    kept = held(Kind.QUOTES_ABOVE, {"above_minor": 5000, "quotes": 2}, facts(requests=asked[:2]))
    assert kept.state == State.KEPT
    below = held(Kind.QUOTES_ABOVE, {"above_minor": 5000, "quotes": 2}, facts(requests=asked[:1]))
    assert below.state == State.NOT_APPLICABLE


def test_capital_below_the_threshold_is_expense() -> None:
    place = Place(7, "DC", "hardware", "capital")
    asked = [Asked(3, "CR-003", place, 4999, 0), Asked(4, "CR-004", place, 5000, 0)]
    result = held(Kind.CAPITALISATION_THRESHOLD, {"threshold_minor": 5000}, facts(requests=asked))
    assert [one.key for one in result.breaches] == ["CR-003"]


def test_the_oldest_accruals_are_those_that_were_used_up() -> None:
    place = Place(7, "DC", "services", "operating")
    entries = [(date(2026, 11, 20), 30), (date(2026, 9, 30), 100)]
    aged = [
        held(Kind.ACCRUAL_AGEING, {"days": 59}, facts(accruals=[Accrued(place, balance, entries)]))
        for balance in (30, 31, 0)
    ]
    assert [one.state for one in aged] == [State.KEPT, State.BREACHED, State.NOT_APPLICABLE]
    assert aged[1].breaches[0].amount == 1
    edge = held(
        Kind.ACCRUAL_AGEING, {"days": 60}, facts(accruals=[Accrued(place, 130, entries)])
    )  # sixty days to the day is not more than sixty
    assert edge.state == State.KEPT


def test_one_person_for_two_steps_is_found() -> None:
    handled = [
        Handled("file:1", "Cost file a.csv", "read in by Ann", "accepted by Ann", True),
        Handled("file:2", "Cost file b.csv", "read in by Ann", "accepted by Bob", False),
    ]
    result = held(Kind.SEPARATION_OF_DUTIES, {}, facts(handled=handled))
    assert result.sentence == "Cost file a.csv: read in by Ann and accepted by Ann are the same person's."
    assert len(result.evidence) == 2


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        (Kind.FISCAL_YEAR_CEILING, {"year": 2027}, "ceiling_minor"),
        (Kind.FISCAL_YEAR_CEILING, {"year": "2027", "ceiling_minor": 1}, "year"),
        (Kind.FISCAL_YEAR_CEILING, {"year": 2027, "ceiling_minor": True}, "ceiling_minor"),
        (Kind.FISCAL_YEAR_CEILING, {"year": 2027, "ceiling_minor": 10**15 + 1}, "ceiling_minor"),
        (Kind.CONTINGENCY_BAND, {"low": "15", "high": "5"}, "high"),
        (Kind.CONTINGENCY_BAND, {"low": "-1", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": "٥", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": "5.", "high": "6"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": "1", "high": "100.01"}, "high"),
        (Kind.CATEGORY_CAP, {"category": "contingency", "cap": "1"}, "category"),
        (Kind.CATEGORY_CAP, {"category": ["hardware"], "cap": "1"}, "category"),
        (Kind.ACCRUAL_AGEING, {"days": 0}, "days"),
        (Kind.QUOTES_ABOVE, {"above_minor": 1, "quotes": 0}, "quotes"),
        (Kind.QUOTES_ABOVE, {"above_minor": 1, "quotes": 21}, "quotes"),
        (Kind.BEYOND_BUDGET, {"days": 1}, "days"),
    ],
)
def test_a_parameter_that_does_not_fit_is_said_at_its_name(
    kind: Kind, parameters: dict[str, Any], field: str
) -> None:
    assert field in checked(kind, parameters)


AMOUNTS = st.integers(0, 10**12)


@given(st.lists(AMOUNTS, max_size=6), AMOUNTS)
def test_a_ceiling_is_breached_exactly_by_what_is_above_it(amounts: list[int], ceiling: int) -> None:
    result = held(
        Kind.FISCAL_YEAR_CEILING,
        {"year": 2027, "ceiling_minor": ceiling},
        facts(bases=[Basis("in force", [cell(one) for one in amounts])]),
    )
    assert sum(one.amount for one in result.breaches) == max(0, sum(amounts) - ceiling)


def test_every_kind_is_described() -> None:
    assert set(KINDS) == set(Kind)
    assert all(one.label and one.says.endswith(".") for one in KINDS.values())
