"""Pages of imported cost: files on trial and accepted, one file with its control totals and its faults."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports import reading as files
from finance.imports import services
from finance.imports.models import ActualBatch, StagedActual
from finance.ledger.models import Journal
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.cells import csv_cell
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
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
        .select_related("uploaded_by", "accepted_by")
        .order_by("-pk"),
        search=("file_name",),
        columns=[
            Column("File", lambda b: b.file_name, "file_name", href=lambda b: f"{base}{b.pk}/"),
            Column("From", lambda b: b.get_source_display(), "source"),
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
            "text": f"A CSV file with the columns {', '.join(files.COLUMNS)}.",
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


@page(Permission.POST_ACTUALS, methods=("GET", "POST"))
def add(request: HttpRequest, program: Program) -> HttpResponse:
    """Choose a file; it is read on trial and nothing is entered yet."""
    here = reverse("finance:costs", kwargs={"code": program.code})
    context = {
        "program": program,
        "columns": [(name, name in files.OPTIONAL) for name in files.COLUMNS],
        "crumbs": crumbs(program, ("Actual cost", here), ("Import", "")),
        "refusal": None,
    }
    if request.method == "GET":
        return render(request, "finance/imports/add.html", context)
    try:
        upload = request.FILES.get("file")
        if getattr(request, "too_large", False):
            raise Refused(f"A file can have at most {settings.UPLOAD_LIMIT_BYTES >> 20} MB.", field="file")
        if upload is None:
            raise Refused("Choose a file first.", field="file")
        made = act(
            request,
            services.read_file,
            program=program,
            name=str(upload.name or "costs.csv"),
            content=upload.read(),
        )
    except AlreadyDone:
        return redirect("finance:costs", code=program.code)
    except Refused as refusal:
        with reading(request):
            return render(
                request, "finance/imports/add.html", context | {"refusal": refusal}, status=refusal.status
            )
    return redirect("finance:cost", code=program.code, pk=made.pk)


def _find(request: HttpRequest, program: Program, pk: int) -> ActualBatch:
    found = (
        ActualBatch.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "uploaded_by", "accepted_by")
        .first()
    )
    if found is None:
        raise Http404("No such file.")
    one: ActualBatch = found
    return one


def _page(
    request: HttpRequest, program: Program, found: ActualBatch, refusal: Refused | None = None
) -> HttpResponse:
    totals, currency = found.totals, program.currency
    waits = found.state == ActualBatch.State.READ
    journals = (
        Journal.objects.filter(
            program=program, source_kind=services.SOURCE, source_id__startswith=f"{found.pk}:"
        )
        .select_related("period")
        .order_by("period__code", "pk")[:100]
        if found.state == ActualBatch.State.ACCEPTED
        else []
    )
    context: dict[str, Any] = {
        "program": program,
        "found": found,
        "crumbs": crumbs(
            program,
            ("Actual cost", reverse("finance:costs", kwargs={"code": program.code})),
            (found.file_name, ""),
        ),
        "totals": [
            ("Rows", formats.number(totals.get("rows"))),
            ("New", formats.number(totals.get("new"))),
            ("Entered before", formats.number(totals.get("known"))),
            ("With a fault", formats.number(totals.get("faults"))),
            ("Sum of the new ones", formats.money_exact(totals.get("new_minor"), currency)),
            ("Sum of the file", formats.money_exact(totals.get("all_minor"), currency)),
            ("First day", _day(totals.get("first"))),
            ("Last day", _day(totals.get("last"))),
        ],
        "waits": waits and request.access.may(Permission.POST_ACTUALS, program.pk),  # type: ignore[attr-defined]
        "acceptable": waits and not totals.get("faults") and bool(totals.get("new")),
        "journals": list(journals),
        "refusal": refusal,
    }
    return render(request, "finance/imports/batch.html", context, status=refusal.status if refusal else 200)


def _day(written: str | None) -> str:
    """A day kept as ISO text, as people read it."""
    return formats.day(date.fromisoformat(written)) if written else formats.UNKNOWN


@page(Permission.VIEW_MONEY)
def batch(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One file: what it would enter, what does not fit, row by row."""
    return _page(request, program, _find(request, program, pk))


@page(Permission.POST_ACTUALS, methods=("POST",))
def accept(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter a file that was read."""
    return _move(request, program, pk, services.accept, "entered")


@page(Permission.POST_ACTUALS, methods=("POST",))
def drop(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put a file aside."""
    return _move(request, program, pk, services.drop, "dropped")


def _move(request: HttpRequest, program: Program, pk: int, service: Any, done: str) -> HttpResponse:
    with reading(request):
        found = _find(request, program, pk)
    try:
        act(request, service, batch=found)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    messages.success(request, f"{found.file_name} is {done}.")
    return redirect("finance:cost", code=program.code, pk=pk)


@page(Permission.VIEW_MONEY)
def faults(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Every row with a fault, as CSV, to be corrected and sent again."""
    found = _find(request, program, pk)
    rows = (
        StagedActual.objects.visible_to(request.user)
        .filter(batch=found)
        .exclude(problem="")
        .order_by("row")
        .values_list("row", "source_reference", "project_code", "activity_code", "problem")
    )
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["row", "source_reference", "project", "activity", "problem"])
    for row in rows.iterator(chunk_size=2000):
        writer.writerow([csv_cell(value) for value in row])
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-faults-{pk}.csv"'
    return response
