"""Working calendars: shifts, holidays, working weekends, and the two axes that a plan is computed on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.engine import BeyondCalendar, Shift, WorkCalendar
from tests.programs.engine.planner import CALENDARS, FIVE_DAYS, OFFICE, minute, wall, week

MONDAY = minute("01-04T00:00")


def after(calendar: WorkCalendar, start: str, work: int) -> str:
    """Where `work` minutes begun at `start` are finished."""
    return wall(calendar.finish_time(calendar.work_at(minute(start)) + work))


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "finish"),
    [
        ("office", "01-04", 8, "01-04 17:00"),
        ("office", "01-04", 4, "01-04 12:00"),
        ("office", "01-04", 5, "01-04 14:00"),
        ("office", "01-08T13:00", 8, "01-11 12:00"),
        ("office", "01-09T10:00", 8, "01-11 17:00"),
        ("six", "01-08T13:00", 8, "01-09 12:00"),
        ("holiday", "01-05", 16, "01-07 17:00"),
        ("nights", "01-04T22:00", 8, "01-05 06:00"),
        ("nights", "01-04T12:00", 10, "01-06 00:00"),
        ("always", "01-04", 48, "01-06 08:00"),
        ("mornings", "01-04", 8, "01-05 12:00"),
    ],
)
def test_work_is_done_in_the_shifts_of_its_calendar(
    calendar: str, start: str, hours: int, finish: str
) -> None:
    assert after(CALENDARS[calendar], start, hours * 60) == finish


def test_a_working_saturday_is_worked_and_a_holiday_is_not() -> None:
    calendar = week(FIVE_DAYS, "01-08", d01_09=[(480, 720)])
    assert after(calendar, "01-07", 8 * 60) == "01-07 17:00"
    assert after(calendar, "01-07", 12 * 60) == "01-09 12:00"
    assert calendar.between(minute("01-04T00:00"), minute("01-11T00:00")) == (4 * 8 + 4) * 60


def test_the_same_moment_of_work_is_friday_evening_for_a_finish_and_monday_morning_for_a_start() -> None:
    office = CALENDARS["office"]
    friday = office.work_at(minute("01-08T17:00"))
    assert friday == office.work_at(minute("01-11T08:00")) == office.work_at(minute("01-10T03:00"))
    assert wall(office.finish_time(friday)) == "01-08 17:00"
    assert wall(office.start_time(friday)) == "01-11 08:00"


def test_lunch_divides_a_day_like_a_weekend_divides_weeks() -> None:
    office = CALENDARS["office"]
    noon = office.work_at(minute("01-04T12:30"))
    assert (wall(office.finish_time(noon)), wall(office.start_time(noon))) == ("01-04 12:00", "01-04 13:00")


def test_work_between_two_dates_is_negative_backwards() -> None:
    office = CALENDARS["office"]
    assert office.between(minute("01-08T17:00"), minute("01-04")) == -5 * 480


def test_a_date_past_the_period_built_is_worked_out_when_asked_for() -> None:
    short = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 4), last=date(2027, 1, 8))
    long = WorkCalendar.weekly(FIVE_DAYS, first=date(2020, 1, 1), last=date(2045, 12, 31))
    assert wall(short.finish_time(10 * 480)) == "01-15 17:00"
    assert wall(short.start_time(-480)) == "01-01 08:00"
    for text in ("2026-06-01T09:00", "2029-05-04T12:10", "2040-02-29T16:00"):
        moment = minute(text)
        assert short.between(minute("01-04"), moment) == long.between(minute("01-04"), moment)


def test_exceptions_hold_beyond_the_period_built() -> None:
    christmas = {date(2030, 12, 25): []}
    calendar = WorkCalendar.weekly([OFFICE] * 7, christmas, first=date(2027, 1, 4), last=date(2027, 1, 8))
    assert calendar.between(minute("2030-12-24T00:00"), minute("2030-12-27T00:00")) == 2 * 480


def test_a_plan_that_needs_more_than_a_century_is_refused_in_words() -> None:
    office = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 4), last=date(2027, 12, 31))
    with pytest.raises(BeyondCalendar, match=r"from 4 Jan 2027 to 16 Mar 2128"):
        office.finish_time(10**9)
    with pytest.raises(BeyondCalendar, match=r"from 21 Oct 1926 to 16 Mar 2128"):
        office.work_at(-(10**9))


def test_the_first_and_the_last_minute_of_the_century_are_worked_out() -> None:
    year = {"first": date(2027, 1, 4), "last": date(2027, 12, 31)}
    last, first = minute("2128-03-17T00:00"), minute("1926-10-21T00:00")
    office = WorkCalendar.weekly(FIVE_DAYS, **year)
    assert office.work_at(last) - office.work_at(last - 1440) == 480
    office = WorkCalendar.weekly(FIVE_DAYS, **year)
    assert office.work_at(first) - office.work_at(first + 1440) == -480


def test_years_end_where_the_calendar_of_the_world_does() -> None:
    old = WorkCalendar.weekly(FIVE_DAYS, first=date(2, 1, 1), last=date(2, 12, 31))
    with pytest.raises(BeyondCalendar, match="from 1 Jan 1 to 31 Dec 2"):
        old.work_at(-(10**12))
    far = WorkCalendar.weekly(FIVE_DAYS, first=date(9999, 1, 1), last=date(9999, 12, 1))
    with pytest.raises(BeyondCalendar, match="from 1 Jan 9999 to 30 Dec 9999"):
        far.work_at(10**12)


def test_given_intervals_know_nothing_past_their_end() -> None:
    calendar = WorkCalendar.intervals([(MONDAY + 480, MONDAY + 720), (MONDAY + 780, MONDAY + 1020)])
    assert calendar.work_at(MONDAY) == 0
    assert wall(calendar.finish_time(480)) == "01-04 17:00"
    assert wall(calendar.start_time(480)) == "01-04 17:00"
    with pytest.raises(BeyondCalendar, match="from 4 Jan 2027 to 4 Jan 2027 and no further"):
        calendar.work_at(MONDAY + 1440)
    with pytest.raises(BeyondCalendar):
        calendar.finish_time(481)


def test_working_times_for_drawing_are_cut_to_the_window() -> None:
    spans = CALENDARS["office"].spans(minute("01-08T10:00"), minute("01-11T09:00"))
    assert [(wall(a), wall(b)) for a, b in spans] == [
        ("01-08 10:00", "01-08 12:00"),
        ("01-08 13:00", "01-08 17:00"),
        ("01-11 08:00", "01-11 09:00"),
    ]
    evening = CALENDARS["office"].spans(minute("01-08T17:00"), minute("01-11T08:00"))
    assert evening == []


@pytest.mark.parametrize(
    "day",
    [[(480, 720), (700, 1020)], [(720, 480)], [(480, 1500)], [(-10, 480)], [(480, 480)]],
    ids=["overlapping", "backwards", "past midnight", "before midnight", "empty"],
)
def test_shifts_that_make_no_sense_are_refused(day: list[Shift]) -> None:
    with pytest.raises(ValueError, match="shift"):
        WorkCalendar.weekly([day] * 7, first=date(2027, 1, 1), last=date(2027, 1, 31))


@pytest.mark.parametrize(
    "build",
    [
        lambda: WorkCalendar.weekly([[]] * 7, first=date(2027, 1, 1), last=date(2027, 1, 31)),
        lambda: WorkCalendar.weekly([OFFICE] * 5, first=date(2027, 1, 1), last=date(2027, 1, 31)),
        lambda: WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 2, 1), last=date(2027, 1, 31)),
        lambda: WorkCalendar.intervals([]),
        lambda: WorkCalendar.intervals([(10, 20), (15, 30)]),
        lambda: WorkCalendar.intervals([(20, 10)]),
        lambda: WorkCalendar.intervals([(10, 10)]),
    ],
    ids=["no work", "five days", "backwards", "no intervals", "overlapping", "interval backwards", "empty"],
)
def test_a_calendar_nobody_could_work_by_is_refused(build: object) -> None:
    with pytest.raises(ValueError, match=r"^(?!no plan reaches)"):
        build()  # type: ignore[operator]


def test_calendars_are_extended_by_several_threads_at_once() -> None:
    shared = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 4), last=date(2027, 1, 8))
    alone = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 4), last=date(2060, 1, 8))

    def ask(step: int) -> list[int]:
        amounts = range(1, 4_000_000, step)
        return [w for w in amounts if shared.finish_time(w) != alone.finish_time(w)]

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, (7919, 6007, 4999, 9973))) == [[]] * 4


moments = st.integers(minute("2026-06-01T00:00"), minute("2028-06-01T00:00"))
works = st.integers(-100_000, 200_000)
some_calendar = st.sampled_from(sorted(CALENDARS)).map(CALENDARS.__getitem__)


@given(some_calendar, moments, works)
def test_finish_time_is_not_after_a_moment_exactly_when_the_work_is_done_by_it(
    calendar: WorkCalendar, t: int, w: int
) -> None:
    assert (calendar.finish_time(w) <= t) == (w <= calendar.work_at(t))


@given(some_calendar, works)
def test_both_readings_of_an_amount_of_work_hold_that_work(calendar: WorkCalendar, w: int) -> None:
    finish, start = calendar.finish_time(w), calendar.start_time(w)
    assert calendar.work_at(finish) == w == calendar.work_at(start)
    assert finish <= start
    assert calendar.work_at(finish - 1) == w - 1
    assert calendar.work_at(start + 1) == w + 1


@given(some_calendar, moments, moments)
def test_work_done_never_shrinks(calendar: WorkCalendar, a: int, b: int) -> None:
    low, high = sorted((a, b))
    assert 0 <= calendar.between(low, high) <= high - low
