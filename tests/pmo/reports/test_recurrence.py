"""A subscription falls due at a wall-clock time in its own zone, in summer and winter, at every month's end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pmo.reports.recurrence import next_run


def instant(text: str) -> datetime:
    """An instant written as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("every", "more", "at_time", "zone", "after", "expected"),
    [
        # the plain cases
        ("day", {}, "07:30", "UTC", "2026-11-22 07:29", "2026-11-22 07:30"),
        ("day", {}, "07:30", "UTC", "2026-11-22 07:30", "2026-11-23 07:30"),
        ("week", {"weekday": 0}, "07:30", "Europe/Brussels", "2026-11-22 12:00", "2026-11-23 06:30"),
        ("weekday", {}, "07:30", "Europe/Brussels", "2026-11-20 12:00", "2026-11-23 06:30"),
        # the same wall-clock time before and after the clocks change: 07:30 is 05:30 UTC in summer, 06:30 in winter
        ("day", {}, "07:30", "Europe/Brussels", "2026-10-24 12:00", "2026-10-25 06:30"),
        ("day", {}, "07:30", "Europe/Brussels", "2026-03-28 12:00", "2026-03-29 05:30"),
        # 02:30 does not exist on 29 March 2026 in Brussels: an hour later
        ("day", {}, "02:30", "Europe/Brussels", "2026-03-28 12:00", "2026-03-29 01:30"),
        ("day", {}, "02:30", "Europe/Brussels", "2026-03-29 01:30", "2026-03-30 00:30"),
        # 02:30 exists twice on 25 October 2026: the first one, and once only
        ("day", {}, "02:30", "Europe/Brussels", "2026-10-24 12:00", "2026-10-25 00:30"),
        ("day", {}, "02:30", "Europe/Brussels", "2026-10-25 00:30", "2026-10-26 01:30"),
        ("day", {}, "01:30", "America/New_York", "2026-11-01 04:00", "2026-11-01 05:30"),
        ("day", {}, "01:30", "America/New_York", "2026-11-01 05:30", "2026-11-02 06:30"),
        # Lord Howe moves by half an hour: 02:15 does not exist on 4 October 2026, 02:45 does
        ("day", {}, "02:15", "Australia/Lord_Howe", "2026-10-03 00:00", "2026-10-03 15:45"),
        # Apia never had 30 December 2011
        ("day", {}, "08:00", "Pacific/Apia", "2011-12-29 18:00", "2011-12-30 18:00"),
        # month ends
        ("month", {"monthday": 31}, "09:00", "UTC", "2026-01-31 09:00", "2026-02-28 09:00"),
        ("month", {"monthday": 31}, "09:00", "UTC", "2028-01-31 09:00", "2028-02-29 09:00"),
        ("month", {"monthday": 30}, "09:00", "UTC", "2027-01-30 09:00", "2027-02-28 09:00"),
        ("month", {"monthday": 1}, "00:00", "Asia/Kolkata", "2026-12-01 00:00", "2026-12-31 18:30"),
        # the last working day of a leap year, the turn of a year
        ("weekday", {}, "23:59", "Pacific/Auckland", "2026-12-31 12:00", "2027-01-01 10:59"),
        ("week", {"weekday": 6}, "00:00", "America/Los_Angeles", "2026-12-27 08:00", "2027-01-03 08:00"),
    ],
)
def test_next_due(
    every: str, more: dict[str, int], at_time: str, zone: str, after: str, expected: str
) -> None:
    due = next_run(every=every, at_time=at_time, time_zone=zone, after=instant(after), **more)
    assert due == instant(expected), due.isoformat()


@pytest.mark.parametrize(
    "zone", ["America/New_York", "Europe/Brussels", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)
@pytest.mark.parametrize("at_time", ["00:00", "01:30", "02:30", "23:45"])
def test_every_day_of_two_years_is_due_exactly_once(zone: str, at_time: str) -> None:
    due, days = instant("2026-01-01 12:00"), []
    while due < instant("2028-01-01 12:00"):
        due = next_run(every="day", at_time=at_time, time_zone=zone, after=due)
        days.append(due.astimezone(ZoneInfo(zone)).date())
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
