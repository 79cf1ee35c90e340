"""Serial schedule generation on packed profiles: all of a resource's free amounts in one long integer.

Each unit of time has a field of `width` bits: a guard bit, always set, and the free amount below it. One
subtraction compares an amount with every moment at once (the guard of a field survives where enough is
free), one shift and mask looks at a whole activity, and where it does not fit the lost guards of each window,
gathered by doubling, tell the first moment at which it does: Python then does in a few operations on machine
words what a loop over a profile does step by step. (Fields compared in parallel within a word: L. Lamport,
"Multiple byte processing with full-word instructions", CACM 18, 1975.) Gives the same starts as `events`; pays
while the horizon is some thousand units.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from programs.engine.levelling.axis import Axis
from programs.engine.levelling.events import EventGenerator

MOST_BITS = 40_000
"""Beyond so many bits of horizon the profile of events is faster (measured by `benchmarks/levelling.py`)."""


def width_of(axis: Axis) -> int:
    """Bits of a field: the greatest capacity or demand, and the guard."""
    most = max((amount for steps in axis.capacity for _, amount in steps), default=0)
    most = max(most, max((amount for needs in axis.needs for _, amount in needs), default=0))
    return max(most, 1).bit_length() + 1


class PackedGenerator:
    """`EventGenerator` for horizons up to `horizon` units; what runs past it is left to the events."""

    def __init__(self, axis: Axis, horizon: int) -> None:
        self._horizon = horizon
        self._width = width = width_of(axis)
        longest = max((axis.duration[i] for i in axis.movable), default=0)
        self._fields = fields = horizon + longest + 1
        self._whole = whole = ((1 << width * fields) - 1) // ((1 << width) - 1)
        self._guards = whole << (width - 1)
        self._spans = [0 if i in axis.fixed else (1 << width * d) - 1 for i, d in enumerate(axis.duration)]
        everywhere: dict[int, int] = {}
        for needs in axis.needs:
            for _, amount in needs:
                if amount not in everywhere:
                    everywhere[amount] = amount * whole
        self._needs = [
            tuple((k, everywhere[a], everywhere[a] & span) for k, a in needs) if span else ()
            for needs, span in zip(axis.needs, self._spans, strict=True)
        ]
        shifts: dict[int, tuple[int, ...]] = {}
        for length in axis.duration:
            if length not in shifts:
                shifts[length] = tuple(shift * width for shift in _doubled(length))
        self._windows = [shifts[length] for length in axis.duration]
        self._run(axis)

    def turned(self, axis: Axis) -> PackedGenerator:
        """The generator of the mirrored axis: the same work on the same number of fields."""
        other = object.__new__(PackedGenerator)
        other._horizon, other._width, other._fields = self._horizon, self._width, self._fields
        other._whole, other._guards = self._whole, self._guards
        other._spans, other._windows, other._needs = self._spans, self._windows, self._needs
        other._run(axis)
        return other

    def _run(self, axis: Axis) -> None:
        """What depends on the direction of time: links, releases, capacities and what is fixed."""
        self._events = EventGenerator(axis)
        self._fresh = [
            self._guards + _amounts(axis, k, self._width, self._fields) for k in range(len(axis.capacity))
        ]
        self._start = [0] * len(axis.duration)
        for i, (begin, _) in axis.fixed.items():
            self._start[i] = begin
        self._floor = axis.floor
        self._work = list(zip(axis.into, self._spans, self._windows, self._needs, strict=True))

    def decode(self, order: Sequence[int], base: int = 0) -> list[int]:
        """As `EventGenerator.decode`."""
        guards, width, horizon = self._guards, self._width, self._horizon
        work = self._work
        floor = [t if t > base else base for t in self._floor] if base else self._floor
        free = self._fresh[:]
        start = self._start[:]
        for i in order:
            t = floor[i]
            into, span, windows, needs = work[i]
            for p, w in into:
                bound = start[p] + w
                if bound > t:
                    t = bound
            if needs:
                short = guards
                for k, everywhere, _ in needs:
                    short &= free[k] - everywhere
                short = (short ^ guards) >> t * width
                if short & span:  # the first moment with no lost guard in the window that begins there
                    for shift in windows:
                        short |= short >> shift
                    found = guards ^ short
                    t = t + (found & -found).bit_length() // width - 1 if found else horizon + 1
                if t > horizon:
                    return self._events.decode(order, base)
                at = t * width
                for k, _, used in needs:
                    free[k] -= used << at
            start[i] = t
        return start


def _doubled(length: int) -> Iterator[int]:
    """Shifts that, each joined to what was there before, gather a window of `length` fields into its first one."""
    covered = 1
    while covered < length:
        shift = min(covered, length - covered)
        yield shift
        covered += shift


def _amounts(axis: Axis, resource: int, width: int, fields: int) -> int:
    """The free amount of every field; what is fixed may use more than there is: then none is left."""
    change: dict[int, int] = {}  # at a field, by how much the free amount changes there
    before = 0
    for at, (time, amount) in enumerate(axis.capacity[resource]):
        begin = max(time, 0) if at else 0
        change[begin] = change.get(begin, 0) + amount - before
        before = amount
    for i, (begin, end) in axis.fixed.items():
        for k, amount in axis.needs[i]:
            if k == resource and end > max(begin, 0):
                change[max(begin, 0)] = change.get(max(begin, 0), 0) - amount
                change[end] = change.get(end, 0) + amount
    packed = free = 0
    times = sorted(time for time in change if time < fields)
    for at, time in enumerate(times):  # as many fields at a time as have the same amount
        free += change[time]
        run = (times[at + 1] if at + 1 < len(times) else fields) - time
        if free > 0:
            packed |= free * (((1 << width * run) - 1) // ((1 << width) - 1)) << width * time
    return packed
