"""The page of two budget versions side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.budgets import difference
from finance.budgets.difference import Pair
from finance.budgets.models import Budget
from finance.budgets.sheet import exact
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.http import page
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST = 200
"""Changed amounts that the page lists; the file holds all."""


@page(Permission.VIEW_MONEY)
def compare(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """What differs from `?a=` (a version's id; by default the one in force) to this version. Also CSV and XLSX."""
    versions = list(
        Budget.objects.visible_to(request.user)
        .filter(program_id=program.pk)
        .select_related("project", "program")
        .order_by("project__position", "project_id", "-number")
    )
    after = next((one for one in versions if one.pk == pk), None)
    if after is None:
        raise Http404("No such budget.")
    asked = request.GET.get("a", "")
    before = (
        next((one for one in versions if str(one.pk) == asked), None)
        if asked
        else difference.default_before(after)
    )
    if asked and before is None:
        raise Http404("No such budget.")
    found = difference.versions(before, after)
    whose = after.project.code if after.project else "Program reserves"
    if (kind := request.GET.get("format")) in FORMATS:
        name = f"{program.code}-budget-{after.project.code if after.project else 'reserves'}-{after.number}-difference"
        return download(kind, name, difference.HEADS, difference.rows(found, program.currency))
    changed = found.changed()
    context = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(
            program,
            ("Budget", reverse("finance:budget", kwargs={"code": program.code})),
            (
                f"{whose} version {after.number}",
                reverse("finance:budget-version", kwargs={"code": program.code, "pk": after.pk}),
            ),
            ("Difference", ""),
        ),
        "before": _name(before) if before else "nothing",
        "after": _name(after),
        "choices": [(one.pk, _name(one), one == before) for one in versions if one != after],
        "years": [year.label for year in found.years],
        "rows": [
            {
                "label": difference.label(line),
                "years": [_shown(found.of(line, year), program.currency) for year in found.years],
                "total": _shown(found.of(line), program.currency),
            }
            for line in found.lines
        ],
        "foot": [_shown(found.of(None, year), program.currency) for year in found.years],
        "sum": _shown(found.of(), program.currency),
        "changed": [
            {"label": difference.label(line), "period": formats.period(code)} | _shown(pair, program.currency)
            for line, code, pair in changed[:MOST]
        ],
        "count": len(changed),
        "more": max(0, len(changed) - MOST),
    }
    return render(request, "finance/budgets/difference.html", context)


def _name(one: Budget) -> str:
    whose = one.project.code if one.project else "Program reserves"
    return f"{whose} version {one.number}, {one.get_state_display().lower()}"


def _shown(pair: Pair, currency: str) -> dict[str, Any]:
    moved = pair.difference
    return {
        "before": exact(pair.before, currency) if pair.before else "",
        "after": exact(pair.after, currency) if pair.after else "",
        "difference": f"{'+' if moved > 0 else formats.MINUS}{exact(abs(moved), currency)}" if moved else "",
    }
