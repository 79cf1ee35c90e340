"""On which days a series falls, and at which instant: reckoned by hand, checked against every day of forty years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.meetings.recurrence import LAST, Rule, days, instant, nth_weekday

MONDAY = date(2026, 11, 30)


def test_a_weekly_series_falls_on_its_weekday_from_its_first_day_on() -> None:
    rule = Rule("week", weekday=2, starts_on=MONDAY)
    assert list(days(rule, date(2026, 1, 1), date(2026, 12, 20))) == [
        date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16),
    ]  # fmt: skip


def test_every_second_week_counts_from_the_first_meeting_however_far_one_looks() -> None:
    rule = Rule("fortnight", weekday=0, starts_on=MONDAY)
    assert next(days(rule, date(2027, 6, 1), date(2027, 6, 30))) == date(2027, 6, 14)
    assert (date(2027, 6, 14) - MONDAY).days % 14 == 0


def test_the_second_tuesday_and_the_last_friday_of_months() -> None:
    tuesdays = Rule("month", weekday=1, nth=2, starts_on=date(2026, 11, 11))
    assert list(days(tuesdays, date(2026, 11, 1), date(2027, 1, 31))) == [
        date(2026, 12, 8),
        date(2027, 1, 12),
    ]
    fridays = Rule("month", weekday=4, nth=LAST, starts_on=date(2027, 1, 1), ends_on=date(2027, 2, 26))
    assert list(days(fridays, date(2027, 1, 1), date(2027, 12, 31))) == [date(2027, 1, 29), date(2027, 2, 26)]


@given(st.integers(1990, 2100), st.integers(1, 12), st.integers(0, 6), st.integers(1, 5))
def test_the_nth_weekday_is_found_by_counting(year: int, month: int, weekday: int, nth: int) -> None:
    first = date(year, month, 1)
    those = [
        day
        for n in range(31)
        if (day := first + timedelta(days=n)).month == month and day.weekday() == weekday
    ]
    assert nth_weekday(year, month, weekday, nth) == (those[-1] if nth == LAST else those[nth - 1])


@given(
    st.sampled_from(["week", "fortnight", "month"]),
    st.integers(0, 6),
    st.integers(1, 5),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 500),
    st.integers(0, 500),
)
def test_a_window_shows_what_a_longer_one_shows_of_it(
    every: str, weekday: int, nth: int, starts_on: date, after: int, length: int
) -> None:
    rule = Rule(every, weekday, starts_on, None, nth)  # type: ignore[arg-type]
    first = starts_on + timedelta(days=after)
    last = first + timedelta(days=length)
    whole = list(days(rule, starts_on, last))
    assert list(days(rule, first, last)) == [day for day in whole if day >= first]
    assert all(day.weekday() == weekday for day in whole) and whole == sorted(set(whole))


@pytest.mark.parametrize(
    ("day", "wall", "utc"),
    [
        (date(2027, 3, 27), "14:00", datetime(2027, 3, 27, 13, 0, tzinfo=UTC)),
        (
            date(2027, 3, 29),
            "14:00",
            datetime(2027, 3, 29, 12, 0, tzinfo=UTC),
        ),  # summer time: still two o'clock
        (
            date(2027, 3, 28),
            "02:30",
            datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        ),  # does not exist: half past three
        (date(2027, 10, 31), "02:30", datetime(2027, 10, 31, 0, 30, tzinfo=UTC)),  # exists twice: the first
    ],
)
def test_two_oclock_stays_two_oclock_when_the_clocks_change(day: date, wall: str, utc: datetime) -> None:
    assert instant(day, wall, ZoneInfo("Europe/Brussels")) == utc
