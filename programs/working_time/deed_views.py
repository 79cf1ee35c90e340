"""Pages that copy a calendar and take one away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from programs.portfolio.models import Program
from programs.working_time import services
from programs.working_time.forms import CopyForm
from programs.working_time.views import find, form_page


@page(Permission.EDIT_PROGRAM, methods=("GET", "POST"))
def copy(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Another calendar with the same week and days."""
    back = reverse("programs:calendar", kwargs={"code": program.code, "pk": pk})
    with reading(request):
        found = find(program, pk)
        heading = f"Copy {found.name}"
        form = CopyForm(request.POST or None, initial={"name": f"{found.name} (copy)"[:120]})
        if request.method == "GET":
            return form_page(request, program, form, heading, back)
        if not form.is_valid():
            return form_page(request, program, form, heading, back, 422)
    given = {name: form.cleaned_data[name] for name in ("code", "name")}
    try:
        made = act(request, services.copy, calendar=found, **given)
    except AlreadyDone:
        return redirect("programs:calendars", code=program.code)
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return form_page(request, program, form, heading, back, refusal.status)
    messages.success(
        request, f"{made.calendar.name} is a copy of {found.name}. Nothing is planned by it yet."
    )
    return redirect("programs:calendar", code=program.code, pk=made.calendar.pk)


@page(Permission.EDIT_PROGRAM, methods=("POST",))
def remove(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take away a calendar by which nothing works."""
    with reading(request):
        found = find(program, pk)
    given = request.POST.get("version", "")
    version = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    try:
        act(request, services.remove, calendar=found, version=version)
    except AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:calendar", code=program.code, pk=pk)
    else:
        messages.success(request, f"{found.name} is removed; its history is kept.")
    return redirect("programs:calendars", code=program.code)
