"""The picture of the spend page and report."""

from __future__ import annotations

from django.utils.safestring import SafeString

from finance.spend.selectors import Spend
from pmo import charts, formats


def cost_by_period(found: Spend, currency: str, *, standalone: bool = False) -> SafeString:
    """Budget and cost by period."""
    labels = [line.label for line in found.periods]
    return charts.columns(
        labels if len(labels) <= 12 else [label if n % 3 == 0 else "" for n, label in enumerate(labels)],
        [
            charts.Series("Actual", [(n, line.actual) for n, line in enumerate(found.periods)], 1),
            charts.Series("Accrued", [(n, line.accrued) for n, line in enumerate(found.periods)], 5),
        ],
        lines=[charts.Series("Budget", [(n, line.budget) for n, line in enumerate(found.periods)], 3)],
        title="Cost by period",
        description="Actual and accrued cost of each period as columns, budget as a line.",
        key="spend",
        y_text=lambda value: formats.money_text(int(value), currency, unit=False),
        standalone=standalone,
    )
