"""Pages of the status date: where every project stands, a new one, and taking the newest back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.zones import zone
from programs.master_plan.forms import LocalMoment
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.status import selectors, services
from programs.status.forms import StatusForm, TakeBackForm, first_of
from programs.status.models import StatusUpdate
from programs.status.words import aged, brought_about, due_lines, history

DUE_SHOWN = 40
DATES_SHOWN = 60


def home_of(program: Program) -> str:
    """Where the status dates of a program are."""
    return reverse("programs:status", kwargs={"code": program.code})


def _asked(request: HttpRequest, program: Program) -> datetime:
    """The date that the address asks about; the one that is offered where it names none."""
    try:
        found = LocalMoment(program.time_zone).to_python(request.GET.get("by", "")[:30])
    except ValidationError:
        found = None
    return found or selectors.suggested(program, timezone.now())


def _show(
    request: HttpRequest, program: Program, form: StatusForm | None = None, status: int = 200
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    mine = selectors.reporting_projects(access, program)
    projects = list(selectors.open_projects(program).select_related("manager"))
    by = _asked(request, program)
    only = first_of(projects, request.GET.get("project", "")[:30])
    due = selectors.missing(program, [only.pk] if only else None, by, most=DUE_SHOWN)
    may = mine is None or any(one.pk in mine for one in projects)
    if form is None and may:
        own = [one for one in projects if mine is None or one.pk in mine]
        start = only if only in own else None if mine is None else own[0]
        form = StatusForm(
            program,
            initial={"project": start, "at": by, "seen": selectors.newest(program)},
            projects=_choices(program, mine),
            whole=mine is None,
        )
    now, on = datetime.now(UTC), zone(program.time_zone)
    context: dict[str, Any] = {
        "program": program,
        "form": form if may else None,
        "by": by,
        "only": only,
        "projects": projects,
        "rows": [
            {
                "project": one,
                "status": formats.moment(one.status_at, on),
                "age": aged(one.status_at or program.status_at, now),
                "starts": due.by_project.get(one.pk, (0, 0))[0],
                "finishes": due.by_project.get(one.pk, (0, 0))[1],
                "counted": only is None or only == one,
            }
            for one in projects
        ],
        "due": due,
        "due_lines": due_lines(due, program),
        "due_most": DUE_SHOWN,
        "age": aged(program.status_at, now),
        "history": history(
            program, selectors.dates(program.pk, DATES_SHOWN), selectors.updates(program.pk)[:DATES_SHOWN]
        ),
        "history_most": DATES_SHOWN,
        "back": selectors.standing(program.pk) if may else None,
        "action": home_of(program),
        "crumbs": crumbs(program, ("Status", "")),
        "no_clock": True,
    }
    return render(request, "programs/status/status.html", context, status=status)


def _choices(program: Program, mine: set[int] | None) -> Any:
    found = selectors.open_projects(program)
    return found if mine is None else found.filter(pk__in=mine)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def status(request: HttpRequest, program: Program) -> HttpResponse:
    """Every project's status date and what is missing; who reports progress sets a new one."""
    with reading(request) as access:
        if request.method == "GET":
            return _show(request, program)
        mine = selectors.reporting_projects(access, program)
        if mine is not None and not mine:
            access.require(Permission.REPORT_PROGRESS, program.pk)
        form = StatusForm(program, request.POST, projects=_choices(program, mine), whole=mine is None)
        if not form.is_valid():
            return _show(request, program, form, 422)
    given = dict(form.cleaned_data)
    try:
        made = act(
            request,
            services.set_status_date,
            why=given["remark"],
            program=program,
            status_at=given.pop("at"),
            **given,
        )
    except AlreadyDone:
        return redirect("programs:status", code=program.code)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            if refusal.status == 409:
                form.data = {**request.POST.dict(), "seen": str(selectors.newest(program))}
            program.refresh_from_db()
            return _show(request, program, form, refusal.status)
    messages.success(request, brought_about(made, program))
    return redirect("programs:status", code=program.code)


@page(Permission.REPORT_PROGRESS, methods=("GET", "POST"), somewhere=True)
def take_back(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What taking a status update back would do; then the act, with its reason."""
    with reading(request) as access:
        found = _find(program, pk)
        access.require(Permission.REPORT_PROGRESS, program.pk, found.project_id)
        if request.method == "GET":
            return _back_page(request, program, found, TakeBackForm())
        form = TakeBackForm(request.POST)
        if not form.is_valid():
            return _back_page(request, program, found, form, 422)
    reason = form.cleaned_data["reason"]
    try:
        restored = act(request, services.take_back, why=reason, update=found, reason=reason)
    except AlreadyDone:
        return redirect("programs:status", code=program.code)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _back_page(request, program, _find(program, pk), form, refusal.status)
    counted = formats.counted(restored, "activity has", "activities have")
    messages.success(request, f"The status date is taken back. {counted} the progress of before again.")
    return redirect("programs:status", code=program.code)


def _find(program: Program, pk: int) -> StatusUpdate:
    found: StatusUpdate | None = selectors.updates(program.pk).filter(pk=pk).first()
    if found is None:
        raise Http404("No such status update.")
    return found


def _back_page(
    request: HttpRequest, program: Program, found: StatusUpdate, form: TakeBackForm, status: int = 200
) -> HttpResponse:
    refusals = services.why_not(program, found)
    named = dict(Project.objects.filter(pk__in=[row[0] for row in found.periods]).values_list("pk", "code"))
    context = {
        "program": program,
        "found": found,
        "named": ", ".join(named.get(row[0], "?") for row in found.periods),
        "refusals": refusals,
        "form": form,
        "home": home_of(program),
        "crumbs": crumbs(program, ("Status", home_of(program)), ("Take back", "")),
        "no_clock": True,
    }
    return render(request, "programs/status/take_back.html", context, status=status)
