"""Pages that change which activities and links there are: add, link, unlink, remove."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from pmo.accounts.roles import Permission
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Refused
from programs.master_plan import preview
from programs.master_plan import services as mindful
from programs.master_plan.activity_views import activity_page, answered, asked, crumbs_of
from programs.master_plan.forms import LinkForm, NewActivityForm, minutes_of
from programs.master_plan.views import editable_projects, find_activity
from programs.master_plan.would_move import Tried
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
            before = by_code(program, form.cleaned_data["predecessor"], form.cleaned_data["project"])
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
            mindful.add_activity,
            agreed=request.POST.get("agreed", ""),
            program=program,
            project_id=cleaned["project"].pk,
            values=values,
            after_id=before.pk if before else None,
        )
    except mindful.MovesCommitted as refusal:
        context |= {"held": refusal, "moves": preview.told(program, refusal.moves)}
        with reading(request):
            return render(request, "programs/master_plan/add.html", context, status=refusal.status)
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return render(request, "programs/master_plan/add.html", context, status=refusal.status)
    assert outcome.activity is not None  # noqa: S101 - add_activity always gives it
    return redirect("programs:activity", code=program.code, pk=outcome.activity.pk)


def by_code(program: Program, text: str, project: Project) -> Activity | None:
    """The activity named `PROJECT/CODE`, or `CODE` of the given project."""
    first, slash, second = text.strip().partition("/")
    wanted = (first.strip(), second.strip()) if slash else (project.code, first.strip())
    return Activity.objects.filter(
        program_id=program.pk, project__code__iexact=wanted[0], code__iexact=wanted[1]
    ).first()


def _typed_link(program: Program, found: Activity, form: LinkForm) -> dict[str, Any] | None:
    """What the form of a link to `found` says, as `add_dependency` takes it; None where it is not valid."""
    if not form.is_valid():
        return None
    before = by_code(program, form.cleaned_data["predecessor"], found.project)
    if before is None:
        form.add_error("predecessor", "There is no activity of that code.")
        return None
    return {
        "predecessor_id": before.pk,
        "successor_id": found.pk,
        "kind": form.cleaned_data["kind"],
        "lag": minutes_of(form.cleaned_data["lag_days"] or 0, day_minutes(program, found)),
        "lag_unit": "working",
    }


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def link(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Let this activity wait for another."""
    with reading(request):
        found = find_activity(request, program, pk)
        form = LinkForm(request.POST)
        typed = _typed_link(program, found, form)
        if typed is None:
            return activity_page(request, program, found, link=form, status=422)
    agreed = request.POST.get("agreed", "")
    try:
        outcome = act(request, mindful.add_dependency, program=program, agreed=agreed, **typed)
    except Refused as refusal:
        with reading(request):
            found, moves, held = find_activity(request, program, pk), None, None
            if isinstance(refusal, mindful.MovesCommitted):
                held, moves = refusal, refusal.moves
            else:
                form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            return activity_page(
                request, program, found, link=form, moves=moves, held=held, status=refusal.status
            )
    messages.success(request, f"Linked. {outcome.words}")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def link_what_if(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What the link in the form would move; nothing is saved. For htmx the answer alone, else the page with it."""
    with reading(request) as access:
        found = find_activity(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = LinkForm(request.POST)
        typed, moves, status = _typed_link(program, found, form), None, 422
    if typed is not None:
        try:
            asked(request, program, services.add_dependency, program=program, **typed)
        except Tried as tried:
            moves, status = tried.moves, 200
        except Refused as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
            status = refusal.status
    with reading(request):
        if not is_fragment(request):
            return activity_page(request, program, found, link=form, moves=moves, status=status)
        return answered(request, program, form, moves, status)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def unlink(request: HttpRequest, program: Program, pk: int, link_pk: int) -> HttpResponse:
    """Take a link of this activity out of the plan."""
    with reading(request):
        found = find_activity(request, program, pk)
        known = found.predecessor_links.filter(pk=link_pk).exists()
    if not known:
        return redirect("programs:activity", code=program.code, pk=pk)
    try:
        act(
            request,
            mindful.remove_dependency,
            dependency_id=link_pk,
            agreed=request.POST.get("agreed", ""),
        )
    except mindful.MovesCommitted as refusal:
        return _again(request, program, pk, refusal, "Remove the link all the same")
    messages.success(request, "The link is removed.")
    return redirect("programs:activity", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an activity out of the plan, where nothing of record hangs on it."""
    with reading(request):
        found = find_activity(request, program, pk)
    try:
        act(
            request,
            mindful.remove_activity,
            activity_id=pk,
            version=None,
            agreed=request.POST.get("agreed", ""),
        )
    except mindful.MovesCommitted as refusal:
        return _again(request, program, pk, refusal, "Remove it all the same")
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:activity", code=program.code, pk=pk)
    messages.success(request, f"{found.code} {found.name} is out of the plan; its history is kept.")
    return redirect("programs:plan", code=program.code)


def _again(
    request: HttpRequest, program: Program, pk: int, held: mindful.MovesCommitted, label: str
) -> HttpResponse:
    """The page with what was held on top, and the button that goes on."""
    with reading(request):
        found = find_activity(request, program, pk)
        return activity_page(
            request,
            program,
            found,
            moves=held.moves,
            held=held,
            again=(request.path, label),
            status=held.status,
        )
