"""The resource load behind the dashboard's card: who is asked for how much, month by month."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from governance.health import selectors as health
from governance.health.thresholds import limits_of
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def resource_load(request: HttpRequest, program: Program) -> HttpResponse:
    """Percent of capacity for each resource and month, from the status date to the end of the plan."""
    moment = as_of(request, program)
    status = min(program.status_at, moment.at) if program.status_at is not None else moment.at
    loads = health.resource_load(program, since=status, known=moment.known)
    months = sorted({load.month.replace(day=1) for load in loads})
    by_name: dict[str, dict[date, Decimal]] = {}
    for load in loads:
        by_name.setdefault(load.resource, {})[load.month.replace(day=1)] = load.percent
    limit = limits_of(program.thresholds)["resource_peak_percent"]
    lines = [
        (
            name,
            [
                (formats.month(month), formats.percent(value), limit.colour(value) if value > 100 else "")
                if (value := held.get(month)) is not None
                else (formats.month(month), "", "")
                for month in months
            ],
        )
        for name, held in sorted(by_name.items(), key=lambda one: (-max(one[1].values()), one[0]))
    ]
    context = {
        "program": program,
        "months": [formats.month(month) for month in months],
        "lines": lines,
        "crumbs": crumbs(program, ("Resource load", "")),
    }
    return render(request, "governance/dashboards/load.html", context)
