"""Import pages: drop a file, look at what it would do row by row, accept or drop it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse

from pmo import commands, formats
from pmo.accounts.access import Access
from pmo.accounts.roles import Permission
from pmo.http import act, is_fragment, page, reading
from pmo.refusals import Refused
from programs.portfolio.models import Program

from . import msproject, sandbox, selectors, services
from .forms import UploadForm
from .models import PlanImport, PlanSource
from .problems import ImportRefused

PROBLEMS_A_PAGE = 50
State = PlanImport.State


def import_crumbs(program: Program, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """The way here."""
    here = {"code": program.code}
    return [
        ("Programs", "/"),
        (program.code, reverse("governance:dashboard", kwargs=here)),
        ("Import", reverse("programs:imports", kwargs=here) if more else ""),
        *more,
    ]


def find_import(request: HttpRequest, program: Program, pk: int) -> PlanImport:
    """The import of this program, or 404."""
    found = selectors.imports(program, request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("No such import.")
    return found


def _list(
    request: HttpRequest, program: Program, form: UploadForm | None = None, status: int = 200
) -> HttpResponse:
    sources = selectors.plan_sources(program, request.user)
    shown = Paginator(selectors.imports(program, request.user), 25).get_page(request.GET.get("page"))
    context = {
        "program": program,
        "form": form or UploadForm(sources=sources),
        "has_sources": bool(sources),
        "lacking": msproject.missing(),
        "page": shown,
        "sample": selectors.SAMPLE.is_dir(),
        "crumbs": import_crumbs(program),
        "no_clock": True,
    }
    return render(request, "programs/exchange/imports.html", context, status=status)


@page(Permission.IMPORT, methods=("GET", "POST"))
def imports(request: HttpRequest, program: Program) -> HttpResponse:
    """What came in so far, and a place to drop a file."""
    if request.method == "GET":
        return _list(request, program)
    files = request.FILES  # parses the upload, of which nothing is kept where it is too large
    too_large = getattr(request, "too_large", False)
    with reading(request):
        listed = selectors.plan_sources(program, request.user)
        form = UploadForm(request.POST, None if too_large else files, too_large=too_large, sources=listed)
        valid = form.is_valid()
    if valid:
        upload = form.cleaned_data["file"]
        try:
            return taken(request, program, upload.name, upload.read(), form.cleaned_data["source"])
        except Refused as refusal:
            form.add_error("file", refusal.message)
    with reading(request):
        return _list(request, program, form, status=422)


@page(Permission.IMPORT, methods=("POST",))
def sample(request: HttpRequest, program: Program) -> HttpResponse:
    """A dry run of the sample that ships with the product."""
    data = selectors.sample_zip()
    if data is None:
        raise Http404("No sample here.")
    try:
        return taken(request, program, selectors.SAMPLE_NAME, data)
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:imports", code=program.code)


@page(Permission.IMPORT)
def sample_file(request: HttpRequest, program: Program) -> HttpResponse:
    """The sample as a zip, to look into or to import from another program."""
    data = selectors.sample_zip()
    if data is None:
        raise Http404("No sample here.")
    response = HttpResponse(data, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{selectors.SAMPLE_NAME}"'
    return response


def taken(
    request: HttpRequest, program: Program, name: str, data: bytes, source: PlanSource | None = None
) -> HttpResponseRedirect:
    """Read a file (here, or later by a worker) and lead to its dry run. Raises Refused with the file's reason."""
    who: Any = request.user
    if sandbox.for_a_worker(data):
        found = commands.run(
            services.receive, actor=who, program=program, file_name=name, data=data, source=source
        )
        return redirect("programs:import", code=program.code, pk=found.pk)
    try:
        read = sandbox.read_by(data, name, source.layout if source else None)
    except ImportRefused as refusal:
        raise Refused(f"{refusal.message}. Nothing was stored.", field="file") from refusal
    staged = commands.run(
        services.stage,
        actor=who,
        program=program,
        file_name=name,
        read=read,
        source=source.name if source else "",
    )
    if staged.already:
        messages.info(request, f"Nothing to do: this plan was accepted on {_when(staged.plan_import)}.")
    return redirect("programs:import", code=program.code, pk=staged.plan_import.pk)


def _when(found: PlanImport) -> str:
    who = f" by {found.accepted_by.name}" if found.accepted_by else ""
    return f"{formats.moment(found.accepted_at)}{who}"


@page(Permission.IMPORT)
def plan_import(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One import: its dry run, or what it brought."""
    return import_page(request, program, find_import(request, program, pk))


def import_page(
    request: HttpRequest,
    program: Program,
    found: PlanImport,
    *,
    refusal: Refused | None = None,
    held: Refused | None = None,
    moves: Any = None,
    chosen: Collection[str] = (),
) -> HttpResponse:
    """The page of one import, with the sentence of what was just refused.

    `held`: the refusal of what would move committed milestones, to be agreed to, with its `moves` as pages show them;
    `chosen`: projects that were to lose what the file does not have.
    """
    access: Access = request.access  # type: ignore[attr-defined]
    waiting = found.state == State.WAITING
    if is_fragment(request) and not waiting and "HX-Target" in request.headers:
        done = HttpResponse(status=200)
        done["HX-Refresh"] = "true"
        return done
    before = selectors.earlier(program, request.user, found)
    moved = found.state == State.READ and found.changes.get("plan_version") != program.plan_version
    url = reverse("programs:import", kwargs={"code": program.code, "pk": found.pk})
    problems = Paginator(found.problems, PROBLEMS_A_PAGE).get_page(request.GET.get("page"))
    kinds = found.changes.get("kinds", [])
    context = {
        "program": program,
        "found": found,
        "totals": _dated(found.totals),
        "date_groups": _date_groups(found.totals.get("dates") or {}),
        "kinds": kinds,
        "changed": [kind for kind in kinds if kind["rows_changed"]],
        "problems": problems,
        "refusal": refusal,
        "held": held,
        "moves": moves,
        "missing": _missing(found, chosen),
        "taken": any(kind.get("taken") for kind in kinds),
        "before": before,
        "before_when": _when(before) if before else "",
        "moved": moved,
        "may_accept": found.state == State.READ
        and not moved
        and before is None
        and access.may(Permission.EDIT_PLAN, program.pk),
        "may_edit": access.may(Permission.EDIT_PLAN, program.pk),
        "may_undo": found.state == State.ACCEPTED and access.may(Permission.EDIT_PLAN, program.pk),
        "confirm": _confirm(program, kinds),
        "job": {
            "title": "Reading the file",
            "step": "Waiting for a worker",
            "state": "running",
            "poll_url": url,
        }
        if waiting
        else None,
        "crumbs": import_crumbs(program, (found.file_name, "")),
        "no_clock": True,
    }
    template = "programs/exchange/import.html" + ("#job" if is_fragment(request) else "")
    return render(request, template, context, status=refusal.status if refusal else 200)


def _missing(found: PlanImport, chosen: Collection[str]) -> list[dict[str, Any]]:
    """What the file does not have any more by project, each with whether it is chosen to be taken out."""
    return [
        one | {"picked": one["project"] in chosen, "listed": len(one["rows"]), "all": one["go"] + one["stay"]}
        for one in found.changes.get("missing", [])
    ]


def _dated(totals: dict[str, Any]) -> dict[str, Any]:
    """The totals with their first and last days as pages write them."""

    def worded(one: dict[str, Any]) -> dict[str, Any]:
        told = {name: one[name] for name in ("first_date", "last_date") if one.get(name)}
        return one | {name: formats.day(date.fromisoformat(text[:10])) for name, text in told.items()}

    return worded(totals) | {"projects": [worded(one) for one in totals.get("projects", [])]}


def _date_groups(dates: dict[str, Any]) -> list[dict[str, Any]]:
    """Per group of values how many activities were compared and how many are equal."""
    equal = dates.get("equal", {})
    compared = dates.get("compared", {})
    return [{"group": name, "compared": compared[name], "equal": equal[name]} for name in compared]


def _confirm(program: Program, kinds: list[dict[str, Any]]) -> str:
    """The question before acceptance, with its numbers."""
    parts = []
    for verb, name in (("create", "created"), ("change", "changed")):
        counts = [formats.counted(k[name], k["one"], k["many"]) for k in kinds if k[name]]
        if counts:
            parts.append(f"{verb} {', '.join(counts)}")
    deed = " and ".join(parts) or "note that the plan is as the file has it"
    return f"Accept into {program.code}: {deed}?"


@page(Permission.IMPORT)
def problems_file(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """The problems as CSV, to put right one by one."""
    found = find_import(request, program, pk)
    response = HttpResponse(selectors.problems_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-import-{pk}-problems.csv"'
    return response


@page(Permission.IMPORT, methods=("POST",))
def again(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Compare once more with the plan as it is now."""
    with reading(request):
        found = find_import(request, program, pk)
    try:
        act(request, services.compare_again, plan_import=found)
    except commands.AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("programs:import", code=program.code, pk=pk)


@page(Permission.IMPORT, methods=("POST",))
def drop(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put a dry run aside."""
    with reading(request):
        found = find_import(request, program, pk)
    try:
        act(request, services.drop, plan_import=found)
    except commands.AlreadyDone:
        pass
    except Refused as refusal:
        messages.error(request, refusal.message)
        return redirect("programs:import", code=program.code, pk=pk)
    messages.success(request, f"{found.file_name} is dropped; nothing was changed.")
    return redirect("programs:imports", code=program.code)
