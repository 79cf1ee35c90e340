"""The page of contingency and management reserve: what was granted, what decisions drew, what is left."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from finance.reserves import burn_down, course, plans
from finance.structure.models import RESERVES, Category
from finance.structure.periods import code_of, local_day
from finance.transfers import selectors
from finance.transfers.selectors import Movement
from pmo import formats
from pmo.accounts.roles import Permission
from pmo.charts import Series, line_chart
from pmo.http import page
from pmo.money import to_decimal
from pmo.sheets import FORMATS, download
from programs.portfolio.crumbs import crumbs
from programs.portfolio.models import Program

MOST = 200
"""Movements that the page lists; the file holds all."""
HEADS = (
    "recorded_at", "kind", "project", "category", "nature", "decision", "amount", "left", "why", "by", "currency"
)  # fmt: skip
WORDS = {"grant": ("Granted", "Drawn by decision"), "reversal": ("Given back", "Taken back")}
ORDER = [one for one in Category.values if one in RESERVES]


@page(Permission.VIEW_MONEY)
def reserves(request: HttpRequest, program: Program) -> HttpResponse:
    """The draw-down log of the reserves, with its course. Also CSV and XLSX."""
    found = selectors.movements(program.pk)
    currency = program.currency
    if (kind := request.GET.get("format")) in FORMATS:
        rows = (_plain(one, currency) for one in found)
        return download(kind, f"{program.code}-reserves", HEADS, rows)
    held = selectors.reserves(found)
    today = local_day(program, datetime.now(UTC))
    planned = plans.in_force(program.pk)
    may = request.access.may(Permission.EDIT_BUDGET, program.pk)  # type: ignore[attr-defined]
    context = {
        "program": program,
        "no_clock": True,
        "crumbs": crumbs(program, ("Reserves", "")),
        "figures": [
            (
                Category(category).label,
                formats.money_short(sum(one.left for one in held if one.category == category), currency),
                f"left of {formats.money_text(sum(one.granted for one in held if one.category == category), currency)}",
            )
            for category in ORDER
        ],
        "reserves": [
            {
                "label": one.label,
                "granted": formats.money_exact(one.granted, currency),
                "drawn": formats.money_exact(one.drawn, currency),
                "left": formats.money_exact(one.left, currency),
                "percent": formats.percent(selectors.used_percent(one)),
            }
            for one in held
        ],
        "log": [
            {
                "href": reverse("finance:journal", kwargs={"code": program.code, "pk": one.journal}),
                "at": formats.moment(one.recorded_at),
                "what": WORDS.get(one.kind, ("Set aside", "Drawn"))[one.amount < 0],
                "label": one.label,
                "amount": formats.money_exact(one.amount, currency, sign=True),
                "left": formats.money_exact(one.left, currency),
                "why": one.text,
                "decision": one.decision,
                "who": one.who,
            }
            for one in reversed(found[-MOST:])
        ],
        "more": max(0, len(found) - MOST),
        "chart": _chart(found, currency) if found else "",
        "chart_keys": [
            (colour, Category(category).label)
            for colour, category in enumerate(ORDER, 4)
            if selectors.course(found, category)
        ],
        "burn": burn_down.shown(burn_down.read(program, found, today, planned), program),
        "management": course.shown(course.course_of(program, found, planned, today), program),
        "may_plan": may,
        "planned": [
            {
                "of": f"{one.category}.{one.month}",
                "month": formats.period(one.month),
                "reserve": one.get_category_display(),
                "amount": formats.money_exact(one.amount_minor, currency),
                "why": one.reason,
                "who": one.set_by.name,
            }
            for one in plans.ahead(planned, code_of(today))
        ],
    }
    return render(request, "finance/reserves/reserves.html", context)


def _plain(one: Movement, currency: str) -> list[Any]:
    row = selectors.movement_row(one)
    row[6], row[7] = to_decimal(one.amount, currency), to_decimal(one.left, currency)
    return [*row, currency]


def _chart(found: list[Movement], currency: str) -> Any:
    """What stood in each kind of reserve after each movement, as steps."""
    first, last = found[0].recorded_at, found[-1].recorded_at
    series = []
    for colour, category in enumerate(ORDER, 4):
        points: list[tuple[float, float]] = []
        height = 0
        for at, total in selectors.course(found, category):
            points += [(_x(at), height), (_x(at), total)]
            height = total
        if points:
            label = str(Category(category).label)
            series.append(Series(label, [*points, (_x(last) + 1, height)], colour, label))
    labels = [(_x(first), formats.day_short(first))]
    if (last - first).days > 7:
        labels.append((_x(last), formats.day_short(last)))
    return line_chart(
        series,
        title="What is left of the reserves",
        description="Contingency and management reserve after each movement; the table below holds the same figures",
        key="reserves",
        x_labels=labels,
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
    )


def _x(at: datetime) -> float:
    return at.timestamp() / 86_400
