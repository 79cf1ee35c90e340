"""The page of the program's budget added up, which opens down to the line and leads to its journals."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.budgets.rollup import Node, Rollup, rollup
from finance.budgets.sheet import exact
from finance.ledger.choice import OWN
from finance.spend.figures import SUMS
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.clocks import as_of
from pmo.http import page
from pmo.money import to_decimal
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

COLUMNS = ("Moved", "Budget", "Reserved", "Committed", "Accrued", "Actual", "Left", "Forecast")


@page(Permission.VIEW_MONEY)
def everything(request: HttpRequest, program: Program) -> HttpResponse:
    """Projects and reserves; `?open=DC-MIG` opens one to its lines (`all`: every one). Also CSV and XLSX, by line."""
    found = rollup(program, as_of(request, program))
    currency = program.currency
    if (kind := request.GET.get("format")) in FORMATS:
        return download(kind, f"{program.code}-budget", *_table(found, currency))
    opened = request.GET.get("open", "")[:40]
    rows = []
    for project in found.whole.children:
        key = project.project if project.project_id else OWN
        open_now = opened in (key, "all")
        rows.append(
            _row(found, program, project, 1) | {"toggle": "none" if open_now else key, "open": open_now}
        )
        if not open_now:
            continue
        for category in project.children:
            rows.append(_row(found, program, category, 2))
            if len(category.children) > 1:
                rows += [_row(found, program, line, 3) for line in category.children]
    whole = found.whole
    context = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(
            program, ("Budget", reverse("finance:budget", kwargs={"code": program.code})), ("Added up", "")
        ),
        "years": [year.label for year in found.years],
        "columns": COLUMNS,
        "rows": rows,
        "foot": _cells(found, whole, currency),
        "in_force": formats.money_exact(whole.in_force, currency),
        "granted": formats.money_exact(whole.granted, currency),
        "moved": formats.money_exact(whole.moved, currency, sign=True),
        "budget": formats.money_exact(whole.money.budget, currency),
        "disagreeing": [f"{one.project} {one.category}, {one.nature}" for one in found.disagreeing],
    }
    return render(request, "finance/budgets/rollup.html", context)


def _row(found: Rollup, program: Program, node: Node, level: int) -> dict[str, Any]:
    chosen = {
        "project": node.project if node.project_id else OWN,
        "category": node.category,
        "nature": node.nature,
    }
    query = urlencode({name: value for name, value in chosen.items() if value})
    label = node.label
    if level == 2 and len(node.children) == 1:
        label = f"{node.label}, {node.children[0].label.lower()}"
    return {
        "label": label,
        "level": level,
        "href": f"{reverse('finance:ledger', kwargs={'code': program.code})}?{query}",
        "cells": _cells(found, node, program.currency),
        "over": node.money.left < 0 or node.money.unfunded > 0,
    }


def _cells(found: Rollup, node: Node, currency: str) -> list[str]:
    money = node.money
    amounts = [
        *(node.years.get(year.begins, 0) for year in found.years),
        node.moved, money.budget, money.reserved, money.committed, money.accrued, money.actual, money.left,
    ]  # fmt: skip
    shown = [exact(one, currency) if one else "" for one in amounts]
    return [*shown, exact(money.forecast, currency) if money.forecast is not None else ""]


def _table(found: Rollup, currency: str) -> tuple[list[str], Any]:
    heads = [
        "project", "category", "nature", *(f"in force {year.label}" for year in found.years), "in force", "granted",
        "moved", *SUMS, "currency",
    ]  # fmt: skip
    rows = (
        [
            one.project, one.category, one.nature,
            *(to_decimal(one.years.get(year.begins, 0), currency) for year in found.years),
            *(to_decimal(amount, currency) for amount in (one.in_force, one.granted, one.moved)),
            *(to_decimal(getattr(one.money, name), currency) for name in SUMS), currency,
        ]
        for one in found.lines
    )  # fmt: skip
    return heads, rows
