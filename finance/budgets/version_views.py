"""Pages of one budget version: the grid that is filled in, and what is done with it as a whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from finance.budgets import selectors, services, sheet
from finance.budgets.lines import MOST_AT_ONCE, Cell, CellsRefused, LineChange, Problem
from finance.budgets.models import Budget
from finance.budgets.sheet import Refusal, Sheet
from finance.policy.selectors import beside_subject
from finance.structure import periods
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.commands import AlreadyDone
from pmo.http import act, page, reading
from pmo.money import parse_amount
from pmo.refusals import Refused
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

LONGEST = 60
"""Characters of one amount that are looked at."""
LATEST = 8
"""Changes shown of the history."""
MOST_NAMED = 20
"""Refused cells that are listed one by one; all of them are marked in the sheet."""


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


def _sheet(
    request: HttpRequest, program: Program, found: Budget, saved: Iterable[Cell], refusal: Refusal | None
) -> dict[str, Any]:
    grid = selectors.budget_grid(found)
    access = request.access  # type: ignore[attr-defined]
    may_edit = access.may(Permission.EDIT_BUDGET, program.pk)
    editable = may_edit and found.state == Budget.State.DRAFT
    years, opened = sheet.years_of(grid, program, request.GET, periods.local_day(program, timezone.now()))
    shown = Sheet(
        years,
        opened,
        sheet.lines_of(found, grid, editable=editable),
        program.currency,
        sheet.closed_of(program, years),
        frozenset(saved),
        refusal,
    )
    made = sheet.context(shown, editable=editable)
    outside = grid.total - sum(
        row.amounts.get(code, 0) for row in grid.rows for year in years for code in year.periods
    )
    return made | {
        "program": program,
        "found": found,
        "editable": editable,
        "may_recall": may_edit and found.state == Budget.State.SUBMITTED,
        "total": formats.money_exact(grid.total, program.currency),
        "outside": formats.money_exact(outside, program.currency) if outside else "",
        "trouble": _trouble(refusal),
        "sheet": shown,
    }


def _trouble(refusal: Refusal | None) -> dict[str, Any] | None:
    """What was refused, for the list above the sheet."""
    if refusal is None:
        return None
    problems = [
        {
            "where": _where(cell),
            "id": f"cell-{cell.category}.{cell.nature}.{cell.period}",
            "typed": refusal.typed.get(cell, ""),
            "message": problem.message,
        }
        for cell, problem in list(refusal.problems.items())[:MOST_NAMED]
    ]
    return {
        "problems": problems,
        "more": len(refusal.problems) - len(problems),
        "message": "" if problems else refusal.message,
        "overtaken": any(one.conflict for one in refusal.problems.values()),
        "count": len(refusal.typed),
    }


def _where(cell: Cell) -> str:
    known = cell.category in Category.values and cell.nature in Nature.values
    line = f"{Category(cell.category).label}, {Nature(cell.nature).label.lower()}, " if known else ""
    return line + formats.period(cell.period)


def _page(
    request: HttpRequest, program: Program, found: Budget, refusal: Refused | None = None
) -> HttpResponse:
    context = _sheet(request, program, found, (), None)
    whose = found.project.code if found.project else "Program reserves"
    if (kind := request.GET.get("format")) in FORMATS:
        name = f"{program.code}-budget-{found.project.code if found.project else 'reserves'}-{found.number}"
        return download(kind, name, *sheet.table(context["sheet"]))
    history = request.access.may(Permission.VIEW_HISTORY, program.pk)  # type: ignore[attr-defined]
    context |= {
        "whose": whose,
        "crumbs": crumbs(
            program,
            ("Budget", reverse("finance:budget", kwargs={"code": program.code})),
            (f"{whose} version {found.number}", ""),
        ),
        "findings": beside_subject(program.pk, request.user, "budget", found.pk),
        "refusal": refusal,
        "history": selectors.latest_changes(found, LATEST) if history else [],
    }
    return render(request, "finance/budgets/version.html", context, status=refusal.status if refusal else 200)


@page(Permission.VIEW_MONEY)
def version(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """One version as a sheet by fiscal year and month; the cells of a draft are written in place. Also CSV and XLSX."""
    return _page(request, program, _find(request, program, pk))


@page(Permission.EDIT_BUDGET, methods=("POST",))
def cells(request: HttpRequest, program: Program, pk: int) -> HttpResponse:
    """Write a block of cells, all or none; answers with the sheet as it is then, or with what was typed and why not.

    `cells`: a JSON list of {cell: "labour.capital.2026-11", text: "1,200", version: 3}.
    """
    with reading(request):
        found = _find(request, program, pk)
    asked = _asked(request.POST.get("cells", ""))
    typed = {cell: text for cell, text, _ in asked}
    saved: Iterable[Cell] = ()
    refusal, status = None, 200
    try:
        changes = _changes(asked, program.currency)
        act(request, services.set_lines, budget=found, changes=changes)
        saved = typed
    except AlreadyDone:
        pass
    except Refused as error:
        problems = error.problems if isinstance(error, CellsRefused) else {}
        refusal, status = Refusal(typed, problems, error.message), error.status
    with reading(request):
        context = _sheet(request, program, _find(request, program, pk), saved, refusal)
    return render(request, "finance/budgets/version.html#sheet", context, status=status)


def _asked(text: str) -> list[tuple[Cell, str, int]]:
    """The cells of a request: refused as a whole where it is none of our making."""
    try:
        rows = json.loads(text)
        asked = []
        for row in rows:
            category, nature, period = str(row["cell"]).split(".")
            version = row["version"]
            if type(version) is not int or not 0 <= version < 2**31 or len(period) > 7:
                raise ValueError
            asked.append(
                (Cell(category[:30], nature[:30], period), str(row["text"])[:LONGEST].strip(), version)
            )
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused("These cells could not be read. Please reload the page.", code="cells") from None
    if not 0 < len(asked) <= MOST_AT_ONCE:
        raise Refused(f"Between one and {MOST_AT_ONCE:,} cells can be written at once.", code="cells")
    return asked


def _changes(asked: Sequence[tuple[Cell, str, int]], currency: str) -> list[LineChange]:
    """The typed texts as amounts; CellsRefused names every one that cannot be read."""
    problems, changes = {}, []
    for cell, text, version in asked:
        try:
            changes.append(LineChange(cell, parse_amount(text, currency) if text else 0, version))
        except Refused as refusal:
            problems[cell] = Problem(refusal.message)
    if problems:
        raise CellsRefused(problems)
    return changes


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
