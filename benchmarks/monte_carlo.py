"""How long a simulation takes, beside one schedule of the same plan and a fixed loop, measured in the same run.

    python -m benchmarks.monte_carlo [--sizes 1000,10000] [--runs 1000,10000] [--repeat 3]

The programs are those of `benchmarks.engine` (five calendars, all kinds of links, lags); every task has a beta-PERT
range of its own, from 70-100 % to 105-180 % of its planned duration. Criticality, cruciality, percentiles of every
activity, the tornado and convergence are all in it. CPU time of this process, medians, of the loop before and after
each simulation; peak memory of the process, so the largest case decides it. Ratios are for comparison, seconds for
orientation.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
from functools import partial

from benchmarks.engine import cpu_ms, reference, synthetic
from programs.engine import Plan, schedule
from programs.engine.monte_carlo import Spread, simulate


def ranges(plan: Plan, seed: int = 11) -> dict[int, Spread]:
    """A range around every duration."""
    draw = random.Random(seed)  # noqa: S311 (a plan, not a secret)
    return {
        i: Spread.pert(minutes * draw.uniform(0.7, 1), minutes, minutes * draw.uniform(1.05, 1.8))
        for i, minutes in enumerate(plan.duration)
        if minutes
    }


def main() -> None:
    """Print a table of seconds, ratios and memory."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--sizes", default="1000,10000")
    options.add_argument("--runs", default="1000,10000")
    options.add_argument("--repeat", type=int, default=3)
    given = options.parse_args()
    print("| activities | runs | CPU s | x one schedule | x fixed loop | fixed loop ms | peak MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for size in map(int, given.sizes.split(",")):
        plan = synthetic(size)
        uncertain = ranges(plan)
        schedule(plan)
        for runs in map(int, given.runs.split(",")):
            loop, once, took = [], [], []
            one = partial(simulate, plan, uncertainty=uncertain, iterations=runs)
            for _ in range(given.repeat):
                loop.append(cpu_ms(reference))
                once.append(cpu_ms(partial(schedule, plan)))
                took.append(cpu_ms(one))
                loop.append(cpu_ms(reference))
            middle, fixed = statistics.median(took), statistics.median(loop)
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
                1 if sys.platform == "darwin" else 1024
            )
            print(
                f"| {size:,} | {runs:,} | {middle / 1000:.2f} | {middle / statistics.median(once):.1f} "
                f"| {middle / fixed:.0f} | {fixed:.0f} | {memory:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
