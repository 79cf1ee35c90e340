"""Pages of imported cost: files on trial and accepted, one file with its control totals and its faults."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports import large, services
from finance.imports import layout as files
from finance.imports.models import ActualBatch, CostSource
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading, takes_files_of
from pmo.money import parse_amount
from pmo.refusals import Refused
from pmo.tables import Column, Register
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_MONEY)
def batches(request: HttpRequest, program: Program) -> HttpResponse:
    """Every file of actual cost that came in."""
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    base = reverse("finance:costs", kwargs={"code": program.code})
    register = Register(
        name=f"{program.code}-cost-files",
        rows=ActualBatch.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("uploaded_by", "accepted_by", "cost_source")
        .order_by("-pk"),
        search=("file_name",),
        columns=[
            Column("File", lambda b: b.file_name, "file_name", href=lambda b: f"{base}{b.pk}/"),
            Column(
                "From", lambda b: b.cost_source.name if b.cost_source else b.get_source_display(), "source"
            ),
            Column("Rows", lambda b: formats.number(b.totals.get("rows")), num=True),
            Column(
                "New",
                lambda b: formats.money_short(b.totals.get("new_minor"), program.currency, unit=True),
                num=True,
            ),
            Column("Faults", lambda b: formats.number(b.totals.get("faults")), num=True),
            Column("Read", lambda b: formats.moment(b.uploaded_at), "uploaded_at", num=True),
            Column("By", lambda b: b.uploaded_by.name if b.uploaded_by else "the office"),
            Column("State", lambda b: b.get_state_display(), "state"),
        ],
        empty={
            "title": "No cost file yet",
            "text": f"A CSV file or a workbook (XLSX) with the columns {', '.join(files.COLUMNS)}.",
            "url": reverse("finance:cost-add", kwargs={"code": program.code}) if may else "",
            "label": "Import the first file",
        },
    )
    context = {
        "program": program,
        "heading": "Actual cost",
        "subtitle": "Files from the ERP: read on trial, then accepted as a whole",
        "add_url": reverse("finance:cost-add", kwargs={"code": program.code}) if may else "",
        "add_label": "Import a file",
        "crumbs": crumbs(program, ("Actual cost", "")),
    }
    return register.respond(request, "programs/register.html", context)


def _source(request: HttpRequest, program: Program) -> CostSource | None:
    """The source that was chosen, if one was. Raises Refused for one that is not there."""
    name = request.POST.get("source", "")[:14]
    if not name:
        return None
    with reading(request):
        found = CostSource.objects.visible_to(request.user).filter(program_id=program.pk, name=name).first()
    if found is None:
        raise Refused("There is no such source.", field="source")
    source: CostSource = found
    return source


def _names(request: HttpRequest, program: Program) -> list[str]:
    rows = CostSource.objects.visible_to(request.user).filter(program_id=program.pk).order_by("name")
    return list(rows.values_list("name", flat=True))


@takes_files_of(large.MOST_BYTES)
@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Choose a file; it is read on trial and nothing is entered yet."""
    here = reverse("finance:costs", kwargs={"code": program.code})
    typed = request.POST.get("total", "").strip()[:60]
    context = {
        "program": program,
        "columns": [(name, name in files.OPTIONAL) for name in files.COLUMNS],
        "crumbs": crumbs(program, ("Actual cost", here), ("Import", "")),
        "refusal": None,
        "total": typed,
        "chosen": request.POST.get("source", ""),
        "sheet": request.POST.get("sheet", "").strip()[:31],
    }
    if request.method == "GET":
        return render(request, "finance/imports/add.html", context | {"sources": _names(request, program)})
    try:
        upload = request.FILES.get("file")
        if getattr(request, "too_large", False):
            raise Refused(f"A file can have at most {large.MOST_BYTES >> 20} MB.", field="file")
        if upload is None:
            raise Refused("Choose a file first.", field="file")
        total = parse_amount(typed, program.currency, signed=True) if typed else None
        given: dict[str, Any] = {
            "program": program,
            "name": str(upload.name or "costs.csv"),
            "control_minor": total,
            "source": _source(request, program),
            "sheet": str(context["sheet"]),
        }
        if large.is_large(upload):
            made = act(request, large.receive, stream=upload, digest=large.digest_of(upload), **given)
        else:
            made = act(request, services.read_file, content=upload.read(), **given)
    except AlreadyDone:
        return redirect("finance:costs", code=program.code)
    except Refused as refusal:
        with reading(request):
            return render(
                request,
                "finance/imports/add.html",
                context | {"refusal": refusal, "sources": _names(request, program)},
                status=refusal.status,
            )
    return redirect("finance:cost", code=program.code, pk=made.pk)
