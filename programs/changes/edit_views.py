"""Planning in a request: the plan's own forms, applied to the copy and not to the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.seen import seen_version
from programs.calendars.models import Calendar
from programs.changes import services
from programs.changes.edits import Edit
from programs.changes.forms import ProposedActivityForm, proposed_values, shown_values
from programs.changes.models import ChangeRequest
from programs.changes.views import detail, find, log_url
from programs.master_plan.detail import links_of
from programs.master_plan.forms import LinkForm, minutes_of
from programs.master_plan.structure_views import by_code
from programs.master_plan.views import find_activity
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity
from programs.schedule.usual import day_minutes


def version_of(request: HttpRequest) -> int:
    """The version that the page was made of; 0, which no request has, where it is missing or not a number."""
    return seen_version(request.POST.get("request_version", ""))


@page(Permission.EDIT_PLAN, somewhere=True)
def choose(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Lead to the form of the activity whose code was typed, as PROJECT/CODE or CODE of the request's project."""
    found = find(request, program, pk)
    typed = request.GET.get("activity", "")[:91].strip()
    if not typed:
        return redirect("programs:change", code=program.code, pk=pk)
    activity = by_code(program, typed, found.project)
    if activity is None:
        return detail(
            request, program, found, Refused("There is no activity of that code.", field="activity")
        )
    return redirect("programs:change-activity", code=program.code, pk=pk, activity_pk=activity.pk)


def _proposed(found: ChangeRequest, activity: Activity) -> dict[str, Any]:
    for one in found.edits:
        if one["do"] == "change" and one["activity"] == activity.pk:
            return dict(one["to"])
    return {}


def _activity_page(
    request: HttpRequest,
    program: Program,
    found: ChangeRequest,
    activity: Activity,
    *,
    form: Form | None = None,
    link: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    day = day_minutes(program, activity)
    before, after = links_of(activity, day, None)
    cut = {one["link"] for one in found.edits if one["do"] == "unlink"}
    initial = shown_values(activity, _proposed(found, activity), day)
    context = {
        "program": program,
        "found": found,
        "activity": activity,
        "form": form
        or ProposedActivityForm(
            program,
            initial=initial,
            calendars=Calendar.objects.filter(program_id=program.pk).order_by("name"),
        ),
        "link_form": link or LinkForm(),
        "before": [(line, line.pk in cut) for line in before],
        "after": after,
        "crumbs": crumbs(
            program,
            ("Changes", log_url(program)),
            (found.code, f"{log_url(program)}{found.pk}/"),
            (activity.code, ""),
        ),
    }
    return render(request, "programs/changes/activity.html", context, status=status)


def proposes(
    request: HttpRequest,
    program: Program,
    pk: int,
    edit: Edit,
    refused: Callable[[Refused], HttpResponse],
    done: str,
) -> HttpResponse:
    """Put one edit to the request; a refusal is shown where `refused` says."""
    with reading(request):
        found = find(request, program, pk)
    try:
        act(request, services.propose, change_request=found, version=version_of(request), edit=edit)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return refused(refusal)
    messages.success(request, f"{done} in {found.code}: the plan itself is as it was.")
    return redirect("programs:change", code=program.code, pk=pk)


def at_field(form: Form, refusal: Refused) -> Form:
    """The refusal at its field of the form."""
    name = {"duration_minutes": "days"}.get(refusal.field or "", refusal.field)
    form.add_error(name if name in form.fields else None, refusal.message)
    if isinstance(refusal, Conflict):
        form.add_error(None, "The page shows the request as it is now: look at it, and save again.")
    return form


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def activity(request: HttpRequest, program: Program, pk: int, activity_pk: int) -> HttpResponse:
    """The form of one activity as the request would have it."""
    with reading(request) as access:
        found = find(request, program, pk)
        one = find_activity(request, program, activity_pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        if request.method == "GET":
            return _activity_page(request, program, found, one)
        calendars = Calendar.objects.filter(program_id=program.pk)
        form = ProposedActivityForm(program, request.POST, calendars=calendars)
        if not form.is_valid():
            return _activity_page(request, program, found, one, form=form, status=422)
        day = day_minutes(program, one)
        to = proposed_values(form.cleaned_data, shown_values(one, _proposed(found, one), day), day)
    if not to:
        return redirect("programs:change", code=program.code, pk=pk)
    return proposes(
        request,
        program,
        pk,
        {"do": "change", "activity": one.pk, "to": to},
        lambda refusal: _activity_page(
            request, program, find(request, program, pk), one, form=at_field(form, refusal), status=refusal.status
        ),
        f"{one.code} is changed",
    )  # fmt: skip


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def link(request: HttpRequest, program: Program, pk: int, activity_pk: int) -> HttpResponse:
    """Propose that this activity waits for another, which may be a new one of the request."""
    with reading(request):
        found = find(request, program, pk)
        one = find_activity(request, program, activity_pk)
        form = LinkForm(request.POST)
        before: int | str | None = None
        if form.is_valid():
            before = end_of(program, found, form.cleaned_data["predecessor"], one.project)
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
        if before is None:
            return _activity_page(request, program, found, one, link=form, status=422)
        day = day_minutes(program, one)
    lag = minutes_of(form.cleaned_data["lag_days"] or 0, day)
    kind = form.cleaned_data["kind"]
    return proposes(
        request,
        program,
        pk,
        {"do": "link", "predecessor": before, "successor": one.pk, "kind": kind, "lag": lag, "lag_unit": "working"},
        lambda refusal: _activity_page(
            request, program, find(request, program, pk), one, link=at_field(form, refusal), status=refusal.status
        ),
        "A link is proposed",
    )  # fmt: skip


def end_of(program: Program, found: ChangeRequest, text: str, project: Project) -> int | str | None:
    """The activity of that code: a new one of the request by its key, one of the plan by its id."""
    wanted = text.strip() if "/" in text else f"{project.code}/{text.strip()}"
    for one in found.edits:
        if one["do"] == "add" and one["key"].lower() == wanted.lower():
            return str(one["key"])
    there = by_code(program, text, project)
    return there.pk if there else None


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def unlink(request: HttpRequest, program: Program, pk: int, link_pk: int) -> HttpResponse:
    """Propose to take a link out."""
    return proposes(
        request,
        program,
        pk,
        {"do": "unlink", "link": link_pk},
        lambda refusal: detail(request, program, find(request, program, pk), refusal),
        "A link less is proposed",
    )


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int, activity_pk: int) -> HttpResponse:
    """Propose to take an activity out."""
    return proposes(
        request,
        program,
        pk,
        {"do": "remove", "activity": activity_pk},
        lambda refusal: detail(request, program, find(request, program, pk), refusal),
        "An activity less is proposed",
    )


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def drop(request: HttpRequest, program: Program, pk: int, number: int) -> HttpResponse:
    """Take an edit back."""
    with reading(request):
        found = find(request, program, pk)
    try:
        act(request, services.drop, change_request=found, version=version_of(request), number=number)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return detail(request, program, find(request, program, pk), refusal)
    return redirect("programs:change", code=program.code, pk=pk)
