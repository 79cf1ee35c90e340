"""The page of what two baselines have different besides dates and costs: links, constraints, critical path."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.baselines import linking
from programs.baselines.views import PER_PAGE, label_of, sides_of
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

HEADS = ("change", "project", "activity", "name", "predecessor", "before", "after")


@page(Permission.VIEW_PROGRAM)
def compare_links(request: HttpRequest, program: Program) -> HttpResponse:
    """`?a=B1&b=B2` (or `now`), by `show` and `project`; `?format=csv` or `xlsx`."""
    sides = sides_of(request, program)
    labels = [label_of(side) for side in sides]
    found = linking.linked(program, *sides)
    show = request.GET.get("show", "") if request.GET.get("show") in linking.KINDS else ""
    project = request.GET.get("project", "")[:30]
    changes = found.shown(show, project)
    if (kind := request.GET.get("format", "")) in FORMATS:
        return download(
            kind,
            f"{program.code}-{labels[0]}-{labels[1]}-links",
            HEADS,
            (
                [
                    linking.KINDS[one.what],
                    one.project,
                    one.activity,
                    one.name,
                    one.other,
                    one.before,
                    one.after,
                ]
                for one in changes
            ),
        )
    number = request.GET.get("page", "1")
    shown = Paginator(changes, PER_PAGE).get_page(
        number if number.isascii() and number.isdigit() and len(number) < 7 else 1
    )
    counts = found.counts(project)
    base = reverse("programs:activity", kwargs={"code": program.code, "pk": 0})
    compare = reverse("programs:baselines-compare", kwargs={"code": program.code})
    context = {
        "program": program,
        "labels": labels,
        "keeps_none": found.keeps_none,
        "kinds": [(one, text, counts[one]) for one, text in linking.KINDS.items()],
        "show": show,
        "project": project,
        "projects": sorted({one.project for one in found.changes}),
        "rows": [
            {
                "what": linking.KINDS[one.what],
                "project": one.project,
                "name": f"{one.activity} {one.name}",
                "href": base.replace("/0/", f"/{one.activity_id}/"),
                "other": one.other,
                "before": one.before or formats.UNKNOWN,
                "after": one.after or formats.UNKNOWN,
            }
            for one in shown
        ],
        "page_obj": shown,
        "back": f"{compare}?a={labels[0]}&b={labels[1]}",
        "crumbs": crumbs(
            program,
            ("Baselines", reverse("programs:baselines", kwargs={"code": program.code})),
            (f"{labels[0]} and {labels[1]}", f"{compare}?a={labels[0]}&b={labels[1]}"),
            ("Links", ""),
        ),
        "no_clock": True,
    }
    return render(request, "programs/baselines/links.html", context)
