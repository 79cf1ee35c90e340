"""Pages of resources: the register, a new one, one resource with its form and its record."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.api.rows import plain
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.refusals import Conflict, Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.resources import selectors, services
from programs.resources.forms import AvailabilityForm, ResourceForm
from programs.resources.models import Resource

CHIPS = (("In use", None), ("Retired", "retired"), ("All", "all"))


@page(Permission.VIEW_PROGRAM)
def resources(request: HttpRequest, program: Program) -> HttpResponse:
    """Resources with capacity and work; their costs only for who sees money. `?state=retired` or `all`."""
    access: Access = request.access  # type: ignore[attr-defined]
    base = reverse("programs:resources", kwargs={"code": program.code})
    columns = [
        Column("Resource", lambda r: f"{r.code} {r.name}", "code", href=lambda r: f"{base}{r.pk}/"),
        Column("Kind", lambda r: r.get_kind_display(), "kind"),
        Column("Project", lambda r: r.project.code if r.project else "Program", "project__code"),
        Column("Capacity", lambda r: formats.number(r.capacity, 1), "capacity", num=True),
        Column("Activities", lambda r: r.used, "used", num=True),
        Column("Unfinished", lambda r: r.open, "open", num=True),
    ]
    if access.may(Permission.VIEW_MONEY, program.pk):
        columns.append(
            Column(
                f"{program.currency} an hour",
                lambda r: formats.money_short(round(r.cost_per_hour), program.currency),
                "cost_per_hour",
                num=True,
                plain=lambda r: r.cost_per_hour,
            )
        )
    state = request.GET.get("state")
    rows = selectors.resources(program, request.user)
    if state == "retired":
        columns.append(Column("Retired", lambda r: formats.day(r.retired_at), "retired_at"))
        columns.append(Column("Why", lambda r: r.retired_why))
    if state != "all":
        rows = rows.filter(retired_at__isnull=state != "retired")
    may = access.may_somewhere(Permission.EDIT_PLAN, program.pk)
    add_url = reverse("programs:resource-add", kwargs={"code": program.code}) if may else ""
    empty = {
        "title": "No resource yet",
        "text": "People, roles, machines and environments that do the work. Then activities name who works "
        "on them, and the workload says who is asked for too much.",
        "url": add_url,
        "label": "Add the first resource",
    }
    if state == "retired":
        empty = {"title": "Nobody is retired", "text": "A resource that takes no new work is listed here."}
    register = Register(
        name=f"{program.code}-resources", rows=rows, search=("code", "name"), columns=columns, empty=empty
    )
    context = {
        "program": program,
        "heading": "Resources",
        "subtitle": "Who and what does the work, and how much of it there is at once",
        "state_chips": [
            (label, value, (value or "") == (state if state in ("retired", "all") else ""))
            for label, value in CHIPS
        ],
        "add_url": add_url,
        "add_label": "Add resource",
        "crumbs": crumbs(program, ("Resources", "")),
    }
    return register.respond(request, "programs/register.html", context)


def home(program: Program) -> str:
    return reverse("programs:resources", kwargs={"code": program.code})


def find(program: Program, pk: int) -> Resource:
    found = (
        Resource.objects.filter(program_id=program.pk, pk=pk)
        .select_related("project", "calendar", "program")
        .first()
    )
    if found is None:
        raise Http404("No such resource.")
    return found


def _form(
    request: HttpRequest, program: Program, data: Any = None, found: Resource | None = None
) -> ResourceForm:
    access: Access = request.access  # type: ignore[attr-defined]
    return ResourceForm(
        program,
        data,
        projects=selectors.places(access, program),
        whole=access.may(Permission.EDIT_PLAN, program.pk),
        money=access.may(Permission.VIEW_MONEY, program.pk),
        resource=found,
    )


def form_page(
    request: HttpRequest, program: Program, form: Any, heading: str, found: Resource | None, status: int = 200
) -> HttpResponse:
    """One form on a page of its own: add, copy, retire."""
    back = request.path.removesuffix("copy/").removesuffix("retire/") if found else home(program)
    way = [("Resources", home(program)), *([(found.code, back)] if found else []), (heading, "")]
    context = {
        "program": program,
        "form": form,
        "heading": heading,
        "action": request.path,
        "cancel": back,
        "crumbs": crumbs(program, *way),
        "no_clock": True,
    }
    return render(request, "programs/beginning/form.html", context, status=status)


@page(Permission.EDIT_PLAN, methods=("GET", "POST"), somewhere=True)
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """A further resource; a project manager adds those of the own project."""
    heading = "Add a resource"
    with reading(request):
        form = _form(request, program, request.POST or None)
        if request.method == "GET":
            return form_page(request, program, form, heading, None)
        if not form.is_valid():
            return form_page(request, program, form, heading, None, 422)
    try:
        made = act(request, services.add, program=program, values=form.values())
    except AlreadyDone:
        return redirect("programs:resources", code=program.code)
    except Refused as refusal:
        form.refuse(refusal)
        with reading(request):
            return form_page(request, program, form, heading, None, refusal.status)
    messages.success(request, f"{made.code} {made.name} is added.")
    return redirect("programs:resource", code=program.code, pk=made.pk)


def resource_page(
    request: HttpRequest,
    program: Program,
    found: Resource,
    form: ResourceForm | None,
    status: int = 200,
    away: AvailabilityForm | None = None,
) -> HttpResponse:
    access: Access = request.access  # type: ignore[attr-defined]
    money, may = access.may(Permission.VIEW_MONEY, program.pk), selectors.may_keep(access, found)
    counted = selectors.resources(program, request.user).filter(pk=found.pk).values("used", "open").get()
    pairs = [
        ("Kind", found.get_kind_display()),
        ("Belongs to", found.project.code if found.project else "the whole program"),
        ("Capacity", f"{plain(found.capacity)} at once"),
        ("Calendar", found.calendar.name if found.calendar else "its project’s, or the program’s"),
    ]
    if money:
        pairs += [
            ("An hour", formats.money_exact(round(found.cost_per_hour), program.currency)),
            ("Each use", formats.money_exact(round(found.cost_per_use), program.currency)),
        ]
    context = {
        "program": program,
        "found": found,
        "form": form or (_form(request, program, found=found) if may else None),
        "may": may,
        "money": money,
        "pairs": pairs,
        "away": away
        or (AvailabilityForm(initial={"version": found.version}, auto_id="away_%s") if may else None),
        "said": [
            {"one": one, "units": plain(one.capacity) if one.capacity else "away"}
            for one in found.availability.order_by("first")
        ],
        "always": plain(found.capacity),
        "used": formats.counted(counted["used"], "activity", "activities"),
        "open": counted["open"],
        "works": bool(counted["used"]),
        "kept": may and selectors.was_used(found),
        "trail": selectors.trail(found, program.currency, money=money),
        "crumbs": crumbs(program, ("Resources", home(program)), (found.code, "")),
        "no_clock": True,
    }
    return render(request, "programs/resources/resource.html", context, status=status)


@page(Permission.VIEW_PROGRAM, methods=("GET", "POST"))
def resource(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One resource: its form for who keeps it, its work, its record."""
    with reading(request) as access:
        found = find(program, pk)
        if request.method == "GET":
            return resource_page(request, program, found, None)
        access.require(Permission.EDIT_PLAN, program.pk, found.project_id)
        form = _form(request, program, request.POST, found)
        if not form.is_valid():
            return resource_page(request, program, found, form, 422)
        changes = form.changes(found)
    if not changes:
        return redirect(request.path)
    try:
        act(
            request,
            services.edit,
            resource=found,
            version=form.cleaned_data["version"] or 0,
            changes=changes,
        )
    except AlreadyDone:
        return redirect(request.path)
    except Refused as refusal:
        with reading(request):
            found = find(program, pk)
            form.refuse(refusal)
            if isinstance(refusal, Conflict):
                typed = request.POST.copy()
                typed["version"] = str(found.version)
                form.data = typed
                form.add_error(
                    None,
                    f"It is now: {found.code} {found.name}, {found.get_kind_display().lower()}, "
                    f"{formats.number(found.capacity, 2)} at once. Save again to put yours in its place.",
                )
            return resource_page(request, program, found, form, refusal.status)
    messages.success(request, f"{found.code} is saved.")
    return redirect(request.path)
