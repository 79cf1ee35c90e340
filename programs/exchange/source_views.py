"""Pages of the sources of plan tables."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.models import Program

from . import selectors, source_services
from .models import PlanSource
from .sheet_layout import DATE_ORDERS
from .source_forms import PlanSourceForm
from .views import import_crumbs


@page(Permission.IMPORT)
def sources(request: HttpRequest, program: Program) -> HttpResponse:
    """Every source and how its tables are read."""
    base = reverse("programs:plan-sources", kwargs={"code": program.code})
    add_url = reverse("programs:plan-source-add", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-plan-sources",
        rows=selectors.plan_sources(program, request.user).select_related("edited_by"),
        search=("name",),
        columns=[
            Column("Source", lambda s: s.name, "name", href=lambda s: f"{base}{s.pk}/"),
            Column("Project", lambda s: s.layout.get("project", "")),
            Column("Columns", lambda s: ", ".join(s.layout.get("columns", {}).values())),
            Column("Durations", lambda s: s.layout.get("unit", "")),
            Column("Dates", lambda s: DATE_ORDERS.get(s.layout.get("date_order", ""), "")),
            Column("Changed by", lambda s: s.edited_by.name if s.edited_by else "the office"),
            Column("Changed", lambda s: formats.moment(s.edited_at), "edited_at", num=True),
        ],
        empty={
            "title": "No source yet",
            "text": "A source says once what the columns of a plan table mean; nothing is guessed from a file.",
            "url": add_url,
            "label": "Describe the first source",
        },
    )
    context = {
        "program": program,
        "heading": "Sources of plan tables",
        "subtitle": "What the columns of each CSV or XLSX plan mean",
        "add_url": add_url,
        "add_label": "Describe a source",
        "crumbs": import_crumbs(program, ("Sources", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _page(
    request: HttpRequest, program: Program, form: PlanSourceForm, found: PlanSource | None, status: int = 200
) -> HttpResponse:
    here = reverse("programs:plan-sources", kwargs={"code": program.code})
    context = {
        "program": program,
        "form": form,
        "found": found,
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": import_crumbs(program, ("Sources", here), (found.name if found else "New", "")),
        "no_clock": True,
    }
    return render(request, "programs/exchange/source.html", context, status=status)


@page(Permission.IMPORT, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Describe a source."""
    with reading(request):
        form = PlanSourceForm(request.POST or None)
        if request.method == "GET":
            return _page(request, program, form, None)
        if not form.is_valid():
            return _page(request, program, form, None, 422)
    try:
        made = act(
            request,
            source_services.add_source,
            program=program,
            name=form.cleaned_data["name"],
            layout=form.layout(),
        )
    except AlreadyDone:
        return redirect("programs:plan-sources", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, None, refusal.status)
    messages.success(request, f"{made.name} is described.")
    return redirect("programs:plan-sources", code=program.code)


@page(Permission.IMPORT, methods=("GET", "POST"))
def source(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One source, to look at and to change."""
    with reading(request):
        found = selectors.plan_sources(program, request.user).filter(pk=pk).first()
        if found is None:
            raise Http404("No such source.")
        if request.method == "GET":
            return _page(request, program, PlanSourceForm(source=found), found)
        form = PlanSourceForm(request.POST, source=found)
        if not form.is_valid():
            return _page(request, program, form, found, 422)
    try:
        act(
            request,
            source_services.edit_source,
            source_id=pk,
            name=form.cleaned_data["name"],
            layout=form.layout(),
            version=form.cleaned_data["version"] or 0,
        )
    except AlreadyDone:
        return redirect("programs:plan-sources", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, found, refusal.status)
    messages.success(request, f"{form.cleaned_data['name']} is saved.")
    return redirect("programs:plan-sources", code=program.code)
