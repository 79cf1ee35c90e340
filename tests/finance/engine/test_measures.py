"""Indices and estimates: right where defined, absent with a reason where not, each with its working."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.earned_schedule import EarnedSchedule, TimeIndices
from finance.engine.earned_value import Figures
from finance.engine.explained import Measure, Unit
from finance.engine.measures import credible, measures

HALFWAY = Figures(Fraction(100_000), Fraction(50_000), Fraction(40_000), Fraction(50_000))


def of(bac: int, pv: int, ev: int, ac: int) -> Figures:
    """Figures from whole minor units."""
    return Figures(Fraction(bac), Fraction(pv), Fraction(ev), Fraction(ac))


def late(earned: int = 30, actual: int = 40, planned: int = 100) -> EarnedSchedule:
    """An earned schedule in hours."""
    hours = [Fraction(count * 60) for count in (earned, actual, planned)]
    return EarnedSchedule(0, 0, 0, 0, TimeIndices(*hours), None, Fraction(9, 10))


def test_the_estimates_are_those_of_the_standard() -> None:
    found = measures(
        HALFWAY, "EUR", schedule=late(), three_back=of(0, 0, 20_000, 20_000), bottom_up_etc=80_000
    )
    minor = {name: measure.minor for name, measure in found.items() if name.startswith("eac_")}
    assert minor == {
        "eac_remaining_at_budget": 110_000,
        "eac_cpi": 125_000,
        "eac_spi": 125_000,
        "eac_spi_t": 130_000,
        "eac_cpi_x_spi": 143_750,
        "eac_cpi_x_spi_t": 150_000,
        "eac_80cpi_20spi": 125_000,
        "eac_last_three": 140_000,
        "eac_bottom_up": 130_000,
    }


def test_the_estimate_at_the_cost_index_is_the_budget_divided_by_it() -> None:
    found = measures(of(99_999, 5, 33_333, 47_111), "EUR")
    assert found["eac_cpi"].value == Fraction(99_999) / found["cpi"].value


def test_what_follows_from_the_chosen_estimate() -> None:
    found = measures(HALFWAY, "EUR", bottom_up_etc=80_000, chosen="eac_bottom_up")
    assert (found["etc"].minor, found["vac"].minor) == (80_000, -30_000)
    assert found["tcpi_bac"].value == Fraction(60_000, 50_000)
    assert found["tcpi_eac"].value == Fraction(60_000, 80_000)
    assert credible(found["tcpi_eac"].value, found["cpi"].value) is True
    rosy = measures(HALFWAY, "EUR", bottom_up_etc=50_000, chosen="eac_bottom_up")
    assert credible(rosy["tcpi_eac"].value, rosy["cpi"].value) is False
    assert credible(None, rosy["cpi"].value) is None
    with pytest.raises(KeyError):
        measures(HALFWAY, "EUR", chosen="cpi")


def test_a_gap_of_exactly_a_tenth_is_still_credible() -> None:
    assert credible(Fraction(11, 10), Fraction(1)) is True
    assert credible(Fraction(11001, 10000), Fraction(1)) is False


@pytest.mark.parametrize(
    ("figures", "name", "why"),
    [
        (of(100, 50, 40, 0), "cpi", "no actual cost"),
        (of(100, 50, 40, 0), "eac_cpi", "CPI is not defined"),
        (of(100, 0, 0, 40), "spi", "nothing was planned"),
        (of(100, 0, 0, 40), "eac_spi", "SPI is not defined"),
        (of(100, 0, 0, 40), "sv_percent", "nothing was planned"),
        (of(100, 50, 0, 40), "cv_percent", "nothing is earned"),
        (of(100, 50, 0, 40), "eac_cpi", "the index is zero"),
        (of(100, 50, 0, 40), "vac", "the index is zero"),
        (of(0, 0, 0, 40), "percent_complete", "no budget"),
        (of(100, 50, 40, 100), "tcpi_bac", "the budget is spent"),
        (of(100, 50, 40, 130), "tcpi_bac", "the budget is spent"),
        (of(100, 50, 100, 130), "tcpi_eac", "nothing to spend"),
        (of(100, 50, 40, 30), "eac_last_three", "last three periods is not defined"),
        (of(100, 50, 40, 30), "eac_bottom_up", "have not estimated"),
        (of(100, 50, 40, 30), "eac_spi_t", "SPI(t) is not defined"),
    ],
)
def test_what_is_not_defined_says_why_and_is_neither_zero_nor_one(
    figures: Figures, name: str, why: str
) -> None:
    measure = measures(figures, "EUR")[name]
    assert measure.value is None
    assert measure.minor is None
    assert why in measure.why_not


def test_time_that_has_not_begun_or_is_used_up_has_no_index() -> None:
    unbegun = measures(HALFWAY, "EUR", schedule=late(0, 0))
    assert [unbegun[name].value for name in ("spi_t", "ieac_t")] == [None, None]
    assert unbegun["eac_spi_t"].value is None
    overdue = measures(HALFWAY, "EUR", schedule=late(80, 100))
    assert overdue["tspi"].value is None
    assert "planned time has passed" in overdue["tspi"].why_not


def test_finished_work_costs_what_it_has_cost_by_every_estimate() -> None:
    found = measures(of(100, 100, 100, 130), "EUR", schedule=late(100, 120), three_back=of(0, 0, 0, 0))
    for name, measure in found.items():
        if name.startswith("eac_") and name != "eac_bottom_up":
            assert measure.minor == 130, name


def test_an_index_comes_with_its_formula_and_the_numbers_in_it() -> None:
    found = measures(HALFWAY, "EUR", schedule=late())
    assert found["cpi"] == Measure(
        "cpi", "Cost performance index", Unit.RATIO, "EV / AC", "400.00 / 500.00", Fraction(4, 5)
    )
    assert found["eac_cpi_x_spi_t"].formula == "AC + (BAC - EV) / (CPI x SPI(t))"
    assert found["eac_cpi_x_spi_t"].worked == "500.00 + (1000.00 - 400.00) / (0.8000 x 0.7500)"
    assert found["eac_80cpi_20spi"].worked.endswith("/ (0.8 x 0.8000 + 0.2 x 0.8000)")
    assert found["spi_t"].worked == "30.00 h / 40.00 h"
    assert found["tspi"].worked == "(100.00 h - 30.00 h) / (100.00 h - 40.00 h)"
    assert measures(HALFWAY, "JPY")["cv"].worked == "40000 - 50000"


@given(*[st.integers(0, 10**12)] * 4, st.one_of(st.none(), st.integers(0, 10**12)))
def test_no_figures_whatever_break_a_page(bac: int, pv: int, ev: int, ac: int, etc: int | None) -> None:
    found = measures(
        of(bac, pv, ev, ac), "EUR", schedule=late(), three_back=of(0, 0, 5, 5), bottom_up_etc=etc
    )
    for measure in found.values():
        assert (measure.value is None) == bool(measure.why_not)
        assert measure.value is None or isinstance(measure.value, Fraction)
        assert measure.label and measure.formula
