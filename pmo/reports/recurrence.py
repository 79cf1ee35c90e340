"""When a subscription is next due: a wall-clock time in a zone, with that zone's summer time and months as they are.

A time that does not exist on its day (clocks go forward over it) falls as much later as the clocks jump: 02:30
becomes 03:30. A time that exists twice is its first one. The 31st of a shorter month is its last day.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pmo.reports.models import Subscription

Every = Subscription.Every
LONGEST_SEARCH_DAYS = 70


def next_run(
    *, every: str, at_time: str, time_zone: str, after: datetime, weekday: int = 0, monthday: int = 1
) -> datetime:
    """The first due instant strictly after `after` (aware), as aware UTC.

    `every` is one of Subscription.Every; `at_time` is `HH:MM` on the wall; `weekday` 0 is Monday; `monthday` is 1 to
    31.
    """
    zone = ZoneInfo(time_zone)
    hour, minute = (int(part) for part in at_time.split(":"))
    day = after.astimezone(zone).date() - timedelta(
        days=1
    )  # a jump of the zone may put yesterday's time after
    for _ in range(LONGEST_SEARCH_DAYS):
        if _falls_on(day, every, weekday, monthday):
            instant = datetime.combine(day, time(hour, minute), zone).astimezone(UTC)
            if instant > after:
                return instant
        day += timedelta(days=1)
    raise AssertionError("every rule falls on some day of two months")


def next_for(subscription: Subscription, after: datetime) -> datetime:
    """`next_run` by the subscription's own rule."""
    return next_run(
        every=subscription.every,
        at_time=subscription.at_time,
        time_zone=subscription.time_zone,
        after=after,
        weekday=subscription.weekday,
        monthday=subscription.monthday,
    )


def _falls_on(day: date, every: str, weekday: int, monthday: int) -> bool:
    if every == Every.DAY:
        return True
    if every == Every.WEEKDAY:
        return day.weekday() < 5
    if every == Every.WEEK:
        return day.weekday() == weekday
    if every == Every.MONTH:
        return day.day == min(monthday, monthrange(day.year, day.month)[1])
    raise ValueError(f"an unknown rule: {every!r}")
