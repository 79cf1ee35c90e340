"""Pages that change which activities and links there are: add, link, unlink, remove."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pmo.accounts.roles import Permission
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.master_plan.activity_views import activity_page, crumbs_of
from programs.master_plan.forms import LinkForm, NewActivityForm, minutes_of
from programs.master_plan.views import editable_projects, find_activity
from programs.portfolio.models import Program, Project
from programs.schedule import services
from programs.schedule.models import Activity
from programs.schedule.usual import day_minutes


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A new activity, and what comes before it."""
    with reading(request) as access:
        allowed = editable_projects(access, program)
        projects = Project.objects.filter(program_id=program.pk).order_by("position", "pk")
        if allowed is not None:
            projects = projects.filter(pk__in=allowed)
        form = NewActivityForm(request.POST or None, projects=projects)
        context = {"program": program, "form": form, "crumbs": crumbs_of(program, ("Add activity", ""))}
        if request.method == "GET":
            return render(request, "programs/master_plan/add.html", context)
        valid = form.is_valid()
        before = None
        if valid and form.cleaned_data["predecessor"]:
            before = _by_code(program, form.cleaned_data["predecessor"], form.cleaned_data["project"])
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
                valid = False
        if not valid:
            return render(request, "programs/master_plan/add.html", context, status=422)
        day = day_minutes(program)
    cleaned = form.cleaned_data
    milestone = cleaned["kind"] in ("start_milestone", "finish_milestone", "summary")
    values = {
        "code": cleaned["code"],
        "name": cleaned["name"],
        "kind": cleaned["kind"],
        "duration_minutes": 0 if milestone else minutes_of(cleaned["days"] or 1, day),
    }
    try:
        outcome = act(
            request,
            services.add_activity,
            program=program,
            project_id=cleaned["project"].pk,
            values=values,
            after_id=before.pk if before else None,
        )
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return render(request, "programs/master_plan/add.html", context, status=refusal.status)
    assert outcome.activity is not None  # noqa: S101 - add_activity always gives it
    return redirect("programs:activity", code=program.code, pk=outcome.activity.pk)


def _by_code(program: Program, text: str, project: Project) -> Activity | None:
    """The activity named `PROJECT/CODE`, or `CODE` of the given project."""
    first, slash, second = text.strip().partition("/")
    wanted = (first.strip(), second.strip()) if slash else (project.code, first.strip())
    return Activity.objects.filter(
        program_id=program.pk, project__code__iexact=wanted[0], code__iexact=wanted[1]
    ).first()


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def link(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Let this activity wait for another."""
    with reading(request):
        found = find_activity(request, program, pk)
        form = LinkForm(request.POST)
        before = None
        if form.is_valid():
            before = _by_code(program, form.cleaned_data["predecessor"], found.project)
            if before is None:
                form.add_error("predecessor", "There is no activity of that code.")
        if before is None:
            return activity_page(request, program, found, link=form, status=422)
        day = day_minutes(program, found)
    lag = form.cleaned_data["lag_days"] or 0
    return _linked(
        request,
        program,
        pk,
        form,
        lambda: act(
            request,
            services.add_dependency,
            program=program,
            predecessor_id=before.pk,
            successor_id=pk,
            kind=form.cleaned_data["kind"],
            lag=minutes_of(lag, day),
            lag_unit="working",
        ),
    )


def _linked(
    request: HttpRequest, program: Program, pk: int, form: Form, deed: Callable[[], services.Outcome]
) -> HttpResponse:
    try:
        outcome = deed()
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return activity_page(
                request, program, find_activity(request, program, pk), link=form, status=refusal.status
            )
    messages.success(request, f"Linked. {outcome.words}")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def unlink(request: HttpRequest, program: Program, pk: int, link_pk: int) -> HttpResponse:
    """Take a link of this activity out of the plan."""
    with reading(request):
        found = find_activity(request, program, pk)
        known = found.predecessor_links.filter(pk=link_pk).exists()
    if known:
        act(request, services.remove_dependency, dependency_id=link_pk)
        messages.success(request, "The link is removed.")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an activity out of the plan, where nothing of record hangs on it."""
    with reading(request):
        found = find_activity(request, program, pk)
    try:
        act(request, services.remove_activity, activity_id=pk, version=None)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:activity", code=program.code, pk=pk)
    messages.success(request, f"{found.code} {found.name} is out of the plan; its history is kept.")
    return redirect("programs:plan", code=program.code)
