"""MS Project calendars: weeks inherited from a base calendar, dated exceptions in the old way and the new."""

from __future__ import annotations

from datetime import date

from .draft import CalendarDraft, Shift, Week, from_wall
from .mspdi_values import Values, clock, moment
from .xml_stream import Element

CLOCK = "24-hours"
"""Code of the calendar that elapsed durations run on."""
_OFF: tuple[Shift, ...] = ()
_STANDARD: tuple[Shift, ...] = ((480, 720), (780, 1020))
_MOST_DAYS = 3_660


def code_of(uid: str) -> str:
    """The code of the calendar with this UID."""
    return f"CAL{uid}"


def calendars(elements: list[Element], values: Values) -> list[CalendarDraft]:
    """Every calendar with its inherited week and exceptions worked out. `elements` are the Calendar records."""
    by_uid = {element.get("UID"): element for element in elements}
    done: dict[str, CalendarDraft] = {}

    def resolve(uid: str, waiting: tuple[str, ...]) -> CalendarDraft:
        if uid in done:
            return done[uid]
        element, base = by_uid[uid], None
        above = element.get("BaseCalendarUID")
        if above in waiting or above == uid:
            values.problems.error(
                values.file, element.line, "BaseCalendarUID", above, "This calendar inherits from itself."
            )
        elif len(waiting) > 20:
            values.problems.error(
                values.file, element.line, "BaseCalendarUID", above, "Calendars inherit too deep."
            )
        elif above in by_uid:
            base = resolve(above, (*waiting, uid))
        done[uid] = _calendar(element, base, values)
        return done[uid]

    for uid in by_uid:
        resolve(uid, ())
    return list(done.values())


def _calendar(element: Element, base: CalendarDraft | None, values: Values) -> CalendarDraft:
    week = list(base.week) if base else [_STANDARD] * 5 + [_OFF] * 2
    exceptions = dict(base.exceptions) if base else {}
    for holder in element.all("WeekDays"):
        for weekday in holder.all("WeekDay"):
            kind = weekday.get("DayType")
            if kind == "0":
                _exception(weekday, exceptions, values)
            elif kind in ("1", "2", "3", "4", "5", "6", "7"):
                week[(int(kind) + 5) % 7] = _times(weekday, values)  # 1 is Sunday
            else:
                values.problems.error(
                    values.file, weekday.line, "DayType", kind, "This is not a day of the week."
                )
    for holder in element.all("Exceptions"):
        for exception in holder.all("Exception"):
            _exception(exception, exceptions, values)
    if not any(week):
        values.problems.warn(
            values.file,
            element.line,
            "WeekDays",
            element.get("Name"),
            "This calendar has no working time in the week; Monday to Friday is taken.",
        )
        week = [_STANDARD] * 5 + [_OFF] * 2
    frozen: Week = tuple(week)
    uid = element.get("UID")
    return CalendarDraft(
        code_of(uid), values.text(element, "Name", 120) or f"Calendar {uid}", frozen, exceptions
    )


def _times(element: Element, values: Values) -> tuple[Shift, ...]:
    if element.get("DayWorking") != "1":
        return _OFF
    shifts: list[Shift] = []
    for holder in element.all("WorkingTimes"):
        for time in holder.all("WorkingTime"):
            start = values.read(time, "FromTime", clock)
            end = values.read(time, "ToTime", clock)
            if start is None or end is None:
                continue
            end = end or 1440  # midnight ends the day
            if end <= start or (shifts and start < shifts[-1][1]):
                values.problems.error(
                    values.file,
                    time.line,
                    "WorkingTime",
                    f"{time.get('FromTime')}-{time.get('ToTime')}",
                    "This working time ends before it begins or overlaps the one before.",
                )
                continue
            shifts.append((start, end))
    return tuple(shifts)


def _exception(element: Element, exceptions: dict[date, tuple[Shift, ...]], values: Values) -> None:
    period = next(iter(element.all("TimePeriod")), None)
    first = values.read(period, "FromDate", moment) if period else None
    last = values.read(period, "ToDate", moment) if period else None
    if first is None or last is None:
        return
    start, end = from_wall(first).date(), from_wall(last).date()
    if end < start or (end - start).days > _MOST_DAYS:
        values.problems.error(
            values.file,
            element.line,
            "ToDate",
            end,
            "The exception ends before it begins or lasts ten years.",
        )
        return
    if start != end and (element.get("Type") not in ("", "1") or element.get("Period") not in ("", "0", "1")):
        values.problems.warn(
            values.file,
            element.line,
            "Exception",
            element.get("Name"),
            "A calendar exception that repeats by week, month or year was left out; add its days one by one.",
        )
        return
    shifts = _times(element, values)
    for number in range(start.toordinal(), end.toordinal() + 1):
        exceptions[date.fromordinal(number)] = shifts


def around_the_clock() -> CalendarDraft:
    """The calendar of elapsed durations."""
    return CalendarDraft(CLOCK, "24 hours a day", (((0, 1440),),) * 7)
