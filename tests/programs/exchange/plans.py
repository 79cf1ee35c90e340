"""Small MS Project plans for tests."""

from __future__ import annotations

from programs.exchange.draft import Draft
from programs.exchange.mspdi import read_mspdi
from programs.exchange.problems import Problem, Problems

WEEK = "".join(
    f"<WeekDay><DayType>{day}</DayType><DayWorking>{int(1 < day < 7)}</DayWorking>"
    + (
        "<WorkingTimes><WorkingTime><FromTime>08:00:00</FromTime><ToTime>12:00:00</ToTime></WorkingTime>"
        "<WorkingTime><FromTime>13:00:00</FromTime><ToTime>17:00:00</ToTime></WorkingTime></WorkingTimes>"
        if 1 < day < 7
        else ""
    )
    + "</WeekDay>"
    for day in range(1, 8)
)
CALENDAR = (
    "<Calendar><UID>1</UID><Name>Standard</Name><IsBaseCalendar>1</IsBaseCalendar>"
    f"<WeekDays>{WEEK}</WeekDays></Calendar>"
)


def task(uid: int, level: int = 1, hours: int = 8, **extra: str) -> str:
    """One task; `extra` are further elements, `links` ready-made PredecessorLink elements."""
    links = extra.pop("links", "")
    more = "".join(f"<{tag}>{text}</{tag}>" for tag, text in extra.items())
    name = "" if "Name" in extra else f"<Name>Task {uid}</Name>"
    return (
        f"<Task><UID>{uid}</UID>{name}<OutlineLevel>{level}</OutlineLevel>"
        f"<Duration>PT{hours}H0M0S</Duration>{more}{links}</Task>"
    )


def link(uid: int, kind: int = 1, lag: int = 0, lag_format: int = 7) -> str:
    """A link from a task: 0 FF, 1 FS, 2 SF, 3 SS; the lag in tenths of minutes."""
    return (
        f"<PredecessorLink><PredecessorUID>{uid}</PredecessorUID><Type>{kind}</Type><LinkLag>{lag}</LinkLag>"
        f"<LagFormat>{lag_format}</LagFormat></PredecessorLink>"
    )


def plan(*tasks: str, calendars: str = CALENDAR, rest: str = "", header: str = "") -> bytes:
    """A whole document."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Project xmlns="http://schemas.microsoft.com/project">\n'
        "<Title>Pilot plan</Title><StartDate>2027-01-04T08:00:00</StartDate><CurrencyCode>EUR</CurrencyCode>"
        f"<CalendarUID>1</CalendarUID><MinutesPerDay>480</MinutesPerDay>{header}\n"
        f"<Calendars>{calendars}</Calendars>\n<Tasks>\n{chr(10).join(tasks)}\n</Tasks>{rest}</Project>"
    ).encode()


def read(data: bytes) -> tuple[Draft, list[Problem]]:
    """Draft and problems of a plan."""
    problems = Problems()
    return read_mspdi(data, "plan.xml", problems), problems.shown()
