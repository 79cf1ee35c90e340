"""Pages of one deliverable and of one requirement: written, accepted, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.zones import zone
from programs.deliverables import selectors, services
from programs.deliverables.forms import (
    AcceptForm,
    DeliverableForm,
    NewDeliverableForm,
    RequirementForm,
    TakeBackForm,
)
from programs.deliverables.models import Deliverable, Requirement
from programs.deliverables.values import CLOSED
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

ACCEPT, BACK = "id_accept_%s", "id_back_%s"
"""Ids of fields: several forms stand on one page."""


def _home(program: Program) -> tuple[str, str]:
    return "Deliverables", reverse("programs:deliverables", kwargs={"code": program.code})


def _saved(form: Form, service: Callable[[], Any]) -> int:
    """200 once the service has run, else the status of its refusal, which is in the form then."""
    try:
        service()
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.message)
        return refusal.status
    return 200


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A new deliverable of a project that stands in no baseline yet."""
    with reading(request) as access:
        form = NewDeliverableForm(selectors.mine(access, program), request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return _new(request, program, form, 200 if request.method == "GET" else 422)
    project = form.cleaned_data["project"]
    status = _saved(
        form, lambda: act(request, services.add, program=program, project=project, given=form.given())
    )
    if status != 200:
        with reading(request):
            return _new(request, program, form, status)
    messages.success(request, f"{form.cleaned_data['code']} {form.cleaned_data['name']} is added.")
    return redirect("programs:deliverables", code=program.code)


def _new(request: HttpRequest, program: Program, form: Form, status: int) -> HttpResponse:
    context = {
        "program": program,
        "form": form,
        "any": form.fields["project"].queryset.exists(),  # type: ignore[attr-defined]
        "crumbs": crumbs(program, _home(program), ("Add", "")),
        "no_clock": True,
    }
    return render(request, "programs/deliverables/add.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def deliverable(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One deliverable with its requirements; edited here until a baseline holds its project."""
    with reading(request) as access:
        found = _deliverable(request, program, pk)
        if request.method == "GET":
            return _one(request, program, found)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = DeliverableForm(found, request.POST)
        if not form.is_valid():
            return _one(request, program, found, form, 422)
    status = _saved(
        form,
        lambda: act(
            request,
            services.edit,
            deliverable=found,
            version=form.cleaned_data["version"],
            given=form.given(),
        ),
    )
    if status != 200:
        with reading(request):
            return _one(request, program, _deliverable(request, program, pk), form, status)
    messages.success(request, f"{found.code} is saved.")
    return redirect("programs:deliverable", code=program.code, pk=pk)


def _deliverable(request: HttpRequest, program: Program, pk: int) -> Deliverable:
    found = selectors.deliverables(program, request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _one(
    request: HttpRequest, program: Program, found: Deliverable, form: Form | None = None, status: int = 200
) -> HttpResponse:
    access: Any = request.access  # type: ignore[attr-defined]
    edits = access.may(Permission.EDIT_PLAN, program.pk, found.project_id)
    free = (
        edits
        and found.withdrawn_at is None
        and selectors.free_projects(program.pk).filter(pk=found.project_id).exists()
    )
    if form is not None and status == 409:
        form.data = {**request.POST.dict(), "version": found.version}
    context = {
        "program": program,
        "found": found,
        "rows": selectors.requirements(program, request.user).filter(deliverable=found).order_by("code"),
        "form": form or (DeliverableForm(found) if free else None),
        "by_request": edits and not free and found.withdrawn_at is None,
        "crumbs": crumbs(program, _home(program), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "programs/deliverables/deliverable.html", context, status=status)


def _requirement(request: HttpRequest, program: Program, pk: int) -> Requirement:
    found = selectors.requirements(program, request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def requirement(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One requirement: its words, who produced and accepted it, and what became of it."""
    with reading(request) as access:
        found = _requirement(request, program, pk)
        if request.method == "GET":
            return _shown(request, program, found)
        access.require(Permission.EDIT_PLAN, program.pk, found.deliverable.project_id)
        free = selectors.free_projects(program.pk).filter(pk=found.deliverable.project_id).exists()
        form = RequirementForm(found, selectors.people(program.pk), request.POST, free=free)
        if not form.is_valid():
            return _shown(request, program, found, 422, form=form)
        version, changes = form.cleaned_data["version"], form.changes()
    return _done(
        request, program, pk, "form", form, f"{found.code} is saved.",
        lambda: act(
            request, services.edit_requirement, requirement=found, version=version, changes=changes
        ),
    )  # fmt: skip


@page(Permission.ACCEPT_DELIVERY, methods=("POST",))
def accept(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say that a requirement is met."""
    with reading(request):
        found = _requirement(request, program, pk)
        form = AcceptForm(request.POST, auto_id=ACCEPT)
        if not form.is_valid():
            return _shown(request, program, found, 422, accept=form)
    return _done(
        request, program, pk, "accept", form, f"{found.code} is accepted.",
        lambda: act(request, services.accept, requirement=found, **form.cleaned_data),
    )  # fmt: skip


@page(Permission.ACCEPT_DELIVERY, methods=("POST",))
def take_back(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take an acceptance back."""
    with reading(request):
        found = _requirement(request, program, pk)
        form = TakeBackForm(request.POST, auto_id=BACK)
        if not form.is_valid():
            return _shown(request, program, found, 422, back=form)
    given = form.cleaned_data
    return _done(
        request, program, pk, "back", form, f"{found.code} is open again.",
        lambda: act(
            request, services.take_back, requirement=found, version=given["version"], reason=given["why"]
        ),
    )  # fmt: skip


def _done(
    request: HttpRequest,
    program: Program,
    pk: int,
    kind: str,
    form: Form,
    said: str,
    service: Callable[[], Any],
) -> HttpResponse:
    status = _saved(form, service)
    if status != 200:
        with reading(request):
            return _shown(request, program, _requirement(request, program, pk), status, **{kind: form})
    messages.success(request, said)
    return redirect("programs:requirement", code=program.code, pk=pk)


def _shown(
    request: HttpRequest, program: Program, found: Requirement, status: int = 200, **typed: Form
) -> HttpResponse:
    """The page of a requirement with what may be done, each form as it is or (`typed`) as it was typed."""
    access: Any = request.access  # type: ignore[attr-defined]
    project = found.deliverable.project
    alive = found.deliverable.withdrawn_at is None
    may = alive and access.may(Permission.ACCEPT_DELIVERY, program.pk)
    own = may and found.accepted_on is None and selectors.own(found, request.user)  # type: ignore[arg-type]
    edits = alive and found.accepted_on is None and access.may(Permission.EDIT_PLAN, program.pk, project.pk)
    edits = edits and project.state not in CLOSED
    free = edits and selectors.free_projects(program.pk).filter(pk=project.pk).exists()
    if status == 409:
        for form in typed.values():
            form.data = {**request.POST.dict(), "version": found.version}
    today = timezone.now().astimezone(zone(program.time_zone)).date()
    context = {
        "program": program,
        "found": found,
        "form": typed.get("form")
        or (RequirementForm(found, selectors.people(program.pk), free=free) if edits else None),
        "accept": typed.get("accept")
        or (
            AcceptForm(initial={"accepted_on": today, "version": found.version}, auto_id=ACCEPT)
            if may and not own and found.accepted_on is None
            else None
        ),
        "back": typed.get("back")
        or (
            TakeBackForm(initial={"version": found.version}, auto_id=BACK)
            if may and found.accepted_on
            else None
        ),
        "own": own,
        "late": found.accepted_on is None and found.due_on < today,
        "trail": selectors.trail(found),
        "crumbs": crumbs(
            program,
            _home(program),
            (
                found.deliverable.code,
                reverse("programs:deliverable", kwargs={"code": program.code, "pk": found.deliverable_id}),
            ),
            (found.code, ""),
        ),
        "no_clock": True,
    }
    return render(request, "programs/deliverables/requirement.html", context, status=status)
