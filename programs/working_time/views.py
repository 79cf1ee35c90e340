"""Pages of working calendars: the register, a new one, one calendar with its year, its forms and who works by it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Conflict, Refused
from pmo.tables import Column, Register
from pmo.zones import zone
from programs.calendars.models import Calendar
from programs.master_plan import preview
from programs.master_plan.services import MovesCommitted
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.schedule.inputs import OFFICE_WEEK
from programs.schedule.usual import usual_minutes
from programs.working_time import forms, selectors, services
from programs.working_time.drawing import LEGEND, draw
from programs.working_time.words import runs, week_text

WEEK, DAYS, HOLIDAYS, TAKE_OUT, USE, RELEASE = "week", "days", "holidays", "take-out", "use", "release"
YEARS = range(1950, 2151)


def home(program: Program) -> str:
    """Where the register is."""
    return reverse("programs:calendars", kwargs={"code": program.code})


def find(program: Program, pk: int) -> Calendar:
    """A calendar of the program, or 404."""
    found: Calendar | None = Calendar.objects.filter(program_id=program.pk, pk=pk).first()
    if found is None:
        raise Http404("No such calendar.")
    return found


def _today(program: Program) -> date:
    return timezone.now().astimezone(zone(program.time_zone)).date()


@page(Permission.VIEW_PROGRAM)
def calendars(request: HttpRequest, program: Program) -> HttpResponse:
    """The calendars of the program, and by which of them it is planned."""
    base = home(program)
    used = selectors.activities_by_calendar(program)
    by_project = selectors.projects_by_calendar(program)

    def who(one: Any) -> str:
        said = ["Program"] if one.pk == program.calendar_id else []
        return ", ".join([*said, *by_project.get(one.pk, [])]) or formats.UNKNOWN

    may = request.access.may(Permission.EDIT_PROGRAM, program.pk)  # type: ignore[attr-defined]
    add_url = reverse("programs:calendar-add", kwargs={"code": program.code}) if may else ""
    register = Register(
        name=f"{program.code}-calendars",
        rows=selectors.calendars(program, request.user),
        search=("code", "name"),
        columns=[
            Column("Calendar", lambda c: c.name, "name", href=lambda c: f"{base}{c.pk}/"),
            Column("Code", lambda c: c.code, "code"),
            Column("Week", lambda c: week_text(c.week)),
            Column("Days off", lambda c: c.off, "off", num=True),
            Column("Other days", lambda c: c.days - c.off, num=True),
            Column("Planned by it", who),
            Column("Activities that name it", lambda c: used.get(c.pk, 0), num=True),
        ],
        empty={
            "title": "No calendar yet",
            "text": "Until there is one, work is planned Monday to Friday, 08:00 to 12:00 and 13:00 to 17:00.",
            "url": add_url,
            "label": "Add the first calendar",
        },
    )
    context = {
        "program": program,
        "heading": "Calendars",
        "subtitle": "When work is done: an activity’s own calendar, else its project’s, else the program’s",
        "add_url": add_url,
        "add_label": "Add calendar",
        "crumbs": crumbs(program, ("Calendars", "")),
    }
    return register.respond(request, "programs/register.html", context)


def form_page(
    request: HttpRequest,
    program: Program,
    form: Any,
    heading: str,
    back: str,
    status: int = 200,
    held: MovesCommitted | None = None,
) -> HttpResponse:
    """One form on a page of its own; `held`: what it would move, to be agreed to."""
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.path,
        "cancel": back,
        "held": held,
        "crumbs": crumbs(program, ("Calendars", home(program)), (heading, "")),
        "no_clock": True,
    }
    return render(request, "programs/beginning/form.html", context, status=status)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A further calendar, by its week; days off are entered on its page."""
    heading, back = "Add a calendar", home(program)
    with reading(request):
        usual = {name.lower(): OFFICE_WEEK[at] for at, name in enumerate(forms.WEEKDAYS)}
        form = forms.WeekForm(request.POST or None, initial=usual)
        if request.method == "GET":
            return form_page(request, program, form, heading, back)
        if not form.is_valid():
            return form_page(request, program, form, heading, back, 422)
    given = {name: form.cleaned_data[name] for name in ("code", "name")}
    try:
        made = act(
            request,
            services.add,
            program=program,
            week=form.week(),
            agreed=request.POST.get("agreed", ""),
            **given,
        )
    except AlreadyDone:
        return redirect(back)
    except Refused as refusal:
        form.refuse(refusal)
        held = refusal if isinstance(refusal, MovesCommitted) else None
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status, held)
    messages.success(request, f"{made.calendar.name} is added. {made.words}")
    return redirect("programs:calendar", code=program.code, pk=made.calendar.pk)


def _forms(program: Program, found: Calendar, data: Any = None, deed: str = "") -> dict[str, Any]:
    """Every form of the page by its deed; the one that was sent with what was typed."""
    today, version = _today(program), {"version": found.version}
    years = {"from_year": today.year, "to_year": today.year + 4}

    def typed(name: str) -> Any:
        return data if name == deed else None

    return {
        WEEK: forms.WeekForm(typed(WEEK), calendar=found),
        DAYS: forms.DaysForm(typed(DAYS), initial=version, auto_id="days_%s"),
        HOLIDAYS: forms.HolidaysForm(typed(HOLIDAYS), initial=version | years, auto_id="holidays_%s"),
        TAKE_OUT: forms.TakeOutForm(typed(TAKE_OUT), initial=version, auto_id="out_%s"),
        USE: forms.UseForm(typed(USE), program=program, calendar=found, auto_id="use_%s"),
        RELEASE: forms.UseForm(
            typed(RELEASE), program=program, calendar=found, back=True, auto_id="release_%s"
        ),
    }


def _calendar_page(
    request: HttpRequest,
    program: Program,
    found: Calendar,
    given: dict[str, Any] | None = None,
    *,
    deed: str = "",
    moves: Any = None,
    held: MovesCommitted | None = None,
    status: int = 200,
) -> HttpResponse:
    asked, today = request.GET.get("year", ""), _today(program)
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else today.year
    year = number if number in YEARS else today.year
    rows = selectors.days(found, date(year, 1, 1), date(year, 12, 31))
    shown = draw(year, found.week, usual_minutes(found), {day: (s, r) for day, s, r in rows}, today)
    used = selectors.users(program, found)
    context = {
        "program": program,
        "found": found,
        "may": request.access.may(Permission.EDIT_PROGRAM, program.pk),  # type: ignore[attr-defined]
        "forms": {name.replace("-", "_"): one for name, one in (given or _forms(program, found)).items()},
        "deed": deed,
        "moves": preview.told(program, moves) if moves is not None else None,
        "held": held,
        "year": year,
        "shown": shown,
        "legend": LEGEND,
        "runs": runs(rows),
        "week": week_text(found.week),
        "used": used,
        "trail": selectors.trail(found),
        "action": reverse("programs:calendar", kwargs={"code": program.code, "pk": found.pk})
        + f"?year={year}",
        "try_url": reverse("programs:calendar-would-move", kwargs={"code": program.code, "pk": found.pk}),
        "crumbs": crumbs(program, ("Calendars", home(program)), (found.name, "")),
        "no_clock": True,
    }
    return render(request, "programs/working_time/calendar.html", context, status=status)


def _sent(request: HttpRequest, program: Program, found: Calendar) -> tuple[dict[str, Any], str, Any]:
    """The page's forms, which of them was sent, and that one."""
    deed = request.POST.get("deed", "")
    given = _forms(program, found, request.POST, deed)
    if deed not in given:
        raise Refused("There is nothing of that name to do with a calendar.")
    return given, deed, given[deed]


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def calendar(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One calendar: its year (`?year=2027`), its week and days, who works by it; edited by who keeps the program."""
    with reading(request) as access:
        found = find(program, pk)
        if request.method == "GET":
            return _calendar_page(request, program, found)
        access.require(Permission.EDIT_PROGRAM, program.pk)
        given, deed, form = _sent(request, program, found)
        if not form.is_valid():
            return _calendar_page(request, program, found, given, deed=deed, status=422)
        attempt: forms.Attempt = form.attempt(program, found)
    try:
        made = act(request, attempt.service, agreed=request.POST.get("agreed", ""), **attempt.arguments)
    except AlreadyDone:
        return redirect(request.get_full_path())
    except Refused as refusal:
        with reading(request):
            found, moves, held = find(program, pk), None, None
            if isinstance(refusal, MovesCommitted):
                held, moves = refusal, refusal.moves
            else:
                form.refuse(refusal)
                if isinstance(refusal, Conflict) and "version" in form.data:
                    form.data = {**form.data.dict(), "version": str(found.version)}
                    form.add_error(
                        None, "The page shows it as it is now. Save again to put yours in its place."
                    )
            return _calendar_page(
                request, program, found, given, deed=deed, moves=moves, held=held, status=refusal.status
            )
    messages.success(request, f"{attempt.done} {made.words}")
    return redirect(request.get_full_path())


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def would_move(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What the form that was sent would move; nothing is saved. For htmx the answer alone, else the page with it."""
    with reading(request):
        found = find(program, pk)
        given, deed, form = _sent(request, program, found)
        moves, status = None, 422
        if form.is_valid():
            try:
                moves, status = form.attempt(program, found).would(), 200
            except Refused as refusal:
                form.refuse(refusal)
                status = refusal.status
        if not is_fragment(request):
            return _calendar_page(request, program, found, given, deed=deed, moves=moves, status=status)
        shown = preview.told(program, moves) if moves is not None else None
        context = {"program": program, "form": form, "moves": shown}
        return render(request, "programs/master_plan/would_move.html", context, status=status)
