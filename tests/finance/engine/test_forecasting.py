"""Estimates to complete by period, by hand: what is spread adds up, and what is not known is not scored."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.forecasting import TREND_PERIODS, by_remaining_plan, by_trend, score


def test_the_rest_of_the_plan_costs_what_the_work_so_far_did() -> None:
    assert by_remaining_plan([100, 200, 50], Fraction(5, 4)) == [125, 250, 63]
    assert by_remaining_plan([1, 1, 1], Fraction(1, 3)) == [1, 0, 0]
    assert by_remaining_plan([], Fraction(2)) == []


@given(st.lists(st.integers(0, 10**9), max_size=24), st.fractions(0, 5))
def test_what_is_spread_adds_up_to_its_rounded_total(planned: list[int], rate: Fraction) -> None:
    assert sum(by_remaining_plan(planned, rate)) == round(sum(planned) * rate)


def test_a_trend_goes_on_with_the_average_of_the_last_three() -> None:
    assert TREND_PERIODS == 3
    assert by_trend([900, 100, 200, 300], 2) == [200, 200]
    assert by_trend([100, 101], 2) == [101, 100]
    assert by_trend([10], 3) == [10, 10, 10]
    assert by_trend([], 3) == [0, 0, 0]
    assert by_trend([-500, 10, 10], 2) == [0, 0]
    assert by_trend([5], 0) == []
    with pytest.raises(ValueError, match="no fewer than zero"):
        by_trend([5], -1)


def test_a_forecast_is_scored_over_what_came_to_pass() -> None:
    scored = score([(110, 100), (90, 100), (50, 0), (0, 200), (3, 1)])
    assert (scored.periods, scored.forecast, scored.actual, scored.counted) == (5, 253, 401, 4)
    assert scored.error == -148
    assert scored.bias == Fraction(-148, 401)
    assert scored.mape == (Fraction(1, 10) + Fraction(1, 10) + 1 + 2) / 4


def test_where_nothing_was_spent_a_forecast_has_no_score() -> None:
    for pairs in ([], [(5, 0)], [(5, -1)]):
        scored = score(pairs)
        assert (scored.counted, scored.bias, scored.mape) == (0, None, None)
    assert score([(2, 1)]).bias == 1
