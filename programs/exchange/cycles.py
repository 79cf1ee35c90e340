"""Circles in a draft's dependencies, the WBS tree counted in: a group starts before and ends after what is in it."""

from __future__ import annotations

from collections.abc import Iterator

from .draft import SUMMARY, Draft

MOST = 20
"""Circles reported; when these are undone, others may appear."""


def cycles(draft: Draft) -> list[list[tuple[str, str]]]:
    """Up to `MOST` circles, disjoint, each as (project, activity) codes in the order of the links.

    Linear in activities and links. Links to unknown activities must have been dropped.
    """
    index = {(a.project, a.code): i for i, a in enumerate(draft.activities)}
    count = len(index)
    # Two nodes per activity, its beginning 2i and its end 2i + 1; for what is not a group they are one node.
    enter = [2 * i for i in range(count)]
    leave = [2 * i + (a.kind == SUMMARY) for i, a in enumerate(draft.activities)]
    edges: list[list[int]] = [[] for _ in range(2 * count)]
    for i, activity in enumerate(draft.activities):
        if activity.kind == SUMMARY:
            edges[enter[i]].append(leave[i])
        if activity.parent:
            group = index[(activity.project, activity.parent)]
            edges[enter[group]].append(enter[i])
            edges[leave[i]].append(leave[group])
    for link in draft.dependencies:
        source, target = (
            index[(link.from_project, link.from_activity)],
            index[(link.to_project, link.to_activity)],
        )
        edges[leave[source]].append(enter[target])
    found: list[list[tuple[str, str]]] = []
    for circle in _circles(edges):
        path: list[tuple[str, str]] = []
        first = circle.index(min(circle))  # told from the activity that comes first in the file
        for node in circle[first:] + circle[:first]:
            activity = draft.activities[node // 2]
            if not path or path[-1] != (activity.project, activity.code):
                path.append((activity.project, activity.code))
        if len(path) > 1 and path[0] == path[-1]:
            path.pop()
        found.append(path)
        if len(found) == MOST:
            break
    return found


def _circles(edges: list[list[int]]) -> Iterator[list[int]]:
    """Disjoint circles among the nodes that remain when all that can be ordered is taken away; one at least if any."""
    waits = [0] * len(edges)
    for targets in edges:
        for target in targets:
            waits[target] += 1
    ready = [node for node, number in enumerate(waits) if number == 0]
    while ready:
        for target in edges[ready.pop()]:
            waits[target] -= 1
            if waits[target] == 0:
                ready.append(target)
    # Every node left waits for another one left: walking backwards from any of them must come round.
    before = {
        target: node
        for node, targets in enumerate(edges)
        if waits[node]
        for target in targets
        if waits[target]
    }
    walked: dict[int, int] = {}
    for start in before:
        walk: list[int] = []
        node = start
        while node not in walked:
            walked[node] = start
            walk.append(node)
            node = before[node]
        if walked[node] == start and walk:
            yield walk[walk.index(node) :][::-1]
