"""Working calendars as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Day
from pmo.api.rows import Row


def shifts() -> serializers.ListField:
    """Shifts of a day: [from, to] in minutes of the day."""
    return serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    )


class CalendarRow(Row):
    """A working calendar: seven days of shifts, Monday first, in minutes of the day."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    week = serializers.ListField(child=shifts(), min_length=7, max_length=7)
    version = serializers.IntegerField()


class CalendarExceptionRow(Row):
    """A day that differs: no shifts for a holiday."""

    id = serializers.IntegerField()
    calendar_id = serializers.IntegerField()
    day = Day()
    shifts = shifts()
    reason = serializers.CharField()
