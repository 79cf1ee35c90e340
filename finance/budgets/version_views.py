"""Pages of one budget version: the grid that is filled in, and what is done with it as a whole."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.budgets import selectors, services
from finance.budgets.models import Budget
from finance.budgets.selectors import Grid, GridRow
from finance.structure import periods
from finance.structure.models import RESERVES, Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import format_plain, parse_amount
from pmo.refusals import Refused
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MONTHS = 12
"""Months side by side; `?from=2027-01` moves them."""


def _find(request: HttpRequest, program: Program, pk: int) -> Budget:
    found = (
        Budget.objects.visible_to(request.user)
        .filter(program_id=program.pk, pk=pk)
        .select_related("program", "project", "warrant", "submitted_by")
        .first()
    )
    if found is None:
        raise Http404("No such budget.")
    one: Budget = found
    return one


def _months(grid: Grid, program: Program, start: str) -> list[str]:
    """The periods of a version to fill in: twelve months from `start`, its first line, or the program's start."""
    first = start if _is_code(start) else (grid.periods[0] if grid.periods else "")
    day = periods.first_day(first or periods.code_of(periods.local_day(program, program.starts_at)))
    return [
        periods.code_of(
            day.replace(year=day.year + (day.month - 1 + n) // 12, month=(day.month - 1 + n) % 12 + 1)
        )
        for n in range(MONTHS)
    ]


def _is_code(text: str) -> bool:
    try:
        periods.first_day(text)
    except Refused:
        return False
    return True


def _page(
    request: HttpRequest, program: Program, found: Budget, refusal: Refused | None = None
) -> HttpResponse:
    grid = selectors.budget_grid(found)
    months = _months(grid, program, request.GET.get("from", ""))
    access = request.access  # type: ignore[attr-defined]
    may_edit = access.may(Permission.EDIT_BUDGET, program.pk)
    editable = may_edit and found.state == Budget.State.DRAFT
    by_key = {(row.category, row.nature): row for row in grid.rows}
    offered = [
        one
        for one in Category.values
        if (one in RESERVES) == (found.project_id is None) or one == "contingency"
    ]
    keys = (
        [(category, nature) for category in offered for nature in Nature.values] if editable else list(by_key)
    )
    rows = []
    for category, nature in keys:
        row = by_key.get((category, nature)) or GridRow(found.project_id, "", category, nature)
        rows.append(
            {
                "label": row.label,
                "cells": [
                    {
                        "text": formats.money_short(row.amounts[month], program.currency)
                        if month in row.amounts
                        else "",
                        "edit": reverse(
                            "finance:budget-cell",
                            kwargs={
                                "code": program.code,
                                "pk": found.pk,
                                "category": category,
                                "nature": nature,
                                "period": month,
                            },
                        )
                        if editable
                        else "",
                    }
                    for month in months
                ],
                "total": formats.money_short(row.total, program.currency),
            }
        )
    whose = found.project.code if found.project else "Program reserves"
    year = 12 * int(months[0][:4]) + int(months[0][5:]) - 1
    context = {
        "program": program,
        "found": found,
        "whose": whose,
        "crumbs": crumbs(
            program,
            ("Budget", reverse("finance:budget", kwargs={"code": program.code})),
            (f"{whose} version {found.number}", ""),
        ),
        "months": months,
        "rows": rows,
        "totals": [formats.money_short(grid.of_period(month), program.currency) for month in months],
        "sum": formats.money_exact(grid.total, program.currency),
        "outside": formats.money_exact(
            grid.total - sum(grid.of_period(month) for month in months), program.currency
        ),
        "earlier": f"{(year - 12) // 12:04d}-{(year - 12) % 12 + 1:02d}",
        "later": f"{(year + 12) // 12:04d}-{(year + 12) % 12 + 1:02d}",
        "editable": editable,
        "may_recall": may_edit and found.state == Budget.State.SUBMITTED,
        "refusal": refusal,
    }
    return render(request, "finance/budgets/version.html", context, status=refusal.status if refusal else 200)


@page(Permission.VIEW_MONEY)
def version(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One version as a grid; the cells of a draft are edited in place."""
    return _page(request, program, _find(request, program, pk))


@page(Permission.EDIT_BUDGET, methods=("GET", "POST"))
def cell(
    request: HttpRequest, program: Program, pk: int, category: str, nature: str, period: str
) -> HttpResponse:
    """One amount: GET gives its editor, POST writes it and answers with the cell's new content."""
    with reading(request):
        found = _find(request, program, pk)
        line = found.lines.filter(category=category, nature=nature, period__code=period).first()
    text = request.POST.get("amount", "") if request.method == "POST" else ""
    context = {
        "url": request.get_full_path(),
        "amount": format_plain(line.amount_minor, program.currency) if line else "",
        "version": line.version if line else 0,
        "label": f"{category} {nature} {period}",
        "error": "",
    }
    if request.method != "POST":
        return render(request, "finance/budgets/cell.html", context)
    seen = request.POST.get("version", "")
    try:
        amount = parse_amount(text, program.currency) if text.strip() else 0
        made = act(
            request,
            services.set_line,
            budget=found,
            category=category,
            nature=nature,
            period_code=period,
            amount_minor=amount,
            version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
        )
    except Refused as refusal:
        answer = context | {"amount": text[:40], "error": refusal.message}
        return render(request, "finance/budgets/cell.html", answer, status=refusal.status)
    return HttpResponse(formats.money_short(made.amount_minor, program.currency) if made else "")


@page(Permission.EDIT_BUDGET, methods=("POST",))
def submit(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Hand a version over for decision."""
    return _move(request, program, pk, services.submit, "is submitted for decision")


@page(Permission.EDIT_BUDGET, methods=("POST",))
def recall(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Take a submitted version back."""
    return _move(request, program, pk, services.recall, "is a draft again")


def _move(request: HttpRequest, program: Program, pk: int, service: Any, done: str) -> HttpResponse:
    with reading(request):
        found = _find(request, program, pk)
    try:
        act(request, service, budget=found)
    except AlreadyDone:
        pass
    except Refused as refusal:
        with reading(request):
            return _page(request, program, _find(request, program, pk), refusal)
    messages.success(request, f"Version {found.number} {done}.")
    return redirect("finance:budget-version", code=program.code, pk=pk)
