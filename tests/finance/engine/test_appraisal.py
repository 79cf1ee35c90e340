"""Appraisal against published examples, and against its own definitions on cash of any shape."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from finance.engine.appraisal import (
    Flow,
    dated,
    internal_rates,
    modified_rate,
    monthly,
    payback,
    periodic,
    present_value,
    profitability_index,
    sign_changes,
)

TENTH = Decimal("0.1")
# The example of XIRR and XNPV in Microsoft's reference of worksheet functions.
DATED = dated(
    [
        (date(2008, 1, 1), -10_000_00),
        (date(2008, 3, 1), 2_750_00),
        (date(2008, 10, 30), 4_250_00),
        (date(2009, 2, 15), 3_250_00),
        (date(2009, 4, 1), 2_750_00),
    ]
)
# Its example of IRR: a business bought for 70,000.
BUSINESS = [-70_000_00, 12_000_00, 15_000_00, 18_000_00, 21_000_00, 26_000_00]
# Its example of MIRR: a fishing boat on a loan.
BOAT = [-120_000_00, 39_000_00, 30_000_00, 21_000_00, 37_000_00, 46_000_00]


def test_the_present_value_of_dated_cash_is_that_of_the_worksheet_function() -> None:
    assert round(present_value(DATED, Decimal("0.09"))) == 2_086_65


def test_the_rate_of_dated_cash_is_that_of_the_worksheet_function() -> None:
    rates = internal_rates(DATED)
    assert rates.only is not None
    # Published to nine decimals, found by steps until right to 0.000001 %.
    assert abs(rates.only - Decimal("0.373362535")) < Decimal("0.00000001")


@pytest.mark.parametrize(
    ("rate", "first", "later", "published"),
    [
        ("0.1", 0, [-10_000_00, 3_000_00, 4_200_00, 6_800_00], 1_188_44),
        ("0.08", -40_000_00, [8_000_00, 9_200_00, 10_000_00, 12_000_00, 14_500_00], 1_922_06),
        ("0.08", -40_000_00, [8_000_00, 9_200_00, 10_000_00, 12_000_00, 14_500_00, -9_000_00], -3_749_47),
    ],
)
def test_the_present_value_of_yearly_cash_is_that_of_the_worksheet_function(
    rate: str, first: int, later: list[int], published: int
) -> None:
    assert round(present_value(periodic([first, *later]), Decimal(rate))) == published


@pytest.mark.parametrize(("years", "published"), [(4, "-0.021"), (5, "0.087"), (2, "-0.444")])
def test_the_rate_of_yearly_cash_is_that_of_the_worksheet_function(years: int, published: str) -> None:
    only = internal_rates(periodic(BUSINESS[: years + 1])).only
    assert only is not None and only.quantize(Decimal("0.001")) == Decimal(published)


@pytest.mark.parametrize(
    ("years", "reinvest", "published"), [(5, "0.12", "0.13"), (3, "0.12", "-0.05"), (5, "0.14", "0.13")]
)
def test_the_modified_rate_is_that_of_the_worksheet_function(
    years: int, reinvest: str, published: str
) -> None:
    found = modified_rate(periodic(BOAT[: years + 1]), TENTH, Decimal(reinvest))
    assert found is not None and found.quantize(Decimal("0.01")) == Decimal(published)


def test_a_strip_mine_that_must_be_restored_has_two_rates() -> None:
    """Brigham and Houston, Fundamentals of Financial Management, Project M (after Lorie and Savage 1955)."""
    mine = periodic([-160_000_000, 1_000_000_000, -1_000_000_000])
    rates = internal_rates(mine)
    assert rates.found == (Decimal("0.25"), Decimal(4)) and rates.only is None
    assert rates.sign_changes == sign_changes(mine) == 2
    assert round(present_value(mine, TENTH), -6) == -77_000_000


def test_all_four_rates_of_the_problem_that_calculators_fail_at_are_found() -> None:
    """Ross, Westerfield, Jordan, Fundamentals of Corporate Finance: between 20 and 70 percent."""
    rates = internal_rates(periodic([-252, 1_431, -3_035, 2_850, -1_000]))
    assert rates.sign_changes == 4
    assert [round(one, 9) for one in rates.found] == [
        round(Decimal(over) / under, 9) for over, under in ((1, 4), (1, 3), (3, 7), (2, 3))
    ]


def test_cash_can_have_a_present_value_above_zero_at_every_rate() -> None:
    """Brealey, Myers, Allen, chapter 5, pitfall 2: worth 339 at 10 percent, and no rate at all."""
    flows = periodic([1_000_00, -3_000_00, 2_500_00])
    rates = internal_rates(flows)
    assert (rates.found, rates.sign_changes) == ((), 2)
    assert round(present_value(flows, TENTH), -2) == 339_00


def test_a_cent_more_at_every_rate_is_no_zero() -> None:
    assert internal_rates(periodic([1, -1, 1])).found == ()


def test_two_rates_with_less_than_a_cent_between_them_are_told_apart() -> None:
    """(x - 1.19)(x - 1.21): the best present value, at 20 percent, is seven tenths of a cent."""
    flows = periodic([-100_00, 240_00, -143_99])
    assert internal_rates(flows).found == (Decimal("0.19"), Decimal("0.21"))
    assert 0 < present_value(flows, Decimal("0.2")) < 1


@pytest.mark.parametrize("amounts", [[-5, -7], [5], [], [0, 0]])
def test_cash_of_one_sign_has_no_rate(amounts: list[int]) -> None:
    rates = internal_rates(periodic(amounts))
    assert (rates.found, rates.only, rates.sign_changes) == ((), None, 0)


@pytest.mark.parametrize("percent", [20, 30, 7, 13, 41])
def test_a_rate_that_only_touches_zero_is_found_once(percent: int) -> None:
    """-(x - r)^2: every rate loses but this one, and no arithmetic of forty digits meets it to the last."""
    growth = 100 + percent
    flows = periodic([-100 * 100, 2 * 100 * growth, -growth * growth])
    assert internal_rates(flows).found == (Decimal(percent) / 100,)


@pytest.mark.parametrize(
    ("amounts", "years", "worth"),
    [
        ([-2_000_00, 500_00, 500_00, 5_000_00], 3, 2_624_00),
        ([-2_000_00, 500_00, 1_800_00, 0], 2, -58_00),
        ([-2_000_00, 1_800_00, 500_00, 0], 2, 50_00),
    ],
)
def test_payback_looks_at_time_only(amounts: list[int], years: int, worth: int) -> None:
    """Brealey, Myers, Allen, chapter 5: projects A, B and C at 10 percent."""
    flows = periodic(amounts)
    assert payback(flows) == years
    assert round(present_value(flows, TENTH), -2) == worth


def test_discounted_payback_is_later_or_never() -> None:
    flows = periodic([-2_000_00, 500_00, 1_800_00, 0])
    assert payback(flows, TENTH) is None
    assert payback(periodic([-2_000_00, 1_800_00, 500_00, 0]), TENTH) == 2


def test_what_came_back_to_the_last_cent_is_paid_back() -> None:
    assert payback(periodic([-100, 60, 40, 5])) == 2


def test_what_is_paid_and_returned_on_one_day_was_never_owed() -> None:
    day_of_both = [Flow(Fraction(0), -100), Flow(Fraction(0), 100), Flow(Fraction(1), 5)]
    assert payback(day_of_both) is None


def test_what_must_be_paid_at_the_end_moves_the_payback() -> None:
    assert payback(periodic([-100, 150, -70, 30])) == 3
    assert payback(periodic([-100, 150, -70])) is None
    assert payback(periodic([100, 5])) is None


def test_cash_of_one_month_counts_as_one_amount() -> None:
    assert payback(monthly([("2027-01", -100), ("2027-03", -20), ("2027-03", 130)])) == Fraction(1, 6)


def test_profitability_is_worth_per_unit_paid() -> None:
    """1 + NPV / investment: project C of the payback example, (1,800/1.1 + 500/1.21) / 2,000."""
    index = profitability_index(periodic([-2_000_00, 1_800_00, 500_00]), TENTH)
    assert index is not None and index.quantize(Decimal("0.0001")) == Decimal("1.0248")
    assert profitability_index(periodic([0, 5]), TENTH) is None
    assert profitability_index(periodic([-1, 1]), Decimal(0)) == 1


@pytest.mark.parametrize("amounts", [[5, 7], [-5, -7], [], [0]])
def test_without_both_a_payment_and_a_receipt_there_is_no_modified_rate(amounts: list[int]) -> None:
    assert modified_rate(periodic(amounts), TENTH, TENTH) is None


def test_without_time_between_them_there_is_no_modified_rate() -> None:
    assert modified_rate([Flow(Fraction(0), -5), Flow(Fraction(0), 7)], TENTH, TENTH) is None


def test_a_cent_that_comes_back_is_a_receipt_like_any_other() -> None:
    assert modified_rate(periodic([-1, 1]), TENTH, TENTH) == 0
    assert internal_rates(periodic([-1, 1])).found == internal_rates(periodic([1, -1])).found == (0,)
    assert sign_changes(periodic([-1, 1])) == sign_changes(periodic([1, -1])) == 1


def test_a_year_has_a_period_at_least() -> None:
    with pytest.raises(ValueError, match="at least one period"):
        periodic([-1, 1], a_year=0)
    assert [one.years for one in periodic([-1, 1], a_year=4)] == [0, Fraction(1, 4)]


def test_a_third_of_a_cent_has_forty_digits() -> None:
    third = present_value(periodic([0, 1]), Decimal(2))
    assert len(third.as_tuple().digits) == 40
    assert abs(third * 3 - 1) < Decimal("1E-38")


def test_a_rate_of_minus_one_hundred_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="above -100"):
        present_value(periodic([-1, 1]), Decimal(-1))


def test_no_rate_is_looked_for_beyond_26_figures_a_year_and_its_reciprocal() -> None:
    """Nobody is paid e^60 for one, a year: a rate above is a slip of the pen, and one below is ruin."""
    for beyond in ([-1, 2 * 10**26], [2 * 10**26, -1]):
        assert internal_rates(periodic(beyond)).found == ()
    assert internal_rates(periodic([-1, 200], a_year=12)).found == ()  # e^5.3 a month is e^63.6 a year
    for flows, growth in ((periodic([-1, 10**26]), 10**26), (periodic([-1, 140], a_year=12), 140**12)):
        only = internal_rates(flows).only
        assert only is not None and abs((1 + only) / growth - 1) < Decimal("1E-15")


@pytest.mark.parametrize("flows", [periodic([-2_000_000, 100_000], a_year=12), periodic([-(10**25), 1])])
def test_a_rate_a_hair_above_minus_one_hundred_percent_stays_above_it(flows: list[Flow]) -> None:
    """A twentieth back after a month is 20^-12 of it a year: -100 % to twelve places, where nothing has a value."""
    only = internal_rates(flows).only
    assert only is not None and -1 < only < Decimal("-0.999999999999")
    assert abs(present_value(flows, only)) < Decimal("1E-6") * abs(flows[0].amount)


def test_twelve_places_are_kept_as_long_as_they_are_above_minus_one_hundred_percent() -> None:
    """4E-13 is rounded away, 6E-13 is not."""
    (ruin,) = internal_rates(periodic([-(10**13), 4])).found
    assert round(ruin + 1, 20) == Decimal("4E-13")
    assert internal_rates(periodic([-(10**13), 6])).found == (Decimal("-0.999999999999"),)


def test_the_zero_is_found_whatever_the_gaps_between_the_cash() -> None:
    """Paid now, received after 1, 3 and 7 years: 100 grow at a tenth to 110, 133.10 and 194.87171."""
    flows = [
        Flow(Fraction(0), -300_0000000),
        Flow(Fraction(1), 110_0000000),
        Flow(Fraction(3), 133_1000000),
        Flow(Fraction(7), 194_8717100),
    ]
    assert internal_rates(flows).found == (TENTH,)
    later = [Flow(one.years + 5, one.amount) for one in flows]
    assert internal_rates(later).found == (TENTH,)


def test_rates_above_and_below_the_first_guess_are_told_apart() -> None:
    """(x - 1.05)(x - 1.1)(x - 20)(x - 0.5), x = 1 + rate: two close ones, one far above, one far below."""
    amounts = [-4_0000, 90_6000, -220_9200, 180_7100, -46_2000]
    found = internal_rates(periodic(amounts)).found
    assert found == tuple(map(Decimal, ("-0.5", "0.05", "0.1", "19")))


def test_a_loss_with_a_small_fee_at_the_end_still_has_its_rate() -> None:
    """A million paid, 900,000 back after a month, 50 for closing the account after another.

    The fee makes a second rate, far below any that is looked for; that one must not hide the first.
    """
    loss = periodic([-1_000_000_00, 900_000_00, -50_00], a_year=12)
    rates = internal_rates(loss)
    assert (rates.only, rates.sign_changes) == (Decimal("-0.717779612477"), 2)
    assert abs(present_value(loss, Decimal("-0.717779612477"))) < 1


def test_months_are_twelfths_of_a_year_whatever_the_order() -> None:
    assert monthly([("2028-01", 110), ("2027-01", -100)]) == [Flow(Fraction(0), -100), Flow(Fraction(1), 110)]
    assert internal_rates(monthly([("2027-11", -100), ("2028-11", 110)])).only == TENTH
    assert monthly([("2026-12", -1), ("2027-01", 1)])[1].years == Fraction(1, 12)


def test_forty_years_of_months_have_their_one_rate() -> None:
    flows = periodic([-1_000_000_00, *[6_000_00] * 480], a_year=12)
    only = internal_rates(flows).only
    assert only is not None and abs(present_value(flows, only)) < 1
