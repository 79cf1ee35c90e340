"""An estimate and a budget differ for reasons that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finance.engine.reconciling import Why, causes

BY_YEAR = st.dictionaries(st.integers(2025, 2028), st.integers(0, 10**12), max_size=4)


def test_each_line_has_one_cause() -> None:
    found = causes(
        [
            ("travel", {2026: 50}, {}),
            ("services", {}, {2026: 70, 2027: 10}),
            ("labour", {2026: 100, 2027: 100}, {2026: 130, 2027: 40}),
            ("hardware", {2026: 10}, {2026: 25}),
            ("software", {2026: 30}, {2027: 30}),
            ("nothing", {2026: 0}, {}),
        ]
    )
    assert [(one.line, one.why, one.difference, one.shifted) for one in found] == [
        ("travel", Why.NOT_BUDGETED, -50, 0),
        ("services", Why.NOT_ESTIMATED, 80, 0),
        ("labour", Why.SHORT, -30, 30),
        ("hardware", Why.SPARE, 15, 0),
        ("software", Why.SAME, 0, 30),
    ]


@given(st.dictionaries(st.text(max_size=3), st.tuples(BY_YEAR, BY_YEAR), max_size=6))
def test_the_causes_add_up_to_budget_less_estimate(
    lines: dict[str, tuple[dict[int, int], dict[int, int]]],
) -> None:
    found = causes((name, *years) for name, years in lines.items())
    whole = sum(sum(budget.values()) - sum(estimate.values()) for estimate, budget in lines.values())
    assert sum(one.difference for one in found) == whole
    for one in found:
        assert one.difference < 0 if one.why in (Why.NOT_BUDGETED, Why.SHORT) else one.difference >= 0
        assert 0 <= one.shifted <= min(one.estimate, one.budget)
