"""Pages of the sources of cost files."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports import source_services as services
from finance.imports.forms import SourceForm
from finance.imports.layout import DATE_ORDERS
from finance.imports.models import CostSource
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def sources(request: HttpRequest, program: Program) -> HttpResponse:
    """Every source and how its files are read."""
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    base = reverse("finance:cost-sources", kwargs={"code": program.code})
    add_url = reverse("finance:cost-source-add", kwargs={"code": program.code}) if may else ""
    register = Register(
        name=f"{program.code}-cost-sources",
        rows=CostSource.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("edited_by")
        .order_by("name"),
        search=("name",),
        columns=[
            Column("Source", lambda s: s.name, "name", href=lambda s: f"{base}{s.pk}/"),
            Column("Columns", lambda s: ", ".join(s.layout.get("columns", {}).values())),
            Column("Dates", lambda s: DATE_ORDERS.get(s.layout.get("date_order", ""), "")),
            Column("Decimals", lambda s: "1234,50" if s.layout.get("decimal") == "," else "1234.50"),
            Column("Changed by", lambda s: s.edited_by.name if s.edited_by else "the office"),
            Column("Changed", lambda s: formats.moment(s.edited_at), "edited_at", num=True),
        ],
        empty={
            "title": "No source yet",
            "text": "A source says once how the files of an ERP are written; a file without one has our own columns.",
            "url": add_url,
            "label": "Describe the first source",
        },
    )
    costs = reverse("finance:costs", kwargs={"code": program.code})
    context = {
        "program": program,
        "heading": "Sources of cost",
        "subtitle": "How the files of each ERP are written",
        "add_url": add_url,
        "add_label": "Describe a source",
        "crumbs": crumbs(program, ("Actual cost", costs), ("Sources", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _page(
    request: HttpRequest, program: Program, form: SourceForm, found: CostSource | None, status: int = 200
) -> HttpResponse:
    here = reverse("finance:cost-sources", kwargs={"code": program.code})
    costs = reverse("finance:costs", kwargs={"code": program.code})
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    if not may:
        for field in form.fields.values():
            field.disabled = True
    context = {
        "program": program,
        "form": form,
        "found": found,
        "may": may,
        "action": request.get_full_path(),
        "cancel": here,
        "crumbs": crumbs(
            program, ("Actual cost", costs), ("Sources", here), (found.name if found else "New", "")
        ),
    }
    return render(request, "finance/imports/source.html", context, status=status)


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Describe a source."""
    with reading(request):
        form = SourceForm(request.POST or None)
        if request.method == "GET":
            return _page(request, program, form, None)
        if not form.is_valid():
            return _page(request, program, form, None, 422)
    try:
        made = act(
            request,
            services.add_source,
            program=program,
            name=form.cleaned_data["name"],
            layout=form.layout(),
        )
    except AlreadyDone:
        return redirect("finance:cost-sources", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, None, refusal.status)
    messages.success(request, f"{made.name} is described.")
    return redirect("finance:cost-sources", code=program.code)


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def source(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One source, read by everybody, changed by who may post costs."""
    with reading(request) as access:
        found = CostSource.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
        if found is None:
            raise Http404("No such source.")
        if request.method == "GET":
            return _page(request, program, SourceForm(source=found), found)
        access.require(Permission.POST_ACTUALS, program.pk)
        form = SourceForm(request.POST, source=found)
        if not form.is_valid():
            return _page(request, program, form, found, 422)
    try:
        act(
            request,
            services.edit_source,
            source_id=pk,
            name=form.cleaned_data["name"],
            layout=form.layout(),
            version=form.cleaned_data["version"] or 0,
        )
    except AlreadyDone:
        return redirect("finance:cost-sources", code=program.code)
    except Refused as refusal:
        with reading(request):
            form.refuse(refusal)
            return _page(request, program, form, found, refusal.status)
    messages.success(request, f"{found.name} is saved.")
    return redirect("finance:cost-sources", code=program.code)
