"""The page of the network diagram: a window of the plan as boxes and links, with its table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from pmo.zones import zone
from programs.master_plan.activity_views import crumbs_of
from programs.master_plan.network import MOST, MOST_STEPS, Box, Line, Network, Window, network
from programs.master_plan.network_drawing import drawing
from programs.master_plan.sheet import shown as shown_as
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity
from programs.schedule.usual import usual_by_calendar

HEADS = ("project", "activity", "name", "early_start", "early_finish", "late_start", "late_finish",
         "duration_minutes", "float_minutes", "critical", "predecessors", "successors", "not_shown")  # fmt: skip


def window_of(request: HttpRequest, projects: list[str]) -> Window:
    """What the address says; without a word of it the critical path, or the only project."""
    text, steps = request.GET.get("around", ""), request.GET.get("steps", "2")
    project = request.GET.get("project", "")[:30].replace("\x00", "")
    around = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    return Window(
        around=around,
        steps=min(int(steps), MOST_STEPS) if steps.isascii() and steps.isdigit() and len(steps) < 3 else 2,
        project=project,
        critical=request.GET.get("critical") == "1" or not (around or project or "all" in request.GET),
    )


@page(Permission.VIEW_PROGRAM)
def network_page(request: HttpRequest, program: Program) -> HttpResponse:
    """`?around=17&steps=2`, `?project=ERP-FIN`, `?critical=1` or `?all`: the diagram, or its table as a file."""
    projects = list(
        Project.objects.filter(program_id=program.pk)
        .order_by("position", "pk")
        .values_list("code", flat=True)
    )
    window = window_of(request, projects)
    middle = None
    if window.around is not None:
        middle = (
            Activity.objects.filter(program_id=program.pk, pk=window.around).select_related("project").first()
        )
        if middle is None:
            raise Http404("No such activity.")
    found = network(program, window)
    local = zone(program.time_zone)
    usual, other = usual_by_calendar(program)
    names = [f"{box.project}/{box.code}" for box in found.boxes]
    links = _links(found, names, usual, other)
    if (kind := request.GET.get("format", "")) in FORMATS:
        return download(kind, f"{program.code}-network", HEADS, _file(found, links))

    def day(value: datetime) -> str:
        return formats.day_short(value.astimezone(local))

    def days(box: Box, minutes: int) -> str:
        length = minutes / usual.get(box.calendar_id or 0, other)
        return f"{formats.number(length, 0 if length == int(length) else 1)} d"

    here = reverse("programs:network", kwargs={"code": program.code})
    base = reverse("programs:activity", kwargs={"code": program.code, "pk": 0})
    context: dict[str, Any] = {
        "program": program,
        "drawing": drawing(
            found,
            day=day,
            days=days,
            words=lambda line: _words(line, usual, other, found),
            href=lambda box: f"{here}?around={box.pk}&steps={window.steps}",
            chosen=window.around,
        )
        if found.boxes
        else "",
        "rows": [
            {
                "href": base.replace("/0/", f"/{box.pk}/"),
                "around": f"{here}?around={box.pk}",
                "name": f"{box.code} {box.name}",
                "project": box.project,
                "early": f"{day(box.early_start)} – {day(box.early_finish)}",
                "late": f"{day(box.late_start)} – {day(box.late_finish)}"
                if box.late_start and box.late_finish
                else formats.UNKNOWN,
                "days": days(box, box.minutes),
                "float": formats.UNKNOWN if box.total_float is None else days(box, box.total_float),
                "critical": box.critical,
                "before": links[n][0],
                "after": links[n][1],
            }
            for n, box in enumerate(found.boxes)
        ],
        "count": len(found.boxes),
        "links": len(found.lines),
        "fits": found.fits,
        "full": found.fits > MOST,
        "window": window,
        "middle": middle,
        "steps": range(1, MOST_STEPS + 1),
        "projects": projects,
        "crumbs": crumbs_of(program, ("Network", "")),
        "no_clock": True,
    }
    return render(request, "programs/master_plan/network.html", context)


def _words(line: Line, usual: dict[int, int], other: int, found: Network) -> str:
    """`SS+2d`; empty for a plain finish to start."""
    if line.kind == "FS" and not line.lag:
        return ""
    day = usual.get(found.boxes[line.source].calendar_id or 0, other)
    return shown_as.link("", line.kind, line.lag, line.lag_unit, day) or line.kind


def _links(found: Network, names: list[str], usual: dict[int, int], other: int) -> list[tuple[str, str]]:
    """What each box waits for and what waits for it, in words."""
    before: list[list[str]] = [[] for _ in names]
    after: list[list[str]] = [[] for _ in names]
    for line in found.lines:
        words = _words(line, usual, other, found)
        before[line.target].append(f"{names[line.source]} {words}".strip())
        after[line.source].append(f"{names[line.target]} {words}".strip())
    for n, box in enumerate(found.boxes):
        if box.before:
            before[n].append(f"{box.before} not shown")
        if box.after:
            after[n].append(f"{box.after} not shown")
    return [("; ".join(a), "; ".join(b)) for a, b in zip(before, after, strict=True)]


def _file(found: Network, links: list[tuple[str, str]]) -> list[list[object]]:
    return [
        [box.project, box.code, box.name, box.early_start, box.early_finish, box.late_start, box.late_finish,
         box.minutes, box.total_float, "yes" if box.critical else "no", *links[n], box.before + box.after]
        for n, box in enumerate(found.boxes)
    ]  # fmt: skip
