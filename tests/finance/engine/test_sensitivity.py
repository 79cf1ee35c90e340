"""Three points added up, and what moves the sum most; labour by month at dated rates."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.engine.labour import Allocation, Rates, by_month
from finance.engine.sensitivity import Line, tornado, total
from programs.engine.worktime import WorkCalendar

DAY = 1440
OFFICE = WorkCalendar.weekly(
    [[(540, 1020)]] * 5 + [[], []], {}, first=date(2025, 1, 1), last=date(2028, 12, 31)
)


def wall(year: int, month: int, day: int, minute: int = 540) -> int:
    """Nine in the morning of a day, as a wall minute."""
    return (date(year, month, day) - date(1970, 1, 1)).days * DAY + minute


def test_the_sum_of_two_lines_by_hand() -> None:
    found = total([Line("a", "A", 60, 90, 180), Line("b", "B", 100, 100, 100)])
    assert (found.low, found.likely, found.high) == (160, 190, 280)
    assert found.mean == 200  # (60 + 360 + 180) / 6 + 100
    assert found.deviation == 20  # (180 - 60) / 6, the other line is sure
    assert found.p80 == 217  # 200 + 0.8416 * 20


def test_nothing_adds_up_to_nothing_and_points_are_in_order() -> None:
    assert total([]).p80 == 0
    with pytest.raises(ValueError, match="low <= likely <= high"):
        Line("a", "A", 2, 1, 3)


def test_the_widest_line_comes_first_and_a_sure_one_not_at_all() -> None:
    lines = [Line(1, "sure", 5, 5, 5), Line(2, "narrow", 8, 10, 13), Line(3, "wide", 50, 100, 190)]
    swings = tornado(lines)
    assert [(one.label, one.low, one.high) for one in swings] == [("wide", 65, 205), ("narrow", 113, 118)]


def test_eight_in_ten_stay_below_the_mean_and_0_8416_deviations() -> None:
    assert total([Line("a", "A", 0, 30_000, 60_000)]).p80 == 30_000 + 8_416


def test_the_width_of_a_swing_is_from_its_low_to_its_high() -> None:
    swings = tornado([Line("b", "B", 100, 100, 150), Line("a", "A", 0, 100, 100)])
    assert [(one.key, one.width) for one in swings] == [("a", 100), ("b", 50)]


three = st.lists(st.integers(0, 10**12), min_size=3, max_size=3).map(sorted)


@given(st.lists(three, max_size=20))
def test_every_swing_holds_the_likely_sum_and_stays_within_the_whole_range(points: list[list[int]]) -> None:
    lines = [Line(n, str(n), *one) for n, one in enumerate(points)]
    found = total(lines)
    assert found.low <= found.mean <= found.high
    for swing in tornado(lines):
        assert found.low <= swing.low <= found.likely <= swing.high <= found.high


def test_an_hour_costs_what_its_day_says() -> None:
    # Monday 26 October to Friday 6 November 2026: five working days in October, five in November; dearer from the 2nd.
    work = Allocation(7, wall(2026, 10, 26), wall(2026, 11, 6, 1020), Fraction(1, 2), OFFICE)
    rates = {7: Rates(Fraction(100), Fraction(30), (date(2026, 11, 4),), (Fraction(200),))}
    found = by_month([work], rates)
    october, november = found[7, "2026-10"], found[7, "2026-11"]
    assert (october.hours, november.hours) == (20, 20)
    assert october.cost == 20 * 100 + 15  # half a unit, once per use
    assert (
        november.cost == 8 * 100 + 12 * 200
    )  # Monday and Tuesday at the old rate, three days at the new one


ALWAYS = WorkCalendar.weekly([[(0, DAY)]] * 7, {}, first=date(2025, 1, 1), last=date(2028, 12, 31))


def test_the_rate_of_a_day_is_that_of_the_last_step_before_it() -> None:
    steps = (date(2026, 11, 4), date(2026, 11, 6), date(2026, 11, 8))
    rates = Rates(Fraction(1), days=steps, rates=(Fraction(2), Fraction(3), Fraction(4)))
    assert [rates.at(date(2026, 11, day)) for day in (3, 4, 5, 6, 7, 8, 30)] == [1, 2, 2, 3, 3, 4, 4]
    assert Rates(Fraction(1)).per_use == 0


@pytest.mark.parametrize(
    ("start", "finish", "minutes"),
    [
        (wall(2026, 10, 31, 1380), wall(2026, 11, 1, 1), {"2026-10": 60, "2026-11": 1}),
        (wall(2026, 10, 31, 1380), wall(2026, 11, 1, 0), {"2026-10": 60}),
        (wall(2026, 10, 31, 0), wall(2026, 12, 2, 0), {"2026-10": DAY, "2026-11": 30 * DAY, "2026-12": DAY}),
        (wall(2026, 1, 31, 0), wall(2026, 3, 1, 60), {"2026-01": DAY, "2026-02": 28 * DAY, "2026-03": 60}),
    ],
)
def test_a_month_begins_with_the_midnight_of_its_first_day(
    start: int, finish: int, minutes: dict[str, int]
) -> None:
    found = by_month([Allocation(1, start, finish, Fraction(1), ALWAYS)], {1: Rates(Fraction(60))})
    assert {month: one.hours * 60 for (_, month), one in found.items()} == minutes
    assert {month: one.cost for (_, month), one in found.items()} == minutes


def test_a_step_on_the_first_day_counts_only_what_is_worked() -> None:
    rates = {1: Rates(Fraction(1), days=(date(2026, 11, 4),), rates=(Fraction(2),))}
    found = by_month(
        [Allocation(1, wall(2026, 11, 4, 780), wall(2026, 11, 4, 1020), Fraction(1), OFFICE)], rates
    )
    assert {key: (one.hours, one.cost) for key, one in found.items()} == {(1, "2026-11"): (4, 8)}


@given(
    st.integers(0, 400), st.integers(0, 200), st.lists(st.integers(0, 700), max_size=5), st.fractions(0, 3)
)
def test_the_hours_of_the_months_are_those_of_the_allocation(
    start: int, days: int, steps: list[int], units: Fraction
) -> None:
    begin = wall(2026, 1, 1) + start * DAY
    end = begin + days * DAY
    cuts = sorted({date.fromordinal(date(2026, 1, 1).toordinal() + step) for step in steps})
    rates = Rates(Fraction(1), days=tuple(cuts), rates=tuple(Fraction(1) for _ in cuts))
    found = by_month([Allocation(1, begin, end, units, OFFICE)], {1: rates})
    hours = sum(one.hours for one in found.values())
    assert hours == Fraction(OFFICE.between(begin, end), 60) * units
    assert sum(one.cost for one in found.values()) == hours  # every rate is one
