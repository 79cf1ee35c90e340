"""Pages of one cost file: its control totals, its faults, what may be done with it."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports import large, mending, services
from finance.imports.models import ActualBatch, LeftOutRow, StagedActual
from finance.imports.restated import restated
from finance.ledger.models import Journal
from finance.structure.shown import shown
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.cells import csv_cell
from pmo.commands import AlreadyDone
from pmo.http import act, is_fragment, page, reading
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

FAULTS_IN_MEMORY = 1 << 20
BUSY = {
    ActualBatch.State.WAITING.value: "Reading the file",
    ActualBatch.State.ENTERING.value: "Entering the costs",
}


def _find(request: HttpRequest, program: Program, pk: int) -> ActualBatch:
    found = (
        ActualBatch.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "uploaded_by", "accepted_by", "cost_source")
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
    may = request.access.may(Permission.POST_ACTUALS, program.pk)  # type: ignore[attr-defined]
    moved = [one.sentence for one in restated(found)] if waits and totals.get("converted", 1) else []
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
            *_sums(found, currency),
            ("First day", _day(totals.get("first"))),
            ("Last day", _day(totals.get("last"))),
        ],
        "waits": waits and may,
        "closed": formats.number(totals.get("closed")) if waits and totals.get("closed") else "",
        "late": formats.number(totals.get("late")) if waits and totals.get("late") else "",
        "control": "" if found.control_minor is None else format_plain(found.control_minor, currency),
        "may_state": may,
        "faulty": formats.number(totals.get("faults")) if waits and totals.get("faults") else "",
        "left_out": list(
            LeftOutRow.objects.filter(batch=found)
            .order_by("row")
            .values("row", "source_reference", "problem", "reason", "left_at", "left_by__name")[:200]
        )
        if totals.get("left_out")
        else [],
        "moved": moved,
        "job": _job(program, found, may=may),
        "acceptable": waits and not totals.get("faults") and bool(totals.get("new")) and not moved,
        "journals": list(journals),
        "refusal": refusal,
    }
    template = "finance/imports/batch.html" + ("#job" if is_fragment(request) else "")
    return render(request, template, context, status=refusal.status if refusal else 200)


def _job(program: Program, found: ActualBatch, *, may: bool) -> dict[str, Any] | None:
    """How far a worker is with the file."""
    if found.state not in BUSY:
        return None
    where = {"code": program.code, "pk": found.pk}
    return {
        "title": BUSY[found.state],
        "step": found.step,
        "percent": found.percent or None,
        "state": "running",
        "poll_url": reverse("finance:cost", kwargs=where),
        "cancel_url": reverse("finance:cost-stop", kwargs=where) if may else "",
    }


def _sums(found: ActualBatch, currency: str) -> list[tuple[str, str]]:
    """From what would be (or was) entered to the ERP's own total, and what is left unexplained."""
    totals = found.totals
    rows = [
        ("Sum of the new ones", formats.money_exact(totals.get("new_minor"), currency)),
        ("Entered before", formats.money_exact(totals.get("known_minor"), currency)),
        ("With a fault", formats.money_exact(totals.get("faults_minor"), currency)),
        ("Sum of the file", formats.money_exact(totals.get("all_minor"), currency)),
    ]
    if totals.get("late"):
        count = formats.counted(totals["late"], "cost", "costs")
        rows.insert(
            1, ("of it adjustments", f"{formats.money_exact(totals['late_minor'], currency)} in {count}")
        )
    if totals.get("left_out"):
        rows.append(("Left out", formats.money_exact(totals["left_out_minor"], currency)))
    rounding = Decimal(totals.get("rounding") or 0)
    if rounding:
        rows.append(("Rounding of converted costs", shown(rounding, currency)))
    if found.control_minor is not None:
        kept = (totals.get("all_minor") or 0) + (totals.get("left_out_minor") or 0)
        left = found.control_minor - kept - rounding
        rows.append(("Total of the ERP", formats.money_exact(found.control_minor, currency)))
        rows.append(("Unexplained", shown(left, currency)))
    return rows


def _day(written: str | None) -> str:
    """A day kept as ISO text, as people read it."""
    return formats.day(date.fromisoformat(written)) if written else formats.UNKNOWN


@page(Permission.VIEW_MONEY)
def batch(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One file: what it would enter, what does not fit, row by row; how far a worker is with it."""
    found = _find(request, program, pk)
    if is_fragment(request) and found.state not in BUSY and "HX-Target" in request.headers:
        done = HttpResponse(status=200)
        done["HX-Refresh"] = "true"
        return done
    return _page(request, program, found)


@page(Permission.POST_ACTUALS, methods=("POST",))
def accept(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter a file that was read."""
    with reading(request):
        found = _find(request, program, pk)
    if (found.totals.get("new") or 0) > large.ENTER_AT_ONCE:
        return _move(request, program, pk, large.ask_entering, "with a worker, who enters it")
    return _move(request, program, pk, services.accept, "entered")


@page(Permission.POST_ACTUALS, methods=("POST",))
def stop(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Stop the worker that reads or enters a file."""
    return _move(request, program, pk, large.stop, "stopped")


@page(Permission.POST_ACTUALS, methods=("POST",))
def drop(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Put a file aside."""
    return _move(request, program, pk, services.drop, "dropped")


@page(Permission.POST_ACTUALS, methods=("POST",))
def late(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Enter costs of closed periods as adjustments in today's, or not."""
    wanted = request.POST.get("late") == "1"
    done = "read again: late costs are adjustments" if wanted else "read again: late costs are faults"
    return _move(request, program, pk, services.adjust_late, done, late=wanted)


@page(Permission.POST_ACTUALS, methods=("POST",))
def total(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say what the ERP's own total of the file is; an empty one is unknown."""
    text = request.POST.get("total", "")[:60].strip()
    try:
        amount = parse_amount(text, program.currency, signed=True) if text else None
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    return _move(request, program, pk, services.state_total, "held against that total", control_minor=amount)


def _move(
    request: HttpRequest, program: Program, pk: int, service: Any, done: str, **more: Any
) -> HttpResponse:
    with reading(request):
        found = _find(request, program, pk)
    try:
        act(request, service, batch=found, **more)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    messages.success(request, f"{found.file_name} is {done}.")
    return redirect("finance:cost", code=program.code, pk=pk)


@page(Permission.POST_ACTUALS, methods=("POST",))
def corrected(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Read corrected rows in the place of the faulty ones."""
    upload = request.FILES.get("file")
    try:
        if getattr(request, "too_large", False):
            raise Refused(f"A file can have at most {settings.UPLOAD_LIMIT_BYTES >> 20} MB.", field="file")
        if upload is None:
            raise Refused("Choose the corrected file first.", field="file")
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    return _move(
        request,
        program,
        pk,
        mending.replace_rows,
        "read again with its corrected rows",
        content=upload.read(),
    )


@page(Permission.POST_ACTUALS, methods=("POST",))
def leave_out(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Leave rows out, with a reason."""
    try:
        rows = mending.numbers(request.POST.get("rows", "")[:2_000])
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    reason = request.POST.get("reason", "")[:1_000]
    return _move(request, program, pk, mending.leave_out, "without these rows now", rows=rows, reason=reason)


@page(Permission.POST_ACTUALS, methods=("POST",))
def again(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Read the faulty rows once more: a rate, a project or a period may be there now."""
    return _move(request, program, pk, mending.check_again, "read again")


@page(Permission.VIEW_MONEY)
def faults(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Every row with a fault as it stands in the file, as CSV, to be corrected and sent again."""
    found = _find(request, program, pk)
    rows = (
        StagedActual.objects.visible_to(request.user)
        .filter(batch=found)
        .exclude(problem="")
        .order_by("row")
        .values_list("row", "problem", "cells")
    )
    # Closed with the answer; the rows are read while the person may see them, and never all of them in memory.
    kept = SpooledTemporaryFile(max_size=FAULTS_IN_MEMORY)  # noqa: SIM115
    out = io.TextIOWrapper(kept, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(out)
    width = len(found.headings)
    writer.writerow([mending.NUMBER, mending.PROBLEM, *map(csv_cell, found.headings), mending.MORE])
    for row, problem, cells in rows.iterator(chunk_size=200):
        told = [csv_cell(cell) for cell in cells or []]
        told += [""] * (width - len(told))
        writer.writerow([row, csv_cell(problem), *told[:width], " | ".join(map(str, told[width:]))])
    out.detach()
    kept.seek(0)
    answer: Any = FileResponse(
        kept,
        as_attachment=True,
        filename=f"{program.code}-faults-{pk}.csv",
        content_type="text/csv; charset=utf-8",
    )
    return answer  # type: ignore[no-any-return]  # streamed, which the type of a page does not know
