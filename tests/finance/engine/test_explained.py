"""A figure with its working: defined, or absent with the reason."""

from __future__ import annotations

from fractions import Fraction

import pytest

from finance.engine import explained
from finance.engine.explained import Term, Unit


def test_a_quotient_is_defined_above_zero_only() -> None:
    over = explained.money("EV", Fraction(300), "EUR")
    for under in (None, Fraction(0), Fraction(-1)):
        made = explained.quotient("cpi", "CPI", over, Term("AC", under, "0.00"), "nothing was spent")
        assert (made.value, made.minor, made.why_not) == (None, None, "nothing was spent")
    least = explained.quotient("cpi", "CPI", over, Term("AC", Fraction(1, 2), "0.01"), "nothing")
    assert (least.value, least.minor, least.why_not) == (600, 600, "")
    assert (least.formula, least.worked, least.unit) == ("EV / AC", "3.00 / 0.01", Unit.RATIO)


def test_a_difference_is_taken_in_its_order() -> None:
    made = explained.difference(
        "cv", "CV", explained.money("EV", Fraction(300), "EUR"), explained.money("AC", Fraction(501), "EUR")
    )
    assert (made.value, made.unit, made.worked, made.why_not) == (-201, Unit.MONEY, "3.00 - 5.01", "")
    with pytest.raises(ValueError, match="AC is not defined"):
        explained.difference(
            "cv", "CV", explained.money("EV", Fraction(1), "EUR"), explained.money("AC", None, "EUR")
        )


def test_terms_are_written_as_people_read_them() -> None:
    assert explained.ratio("CPI", Fraction(2, 3)).shown == "0.6667"
    assert explained.ratio("CPI", None).shown == "CPI"
    assert explained.hours("ES", Fraction(90)).shown == "1.50 h"
    assert explained.product(["a"]) == "a" and explained.product(["a", "b"]) == "(a x b)"
    assert [explained.decimals(Fraction(n, 8), 2) for n in (1, 3, -1)] == ["0.12", "0.38", "-0.12"]
