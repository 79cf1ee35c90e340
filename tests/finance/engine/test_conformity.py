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


# ------------------------------------------------------------------ each figure to the unit
def band(contingency: int, low: str = "5", high: str = "15") -> Result:
    cells = [cell(1000), cell(contingency, "contingency", "")]
    return held(Kind.CONTINGENCY_BAND, {"low": low, "high": high}, facts(bases=[Basis("in force", cells)]))


def test_how_far_contingency_is_from_its_band() -> None:
    below, above = band(20), band(181)
    assert (below.breaches[0].key, below.breaches[0].amount) == ("contingency below", 30)
    assert "below the band of 5.00 % to 15.00 % by 30." in below.sentence
    assert (above.breaches[0].key, above.breaches[0].amount) == ("contingency above", 31)
    assert "18.10 % of the budget without reserves, above the band" in above.sentence
    assert [one.value for one in band(100).evidence] == ["1000", "100, 10.00 %"]


def test_how_far_a_category_is_above_its_cap() -> None:
    cells = [cell(76), cell(24, "labour")]
    known = facts(bases=[Basis("in force", cells)])
    over = held(Kind.CATEGORY_CAP, {"category": "hardware", "cap": "60"}, known)
    assert (over.breaches[0].amount, over.breaches[0].place) == (16, Place(7, "DC", "hardware"))
    at = held(Kind.CATEGORY_CAP, {"category": "hardware", "cap": "76.00"}, known)
    assert at.state == State.KEPT and at.evidence[0].what == "DC: hardware"


def test_what_was_neither_used_nor_exceeded_is_no_evidence() -> None:
    place, wide = Place(7, "DC", "hardware", "capital"), Place(None, "", "labour", "operating")
    positions = [
        Position(place, 9, 0, 0),
        Position(place, 0, 5, 5),
        Position(wide, 9, 4, 0),
        Position(wide, 0, 0, 3),
    ]
    found = held(Kind.BEYOND_BUDGET, {}, facts(positions=positions))
    assert [(one.what, one.value) for one in found.evidence] == [
        ("DC, hardware (capital)", "5 of 0"),
        ("Program, labour (operating)", "4 of 9"),
        ("Program, labour (operating)", "0 of 0"),
    ]
    assert [one.amount for one in found.breaches] == [5, 3]
    assert found.breaches[1].place == wide


def test_how_far_capital_is_below_its_threshold() -> None:
    asked = [Asked(3, "CR-003", Place(7, "DC", "hardware", "capital"), 4000, 0)]
    found = held(Kind.CAPITALISATION_THRESHOLD, {"threshold_minor": 5000}, facts(requests=asked))
    assert (found.breaches[0].amount, found.breaches[0].subject) == (1000, Subject("capital_request", 3))
    assert found.breaches[0].place.project == "DC"


def test_the_smallest_accrual_ages_too() -> None:
    accruals = [Accrued(Place(None, "", "labour", "operating"), 1, [(date(2025, 1, 1), 1)])]
    found = held(Kind.ACCRUAL_AGEING, {"days": 30}, facts(accruals=accruals))
    assert found.sentence == "Program, labour (operating): 1 are accrued for more than 30 days."
    named = [Accrued(Place(7, "DC", "labour", "operating"), 1, [])]
    assert held(Kind.ACCRUAL_AGEING, {"days": 30}, facts(accruals=named)).sentence.startswith("DC, labour")


def test_what_is_said_where_nothing_else_is() -> None:
    assert not Clause(1, "B-1", Kind.BEYOND_BUDGET, {}).blocks
    found = held(
        Kind.SEPARATION_OF_DUTIES,
        {},
        facts(handled=[Handled("file:1", "File a", "read by Ann", "taken by Ann", True)]),
    )
    assert found.breaches[0].amount == 0 and found.breaches[0].subject == Subject("", 0)
    assert found.breaches[0].place == Place()


def test_a_clause_blocks_only_what_can_be_a_promise() -> None:
    assert {kind for kind, one in KINDS.items() if not one.blockable} == {
        Kind.SEPARATION_OF_DUTIES,
        Kind.ACCRUAL_AGEING,
    }


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (Kind.FISCAL_YEAR_CEILING, {"year": 1900, "ceiling_minor": 0}),
        (Kind.FISCAL_YEAR_CEILING, {"year": 2199, "ceiling_minor": 10**15}),
        (Kind.CONTINGENCY_BAND, {"low": "0", "high": "100"}),
        (Kind.CONTINGENCY_BAND, {"low": "12.50", "high": "12.5"}),
        (Kind.ACCRUAL_AGEING, {"days": 1}),
        (Kind.ACCRUAL_AGEING, {"days": 3650}),
    ],
)
def test_the_ends_of_a_range_are_within_it(kind: Kind, parameters: dict[str, Any]) -> None:
    assert checked(kind, parameters) == {}


@pytest.mark.parametrize(
    ("kind", "parameters", "field"),
    [
        (Kind.FISCAL_YEAR_CEILING, {"year": 1899, "ceiling_minor": 1}, "year"),
        (Kind.FISCAL_YEAR_CEILING, {"year": 2200, "ceiling_minor": 1}, "year"),
        (Kind.FISCAL_YEAR_CEILING, {"year": 2027, "ceiling_minor": -1}, "ceiling_minor"),
        (Kind.ACCRUAL_AGEING, {"days": 3651}, "days"),
        (Kind.CONTINGENCY_BAND, {"low": "", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": ".5", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": "0005", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": "1.234", "high": "5"}, "low"),
        (Kind.CONTINGENCY_BAND, {"low": 5, "high": "5"}, "low"),
    ],
)
def test_one_beyond_the_end_of_a_range_is_not(kind: Kind, parameters: dict[str, Any], field: str) -> None:
    assert set(checked(kind, parameters)) == {field}
