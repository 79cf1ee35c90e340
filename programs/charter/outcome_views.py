"""Pages of a project's planned outcomes; they are listed on the project's own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.charter import outcomes
from programs.charter.outcome_forms import OutcomeForm, SeenForm
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import PlannedOutcome, Program, Project


def _home(program: Program, project: Project) -> str:
    return reverse("programs:project", kwargs={"code": program.code, "project_code": project.code})


def _page(
    request: HttpRequest, program: Program, project: Project, form: Any, heading: str, status: int = 200
) -> HttpResponse:
    home = _home(program, project)
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.get_full_path(),
        "cancel": home,
        "crumbs": crumbs(
            program,
            ("Projects", reverse("programs:projects", kwargs={"code": program.code})),
            (project.code, home),
            (heading, ""),
        ),
        "no_clock": True,
    }
    return render(request, "programs/beginning/form.html", context, status=status)


def _taken(
    request: HttpRequest,
    program: Program,
    project: Project,
    form: Any,
    heading: str,
    done: str,
    do: Callable[[], Any],
) -> HttpResponse:
    """Do it and go back to the project, or show the form again with why not."""
    try:
        do()
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return _page(request, program, project, form, heading, refusal.status)
    else:
        messages.success(request, done)
    return redirect(_home(program, project))


def _find(program: Program, pk: int) -> PlannedOutcome:
    found = (
        PlannedOutcome.objects.filter(program_id=program.pk, pk=pk)
        .select_related("program", "project")
        .first()
    )
    if found is None:
        raise Http404("No such outcome.")
    one: PlannedOutcome = found
    return one


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A further planned outcome of a project."""
    with reading(request):
        project = Project.objects.filter(program_id=program.pk, pk=pk).first()
        if project is None:
            raise Http404("No such project.")
        heading, form = "Plan an outcome", OutcomeForm(request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _page(request, program, project, form, heading, 200 if request.method == "GET" else 422)

    def do() -> Any:
        return act(request, outcomes.add, project=project, values=form.values())

    return _taken(request, program, project, form, heading, "The outcome is planned.", do)


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def edit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say otherwise what is planned."""
    with reading(request):
        found = _find(program, pk)
        heading, form = "Edit a planned outcome", OutcomeForm(request.POST or None, planned=found)
        if request.method == "GET" or not form.is_valid():
            return _page(
                request, program, found.project, form, heading, 200 if request.method == "GET" else 422
            )

    def do() -> Any:
        version = form.cleaned_data["version"]
        why = form.cleaned_data["why"]
        return act(
            request, outcomes.edit, why=why, outcome=found, version=version, changes=form.values(), reason=why
        )

    return _taken(request, program, found.project, form, heading, "The outcome is saved.", do)


@page(Permission.REPORT_PROGRESS, methods=("GET", "POST"), somewhere=True)
def see(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say whether it was reached."""
    with reading(request) as access:
        found = _find(program, pk)
        access.require(Permission.REPORT_PROGRESS, program.pk, found.project_id)
        heading, form = f"Was it reached? {found.outcome}", SeenForm(found, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _page(
                request, program, found.project, form, heading, 200 if request.method == "GET" else 422
            )

    def do() -> Any:
        return act(request, outcomes.see, outcome=found, **form.cleaned_data)

    return _taken(request, program, found.project, form, heading, "What was seen is kept.", do)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an outcome off the list of which nothing was seen."""
    with reading(request):
        found = _find(program, pk)
    act(request, outcomes.remove, outcome=found, version=seen_version(request.POST.get("version", "")))
    messages.success(request, "The outcome is planned no longer.")
    return redirect(_home(program, found.project))
