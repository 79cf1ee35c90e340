"""Pages of meetings: what comes and what was, calling one, a series, one meeting and its deeds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from governance.meetings import feed, selectors, services
from governance.meetings.forms import MeetingForm, TimesForm
from governance.meetings.models import Meeting, MeetingSeries
from governance.meetings.page import find, meeting_page
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.reports import services as reports
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

SHOWN_AHEAD = 5


def home_of(program: Program) -> str:
    return reverse("governance:meetings", kwargs={"code": program.code})


@page(Permission.VIEW_PROGRAM)
def meetings(request: HttpRequest, program: Program) -> HttpResponse:
    """What comes, what is called, what was held; the register as CSV and XLSX."""
    local = zone(program.time_zone)
    base = home_of(program)
    may = request.access.may(Permission.KEEP_MEETINGS, program.pk)  # type: ignore[attr-defined]
    register = Register(
        name=f"{program.code}-meetings",
        rows=selectors.meetings(program.pk),
        search=("body__name", "place"),
        columns=[
            Column(
                "Meeting", lambda m: f"{m.body.code}-{m.number}", "number", href=lambda m: f"{base}{m.pk}/"
            ),
            Column("Begins", lambda m: formats.moment(m.starts_at, local), "starts_at"),
            Column("Points", lambda m: m.points, "points", num=True),
            Column("State", lambda m: m.get_state_display(), "state"),
            Column("Quorum", _quorum),
            Column("Minutes", _minutes),
        ],
        empty={
            "title": "No meeting is called yet",
            "text": "A series says when a body meets; calling one of its days assembles the agenda from what waits.",
            "url": reverse("governance:series-add", kwargs={"code": program.code}) if may else "",
            "label": "Start a series",
        },
    )
    context = {
        "program": program,
        "series": list(MeetingSeries.objects.filter(program=program).select_related("body").order_by("pk")),
        "ahead": selectors.ahead(program, timezone.now())[:SHOWN_AHEAD],
        "today": timezone.now().astimezone(local).date(),
        "may_keep": may,
        "crumbs": crumbs(program, ("Meetings", "")),
        "no_clock": True,
    }
    return register.respond(request, "governance/meetings/meetings.html", context)


def _quorum(meeting: Meeting) -> str:
    if meeting.quorum_seats is None:
        return formats.UNKNOWN
    return f"{meeting.present_seats}, {meeting.quorum_seats} needed"


def _minutes(meeting: Meeting) -> str:
    if meeting.state != Meeting.State.HELD:
        return formats.UNKNOWN
    return "approved" if meeting.minutes_approved_at else "not approved yet"


@page(Permission.VIEW_PROGRAM)
def calendar(request: HttpRequest, program: Program) -> HttpResponse:
    """Called meetings and the days of the series ahead, for a calendar program."""
    body = feed.meetings_calendar(program, timezone.now(), settings.SITE_URL)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-meetings.ics"'
    return response


def _form_page(
    request: HttpRequest, program: Program, form: Any, heading: str, *more: tuple[str, str], status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": more[-1][1] if more else home_of(program),
        "crumbs": crumbs(program, ("Meetings", home_of(program)), *more, (heading, "")),
        "no_clock": True,
    }
    return render(request, "governance/form.html", context, status=status)


def filled(
    request: HttpRequest,
    program: Program,
    make: Callable[..., Any],
    heading: str,
    service: Callable[..., Any],
    *more: tuple[str, str],
    given: dict[str, Any],
) -> Any:
    """A form shown, refused, or done: an answer to send, or what the service returned."""
    with reading(request):
        form = make(request.POST or None)
        if request.method == "GET":
            return _form_page(request, program, form, heading, *more)
        if not form.is_valid():
            return _form_page(request, program, form, heading, *more, status=422)
    try:
        return act(request, service, **given, **form.cleaned_data)
    except AlreadyDone:
        return redirect(home_of(program))
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _form_page(request, program, form, heading, *more, status=refusal.status)


@page(Permission.KEEP_MEETINGS, methods=("GET", "POST"))
def add_meeting(request: HttpRequest, program: Program) -> HttpResponse:
    """Call a meeting that is in no series."""

    def form(data: Any) -> MeetingForm:
        return MeetingForm(program, data)

    def call(*, version: Any, **given: Any) -> Meeting:
        return services.call_meeting(**given)

    made = filled(request, program, form, "Call a meeting", call, given={"program": program})
    if isinstance(made, Meeting):
        messages.success(request, f"{made.body.code}-{made.number} is called; its agenda is assembled.")
        return redirect("governance:meeting", code=program.code, pk=made.pk)
    answer: HttpResponse = made
    return answer


@page(Permission.VIEW_PROGRAM)
def meeting(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One meeting, whole."""
    return meeting_page(request, program, find(program, pk))


@page(Permission.KEEP_MEETINGS, methods=("GET", "POST"))
def move(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Another time or place."""
    with reading(request):
        found = find(program, pk)
    here = reverse("governance:meeting", kwargs={"code": program.code, "pk": pk})

    def form(data: Any) -> TimesForm:
        return TimesForm(program, data, meeting=found)

    def to(*, version: int | None, **given: Any) -> Meeting:
        return services.move_meeting(version=version or 0, **given)

    made = filled(
        request,
        program,
        form,
        "Another time",
        to,
        (f"{found.body.code}-{found.number}", here),
        given={"meeting": found},
    )
    if isinstance(made, Meeting):
        messages.success(request, "The meeting is moved.")
        return redirect(here)
    answer: HttpResponse = made
    return answer


def _deed(service: Callable[..., Any], done: str, *names: str) -> Callable[..., HttpResponse]:
    """A button on the meeting's page: one command, and back, or the page again with the sentence."""

    @page(Permission.KEEP_MEETINGS, methods=("POST",))
    def view(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
        with reading(request):
            found = find(program, pk)
        given = {name: request.POST.get(name, "").replace("\x00", "")[:2000] for name in names}
        try:
            act(request, service, meeting=found, **given)
        except AlreadyDone:
            pass
        except Refused as refusal:
            with reading(request):
                return meeting_page(
                    request, program, find(program, pk), refused=refusal.message, status=refusal.status
                )
        else:
            messages.success(request, done)
        return redirect("governance:meeting", code=program.code, pk=pk)

    return view


refresh = _deed(services.refresh_agenda, "The agenda has what waits now.")
open_meeting = _deed(services.open_meeting, "The meeting is in session.")
close_meeting = _deed(
    services.close_meeting, "The meeting is closed. Its minutes are approved in the next one."
)
cancel = _deed(services.cancel_meeting, "The meeting is called off.", "reason")


@page(Permission.BUILD_REPORTS, methods=("POST",), somewhere=True)
def pack(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Have a worker build the pack of this meeting."""
    with reading(request):
        found = find(program, pk)
    try:
        run = act(request, reports.request, program=program, kind="meeting_pack", about=f"meeting:{found.pk}")
    except AlreadyDone:
        return redirect("reports:list", code=program.code)
    return redirect("reports:run", code=program.code, pk=run.pk)
