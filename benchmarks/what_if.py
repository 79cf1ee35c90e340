"""How long a what-if takes, difference included, as multiples of a fixed loop and of scheduling the whole plan.

    python -m benchmarks.what_if [--size 10000] [--batches 24]
    python -m benchmarks.what_if --simulate [--size 5000] [--runs 10000] [--repeat 3]

The plans are those of `benchmarks.engine`: five calendars, and the same in progress. Each batch is another draw of 50
edits, each measured once; the fixed loop and the whole schedule are measured between them. CPU time, medians.

With `--simulate`: what a worker does for a change request whose plan has a kept simulation, the database apart:
50 durations anywhere are tried out, then the plan after them is simulated with the ranges of `benchmarks.monte_carlo`.
"""

from __future__ import annotations

import argparse
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.engine import cpu_ms, in_progress, reference, synthetic
from benchmarks.monte_carlo import ranges
from programs.engine import Edits, NewLink, Plan, Scheduled, schedule, what_if
from programs.engine.edits import ActivityFields
from programs.engine.monte_carlo import simulate

SIZE, BATCHES = 10_000, 24


@dataclass
class Draw:
    """Batches of edits of one plan, at random; the same ones each time."""

    base: Scheduled
    draw: random.Random

    def __post_init__(self) -> None:
        """Who may be edited: what is not finished, and of that what has room to move in."""
        plan, result = self.base.plan, self.base.schedule
        ended = plan.actual_finish or [None] * len(plan.duration)
        self.open = [i for i, date in enumerate(ended) if date is None]
        self.loose = [i for i in self.open if result.total_float[i] > 4800]

    def longer(self, among: list[int], count: int) -> dict[int, ActivityFields]:
        """A day more for some."""
        plan, edits = self.base.plan, {}
        for i in self.draw.sample(among, count):
            edits[i] = ActivityFields(duration=plan.duration[i] + 480)
            if plan.remaining and (left := plan.remaining[i]) is not None:
                edits[i]["remaining"] = left + 480
        return edits

    def within_float(self) -> Edits:
        """50 activities a day longer, none of which alone moves the finish."""
        return Edits(self.longer(self.loose, 50))

    def anywhere(self) -> Edits:
        """50 activities a day longer, critical ones among them: as a rule the finish moves."""
        return Edits(self.longer(self.open, 50))

    def mixed(self) -> Edits:
        """20 longer, 3 new, 5 taken out, 10 new links, 12 links taken out."""
        plan, result = self.base.plan, self.base.schedule
        longer = self.longer(self.loose, 20)
        links: list[NewLink] = []
        while len(links) < 10:
            i, j = self.draw.sample(self.loose, 2)
            if result.early_finish[i] < result.early_start[j]:
                links.append(NewLink(i, j))
        busy = {*longer, *[i for link in links for i in (link.predecessor, link.successor)]}
        project = plan.project[self.loose[0]]
        return Edits(
            longer,
            added=[{"duration": 960, "calendar": 0, "project": project}] * 3,
            removed=self.draw.sample([i for i in self.loose if i not in busy], 5),
            added_links=links,
            removed_links=self.draw.sample(range(len(plan.predecessor)), 12),
        )


def rows(name: str, plan: Plan, batches: int) -> list[str]:
    """A line of the table for each kind of batch."""
    base = Scheduled.of(plan)
    draw = Draw(base, random.Random(3))  # noqa: S311 (edits, not a secret)
    kinds: list[tuple[str, Callable[[], Edits]]] = [
        ("50 durations within float", draw.within_float),
        ("50 mixed edits", draw.mixed),
        ("50 durations anywhere", draw.anywhere),
    ]
    times: dict[str, list[float]] = {kind: [] for kind, _ in kinds}
    differ: dict[str, list[int]] = {kind: [] for kind, _ in kinds}
    loops, wholes = [], []
    for _ in range(batches):
        loops.append(cpu_ms(reference))
        wholes.append(cpu_ms(lambda: schedule(plan)))
        for kind, batch in kinds:
            edits = batch()
            times[kind].append(cpu_ms(lambda edits=edits: what_if(base, edits)))
            differ[kind].append(sum(1 for _ in what_if(base, edits).difference.changes()))
    loop, whole = statistics.median(loops), statistics.median(wholes)
    lines = []
    for kind, _ in kinds:
        spent = statistics.median(times[kind])
        lines.append(
            f"| {len(plan.duration):,} | {name}: {kind} | {statistics.median(differ[kind]):,.0f} | {spent:.1f}"
            f" | {spent / loop:.2f} | {spent / whole:.2f} |"
        )
    lines.append(f"| | {name}: `schedule`, the whole plan | | {whole:.1f} | {whole / loop:.2f} | 1 |")
    lines.append(f"| | the fixed loop | | {loop:.1f} | 1 | |")
    return lines


def table(size: int, batches: int) -> list[str]:
    """The whole table."""
    plan = synthetic(size)
    return [
        "| activities | what | activities that differ | CPU ms | x fixed loop | x whole plan |",
        "| ---: | --- | ---: | ---: | ---: | ---: |",
        *rows("planned", plan, batches),
        *rows("in progress", in_progress(plan, schedule(plan)), batches),
    ]


def simulated(size: int, runs: int, repeat: int) -> list[str]:
    """The line for a simulated change: a what-if and the simulation of its plan."""
    plan = synthetic(size)
    base = Scheduled.of(plan)
    draw = Draw(base, random.Random(3))  # noqa: S311 (edits, not a secret)
    tried, took, loops = [], [], []
    for _ in range(repeat):
        edits = draw.anywhere()
        loops.append(cpu_ms(reference))
        tried.append(cpu_ms(lambda edits=edits: what_if(base, edits)))
        after = what_if(base, edits).edited.compact()
        took.append(cpu_ms(lambda after=after: simulate(after, uncertainty=ranges(after), iterations=runs)))
    loop, once = statistics.median(loops), statistics.median(tried)
    spent = statistics.median(took) + once
    return [
        "| activities | runs | of it the what-if, CPU ms | CPU s | x fixed loop | fixed loop ms |",
        "| ---: | ---: | ---: | ---: | ---: | ---: |",
        f"| {size:,} | {runs:,} | {once:.0f} | {spent / 1000:.2f} | {spent / loop:.0f} | {loop:.0f} |",
    ]


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--size", type=int)
    options.add_argument("--batches", type=int, default=BATCHES)
    options.add_argument("--simulate", action="store_true")
    options.add_argument("--runs", type=int, default=10_000)
    options.add_argument("--repeat", type=int, default=3)
    given = options.parse_args()
    if given.simulate:
        print("\n".join(simulated(given.size or 5_000, given.runs, given.repeat)))
    else:
        print("\n".join(table(given.size or SIZE, given.batches)))


if __name__ == "__main__":
    main()
