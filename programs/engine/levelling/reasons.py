"""Why an activity begins later than its links alone would let it: which resource, when, and who has it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Working = Callable[[int, int], bool]
"""Whether an activity that has begun and not ended is at work at an instant."""


@dataclass(frozen=True, slots=True)
class Delay:
    """One activity that levelling has moved, in the problem's own times."""

    activity: int
    earliest: int
    """Where it would begin if resources were free for the asking."""
    start: int
    resource: int = -1
    """What it waits for; -1: only for a predecessor that was moved itself."""
    since: int = 0
    """From when on its predecessors would let it begin; it waits for the resource from here to its start."""
    holders: tuple[int, ...] = ()
    """Who uses the resource in the last moment before it begins."""
    predecessor: int = -1
    """Which moved predecessor it waits for, where it is not a resource."""


def waits(
    questions: Sequence[tuple[int, int]],
    demand: Sequence[Sequence[tuple[int, int]]],
    capacity: Sequence[Sequence[tuple[int, int]]],
    start: Sequence[int],
    finish: Sequence[int],
    working: Working | None,
) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Per activity asked about, the resource that is short at the instant given with it, and who has it then.

    `demand` names each resource once per activity. `questions` are pairs of an activity and an instant just
    before its start. `working` None: what has begun and not ended is at work. An activity for which nothing is
    short is left out.
    """
    by_resource: list[list[tuple[int, int, int]]] = [[] for _ in capacity]
    for i, instant in questions:
        for k, amount in demand[i]:
            by_resource[k].append((instant, i, amount))
    users: list[list[tuple[int, int, int]]] = [[] for _ in capacity]
    for i, needs in enumerate(demand):
        for k, amount in needs:
            if finish[i] > start[i]:
                users[k].append((start[i], i, amount))
    found: dict[int, tuple[int, tuple[int, ...]]] = {}
    for k, steps in enumerate(capacity):
        queue = sorted(users[k], reverse=True)
        active: list[tuple[int, int, int]] = []
        step = in_use = 0
        for instant, i, amount in sorted(by_resource[k]):
            while queue and queue[-1][0] <= instant:
                _, j, used = queue.pop()
                heapq.heappush(active, (finish[j], j, used))
                in_use += used
            while active and active[0][0] <= instant:
                in_use -= heapq.heappop(active)[2]
            while step + 1 < len(steps) and steps[step + 1][0] <= instant:
                step += 1
            if (
                in_use + amount <= steps[step][1] or i in found
            ):  # nor is it short where some do not work just now
                continue
            others = [
                (j, used) for _, j, used in active if j != i and (working is None or working(j, instant))
            ]
            if sum(used for _, used in others) + amount > steps[step][1]:
                found[i] = (k, tuple(sorted(j for j, _ in others)))
    return found
