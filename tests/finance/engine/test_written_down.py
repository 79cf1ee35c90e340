"""What is written down on the way: the rest is spread over the months that remain, and it adds up to the cost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from finance.engine.depreciation import book_value, straight_line
from finance.engine.written_down import WriteDown, left_on, months_of

JANUARY = date(2026, 1, 15)


def test_without_changes_the_months_are_those_of_straight_line() -> None:
    for cost, life in ((40_000, 20), (100, 7), (1, 3)):
        plain = [(one.period, one.amount, one.left) for one in straight_line(cost, life, JANUARY)]
        assert [(one.period, one.amount, one.left) for one in months_of(cost, life, JANUARY)] == plain
        for day in (JANUARY - timedelta(days=30), JANUARY, date(2026, 6, 30), date(2030, 1, 1)):
            assert left_on(cost, life, JANUARY, day) == book_value(cost, life, JANUARY, day)


def test_what_is_left_after_a_write_down_is_spread_over_the_months_that_remain() -> None:
    made = months_of(1_200, 12, JANUARY, [WriteDown("2026-04", 200)])
    assert [(one.amount, one.written_down, one.left) for one in made[2:6]] == [
        (100, 0, 900),
        (100, 200, 600),
        (75, 0, 525),
        (75, 0, 450),
    ]
    assert made[-1].left == 0 and sum(one.amount + one.written_down for one in made) == 1_200


def test_retired_takes_all_and_ends_the_months() -> None:
    made = months_of(1_200, 12, JANUARY, [WriteDown("2026-04", 200), WriteDown("2026-05", None)])
    assert (made[-1].period, made[-1].amount, made[-1].written_down, made[-1].left) == ("2026-05", 75, 525, 0)
    assert left_on(1_200, 12, JANUARY, date(2026, 9, 1), [WriteDown("2026-05", None)]) == 0
    # After a credit note less may be left than was once written down.
    assert months_of(100, 2, JANUARY, [WriteDown("2026-01", 70)])[0].left == 0
    with pytest.raises(ValueError, match="one month"):
        months_of(1, 0, JANUARY)


def test_a_second_write_down_spreads_again_and_the_last_month_can_be_one() -> None:
    changes = [WriteDown("2026-04", 200), WriteDown("2026-06", 150), WriteDown("2026-12", 10)]
    made = months_of(1_200, 12, JANUARY, changes)
    assert [one.left for one in made[3:8]] == [600, 525, 300, 250, 200]
    assert [(made[5].amount, made[5].written_down)] == [(75, 150)]
    assert (made[-1].period, made[-1].amount, made[-1].written_down, made[-1].left) == ("2026-12", 50, 0, 0)


def test_two_changes_of_one_month_both_count() -> None:
    made = months_of(1_200, 12, JANUARY, [WriteDown("2026-01", 100), WriteDown("2026-01", 450)])
    assert (made[0].amount, made[0].written_down, made[0].left) == (100, 550, 550)
    assert made[1].left == 500
    year = months_of(1_200, 13, date(2026, 12, 1))
    assert [one.period for one in year[:2]] == ["2026-12", "2027-01"]


def test_nothing_costs_nothing_and_what_is_no_life_is_refused() -> None:
    assert [tuple(one)[1:] for one in months_of(0, 2, JANUARY)] == [(0, 0, 0), (0, 0, 0)]
    assert len(months_of(5, 1, JANUARY)) == 1
    for cost, life in ((1, 0), (-1, 1)):
        with pytest.raises(ValueError, match="over one month at least"):
            months_of(cost, life, JANUARY)


def test_what_is_left_counts_the_whole_month_and_keeps_to_the_changes() -> None:
    changes = [WriteDown("2026-02", 500)]
    assert [left_on(1_200, 12, JANUARY, date(2026, month, 1), changes) for month in (1, 2, 3)] == [
        1_100,
        500,
        450,
    ]
    assert left_on(1_200, 12, JANUARY, date(2025, 12, 31), changes) == 1_200
    assert left_on(1_200, 12, JANUARY, date(2026, 2, 28), changes) == 500
