"""Working calendars at the edges of what they have worked out, and of the intervals they were given."""

from datetime import date

import pytest

from programs.engine import BeyondCalendar, WorkCalendar
from tests.programs.engine.planner import FIVE_DAYS, minute, wall

MONDAY = minute("01-04T00:00")
TUESDAY_FIRST = (MONDAY + 1440, MONDAY + 1441)
"""The first minute of Tuesday."""
WEEK = {"first": date(2027, 1, 4), "last": date(2027, 1, 8)}


def test_at_the_end_of_the_period_built_work_goes_on_with_the_next_day_of_work() -> None:
    assert wall(WorkCalendar.weekly(FIVE_DAYS, **WEEK).start_time(5 * 480)) == "01-11 08:00"
    assert wall(WorkCalendar.weekly(FIVE_DAYS, **WEEK).finish_time(5 * 480)) == "01-08 17:00"


def test_before_the_period_built_the_work_before_ended_on_the_day_of_work_before() -> None:
    assert wall(WorkCalendar.weekly(FIVE_DAYS, **WEEK).finish_time(0)) == "01-01 17:00"
    assert wall(WorkCalendar.weekly(FIVE_DAYS, **WEEK).start_time(0)) == "01-04 08:00"


def test_the_count_of_work_keeps_its_origin_when_a_calendar_looks_further() -> None:
    calendar = WorkCalendar.weekly(FIVE_DAYS, **WEEK)
    moments = [minute("01-04T08:20"), minute("01-06T09:00"), minute("01-08T17:00")]
    before = [calendar.work_at(t) for t in moments]
    assert before == [20, 2 * 480 + 60, 5 * 480]
    calendar.work_at(minute("2020-01-01T00:00"))
    calendar.work_at(minute("2035-01-01T00:00"))
    assert [calendar.work_at(t) for t in moments] == before
    assert calendar.work_at(minute("2026-12-31T16:00")) == -(480 + 60)


def test_what_lies_in_the_period_built_is_answered_without_looking_further() -> None:
    calendar = WorkCalendar.weekly(FIVE_DAYS, **WEEK)
    built = calendar.known()
    assert (built.first, built.last) == (minute("01-04T00:00"), minute("01-09T00:00"))
    assert (built.least, built.most, built.starts[0], built.done[:3]) == (
        0,
        2_400,
        MONDAY + 480,
        [0, 240, 480],
    )
    calendar.work_at(built.first)
    calendar.work_at(built.last)
    calendar.start_time(built.least)
    calendar.finish_time(built.most)
    assert calendar.known() == built


def test_asked_for_more_it_works_out_as_much_again_and_at_least_a_year() -> None:
    short = WorkCalendar.weekly(FIVE_DAYS, **WEEK)
    built = short.known()
    short.work_at(built.last + 1)
    assert short.known().last == built.last + 366 * 1440
    short.work_at(built.first - 1)
    assert short.known().first == built.first - (5 + 366) * 1440
    years = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 1), last=date(2028, 12, 31))
    built = years.known()
    years.work_at(built.last + 1)
    assert years.known().last == built.last + (365 + 366) * 1440


def test_a_calendar_may_be_built_for_a_single_day_or_a_weekend() -> None:
    one_day = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 4), last=date(2027, 1, 4))
    assert wall(one_day.finish_time(480)) == "01-04 17:00"
    weekend = WorkCalendar.weekly(FIVE_DAYS, first=date(2027, 1, 9), last=date(2027, 1, 10))
    assert (weekend.known().least, weekend.known().most > 0) == (0, True)  # it has looked ahead, not back
    assert wall(weekend.start_time(0)) == "01-11 08:00"


def test_a_calendar_of_single_days_has_those_and_no_others() -> None:
    """A crew that comes on two Saturdays and never else."""
    saturdays = {date(2027, 1, 9): [(480, 720)], date(2027, 1, 16): [(480, 720)]}
    crew = WorkCalendar.weekly([[]] * 7, saturdays, first=date(2027, 1, 4), last=date(2027, 1, 31))
    assert (wall(crew.start_time(0)), wall(crew.finish_time(0))) == ("01-09 08:00", "01-09 08:00")
    assert (wall(crew.start_time(480)), wall(crew.finish_time(480))) == ("01-16 12:00", "01-16 12:00")
    with pytest.raises(BeyondCalendar):
        crew.finish_time(481)


def test_given_intervals_are_answered_from_their_first_minute_to_their_last() -> None:
    calendar = WorkCalendar.intervals(
        [(MONDAY + 480, MONDAY + 720), (MONDAY + 780, MONDAY + 1020), TUESDAY_FIRST]
    )
    assert [calendar.work_at(MONDAY + at) for at in (0, 480, 500, 720, 1020, 1440, 1441)] == [
        0, 0, 20, 240, 480, 480, 481,
    ]  # fmt: skip
    assert (calendar.start_time(0), calendar.finish_time(0)) == (MONDAY + 480, MONDAY + 480)
    assert (calendar.start_time(481), calendar.finish_time(481)) == (MONDAY + 1441, MONDAY + 1441)
    assert calendar.spans(MONDAY, MONDAY + 1441)[0] == (MONDAY + 480, MONDAY + 720)
    assert calendar.spans(MONDAY, MONDAY + 1441)[-1] == TUESDAY_FIRST
    assert calendar.made_of()[2] == [
        (MONDAY + 480, MONDAY + 720), (MONDAY + 780, MONDAY + 1020), TUESDAY_FIRST,
    ]  # fmt: skip
    assert calendar.made_of()[:2] == [None, []]
    with pytest.raises(BeyondCalendar, match="from 4 Jan 2027 to 5 Jan 2027"):
        calendar.work_at(MONDAY + 1442)


def test_an_interval_that_ends_at_midnight_ends_with_its_day() -> None:
    calendar = WorkCalendar.intervals([(MONDAY, MONDAY + 600), (MONDAY + 600, MONDAY + 1440)])
    assert calendar.spans(MONDAY, MONDAY + 1440) == [(MONDAY, MONDAY + 1440)]
    with pytest.raises(BeyondCalendar, match="from 4 Jan 2027 to 4 Jan 2027"):
        calendar.work_at(MONDAY + 1441)


def test_an_interval_over_several_days_begins_with_its_first_and_ends_with_its_last() -> None:
    calendar = WorkCalendar.intervals([(MONDAY, MONDAY + 10), (MONDAY + 2880, MONDAY + 2890)])
    with pytest.raises(BeyondCalendar, match="from 4 Jan 2027 to 6 Jan 2027"):
        calendar.work_at(MONDAY + 2891)


def test_two_calendars_with_the_same_hours_are_told_to_be_the_same() -> None:
    office = WorkCalendar.weekly(FIVE_DAYS, **WEEK)
    holiday = {date(2027, 1, 6): []}
    assert office.hours == WorkCalendar.weekly(FIVE_DAYS, **WEEK).hours
    assert office.hours != WorkCalendar.weekly(FIVE_DAYS, holiday, **WEEK).hours
    assert (
        office.made_of()
        == WorkCalendar.weekly(FIVE_DAYS, first=date(2026, 1, 1), last=date(2029, 1, 1)).made_of()
    )
    assert WorkCalendar.weekly(FIVE_DAYS, holiday, **WEEK).made_of() == [
        tuple(map(tuple, FIVE_DAYS)), [(minute("01-06T00:00") // 1440, ())], [],
    ]  # fmt: skip
    alone = WorkCalendar.intervals([(10, 20)])
    assert alone.hours is alone
