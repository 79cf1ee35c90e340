"""How much planned time the earned value is worth: by hours of work, by periods, and whether it was done in order."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.earned_schedule import EarnedSchedule, earned_periods, earned_schedule, p_factor
from finance.engine.phasing import Phased
from tests.finance.engine.ghent import wall
from tests.finance.engine.test_phasing import FRIDAY, MONDAY, OFFICE, week


def schedule_of(earned: int, at: str) -> tuple[Fraction, int]:
    """Earned hours and the instant they lead to, for the week of 10 euro an hour."""
    plan = Phased([week()], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(earned)], wall(at))
    return found.time.earned / 60, found.earned_at


def test_behind_plan_the_earned_hour_is_the_last_that_was_paid_for() -> None:
    assert schedule_of(9_999, "2026-03-04T17:00") == (9, wall("2026-03-03T09:00"))
    assert schedule_of(8_000, "2026-03-04T17:00") == (8, wall("2026-03-02T17:00"))
    assert schedule_of(0, "2026-03-04T17:00") == (0, MONDAY)


def test_ahead_of_plan_it_is_the_first_hour_worth_as_much() -> None:
    assert schedule_of(9_001, "2026-03-02T09:00") == (10, wall("2026-03-03T10:00"))
    assert schedule_of(10_000, "2026-03-02T09:00") == (10, wall("2026-03-03T10:00"))
    assert schedule_of(40_000, "2026-03-02T09:00") == (40, FRIDAY)


def test_on_plan_it_is_the_status_date_and_a_late_project_that_is_done_earned_its_whole_plan() -> None:
    assert schedule_of(16_000, "2026-03-03T17:00") == (16, wall("2026-03-03T17:00"))
    assert schedule_of(40_000, "2026-03-20T17:00") == (40, FRIDAY)


def test_before_the_start_no_time_based_index_is_defined() -> None:
    plan = Phased([week()], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(0)], wall("2026-02-27T17:00"))
    assert (found.time.spi_t, found.time.ieac_t, found.forecast_finish, found.p_factor) == (None,) * 4
    assert found.time.tspi == 1


def test_half_the_pace_doubles_the_duration_and_names_the_day() -> None:
    plan = Phased([week()], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(8_000)], wall("2026-03-03T17:00"))
    assert found.time.spi_t == Fraction(1, 2)
    assert found.time.sv_t == -8 * 60
    assert found.time.ieac_t == 80 * 60
    assert found.time.tspi == Fraction(4, 3)
    assert found.forecast_finish == wall("2026-03-13T17:00")


def test_a_forecast_of_more_than_ten_planned_durations_is_no_date() -> None:
    plan = Phased([week()], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(1_000)], wall("2026-03-30T17:00"))
    assert found.time.ieac_t is not None
    assert found.forecast_finish is None
    # An hour earned in ten and a half: 420 hours for a plan of 40.
    slow = earned_schedule(plan, OFFICE, [Fraction(1_000)], wall("2026-03-03T10:30"))
    assert (slow.time.ieac_t, slow.forecast_finish) == (420 * 60, None)


def test_a_forecast_of_just_ten_planned_durations_still_names_its_day() -> None:
    """Four hours earned in the week of forty: ten weeks, to the Friday."""
    found = earned_schedule(Phased([week()], [OFFICE]), OFFICE, [Fraction(4_000)], FRIDAY)
    assert found.forecast_finish == wall("2026-05-08T17:00")


def test_a_forecast_of_part_of_a_minute_ends_with_the_minute() -> None:
    """Seven hours earned in eight: 40 / (7/8) hours are 2,742 minutes and six sevenths."""
    found = earned_schedule(Phased([week()], [OFFICE]), OFFICE, [Fraction(7_000)], wall("2026-03-02T17:00"))
    assert found.time.ieac_t == Fraction(2_400 * 8, 7)
    assert found.forecast_finish == wall("2026-03-09T14:43")


def test_before_the_start_nothing_is_earned_however_cheap_a_minute_is() -> None:
    """A week of one euro: a minute of it is less than half a cent."""
    plan = Phased([week(spread_cost=100)], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(0)], wall("2026-02-27T17:00"), step=1)
    assert (found.time.earned, found.earned_at) == (0, MONDAY)


def test_while_nothing_is_earned_no_end_is_in_sight() -> None:
    found = earned_schedule(Phased([week()], [OFFICE]), OFFICE, [Fraction(0)], wall("2026-03-03T17:00"))
    assert (found.time.spi_t, found.time.ieac_t, found.forecast_finish) == (0, None, None)


@given(st.integers(0, 40_000), st.integers(0, 14 * 1440), st.sampled_from([1, 15, 60, 480, 7 * 60]))
def test_bisection_finds_the_hour_that_walking_hour_by_hour_finds(earned: int, after: int, step: int) -> None:
    plan = Phased([week(start_cost=100), week(key="B", start=MONDAY + 1440)], [OFFICE])
    found = earned_schedule(plan, OFFICE, [Fraction(earned), Fraction(0)], MONDAY + after, step=step)
    origin, planned = OFFICE.work_at(MONDAY), OFFICE.between(MONDAY, FRIDAY)

    def worth(steps: int) -> int:
        t = OFFICE.finish_time(origin + min(steps * step, planned)) if steps else MONDAY
        return round(plan.at(t))

    last = -(-planned // step)
    steps = min(OFFICE.between(MONDAY, MONDAY + after) // step, last)
    if earned < worth(steps):
        while steps > 0 and worth(steps) > earned:
            steps -= 1
    else:
        while steps < last and worth(steps) < earned:
            steps += 1
    assert found.time.earned == min(steps * step, planned)


def test_the_textbook_interpolation_counts_whole_periods_and_the_part_of_the_next() -> None:
    curve = [0, 10, 30, 60, 100]
    found = earned_periods(curve, 45, 3)
    assert found.earned == Fraction(5, 2)
    assert (found.sv_t, found.spi_t) == (Fraction(-1, 2), Fraction(5, 6))
    assert found.ieac_t == Fraction(24, 5)
    assert found.tspi == Fraction(3, 2)
    assert earned_periods(curve, 100, 6).earned == 4
    assert earned_periods(curve, 100, 6).spi_t == Fraction(2, 3)
    assert earned_periods(curve, 0, 0).spi_t is None
    assert earned_periods([5, 10], 3, 1).earned == 0
    assert earned_periods(curve, 10, 4).tspi is None
    assert earned_periods(curve, 80, 3).earned == Fraction(7, 2)
    assert earned_periods(curve, 10, 1).spi_t == 1


def test_the_toy_project_has_earned_two_periods_and_three_quarters() -> None:
    """PRA's curve and progress: 35 % lie three quarters of the way from 20 % to 40 %, after three periods."""
    found = earned_periods([0, 10_000, 20_000, 40_000, 70_000, 100_000], 35_000, 3)
    assert (found.earned, found.sv_t, found.spi_t) == (Fraction(11, 4), Fraction(-1, 4), Fraction(11, 12))
    assert (found.ieac_t, found.tspi) == (Fraction(60, 11), Fraction(9, 8))


def test_a_month_in_which_nothing_was_planned_is_earned_with_the_month_before_it() -> None:
    curve = [0, 10, 10, 20]
    assert earned_periods(curve, 10, 1).earned == 2
    assert earned_periods(curve, 15, 1).earned == Fraction(5, 2)


def test_a_curve_that_falls_or_has_no_period_is_refused() -> None:
    with pytest.raises(ValueError, match="fall"):
        earned_periods([0, 5, 4], 1, 1)
    with pytest.raises(ValueError, match="at least one period"):
        earned_periods([0], 1, 1)


def test_work_done_out_of_order_lowers_adherence() -> None:
    planned = [Fraction(60), Fraction(40)]
    assert p_factor(planned, [Fraction(60), Fraction(40)]) == 1
    assert p_factor(planned, [Fraction(0), Fraction(100)]) == Fraction(2, 5)
    assert p_factor([Fraction(0)], [Fraction(5)]) is None
    with pytest.raises(ValueError, match="shorter"):
        p_factor(planned, [Fraction(60)])


def test_adherence_opens_into_the_two_sums_it_is_made_of() -> None:
    """Monday's half of the money is earned on the second activity, which the plan has for Wednesday and later."""
    first = week(finish=wall("2026-03-03T17:00"), spread_cost=16_000)
    later = week(key="B", start=wall("2026-03-04T08:00"), spread_cost=24_000)
    found = earned_schedule(
        Phased([first, later], [OFFICE]),
        OFFICE,
        [Fraction(4_000), Fraction(4_000)],
        wall("2026-03-02T17:00"),
    )
    assert (found.time.earned, found.planned_then) == (8 * 60, (8_000, 0))
    assert (found.in_order, found.planned_by_then, found.p_factor) == (4_000, 8_000, Fraction(1, 2))


def test_a_schedule_that_nobody_asked_for_its_sums_has_none() -> None:
    bare = EarnedSchedule(0, 0, 0, 0, earned_periods([0, 1], 1, 1), None, None)
    assert (bare.in_order, bare.planned_by_then, bare.planned_then) == (0, 0, ())
