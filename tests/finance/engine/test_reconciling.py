"""An estimate and a budget differ for reasons that add up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finance.engine.reconciling import Why, by_year, causes, remaining

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


def test_by_year_what_stands_in_another_year_or_nature_is_apart_from_what_is_missing() -> None:
    """Of 100 capital in 2026 budgeted are 60 operating in that year and 10 capital a year later: 30 are missing."""
    found = by_year(
        [
            ("hardware", "capital", {2026: 100}, {2027: 10}),
            ("hardware", "operating", {}, {2026: 60}),
            ("travel", "operating", {2026: 5}, {2026: 5}),
        ]
    )
    assert [(one.line, one.year, one.rest, one.elsewhere, one.shifted, one.why) for one in found] == [
        ("capital", 2026, -30, -60, -10, Why.SHORT),
        ("capital", 2027, 0, 0, 10, Why.SAME),
        ("operating", 2026, 0, 60, 0, Why.SAME),
    ]


def test_what_remains_has_the_sign_of_the_whole() -> None:
    assert remaining([5, -3, 5]) == [4, 0, 3] or remaining([5, -3, 5]) == [3, 0, 4]
    assert remaining([-5, 5]) == [0, 0] == remaining([0, 0])
    assert remaining([]) == []


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("co"), BY_YEAR, BY_YEAR),
        max_size=4,
        unique_by=lambda one: one[:2],
    )
)
def test_the_parts_of_every_cell_and_of_the_whole_add_up(
    lines: list[tuple[str, str, dict[int, int], dict[int, int]]],
) -> None:
    found = by_year(lines)
    whole = sum(sum(budget.values()) - sum(estimate.values()) for _, _, estimate, budget in lines)
    assert sum(one.rest for one in found) == whole
    for one in found:
        assert one.rest + one.elsewhere + one.shifted == one.difference != 0
        assert (one.why is Why.SAME) == (one.rest == 0)
    for group, line, _, _ in lines:
        assert sum(one.shifted for one in found if (one.group, one.line) == (group, line)) == 0
    for group in "ab":
        for year in range(2025, 2029):
            assert sum(one.elsewhere for one in found if (one.group, one.year) == (group, year)) == 0
