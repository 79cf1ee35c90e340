"""Pages of the sources of cost files."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports import source_services as services
from finance.imports.forms import EndForm, ReopenForm, SourceForm
from finance.imports.layout import DATE_ORDERS
from finance.imports.models import CostSource
from finance.imports.source_selectors import last_told, trail
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
            Column(
                "Ended with", lambda s: formats.period(s.last_period) if s.last_period else "", "last_period"
            ),
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
    request: HttpRequest,
    program: Program,
    form: SourceForm,
    found: CostSource | None,
    status: int = 200,
    ending: EndForm | None = None,
) -> HttpResponse:
    """A source, or a new one. `ending`: what was sent to end it, or to open it again, and was refused."""
    here = reverse("finance:cost-sources", kwargs={"code": program.code})
    costs = reverse("finance:costs", kwargs={"code": program.code})
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    if not may:
        for field in form.fields.values():
            field.disabled = True
    told = ""
    if found is not None and ending is None:
        told = "" if found.last_period else last_told(found)[0]
        initial = {"version": found.version, "last_period": told}
        ending = (ReopenForm if found.last_period else EndForm)(initial=initial, auto_id="end_%s")
    context = {
        "program": program,
        "form": form,
        "found": found,
        "ending": ending,
        "told": told,
        "trail": trail(found) if found else [],
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
        found = _find(request, program, pk)
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


def _find(request: HttpRequest, program: Program, pk: int) -> CostSource:
    found = CostSource.objects.visible_to(request.user).filter(program_id=program.pk, pk=pk).first()
    if found is None:
        raise Http404("No such source.")
    one: CostSource = found
    return one


@page(Permission.POST_ACTUALS, methods=("POST",))
def end(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A source ended with a period."""
    return _turned(
        request, program, pk, EndForm, services.end_source, "has ended: no total is asked for later."
    )


@page(Permission.POST_ACTUALS, methods=("POST",))
def reopen(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """A source that ended goes on."""
    return _turned(request, program, pk, ReopenForm, services.reopen_source, "goes on.")


def _turned(
    request: HttpRequest, program: Program, pk: int, shape: type[EndForm], service: Any, words: str
) -> HttpResponse:
    """End a source or open it again; what is refused is said at its field on the source's page."""
    with reading(request):
        found = _find(request, program, pk)
        form = shape(request.POST, auto_id="end_%s")
        if not form.is_valid():
            return _page(request, program, SourceForm(source=found), found, 422, form)
    try:
        act(request, service, source_id=pk, **form.cleaned_data)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = _find(request, program, pk)
            form.refuse(refusal)
            return _page(request, program, SourceForm(source=found), found, refusal.status, form)
    else:
        messages.success(request, f"{found.name} {words}")
    return redirect("finance:cost-source", code=program.code, pk=pk)
