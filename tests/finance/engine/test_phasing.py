"""A baseline's cost spread over its working time, by every technique and by calendar periods."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.phasing import (
    Costed,
    PeriodKind,
    Phased,
    Report,
    Step,
    Technique,
    increments,
    period_bounds,
    period_position,
)
from programs.engine.worktime import WorkCalendar
from tests.finance.engine.ghent import wall

OFFICE = WorkCalendar.weekly(
    [[(480, 720), (780, 1020)]] * 5 + [[], []], {}, first=date(2025, 1, 1), last=date(2026, 12, 31)
)
AROUND_THE_CLOCK = WorkCalendar.weekly([[(0, 1440)]] * 7, {}, first=date(2025, 1, 1), last=date(2026, 12, 31))
MONDAY, FRIDAY = wall("2026-03-02T08:00"), wall("2026-03-06T17:00")


def week(**given: object) -> Costed:
    """A working week of 40 hours that costs 400 euro, unless told otherwise."""
    return Costed(**{"key": "A", "start": MONDAY, "finish": FRIDAY, "spread_cost": 40_000, **given})  # type: ignore[arg-type]


def planned(activity: Costed, at: str, calendar: WorkCalendar = OFFICE) -> Fraction:
    """What is planned of one activity at a date and time."""
    return Phased([activity], [calendar]).at(wall(at))


def test_cost_is_planned_by_the_hour_worked_and_not_at_night_or_at_lunch() -> None:
    assert planned(week(), "2026-03-02T08:00") == 0
    assert planned(week(), "2026-03-02T09:00") == 1_000
    assert planned(week(), "2026-03-02T12:00") == planned(week(), "2026-03-02T13:00") == 4_000
    assert planned(week(), "2026-03-02T17:00") == planned(week(), "2026-03-03T08:00") == 8_000
    assert planned(week(), "2026-03-06T16:59") == 40_000 - Fraction(40_000, 40 * 60)
    assert planned(week(), "2026-03-06T17:00") == planned(week(), "2027-01-01T00:00") == 40_000


def test_an_activity_is_phased_on_its_own_calendar() -> None:
    night = planned(week(finish=MONDAY + 1440), "2026-03-02T20:00", AROUND_THE_CLOCK)
    assert night == 20_000


def test_fixed_and_per_use_cost_is_planned_in_full_at_the_start() -> None:
    activity = week(start_cost=500)
    assert planned(activity, "2026-03-02T07:59") == 0
    assert planned(activity, "2026-03-02T08:00") == 500
    assert planned(activity, "2026-03-02T09:00") == 1_500
    assert activity.budget == 40_500


def test_an_hourly_rate_of_part_of_a_cent_stays_exact() -> None:
    activity = week(spread_cost=Decimal("60073.44"))
    assert planned(activity, "2026-03-02T09:00") == Fraction("60073.44") / 40
    assert Phased([activity], [OFFICE]).budget == Fraction("60073.44")


def test_a_cost_without_working_time_is_due_at_the_finish() -> None:
    milestone = week(start=FRIDAY, start_cost=300, spread_cost=700)
    assert planned(milestone, "2026-03-06T16:59") == 0
    assert planned(milestone, "2026-03-06T17:00") == 1_000
    weekend = week(start=wall("2026-03-07T08:00"), finish=wall("2026-03-08T17:00"))
    assert planned(weekend, "2026-03-08T16:59") == 0
    assert planned(weekend, "2026-03-08T17:00") == 40_000


@pytest.mark.parametrize(
    ("technique", "at_start", "midweek", "at_finish"),
    [
        (Technique.ZERO_HUNDRED, 0, 0, 40_500),
        (Technique.FIFTY_FIFTY, 20_250, 20_250, 40_500),
        (Technique.LEVEL_OF_EFFORT, 500, 20_500, 40_500),
        (Technique.PERCENT, 500, 20_500, 40_500),
    ],
)
def test_a_technique_plans_value_when_it_would_earn_it(
    technique: Technique, at_start: int, midweek: int, at_finish: int
) -> None:
    activity = week(technique=technique, start_cost=500)
    assert planned(activity, "2026-03-02T08:00") == at_start
    assert planned(activity, "2026-03-04T12:00") == midweek
    assert planned(activity, "2026-03-06T17:00") == at_finish


def test_weighted_milestones_are_planned_on_their_own_dates() -> None:
    steps = (Step(wall("2026-03-03T17:00"), 1), Step(wall("2026-03-06T17:00"), 3))
    activity = week(technique=Technique.MILESTONES, steps=steps)
    assert planned(activity, "2026-03-03T16:59") == 0
    assert planned(activity, "2026-03-03T17:00") == 10_000
    assert planned(activity, "2026-03-06T17:00") == 40_000


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"finish": MONDAY - 1}, "finish lies before the start"),
        ({"spread_cost": -1}, "negative"),
        ({"start_cost": -1}, "negative"),
        ({"technique": Technique.MILESTONES}, "need steps"),
        ({"steps": (Step(MONDAY, 1),)}, "only they have any"),
        ({"technique": Technique.MILESTONES, "steps": (Step(MONDAY, 0),)}, "weight"),
        ({"reports": (Report(2), Report(2))}, "in order"),
        ({"reports": (Report(3), Report(2))}, "in order"),
        ({"reports": (Report(2, percent=101),)}, "between 0 and 100"),
        ({"reports": (Report(2, percent=Decimal("-0.1")),)}, "between 0 and 100"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(given: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        week(**given)


def test_a_set_of_activities_needs_some_and_no_two_of_one_key() -> None:
    with pytest.raises(ValueError, match="no activities"):
        Phased([], [OFFICE])
    with pytest.raises(ValueError, match="same key"):
        Phased([week(), week()], [OFFICE])


def test_weeks_run_from_monday_and_months_from_the_first_and_cover_the_plan() -> None:
    start, finish = wall("2026-01-28T08:00"), wall("2026-03-02T17:00")
    weeks = period_bounds(start, finish, PeriodKind.WEEK)
    assert weeks[:3] == [start, wall("2026-02-02T00:00"), wall("2026-02-09T00:00")]
    assert weeks[-1] == wall("2026-03-09T00:00")
    months = period_bounds(start, finish, PeriodKind.MONTH)
    assert months == [start, *(wall(f"2026-0{month}-01T00:00") for month in (2, 3, 4))]
    assert len(period_bounds(start, start, PeriodKind.MONTH)) == 2
    assert period_bounds(wall("2025-12-31T08:00"), wall("2026-01-01T08:00"), PeriodKind.MONTH)[1:] == [
        wall("2026-01-01T00:00"),
        wall("2026-02-01T00:00"),
    ]


def test_a_date_inside_a_period_counts_by_its_share_and_beyond_the_last_goes_on() -> None:
    bounds = [0, 100, 300]
    places = {-5: 0, 0: 0, 50: Fraction(1, 2), 100: 1, 150: Fraction(5, 4), 300: 2, 400: Fraction(5, 2)}
    assert {t: period_position(bounds, t) for t in places} == places


def test_a_curve_by_periods_ends_at_the_whole_budget_and_its_parts_add_up_to_it() -> None:
    plan = Phased([week(), week(key="B", start_cost=123, calendar=1)], [OFFICE, AROUND_THE_CLOCK])
    curve = plan.curve(period_bounds(plan.start, plan.finish, PeriodKind.WEEK))
    assert curve[-1] == plan.budget == 80_123
    assert curve[0] + sum(increments(curve)) == plan.budget


activities = st.lists(
    st.builds(
        lambda start, length, at_start, spread, technique, calendar: (
            MONDAY + start,
            MONDAY + start + length,
            at_start,
            spread,
            technique,
            calendar,
        ),
        st.integers(0, 20_000),
        st.integers(0, 30_000),
        st.integers(0, 10**7),
        st.fractions(0, 10**7, max_denominator=10_000),
        st.sampled_from([technique for technique in Technique if technique is not Technique.MILESTONES]),
        st.integers(0, 1),
    ),
    min_size=1,
    max_size=8,
)


@given(activities, st.lists(st.integers(-2_000, 60_000), min_size=2, max_size=6))
def test_planned_value_never_falls_ends_at_the_budget_and_is_the_sum_of_its_activities(
    rows: list[tuple[int, int, int, Fraction, Technique, int]], instants: list[int]
) -> None:
    plan = Phased(
        [
            Costed(key, start, finish, calendar, at_start, spread, technique)
            for key, (start, finish, at_start, spread, technique, calendar) in enumerate(rows)
        ],
        [OFFICE, AROUND_THE_CLOCK],
    )
    values = plan.curve([MONDAY + t for t in sorted(instants)])
    assert values == sorted(values)
    assert all(plan.at(MONDAY + t) == sum(plan.each_at(MONDAY + t)) for t in instants)
    assert plan.at(plan.start - 1) == 0
    assert plan.at(plan.finish) == plan.budget == sum(activity.budget for activity in plan.activities)


# ------------------------------------------------------------------ ends and edges
def test_what_nobody_reported_is_nothing() -> None:
    report = Report(5)
    assert (report.percent, report.started, report.actual_cost, report.steps_reached) == (0, False, 0, ())
    assert Costed("A", 0, 1).budget == 0


@pytest.mark.parametrize("percent", [0, 1, 100])
def test_the_latest_report_up_to_an_instant_counts(percent: int) -> None:
    activity = week(reports=(Report(10, percent), Report(20, 50), Report(30, 60)))
    found = [activity.report_at(at) for at in (9, 10, 19, 20, 29, 30, 99)]
    assert [one and (one.at, one.percent) for one in found] == [
        None, (10, percent), (10, percent), (20, 50), (20, 50), (30, 60), (30, 60),
    ]  # fmt: skip


def test_a_plan_that_ends_with_a_month_needs_no_month_more() -> None:
    bounds = period_bounds(wall("2026-01-20T08:00"), wall("2026-03-01T00:00"), PeriodKind.MONTH)
    assert bounds == [wall("2026-01-20T08:00"), wall("2026-02-01T00:00"), wall("2026-03-01T00:00")]


def test_months_of_different_length_count_by_their_own() -> None:
    bounds = [wall(f"2026-{month:02}-01T00:00") for month in (1, 2, 3, 4)]
    position = [period_position(bounds, wall(text)) for text in ("2026-02-15T00:00", "2026-03-11T00:00")]
    assert position == [1 + Fraction(14, 28), 2 + Fraction(10, 31)]
    assert period_position(bounds, wall("2026-04-01T00:00")) == 3
    assert period_position(bounds, wall("2026-05-02T00:00")) == 4


def test_a_single_working_minute_is_worked_when_it_is() -> None:
    activity = week(start=wall("2026-03-02T16:59"), finish=wall("2026-03-03T08:00"), spread_cost=7)
    assert planned(activity, "2026-03-02T16:59") == 0
    assert planned(activity, "2026-03-02T17:00") == 7
