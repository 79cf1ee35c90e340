"""Working calendars: a week of shifts and the days that differ from it."""

from __future__ import annotations

from typing import Any

import pghistory
from django.core.exceptions import ValidationError
from django.db import models

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE

DAY_MINUTES = 1440


def validate_shifts(shifts: Any) -> None:
    """Shifts of a day: [[from, to], ...] in minutes of the day, in order, not touching each other's time."""
    last = 0
    if not isinstance(shifts, list):
        raise ValidationError("Shifts are a list of [from, to] in minutes of the day.")
    for shift in shifts:
        good = isinstance(shift, list) and len(shift) == 2 and all(type(edge) is int for edge in shift)
        if not good or not last <= shift[0] < shift[1] <= DAY_MINUTES:
            raise ValidationError(
                "Each shift is [from, to] in minutes of the day, in order, without overlap."
            )
        last = shift[1]


def validate_week(week: Any) -> None:
    """Seven days of shifts, Monday first, with some working time in the week."""
    if not isinstance(week, list) or len(week) != 7:
        raise ValidationError("A week has seven days of shifts, Monday first.")
    for day in week:
        validate_shifts(day)
    if not any(week):
        raise ValidationError("A calendar needs some working time in the week.")


@pghistory.track()
class Calendar(ProgramOwned, Versioned):
    """When work is done: the shifts of each weekday (minutes of the day), Monday first."""

    code = models.CharField(max_length=60, validators=[CODE])
    name = models.CharField(max_length=120)
    week = models.JSONField(validators=[validate_week])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_calendar_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_calendar_in_program"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class CalendarException(ProgramOwned):
    """A day that differs: a holiday (no shifts) or a working day with its own shifts."""

    calendar = models.ForeignKey(Calendar, models.PROTECT, related_name="exceptions")
    day = models.DateField()
    shifts = models.JSONField(default=list, validators=[validate_shifts], blank=True)
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["calendar", "day"], name="programs_calendar_exception_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
