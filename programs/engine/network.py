"""Order of the activities: every predecessor before its successors, or the loop that makes that impossible."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 20
"""How much of a circle a message spells out; its `path` has all of it."""


class CycleFound(ValueError):
    """Links that run in a circle, so that no activity on it could ever begin.

    `path` holds the activity indices along one such circle in the direction of the links; the first is
    repeated at the end.
    """

    def __init__(self, path: list[int]) -> None:
        ring = " -> ".join(map(str, path if len(path) <= _SHOWN else [*path[:_SHOWN], "...", path[-1]]))
        super().__init__(f"the links run in a circle through {len(path) - 1} activities: {ring}")
        self.path = path


def topological_order(count: int, predecessor: Sequence[int], successor: Sequence[int]) -> list[int]:
    """Indices `0..count-1` ordered so that each link's predecessor comes before its successor.

    `predecessor` and `successor` are parallel, one entry per link. Raises `CycleFound` with one closed path.
    Kahn's method, linear in activities and links; the same input always gives the same order.
    """
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for before, then in zip(predecessor, successor, strict=True):
        after[before].append(then)
        waiting[then] += 1
    order = [i for i in range(count) if not waiting[i]]
    for i in order:  # grows while it is read
        for j in after[i]:
            waiting[j] -= 1
            if not waiting[j]:
                order.append(j)
    if len(order) < count:
        raise CycleFound(_circle(waiting, after))
    return order


def _circle(waiting: list[int], after: list[list[int]]) -> list[int]:
    """A closed path among the activities still waiting: each of them waits for another one of them."""
    before = {j: i for i, left in enumerate(waiting) if left for j in after[i] if waiting[j]}
    here = next(i for i, left in enumerate(waiting) if left)
    seen: dict[int, int] = {}
    walked: list[int] = []
    while here not in seen:
        seen[here] = len(walked)
        walked.append(here)
        here = before[here]
    circle = walked[seen[here] :]
    return [here, *reversed(circle)]
