"""The spend page: budget, committed, accrued, actual and what is left, cut four ways; figures lead to their rows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.ledger.choice import Choice, chosen
from finance.policy.models import PolicyFinding
from finance.spend import selectors
from finance.spend.drawing import cost_by_period
from finance.spend.selectors import Line
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST_FINDINGS = 20


@page(Permission.VIEW_MONEY)
def spend(request: HttpRequest, program: Program) -> HttpResponse:
    """Money as of a moment; with a project, category or nature in the address, of that alone."""
    when, filters = as_of(request, program), chosen(request, program)
    found = selectors.spend(program, when, filters.choice)
    forecast = selectors.forecasts(program, when)
    codes = {line.key: line.label for line in found.projects}
    base = reverse("finance:ledger", kwargs={"code": program.code})
    context = {
        "program": program,
        "crumbs": crumbs(program, ("Spend", "")),
        "filters": filters.context(),
        "total": _cells(found.total, program.currency)
        | _forecast_cells(*selectors.forecast_total(found.projects, forecast), program.currency),
        "figures": _figures(found.total, program.currency),
        "projects": [
            _cells(line, program.currency)
            | {
                "href": _link(base, request, project=codes[line.key]) if line.key else "",
                **_forecast(line, forecast.get(line.key), program.currency),
            }
            for line in found.projects
        ],
        "categories": [
            _cells(line, program.currency) | {"href": _link(base, request, category=line.key)}
            for line in found.categories
        ],
        "natures": [
            _cells(line, program.currency) | {"href": _link(base, request, nature=line.key)}
            for line in found.natures
        ],
        "periods": [
            _cells(line, program.currency) | {"href": _link(base, request, period=line.key)}
            for line in found.periods
        ],
        "chart": cost_by_period(found, program.currency) if found.periods else "",
        "findings": list(
            PolicyFinding.objects.visible_to(request.user)
            .filter(program_id=program.pk, cleared_at=None, **_narrow(filters.choice))
            .order_by("-pk")
            .values("sentence", "journal_id")[:MOST_FINDINGS]
        ),
        "when": when,
    }
    return render(request, "finance/spend/spend.html", context)


def _narrow(choice: Choice) -> dict[str, Any]:
    chosen = {"project_id": choice.project_id, "category": choice.category, "nature": choice.nature}
    return {name: value for name, value in chosen.items() if value}


def _link(base: str, request: HttpRequest, **more: str) -> str:
    kept = {
        name: request.GET[name]
        for name in ("project", "category", "nature", "at", "known")
        if request.GET.get(name)
    }
    return f"{base}?{urlencode(kept | more)}"


def _cells(line: Line, currency: str) -> dict[str, Any]:
    used = 100 * line.used / line.budget if line.budget > 0 else None
    return {
        "label": line.label,
        "budget": formats.money_short(line.budget, currency),
        "committed": formats.money_short(line.committed, currency),
        "accrued": formats.money_short(line.accrued, currency),
        "actual": formats.money_short(line.actual, currency),
        "left": formats.money_short(line.left, currency),
        "over": line.left < 0,
        "used": formats.percent(used),
    }


def _forecast(line: Line, estimate: int | None, currency: str) -> dict[str, Any]:
    return _forecast_cells(estimate, None if estimate is None else line.budget - estimate, currency)


def _forecast_cells(estimate: int | None, variance: int | None, currency: str) -> dict[str, Any]:
    return {
        "forecast": formats.money_short(estimate, currency),
        "variance": formats.money_short(variance, currency, sign=True),
        "variance_bad": variance is not None and variance < 0,
    }


def _figures(total: Line, currency: str) -> list[tuple[str, Any, str]]:
    return [
        ("Budget", formats.money_short(total.budget, currency), "granted by decision"),
        ("Committed", formats.money_short(total.committed, currency), "promised, not yet spent"),
        ("Accrued", formats.money_short(total.accrued, currency), "received, not yet invoiced"),
        ("Actual", formats.money_short(total.actual, currency), "spent"),
        ("Left", formats.money_short(total.left, currency), "neither promised nor spent"),
        ("Without funding", formats.money_short(total.unfunded, currency), "spent before it was granted"),
    ]
