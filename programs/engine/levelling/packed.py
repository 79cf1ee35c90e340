"""Serial schedule generation on packed profiles: all of a resource's free amounts in one long integer.

Each unit of time has a field of `width` bits: a guard bit, always set, and the free amount below it. One
subtraction compares an amount with every moment at once (the guard of a field survives where enough is
free), one shift and mask looks at a whole activity, and the highest lost guard tells how far to move on:
Python then does in a few operations on machine words what a loop over a profile does step by step. (Fields
compared in parallel within a word: L. Lamport, "Multiple byte processing with full-word instructions", CACM
18, 1975.) Gives the same starts as `events`; pays while the horizon is some thousand units.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        self._events = EventGenerator(axis)
        self._width = width = width_of(axis)
        self._horizon = horizon
        longest = max((axis.duration[i] for i in axis.movable), default=0)
        fields = horizon + longest + 1
        whole = ((1 << width * fields) - 1) // ((1 << width) - 1)
        self._guards = whole << (width - 1)
        self._fresh = [self._guards + _amounts(axis, k, width, fields) for k in range(len(axis.capacity))]
        self._start = [0] * len(axis.duration)
        for i, (begin, _) in axis.fixed.items():
            self._start[i] = begin
        self._floor = axis.floor
        self._work: list[tuple[tuple[tuple[int, int], ...], int, tuple[tuple[int, int, int], ...]]] = []
        for i, length in enumerate(axis.duration):
            if i in axis.fixed:
                self._work.append(((), 0, ()))
                continue
            span = (1 << width * length) - 1
            ones = whole & span
            needs = tuple((k, amount * whole, amount * ones) for k, amount in axis.needs[i])
            self._work.append((tuple(axis.into[i]), span, needs))

    def decode(self, order: Sequence[int], base: int = 0) -> list[int]:
        """As `EventGenerator.decode`."""
        guards, width, horizon = self._guards, self._width, self._horizon
        work = self._work
        floor = [t if t > base else base for t in self._floor] if base else self._floor
        free = self._fresh[:]
        start = self._start[:]
        for i in order:
            t = floor[i]
            into, span, needs = work[i]
            for p, w in into:
                bound = start[p] + w
                if bound > t:
                    t = bound
            if needs:
                short = guards
                for k, everywhere, _ in needs:
                    short &= free[k] - everywhere
                short = (short ^ guards) >> t * width
                lost = short & span
                while lost:
                    skip = lost.bit_length() // width
                    t += skip
                    short >>= skip * width
                    lost = short & span
                if t > horizon:
                    return self._events.decode(order, base)
                at = t * width
                for k, _, used in needs:
                    free[k] -= used << at
            start[i] = t
        return start


def _amounts(axis: Axis, resource: int, width: int, fields: int) -> int:
    """The free amount of every field; what is fixed may use more than there is: then none is left."""
    free = [0] * fields
    for at, (time, amount) in enumerate(axis.capacity[resource]):
        begin = max(time, 0) if at else 0
        free[begin:] = [amount] * (fields - begin)
    for i, (begin, end) in axis.fixed.items():
        for k, amount in axis.needs[i]:
            if k == resource:
                for t in range(max(begin, 0), min(end, fields)):
                    free[t] -= amount
    packed, t = 0, 0
    while t < fields:  # as many fields at a time as have the same amount
        run = t + 1
        while run < fields and free[run] == free[t]:
            run += 1
        if free[t] > 0:
            packed |= free[t] * (((1 << width * (run - t)) - 1) // ((1 << width) - 1)) << width * t
        t = run
    return packed
