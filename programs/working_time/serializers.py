"""What the API takes to keep calendars. Hours are [from, to] in minutes of the day."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Day, Flag, Related, Text, Whole
from pmo.api.views import StrictSerializer
from programs.calendars.models import DAY_MINUTES
from programs.portfolio.models import CODE, Project
from programs.working_time.words import MOST_SHIFTS


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


def shifts(**options: Any) -> serializers.ListField:
    """Shifts of a day, in order; empty for a day off."""
    edge = Whole(max_value=DAY_MINUTES)
    return serializers.ListField(
        child=serializers.ListField(child=edge, min_length=2, max_length=2), max_length=MOST_SHIFTS, **options
    )


def week(**options: Any) -> serializers.ListField:
    """Seven days of shifts, Monday first."""
    return serializers.ListField(child=shifts(), min_length=7, max_length=7, **options)


def agreed() -> serializers.BooleanField:
    """As the plan's edits take it."""
    return serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )


class NewCalendar(StrictSerializer):
    """A further calendar. The first one of a program becomes the program's own."""

    code = Text(max_length=60, validators=[CODE])
    name = Text(max_length=120)
    week = week()
    agreed = agreed()


class CalendarChanges(StrictSerializer):
    """What of a calendar changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=60, validators=[CODE], required=False)
    name = Text(max_length=120, required=False)
    week = week(required=False)
    agreed = agreed()


class CalendarCopy(StrictSerializer):
    """Another one with the same week and days."""

    code = Text(max_length=60, validators=[CODE])
    name = Text(max_length=120)


class CalendarHolidays(StrictSerializer):
    """Public holidays that become days off, where no day differs yet."""

    version = Whole(min_value=1, max_value=SMALL)
    country = Text(max_length=6, help_text="ISO 3166, two letters; DE-BY: with those of a region.")
    from_year = Whole(min_value=1950, max_value=2150)
    to_year = Whole(min_value=1950, max_value=2150)
    agreed = agreed()


class CalendarDaysOut(StrictSerializer):
    """Days that go by the week again."""

    version = Whole(min_value=1, max_value=SMALL)
    first = Day()
    last = Day(required=False)
    agreed = agreed()


class CalendarDays(CalendarDaysOut):
    """A day, or days in a row, that differ from the week."""

    shifts = shifts(required=False)
    reason = Text(max_length=120, required=False, allow_blank=True)


class CalendarTried(StrictSerializer):
    """Another week, or other hours on a day or days in a row, to be tried."""

    week = week(required=False)
    first = Day(required=False)
    last = Day(required=False)
    shifts = shifts(required=False)


class CalendarChoice(StrictSerializer):
    """Who is planned by it: the program, or (named) one of its projects. `version`: that of the program or project."""

    version = Whole(min_value=1, max_value=SMALL)
    project = Related(projects, required=False, allow_null=True)
    as_program = Flag(required=False, help_text="The project is planned as the program again.")
    agreed = agreed()
