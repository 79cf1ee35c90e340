"""How good levelling is and what it costs: gaps to the best known, schedules generated, seconds.

    python -m benchmarks.levelling [--sets j30,j60,j120,multi] [--seconds 10] [--every 1] [--first 0] [--each]
                                   [--whole] [--how both|at-once|optimise]

Each set twice: at once (priority rules and forward-backward improvement) and optimised for `--seconds` per
instance. J30, J60 and J120 are every 24th (30th) instance starting with the fourth, with `--whole` all of them,
compared with the best known makespan; `multi` are the multi-project instances, compared with what an MS Project
add-on needed. Every schedule is checked by the independent checker. Seconds are CPU time of this process, so that
neighbours on the machine take nothing from the search; the million-step reference loop of `benchmarks.engine`
says how fast it is now.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

from benchmarks.engine import reference
from benchmarks.psplib import Instance, multi_project, psplib, sample
from programs.engine.levelling import Levelled, check, level


def instances(name: str, first: int, every: int, whole: bool) -> Sequence[Instance]:
    """The instances of a set (of its sample, unless `whole`), or every so many of them."""
    if name == "multi":
        return list(multi_project())[first::every]
    return (list(psplib(name)) if whole else sample(name))[first::every]


def loop() -> float:
    """Seconds of CPU that the reference loop takes now, the best of five."""
    times = []
    for _ in range(5):
        began = time.process_time()
        reference()
        times.append(time.process_time() - began)
    return min(times)


def main() -> None:
    """Measures and prints a table in Markdown."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", default="j30,j60,j120,multi")
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--schedules", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="with --every: which one to begin with")
    parser.add_argument("--each", action="store_true", help="a line for each instance as well")
    parser.add_argument("--whole", action="store_true", help="all instances of J30, J60 and J120")
    parser.add_argument("--how", choices=("both", "at-once", "optimise"), default="both")
    options = parser.parse_args()
    print(
        "| set | how | instances | against the known | better / equal / worse | stated gap | proved best | schedules | "
        "s mean | s max | ms per 1,000 activities | reference loop ms |"
    )
    print("| --- | --- " + "| ---: " * 10 + "|", flush=True)
    for name in options.sets.split(","):
        chosen = instances(name, options.first, options.every, options.whole)
        for how, seconds in (("at once", None), (f"optimise {options.seconds:g} s", options.seconds)):
            if options.how == ("optimise" if seconds is None else "at-once"):
                continue
            before = loop()
            results = [_one(instance, seconds, options.schedules, options.each) for instance in chosen]
            print(_row(name, how, chosen, results, min(before, loop())), flush=True)


def _one(instance: Instance, seconds: float | None, schedules: int, tell: bool) -> Levelled:
    result = level(instance.problem, optimise=seconds, schedules=schedules, clock=time.process_time)
    faults = check(instance.problem, result.start, result.finish)
    if faults:
        raise SystemExit(f"{instance.name}: not feasible: {faults[0]}")
    if tell:
        print(
            f"    {instance.name}: {result.value} against {instance.known}, bound {result.bound}, "
            f"{result.generated} schedules, {result.seconds:.2f} s",
            flush=True,
        )
    return result


def _row(
    name: str, how: str, chosen: Sequence[Instance], results: Sequence[Levelled], reference_loop: float
) -> str:
    count = len(chosen)
    gaps = [result.value / instance.known - 1 for instance, result in zip(chosen, results, strict=True)]
    signs = [sum(gap < 0 for gap in gaps), sum(gap == 0 for gap in gaps), sum(gap > 0 for gap in gaps)]
    seconds = [result.seconds for result in results]
    activities = sum(len(instance.problem.duration) for instance in chosen)
    return (
        f"| {name} | {how} | {count} | {sum(gaps) / count:+.2%} | {' / '.join(map(str, signs))} "
        f"| {sum(result.gap for result in results) / count:.2%} | {sum(not result.gap for result in results)} "
        f"| {sum(result.generated for result in results) / count:,.0f} "
        f"| {sum(seconds) / count:.3f} | {max(seconds):.3f} | {1e6 * sum(seconds) / activities:.0f} "
        f"| {reference_loop * 1000:.0f} |"
    )


if __name__ == "__main__":
    main()
