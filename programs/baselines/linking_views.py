"""Pages of what two baselines have different besides dates and costs: links with constraints, and scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.baselines import linking, scoping
from programs.baselines.found import Found
from programs.baselines.views import PER_PAGE, label_of, sides_of
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program


@page(Permission.VIEW_PROGRAM)
def compare_links(request: HttpRequest, program: Program) -> HttpResponse:
    """`?a=B1&b=B2` (or `now`), by `show` and `project`; `?format=csv` or `xlsx`."""
    sides = sides_of(request, program)
    base = reverse("programs:activity", kwargs={"code": program.code, "pk": 0})

    def row(one: linking.Change) -> dict[str, Any]:
        return {
            "name": f"{one.activity} {one.name}",
            "href": base.replace("/0/", f"/{one.activity_id}/"),
            "other": one.other,
        }

    return _differing(
        request, program, ("Links", "links"), [label_of(one) for one in sides],
        linking.linked(program, *sides),
        {"activity": "activity", "name": "name", "predecessor": "other"}, row,
    )  # fmt: skip


@page(Permission.VIEW_PROGRAM)
def compare_scope(request: HttpRequest, program: Program) -> HttpResponse:
    """Deliverables and requirements of `?a=B1&b=B2` (or `now`), by `show` and `project`; `?format=csv` or `xlsx`."""
    sides = sides_of(request, program)
    href = reverse("programs:deliverables", kwargs={"code": program.code})

    def row(one: scoping.Change) -> dict[str, Any]:
        return {
            "name": f"{one.requirement or one.deliverable} {one.name}",
            "href": href,
            "other": one.deliverable,
        }

    return _differing(
        request, program, ("Scope", "scope"), [label_of(one) for one in sides],
        scoping.scoped(program, *sides),
        {"deliverable": "deliverable", "requirement": "requirement", "name": "name"}, row,
    )  # fmt: skip


def _differing(
    request: HttpRequest,
    program: Program,
    about: tuple[str, str],
    labels: list[str],
    found: Found[Any],
    columns: Mapping[str, str],
    row: Any,
) -> HttpResponse:
    """The rows that differ, as a page or a file; `about` is the heading's word and the name of template and file."""
    heading, name = about
    kinds = found.kinds
    show = request.GET.get("show", "") if request.GET.get("show") in kinds else ""
    project = request.GET.get("project", "")[:30]
    changes = found.shown(show, project)
    if (kind := request.GET.get("format", "")) in FORMATS:
        return download(
            kind,
            f"{program.code}-{labels[0]}-{labels[1]}-{name}",
            ("change", "project", *columns, "before", "after"),
            (
                [
                    kinds[one.what],
                    one.project,
                    *(getattr(one, key) for key in columns.values()),
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
    back = (
        f"{reverse('programs:baselines-compare', kwargs={'code': program.code})}?a={labels[0]}&b={labels[1]}"
    )
    context = {
        "program": program,
        "labels": labels,
        "keeps_none": found.keeps_none,
        "kinds": [(one, text, counts[one]) for one, text in kinds.items()],
        "show": show,
        "project": project,
        "projects": sorted({one.project for one in found.changes}),
        "rows": [
            {
                "what": kinds[one.what],
                "project": one.project,
                "before": one.before or formats.UNKNOWN,
                "after": one.after or formats.UNKNOWN,
            }
            | row(one)
            for one in shown
        ],
        "page_obj": shown,
        "back": back,
        "crumbs": crumbs(
            program,
            ("Baselines", reverse("programs:baselines", kwargs={"code": program.code})),
            (f"{labels[0]} and {labels[1]}", back),
            (heading, ""),
        ),
        "no_clock": True,
    }
    return render(request, f"programs/baselines/{name}.html", context)
