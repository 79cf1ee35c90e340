"""The API of working calendars."""

from __future__ import annotations

from pmo.api import filters
from pmo.api.views import ProgramViewSet
from programs.calendars.models import Calendar, CalendarException
from programs.calendars.serializers import CalendarExceptionRow, CalendarRow


class CalendarFilters(filters.FilterSet):
    code = filters.Words(lookup_expr="iexact")


class Calendars(ProgramViewSet):
    """Working calendars of the program."""

    tag = "plan"
    queryset = Calendar.objects.all()
    serializer_class = CalendarRow
    filterset_class = CalendarFilters


class CalendarExceptionFilters(filters.FilterSet):
    calendar = filters.Whole(field_name="calendar_id")
    since = filters.Day(field_name="day", lookup_expr="gte")
    until = filters.Day(field_name="day", lookup_expr="lte")


class CalendarExceptions(ProgramViewSet):
    """Holidays and other days that differ from the week."""

    tag = "plan"
    queryset = CalendarException.objects.all()
    serializer_class = CalendarExceptionRow
    filterset_class = CalendarExceptionFilters
