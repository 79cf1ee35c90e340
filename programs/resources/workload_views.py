"""Pages of the workload: who is asked for how much in which week, and the activities behind one cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from pmo.zones import zone
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project
from programs.resources import workload
from programs.resources.models import Resource
from programs.resources.workload import MONTH, WEEK, Load, Period
from programs.resources.workload_drawing import drawing

PER_PAGE = 40
FILE_ROWS = 2000
"""Resources in one file."""
BLOCK = 200
FEWEST = 13
"""Columns that are drawn at least, though nothing is asked for in the last of them."""
LOOKED_AT = 500
"""Resources that are looked through for those who are asked for too much."""


def _today(program: Program) -> date:
    return timezone.now().astimezone(zone(program.time_zone)).date()


def _day(text: str, otherwise: date) -> date:
    """A day of the address; Refused in words for what is none."""
    if not text:
        return otherwise
    try:
        found = parse_date(text[:20])
    except ValueError:
        found = None
    if found is None:
        raise Refused("That is not a date such as 2027-03-31.", field="from")
    return found


@page(Permission.VIEW_PROGRAM)
def workload_page(request: HttpRequest, program: Program) -> HttpResponse:
    """`?by=month&from=2027-03-01&project=ERP-FIN&kind=role`: the loads as a picture with its table, or as a file."""
    by = MONTH if request.GET.get("by") == MONTH else WEEK
    first = _day(request.GET.get("from", ""), _today(program))
    spans = workload.periods(program, by, first)
    project, kind = (request.GET.get(name, "")[:30].replace("\x00", "") for name in ("project", "kind"))
    rows = workload.resources(program, request.user, kind=kind, project=project)
    only_over = request.GET.get("over") == "1"
    if (file := request.GET.get("format", "")) in FORMATS:
        return _file(program, file, rows, spans, only_over=only_over)
    cursor = request.GET.get("after", "")
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        last = (
            Resource.objects.filter(program_id=program.pk, pk=int(cursor)).values_list("code", "pk").first()
        )
        if last is not None:
            rows = workload.after(rows, *last)
    shown = list(rows[: LOOKED_AT if only_over else PER_PAGE + 1])
    looked = len(shown)
    found = workload.loads(program, shown, spans) if shown else {}
    if only_over:
        shown = [one for one in shown if too_much(found[one.pk])]
    more = len(shown) > PER_PAGE
    shown = shown[:PER_PAGE]
    columns = _loaded(spans, [found[one.pk] for one in shown])
    found = {one.pk: found[one.pk][: len(columns)] for one in shown}
    over = [one for one in shown if too_much(found[one.pk])]
    step = timedelta(days=1)
    back = spans[0].first - (spans[-1].after - spans[0].first)
    context = {
        "program": program,
        "drawing": drawing(shown, columns, found, _links(program, shown, columns)) if shown else "",
        "twin": _twin(shown, columns, found),
        "cut": formats.day(columns[-1].after) if len(columns) < len(spans) else "",
        "over": formats.counted(len(over), "resource is", "resources are"),
        "any_over": bool(over),
        "count": len(shown),
        "only_over": only_over,
        "looked": looked if only_over and looked == LOOKED_AT else 0,
        "by": by,
        "kind": kind,
        "project": project,
        "kinds": [(value, label) for value, label in Resource.Kind.choices if value != "material"],
        "projects": list(
            Project.objects.filter(program_id=program.pk)
            .order_by("position", "pk")
            .values_list("code", flat=True)
        ),
        "first": spans[0].first.isoformat(),
        "since": formats.day(spans[0].first),
        "until": formats.day(spans[-1].after - step),
        "earlier": back.isoformat(),
        "later": spans[-1].after.isoformat(),
        "next": shown[-1].pk if more else None,
        "begun": bool(cursor),
        "crumbs": crumbs(program, ("Workload", "")),
        "no_clock": True,
    }
    return render(request, "programs/resources/workload.html", context)


def _loaded(spans: Sequence[Period], rows: Sequence[Sequence[Load]]) -> Sequence[Period]:
    """The periods up to the last in which something is asked for, and at least `FEWEST`."""
    used = (at + 1 for loads in rows for at, load in enumerate(loads) if load.demand)
    return spans[: max(FEWEST, max(used, default=0))]


def _links(
    program: Program, shown: Sequence[Resource], spans: Sequence[Period]
) -> dict[tuple[int, int], str]:
    """The address behind each cell, by resource and place of the period."""
    base = reverse("programs:workload-of", kwargs={"code": program.code, "pk": 0})
    return {
        (one.pk, at): base.replace("/0/", f"/{one.pk}/")
        + "?"
        + urlencode({"from": span.first.isoformat(), "to": (span.after - timedelta(days=1)).isoformat()})
        for one in shown
        for at, span in enumerate(spans)
    }


def too_much(loads: Sequence[Load]) -> bool:
    """Is a resource asked for more than there is in any of these periods?"""
    return any(load.over or load.clash for load in loads)


def words(load: Load) -> str:
    """A cell of the table: hours of hours, and what is wrong in a word."""
    if not load.demand:
        return "–"
    text = f"{formats.number(load.demand, 0)} of {formats.number(load.available, 0)} h"
    if load.over:
        return f"{text}, over"
    return f"{text}, clash" if load.clash else text


def _twin(shown: Sequence[Resource], spans: Sequence[Period], found: dict[int, list[Load]]) -> dict[str, Any]:
    return {
        "caption": "Hours asked for of hours there are. “Over”: more hours than there are. “Clash”: more units at "
        "one moment than there are.",
        "head": ["Resource", *(one.name for one in spans)],
        "rows": [[f"{one.code} {one.name}", *map(words, found[one.pk])] for one in shown],
    }


def _file(
    program: Program, kind: str, rows: Any, spans: Sequence[Period], *, only_over: bool
) -> HttpResponse:
    """One row for each resource and period in which something is asked for."""
    listed = list(rows[:FILE_ROWS])
    blocks = [listed[at : at + BLOCK] for at in range(0, len(listed), BLOCK)]
    heads = ("resource", "name", "kind", "project", "period", "from", "to", "hours_asked", "hours_available",
             "percent", "most_units", "capacity", "over", "clash")  # fmt: skip

    def lines(block: list[Resource]) -> Any:
        found = workload.loads(program, block, spans)
        for one in block:
            if only_over and not too_much(found[one.pk]):
                continue
            for span, load in zip(spans, found[one.pk], strict=True):
                if load.demand:
                    yield [
                        one.code, one.name, one.get_kind_display(), one.project.code if one.project else "",
                        span.name, span.first, span.after - timedelta(days=1), load.demand, load.available,
                        load.percent, load.peak, load.capacity, "yes" if load.over else "no",
                        "yes" if load.clash else "no",
                    ]  # fmt: skip

    return download(kind, f"{program.code}-workload", heads, chain.from_iterable(map(lines, blocks)))


@page(Permission.VIEW_PROGRAM)
def workload_of(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """`?from=2027-03-01&to=2027-03-07`: the activities that ask for one resource in these days; or as a file."""
    one = (
        Resource.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("project")
        .first()
    )
    if one is None:
        raise Http404("No such resource.")
    today = _today(program)
    first = _day(request.GET.get("from", ""), today - timedelta(days=today.weekday()))
    workload.periods(program, WEEK, first, 1)  # refuses what lies too far away
    last = _day(request.GET.get("to", ""), first + timedelta(days=6))
    if not first <= last <= first + timedelta(days=800):
        raise Refused("Give a first and a last day, at most 800 days apart.", field="to")
    span = Period("", first, last + timedelta(days=1))
    load = workload.loads(program, [one], [span])[one.pk][0]
    found = workload.parts(program, one, span)
    local = zone(program.time_zone)
    if (kind := request.GET.get("format", "")) in FORMATS:
        heads = (
            "project",
            "activity",
            "name",
            "start",
            "finish",
            "units",
            "hours",
            "float_minutes",
            "critical",
        )
        return download(
            kind, f"{program.code}-workload-{one.code}", heads,
            [
                [part.project, part.code, part.name, part.start, part.finish, part.units, part.hours,
                 part.total_float, "yes" if part.critical else "no"]
                for part in found
            ],
        )  # fmt: skip
    base = reverse("programs:activity", kwargs={"code": program.code, "pk": 0})
    context = {
        "program": program,
        "one": one,
        "load": load,
        "words": words(load),
        "since": formats.day(first),
        "until": formats.day(last),
        "rows": [
            {
                "href": base.replace("/0/", f"/{part.activity_id}/"),
                "name": f"{part.code} {part.name}",
                "project": part.project,
                "start": formats.day(part.start.astimezone(local)),
                "finish": formats.day(part.finish.astimezone(local)),
                "units": formats.number(part.units, 2),
                "hours": formats.number(part.hours, 1),
                "critical": part.critical,
            }
            for part in found
        ],
        "total": formats.number(sum((part.hours for part in found), Decimal(0)), 1),
        "full": len(found) == workload.LISTED,
        "most": workload.LISTED,
        "crumbs": crumbs(
            program,
            ("Workload", reverse("programs:workload", kwargs={"code": program.code})),
            (one.code, ""),
        ),
        "no_clock": True,
    }
    return render(request, "programs/resources/workload_of.html", context)
