"""Rates of return against their own definition, on cash of any shape."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from finance.engine.appraisal import internal_rates, periodic, present_value, sign_changes


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=8), st.sampled_from([1, 4, 12]))
def test_at_each_rate_found_the_present_value_is_zero_and_no_sign_change_is_left_out(
    amounts: list[int], a_year: int
) -> None:
    flows = periodic(amounts, a_year=a_year)
    rates = internal_rates(flows)
    assert len(rates.found) <= rates.sign_changes == sign_changes(flows)
    for rate in rates.found:
        if Decimal("-0.9") < rate < 100:
            sides = {present_value(flows, rate + step) > 0 for step in (-Decimal("1E-9"), Decimal("1E-9"))}
            size = max(map(abs, amounts)) * len(amounts)
            assert len(sides) == 2 or abs(present_value(flows, rate)) < size * Decimal("1E-6")
    # Between neighbouring rates the sign does not change: a scan over the whole line finds no other zero.
    scan = [Decimal(n) / 13 for n in range(-10, 40)]
    crossings = 0
    for left, right in pairwise(scan):
        if present_value(flows, left) * present_value(flows, right) < 0:
            crossings += 1
            assert any(left <= rate <= right for rate in rates.found)
    assert crossings <= len(rates.found)
