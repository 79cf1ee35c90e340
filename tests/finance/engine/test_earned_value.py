"""What is earned by each technique, and figures that add up from activity to program to the cent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.columns import working_time_text
from finance.engine.earned_schedule import earned_periods, earned_schedule, p_factor
from finance.engine.earned_value import (
    Figures,
    Minor,
    Value,
    earned_value,
    program_total,
    progress_curve,
    summaries,
    to_the_cent,
)
from finance.engine.phasing import Costed, Phased, Report, Step, Technique
from tests.finance.engine.ghent import wall
from tests.finance.engine.test_phasing import FRIDAY, MONDAY, OFFICE, week

WEDNESDAY = wall("2026-03-04T12:00")


def ev(activity: Costed, at: int = FRIDAY) -> Fraction:
    """The earned value of one activity alone."""
    return earned_value("P", [activity], [OFFICE], at).total.exact.ev


def reported(percent: int, *, started: bool = True, **given: object) -> Costed:
    """The week of 400 euro and 5 euro at its start, reported on Wednesday."""
    report = Report(WEDNESDAY, percent, started=started, actual_cost=7_000)
    return week(start_cost=500, reports=(report,), **given)


@pytest.mark.parametrize(
    ("technique", "unstarted", "begun", "half", "complete"),
    [
        (Technique.PERCENT, 0, 500, 20_500, 40_500),
        (Technique.ZERO_HUNDRED, 0, 0, 0, 40_500),
        (Technique.FIFTY_FIFTY, 0, 20_250, 20_250, 40_500),
    ],
)
def test_each_technique_earns_as_it_says(
    technique: Technique, unstarted: int, begun: int, half: int, complete: int
) -> None:
    earned = [
        ev(reported(0, started=False, technique=technique)),
        ev(reported(0, technique=technique)),
        ev(reported(50, technique=technique)),
        ev(reported(100, technique=technique)),
    ]
    assert earned == [unstarted, begun, half, complete]


def test_weighted_milestones_earn_the_weights_of_those_reached() -> None:
    steps = (Step(WEDNESDAY, 1), Step(FRIDAY, 3))
    for reached, earned in (((), 0), ((1,), 30_000), ((0, 1), 40_000), ((1, 1), 30_000)):
        report = Report(WEDNESDAY, 10, started=True, steps_reached=reached)
        assert ev(week(technique=Technique.MILESTONES, steps=steps, reports=(report,))) == earned


def test_level_of_effort_earns_what_was_planned_as_time_passes_without_any_report() -> None:
    assert ev(week(technique=Technique.LEVEL_OF_EFFORT), WEDNESDAY) == 20_000


def test_only_reports_up_to_the_date_count_and_the_latest_of_them() -> None:
    reports = (Report(100, 10, True, 1), Report(200, 20, True, 2), Report(300, 30, True, 3))
    activity = week(start=0, finish=400, reports=reports)
    plan = Phased([activity], [OFFICE])
    figures = progress_curve(plan, [99, 100, 250, 999])
    assert [(point.ev, point.ac) for point in figures] == [(0, 0), (4_000, 1), (8_000, 2), (12_000, 3)]


def test_the_cents_shown_of_activities_add_up_to_their_project_and_those_to_the_program() -> None:
    third = Fraction(100, 3)
    projects = [
        earned_value(
            name,
            [
                week(key=key, spread_cost=third, reports=(Report(WEDNESDAY, 100, True, third),))
                for key in ("A", "B", "C")
            ],
            [OFFICE],
            FRIDAY,
        )
        for name in ("one", "two")
    ]
    assert [value.minor.ev for value in projects[0].activities] == [34, 33, 33]
    assert projects[0].total.minor == Minor(100, 100, 100, 100)
    program = program_total("all", (valuation.total for valuation in projects))
    assert program == Value("all", Figures(*[Fraction(200)] * 4), Minor(200, 200, 200, 200))


def test_cost_booked_on_the_project_alone_is_in_its_total_and_still_adds_up() -> None:
    activity = week(reports=(Report(WEDNESDAY, 50, True, Fraction(1, 2)),))
    found = earned_value("P", [activity], [OFFICE], FRIDAY, unassigned_cost=Fraction(5, 2))
    assert found.total.exact.ac == found.total.minor.ac == 3
    assert found.activities[0].minor.ac + found.unassigned.minor.ac == 3
    assert found.unassigned.minor.ev == 0


def test_work_packages_sum_the_activities_below_them_at_every_level() -> None:
    values = [Value(key, Figures(*[Fraction(1)] * 4), Minor(1, 1, 1, 1)) for key in ("a", "b", "c", "loose")]
    parents = {"a": "1.1", "b": "1.1", "c": "1.2", "1.1": "1", "1.2": "1"}
    found = summaries(values, parents)
    assert {key: value.minor.ev for key, value in found.items()} == {"1.1": 2, "1.2": 1, "1": 3}
    assert found["1"].exact == Figures(*[Fraction(3)] * 4)
    with pytest.raises(ValueError, match="contains itself"):
        summaries(values, {"a": "1", "1": "2", "2": "1"})


@given(st.lists(st.fractions(-(10**9), 10**9, max_denominator=10**6), max_size=40))
def test_rounded_amounts_add_up_and_each_stays_within_a_cent(parts: list[Fraction]) -> None:
    total = round(sum(parts, Fraction(0)))
    shown = to_the_cent(parts, total)
    assert sum(shown) == total
    assert all(abs(cents - part) < 1 for cents, part in zip(shown, parts, strict=True))


# ------------------------------------------------------------------ earned schedule
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


def test_working_time_is_written_in_days_and_hours_of_work() -> None:
    written = {-3660: "-7d 5h", 17280: "36d", 150: "2h 30m", 0: "0", -60: "-1h"}
    assert {minutes: working_time_text(minutes, 480) for minutes in written} == written
