"""The steering dashboard: six dimensions with their reason, the S-curve, what waits, what changed, the projects."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from governance.dashboards import curve
from governance.dashboards.changes import changes
from governance.dashboards.selectors import freshness, project_lines, under_way
from governance.decisions.models import Decision
from governance.health import selectors as health
from governance.health import stated
from governance.health.selectors import Figures
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program
from programs.status.words import aged

SHOWN = 4


def _figures(request: HttpRequest, program: Program) -> Figures:
    moment = as_of(request, program)
    return health.read(
        program,
        at=moment.at,
        known=moment.known,
        is_now=moment.is_now,
        sees_money=request.access.may(Permission.VIEW_MONEY, program.pk),  # type: ignore[attr-defined]
    )


def _since_title(figures: Figures) -> str:
    day = formats.day_short(figures.since.astimezone(zone(figures.program.time_zone)))
    return f"Since the decisions of {day}" if figures.since_decision else f"Since {day}"


@page(Permission.VIEW_PROGRAM)
def dashboard(request: HttpRequest, program: Program) -> HttpResponse:
    """Ten statements, whatever the size of the program."""
    figures = _figures(request, program)
    waiting, decided = under_way(figures, request.user)
    changed = changes(figures, decided)
    said = stated.of(figures)
    may = request.access.may  # type: ignore[attr-defined]
    code = {"code": program.code}
    mine: Decision | None = next((one.decision for one in waiting if one.mine), None)
    context: dict[str, Any] = {
        "program": program,
        "freshness": freshness(figures),
        "status_age": aged(figures.data_to, timezone.now()) if figures.is_now else None,
        "status_url": reverse("programs:status", kwargs=code)
        if figures.is_now and request.access.may_somewhere(Permission.REPORT_PROGRESS, program.pk)  # type: ignore[attr-defined]
        else "",
        "sides": stated.sides(figures, said),
        "ratings_url": figures.to("governance:ratings"),
        "chart": curve.s_curve(figures) if figures.sees_money else None,
        "chart_words": curve.in_words(figures),
        "twin": curve.twin(figures),
        "indices": curve.indices(figures),
        "ev_url": figures.to("finance:earned-value"),
        "waiting": waiting[:SHOWN],
        "more_waiting": max(0, len(waiting) - SHOWN),
        "vote_on": mine,
        "changed": changed[:SHOWN],
        "changed_count": len(changed),
        "since_title": _since_title(figures),
        "lines": project_lines(figures, said),
        "simulated": figures.simulated,
        "simulated_url": figures.to("programs:simulation", pk=figures.simulated.run)
        if figures.simulated
        else "",
        "add_url": reverse("programs:project-add", kwargs=code)
        if may(Permission.EDIT_PROGRAM, program.pk)
        else "",
        "import_url": reverse("programs:imports", kwargs=code) if may(Permission.IMPORT, program.pk) else "",
        "notes": [] if figures.is_now else _notes(figures),
        "crumbs": [*crumbs(program)[:-1], (program.code, "")],
    }
    return render(request, "governance/dashboards/dashboard.html", context)


@page(Permission.VIEW_PROGRAM)
def since(request: HttpRequest, program: Program) -> HttpResponse:
    """Everything that changed since the last day on which something was decided."""
    figures = _figures(request, program)
    _, decided = under_way(figures, request.user)
    context = {
        "program": program,
        "heading": _since_title(figures),
        "changed": changes(figures, decided),
        "freshness": freshness(figures),
        "crumbs": crumbs(program, ("Since last meeting", "")),
    }
    return render(request, "governance/dashboards/since.html", context)


def _notes(figures: Figures) -> list[str]:
    """What this page cannot show as of another time, in words."""
    notes = [
        "Finish dates and resource load are those of the plan as it was computed by the instant of knowledge; "
        "allocations, the baseline in force and the thresholds are today's.",
        "Risks, decisions and changes are shown as they were recorded by the instant of knowledge; requirements and "
        "readings by their own days.",
    ]
    if figures.curve:
        notes.append("The planned curve is that of the newest computation.")
    return notes
