"""Earned value for people: each measure with its formula and the numbers in it, the S-curve and its table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.safestring import SafeString

from finance.earned_value.selectors import Shown
from finance.engine.credibility import Judged, judged
from finance.engine.earned_value import Figures
from pmo import formats
from pmo.charts import Series, line_chart
from pmo.money import round_half_even

FIRST = (
    "cv", "sv", "cpi", "spi", "spi_t", "percent_complete", "percent_spent",
    "eac_cpi", "vac", "etc", "tcpi_bac", "tcpi_eac",
)  # fmt: skip
"""Measures that are read first; the others follow in the engine's order."""


def explained(shown: Shown, currency: str) -> list[dict[str, Any]]:
    """Every measure: label, value as people read it, formula, the same with numbers, or why it is not defined."""
    per_day = int(shown.snapshot.figures.get("minutes_per_day") or 480)
    rank = {name: place for place, name in enumerate(FIRST)}
    listed = sorted(shown.measures.values(), key=lambda measure: rank.get(measure["name"], len(rank)))
    return [
        {
            "name": measure["name"],
            "label": _label(measure),
            "value": _value(measure, currency, per_day),
            "formula": spelled(measure["formula"]),
            "worked": spelled(measure["worked"]),
            "why": measure["why"],
        }
        for measure in listed
    ]


def estimates(shown: Shown, currency: str) -> list[Judged]:
    """Every estimate at completion that is defined, with what it asks of the rest."""
    four = (shown.snapshot.bac, shown.snapshot.pv, shown.snapshot.ev, shown.snapshot.ac)
    return judged(
        Figures(*(Fraction(amount) for amount in four)),
        currency,
        (
            (name, str(kept["label"]), None if (value := shown.value(name)) is None else Fraction(value))
            for name, kept in shown.measures.items()
            if name.startswith("eac_")
        ),
    )


VERDICTS = {True: "yes", False: "no", None: "not defined"}


def judged_rows(shown: Shown, currency: str) -> list[dict[str, Any]]:
    """The estimates as rows of a page."""
    return [
        {
            "name": one.name,
            "label": spelled(one.label),
            "eac": formats.money_short(round_half_even(one.eac), currency),
            "vac": formats.money_short(round_half_even(one.vac), currency, sign=True),
            "over": one.vac < 0,
            "tcpi": formats.index(None if one.tcpi is None else float(one.tcpi)),
            "gap": formats.index(None if one.gap is None else float(one.gap)),
            "verdict": VERDICTS[one.credible],
            "worked": f"not defined: {one.why}" if one.why else spelled(one.worked),
        }
        for one in estimates(shown, currency)
    ]


def _label(measure: dict[str, Any]) -> str:
    """Estimates at completion differ in how the rest is thought to go: they say so, and what they are."""
    label = spelled(str(measure["label"]))
    return (
        f"Estimate at completion: {label[0].lower()}{label[1:]}"
        if measure["name"].startswith("eac_")
        else label
    )


def spelled(formula: str) -> str:
    """A formula as people write it: thousands apart, true minus and multiplication signs."""
    apart = re.sub(r"(?<![.\d])\d{4,}", lambda found: f"{int(found[0]):,}", formula)
    return re.sub(r"(?<![\w)])-(?=\d)|(?<= )-(?= )", formats.MINUS, apart).replace(" x ", " × ")


def _value(measure: dict[str, Any], currency: str, minutes_per_day: int) -> str:
    if measure["value"] is None:
        return formats.UNKNOWN
    value = Decimal(measure["value"])
    match measure["unit"]:
        case "money":
            sign = measure["name"] in ("cv", "sv", "vac")
            return formats.money_short(round_half_even(value), currency, sign=sign)
        case "share":
            return formats.percent(value * 100, 1)
        case "working minutes":
            days = value / minutes_per_day
            if measure["name"] == "sv_t":
                return formats.delta_days(days, 1)
            return f"{formats.number(days, 1)}{formats.GAP}d"
    return formats.index(value)


def s_curve(
    planned: Sequence[tuple[datetime, int]],
    history: Sequence[Shown],
    currency: str,
    at: datetime,
    zone: tzinfo,
    *,
    standalone: bool = False,
    width: int = 560,
    height: int = 220,
) -> SafeString:
    """Planned, earned and actual cost, cumulative, with the status date; x in day numbers of the program's zone."""

    def day(instant: datetime) -> float:
        local = instant.astimezone(zone)
        return local.toordinal() + (local.hour * 60 + local.minute) / 1440

    def text(amount: int) -> str:
        return formats.money_text(amount, currency, unit=False)

    last = history[-1]
    start = [(day(planned[0][0]), 0.0)] if planned else []
    earned = start + [(day(one.snapshot.at), float(one.ev)) for one in history]
    actual = start + [(day(one.snapshot.at), float(one.ac)) for one in history]
    plan = [(day(instant), float(amount)) for instant, amount in planned]
    return line_chart(
        [
            Series("Planned", plan, 3, f"Planned {text(planned[-1][1])}" if planned else "Planned"),
            Series("Actual", actual, 2, f"Actual {text(last.ac)}"),
            Series("Earned", earned, 1, f"Earned {text(last.ev)}"),
        ],
        title="Planned, earned and actual cost",
        description=(
            f"Cumulative cost in {currency}: planned {text(last.pv)}, earned {text(last.ev)} and actual "
            f"{text(last.ac)} at {formats.day(last.snapshot.at.astimezone(zone).date())}."
        ),
        key="earned-value",
        x_labels=_labels(planned, zone, day),
        y_text=lambda value: text(int(value)),
        status_x=day(last.snapshot.at),
        standalone=standalone,
        width=width,
        height=height,
    )


def _labels(planned: Sequence[tuple[datetime, int]], zone: tzinfo, day: Any) -> list[tuple[float, str]]:
    """About six months' names along the axis."""
    if not planned:
        return []
    step = max(1, len(planned) // 6)
    chosen = [planned[place][0] for place in range(0, len(planned), step)]
    return [(day(instant), formats.month(instant.astimezone(zone).date())) for instant in chosen]


def twin(history: Sequence[Shown], currency: str, zone: tzinfo) -> dict[str, Any]:
    """The S-curve as a table, newest last."""
    return {
        "caption": f"Earned value by status date, {currency}",
        "head": ["Status date", "Planned", "Earned", "Actual", "CPI", "SPI"],
        "rows": [
            [
                formats.day(one.snapshot.at.astimezone(zone).date()),
                formats.money_exact(one.pv, currency),
                formats.money_exact(one.ev, currency),
                formats.money_exact(one.ac, currency),
                formats.index(one.value("cpi")),
                formats.index(one.value("spi")),
            ]
            for one in history
        ],
    }
