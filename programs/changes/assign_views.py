"""Who would work on what: the form by which a request puts units of a resource on an activity, or takes them off."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from pmo.accounts.roles import Permission
from pmo.http import page, reading
from pmo.refusals import Refused
from programs.changes.edit_views import at_field, end_of, proposes
from programs.changes.forms import AssignForm
from programs.changes.models import ChangeRequest
from programs.changes.staffing import text_of
from programs.changes.views import find, log_url
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def assign(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Propose that a resource works on an activity of the plan, or on a new one; 0 units: not any more."""
    with reading(request) as access:
        found = find(request, program, pk)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        initial = {"activity": request.GET.get("activity", "")[:91], "units": "1"}
        form = AssignForm(program, request.POST or None, initial=initial)
        if request.method == "GET":
            return _page(request, program, found, form)
        ref: int | str | None = None
        if form.is_valid():
            ref = end_of(program, found, form.cleaned_data["activity"], found.project)
            if ref is None:
                form.add_error("activity", "There is no activity of that code.")
        if ref is None:
            return _page(request, program, found, form, 422)
    resource, units = form.cleaned_data["resource"], form.cleaned_data["units"]

    def refused(refusal: Refused) -> HttpResponse:
        shown = find(request, program, pk)
        at_field(form, refusal)
        return _page(request, program, shown, form, refusal.status)

    edit = {"do": "assign", "activity": ref, "resource": resource.pk, "units": text_of(units)}
    return proposes(request, program, pk, edit, refused, f"{resource.code} is proposed")


def _page(
    request: HttpRequest, program: Program, found: ChangeRequest, form: AssignForm, status: int = 200
) -> HttpResponse:
    context = {
        "program": program,
        "found": found,
        "form": form,
        "crumbs": crumbs(
            program,
            ("Changes", log_url(program)),
            (found.code, f"{log_url(program)}{found.pk}/"),
            ("Assign", ""),
        ),
    }
    return render(request, "programs/changes/assign.html", context, status=status)
