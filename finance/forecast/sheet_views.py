"""The page of one forecast: its sheet, read by everybody, written by who forecasts the project."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.forecast import drawing, selectors, services
from finance.forecast.models import Forecast, ForecastLine
from finance.forecast.selectors import Sheet, SheetRow
from finance.forecast.typed import Typed, read
from finance.structure.choices import SPENDABLE
from finance.structure.models import Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Conflict, Refused
from pmo.seen import seen_version
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


def _find(request: HttpRequest, program: Program, pk: int) -> Forecast:
    found = (
        Forecast.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project", "period", "submitted_by")
        .first()
    )
    if found is None:
        raise Http404("No such forecast.")
    one: Forecast = found
    return one


def _page(
    request: HttpRequest, program: Program, found: Forecast, *, typed: Typed | None = None, status: int = 200
) -> HttpResponse:
    laid, currency = selectors.sheet(found), program.currency
    editable = found.state == Forecast.State.DRAFT and _may(request, found)
    earlier = list(
        Forecast.objects.filter(project_id=found.project_id, state=Forecast.State.SUBMITTED)
        .select_related("period")
        .order_by("number")
    )
    context = {
        "program": program,
        "found": found,
        "as_of": formats.month(found.period.starts_on),
        "editable": editable,
        "periods": [formats.month(one.starts_on) for one in laid.periods],
        "rows": [_sheet_row(row, laid, currency, typed, editable) for row in laid.rows],
        "total": _sheet_total(laid, currency),
        "figures": [
            ("Budget", formats.money_short(found.budget_minor, currency), "approved"),
            (
                "Actual",
                formats.money_short(found.actual_minor, currency),
                f"to the end of {found.period.code}",
            ),
            ("ETC", formats.money_short(found.etc_minor, currency), "still expected"),
            ("EAC", formats.money_short(found.eac_minor, currency), "actual + ETC"),
            (
                "Left",
                formats.money_short(found.budget_minor - found.eac_minor, currency, sign=True),
                "budget − EAC",
            ),
            ("Rate", formats.number(found.rate, 3), "AC / EV at the status date"),
            ("Not earned", formats.percent(found.slipped * 100, 1), "of the plan to date: 1 − SPI"),
        ],
        "methods": ForecastLine.Method.choices,
        "note": typed.note if typed else found.note,
        "problems": typed.problems if typed else [],
        "message": typed.message if typed else "",
        "version": found.version,
        "categories": SPENDABLE,
        "natures": Nature.choices,
        "earlier": earlier,
        "history": drawing.history(earlier, currency) if len(earlier) > 1 else "",
        "crumbs": crumbs(
            program,
            ("Forecast", reverse("finance:forecasts", kwargs={"code": program.code})),
            (f"{found.project.code} {found.number}", ""),
        ),
    }
    return render(request, "finance/forecast/sheet.html", context, status=status)


def _sheet_row(
    row: SheetRow, laid: Sheet, currency: str, typed: Typed | None, editable: bool
) -> dict[str, Any]:
    line = row.line
    method = typed.methods.get(line.pk, line.method) if typed else line.method
    written = editable and method == ForecastLine.Method.MANUAL
    cells = []
    for period in laid.periods:
        amount, name = row.cells.get(period.pk, 0), f"c-{line.pk}-{period.pk}"
        text = typed.texts.get(name) if typed else None
        cells.append(
            {
                "name": name,
                "label": f"{row.label}, {formats.month(period.starts_on)}",
                "text": format_plain(amount, currency) if text is None else text,
                "shown": formats.money_short(amount, currency),
                "problem": typed.faults.get(name, "") if typed else "",
            }
        )
    return {
        "pk": line.pk,
        "label": row.label,
        "method": method,
        "method_name": line.get_method_display(),
        "written": written,
        "cells": cells,
        "budget": formats.money_short(line.budget_minor, currency),
        "actual": formats.money_short(line.actual_minor, currency),
        "etc": formats.money_short(row.etc, currency),
        "eac": formats.money_short(row.eac, currency),
        "left": formats.money_short(line.budget_minor - row.eac, currency, sign=True),
        "over": row.eac > line.budget_minor,
    }


def _sheet_total(laid: Sheet, currency: str) -> dict[str, Any]:
    return {
        "cells": [
            formats.money_short(sum(row.cells.get(period.pk, 0) for row in laid.rows), currency)
            for period in laid.periods
        ],
        "budget": formats.money_short(sum(row.line.budget_minor for row in laid.rows), currency),
        "actual": formats.money_short(sum(row.line.actual_minor for row in laid.rows), currency),
        "etc": formats.money_short(sum(row.etc for row in laid.rows), currency),
        "eac": formats.money_short(sum(row.eac for row in laid.rows), currency),
        "left": formats.money_short(
            sum(row.line.budget_minor - row.eac for row in laid.rows), currency, sign=True
        ),
    }


def _file(kind: str, program: Program, found: Forecast) -> HttpResponse:
    laid, currency = selectors.sheet(found), program.currency
    heads = [
        "Category",
        "Nature",
        "Method",
        "Budget",
        "Actual",
        *(one.code for one in laid.periods),
        "ETC",
        "EAC",
    ]
    return download(
        kind,
        f"{program.code}-{found.project.code}-forecast-{found.number}",
        heads,
        (
            [
                row.line.get_category_display(),
                row.line.get_nature_display(),
                row.line.get_method_display(),
                *(
                    format_plain(amount, currency)
                    for amount in (
                        row.line.budget_minor,
                        row.line.actual_minor,
                        *(row.cells.get(one.pk, 0) for one in laid.periods),
                        row.etc,
                        row.eac,
                    )
                ),
            ]
            for row in laid.rows
        ),
    )


@page(Permission.VIEW_MONEY, methods=("GET", "POST"))
def sheet(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One forecast: read by everybody, a draft written by who forecasts the project. Nothing typed is lost."""
    with reading(request) as access:
        found = _find(request, program, pk)
        if request.method == "GET":
            if (kind := request.GET.get("format")) in FORMATS:
                return _file(kind, program, found)
            return _page(request, program, found)
        access.require(Permission.FORECAST, program.pk, found.project_id)
        typed = read(request.POST, program.currency)
        if typed.faults:
            return _page(request, program, found, typed=typed, status=422)
    try:
        act(
            request,
            services.write,
            forecast=found,
            version=typed.version,
            methods=typed.methods,
            cells=typed.cells,
            note=typed.note,
            add=typed.add,
        )
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            found = _find(request, program, pk)
            typed.message = refusal.message
            if isinstance(refusal, Conflict):
                typed.message += " What you typed stands in the fields; save again to put it in its place."
            return _page(request, program, found, typed=typed, status=refusal.status)
    messages.success(request, "The forecast is saved and computed.")
    return redirect("finance:forecast", code=program.code, pk=pk)


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return seen_version(text)


@page(Permission.FORECAST, methods=("POST",), somewhere=True)
def submit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Freeze a draft."""
    with reading(request) as access:
        found = _find(request, program, pk)
        access.require(Permission.FORECAST, program.pk, found.project_id)
    with suppress(AlreadyDone):
        act(request, services.submit, forecast=found, version=_version(request))
        messages.success(
            request, "The forecast is submitted; earned value takes it as the bottom-up estimate."
        )
    return redirect("finance:forecast", code=program.code, pk=pk)


@page(Permission.FORECAST, methods=("POST",), somewhere=True)
def discard(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Throw a draft away."""
    with reading(request) as access:
        found = _find(request, program, pk)
        access.require(Permission.FORECAST, program.pk, found.project_id)
    with suppress(AlreadyDone):
        act(request, services.discard, forecast=found, version=_version(request))
        messages.success(request, "The draft is thrown away.")
    return redirect("finance:forecasts", code=program.code)


def _may(request: HttpRequest, found: Forecast) -> bool:
    access: Any = request.access  # type: ignore[attr-defined]
    return bool(access.may(Permission.FORECAST, found.program_id, found.project_id))
