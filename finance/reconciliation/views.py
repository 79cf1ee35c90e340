"""The page of one period: the ERP's total against the books, step by step; closing it and opening it again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.imports.models import CostSource
from finance.reconciliation import selectors, services
from finance.reconciliation.presenting import by_source, file_rows, steps
from finance.reconciliation.selectors import Reconciliation
from finance.structure import periods
from finance.structure.models import FiscalPeriod
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.cells import csv_cell
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused
from pmo.seen import seen_version
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _find(request: HttpRequest, program: Program, pk: int) -> FiscalPeriod:
    found = (
        FiscalPeriod.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("closed_by", "reopened_by")
        .first()
    )
    if found is None:
        raise Http404("No such period.")
    one: FiscalPeriod = found
    return one


def _source(request: HttpRequest, program: Program, text: str) -> CostSource | None:
    """The source of that id, or none where the address names none. Raises Http404."""
    if not text:
        return None
    known = text.isascii() and text.isdigit() and len(text) < 18
    rows = CostSource.objects.visible_to(request.user).filter(program_id=program.pk)
    found = rows.filter(pk=int(text)).first() if known else None
    if found is None:
        raise Http404("No such source.")
    one: CostSource = found
    return one


def _others(
    request: HttpRequest, program: Program, period: FiscalPeriod, found: Reconciliation
) -> list[CostSource]:
    """Sources that told nothing of the period yet and had not ended: their totals can be said all the same."""
    told = [side.source_id for side in found.sides if side.source_id is not None]
    rows = CostSource.objects.visible_to(request.user).filter(program_id=program.pk).exclude(pk__in=told)
    return [one for one in rows.order_by("name") if not one.over_by(period.code)]


def _page(
    request: HttpRequest,
    program: Program,
    period: FiscalPeriod,
    refusal: Refused | None = None,
    typed: dict[str, str] | None = None,
    source: CostSource | None = None,
) -> HttpResponse:
    """`source`: whose total the form is about; none is all of them."""
    found = selectors.reconcile(period)
    access = request.access  # type: ignore[attr-defined]
    side = next((one for one in found.sides if source and one.source_id == source.pk), None)
    said = found.stated if source is None else side.stated if side else None
    context: dict[str, Any] = {
        "program": program,
        "period": period,
        "is_open": period.state == FiscalPeriod.State.OPEN,
        "steps": steps(found, period, program.currency),
        "known": found.total is not None,
        "sources": by_source(found, program.currency),
        "others": _others(request, program, period, found),
        "source": source,
        "said": said,
        "typed": typed
        or {
            "amount": format_plain(said.amount_minor, program.currency) if said else "",
            "note": said.note if said else "",
            "version": str(said.version if said else 0),
        },
        "trail": [one | {"at": formats.moment(one["at"])} for one in selectors.trail(period)],
        "ledger": f"{reverse('finance:ledger', kwargs={'code': program.code})}?period={period.code}",
        "may_close": access.may(Permission.CLOSE_PERIOD, program.pk),
        "may_state": access.may(Permission.POST_ACTUALS, program.pk),
        "refusal": refusal,
        "crumbs": crumbs(
            program,
            ("Periods", reverse("finance:periods", kwargs={"code": program.code})),
            (formats.period(period.code), ""),
        ),
    }
    return render(
        request, "finance/reconciliation/period.html", context, status=refusal.status if refusal else 200
    )


@page(Permission.VIEW_MONEY)
def period(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One period of the books against the ERP's; `?format=csv` or `xlsx` gives the steps."""
    found = _find(request, program, pk)
    kind = request.GET.get("format", "")
    if kind in FORMATS:
        rows = file_rows(selectors.reconcile(found), found, program.currency)
        return download(
            kind,
            f"{program.code}-reconciliation-{found.code}",
            ["Step", "Amount", "Currency", "What it is"],
            ([csv_cell(label), amount, program.currency, csv_cell(note)] for label, amount, note in rows),
        )
    return _page(request, program, found, source=_source(request, program, request.GET.get("source", "")))


@page(Permission.CLOSE_PERIOD, methods=("POST",))
def reopen(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Open a closed period again, with a reason."""
    with reading(request):
        found = _find(request, program, pk)
    try:
        act(request, periods.reopen, period=found, reason=request.POST.get("why", ""))
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    messages.success(request, f"Period {found.code} is open again.")
    return redirect("finance:period", code=program.code, pk=pk)


@page(Permission.POST_ACTUALS, methods=("POST",))
def total(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Say what the ERP's own total of the period is."""
    typed = {name: request.POST.get(name, "")[:200] for name in ("amount", "note", "version")}
    version = typed["version"]
    with reading(request):
        found = _find(request, program, pk)
        source = _source(request, program, request.POST.get("source", ""))
    try:
        act(
            request,
            services.state_total,
            period=found,
            amount_minor=parse_amount(typed["amount"], program.currency, signed=True),
            note=typed["note"],
            version=seen_version(version),
            source=source,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal, typed, source)
    of = f" of {source.name}" if source else ""
    messages.success(request, f"The ERP's total{of} of {found.code} is entered.")
    return redirect("finance:period", code=program.code, pk=pk)
