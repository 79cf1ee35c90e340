"""Pages of budgets: the program's budget with its roll-up, and one version as a grid to fill in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from finance.budgets import selectors, services
from finance.budgets.models import Budget
from finance.budgets.selectors import GridRow
from finance.policy.selectors import beside_budget, lines_found
from finance.structure.models import RESERVES, Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program, Project

MONTHS = 12
"""Periods shown side by side; the window is moved by `?from=2027-01`."""


@page(Permission.VIEW_MONEY)
def budget(request: HttpRequest, program: Program) -> HttpResponse:
    """The program's budget: what is in force line by line, what is in preparation, and the cost estimate."""
    when = as_of(request, program)
    grid = selectors.program_grid(program, when)
    estimate = selectors.cost_estimate(program, grid)
    versions = selectors.versions(program, request.user)
    findings = beside_budget(program.pk, request.user)
    marked = lines_found(findings)
    currency = program.currency
    shown = _window(grid.periods, request.GET.get("from", ""))
    capital = sum(
        row.total for row in grid.rows if row.nature == Nature.CAPITAL and row.category not in RESERVES
    )
    operating = sum(
        row.total for row in grid.rows if row.nature == Nature.OPERATING and row.category not in RESERVES
    )
    may_edit = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    prepared = {
        one.project_id for one, _ in versions if one.state in (Budget.State.DRAFT, Budget.State.SUBMITTED)
    }
    context: dict[str, Any] = {
        "program": program,
        "crumbs": crumbs(program, ("Budget", "")),
        "when": when,
        "reconciles": estimate.budget == grid.total,
        "figures": [
            ("Program budget", formats.money_short(grid.total, currency), "everything a decision granted"),
            ("Capital", formats.money_short(capital, currency), "without reserves"),
            ("Operating", formats.money_short(operating, currency), "without reserves"),
            (
                "Contingency",
                formats.money_short(grid.where(category=Category.CONTINGENCY), currency),
                "for known risks",
            ),
            (
                "Management reserve",
                formats.money_short(estimate.management_reserve, currency),
                "outside the baseline",
            ),
        ],
        "periods": shown,
        "earlier": _step(grid.periods, shown, -1),
        "later": _step(grid.periods, shown, +1),
        "findings": findings,
        "rows": [_row(program, row, shown, marked) for row in grid.rows],
        "total": [formats.money_short(grid.of_period(code), currency) for code in shown],
        "sum": formats.money_short(grid.total, currency),
        "versions": [_version(program, one, total) for one, total in versions],
        "estimate": {
            "projects": [
                {
                    "project": one.project,
                    "name": one.name,
                    "estimate": formats.money_short(one.estimate, currency),
                    "budget": formats.money_short(one.budget, currency),
                    "difference": formats.money_short(one.difference, currency, sign=True),
                    "short": one.difference is not None and one.difference < 0,
                    "contingency": formats.money_short(one.contingency, currency),
                }
                for one in estimate.projects
            ],
            "estimate": formats.money_short(estimate.estimate, currency),
            "reserves": formats.money_short(
                estimate.management_reserve + estimate.program_contingency, currency
            ),
            "budget": formats.money_short(estimate.budget, currency),
            "budget_exact": formats.money_exact(estimate.budget, currency),
            "difference": formats.money_short(estimate.budget - estimate.estimate, currency, sign=True)
            if estimate.estimate is not None
            else formats.UNKNOWN,
        },
        "may_edit": may_edit,
        "unprepared": [
            (one.code, f"{one.code} {one.name}")
            for one in Project.objects.filter(program=program).order_by("position", "pk")
            if one.pk not in prepared
        ]
        + ([] if None in prepared else [("", "Program reserves")])
        if may_edit
        else [],
    }
    return render(request, "finance/budgets/budget.html", context)


def _window(codes: list[str], start: str) -> list[str]:
    """At most twelve periods from `start` on (from the first one when it is not among them)."""
    begin = next((place for place, code in enumerate(codes) if code >= start), 0) if start else 0
    return codes[begin : begin + MONTHS]


def _step(codes: list[str], shown: list[str], way: int) -> str:
    """Where the neighbouring window begins, or "" at an end."""
    if not shown:
        return ""
    begin = codes.index(shown[0]) + way * MONTHS
    if way < 0:
        return codes[max(0, begin)] if shown[0] != codes[0] else ""
    return codes[begin] if begin < len(codes) else ""


def _row(
    program: Program, row: GridRow, shown: list[str], marked: dict[tuple[int | None, str, str], str]
) -> dict[str, Any]:
    currency = program.currency
    chosen = {"project": row.project} if row.project_id else {}
    return {
        "href": reverse("finance:ledger", kwargs={"code": program.code})
        + f"?{urlencode(chosen | {'category': row.category, 'nature': row.nature})}",
        "project": row.project,
        "label": row.label,
        "found": marked.get((row.project_id, row.category, row.nature), ""),
        "amounts": [
            formats.money_short(row.amounts[code], currency) if code in row.amounts else "" for code in shown
        ],
        "total": formats.money_short(row.total, currency),
    }


def _version(program: Program, one: Budget, total: int) -> dict[str, Any]:
    return {
        "href": reverse("finance:budget-version", kwargs={"code": program.code, "pk": one.pk}),
        "whose": one.project.code if one.project else "Program reserves",
        "number": one.number,
        "state": one.get_state_display(),
        "origin": one.get_origin_display(),
        "total": formats.money_short(total, program.currency),
        "decision": one.warrant.number if one.warrant else "",
        "submitted": f"{formats.day(one.submitted_at)} by {one.submitted_by.name}"
        if one.submitted_by
        else "",
    }


@page(Permission.EDIT_BUDGET, methods=("POST",))
def create(request: HttpRequest, program: Program) -> HttpResponse:
    """Begin a new version of a project's budget, or of the program's reserves."""
    with reading(request):
        code = request.POST.get("project", "")
        project = Project.objects.filter(program=program, code=code).first() if code else None
        if code and project is None:
            raise Http404("No such project.")
    try:
        made = act(request, services.create_draft, program=program, project=project)
    except AlreadyDone:
        return redirect("finance:budget", code=program.code)
    return redirect("finance:budget-version", code=program.code, pk=made.pk)
