"""An estimate in words and drawings, ready to print."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from finance.engine.reconciling import Why, YearCause
from finance.estimates.models import Estimate, EstimateLine
from finance.estimates.selectors import Joint, Reading
from finance.structure.models import Category, Nature
from pmo import formats
from pmo.charts import Bar, bars
from pmo.money import format_plain, to_decimal
from pmo.zones import zone
from programs.portfolio.models import Program

MOST_BARS = 12


def figures(found: Reading, currency: str) -> list[tuple[str, Any, str]]:
    """The sum at its points, and how it stands to the budget."""
    total = found.total

    def whole(minor: int, *, sign: bool = False) -> str:
        return formats.number(to_decimal(minor, currency), sign=sign)

    return [
        ("Most likely", whole(total.likely), f"{whole(total.low)} to {whole(total.high)}"),
        ("Mean", whole(total.mean), f"± {whole(total.deviation)}"),
        ("P80", whole(total.p80), "eight in ten, lines independent"),
        ("Budget in force", whole(found.budget), "without contingency"),
        ("Budget less estimate", whole(found.difference, sign=True), "at the likely amount"),
        ("Contingency", whole(found.contingency), f"P80 asks for {whole(max(0, total.p80 - total.likely))}"),
    ]


def lines(estimate: Estimate, found: Reading, *, editable: bool) -> list[dict[str, Any]]:
    """The lines: labour of a resource in one row (its months are in the file and the API), then what was typed."""
    currency = estimate.program.currency
    labour: dict[int, list[EstimateLine]] = {}
    for one in found.lines:
        if one.resource_id is not None:
            labour.setdefault(one.resource_id, []).append(one)
    rows = [[*months] for months in labour.values()]
    rows += [[one] for one in found.lines if one.resource_id is None]
    return [
        {
            "label": part[0].text,
            "what": f"{part[0].get_category_display()}, {part[0].get_nature_display().lower()}",
            "period": formats.period(part[0].period)
            if len(part) == 1
            else f"{formats.period(part[0].period)} to {formats.period(part[-1].period)}",
            "hours": formats.number(sum(one.hours for one in part if one.hours is not None), 1)
            if part[0].resource_id
            else "",
            "low": formats.money_exact(sum(one.low_minor for one in part), currency),
            "likely": formats.money_exact(sum(one.likely_minor for one in part), currency),
            "high": formats.money_exact(sum(one.high_minor for one in part), currency),
            "basis": "Allocations of the plan at dated rates" if part[0].resource_id else part[0].basis,
            "edit": _edit(estimate, part[0]) if editable and part[0].resource_id is None else "",
        }
        for part in rows
    ]


def _edit(estimate: Estimate, line: EstimateLine) -> str:
    return reverse(
        "finance:estimate-line",
        kwargs={"code": estimate.program.code, "pk": estimate.pk, "line_pk": line.pk},
    )


def tornado(found: Reading, currency: str) -> dict[str, Any] | None:
    """The lines that move the whole most, as bars and as a table."""
    if not found.swings:
        return None
    shown = found.swings[:MOST_BARS]
    return {
        "svg": bars(
            [
                Bar(one.label[:25], float(one.width), formats.money_text(one.width, currency, unit=False))
                for one in shown
            ],
            title="What moves the estimate most",
            description="The whole at a line's high less the whole at its low, all other lines at their likely amount.",
            key="swings",
            width=620,
        ),
        "rows": [
            {
                "label": one.label,
                "low": formats.money_exact(one.low, currency),
                "high": formats.money_exact(one.high, currency),
                "width": formats.money_exact(one.width, currency),
            }
            for one in shown
        ],
        "more": len(found.swings) - len(shown),
    }


def reconciliation(found: Reading, currency: str) -> dict[str, Any]:
    """Estimate and budget by category, nature and fiscal year; the columns of years add up to the totals."""

    def cell(estimate: int, budget: int) -> dict[str, Any]:
        return {
            "estimate": formats.money_short(estimate, currency) if estimate else "",
            "budget": formats.money_short(budget, currency) if budget else "",
            "difference": formats.money_short(budget - estimate, currency, sign=True)
            if budget != estimate
            else "",
            "short": budget < estimate,
        }

    years = [year.begins for year in found.years]
    return {
        "years": [year.label for year in found.years],
        "rows": [
            {
                "label": _place(row.category, row.nature),
                "cells": [
                    *(cell(row.estimate.get(year, 0), row.budget.get(year, 0)) for year in years),
                    cell(sum(row.estimate.values()), sum(row.budget.values())),
                ],
            }
            for row in found.rows
        ],
        "foot": [
            *(
                cell(
                    sum(row.estimate.get(year, 0) for row in found.rows),
                    sum(row.budget.get(year, 0) for row in found.rows),
                )
                for year in years
            ),
            cell(found.total.likely, found.budget),
        ],
    }


WHY = {
    Why.NOT_BUDGETED: "Estimated, not in the budget",
    Why.NOT_ESTIMATED: "In the budget, not estimated",
    Why.SHORT: "Estimated above the budget",
    Why.SPARE: "Estimated below the budget",
    Why.SAME: "The same amount",
}


def _place(category: str, nature: str) -> str:
    return f"{Category(category).label}, {Nature(nature).label.lower()}"


def differences(found: Reading, currency: str) -> dict[str, Any] | None:
    """Why budget and estimate differ: each category and nature with its cause, adding up to the difference."""
    told = [one for one in found.causes if one.difference or one.shifted]
    if not told:
        return None
    natures = {}
    for nature in Nature:
        rows = [row for row in found.rows if row.nature == nature]
        estimate = sum(sum(row.estimate.values()) for row in rows)
        budget = sum(sum(row.budget.values()) for row in rows)
        if estimate or budget:
            natures[str(nature.label)] = (estimate, budget)
    return {
        "natures": [
            {
                "label": label,
                "estimate": formats.money_exact(estimate, currency),
                "budget": formats.money_exact(budget, currency),
                "difference": formats.money_exact(budget - estimate, currency, sign=True),
                "short": budget < estimate,
            }
            for label, (estimate, budget) in natures.items()
        ],
        "rows": [
            {
                "label": _place(*one.line),
                "why": WHY[one.why],
                "estimate": formats.money_exact(one.estimate, currency),
                "budget": formats.money_exact(one.budget, currency),
                "difference": formats.money_exact(one.difference, currency, sign=True),
                "short": one.difference < 0,
                "shifted": formats.money_exact(one.shifted, currency) if one.shifted else "",
            }
            for one in told
        ],
        "total": formats.money_exact(found.difference, currency, sign=True),
        "short": found.difference < 0,
    }


def by_year(found: Reading, currency: str) -> dict[str, Any] | None:
    """Why they differ by nature, fiscal year and category at once: each difference named, adding up to the whole."""
    told = found.by_year
    if not told:
        return None
    labels = {year.begins: year.label for year in found.years}

    def amounts(rows: list[YearCause[str]]) -> dict[str, Any]:
        whole = sum(one.difference for one in rows)
        return {
            "difference": formats.money_exact(whole, currency, sign=True),
            "short": whole < 0,
        } | {
            name: formats.money_exact(amount, currency, sign=True) if amount else ""
            for name, amount in (
                ("rest", sum(one.rest for one in rows)),
                ("elsewhere", sum(one.elsewhere for one in rows)),
                ("shifted", sum(one.shifted for one in rows)),
            )
        }

    groups = []
    for nature in Nature:
        mine = [one for one in told if one.line == nature]
        if not mine:
            continue
        rows = [
            {
                "label": Category(one.group).label,
                "year": labels.get(one.year, str(one.year)),
                "why": WHY[one.why] if one.rest else "Nothing of its own",
                **amounts([one]),
            }
            for one in sorted(mine, key=lambda one: one.year)
        ]
        groups.append({"label": nature.label, "rows": rows, "sum": amounts(mine)})
    return {"groups": groups, "sum": amounts(told)}


def joint(program: Program, found: Joint | None, note: str) -> dict[str, Any] | None:
    """The joint confidence in a sentence; `note` says what the amount is."""
    if found is None:
        return None
    amount, day = formats.money_text(found.amount, program.currency), formats.day(found.finish)
    if not found.low:
        share = f"Fewer than {found.high} in 100 runs"
    elif found.high == 100:
        share = f"At least {found.low} in 100 runs"
    else:
        share = f"At least {found.low} and fewer than {found.high} in 100 runs"
    return {
        "sentence": f"{share} are done by {day} for at most {amount}{note}.",
        "day": f"{found.finish.astimezone(zone(program.time_zone)):%Y-%m-%d}",
        "amount": format_plain(found.amount, program.currency),
        "run": found.run,
        "stale": found.stale,
    }
