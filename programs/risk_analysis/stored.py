"""A simulation as it is kept: JSON of plain lists, and the same as named values for pages and the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from programs.engine.monte_carlo import Distribution, RiskEvent, Simulation
from programs.engine.risk_results import STEPS, ActivityRisk
from programs.risk_analysis.inputs import Inputs, Named

POINTS = 60
"""How many pairs of a joint frontier are kept."""
FRONTIERS = (50, 80, 90)
CONTOURS = range(5, 100, 5)
"""The shares for which a frontier is kept so that any day and amount can be asked about (`joint_share`)."""


@dataclass(frozen=True, slots=True)
class Line:
    """A finish (or cost) of something that has a name."""

    id: int
    code: str
    name: str
    finish: Distribution


@dataclass(frozen=True, slots=True)
class Swing:
    """A bar of the tornado: calendar days by which the mean finish lies earlier or later than on average."""

    kind: str
    """activity or risk"""
    id: int
    code: str
    name: str
    low: float
    high: float
    rank_correlation: float


def to_json(told: Simulation, inputs: Inputs) -> dict[str, Any]:
    """Everything that pages and the API show; times are wall minutes, money minor units."""
    by_index = {risk.activity: risk for risk in told.activities if risk.activity < len(inputs.activities)}
    milestones = [
        i for i in by_index if inputs.loaded.plan.kind[i] in (1, 2) and by_index[i].finish.deviation > 0
    ]
    cost = told.cost
    return {
        "program": _numbers(told.program),
        "projects": _of_projects(told.projects, inputs),
        "milestones": [[*_name(inputs.activities[i]), *_numbers(by_index[i].finish)] for i in milestones],
        "steps": {
            str(inputs.activities[i].id): walls
            for i, walls in told.milestones.items()
            if i < len(inputs.activities)
        },
        "activities": [[*_name(inputs.activities[i]), *_activity(risk)] for i, risk in by_index.items()],
        "curve": [[finish, round(share, 4)] for finish, share in told.s_curve()],
        "tornado": [
            [
                *(
                    ["activity", *_name(inputs.activities[bar.activity])]
                    if bar.risk < 0
                    else ["risk", *_name(inputs.risk_names[bar.risk])]
                ),
                *(round(minutes / 1440, 2) for minutes in (bar.low, bar.high)),
                round(bar.rank_correlation, 3),
            ]
            for bar in told.tornado
        ],
        "risks": [
            [
                *_name(named),
                out.occurred,
                *((out.finish_without, out.finish_with) if _delays(event) else (None, None)),
                out.cost_without,
                out.cost_with,
            ]
            for named, event, out in zip(inputs.risk_names, inputs.risks, told.risks, strict=True)
        ],
        "convergence": {
            "course": [[point.runs, point.mean, point.p80] for point in told.convergence.course],
            "mean_error": told.convergence.mean_error,
            "p80_low": told.convergence.p80_low,
            "p80_high": told.convergence.p80_high,
            "enough": told.convergence.enough,
        },
        "cost": _numbers(cost) if cost is not None and cost.planned else None,
        "project_costs": _of_projects(told.project_costs, inputs),
        "cost_curve": _cost_curve(told),
        "frontier": {str(p): _thinned(told.frontier(p)) for p in FRONTIERS},
        "contours": {str(p): _thinned(told.frontier(p)) for p in CONTOURS} if told.costs else {},
        "joint": told.confidence(int(told.program.p80), cost.p80) if cost is not None else None,
        "given": inputs.given,
        "assumed": len(inputs.uncertainty) - inputs.given,
        "notes": told.notes,
    }


def _delays(event: RiskEvent) -> bool:
    return any(impact.minutes is not None for impact in event.impacts)


def _of_projects(values: list[Distribution], inputs: Inputs) -> list[list[float]]:
    """Of the projects that have activities: without any, a project has neither a finish nor a cost."""
    worked = set(inputs.loaded.project_of)
    return [[pk, *_numbers(one)] for pk, one in zip(inputs.project_ids, values, strict=True) if pk in worked]


def _name(named: Named) -> list[Any]:
    return [named.id, named.code, named.name]


def _numbers(one: Distribution) -> list[float]:
    return [one.p10, one.p50, one.p80, one.p90, one.mean, one.deviation, one.planned, one.confidence]


def _activity(risk: ActivityRisk) -> list[float]:
    return [
        *_numbers(risk.finish),
        round(risk.criticality, 4),
        round(risk.cruciality, 4),
        round(risk.sensitivity, 4),
        round(risk.mean_length),
        round(risk.length_deviation),
    ]


def _cost_curve(told: Simulation) -> list[list[float]]:
    ordered = sorted(told.costs)
    last = len(ordered) - 1
    return [[ordered[last * at // 50], at / 50] for at in range(51)] if ordered else []


def _thinned(pairs: list[tuple[int, float]]) -> list[list[float]]:
    step = max(1, -(-len(pairs) // POINTS))
    kept = pairs[::step]
    if pairs and kept[-1] != pairs[-1]:
        kept.append(pairs[-1])
    return [[finish, round(cost)] for finish, cost in kept]


def joint_share(result: dict[str, Any], finish: int, amount: int) -> tuple[int, int] | None:
    """Between which percents of the runs are done by `finish` (wall minute) for at most `amount` (minor units).

    At least the first, less than the second; 100 is open, and 0 is less than the least that is kept. Of a run that kept
    three frontiers only, the bracket is as wide as they are. None where a result has no cost.
    """
    kept = result.get("contours") or result.get("frontier")
    if not kept or not result.get("cost"):
        return None
    shares = sorted(int(percent) for percent in kept)
    low = max(
        (p for p in shares if any(day <= finish and cost <= amount for day, cost in kept[str(p)])), default=0
    )
    return low, min((p for p in shares if p > low), default=100)


def share_by(result_steps: list[float], wall: int) -> tuple[int, int]:
    """Between which percents of the runs a milestone is reached by a wall minute.

    `result_steps` is what `to_json` keeps of it under `steps`; the bracket is as wide as its steps, five percent.
    """
    low = max((percent for percent, at in zip(STEPS, result_steps, strict=True) if at <= wall), default=0)
    return low, min((percent for percent in (*STEPS, 100) if percent > low), default=100)


def distribution(numbers: list[float]) -> Distribution:
    """As `to_json` wrote it."""
    return Distribution(*numbers)


def lines(rows: list[list[Any]]) -> list[Line]:
    """Rows of id, code, name and a distribution."""
    return [Line(pk, code, name, distribution(numbers)) for pk, code, name, *numbers in rows]


def swings(rows: list[list[Any]]) -> list[Swing]:
    """The tornado, the widest first."""
    return [Swing(*row) for row in rows]
