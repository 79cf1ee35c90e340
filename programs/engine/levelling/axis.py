"""The problem on one axis of whole numbers: what priority rules, generators, bounds and search compute with.

All four kinds of links become the same thing, a least distance between two starts: `start[j] >= start[i] + w`.
Plans on one calendar lie on its work axis, where nights do not exist; plans without calendars lie on their own.
Where several calendars meet, this axis is an estimate that only ranks activities: see `calendars`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd

from programs.engine.levelling.problem import ELAPSED, Infeasible, Levelling, Steps
from programs.engine.network import topological_order
from programs.engine.worktime import BeyondCalendar

Arc = tuple[int, int]
"""An activity and the least distance between the two starts, in units of the axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A problem in units of its own: time zero is the earliest release, a unit the greatest common divisor."""

    duration: list[int]
    needs: list[list[tuple[int, int]]]
    """Per activity, resource and amount; none for work without length."""
    into: list[list[Arc]]
    out_of: list[list[Arc]]
    capacity: list[list[tuple[int, int]]]
    """Per resource, steps; the first at time 0 or before."""
    floor: list[int]
    """Per activity, its earliest start."""
    fixed: dict[int, tuple[int, int]]
    """Start and finish of what stays where it is."""
    order: list[int]
    """Every predecessor before its successors."""
    project: Sequence[int]
    priority: list[int]
    """Per activity, that of its project."""
    origin: int
    unit: int

    @property
    def movable(self) -> list[int]:
        """The activities that a schedule places, in topological order."""
        return [i for i in self.order if i not in self.fixed]


def one_calendar(problem: Levelling) -> bool:
    """Whether all of the plan lies on one axis: no calendars at all, or one that every lag runs on too."""
    if not problem.calendars:
        return True
    used = set(problem.calendar) or {0}
    if problem.lag_calendar and problem.lag:
        used |= {c for c, lag in zip(problem.lag_calendar, problem.lag, strict=True) if lag}
    return len(used) == 1 and ELAPSED not in used


def axis_of(problem: Levelling) -> Axis:
    """The problem on its axis. Raises `CycleFound` for links in a circle and `Infeasible` for a demand above
    every capacity that the resource ever has."""
    count = len(problem.duration)
    order = topological_order(count, problem.predecessor, problem.successor)
    _refuse_what_never_fits(problem)
    at = _clock(problem)
    project = list(problem.project) or [0] * count
    floor = [problem.projects[p].release for p in project]
    for i, release in enumerate(problem.release):
        if release is not None and release > floor[i]:
            floor[i] = release
    floor = [_on(at, i, t) for i, t in enumerate(floor)]
    fixed = {
        i: (_on(at, i, span[0]), _on(at, i, span[1]))
        for i, span in enumerate(problem.fixed)
        if span is not None
    }
    duration = list(problem.duration)
    for i, (begin, end) in fixed.items():
        duration[i] = end - begin
    weights = [_distance(problem, duration, link) for link in range(len(problem.predecessor))]
    capacity = [_steps(steps, at) for steps in problem.capacity]
    starts = [t for i, t in enumerate(floor) if i not in fixed] or [t for t, _ in fixed.values()]
    origin = min(starts, default=0)
    unit = gcd(
        *duration,
        *weights,
        *(t - origin for i, t in enumerate(floor) if i not in fixed),
        *(t - origin for span in fixed.values() for t in span),
        *(t - origin for steps in capacity for t, _ in steps[1:]),
    )
    unit = unit or 1
    into: list[list[Arc]] = [[] for _ in range(count)]
    out_of: list[list[Arc]] = [[] for _ in range(count)]
    longest: dict[tuple[int, int], int] = {}
    for i, j, w in zip(problem.predecessor, problem.successor, weights, strict=True):
        longest[i, j] = max(w, longest.get((i, j), w))
    for (i, j), w in longest.items():
        into[j].append((i, w // unit))
        out_of[i].append((j, w // unit))
    return Axis(
        duration=[d // unit for d in duration],
        needs=[
            [(k, a) for k, a in _summed(needs) if a and duration[i]] for i, needs in enumerate(problem.demand)
        ],
        into=into,
        out_of=out_of,
        capacity=[_shifted(steps, origin, unit) for steps in capacity],
        floor=[(t - origin) // unit for t in floor],
        fixed={i: ((b - origin) // unit, (e - origin) // unit) for i, (b, e) in fixed.items()},
        order=order,
        project=project,
        priority=[problem.projects[p].priority for p in project],
        origin=origin,
        unit=unit,
    )


def mirrored(axis: Axis, end: int) -> Axis:
    """The same problem with time running backwards from `end`: scheduling it early is scheduling late.

    It only orders a forward pass that follows, so releases are left out and the time before the first release
    offers the most that a resource ever has: a backward pass always finds room.
    """
    duration = axis.duration
    into: list[list[Arc]] = [
        [(j, w + duration[j] - duration[i]) for j, w in arcs] for i, arcs in enumerate(axis.out_of)
    ]
    out_of: list[list[Arc]] = [
        [(i, w + duration[j] - duration[i]) for i, w in arcs] for j, arcs in enumerate(axis.into)
    ]
    capacity = []
    for steps in axis.capacity:
        back: list[tuple[int, int]] = []
        until = 0  # the moment before which the amount of the step at hand holds, on the mirrored axis
        for at in range(len(steps) - 1, -1, -1):
            time, amount = steps[at]
            if end - time <= until and at:
                continue
            back.append((until, amount))
            until = end - time
        most = max(amount for _, amount in steps)
        if back[-1][1] != most:
            back.append((max(end, back[-1][0] + 1), most))
        capacity.append(back)
    return Axis(
        duration=duration,
        needs=axis.needs,
        into=into,
        out_of=out_of,
        capacity=capacity,
        floor=[0] * len(duration),
        fixed={i: (end - e, end - b) for i, (b, e) in axis.fixed.items()},
        order=axis.order[::-1],
        project=axis.project,
        priority=axis.priority,
        origin=0,
        unit=1,
    )


def _clock(problem: Levelling) -> Callable[[int], int]:
    """From the problem's times to the axis, before origin and unit: the work done by then, or the time itself."""
    if problem.calendars and one_calendar(problem):
        return problem.calendars[problem.calendar[0] if problem.calendar else 0].work_at
    return int


def _on(at: Callable[[int], int], i: int, time: int) -> int:
    """A time of an activity on the axis."""
    try:
        return at(time)
    except BeyondCalendar as beyond:
        raise Infeasible(f"the calendar of activity {i} has no time left for it: {beyond}", i) from beyond


def _distance(problem: Levelling, duration: list[int], link: int) -> int:
    i, j = problem.predecessor[link], problem.successor[link]
    kind = problem.link_kind[link] if problem.link_kind else 0
    lag = problem.lag[link] if problem.lag else 0
    return lag + (0 if kind & 1 else duration[i]) - (duration[j] if kind > 1 else 0)


def _summed(needs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """An activity's needs, each resource once."""
    total: dict[int, int] = {}
    for k, amount in needs:
        total[k] = total.get(k, 0) + amount
    return list(total.items())


def _steps(steps: Steps, at: Callable[[int], int]) -> list[tuple[int, int]]:
    """Steps on the axis, the first before all others; those of one night fall together, the last of them counts."""
    found: dict[int, int] = {}
    for time, amount in steps[1:]:
        try:
            found[at(time)] = amount
        except BeyondCalendar:  # later than anything can be placed, or before all that is known
            continue
    return [(min(found, default=0) - 1, steps[0][1]), *found.items()]


def _shifted(steps: list[tuple[int, int]], origin: int, unit: int) -> list[tuple[int, int]]:
    """Steps in units from the origin, the first of them moved to it; equal neighbours merged."""
    first = 0
    while first + 1 < len(steps) and steps[first + 1][0] <= origin:
        first += 1
    found = [(0, steps[first][1])]
    for time, amount in steps[first + 1 :]:
        if amount != found[-1][1]:
            found.append(((time - origin) // unit, amount))
    return found


def _refuse_what_never_fits(problem: Levelling) -> None:
    most = [max(amount for _, amount in steps) for steps in problem.capacity]
    for i, needs in enumerate(problem.demand):
        if not problem.duration[i] or (problem.fixed and problem.fixed[i] is not None):
            continue
        for k, amount in _summed(needs):
            if amount > most[k]:
                raise Infeasible(
                    f"activity {i} asks for {amount} of resource {k}, which never has more than {most[k]}",
                    i,
                    k,
                )
