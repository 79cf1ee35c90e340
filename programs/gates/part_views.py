"""What is done on the page of a gate: criteria, what shows them, reviewers and what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.gates import deciding, services
from programs.gates.forms import CriterionForm, OpinionForm, ReviewerForm, ShownForm, SubmitForm
from programs.gates.models import GateCriterion, GateReviewer
from programs.gates.views import find, form_page, home_of, show
from programs.portfolio.models import Program


def _did(
    request: HttpRequest,
    program: Program,
    pk: int,
    service: Callable[..., Any],
    form: Any = None,
    done: str = "",
    **given: Any,
) -> HttpResponse:
    """Run a command and go back to the gate; a refusal is shown there, with what was typed."""
    try:
        act(request, service, **given)
    except AlreadyDone:
        pass
    except Refused as refusal:
        if form is not None and refusal.field in form.fields:
            form.add_error(refusal.field, refusal.message)
        with reading(request):
            return show(
                request,
                program,
                find(program, pk),
                refused=refusal.message,
                typed=form,
                status=refusal.status,
            )
    else:
        if done:
            messages.success(request, done)
    return redirect("programs:gate", code=program.code, pk=pk)


def _wrong(request: HttpRequest, program: Program, pk: int, form: Any) -> HttpResponse:
    return show(
        request, program, find(program, pk), refused="Look at the fields below.", typed=form, status=422
    )


@page(Permission.KEEP_GATES, methods=("POST",))
def add_criterion(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say what must be true."""
    with reading(request):
        found = find(program, pk)
        form = CriterionForm(request.POST)
        if not form.is_valid():
            return _wrong(request, program, pk, form)
    return _did(request, program, pk, services.add_criterion, form, gate=found, **form.cleaned_data)


def _criterion(program: Program, pk: int, criterion_pk: int) -> GateCriterion:
    rows = GateCriterion.objects.filter(program_id=program.pk, gate_id=pk, pk=criterion_pk)
    found: GateCriterion | None = rows.select_related("gate__project").first()
    if found is None:
        raise Http404("No such criterion.")
    return found


def _criterion_form(
    request: HttpRequest,
    program: Program,
    one: GateCriterion,
    form: Any,
    heading: str,
    service: Callable[..., Any],
    values: Callable[[dict[str, Any]], dict[str, Any]],
) -> HttpResponse:
    back = f"{home_of(program)}{one.gate_id}/"
    with reading(request):
        if request.method == "GET" or not form.is_valid():
            status = 200 if request.method == "GET" else 422
            return form_page(request, program, form, heading, back, status)
    given = dict(form.cleaned_data)
    version = given.pop("version")
    try:
        act(request, service, criterion=one, version=version, **values(given))
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status)
    return redirect("programs:gate", code=program.code, pk=one.gate_id)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def criterion(request: HttpRequest, program: Program, pk: int, criterion_pk: int) -> HttpResponse:
    """Say whether it is met, and what shows it."""
    with reading(request) as access:
        one = _criterion(program, pk, criterion_pk)
        access.require(Permission.EDIT_PLAN, program.pk, one.gate.project_id)
        initial = {name: getattr(one, name) for name in ("state", "evidence", "link", "version")}
        form = ShownForm(request.POST or None, initial=initial)
    heading = f"{one.gate.project.code} {one.gate.code}: {one.text[:60]}"
    return _criterion_form(request, program, one, form, heading, services.assess, lambda given: given)


@page(Permission.KEEP_GATES, methods=("GET", "POST"))
def criterion_words(request: HttpRequest, program: Program, pk: int, criterion_pk: int) -> HttpResponse:
    """Change its words, or whether it is mandatory."""
    with reading(request):
        one = _criterion(program, pk, criterion_pk)
        initial = {name: getattr(one, name) for name in ("text", "mandatory", "version")}
        form = CriterionForm(request.POST or None, initial=initial)
    heading = f"{one.gate.project.code} {one.gate.code}: words of a criterion"
    return _criterion_form(
        request, program, one, form, heading, services.edit_criterion, lambda given: {"changes": given}
    )


@page(Permission.KEEP_GATES, methods=("POST",))
def remove_criterion(request: HttpRequest, program: Program, pk: int, criterion_pk: int) -> HttpResponse:
    """Take a criterion out."""
    with reading(request):
        one = _criterion(program, pk, criterion_pk)
    version = seen_version(request.POST.get("version", ""))
    return _did(request, program, pk, services.remove_criterion, criterion=one, version=version)


@page(Permission.KEEP_GATES, methods=("POST",))
def name_reviewer(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Ask somebody to look at the gate."""
    with reading(request):
        found = find(program, pk)
        form = ReviewerForm(program, request.POST)
        if not form.is_valid():
            return _wrong(request, program, pk, form)
    person = form.cleaned_data["person"]
    return _did(request, program, pk, services.name_reviewer, form, gate=found, person=person)


@page(Permission.KEEP_GATES, methods=("POST",))
def release_reviewer(request: HttpRequest, program: Program, pk: int, reviewer_pk: int) -> HttpResponse:
    """Somebody no longer reviews it."""
    with reading(request):
        rows = GateReviewer.objects.filter(program_id=program.pk, gate_id=pk, pk=reviewer_pk)
        one = rows.select_related("gate").first()
        if one is None:
            raise Http404("No such reviewer.")
    version = seen_version(request.POST.get("version", ""))
    return _did(request, program, pk, services.release_reviewer, reviewer=one, version=version)


@page(Permission.VIEW_PROGRAM, methods=("POST",))
def opinion(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A reviewer says whether it is ready."""
    with reading(request):
        found = find(program, pk)
        form = OpinionForm(request.POST)
        if not form.is_valid():
            return _wrong(request, program, pk, form)
    return _did(
        request,
        program,
        pk,
        services.give_opinion,
        form,
        f"What you say about {found.code} is noted.",
        gate=found,
        **form.cleaned_data,
    )


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def submit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put it forward for a decision."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = SubmitForm(request.POST)
        if not form.is_valid():
            return _wrong(request, program, pk, form)
    done = f"{found.code} is put forward: it waits for the program office to propose it to a body."
    return _did(request, program, pk, deciding.submit, form, done, gate=found, **form.cleaned_data)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def take_back(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Prepare it further."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
    version = seen_version(request.POST.get("version", ""))
    return _did(request, program, pk, deciding.take_back, gate=found, version=version)
