"""From the tally of all runs to the plain values of `risk_results`."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from programs.engine.critical_path import schedule
from programs.engine.plan import Rules
from programs.engine.risk_clock import Clock, Reader, RowClock
from programs.engine.risk_network import Network
from programs.engine.risk_results import (
    PERCENTS,
    ActivityRisk,
    Bar,
    Distribution,
    RiskOutcome,
    Simulation,
)
from programs.engine.risk_sampling import Sampling
from programs.engine.risk_tally import Tally, distribution

MOST_BARS = 25


@dataclass(frozen=True, slots=True)
class Planned:
    """The plan without uncertainty: finishes on work axes, and project and program finishes in wall minutes."""

    places: list[int]
    projects: list[int]
    finish: int


def planned_of(network: Network, rules: Rules, full: bool) -> Planned:
    """What `schedule` says of the plan; from the network where that is the same."""
    plan = network.plan
    if full:
        result = schedule(plan, rules)
        places = [
            plan.calendars[c].work_at(t) for c, t in zip(plan.calendar, result.early_finish, strict=True)
        ]
        return Planned(places, result.project_finish, result.finish)
    project = plan.project or bytes(len(plan.duration))
    finishes: list[int | None] = [None] * len(plan.projects)
    for i in network.layout.order:
        wall, known = network.wall(i, network.planned[2 * i + 1]), finishes[project[i]]
        finishes[project[i]] = wall if known is None else max(known, wall)
    last = [
        frame.start if finish is None else finish
        for frame, finish in zip(plan.projects, finishes, strict=True)
    ]
    return Planned(network.planned[1::2], last, max(last))


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
        convergence=tally.convergence(min(network.layout.held_from, default=0)),
        cost=distribution(costs, sum(planned_costs)) if sampling.priced else None,
        project_costs=[
            distribution(row, amount) for row, amount in zip(tally.costs, planned_costs, strict=True)
        ]
        if sampling.priced
        else [],
        finishes=tally.finishes.tolist(),
        costs=costs.tolist(),
        notes=list(sampling.notes),
    )


def _activities(network: Network, sampling: Sampling, tally: Tally, planned: Planned) -> list[ActivityRisk]:
    finishes = _finishes(network, tally, planned)
    means, deviations = tally.lengths()
    of_length = {
        i: values
        for i, *values in zip(
            sampling.rows, means.tolist(), deviations.tolist(), tally.crucialities().tolist(), strict=True
        )
    }
    exact = dict(zip(tally.moving, tally.exact().tolist(), strict=True))
    criticality = (tally.critical / tally.iterations).tolist()
    of_finish = _finish_deviations(network, tally)
    length, calendar = network.layout.length, network.plan.calendar
    found = []
    for i in sorted(network.layout.order):
        mean, deviation, cruciality = of_length.get(i) or (float(length[i]), 0.0, 0.0)
        last = of_finish[calendar[i]]
        found.append(
            ActivityRisk(
                activity=i,
                finish=finishes[i],
                exact=exact.get(i, True),
                mean_length=mean,
                length_deviation=deviation,
                criticality=criticality[i],
                cruciality=cruciality,
                sensitivity=criticality[i] * deviation / last if last else 0.0,
            )
        )
    return found


def _finishes(network: Network, tally: Tally, planned: Planned) -> dict[int, Distribution]:
    """Per activity that takes part: on its work axis until here, from here on in dates."""
    found: dict[int, Distribution] = {}
    moving = set(tally.moving)
    for i in network.layout.order:
        if i not in moving:
            date = network.wall(i, planned.places[i])
            found[i] = Distribution(date, date, date, date, date, 0.0, date, 1.0)
    if not moving:
        return found
    means, deviations = tally.moments()
    as_planned = np.array([planned.places[i] for i in tally.moving], np.int32)
    places = np.column_stack((tally.percentiles(PERCENTS), np.rint(means).astype(np.int32), as_planned))
    clock = RowClock(network.plan.calendars, *_span(network, tally, places))
    walls = np.empty_like(places)
    groups: dict[Reader, list[int]] = {}
    for place, i in enumerate(tally.moving):
        groups.setdefault(network.reader(i), []).append(place)
    for reader, own in groups.items():
        walls[own] = clock.read(reader, places[own])
    for i, (p10, p50, p80, p90, mean, date), deviation, confidence in zip(
        tally.moving, walls.tolist(), deviations.tolist(), tally.confidences().tolist(), strict=True
    ):
        found[i] = Distribution(p10, p50, p80, p90, mean, deviation, date, confidence)
    return found


def _span(network: Network, tally: Tally, places: npt.NDArray[np.int32]) -> tuple[int, int]:
    """The earliest and the latest wall minute that any of the places stands for."""
    clock = Clock(network.plan.calendars)
    extremes: dict[int, tuple[int, int]] = {}
    for i, low, high in zip(tally.moving, places.min(1).tolist(), places.max(1).tolist(), strict=True):
        known = extremes.get(network.plan.calendar[i], (low, high))
        extremes[network.plan.calendar[i]] = (min(low, known[0]), max(high, known[1]))
    for calendar, (low, high) in extremes.items():
        clock.read(Reader(calendar, True), low)
        clock.read(Reader(calendar, False), high)
    return clock.low, clock.high


def _finish_deviations(network: Network, tally: Tally) -> dict[int, float]:
    """Per calendar, the standard deviation of the program's finish in its working minutes."""
    finishes = tally.finishes
    clock = RowClock(network.plan.calendars, int(finishes.min()), int(finishes.max()))
    return {
        calendar: float(clock.work_at(calendar, finishes.astype(np.int32)).astype(np.float64).std())
        for calendar in sorted(set(network.plan.calendar))
    }


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
