"""The S-curve: planned, earned and actual cost of the program over time, drawn on the server, with its table twin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.safestring import SafeString

from governance.health.selectors import Figures
from pmo import formats
from pmo.charts import Series, line_chart

MOST_POINTS = 120
DAY_SECONDS = 86_400
EPOCH = date(1970, 1, 1)


def s_curve(figures: Figures, *, standalone: bool = False) -> SafeString | None:
    """The drawing, or None where nothing is planned or reported. Money in minor units; x in days since 1970."""
    if not figures.curve and not figures.series:
        return None
    currency = figures.program.currency

    def money(value: float) -> str:
        return formats.money_text(round(value), currency, unit=False)

    planned = _thinned([(_x(at), float(value)) for at, value in figures.curve])
    # Earned and actual begin at the first status date: how they came there was not reported.
    earned = [(_x(point.at), float(point.earned.ev)) for point in figures.series]
    actual = [(_x(point.at), float(point.earned.ac)) for point in figures.series]
    ends = [x for points in (planned, earned, actual) for x, _ in points]
    return line_chart(
        [
            Series("Planned", planned, 3, "Planned"),
            Series("Actual", actual, 2, f"Actual {money(actual[-1][1])}" if actual else ""),
            Series("Earned", earned, 1, f"Earned {money(earned[-1][1])}" if earned else ""),
        ],
        title="Earned value",
        description=in_words(figures),
        key="s-curve",
        x_labels=_months(min(ends), max(ends)),
        y_text=money,
        status_x=_x(figures.series[-1].at) if figures.series else None,
        width=980 if standalone else 430,
        height=280 if standalone else 184,
        standalone=standalone,
    )


def in_words(figures: Figures) -> str:
    """What the curve shows, for who cannot see it."""
    currency = figures.program.currency
    if not figures.series:
        return f"Planned value in {currency}; no status date is reported yet."
    last = figures.series[-1]
    parts = [
        f"{word} {formats.money_text(round(value), currency, unit=False)}"
        for word, value in (
            ("planned", last.earned.pv),
            ("earned", last.earned.ev),
            ("actual", last.earned.ac),
        )
    ]
    return f"To {formats.day(last.at)}, in {currency}: {', '.join(parts)}."


def twin(figures: Figures) -> dict[str, Any]:
    """The same as a table."""
    currency = figures.program.currency
    return {
        "caption": f"Earned value in {currency}",
        "head": ["Status date", "Planned", "Earned", "Actual"],
        "rows": [
            [
                formats.day(point.at),
                *(
                    formats.money_text(round(value), currency, unit=False)
                    for value in (point.earned.pv, point.earned.ev, point.earned.ac)
                ),
            ]
            for point in figures.series
        ],
    }


def indices(figures: Figures) -> str:
    """`CPI 0.86 · SPI 0.91 · TCPI 1.17 · EAC 26.2M by CPI`: those that are defined."""
    shown = [
        f"{label} {formats.index(value)}"
        for name, label in (("cpi", "CPI"), ("spi", "SPI"), ("spi_t", "SPI(t)"), ("tcpi_bac", "TCPI"))
        if (value := figures.measures.get(name)) is not None
    ]
    eac = figures.earned.eac if figures.earned else None
    if eac is not None:
        shown.append(f"EAC {formats.money_text(round(eac), figures.program.currency, unit=False)} by CPI")
    return " · ".join(shown)


def _x(moment: datetime) -> float:
    return moment.timestamp() / DAY_SECONDS


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST_POINTS of them, the ends among them."""
    if len(points) <= MOST_POINTS:
        return list(points)
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(place * step)] for place in range(MOST_POINTS)]


def _months(low: float, high: float) -> list[tuple[float, str]]:
    """Three labels: the first month, the middle, the last."""
    days = [low, (low + high) / 2, high] if high > low else [low]
    return [(x, formats.month(EPOCH + timedelta(days=int(x)))) for x in days]
