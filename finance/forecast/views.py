"""Pages of forecasts: the program with its cash flow, one forecast as a sheet, and how good forecasts were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.forecast import drawing, selectors, services
from finance.forecast.models import Forecast
from finance.forecast.selectors import Scored
from finance.reserves import burn_down
from finance.structure import periods
from finance.transfers import selectors as transfers
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project


def _today(program: Program) -> Any:
    return periods.local_day(program, datetime.now(UTC))


def _may(request: HttpRequest, program: Program, project_id: int) -> bool:
    access: Any = request.access  # type: ignore[attr-defined]
    return bool(access.may(Permission.FORECAST, program.pk, project_id))


HEADS = ["Project", "Name", "Forecast", "As of", "State", "Budget", "Actual", "ETC", "EAC", "Budget - EAC"]


@page(Permission.VIEW_MONEY)
def listing(request: HttpRequest, program: Program) -> HttpResponse:
    """The newest submitted forecast of each project, the drafts, the program's cash flow, burn and reserves."""
    currency = program.currency
    projects = list(
        Project.objects.visible_to(request.user).filter(program_id=program.pk).order_by("position", "pk")
    )
    submitted = selectors.newest(program, Forecast.State.SUBMITTED)
    drafts = selectors.newest(program, Forecast.State.DRAFT)
    if (kind := request.GET.get("format")) in FORMATS:
        return download(
            kind,
            f"{program.code}-forecast",
            HEADS,
            (
                [
                    one.code,
                    one.name,
                    *_file_row(submitted.get(one.pk), currency),
                ]
                for one in projects
            ),
        )
    months = selectors.cash_flow(program, submitted.values())
    today = periods.code_of(_today(program))
    reserves = burn_down.read(program, transfers.movements(program.pk), _today(program))
    total = [
        sum(getattr(one, name) for one in submitted.values())
        for name in ("budget_minor", "actual_minor", "etc_minor", "eac_minor")
    ]
    context = {
        "program": program,
        "rows": [_row(one, submitted.get(one.pk), drafts.get(one.pk), currency) for one in projects],
        "total": {
            "budget": formats.money_short(total[0], currency),
            "actual": formats.money_short(total[1], currency),
            "etc": formats.money_short(total[2], currency),
            "eac": formats.money_short(total[3], currency),
            "left": formats.money_short(total[0] - total[3], currency, sign=True),
        },
        "burn_down": burn_down.shown(reserves, program),
        "reserves": _reserve_row(reserves, currency),
        "whole": {
            "budget": formats.money_short(total[0] + reserves.left, currency),
            "etc": formats.money_short(total[2] + reserves.expected, currency),
            "eac": formats.money_short(total[3] + reserves.expected, currency),
            "left": formats.money_short(
                total[0] + reserves.left - total[3] - reserves.expected, currency, sign=True
            ),
        },
        "missing": len(projects) - len(submitted),
        "cash": drawing.cash_flow(months, currency) if months else "",
        "burn": drawing.burn(months, currency) if months else "",
        "reserve": drawing.reserve(months, today, currency) if any(one.reserve for one in months) else "",
        "twin": {
            "caption": f"Cash by month, {currency}",
            "head": ["Month", "Actual", "Forecast", "Budget", "Reserves left"],
            "rows": [
                [
                    formats.month(one.starts_on),
                    *(
                        formats.money_exact(amount, currency)
                        for amount in (one.actual, one.forecast, one.budget, one.reserve)
                    ),
                ]
                for one in months
            ],
        },
        "free": [one for one in projects if one.pk not in drafts and _may(request, program, one.pk)],
        "period": today,
        "crumbs": crumbs(program, ("Forecast", "")),
    }
    return render(request, "finance/forecast/listing.html", context)


def _file_row(one: Forecast | None, currency: str) -> list[Any]:
    if one is None:
        return [""] * (len(HEADS) - 2)
    amounts = (
        one.budget_minor,
        one.actual_minor,
        one.etc_minor,
        one.eac_minor,
        one.budget_minor - one.eac_minor,
    )
    return [
        one.number,
        one.period.code,
        one.get_state_display(),
        *(format_plain(a, currency) for a in amounts),
    ]


def _reserve_row(found: burn_down.BurnDown, currency: str) -> dict[str, Any]:
    """Contingency as a line of the program's forecast: what is left of it, and what open risks are expected to take."""
    return {
        "budget": formats.money_short(found.left, currency),
        "eac": formats.money_short(found.expected, currency),
        "left": formats.money_short(found.cover, currency, sign=True),
        "over": found.cover < 0,
        "risks": found.risks,
    }


def _row(project: Project, one: Forecast | None, draft: Forecast | None, currency: str) -> dict[str, Any]:
    row: dict[str, Any] = {"code": project.code, "name": project.name, "draft": draft, "found": one}
    if one is not None:
        row |= {
            "as_of": formats.month(one.period.starts_on),
            "budget": formats.money_short(one.budget_minor, currency),
            "actual": formats.money_short(one.actual_minor, currency),
            "etc": formats.money_short(one.etc_minor, currency),
            "eac": formats.money_short(one.eac_minor, currency),
            "left": formats.money_short(one.budget_minor - one.eac_minor, currency, sign=True),
            "over": one.eac_minor > one.budget_minor,
        }
    return row


@page(Permission.FORECAST, methods=("POST",), somewhere=True)
def begin(request: HttpRequest, program: Program) -> HttpResponse:
    """Begin a forecast of a project, as of the end of a period."""
    with reading(request):
        project = Project.objects.filter(program_id=program.pk, code=request.POST.get("project", "")).first()
    if project is None:
        raise Refused("Choose a project.", field="project")
    try:
        made = act(
            request,
            services.begin,
            program=program,
            project=project,
            period_code=request.POST.get("period", "").strip(),
        )
    except AlreadyDone:
        return redirect("finance:forecasts", code=program.code)
    messages.success(request, "The forecast is begun: look at each line, then submit it.")
    return redirect("finance:forecast", code=program.code, pk=made.pk)


# ------------------------------------------------------------------ scores
def _score_row(one: Scored, currency: str) -> dict[str, Any]:
    found = one.score
    forecast = one.forecast
    return {
        "pk": forecast.pk if forecast else None,
        "label": f"{forecast.project.code} {forecast.number}" if forecast else "",
        "as_of": formats.month(forecast.period.starts_on) if forecast else "",
        "lead": formats.counted(one.lead, "month ahead", "months ahead") if one.lead else "",
        "periods": found.periods,
        "forecast": formats.money_short(found.forecast, currency),
        "actual": formats.money_short(found.actual, currency),
        "error": formats.money_short(found.error, currency, sign=True),
        "bias": formats.UNKNOWN
        if found.bias is None
        else f"{formats.number(float(found.bias) * 100, 1, sign=True)}{formats.GAP}%",
        "mape": formats.percent(None if found.mape is None else float(found.mape) * 100, 1),
    }


@page(Permission.VIEW_MONEY)
def scores(request: HttpRequest, program: Program) -> HttpResponse:
    """Forecast against what came to pass: error, bias and mean absolute error of each, and by months ahead."""
    each, leads = selectors.scores(program, _today(program))
    if (kind := request.GET.get("format")) in FORMATS:
        return download(
            kind,
            f"{program.code}-forecast-scores",
            [
                "Project",
                "Forecast",
                "As of",
                "Periods",
                "Forecast cost",
                "Actual cost",
                "Error",
                "Bias",
                "MAPE",
            ],
            (
                [
                    one.forecast.project.code,
                    one.forecast.number,
                    one.forecast.period.code,
                    one.score.periods,
                    format_plain(one.score.forecast, program.currency),
                    format_plain(one.score.actual, program.currency),
                    format_plain(one.score.error, program.currency),
                    "" if one.score.bias is None else round(float(one.score.bias), 4),
                    "" if one.score.mape is None else round(float(one.score.mape), 4),
                ]
                for one in each
                if one.forecast is not None
            ),
        )
    context = {
        "program": program,
        "rows": [_score_row(one, program.currency) for one in each],
        "leads": [_score_row(one, program.currency) for one in leads],
        "crumbs": crumbs(
            program,
            ("Forecast", reverse("finance:forecasts", kwargs={"code": program.code})),
            ("How good they were", ""),
        ),
    }
    return render(request, "finance/forecast/scores.html", context)
