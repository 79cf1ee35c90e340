"""Serial schedule generation on profiles of events: cost by steps crossed, whatever the unit of time.

Serial generation scheme: J. E. Kelley, "The critical-path method: resources planning and scheduling", 1963;
R. Kolisch, "Serial and parallel resource-constrained project scheduling methods revisited", EJOR 90 (1996).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from programs.engine.levelling.axis import Axis
from programs.engine.levelling.problem import Infeasible

Profile = tuple[list[int], list[int]]
"""Times at which the free amount of one resource changes, and the amount from each on."""


def fit(profile: Profile, t: int, duration: int, amount: int) -> int | None:
    """The earliest start from `t` on with `amount` free for `duration`; None if there never is."""
    times, free = profile
    y = max(bisect_right(times, t) - 1, 0)
    end, last = t + duration, len(times)
    while True:
        if free[y] < amount:
            y += 1
            if y == last:
                return None
            t = times[y]
            end = t + duration
        else:
            y += 1
            if y == last or times[y] >= end:
                return t


def take(profile: Profile, begin: int, end: int, amount: int) -> None:
    """Use `amount` from `begin` to `end`; a time before the first step belongs to the first step."""
    times, free = profile
    a = bisect_left(times, begin)
    if a == len(times) or times[a] != begin:
        times.insert(a, begin)
        free.insert(a, free[a - 1] if a else free[0])
    b = bisect_left(times, end, a)
    if b == len(times) or times[b] != end:
        times.insert(b, end)
        free.insert(b, free[b - 1])
    for z in range(a, b):
        free[z] -= amount


class EventGenerator:
    """Turns an order of activities into the earliest feasible starts, one activity after the other."""

    def __init__(self, axis: Axis) -> None:
        self._axis = axis
        self._start = [0] * len(axis.duration)
        self._fresh: list[Profile] = [
            ([t for t, _ in steps], [a for _, a in steps]) for steps in axis.capacity
        ]
        for i, (begin, end) in axis.fixed.items():
            self._start[i] = begin
            for k, amount in axis.needs[i]:
                take(self._fresh[k], begin, end, amount)

    def decode(self, order: Sequence[int], base: int = 0) -> list[int]:
        """Starts of all activities, none before `base`; `order` holds every movable one, predecessors first.

        Raises `Infeasible` where a resource never again has enough for as long as it takes.
        """
        axis = self._axis
        duration, needs, into, floor = axis.duration, axis.needs, axis.into, axis.floor
        profiles = [(times[:], free[:]) for times, free in self._fresh]
        start = self._start[:]
        for i in order:
            t = floor[i]
            if t < base:
                t = base
            for p, w in into[i]:
                bound = start[p] + w
                if bound > t:
                    t = bound
            wanted = needs[i]
            if wanted:
                d = duration[i]
                agreed, at = 0, 0
                while agreed < len(
                    wanted
                ):  # until every resource agrees with the moment that the last one found
                    k, amount = wanted[at]
                    s = fit(profiles[k], t, d, amount)
                    if s is None:
                        raise Infeasible(
                            f"resource {k} never again has {amount} for as long as activity {i} takes", i, k
                        )
                    agreed = agreed + 1 if s == t else 1
                    t = s
                    at = at + 1 if at + 1 < len(wanted) else 0
                for k, amount in wanted:
                    take(profiles[k], t, t + d, amount)
            start[i] = t
        return start
