"""How long a day is: what durations in days are counted in."""

from __future__ import annotations

from programs.calendars.models import Calendar
from programs.portfolio.models import Program
from programs.schedule.models import Activity

OFFICE_DAY = 480


def usual_minutes(calendar: Calendar | None) -> int:
    """Working minutes of a calendar's usual (median) working day; eight hours without a calendar."""
    if calendar is None:
        return OFFICE_DAY
    days = sorted(sum(to - begin for begin, to in day) for day in calendar.week if day)
    return days[len(days) // 2] if days else OFFICE_DAY


def day_minutes(program: Program, activity: Activity | None = None) -> int:
    """Minutes of a day of the activity's calendar, else its project's, else the program's."""
    if activity is not None:
        if activity.calendar is not None:
            return usual_minutes(activity.calendar)
        if activity.project.calendar_id is not None:
            return usual_minutes(activity.project.calendar)
    return usual_minutes(program.calendar)


def usual_by_calendar(program: Program) -> tuple[dict[int, int], int]:
    """Minutes of each calendar's usual day by its id, and of the program's own: one query."""
    usual = {one.pk: usual_minutes(one) for one in Calendar.objects.filter(program_id=program.pk)}
    return usual, usual.get(program.calendar_id or 0, OFFICE_DAY)
