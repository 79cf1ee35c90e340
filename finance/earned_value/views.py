"""Pages of earned value: the program with its projects, and one project with its activities, every figure explained."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.earned_value import selectors
from finance.earned_value.explaining import explained, judged_rows, s_curve, twin
from finance.earned_value.models import EarnedValueRun
from finance.earned_value.selectors import Shown
from finance.engine.columns import COLUMNS
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.cells import csv_cell
from pmo.clocks import AsOf, as_of
from pmo.http import page
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

WIDE: dict[str, Any] = {"width": 1080, "height": 250}
"""The S-curve over the whole width of the page."""


@page(Permission.VIEW_MONEY)
def program_page(request: HttpRequest, program: Program) -> HttpResponse:
    """The program: S-curve, measures with their formulas, and its projects at the latest status of each."""
    when = as_of(request, program)
    run = selectors.newest_run(program, None if when.is_now else when.known)
    context: dict[str, Any] = {
        "program": program,
        "crumbs": crumbs(program, ("Earned value", "")),
        "freshness": _freshness(run, program, when),
    }
    if run is None:
        return render(request, "finance/earned_value/program.html", context | {"total": None})
    projects = selectors.projects_at(run, when.at)
    if request.GET.get("format") == "csv":
        return _csv(program, projects)
    history = selectors.history(run, None, when.at)
    total = history[-1] if history else None
    planned = selectors.planned_curve(run, None)
    context |= {
        "total": total,
        "figures": _figures(total, program.currency) if total else [],
        "reporting": total.snapshot.figures.get("reporting") if total else 0,
        "expected": total.snapshot.figures.get("projects") if total else 0,
        "measures": explained(total, program.currency) if total else [],
        "estimates": judged_rows(total, program.currency) if total else [],
        **_leads(program, None, when),
        "chart": s_curve(planned, history, program.currency, when.at, zone(program.time_zone), **WIDE)
        if total
        else "",
        "twin": twin(history, program.currency, zone(program.time_zone)),
        "projects": [_project_row(program, one, when) for one in projects],
    }
    return render(request, "finance/earned_value/program.html", context)


@page(Permission.VIEW_MONEY)
def project_page(request: HttpRequest, program: Program, project_code: str) -> HttpResponse:
    """One project: its status dates, measures with their formulas, and the activities that the figures sum."""
    when = as_of(request, program)
    project = (
        Project.objects.visible_to(request.user)
        .filter(program_id=program.pk, code__iexact=project_code)
        .first()
    )
    if project is None:
        raise Http404("No such project.")
    run = selectors.newest_run(program, None if when.is_now else when.known)
    history = selectors.history(run, project, when.at) if run else []
    total = history[-1] if history else None
    rows = selectors.rows(total.snapshot) if total else []
    base = reverse("finance:earned-value", kwargs={"code": program.code})
    plan = reverse("programs:plan", kwargs={"code": program.code})
    context = {
        "program": program,
        "project": project,
        "crumbs": crumbs(program, ("Earned value", f"{base}{when.query}"), (project.code, "")),
        "freshness": _freshness(run, program, when),
        "total": total,
        "figures": _figures(total, program.currency) if total else [],
        "measures": explained(total, program.currency) if total else [],
        "estimates": judged_rows(total, program.currency) if total else [],
        **_leads(program, project, when),
        "chart": s_curve(
            selectors.planned_curve(run, project),
            history,
            program.currency,
            when.at,
            zone(program.time_zone),
            **WIDE,
        )
        if run and total
        else "",
        "twin": twin(history, program.currency, zone(program.time_zone)),
        "statuses": [_status_row(program, one) for one in reversed(history)],
        "rows": [
            {
                "code": row.activity.code,
                "name": row.activity.name,
                "href": f"{plan}{row.activity_id}/",
                "bac": formats.money_short(round(row.bac), program.currency),
                "pv": formats.money_short(round(row.pv), program.currency),
                "ev": formats.money_short(round(row.ev), program.currency),
                "ac": formats.money_short(round(row.ac), program.currency),
                "cv": formats.money_short(round(row.ev - row.ac), program.currency, sign=True),
                "sv": formats.money_short(round(row.ev - row.pv), program.currency, sign=True),
                "late": row.ev < row.pv,
                "dear": row.ac > row.ev,
            }
            for row in rows
        ],
    }
    return render(request, "finance/earned_value/project.html", context)


def _leads(program: Program, project: Project | None, when: AsOf) -> dict[str, str]:
    """Where each measure is opened up, and where its course is drawn."""
    series = reverse("finance:earned-value-series", kwargs={"code": program.code})
    first = reverse("finance:earned-value-measure", kwargs={"code": program.code, "name": "cpi"})
    chosen = [f"project={quote(project.code)}"] if project else []
    query = "&".join([*filter(None, [when.query.lstrip("?")]), *chosen])
    query = f"?{query}" if query else ""
    return {
        "over_time": f"{series}{query}",
        "measures_base": first.removesuffix("cpi/"),
        "measures_query": query,
    }


def _freshness(run: EarnedValueRun | None, program: Program, when: AsOf) -> str:
    """How current the figures are, in one line."""
    if run is None:
        return "Not computed yet: it needs a baseline and a status date"
    computed = f"computed {formats.moment(run.computed_at, zone(program.time_zone))}"
    versions = f"plan version {run.plan_version}, ledger version {run.ledger_version}"
    if when.is_now and not selectors.is_current(run, program):
        return f"As of {when.label} · {computed} from {versions}; newer changes are being computed"
    return f"As of {when.label} · {computed} from {versions}"


def _figures(total: Shown, currency: str) -> list[tuple[str, Any, str]]:
    estimate = total.minor("eac_cpi")
    return [
        ("BAC", formats.money_short(total.bac, currency), "budget at completion"),
        ("PV", formats.money_short(total.pv, currency), "planned value"),
        ("EV", formats.money_short(total.ev, currency), "earned value"),
        ("AC", formats.money_short(total.ac, currency), "actual cost"),
        ("CPI", formats.index(total.value("cpi")), "earned for each unit spent"),
        ("SPI", formats.index(total.value("spi")), "earned for each unit planned"),
        ("EAC", formats.money_short(estimate, currency), "if the rest costs as the work so far"),
    ]


def _project_row(program: Program, one: Shown, when: AsOf) -> dict[str, Any]:
    currency, project = program.currency, one.project
    if project is None:
        raise ValueError("a project's snapshot names its project")
    address = reverse(
        "finance:earned-value-project", kwargs={"code": program.code, "project_code": project.code}
    )
    return _status_row(program, one) | {
        "code": project.code,
        "name": project.name,
        "href": f"{address}{when.query}",
        "bac": formats.money_short(one.bac, currency),
    }


def _status_row(program: Program, one: Shown) -> dict[str, Any]:
    currency = program.currency
    cpi, spi_t = one.value("cpi"), one.value("spi_t")
    local = one.snapshot.at.astimezone(zone(program.time_zone))
    return {
        "status": formats.day(local.date()),
        "status_name": one.snapshot.period_name,
        "at": f"?at={quote(one.snapshot.at.isoformat())}",
        "pv": formats.money_short(one.pv, currency),
        "ev": formats.money_short(one.ev, currency),
        "ac": formats.money_short(one.ac, currency),
        "cv": formats.money_short(one.cv, currency, sign=True),
        "sv": formats.money_short(one.sv, currency, sign=True),
        "cpi": formats.index(cpi),
        "spi": formats.index(one.value("spi")),
        "spi_t": formats.index(spi_t),
        "eac": formats.money_short(one.minor("eac_cpi"), currency),
        "vac": formats.money_short(one.minor("vac"), currency, sign=True),
        "dear": cpi is not None and cpi < 1,
        "late": spi_t is not None and spi_t < 1,
    }


def _csv(program: Program, projects: list[Shown]) -> HttpResponse:
    """The projects' figures with the columns of the command line's door."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["project_id", "period", "status_date", *COLUMNS])
    for one in projects:
        columns = one.snapshot.figures.get("columns", {})
        local = one.snapshot.at.astimezone(zone(program.time_zone)).replace(tzinfo=None)
        writer.writerow(
            [
                csv_cell(one.project.code if one.project else ""),
                one.snapshot.period.number if one.snapshot.period else "",
                local.isoformat(timespec="minutes"),
                *(columns.get(name, "") for name in COLUMNS),
            ]
        )
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.code}-earned-value.csv"'
    return response
