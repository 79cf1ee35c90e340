"""Percentages out of 32-bit floats are recognised and restored; what people write is left alone."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from pmo.single_precision import PERCENT_DECIMALS, is_single_precision, nearest_single, restore_percent


def test_a_column_with_the_dust_of_floats_is_recognised() -> None:
    assert is_single_precision([Decimal("0.0"), Decimal("23.999999"), Decimal("100.0"), Decimal("12.068965")])


def test_what_people_or_other_tools_write_is_not_taken_for_floats() -> None:
    assert not is_single_precision([])
    assert not is_single_precision([Decimal("0"), Decimal("24"), Decimal("33.3"), Decimal("100")])
    assert not is_single_precision([Decimal("23.999999"), Decimal("33.333333")])
    assert not is_single_precision([Decimal("23.999999"), Decimal("12.3456789")])


def test_the_written_percentage_is_brought_back_to_the_float_it_was() -> None:
    assert restore_percent(Decimal("23.999999"), done=0, left=0) == Decimal("23.9999994635582")
    assert restore_percent(Decimal("14.0"), done=16, left=75) == Decimal("14.0000000596046")
    assert restore_percent(Decimal("100.0"), done=8, left=0) == 100
    assert restore_percent(Decimal("0"), done=0, left=9) == 0


def test_a_ratio_of_durations_settles_which_of_two_floats_it_was() -> None:
    written = Decimal("4.545455")
    by_ratio = restore_percent(written, done=2, left=42)
    alone = restore_percent(written, done=1, left=9)
    assert by_ratio != alone
    assert abs(by_ratio - 200 / Decimal(44)) < abs(alone - 200 / Decimal(44))


@given(st.integers(0, 2**24))
def test_a_restored_percentage_is_within_the_float_and_never_leaves_the_scale(part: int) -> None:
    single = nearest_single(Fraction(part, 2**24))
    written = Decimal(round(single * 100 * 10**6)).scaleb(-6)
    restored = restore_percent(written, done=0, left=0)
    assert abs(restored - written) <= Decimal("0.000004")
    assert 0 <= restored <= 100
    assert -restored.as_tuple().exponent <= PERCENT_DECIMALS
