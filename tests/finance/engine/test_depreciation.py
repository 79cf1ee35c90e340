"""Straight-line depreciation: the months add up to the cost, whatever it is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.depreciation import book_value, straight_line


@given(st.integers(1, 10**15), st.integers(1, 600), st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_parts_add_up_and_are_equal_to_a_minor_unit(cost: int, months: int, begins: date) -> None:
    charges = straight_line(cost, months, begins)
    amounts = [one.amount for one in charges]
    assert len(charges) == months and sum(amounts) == cost and charges[-1].left == 0
    assert max(amounts) - min(amounts) <= 1
    last = date(int(charges[-1].period[:4]), int(charges[-1].period[5:]), 1)
    assert book_value(cost, months, begins, max(last, begins)) == 0
    assert book_value(cost, months, begins, begins) == charges[0].left


def test_a_car_of_36_months_by_hand() -> None:
    charges = straight_line(100_00, 3, date(2026, 11, 30))
    assert charges == [("2026-11", 33_33, 66_67), ("2026-12", 33_34, 33_33), ("2027-01", 33_33, 0)]
    assert book_value(100_00, 3, date(2026, 11, 30), date(2026, 10, 31)) == 100_00


@pytest.mark.parametrize(("cost", "months"), [(0, 1), (1, 0)])
def test_nothing_is_not_written_off(cost: int, months: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        straight_line(cost, months, date(2026, 1, 1))


def test_what_is_left_over_the_turn_of_two_years() -> None:
    left = [
        book_value(36_00, 36, date(2026, 11, 5), day)
        for day in (
            date(2026, 11, 1),
            date(2027, 1, 31),
            date(2028, 2, 1),
            date(2029, 10, 31),
            date(2040, 1, 1),
        )
    ]
    assert left == [35_00, 33_00, 20_00, 0, 0]
