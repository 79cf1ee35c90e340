"""Contingency burns down by what the open risks are expected to cost, in the months in which they fall due."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.burn_down import Ahead, Expected, ahead

MONTH = st.builds(lambda year, month: f"{year}-{month:02d}", st.integers(2025, 2029), st.integers(1, 12))
RISKS = st.lists(
    st.builds(Expected, st.integers(0, 10**12), st.integers(1, 5), st.one_of(st.just(""), MONTH)), max_size=8
)


def test_each_risk_is_drawn_for_when_it_falls_due() -> None:
    risks = [
        Expected(1_000, 5, "2026-10"),  # overdue: 900 this month
        Expected(1_000, 3, "2027-01"),  # 500
        Expected(1_000, 1, ""),  # no day: 100 at the end
        Expected(5, 1, "2026-12"),  # half a cent, to even: nothing
    ]
    assert ahead(1_200, risks, now="2026-11", last="2027-02") == [
        Ahead("2026-11", 900, 300, 600),
        Ahead("2026-12", 0, 300, 600),
        Ahead("2027-01", 500, -200, 100),
        Ahead("2027-02", 100, -300, 0),
    ]


def test_a_risk_after_the_last_month_lengthens_the_course() -> None:
    assert [step.month for step in ahead(0, [Expected(10, 5, "2027-01")], now="2026-11", last="2026-11")] == [
        "2026-11", "2026-12", "2027-01",
    ]  # fmt: skip


def test_what_falls_due_in_another_age_is_in_the_last_month() -> None:
    steps = ahead(10, [Expected(10, 5, "9999-12")], now="2026-11", last="2026-11")
    assert (len(steps), steps[-1]) == (120, Ahead("2036-10", 9, 1, 0))


def test_a_score_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="scored 1 to 5"):
        ahead(0, [Expected(10, 0, "")], now="2026-11", last="2026-11")


@given(st.integers(0, 10**13), RISKS, MONTH, MONTH)
def test_nothing_expected_is_lost_and_the_cover_never_changes(
    left: int, risks: list[Expected], now: str, last: str
) -> None:
    steps = ahead(left, risks, now=now, last=last)
    expected = sum(risk.value for risk in risks)
    assert sum(step.draw for step in steps) == expected
    assert {step.cover for step in steps} == {left - expected}
    assert (steps[0].month, steps[-1].exposure) == (now, 0)
