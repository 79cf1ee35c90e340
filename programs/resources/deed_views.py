"""Pages of what can be done with a resource: copy, retire, bring back, remove."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.resources import services
from programs.resources.forms import AvailabilityForm, CopyForm, RetireForm
from programs.resources.views import find, form_page, home, resource_page


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def copy(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Another resource with the same capacity, calendar and cost."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = CopyForm(request.POST or None, initial={"name": found.name})
        heading = f"Copy {found.code}"
        if request.method == "GET":
            return form_page(request, program, form, heading, found)
        if not form.is_valid():
            return form_page(request, program, form, heading, found, 422)
    try:
        made = act(request, services.copy, resource=found, **form.cleaned_data)
    except AlreadyDone:
        return redirect("programs:resources", code=program.code)
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return form_page(request, program, form, heading, found, refusal.status)
    messages.success(request, f"{made.code} is a copy of {found.code}.")
    return redirect("programs:resource", code=program.code, pk=made.pk)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def retire(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """It takes no new work from now on."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = RetireForm(request.POST or None, initial={"version": found.version})
        heading = f"Retire {found.code}"
        if request.method == "GET":
            return form_page(request, program, form, heading, found)
        if not form.is_valid():
            return form_page(request, program, form, heading, found, 422)
    try:
        act(request, services.retire, resource=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return form_page(request, program, form, heading, found, refusal.status)
    else:
        messages.success(request, f"{found.code} is retired: it takes no new work.")
    return redirect("programs:resource", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def availability(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """How much of it there is on some days."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = AvailabilityForm(request.POST, auto_id="away_%s")
        if not form.is_valid():
            return resource_page(request, program, found, None, 422, form)
    try:
        act(request, services.set_availability, resource=found, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            found = find(program, pk)
            form.data = {**request.POST.dict(), "version": str(found.version)}
            return resource_page(request, program, found, None, refusal.status, form)
    else:
        messages.success(request, f"{found.code}: saved. Its load counts it; no date moves.")
    return redirect("programs:resource", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def availability_end(request: HttpRequest, program: Program, pk: int, line: int) -> HttpResponse:
    """In these days there is as much of it as ever."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        one = found.availability.filter(pk=line).select_related("resource").first()
        if one is None:
            raise Http404("No such days.")
    given = request.POST.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    try:
        act(request, services.end_availability, availability=one, version=version)
    except AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"{found.code}: those days are as all others.")
    return redirect("programs:resource", code=program.code, pk=pk)


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def bring_back(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A retired resource takes work again."""
    return _done(request, program, pk, services.bring_back, "takes work again", "programs:resource")


@page(Permission.EDIT_PLAN, methods=("POST",), somewhere=True)
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take a resource away that never had work."""
    return _done(request, program, pk, services.remove, "is removed; its history is kept", "")


def _done(
    request: HttpRequest, program: Program, pk: int, service: Any, words: str, onward: str
) -> HttpResponse:
    """One deed of a button, with the version that was shown; what is refused is said on the resource's page."""
    with reading(request) as access:
        found = find(program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
    given = request.POST.get("version", "")
    try:
        version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
        act(request, service, resource=found, version=version)
    except AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:resource", code=program.code, pk=pk)
    else:
        messages.success(request, f"{found.code} {words}.")
    return redirect(onward, code=program.code, pk=pk) if onward else redirect(home(program))
