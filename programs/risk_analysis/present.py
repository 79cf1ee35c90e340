"""A stored simulation as a page shows it: dates, charts with their tables, sentences."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.urls import reverse

from pmo import charts, formats
from pmo.charts import Bar, Series
from pmo.money import exponent
from programs.engine.monte_carlo import Distribution
from programs.portfolio.models import Program
from programs.risk_analysis import stored
from programs.risk_analysis.models import SimulationRun

_EPOCH = datetime(1970, 1, 1)
DAY = 1440
MOST_ROWS = 50


def day(minutes: float) -> str:
    """A wall minute of the program's clock as a day."""
    return formats.day((_EPOCH + timedelta(minutes=minutes)).date())


def percent(share: float) -> str:
    """A share of 0 to 1."""
    return formats.percent(100 * share)


def short(minutes: float) -> str:
    """Day and month."""
    return formats.day_short((_EPOCH + timedelta(minutes=minutes)).date())


def result(run: SimulationRun, program: Program, codes: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """The context of a finished run; `codes` are code and name of the program's projects by id."""
    kept = run.result
    whole = stored.distribution(kept["program"])
    projects = [
        stored.Line(pk, *codes.get(pk, ("—", "no longer there")), stored.distribution(numbers))
        for pk, *numbers in kept["projects"]
    ]
    late = whole.p80 - whole.planned
    return {
        "whole": dates(whole),
        "late": formats.delta_days(round(late / DAY)),
        "sentence": _sentence(whole),
        "curve": _curve(kept["curve"], whole),
        "curve_twin": {
            "caption": "Finish of the program by share of the runs",
            "head": ["Done by", "Share of runs"],
            "rows": [[day(finish), percent(share)] for finish, share in kept["curve"][::5]],
        },
        "projects": [(line, dates(line.finish)) for line in projects],
        "milestones": [(line, dates(line.finish)) for line in stored.lines(kept["milestones"])],
        "tornado": _tornado(kept["tornado"], program),
        "critical": _critical(kept["activities"]),
        "risks": [
            {
                "id": pk,
                "code": code,
                "name": name,
                "occurred": percent(occurred),
                "delay": None if None in (before, after) else round((after - before) / DAY, 1),
            }
            for pk, code, name, occurred, before, after, *_ in kept["risks"]
        ],
        "settled": _settled(kept["convergence"]),
        "given": kept["given"],
        "assumed": kept["assumed"],
        "notes": kept["notes"],
    }


def dates(one: Distribution) -> dict[str, str]:
    """A finish in words."""
    return {
        "planned": day(one.planned),
        "confidence": percent(one.confidence),
        "p10": day(one.p10),
        "p50": day(one.p50),
        "p80": day(one.p80),
        "p90": day(one.p90),
        "mean": day(one.mean),
        "deviation": f"{one.deviation / DAY:.1f}",
    }


def _sentence(whole: Distribution) -> str:
    return (
        f"{percent(whole.confidence)} of the runs finish by the planned {day(whole.planned)}; "
        f"eight in ten finish by {day(whole.p80)}."
    )


def _curve(points: list[list[float]], whole: Distribution) -> str:
    low, high = points[0][0], points[-1][0]
    steps = [low + (high - low) * k / 4 for k in range(5)] if high > low else [low]
    return charts.p_curve(
        [(finish, share) for finish, share in points],
        [(whole.p50, 0.5, f"P50 {short(whole.p50)}"), (whole.p80, 0.8, f"P80 {short(whole.p80)}")],
        title="How likely the program is done by a day",
        description=f"Share of simulated runs finished by each day, from {day(low)} to {day(high)}.",
        key="curve",
        x_labels=[(at, short(at)) for at in steps],
        commitment=(whole.planned, f"planned {short(whole.planned)}"),
        width=620,
        height=240,
    )


def _tornado(rows: list[list[Any]], program: Program) -> dict[str, Any] | None:
    bars = stored.swings(rows)[:12]
    if not bars:
        return None
    routes = {"activity": "programs:activity", "risk": "programs:risk"}

    def href(bar: stored.Swing) -> str:
        return reverse(routes[bar.kind], kwargs={"code": program.code, "pk": bar.id})

    return {
        "svg": charts.bars(
            [
                Bar(
                    f"{bar.code} {bar.name}"[:23],
                    abs(bar.high - bar.low),
                    f"{abs(bar.high - bar.low):.1f} d",
                    2 if bar.kind == "risk" else 1,
                    href(bar),
                )
                for bar in bars
            ],
            title="What moves the finish most",
            description="Calendar days between the mean finish at the two ends of each input.",
            key="tornado",
            width=620,
        ),
        "twin": {
            "caption": "Mean finish at either end of an input, against the overall mean, in calendar days",
            "head": ["Input", "Short, or without", "Long, or with", "Rank correlation"],
            "rows": [
                [
                    f"{bar.code} {bar.name}",
                    f"{bar.low:+.1f}",
                    f"{bar.high:+.1f}",
                    f"{bar.rank_correlation:.2f}",
                ]
                for bar in stored.swings(rows)
            ],
        },
    }


def _critical(rows: list[list[Any]]) -> list[dict[str, Any]]:
    """The activities that drove the finish most often."""
    often = sorted((row for row in rows if row[11] > 0), key=lambda row: (-row[11], -abs(row[12]), row[0]))
    return [
        {
            "id": row[0],
            "code": row[1],
            "name": row[2],
            "dates": dates(stored.distribution(row[3:11])),
            "criticality": percent(row[11]),
            "bar": round(row[11] * 100),
            "cruciality": f"{row[12]:.2f}",
            "sensitivity": f"{row[13]:.2f}",
        }
        for row in often[:MOST_ROWS]
    ]


def _settled(kept: dict[str, Any]) -> dict[str, Any]:
    base = min(min(mean, p80) for _, mean, p80 in kept["course"]) // DAY - 7
    half = (kept["p80_high"] - kept["p80_low"]) / 2 / DAY
    course = kept["course"]
    return {
        "enough": kept["enough"],
        "text": f"P80 known to ± {half:.1f} days (95 %), mean to ± {kept['mean_error'] / DAY:.1f}",
        "svg": charts.line_chart(
            [
                Series("P80", [(runs, p80 / DAY - base) for runs, _, p80 in course], 2, "P80"),
                Series("Mean", [(runs, mean / DAY - base) for runs, mean, _ in course], 1, "Mean"),
            ],
            title="How the figures settled",
            description="Mean and P80 of the program's finish after so many runs.",
            key="settled",
            x_labels=[(runs, f"{runs:,}") for runs, *_ in course[4::5]],
            y_text=lambda days: short((base + days) * DAY),
        ),
        "twin": {
            "caption": "Running figures of the program's finish",
            "head": ["Runs", "Mean", "P80"],
            "rows": [[f"{runs:,}", day(mean), day(p80)] for runs, mean, p80 in course],
        },
    }


def money(run: SimulationRun, program: Program, codes: dict[int, tuple[str, str]]) -> dict[str, Any] | None:
    """Cost and joint confidence; None where the plan has no cost."""
    kept = run.result
    if not kept.get("cost"):
        return None
    cost = stored.distribution(kept["cost"])
    currency = program.currency

    def text(amount: float) -> str:
        return formats.money_text(round(amount), currency)

    eighty = kept["frontier"]["80"]
    low, high = kept["frontier"]["50"][0][0], kept["frontier"]["90"][-1][0]
    amounts = [amount for pairs in kept["frontier"].values() for _, amount in pairs]
    # From a round amount below the cheapest pair, so that the trade between time and money is seen.
    thousand = 1000 * 10 ** exponent(currency)
    grain = 10 ** max(len(str(int(max(amounts) - min(amounts)))) - 1, 0)
    base = int(min(amounts)) // grain * grain
    return {
        "figures": [
            (name, text(value))
            for name, value in (
                ("Planned", cost.planned),
                ("P10", cost.p10),
                ("P50", cost.p50),
                ("P80", cost.p80),
                ("P90", cost.p90),
                ("Mean", cost.mean),
            )
        ],
        "confidence": percent(cost.confidence),
        "joint": percent(kept["joint"]),
        "p80_text": text(cost.p80),
        "projects": [
            (
                codes.get(pk, ("—", ""))[0],
                text(one.planned),
                text(one.p50),
                text(one.p80),
                percent(one.confidence),
            )
            for pk, *numbers in kept["project_costs"]
            for one in (stored.distribution(numbers),)
        ],
        "svg": charts.line_chart(
            [
                Series(
                    f"{percent} %",
                    [(finish, amount - base) for finish, amount in pairs],
                    colour,
                    f"{percent} %",
                )
                for percent, colour in (("50", 1), ("80", 5), ("90", 2))
                if len(pairs := kept["frontier"][percent]) > 1
            ],
            title="Finish and cost promised together",
            description="For each day, the cost that the given share of the runs keeps together with the day.",
            key="joint",
            x_labels=[(low + (high - low) * k / 3, short(low + (high - low) * k / 3)) for k in range(4)]
            if high > low
            else [(low, short(low))],
            y_text=lambda amount: f"{formats.number((base + amount) / thousand)}k",
            width=620,
            height=240,
        ),
        "twin": {
            "caption": "Pairs of day and cost that eight runs in ten keep together",
            "head": ["Done by", "For at most"],
            "rows": [[day(finish), text(amount)] for finish, amount in eighty],
        },
    }
