"""What an estimate asks of the rest, beside what was shown so far, by hand."""

from __future__ import annotations

from fractions import Fraction

from finance.engine.credibility import judged
from finance.engine.earned_value import Figures


def figures(bac: int, ev: int, ac: int) -> Figures:
    return Figures(Fraction(bac), Fraction(0), Fraction(ev), Fraction(ac))


def test_an_estimate_is_judged_by_the_efficiency_that_it_promises() -> None:
    found = judged(
        figures(100_000, 40_000, 50_000), "EUR",
        [("cpi", "At the index", Fraction(125_000)), ("rosy", "Hoped for", Fraction(90_000)), ("no", "None", None)],
    )  # fmt: skip
    assert [one.name for one in found] == ["cpi", "rosy"]
    one, rosy = found
    assert (one.tcpi, one.gap, one.credible, one.vac, one.why) == (Fraction(4, 5), 0, True, -25_000, "")
    assert (rosy.tcpi, rosy.gap, rosy.credible) == (Fraction(3, 2), Fraction(7, 10), False)
    assert (rosy.label, rosy.eac, rosy.vac, rosy.why) == ("Hoped for", 90_000, 10_000, "")
    assert rosy.worked == "|(1000.00 - 400.00) / (900.00 - 500.00) - 0.8000|"


def test_where_an_index_is_not_defined_nothing_is_judged_and_the_reason_is_given() -> None:
    (spent,) = judged(figures(100_000, 40_000, 50_000), "EUR", [("e", "E", Fraction(50_000))])
    assert (spent.tcpi, spent.gap, spent.credible) == (None, None, None)
    assert spent.why == "the estimate leaves nothing to spend"
    (unspent,) = judged(figures(100_000, 40_000, 0), "EUR", [("e", "E", Fraction(100_000))])
    assert (unspent.tcpi, unspent.gap, unspent.credible) == (Fraction(3, 5), None, None)
    assert unspent.why == "no actual cost is recorded yet"
    assert unspent.worked.endswith("- not defined|")
    (nothing,) = judged(figures(100_000, 40_000, 0), "EUR", [("e", "E", Fraction(0))])
    assert (nothing.gap, nothing.why) == (None, "the estimate leaves nothing to spend")


def test_one_minor_unit_makes_an_index() -> None:
    (least,) = judged(figures(3, 1, 1), "EUR", [("e", "E", Fraction(2))])
    assert (least.tcpi, least.gap) == (2, 1)
