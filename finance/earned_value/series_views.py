"""Pages of earned value over time: the course of all measures, and one measure opened up."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.earned_value import selectors, series
from finance.earned_value.explaining import explained, s_curve, twin
from finance.earned_value.models import EarnedValueRun
from finance.earned_value.selectors import Shown
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import AsOf, as_of
from pmo.http import page
from pmo.sheets import FORMATS, download
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

INDICES = [("cpi", "CPI", 2), ("spi", "SPI", 1), ("spi_t", "SPI(t)", 4)]


def _subject(
    request: HttpRequest, program: Program
) -> tuple[AsOf, EarnedValueRun | None, Project | None, list[Shown], list[Project]]:
    """What is looked at: the program or `?project=CODE`, with its history as of the address's clocks."""
    when = as_of(request, program)
    projects = list(
        Project.objects.visible_to(request.user).filter(program_id=program.pk).order_by("position", "pk")
    )
    wanted = request.GET.get("project", "").lower()
    project = next((one for one in projects if one.code.lower() == wanted), None)
    run = selectors.newest_run(program, None if when.is_now else when.known)
    history = selectors.history(run, project, when.at) if run else []
    return when, run, project, history, projects


@page(Permission.VIEW_MONEY)
def over_time(request: HttpRequest, program: Program) -> HttpResponse:
    """Each status date: value, cost, indices and estimates, and what fell into the time since the last."""
    when, run, project, history, projects = _subject(request, program)
    time_zone, currency = zone(program.time_zone), program.currency
    course = series.points(history)
    if (kind := request.GET.get("format")) in FORMATS:
        name = f"{program.code}-{project.code}" if project else program.code
        return download(
            kind,
            f"{name}-earned-value-series",
            series.HEADS,
            (series.file_row(point, currency, time_zone) for point in course),
        )
    context: dict[str, Any] = {
        "program": program,
        "project": project,
        "when": when,
        "projects": projects,
        "crumbs": crumbs(
            program,
            ("Earned value", f"{reverse('finance:earned-value', kwargs={'code': program.code})}{when.query}"),
            ("Over time", ""),
        ),
        "rows": series.table(course, currency, time_zone),
    }
    if run and history:
        context |= {
            "twin": twin(history, currency, time_zone),
            "curve": s_curve(
                selectors.planned_curve(run, project),
                history,
                currency,
                when.at,
                time_zone,
                width=1080,
                height=250,
            ),
            "estimates": series.estimates_chart(history, currency, time_zone),
            "indices": series.index_chart(history, INDICES, "indices", "Performance indices", time_zone),
        }
    return render(request, "finance/earned_value/series.html", context)


@page(Permission.VIEW_MONEY)
def measure(request: HttpRequest, program: Program, name: str) -> HttpResponse:
    """One measure: formula, numbers, its course, and the rows whose sums stand in the formula."""
    when, run, project, history, _ = _subject(request, program)
    if not history:
        raise Http404("No earned value by this date.")
    total, currency = history[-1], program.currency
    found = next((one for one in explained(total, currency) if one["name"] == name), None)
    if found is None:
        raise Http404("There is no such measure.")
    kept = total.measures[name]
    base = reverse("finance:earned-value", kwargs={"code": program.code})
    back = f"{base}{project.code}/{when.query}" if project else f"{base}{when.query}"
    context = {
        "program": program,
        "project": project,
        "when": when,
        "status": formats.day(total.snapshot.at.astimezone(zone(program.time_zone)).date()),
        "measure": found,
        "chart": series.measure_chart(
            history,
            name,
            str(found["label"]),
            kept["unit"],
            currency,
            zone(program.time_zone),
            _per_day(total),
        ),
        "rows": _activities(program, total, currency)
        if project
        else _projects(program, run, when, name, currency),
        "over_time": _with(
            reverse("finance:earned-value-series", kwargs={"code": program.code}), project, when
        ),
        "adherence_url": _with(reverse("finance:adherence", kwargs={"code": program.code}), project, when)
        if project and name == "p_factor"
        else "",
        "crumbs": crumbs(program, ("Earned value", back), (str(found["label"]), "")),
    }
    return render(request, "finance/earned_value/measure.html", context)


def _per_day(total: Shown) -> int:
    return int(total.snapshot.figures.get("minutes_per_day") or 480)


def _with(address: str, project: Project | None, when: AsOf) -> str:
    """An address with the project and the clocks of this page."""
    chosen_project = urlencode({"project": project.code}) if project else ""
    query = "&".join(part for part in (when.query.lstrip("?"), chosen_project) if part)
    return f"{address}?{query}" if query else address


def _projects(
    program: Program, run: EarnedValueRun | None, when: AsOf, name: str, currency: str
) -> list[dict[str, Any]]:
    """The projects whose sums are the program's, each with the same measure of its own."""
    own = reverse("finance:earned-value-measure", kwargs={"code": program.code, "name": name})
    rows = []
    for one in selectors.projects_at(run, when.at) if run else ():
        if one.project is None:
            continue
        value = next((each["value"] for each in explained(one, currency) if each["name"] == name), "")
        rows.append(
            _four(one.bac, one.pv, one.ev, one.ac, currency)
            | {
                "code": one.project.code,
                "name": one.project.name,
                "href": _with(own, one.project, when),
                "value": value or formats.UNKNOWN,
            }
        )
    return rows


def _activities(program: Program, total: Shown, currency: str) -> list[dict[str, Any]]:
    """The activities whose sums are the project's."""
    base = reverse("programs:plan", kwargs={"code": program.code})
    return [
        _four(round(row.bac), round(row.pv), round(row.ev), round(row.ac), currency)
        | {
            "code": row.activity.code,
            "name": row.activity.name,
            "href": f"{base}{row.activity_id}/",
            "value": "",
        }
        for row in selectors.rows(total.snapshot)
    ]


def _four(bac: int, pv: int, ev: int, ac: int, currency: str) -> dict[str, Any]:
    return {
        "bac": formats.money_short(bac, currency),
        "pv": formats.money_short(pv, currency),
        "ev": formats.money_short(ev, currency),
        "ac": formats.money_short(ac, currency),
    }
