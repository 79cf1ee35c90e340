"""How long the schedule engine takes, as multiples of a fixed loop in plain Python measured in the same run.

    python -m benchmarks.engine [--sizes 1000,10000,100000] [--repeat 5] [--no-what-if]

The programs are synthetic and always the same (fixed seed): component projects of about a hundred activities,
two links per activity of all four kinds with lags and leads, five calendars with holidays, a tenth of the
links between projects and about as many between calendars, numbers shuffled. Variants per size: one calendar;
five; the same with constraints and a status date in the middle; `validate` alone; the calendars alone; the passes
alone compiled from C, where there is a compiler; and `benchmarks.what_if`. CPU time of this process; medians of
interleaved repetitions.
Milliseconds are for orientation, ratios for comparison.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from benchmarks.c_limit import kernel
from programs.engine import (
    Constraint,
    LinkKind,
    Plan,
    Project,
    Schedule,
    Shift,
    WorkCalendar,
    schedule,
    validate,
)
from programs.engine.critical_path import SWEPT_FROM

REFERENCE_STEPS = 1_000_000
FIRST, LAST = date(2026, 1, 5), date(2041, 12, 31)
ORIGIN = FIRST.toordinal() - date(1970, 1, 1).toordinal()

_EIGHT: list[Shift] = [(480, 720), (780, 1020)]
_TEN: list[Shift] = [(420, 720), (780, 1080)]
_FOUR_TENS: list[Shift] = [(420, 720), (750, 1050)]
_WEEKS: list[tuple[list[list[Shift]], int, list[tuple[int, int]]]] = [
    (
        [_EIGHT] * 5 + [[], []],
        480,
        [(1, 1), (5, 1), (7, 4), (11, 11), (12, 24), (12, 25), (12, 26), (12, 31)],
    ),
    (
        [_EIGHT] * 5 + [[], []],
        480,
        [(1, 1), (1, 6), (4, 25), (6, 2), *[(8, d) for d in range(8, 20)], (12, 25)],
    ),
    ([_TEN] * 6 + [[]], 600, [(1, 1), (12, 25), (12, 26)]),
    ([[(0, 1440)]] * 7, 1440, []),
    ([_FOUR_TENS] * 4 + [[], [], []], 600, [(1, 1), (7, 1), (12, 25)]),
]
"""Week, nominal minutes per day, holidays as month and day."""


def reference() -> int:
    """A million additions and comparisons over a list: the speed of plain Python on this machine, now."""
    numbers = list(range(1000))
    best = 0
    for _ in range(REFERENCE_STEPS // 1000):
        for number in numbers:
            total = number + best
            if total > 1_000_000:
                best = 0
    return best


def calendars() -> list[WorkCalendar]:
    """Five calendars over sixteen years."""
    built = []
    for week, _, holidays in _WEEKS:
        closed: dict[date, list[Shift]] = {
            date(year, month, day): [] for year in range(FIRST.year, LAST.year + 1) for month, day in holidays
        }
        built.append(WorkCalendar.weekly(week, closed, first=FIRST, last=LAST))
    return built


def synthetic(count: int, seed: int = 7, *, one_calendar: bool = False) -> Plan:
    """A program of `count` activities."""
    draw = random.Random(seed)  # noqa: S311 (a plan, not a secret)
    projects = max(1, count // 100)
    project = [min(i * projects // count, projects - 1) for i in range(count)]
    first: dict[int, int] = {}
    for i, p in enumerate(project):
        first.setdefault(p, i)
    begins = sorted(draw.randrange(3 * 365) for _ in range(projects))
    begins[0] = 0
    own = [draw.choices([0, 1, 2, 4], [55, 20, 15, 10])[0] for _ in range(projects)]
    calendar = [0 if one_calendar else own[p] if draw.random() > 0.08 else draw.randrange(5) for p in project]
    duration = []
    for c in calendar:
        days = min(max(round(draw.lognormvariate(1.6, 0.8)), 1), 40)
        minutes = days * _WEEKS[c][1]
        roll = draw.random()
        duration.append(0 if roll < 0.04 else minutes // 2 if roll < 0.14 else minutes)
    pairs = _pairs(draw, project, first, begins, calendar, duration)
    number = list(range(count))
    draw.shuffle(number)
    draw.shuffle(pairs)
    place = sorted(range(count), key=number.__getitem__)
    kinds = draw.choices(list(LinkKind), [82, 9, 8, 1], k=len(pairs))
    lags = [480 * draw.choices([0, draw.randrange(1, 6), -1], [75, 20, 5])[0] for _ in pairs]
    held = [i - first[project[i]] < 3 for i in range(count)]
    return Plan(
        calendars=calendars(),
        projects=[Project(start=(ORIGIN + day) * 1440 + 480) for day in begins],
        calendar=[calendar[i] for i in place],
        duration=[duration[i] for i in place],
        project=[project[i] for i in place],
        constraint=[Constraint.START_NO_EARLIER_THAN if held[i] else 0 for i in place],
        constraint_date=[(ORIGIN + begins[project[i]]) * 1440 + 480 if held[i] else None for i in place],
        predecessor=[number[i] for i, _ in pairs],
        successor=[number[j] for _, j in pairs],
        link_kind=kinds,
        lag=lags,
    )


def _pairs(
    draw: random.Random,
    project: list[int],
    first: dict[int, int],
    begins: list[int],
    calendar: list[int],
    duration: list[int],
) -> list[tuple[int, int]]:
    """Links within a project among the twelve activities before, then across projects about where they end."""
    count = len(project)
    pairs: set[tuple[int, int]] = set()
    into: list[list[int]] = [[] for _ in range(count)]
    for j in range(count):
        before = j - first[project[j]]
        if before >= 3:
            want = min(draw.choices([1, 2, 3], [25, 53, 22])[0], before)
            into[j] = [j - back for back in draw.sample(range(1, min(before, 12) + 1), want)]
            pairs.update((i, j) for i in into[j])
    end: list[float] = []
    for j in range(count):
        start = max([float(begins[project[j]]), *[end[i] for i in into[j]]])
        end.append(start + duration[j] / _WEEKS[calendar[j]][1] * 1.45)
    by_end = sorted(range(count), key=end.__getitem__)
    place = {i: k for k, i in enumerate(by_end)}
    wanted = 2 * count
    for _ in range(20 * count):
        if len(pairs) >= wanted or len(first) == 1:
            break
        j = draw.randrange(first[1], count)
        i = by_end[max(0, place[j] - draw.randrange(1, max(2, count // 20)))]
        if project[i] < project[j]:
            pairs.add((i, j))
    return sorted(pairs)


def in_progress(plan: Plan, result: Schedule) -> Plan:
    """The same plan with a status date in the middle: what lies before it has happened, as planned."""
    now = sorted(result.early_finish)[len(result.early_finish) // 2]
    begun = [start if start < now else None for start in result.early_start]
    ended = [finish if finish <= now else None for finish in result.early_finish]
    draw = random.Random(11)  # noqa: S311 (a plan, not a secret)
    late = [Constraint.FINISH_NO_LATER_THAN if draw.random() < 0.05 else 0 for _ in begun]
    return replace(
        plan,
        projects=[replace(project, status_date=now) for project in plan.projects],
        second_constraint=late,
        second_constraint_date=[d if c else None for c, d in zip(late, result.late_finish, strict=True)],
        actual_start=begun,
        actual_finish=[None if b is None else e for b, e in zip(begun, ended, strict=True)],
        remaining=[None if b is None else d // 2 for b, d in zip(begun, plan.duration, strict=True)],
    )


def cpu_ms(work: Callable[[], object]) -> float:
    """CPU milliseconds of this process for one call."""
    begun = time.process_time()
    work()
    return (time.process_time() - begun) * 1000


Row = tuple[str, Plan, Callable[[], object]]

QUOTED = {
    "MPXJ's P6 scheduler, warm": {1000: 150, 10_000: 900, 100_000: 5460},
    "TaskJuggler 3.7": {1000: 4100, 10_000: 52_900},
    "networkx, graph included": {1000: 32, 10_000: 423, 100_000: 5770},
    "C passes with five calendars": {1000: 0.1, 10_000: 1.07, 100_000: 9.6},
}
"""CPU milliseconds that our study measured on such a machine when it was quiet, on programs made in the same way; not
measured in this run."""


def passes(size: int) -> list[Row]:
    """The critical path: rows in, dates, floats, path, reasons and findings out."""
    single, several = synthetic(size, one_calendar=True), synthetic(size)
    progressed = in_progress(several, schedule(several))
    rows: list[Row] = []
    for name, plan in (("one calendar", single), ("five calendars", several), ("progress", progressed)):
        rows.append((name, plan, partial(schedule, plan)))
        if len(plan.duration) >= SWEPT_FROM:
            rows.append((f"{name}, plain passes", plan, partial(schedule, plan, sweep=False)))
    rows.append(("validate only", progressed, partial(validate, progressed)))
    rows.append(("calendars, 16 years", several, calendars))
    compiled = kernel(single)
    if compiled is not None:
        rows.append(("C limit, passes alone", single, compiled))
    return rows


TABLES: list[Callable[[int], list[Row]]] = [passes]
"""What is measured at each size; further parts of the engine add theirs here."""


def main() -> None:
    """Print a table of milliseconds and ratios."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--sizes", default="1000,10000,100000")
    options.add_argument("--repeat", type=int, default=5)
    options.add_argument("--no-what-if", action="store_true")
    given = options.parse_args()
    print(
        f"Fixed loop: {REFERENCE_STEPS:,} steps of plain Python; median CPU of {given.repeat} interleaved runs\n"
    )
    print("| activities | links | what | CPU ms | x fixed loop | us per activity |")
    print("| ---: | ---: | --- | ---: | ---: | ---: |")
    for size in map(int, given.sizes.split(",")):
        rows = [row for table in TABLES for row in table(size)]
        times: dict[str, list[float]] = {name: [] for name, _, _ in rows}
        references = []
        for _ in range(given.repeat):
            references.append(cpu_ms(reference))
            for name, _, work in rows:
                times[name].append(cpu_ms(work))
        unit = statistics.median(references)
        for name, plan, _ in rows:
            spent = statistics.median(times[name])
            print(
                f"| {size:,} | {len(plan.predecessor):,} | {name} | {spent:.1f} | {spent / unit:.2f}"
                f" | {spent * 1000 / size:.1f} |"
            )
        for name, known in QUOTED.items():
            if size in known:
                print(
                    f"| {size:,} | | (quoted) {name} | {known[size]:,.1f} | | {known[size] * 1000 / size:.1f} |"
                )
        print(f"| | | the fixed loop | {unit:.1f} | 1 | |")
    if not given.no_what_if:
        from benchmarks import what_if  # it builds its plans with this module

        print(f"\nWhat-if, difference included; medians of {what_if.BATCHES} different batches\n")
        print("\n".join(what_if.table(what_if.SIZE, what_if.BATCHES)))


if __name__ == "__main__":
    main()
