"""The pictures of the spend page and report, and the tables that say the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from django.utils.safestring import SafeString

from finance.spend.figures import TITLES, Line
from pmo import charts, formats

MONTHLY = ("budget", "committed", "accrued", "actual")


def cost_by_period(months: Sequence[Line], currency: str, *, standalone: bool = False) -> SafeString:
    """Budget and cost by period."""
    labels = [line.label for line in months]
    return charts.columns(
        labels if len(labels) <= 12 else [label if n % 3 == 0 else "" for n, label in enumerate(labels)],
        [
            charts.Series("Actual", [(n, line.actual) for n, line in enumerate(months)], 1),
            charts.Series("Accrued", [(n, line.accrued) for n, line in enumerate(months)], 5),
        ],
        lines=[charts.Series("Budget", [(n, line.budget) for n, line in enumerate(months)], 3)],
        title="Cost by period",
        description="Actual and accrued cost of each period as columns, budget as a line.",
        key="spend",
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        standalone=standalone,
    )


def burn(
    months: Sequence[Line],
    currency: str,
    *,
    today: str,
    forecast: int | None = None,
    costs_only: bool = False,
    standalone: bool = False,
) -> SafeString:
    """Budget and actual cost, each added up month by month; the forecast as a straight line to the last month.

    `today` is the code of the month up to which actual cost is drawn (minor units on the y axis).
    """
    budget = list(accumulate(line.budget for line in months))
    actual = list(accumulate(line.actual for line in months))
    reached = max((n for n, line in enumerate(months) if line.key <= today), default=len(months) - 1)
    series = [] if costs_only else [charts.Series("Budget", list(enumerate(budget)), 3)]
    if months:
        series.append(charts.Series("Actual", list(enumerate(actual))[: reached + 1], 1))
    if forecast is not None and 0 <= reached < len(months) - 1:
        ends = [(reached, actual[reached]), (len(months) - 1, forecast)]
        series.append(charts.Series("Forecast", ends, 4, dashed=True))
    step = -(-len(months) // 6)
    return charts.line_chart(
        series,
        title="Burn",
        description="Budget and actual cost added up month by month"
        + (", the forecast as a straight line from today to the last month." if len(series) > 2 else "."),
        key="burn",
        x_labels=[(n, line.label) for n, line in enumerate(months) if n % step == 0],
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        standalone=standalone,
    )


def by_month(months: Sequence[Line], currency: str, *, costs_only: bool = False) -> dict[str, Any]:
    """The table twin of the pictures: what each month moved, and what had come together by its end."""
    names = ("actual",) if costs_only else MONTHLY
    running = {
        name: list(accumulate(getattr(line, name) for line in months)) for name in ("budget", "actual")
    }
    so_far = ("actual",) if costs_only else ("budget", "actual")

    def text(amount: int) -> SafeString:
        return formats.money_short(amount, currency)

    return {
        "caption": f"Month by month, in {currency}",
        "head": ["Month", *(TITLES[name] for name in names), *(f"{TITLES[name]} so far" for name in so_far)],
        "rows": [
            [
                line.label,
                *(text(getattr(line, name)) for name in names),
                *(text(running[name][n]) for name in so_far),
            ]
            for n, line in enumerate(months)
        ],
    }
