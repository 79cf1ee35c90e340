"""The simulation in a request's figures as a picture: how likely the finish (and the cost) is, before and after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pmo import charts, formats
from pmo.charts import Series

_EPOCH = datetime(1970, 1, 1)


def _day(wall: float) -> str:
    return formats.day((_EPOCH + timedelta(minutes=wall)).date())


def _short(wall: float) -> str:
    return formats.day_short((_EPOCH + timedelta(minutes=wall)).date())


def picture(figures: dict[str, Any], *, stands: bool, money: bool = True) -> dict[str, Any] | None:
    """The two curves, the table behind them, and the sentence below; None where nothing was simulated.

    `stands`: the figures are before a body or were decided on, and nobody can simulate them again. Without `money`
    nothing is said of the cost.
    """
    found = figures.get("simulation")
    if not found or not all(found["curves"]):
        return None
    before, after = found["curves"]
    walls = [at for at, _ in (*before, *after)]
    low, high = min(walls), max(walls)
    # Both lines end where the later one does, with their names beside each other.
    ends = [curve if curve[-1][0] == high else [*curve, [high, 1000]] for curve in (before, after)]
    steps = [low + (high - low) * k / 4 for k in range(5)] if high > low else [low]
    svg = charts.line_chart(
        [
            Series("Today", [(at, mille / 1000) for at, mille in ends[0]], 3, "Today", dashed=True),
            Series("If approved", [(at, mille / 1000) for at, mille in ends[1]], 1, "If approved"),
        ],
        title="How likely the program is done by a day, today and if approved",
        description=f"Share of {formats.number(found['iterations'])} simulated runs finished by each day, "
        f"from {_day(low)} to {_day(high)}.",
        key="change-curves",
        x_labels=[(at, _short(at)) for at in steps],
        y_text=lambda share: formats.percent(100 * share),
        width=620,
        height=220,
    )
    return {
        "svg": svg,
        "twin": {
            "caption": "Share of the runs that are done by a day",
            "head": ["Done by", "Today", "If approved"],
            "rows": [
                [_day(at), formats.percent(_share(before, at) / 10), formats.percent(_share(after, at) / 10)]
                for at in sorted({*(at for at, _ in before[::5]), *(at for at, _ in after[::5])})
            ],
        },
        "made": made_of(found, stands=stands, asked=money and bool(figures.get("money"))),
    }


def _share(curve: list[list[int]], wall: int) -> int:
    """Per mille of the runs that a curve has done by a wall minute."""
    return max((mille for at, mille in curve if at <= wall), default=0)


def made_of(found: dict[str, Any], *, stands: bool, asked: bool) -> list[str]:
    """What the simulation was made of, in sentences; `asked`: the request asks for money as well."""
    low, high = found["ranges"]
    told = [
        f"{formats.number(found['iterations'])} runs of either plan with the same random numbers "
        f"(seed {found['seed']}), {formats.counted(found['risks'], 'risk', 'risks')} of the register, durations "
        f"without three points of their own from {low} to {high} % of the planned one.",
        f"Today is simulation {found['run']} of the plan, as it is kept."
        if found["run"]
        else "Both plans were simulated for this request: no kept simulation has the same inputs.",
    ]
    if found["own_ranges"]:
        told.append(
            f"{formats.counted(found['own_ranges'], 'changed duration is', 'changed durations are')} of an activity "
            "with three points of its own: those stay as they are, and the simulation takes them."
        )
    if asked and found["cost"]:
        told.append(
            "Simulated cost is that of the plan with its edits: the money asked for here is not in it."
        )
    if not found["enough"]:
        told.append(
            "The figures had not settled after these runs: treat them as rough."
            if stands
            else "The figures have not settled yet: simulate the plan with more runs first."
        )
    return told
