"""Forms of one line of an estimate."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from finance.estimates import services
from finance.estimates.forms import LineForm
from finance.estimates.views import find, form_page, here
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.seen import seen_version
from programs.portfolio.models import Program


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def line_add(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Add a cost that is not labour of the plan."""
    with reading(request):
        found = find(request, program, pk)
        back = here(program, found)
        form = LineForm(program, request.POST or None)
        if request.method == "GET" or not form.is_valid():
            return form_page(
                request, program, form, "Add a line", back, 200 if request.method == "GET" else 422
            )
    try:
        act(request, services.add_line, estimate=found, values=form.values())
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return form_page(request, program, form, "Add a line", back, refusal.status)
    return redirect("finance:estimate", code=program.code, pk=pk)


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def line(request: HttpRequest, program: Program, pk: int, line_pk: int) -> HttpResponse:
    """Change a typed line, or (`remove`) take it out."""
    with reading(request):
        found = find(request, program, pk)
        back = here(program, found)
        one = found.lines.filter(pk=line_pk, resource=None).select_related("estimate").first()
        if one is None:
            raise Http404("No such line.")
        form = LineForm(program, request.POST or None, line=one)
        removing = "remove" in request.POST
        if request.method == "GET" or not (removing or form.is_valid()):
            status = 200 if request.method == "GET" else 422
            return form_page(request, program, form, "Change a line", back, status, removable=True)
        text = request.POST.get("version", "")
        seen = seen_version(text)
    try:
        if removing:
            act(request, services.remove_line, line=one, version=seen)
        else:
            act(request, services.edit_line, line=one, changes=form.values(), version=seen)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            if removing:
                form.is_valid()
            form.refuse(refusal)
            return form_page(request, program, form, "Change a line", back, refusal.status, removable=True)
    return redirect("finance:estimate", code=program.code, pk=pk)
