"""Schedules on one axis, and forward-backward improvement: everything late, then everything early again.

K. Y. Li, R. J. Willis, "An iterative scheduling technique for resource-constrained project scheduling", EJOR 56
(1992); V. Valls, F. Ballestin, S. Quintanilla, "Justification and RCPSP: a technique that pays", EJOR 165 (2005).
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import add
from typing import Protocol

from programs.engine.levelling.axis import Axis, mirrored
from programs.engine.levelling.events import EventGenerator
from programs.engine.levelling.packed import MOST_BITS, PackedGenerator, width_of
from programs.engine.levelling.rules import Rule, heads, order_by, values


class Generator(Protocol):
    """Places every movable activity of an order (predecessors first) at its earliest feasible start."""

    def decode(self, order: Sequence[int], base: int = 0) -> list[int]:
        """Starts of all activities, in units of the axis."""


class Placer:
    """Schedules of one problem on one axis, and how many have been generated. Starts are units of the axis."""

    def __init__(self, axis: Axis) -> None:
        self.axis = axis
        self.generated = 0
        self.movable = axis.movable
        self._rank = [0] * len(axis.duration)
        for at, i in enumerate(axis.order):
            self._rank[i] = at
        self._forward: Generator = EventGenerator(axis)
        self._backward: Generator | None = None
        self._turned: Axis | None = None
        self._end = 0
        # Sorting by starts (backwards by finishes) keeps predecessors first unless a link lets work overlap.
        arcs = [(i, j, w) for i, out in enumerate(axis.out_of) for j, w in out]
        self._sorted_forward = all(w >= 0 for _, _, w in arcs)
        self._sorted_backward = all(w + axis.duration[j] >= axis.duration[i] for i, j, w in arcs)

    def finish(self, start: Sequence[int]) -> int:
        """The last finish."""
        return max(map(add, start, self.axis.duration), default=0)

    def finishes(self, start: Sequence[int]) -> list[int]:
        """Every finish."""
        return list(map(add, start, self.axis.duration))

    def unlimited(self) -> list[int]:
        """Starts if resources were free for the asking: the critical path's early dates."""
        return heads(self.axis)

    def ready(self, start: Sequence[int]) -> list[int]:
        """Per activity, when its release and its predecessors in this schedule let it begin."""
        axis = self.axis
        return [
            start[i]
            if i in axis.fixed
            else max(axis.floor[i], max((start[p] + w for p, w in axis.into[i]), default=axis.floor[i]))
            for i in range(len(start))
        ]

    def driver(self, i: int, start: Sequence[int]) -> int:
        """The predecessor that holds an activity longest, -1 for none."""
        return max(self.axis.into[i], key=lambda arc: start[arc[0]] + arc[1], default=(-1, 0))[0]

    def first(self, rule: Rule = Rule.LFT) -> list[int]:
        """One pass by a priority rule. Raises `Infeasible`."""
        return self.decode(order_by(self.axis, values(self.axis, rule)))

    def decode(self, order: Sequence[int]) -> list[int]:
        """One schedule. Raises `Infeasible`."""
        self.generated += 1
        return self._forward.decode(order)

    def order_of(self, start: Sequence[int]) -> list[int]:
        """The movable activities by start, predecessors first."""
        count = len(start)
        key = [s * count + r for s, r in zip(start, self._rank, strict=True)]
        if self._sorted_forward:
            return sorted(self.movable, key=key.__getitem__)
        return order_by(self.axis, key, priorities=False)

    def prepare(self, finish: int) -> None:
        """Make ready for plans about so long."""
        self._end = finish + finish // 4 + 1
        self._turned = mirrored(self.axis, self._end)
        if self._end * width_of(self.axis) <= MOST_BITS:
            packed = PackedGenerator(self.axis, self._end)
            self._forward, self._backward = packed, packed.turned(self._turned)
        else:
            self._backward = EventGenerator(self._turned)

    def justify(self, start: Sequence[int]) -> list[int]:
        """Everything as late as the last finish allows, the last finishers first, and then early again."""
        return self.decode(self.order_of(self.late(start)))

    def late(self, start: Sequence[int]) -> list[int]:
        """Everything as late as the last finish allows, served by finish, the last first."""
        finish = self.finish(start)
        if self._backward is None or finish > self._end:
            self.prepare(finish)
        if self._backward is None or self._turned is None:
            raise AssertionError("prepare makes a backward generator")
        count, duration, end = len(start), self.axis.duration, self._end
        key = [(s + d) * count + r for s, d, r in zip(start, duration, self._rank, strict=True)]
        if self._sorted_backward:
            order = sorted(self.movable, key=key.__getitem__, reverse=True)
        else:
            order = order_by(self._turned, [-value for value in key], priorities=False)
        self.generated += 1
        back = self._backward.decode(order, end - finish)
        return [end - s - d for s, d in zip(back, duration, strict=True)]

    def improve(self, start: list[int], rounds: int = 50) -> list[int]:
        """Forward-backward improvement until it no longer shortens the plan."""
        finish = self.finish(start)
        for _ in range(rounds):
            again = self.justify(start)
            sooner = self.finish(again)
            if sooner >= finish:
                break
            start, finish = again, sooner
        return start
