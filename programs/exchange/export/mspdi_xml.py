"""Small pieces of MS Project's XML."""

from __future__ import annotations

from html import escape

from pmo.sheets import plain as printable

from ..draft import Shift, from_wall


def tag(name: str, value: object) -> str:
    """An element with a text, nothing where there is none."""
    if value is None or value == "":
        return ""
    return f"<{name}>{escape(printable(str(value)), quote=False)}</{name}>"


def moment(minutes: int | None) -> str:
    """A wall minute as `2027-03-31T17:00:00`."""
    return "" if minutes is None else from_wall(minutes).isoformat(timespec="seconds")


def duration(minutes: int | None) -> str:
    """Minutes as `PT16H30M0S`."""
    return "" if minutes is None else f"PT{minutes // 60}H{minutes % 60}M0S"


def working_times(shifts: tuple[Shift, ...]) -> str:
    """The working times of a day; midnight as its end is 00:00."""
    if not shifts:
        return "<DayWorking>0</DayWorking>"
    times = "".join(
        f"<WorkingTime><FromTime>{_clock(start)}</FromTime><ToTime>{_clock(to % 1440)}</ToTime></WorkingTime>"
        for start, to in shifts
    )
    return f"<DayWorking>1</DayWorking><WorkingTimes>{times}</WorkingTimes>"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}:00"
