"""From the tally of all runs to the plain values of `risk_results`."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from programs.engine.critical_path import schedule
from programs.engine.plan import Kind, Rules
from programs.engine.risk_network import Network
from programs.engine.risk_results import (
    PERCENTS,
    STEPS,
    ActivityRisk,
    Bar,
    Distribution,
    RiskOutcome,
    Simulation,
)
from programs.engine.risk_sampling import Sampling
from programs.engine.risk_tally import Tally, distribution
from programs.engine.sweep_clocks import Ints
from programs.engine.sweep_layout import MISSING

MOST_BARS = 25
_FIGURES, _DEVIATION, _CONFIDENCE = 8, 5, 7
"""Of a `Distribution`: how many figures, and where two of them stand that are no dates."""


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan without uncertainty: finishes on work axes, and project and program finishes in wall minutes."""

    places: Ints
    walls: Ints
    """The same finishes in wall minutes; zero for what takes no part."""
    projects: list[int]
    finish: int


def planned_of(network: Network, rules: Rules, full: bool) -> Planned:
    """What `schedule` says of the plan; from the network where that is the same."""
    plan, columns = network.plan, network.columns
    if full:
        result = schedule(plan, rules)
        finishes = np.array(result.early_finish, np.int64)
        places = columns.clocks.work_at(columns.at, finishes)
        return Planned(places, finishes, result.project_finish, result.finish)
    places = network.finishes(network.planned)
    part = np.flatnonzero(columns.taking_part)
    walls = np.zeros_like(places)
    walls[part] = network.walls(part, places[part])
    last = np.full(len(plan.projects), MISSING)
    np.maximum.at(last, columns.project[part], walls[part])
    last = np.where(last == MISSING, np.array([p.start for p in plan.projects], np.int64), last)
    return Planned(places, walls, last.tolist(), int(last.max()))


def report(
    network: Network, sampling: Sampling, tally: Tally, planned: Planned, seed: int, portion: int
) -> Simulation:
    """The finished simulation."""
    program = distribution(tally.finishes, planned.finish)
    costs = tally.costs.sum(0) if sampling.priced else np.zeros(0)
    planned_costs = sampling.planned_costs()
    return Simulation(
        iterations=tally.iterations,
        seed=seed,
        program=program,
        projects=[
            distribution(row, finish) for row, finish in zip(tally.projects, planned.projects, strict=True)
        ],
        activities=_activities(network, sampling, tally, planned),
        risks=_outcomes(tally, costs),
        tornado=_tornado(sampling, tally, program.mean, portion),
        convergence=tally.convergence(int(network.columns.held_from.min(initial=1 << 60))),
        cost=distribution(costs, sum(planned_costs)) if sampling.priced else None,
        project_costs=[
            distribution(row, amount) for row, amount in zip(tally.costs, planned_costs, strict=True)
        ]
        if sampling.priced
        else [],
        finishes=tally.finishes.tolist(),
        costs=costs.tolist(),
        notes=list(sampling.notes),
        milestones=_milestones(network, tally),
    )


def _activities(network: Network, sampling: Sampling, tally: Tally, planned: Planned) -> list[ActivityRisk]:
    columns, moving = network.columns, tally.moving
    part = np.flatnonzero(columns.taking_part)
    finish = np.repeat(planned.walls[:, None].astype(np.float64), _FIGURES, axis=1)
    finish[:, _DEVIATION], finish[:, _CONFIDENCE] = 0.0, 1.0
    exact = np.ones(len(finish), np.bool_)
    if len(moving):
        means, finish[moving, _DEVIATION] = tally.moments()
        finish[moving, _CONFIDENCE] = tally.confidences()
        places: Ints = np.column_stack((tally.percentiles(PERCENTS), np.rint(means).astype(np.int64)))
        which = moving.repeat(places.shape[1])
        finish[moving, : places.shape[1]] = network.walls(which, places.ravel()).reshape(places.shape)
        exact[moving] = tally.exact()
    rows = np.array(sampling.rows, np.intp)
    length = columns.length.astype(np.float64)
    deviation, cruciality = np.zeros(len(length)), np.zeros(len(length))
    length[rows], deviation[rows] = tally.lengths()
    cruciality[rows] = tally.crucialities()
    criticality = tally.critical / tally.iterations
    last = _finish_deviations(network, tally)[columns.calendar]
    sensitivity = np.divide(criticality * deviation, last, out=np.zeros(len(length)), where=last > 0)
    found = (
        column[part].tolist() for column in (exact, length, deviation, criticality, cruciality, sensitivity)
    )
    distributions = map(Distribution._make, finish[part].tolist())
    return list(map(ActivityRisk._make, zip(part.tolist(), distributions, *found, strict=True)))


def _milestones(network: Network, tally: Tally) -> dict[int, list[int]]:
    """The finishes of milestones in steps of five percent; those that do not move, or were not kept, have none."""
    kinds, kept = network.plan.kind, len(tally.kept)
    if not kinds:
        return {}
    rows = [
        row
        for row, i in enumerate(tally.moving[:kept].tolist())
        if kinds[i] in (Kind.START_MILESTONE, Kind.FINISH_MILESTONE)
        and np.ptp(tally.kept[row])  # of runs scheduled one by one all are tallied, whether they move or not
    ]
    if not rows:
        return {}
    places = tally.steps(rows, STEPS)
    which = tally.moving[rows].repeat(len(STEPS))
    walls = network.walls(which, places.ravel().astype(np.int64)).reshape(places.shape)
    return {int(i): [int(at) for at in row] for i, row in zip(tally.moving[rows], walls, strict=True)}


def _finish_deviations(network: Network, tally: Tally) -> npt.NDArray[np.float64]:
    """Per calendar in use, the standard deviation of the program's finish in its working minutes; else zero."""
    clocks = network.columns.clocks
    found = np.zeros(len(network.plan.calendars))
    for calendar in np.unique(network.columns.calendar).tolist():
        at = clocks.keys(np.full(len(tally.finishes), calendar))
        found[calendar] = clocks.work_at(at, tally.finishes).astype(np.float64).std()
    return found


def _outcomes(tally: Tally, costs: npt.NDArray[np.float64]) -> list[RiskOutcome]:
    found = []
    for at, occurred in enumerate(tally.occurred):
        with_it, without = int(occurred.sum()), int((~occurred).sum())
        values: list[float | None] = []
        for sample in (tally.finishes, costs):
            for mask, number in ((occurred, with_it), (~occurred, without)):
                values.append(float(sample[mask].mean()) if number and len(sample) else None)
        found.append(RiskOutcome(at, with_it / tally.iterations, *values))
    return found


def _tornado(sampling: Sampling, tally: Tally, mean: float, portion: int) -> list[Bar]:
    """What moves the finish: the most cruciality first looked at, then ordered by how far the finish swings."""
    runs, finishes = tally.iterations, tally.finishes
    if finishes.min() == finishes.max():
        return []
    ranks = _ranks(finishes)
    bars = []
    for at, occurred in enumerate(tally.occurred):
        if 0 < int(occurred.sum()) < runs:
            low, high = float(finishes[~occurred].mean()), float(finishes[occurred].mean())
            bars.append(Bar(-1, at, low - mean, high - mean, _correlation(_ranks(occurred), ranks)))
    rows = _most_crucial(tally)
    drawn = np.empty((len(rows), runs), np.int32)
    for first in range(0, runs if rows else 0, portion):
        count = min(portion, runs - first)
        drawn[:, first : first + count] = sampling.again(rows, first, count)
    for row, lengths in zip(rows, drawn, strict=True):
        if lengths.min() == lengths.max() or not tally.critical[sampling.rows[row]]:
            continue  # it varies by risks alone, or was never on the path: what it seems to move is chance
        short, long = np.quantile(lengths, (0.1, 0.9), method="inverted_cdf")
        low, high = float(finishes[lengths <= short].mean()), float(finishes[lengths >= long].mean())
        bars.append(
            Bar(sampling.rows[row], -1, low - mean, high - mean, _correlation(_ranks(lengths), ranks))
        )
    chance_alone = 3 / sqrt(runs)
    bars = [bar for bar in bars if abs(bar.rank_correlation) > chance_alone]
    return sorted(bars, key=lambda bar: (-bar.swing, bar.activity, bar.risk))[:MOST_BARS]


def _most_crucial(tally: Tally) -> list[int]:
    """The rows whose lengths correlate most with the finish."""
    strength = -np.abs(tally.crucialities())
    strongest: list[int] = np.argsort(strength, kind="stable")[:MOST_BARS].tolist()
    return strongest


def _ranks(values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends: npt.NDArray[np.float64] = np.cumsum(counts) - (counts - 1) / 2
    return ends[inverse]


def _correlation(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    x, y = a - a.mean(), b - b.mean()
    scale = sqrt(float((x * x).sum()) * float((y * y).sum()))
    return float((x * y).sum()) / scale if scale else 0.0
