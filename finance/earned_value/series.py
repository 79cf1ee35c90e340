"""Earned value over time: what each status date said, and what happened between one and the next.

Everything is read from the kept snapshots of one run, so that all points were computed from the same baseline
and the same books. Money in minor units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Any

from django.utils.safestring import SafeString

from finance.earned_value.selectors import Shown
from pmo import formats
from pmo.charts import Series, line_chart
from pmo.money import format_plain

ESTIMATES = ("eac_cpi", "eac_remaining_at_budget", "eac_cpi_x_spi")
"""Estimates of which the course is drawn: as so far, as budgeted, and the cautious one."""

RATIOS = ("cpi", "spi", "spi_t", "tcpi_bac", "tcpi_eac", "tspi", "p_factor")


@dataclass(frozen=True, slots=True)
class Point:
    """One status date: the figures up to it, and `ev_in`, `ac_in`, `pv_in`: what fell into the time since the last."""

    shown: Shown
    pv_in: int
    ev_in: int
    ac_in: int

    @property
    def cpi_in(self) -> Decimal | None:
        """Earned for each unit spent since the last status date; not defined where nothing was spent."""
        return Decimal(self.ev_in) / self.ac_in if self.ac_in > 0 else None


def points(history: Sequence[Shown]) -> list[Point]:
    """The course of a history (in order of time): each date with its difference to the one before."""
    found, before = [], (0, 0, 0)
    for one in history:
        found.append(Point(one, one.pv - before[0], one.ev - before[1], one.ac - before[2]))
        before = (one.pv, one.ev, one.ac)
    return found


HEADS = [
    "Status date", "Period", "BAC", "PV", "EV", "AC", "PV in period", "EV in period", "AC in period", "CV", "SV",
    "CPI in period", "CPI", "SPI", "SPI(t)", "TCPI to BAC", "TCPI to EAC", "TSPI", "P-factor", "EAC", "ETC", "VAC",
]  # fmt: skip
"""Columns of the file: money in major units, indices with four decimals, empty where not defined."""


def file_row(point: Point, currency: str, zone: tzinfo) -> list[Any]:
    """A point under `HEADS`."""
    one = point.shown

    def amount(minor: int | None) -> Any:
        return "" if minor is None else Decimal(format_plain(minor, currency))

    def index(value: Decimal | None) -> Any:
        return "" if value is None else value.quantize(Decimal("0.0001"))

    return [
        one.snapshot.at.astimezone(zone).replace(tzinfo=None),
        one.snapshot.period_name,
        *(amount(minor) for minor in (one.bac, one.pv, one.ev, one.ac)),
        *(amount(minor) for minor in (point.pv_in, point.ev_in, point.ac_in, one.cv, one.sv)),
        index(point.cpi_in),
        *(index(one.value(name)) for name in RATIOS),
        *(amount(one.minor(name)) for name in ("eac_cpi", "etc", "vac")),
    ]


def table(course: Sequence[Point], currency: str, zone: tzinfo) -> list[dict[str, Any]]:
    """The rows of the page, newest first."""

    def money(minor: int | None, *, sign: bool = False) -> Any:
        return formats.money_short(minor, currency, sign=sign)

    rows = []
    for point in reversed(course):
        one = point.shown
        cpi, spi_t = one.value("cpi"), one.value("spi_t")
        rows.append(
            {
                "status": formats.day(one.snapshot.at.astimezone(zone).date()),
                "name": one.snapshot.period_name,
                "pv": money(one.pv),
                "ev": money(one.ev),
                "ac": money(one.ac),
                "ev_in": money(point.ev_in, sign=True),
                "ac_in": money(point.ac_in, sign=True),
                "cpi_in": formats.index(point.cpi_in),
                "cpi": formats.index(cpi),
                "spi": formats.index(one.value("spi")),
                "spi_t": formats.index(spi_t),
                "tcpi": formats.index(one.value("tcpi_bac")),
                "eac": money(one.minor("eac_cpi")),
                "vac": money(one.minor("vac"), sign=True),
                "dear": cpi is not None and cpi < 1,
                "late": spi_t is not None and spi_t < 1,
            }
        )
    return rows


def day_number(instant: datetime, zone: tzinfo) -> float:
    """An instant as a place on a chart's axis: days of the program's zone."""
    local = instant.astimezone(zone)
    return local.toordinal() + (local.hour * 60 + local.minute) / 1440


def _labels(history: Sequence[Shown], zone: tzinfo) -> list[tuple[float, str]]:
    step = max(1, len(history) // 8)
    return [
        (day_number(one.snapshot.at, zone), formats.day_short(one.snapshot.at.astimezone(zone).date()))
        for one in history[::step]
    ]


def estimates_chart(history: Sequence[Shown], currency: str, zone: tzinfo) -> SafeString:
    """How the estimates at completion moved beside the budget."""
    colours = {"eac_cpi": 1, "eac_remaining_at_budget": 4, "eac_cpi_x_spi": 2}
    names = {
        "eac_cpi": "at the cost index",
        "eac_remaining_at_budget": "rest as budgeted",
        "eac_cpi_x_spi": "at cost x schedule",
    }

    def text(value: float) -> str:
        return formats.money_text(int(value), currency, unit=False)

    lines = [Series("Budget", [(day_number(one.snapshot.at, zone), float(one.bac)) for one in history], 3)]
    for name in ESTIMATES:
        course = [
            (day_number(one.snapshot.at, zone), float(minor))
            for one in history
            if (minor := one.minor(name)) is not None
        ]
        lines.append(Series(names[name], course, colours[name]))
    last = history[-1]
    said = ", ".join(
        f"{names[name]} {formats.money_text(last.minor(name), currency, unit=False)}" for name in ESTIMATES
    )
    return line_chart(
        lines,
        title="Estimates at completion over time",
        description=f"Estimates at completion in {currency} at each status date; at the latest: {said}.",
        key="estimates",
        x_labels=_labels(history, zone),
        y_text=text,
        width=560,
    )


def index_chart(
    history: Sequence[Shown], names: Sequence[tuple[str, str, int]], key: str, title: str, zone: tzinfo
) -> SafeString:
    """The course of ratios (measure, its symbol, colour) beside the line of 1.00."""
    at_one = [(day_number(one.snapshot.at, zone), 1.0) for one in history]
    lines = [Series("1.00", at_one, 3, dashed=True)]
    for name, symbol, colour in names:
        course = [
            (day_number(one.snapshot.at, zone), float(value))
            for one in history
            if (value := one.value(name)) is not None
        ]
        lines.append(Series(symbol, course, colour))
    last = ", ".join(f"{symbol} {formats.index(history[-1].value(name))}" for name, symbol, _ in names)
    return line_chart(
        lines,
        title=title,
        description=f"{title} at each status date; at the latest: {last}.",
        key=key,
        x_labels=_labels(history, zone),
        y_text=lambda value: formats.index(value),
        width=560,
    )


def measure_chart(
    history: Sequence[Shown], name: str, label: str, unit: str, currency: str, zone: tzinfo, per_day: int
) -> SafeString:
    """The course of one measure, whatever it counts."""

    def text(value: float) -> str:
        match unit:
            case "money":
                return formats.money_text(int(value), currency, unit=False)
            case "share":
                return formats.percent(value * 100)
            case "working minutes":
                return f"{formats.number(value / per_day)}{formats.GAP}d"
        return formats.index(value)

    course = [
        (day_number(one.snapshot.at, zone), float(value))
        for one in history
        if (value := one.value(name)) is not None
    ]
    said = text(course[-1][1]) if course else "not defined"
    return line_chart(
        [Series(label, course, 1)],
        title=label,
        description=f"{label} at each status date; at the latest: {said}.",
        key="measure",
        x_labels=_labels(history, zone),
        y_text=text,
        width=1080,
        height=220,
    )
