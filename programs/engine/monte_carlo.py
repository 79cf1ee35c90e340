"""Schedule and cost risk by Monte Carlo: the plan scheduled many times with lengths drawn from their ranges.

`simulate` is the door. The same plan, inputs and seed give the same figures to the last digit, whatever the portions
they are computed in. numpy is imported when a simulation is asked for and not before.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from programs.engine.plan import Plan, Rules
from programs.engine.risk_inputs import (
    Cancelled,
    CannotSimulate,
    Correlation,
    Costs,
    Driver,
    Impact,
    RiskEvent,
    Shape,
    Spread,
)
from programs.engine.risk_problems import problems_of
from programs.engine.risk_results import Distribution, Simulation

if TYPE_CHECKING:
    from programs.engine.risk_exact import EachRun
    from programs.engine.risk_network import Network
    from programs.engine.risk_sweep import Sweep

__all__ = [
    "Cancelled",
    "CannotSimulate",
    "Correlation",
    "Costs",
    "Distribution",
    "Driver",
    "Impact",
    "RiskEvent",
    "Shape",
    "Simulation",
    "Spread",
    "simulate",
]

Told = Callable[[int, int], object]
"""Called with the runs done and the runs wanted; False stops the simulation with `Cancelled`."""

_OURS = Rules()
_STEP = 256
_UNKNOWN = (1 << 30, 1 << 30)


def simulate(
    plan: Plan,
    rules: Rules = _OURS,
    *,
    uncertainty: Mapping[int, Spread],
    risks: Sequence[RiskEvent] = (),
    correlation: Correlation | None = None,
    costs: Costs | None = None,
    iterations: int = 1000,
    seed: int = 1,
    keys: Sequence[int] = (),
    progress: Told | None = None,
    portion: int | None = None,
    each_run: bool = False,
) -> Simulation:
    """Distributions of finish and cost of a valid plan whose durations are ranges.

    `uncertainty` gives, by activity, the range of its whole duration in working minutes (of a started one only the
    part that is left varies); what is not in it keeps its duration unless a risk moves it. `keys` are numbers that
    name the activities to the random numbers (their place in the plan where left out): an activity keeps its draws
    when others come and go. `portion` is how many runs are computed at once, for memory; it changes no figure.
    `each_run` schedules every run by itself, as is done anyhow where work is to be done as late as possible.

    Raises `CannotSimulate` with a sentence for each fault of the inputs, `CycleFound` and `BeyondCalendar` as
    `schedule` does (the latter already where the worst case falls past a calendar), `Cancelled` when told to stop.
    """
    problems = problems_of(plan, uncertainty, risks, correlation, costs, iterations, seed)
    if len(keys) not in (0, len(plan.duration)):
        problems.append(f"keys has {len(keys)} entries for {len(plan.duration)} activities")
    if problems:
        raise CannotSimulate(problems)

    import numpy as np

    from programs.engine.risk_exact import EachRun
    from programs.engine.risk_network import needs_full_schedule, prepare
    from programs.engine.risk_report import planned_of, report
    from programs.engine.risk_sampling import Sampling
    from programs.engine.risk_sweep import Sweep
    from programs.engine.risk_tally import Tally

    with _without_collector():
        keys = keys or range(len(plan.duration))
        sampling = Sampling(plan, rules, uncertainty, risks, correlation, costs, seed, keys)
        full = each_run or needs_full_schedule(plan)
        network = prepare(plan, rules, {} if full else sampling.ranges)
        engine: Sweep | EachRun
        if full:
            engine, moving = EachRun(plan, rules, sampling.rows), np.flatnonzero(network.alive)
        else:
            engine = Sweep(network, np.array(sampling.rows, np.int64))
            moves = network.finishes(network.low) != network.finishes(network.high)
            moving = np.flatnonzero(network.alive & moves)
        planned = planned_of(network, rules, full)
        widest = _UNKNOWN if full else _widest(network, sampling.ranges, iterations)
        tally = Tally(
            iterations,
            moving=moving,
            rows=engine.rows,
            keep=network.columns.length == 0,
            planned=planned.places,
            planned_lengths=network.columns.length[sampling.rows],
            planned_finish=planned.finish,
            projects=len(plan.projects),
            risks=len(risks),
            priced=sampling.priced,
            widest=widest,
        )
    portion = portion or _portion(len(network.order), len(network.levels), iterations)
    portion += -portion % _STEP
    for first in range(0, iterations, portion):
        count = min(portion, iterations - first)
        chance = sampling.chance(first, count)
        lengths = sampling.lengths(first, count, chance)
        tally.add(
            first,
            lengths,
            engine.run(lengths),
            chance,
            sampling.costs(first, count, lengths, chance) if sampling.priced else None,
        )
        if progress is not None and progress(first + count, iterations) is False:
            raise Cancelled(f"stopped after {first + count:,} of {iterations:,} runs")
    with _without_collector():
        return report(network, sampling, tally, planned, seed, portion)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Many small objects are made here that all stay: looking for circles among them takes a third longer."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _portion(activities: int, levels: int, iterations: int) -> int:
    """Runs at once: as many as keep a level's dates in the processor's cache, and 128 MB in all."""
    in_cache = (1 << 15) * max(levels, 1) // max(activities, 1)
    return max(min(iterations, 2048, in_cache, (128 << 20) // (16 * max(activities, 1))), _STEP)


def _widest(network: Network, ranges: Mapping[int, tuple[int, int]], iterations: int) -> tuple[int, int]:
    """How far finishes and lengths can lie from what is planned; refuses what does not fit into sums of 64 bits."""
    places = ((network.low, network.planned), (network.high, network.planned))
    finish = max(int(abs(bound - planned).max(initial=0)) for bound, planned in places)
    length = network.columns.length.tolist()
    longest = max((max(abs(a - length[i]), abs(b - length[i])) for i, (a, b) in ranges.items()), default=0)
    if max(finish, longest) ** 2 * iterations >= 1 << 62:
        raise CannotSimulate(["the dates lie too far apart between the shortest and the longest case"])
    return finish, longest
