"""What is earned by each technique, and figures that add up from activity to program to the cent."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from tests.finance.engine.test_phasing import AROUND_THE_CLOCK, FRIDAY, MONDAY, OFFICE, week

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


def test_a_percent_is_a_start_even_where_nobody_wrote_one_down() -> None:
    assert ev(reported(1, started=False, technique=Technique.FIFTY_FIFTY)) == 20_250
    assert ev(reported(1, started=False, technique=Technique.PERCENT)) == 500 + 400


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


def test_the_toy_project_is_behind_and_over_by_what_was_published() -> None:
    """PRA's toy project: 40,000 planned, 35,000 earned, 36,000 spent of 100,000."""
    toy = Figures(*map(Fraction, (100_000, 40_000, 35_000, 36_000)))
    assert (toy.sv, toy.cv, toy.remaining) == (-5_000, -1_000, 65_000)
    shown = Minor(100_000, 40_000, 35_000, 36_000)
    assert (shown.sv, shown.cv) == (-5_000, -1_000)


def test_the_fence_is_the_sum_of_its_sides_as_published() -> None:
    """Mulcahy's four-sided fence: 4,000 in all, 3,000 planned, 2,500 earned, 2,800 spent."""
    sides = [
        (1_000, 1_000, 1_000, 1_000),
        (1_000, 1_000, 1_000, 1_200),
        (1_000, 1_000, 500, 600),
        (1_000, 0, 0, 0),
    ]
    fence = program_total(
        "fence",
        [Value(place, Figures(*map(Fraction, side)), Minor(*side)) for place, side in enumerate(sides)],
    )
    assert fence.minor == Minor(4_000, 3_000, 2_500, 2_800)
    assert fence.exact == Figures(*map(Fraction, (4_000, 3_000, 2_500, 2_800)))
    assert (fence.minor.cv, fence.minor.sv) == (fence.exact.cv, fence.exact.sv) == (-300, -500)


def test_an_activity_nobody_reported_on_has_cost_nothing_and_earned_nothing() -> None:
    silent = earned_value("P", [week()], [OFFICE], FRIDAY)
    assert (silent.total.minor.ev, silent.total.minor.ac, silent.total.minor.pv) == (0, 0, 40_000)


def test_time_is_counted_by_the_hour_on_the_calendar_of_the_project() -> None:
    """9 hours and 59 minutes of money are nine hours of schedule; a clock that never stops would count nights too."""
    activity = week(reports=(Report(WEDNESDAY, Fraction(9_999, 400), True),))
    found = earned_value("P", [activity], [OFFICE, AROUND_THE_CLOCK], FRIDAY)
    assert (found.schedule.time.earned, found.schedule.time.planned) == (9 * 60, 40 * 60)
    nights = earned_value("P", [activity], [OFFICE, AROUND_THE_CLOCK], FRIDAY, project_calendar=1)
    assert nights.schedule.time.planned == FRIDAY - MONDAY
    by_the_minute = earned_value("P", [activity], [OFFICE], FRIDAY, step=1)
    assert by_the_minute.schedule.time.earned == 599


def test_a_cent_goes_to_the_largest_remainder_and_of_equal_ones_to_the_first() -> None:
    assert to_the_cent([Fraction(10, 3), Fraction(23, 3)], 11) == [3, 8]
    assert to_the_cent([Fraction(1, 2), Fraction(1, 2)], 1) == [1, 0]
    assert to_the_cent([Fraction(-1, 3), Fraction(-2, 3)], -1) == [0, -1]


@given(st.lists(st.fractions(-(10**9), 10**9, max_denominator=10**6), max_size=40))
def test_rounded_amounts_add_up_and_each_stays_within_a_cent(parts: list[Fraction]) -> None:
    total = round(sum(parts, Fraction(0)))
    shown = to_the_cent(parts, total)
    assert sum(shown) == total
    assert all(abs(cents - part) < 1 for cents, part in zip(shown, parts, strict=True))
