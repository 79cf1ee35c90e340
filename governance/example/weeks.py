"""The weeks of the example program: when it began, and the Fridays on which its status was taken."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from pmo.zones import zone

ZONE = "Europe/Brussels"
WEEKS_SO_FAR = 21
STATUSES = 7  # every second Friday: a little over three months of progress


def timeline(now: datetime) -> tuple[datetime, list[tuple[str, datetime]]]:
    """When the program began (a Monday, 21 weeks ago) and its status dates: every second Friday 17:00, local."""
    local = now.astimezone(zone(ZONE)).date()
    friday = local - timedelta(days=(local.weekday() - 4) % 7 or 7)
    monday = friday - timedelta(days=4, weeks=WEEKS_SO_FAR)

    def at(day: date, hour: int) -> datetime:
        return datetime.combine(day, time(hour), zone(ZONE)).astimezone(UTC)

    days = [friday - timedelta(weeks=2 * back) for back in range(STATUSES - 1, -1, -1)]
    return at(monday, 8), [(f"Status of {day.day} {day:%B}", at(day, 17)) for day in days]
