"""Pages of a series: saying when a body meets, ending that, calling the meeting of one day."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date

from governance.meetings import services
from governance.meetings.forms import SeriesForm
from governance.meetings.models import MeetingSeries
from governance.meetings.recurrence import instant
from governance.meetings.views import filled, home_of
from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.zones import zone
from programs.portfolio.models import Program


@page(Permission.KEEP_MEETINGS, methods=("GET", "POST"))
def add_series(request: HttpRequest, program: Program) -> HttpResponse:
    """Say when a body meets."""
    today = timezone.now().astimezone(zone(program.time_zone)).date()

    def form(data: Any) -> SeriesForm:
        return SeriesForm(program, data, initial={"starts_on": today})

    made = filled(
        request, program, form, "Start a series", services.create_series, given={"program": program}
    )
    if isinstance(made, MeetingSeries):
        messages.success(request, f"{made.title} is in the calendar of {made.body.name}.")
        return redirect(home_of(program))
    answer: HttpResponse = made
    return answer


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def end_series(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A series ends today; meetings already called stay."""
    series = _series(request, program, pk)
    version = request.POST.get("version", "")
    today = timezone.now().astimezone(zone(program.time_zone)).date()
    act(
        request,
        services.end_series,
        series=series,
        last_day=max(today, series.starts_on),
        version=seen_version(version),
    )
    messages.success(request, f"{series.title} ends today.")
    return redirect(home_of(program))


def _series(request: HttpRequest, program: Program, pk: int) -> MeetingSeries:
    with reading(request):
        found = MeetingSeries.objects.filter(program_id=program.pk, pk=pk).select_related("body").first()
    if found is None:
        raise Http404("No such series.")
    return found


@page(Permission.KEEP_MEETINGS, methods=("POST",))
def call_of_series(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Call the meeting of one day of a series; its agenda is assembled."""
    series = _series(request, program, pk)
    try:
        day = parse_date(request.POST.get("day", ""))
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year < 2200:
        raise Refused("That is not a day such as 2027-03-31.", field="day")
    made = act(
        request,
        services.call_meeting,
        program=program,
        body=series.body,
        series=series,
        series_day=day,
        starts_at=instant(day, series.at_time, zone(program.time_zone)),
        minutes=series.minutes,
        place=series.place,
    )
    messages.success(request, f"{series.body.code}-{made.number} is called; its agenda is assembled.")
    return redirect("governance:meeting", code=program.code, pk=made.pk)
