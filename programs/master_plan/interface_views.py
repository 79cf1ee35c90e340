"""The page of interfaces: a matrix of the links between projects, and the links one by one."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.master_plan.activity_views import crumbs_of
from programs.master_plan.interfaces import MOST, Interface, Matrix, interfaces, matrix
from programs.master_plan.sheet import shown as shown_as
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.usual import day_minutes

HEADS = (
    "from_project",
    "from_activity",
    "from_name",
    "to_project",
    "to_activity",
    "to_name",
    "type",
    "lag_minutes",
    "lag_unit",
    "leaves",
    "arrives",
    "driving",
    "critical",
)
SHOWN = 40
"""Projects of one matrix that still fit a screen; of more, those with links."""


@page(Permission.VIEW_PROGRAM)
def interfaces_page(request: HttpRequest, program: Program) -> HttpResponse:
    """Which project waits for which, and the links of one pair; or the links as a file."""
    chosen = as_of(request, program)
    source, target = (request.GET.get(name, "")[:30] for name in ("from", "to"))
    driving = request.GET.get("driving") == "1"
    kind = request.GET.get("format", "")
    most = None if kind in FORMATS else MOST
    found = interfaces(program, chosen, source=source, target=target, driving=driving, most=most)
    if kind in FORMATS:
        return download(kind, f"{program.code}-interfaces", HEADS, [_plain(one) for one in found])
    whole = matrix(program, chosen)
    url = reverse("programs:interfaces", kwargs={"code": program.code})
    heads, rows = _table(whole, url, source, target)
    zone, day = ProgramClock(program.time_zone).zone, day_minutes(program)
    activity = reverse("programs:activity", kwargs={"code": program.code, "pk": 0})

    def on(value: datetime | None) -> str:
        return formats.day(value.astimezone(zone)) if value else formats.UNKNOWN

    lines = [
        {
            "from": f"{one.from_project}/{one.from_code} {one.from_name}",
            "from_href": activity.replace("/0/", f"/{one.from_id}/"),
            "to": f"{one.to_project}/{one.to_code} {one.to_name}",
            "to_href": activity.replace("/0/", f"/{one.to_id}/"),
            "link": shown_as.link("", one.kind, one.lag, one.lag_unit, day) or one.kind,
            "leaves": on(one.leaves),
            "arrives": on(one.arrives),
            "driving": one.driving,
            "critical": one.critical,
        }
        for one in found
    ]
    context: dict[str, Any] = {
        "program": program,
        "heads": heads,
        "rows": rows,
        "lines": lines,
        "total": sum(cell.links for cell in whole.cells.values()),
        "drives": sum(cell.driving for cell in whole.cells.values()),
        "full": len(found) == MOST,
        "most": MOST,
        "source": source,
        "target": target,
        "driving": driving,
        "left_out": len(whole.projects) - len(rows),
        "crumbs": crumbs_of(program, ("Interfaces", "")),
    }
    return render(request, "programs/master_plan/interfaces.html", context)


def _table(
    whole: Matrix, url: str, source: str, target: str
) -> tuple[list[dict[str, str]], list[dict[str, Any]]]:
    """Heads and rows of the matrix, every cell with its words; of many projects those that have links."""
    linked = {pk for pair in whole.cells for pk in pair}
    shown = whole.projects
    if len(shown) > SHOWN:
        shown = [one for one in shown if one.pk in linked]
    heads = [{"code": one.code, "name": one.name} for one in shown]
    rows = []
    for one in shown:
        cells = []
        for other in shown:
            cell = whole.cells.get((one.pk, other.pk))
            words = ""
            if cell:
                words = (
                    f"{formats.counted(cell.links, 'link', 'links')} from {one.code} to {other.code}, "
                    f"{cell.driving} of them driving, {cell.critical} critical"
                )
            cells.append(
                {
                    "own": one.pk == other.pk,
                    "count": cell.links if cell else "",
                    "note": f"{cell.driving} driving" if cell and cell.driving else "",
                    "critical": bool(cell and cell.critical),
                    "words": words,
                    "href": f"{url}?{urlencode({'from': one.code, 'to': other.code})}" if cell else "",
                    "chosen": (one.code.casefold(), other.code.casefold())
                    == (source.casefold(), target.casefold()),
                }
            )
        rows.append({"code": one.code, "name": one.name, "cells": cells})
    return heads, rows


def _plain(one: Interface) -> list[object]:
    return [
        one.from_project,
        one.from_code,
        one.from_name,
        one.to_project,
        one.to_code,
        one.to_name,
        one.kind,
        one.lag,
        one.lag_unit,
        one.leaves,
        one.arrives,
        "yes" if one.driving else "no",
        "yes" if one.critical else "no",
    ]
