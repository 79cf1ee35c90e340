"""Pictures of forecasts: cash by month, burn, what is left of the reserves, and how the estimate moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from django.utils.safestring import SafeString

from finance.forecast.models import Forecast
from finance.forecast.selectors import Month
from pmo import charts, formats
from pmo.charts import Series


def _labels(months: Sequence[Month]) -> list[str]:
    step = max(1, -(-len(months) // 10))
    return [formats.month(one.starts_on) if n % step == 0 else "" for n, one in enumerate(months)]


def _ticks(months: Sequence[Month]) -> list[tuple[float, str]]:
    return [(n, label) for n, label in enumerate(_labels(months)) if label]


def cash_flow(months: Sequence[Month], currency: str) -> SafeString:
    """Cost and forecast of each month as columns, the budget as a line."""
    return charts.columns(
        _labels(months),
        [
            Series("Actual", [(n, one.actual) for n, one in enumerate(months)], 1),
            Series("Forecast", [(n, one.forecast) for n, one in enumerate(months)], 4),
        ],
        lines=[Series("Budget", [(n, one.budget) for n, one in enumerate(months)], 3)],
        title="Cash flow",
        description=f"Actual cost and forecast of each month in {currency}, with the budget as a line.",
        key="cash-flow",
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        width=1080,
        height=230,
    )


def burn(months: Sequence[Month], currency: str) -> SafeString:
    """The same added up: spent and still expected beside the budget."""
    cost = list(accumulate(one.actual + one.forecast for one in months))
    budget = list(accumulate(one.budget for one in months))
    past = [n for n, one in enumerate(months) if one.actual]
    now = past[-1] if past else 0
    return charts.line_chart(
        [
            Series("Budget", [(n, float(amount)) for n, amount in enumerate(budget)], 3),
            Series("Actual", [(n, float(cost[n])) for n in range(now + 1)], 1),
            Series("Forecast", [(n, float(cost[n])) for n in range(now, len(months))], 4, dashed=True),
        ],
        title="Burn",
        description=f"Cost added up month by month in {currency}: budget, actual, and forecast to the end.",
        key="burn",
        x_labels=_ticks(months),
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        status_x=now,
        status_text="forecast from here",
        width=560,
    )


def reserve(months: Sequence[Month], today: str, currency: str) -> SafeString:
    """What was left of contingency and management reserve at the end of each month up to now."""
    past = [(n, float(one.reserve)) for n, one in enumerate(months) if one.code <= today]
    return charts.line_chart(
        [
            Series(
                "Reserve left",
                past,
                5,
                formats.money_text(int(past[-1][1]), currency, unit=False) if past else "",
            )
        ],
        title="Reserves left",
        description=f"Contingency and management reserve left at the end of each month in {currency}.",
        key="reserve",
        x_labels=_ticks(months),
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        width=560,
    )


def history(forecasts: Sequence[Forecast], currency: str) -> SafeString:
    """How a project's estimate at completion moved from forecast to forecast, beside the budget of each."""
    return charts.line_chart(
        [
            Series("Budget", [(n, float(one.budget_minor)) for n, one in enumerate(forecasts)], 3),
            Series("Estimate", [(n, float(one.eac_minor)) for n, one in enumerate(forecasts)], 4),
        ],
        title="Estimate at completion from forecast to forecast",
        description=f"Estimate at completion of each submitted forecast in {currency}, beside the budget of then.",
        key="forecast-history",
        x_labels=[(n, formats.month(one.period.starts_on)) for n, one in enumerate(forecasts)],
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        width=1080,
        height=200,
    )
