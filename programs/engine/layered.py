"""A layered drawing of a network: boxes in columns by what they wait for, few crossings, links around the boxes.

After Sugiyama, Tagawa and Toda (1981): longest-path layers, dummies where a link passes a layer, barycentre ordering
swept forth and back with the best order kept, then heights that pull each box level with its neighbours. Pure; whole
numbers and floats of a drawing, no dates.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from programs.engine.network import topological_order

SWEEPS = 12
LEVELLINGS = 8


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each box stands, and through which dummies each link goes.

    `layer` counts columns from 0; `height` is in rows (1 = one box) from 0, boxes of a column at least one apart.
    `routes` has for each link the points between its two boxes as (layer, height); none for neighbours.
    """

    layer: list[int]
    height: list[float]
    routes: list[list[tuple[int, float]]]
    crossings: int

    @property
    def columns(self) -> int:
        return max(self.layer, default=-1) + 1

    @property
    def rows(self) -> float:
        points = [y for route in self.routes for _, y in route]
        return max([*self.height, *points], default=-1.0) + 1


def layers_of(count: int, before: Sequence[int], after: Sequence[int]) -> list[int]:
    """The layer of each box: one behind the last box it waits for; a box that waits for none stands just before
    the first that waits for it. Raises `CycleFound` for links in a circle."""
    layer = [0] * count
    waits, follow = _neighbours(count, before, after)
    order = topological_order(count, before, after)
    for i in order:
        layer[i] = max((layer[j] + 1 for j in waits[i]), default=0)
    for i in reversed(order):
        if not waits[i] and follow[i]:
            layer[i] = min(layer[j] for j in follow[i]) - 1
    return layer


def layout(count: int, before: Sequence[int], after: Sequence[int]) -> Layout:
    """The drawing of a network of `count` boxes with links from `before[k]` to `after[k]`, without circles.

    The same network in the same order gives the same drawing. Raises `CycleFound`.
    """
    layer = layers_of(count, before, after)
    chains, of_layer, pairs = _with_dummies(count, layer, before, after)
    columns: list[list[int]] = [[] for _ in range(max(of_layer, default=-1) + 1)]
    for i, at in enumerate(of_layer):
        columns[at].append(i)
    waits, follow = _neighbours(len(of_layer), [a for a, _ in pairs], [b for _, b in pairs])
    columns, crossings = _ordered(columns, waits, follow)
    height = _heights(columns, waits, follow)
    return Layout(
        layer=layer,
        height=height[:count],
        routes=[[(of_layer[i], height[i]) for i in chain] for chain in chains],
        crossings=crossings,
    )


def _neighbours(
    count: int, before: Sequence[int], after: Sequence[int]
) -> tuple[list[list[int]], list[list[int]]]:
    waits: list[list[int]] = [[] for _ in range(count)]
    follow: list[list[int]] = [[] for _ in range(count)]
    for a, b in zip(before, after, strict=True):
        waits[b].append(a)
        follow[a].append(b)
    return waits, follow


def _with_dummies(
    count: int, layer: list[int], before: Sequence[int], after: Sequence[int]
) -> tuple[list[list[int]], list[int], list[tuple[int, int]]]:
    """The dummies of each link, the layers with them, and links that go from one layer to the next only.

    Links between the same two boxes (of different kinds) share their dummies.
    """
    of_layer = list(layer)
    shared: dict[tuple[int, int], list[int]] = {}
    pairs: list[tuple[int, int]] = []
    chains = []
    for a, b in zip(before, after, strict=True):
        chain = shared.get((a, b))
        if chain is None:
            chain = shared[a, b] = []
            for at in range(layer[a] + 1, layer[b]):
                chain.append(len(of_layer))
                of_layer.append(at)
            pairs += pairwise([a, *chain, b])
        chains.append(chain)
    return chains, of_layer, pairs


def _ordered(
    columns: list[list[int]], waits: list[list[int]], follow: list[list[int]]
) -> tuple[list[list[int]], int]:
    """Columns reordered by the middle of the neighbours, forth and back, and the crossings of the best of them."""
    best = [list(column) for column in columns]
    fewest = _crossings(best, follow)
    now = [list(column) for column in columns]
    for sweep in range(SWEEPS):
        if not fewest:
            break
        forth = sweep % 2 == 0
        steps = range(1, len(now)) if forth else range(len(now) - 2, -1, -1)
        near = waits if forth else follow
        for at in steps:
            place = {i: n for n, i in enumerate(now[at - 1 if forth else at + 1])}
            own = {i: n for n, i in enumerate(now[at])}
            now[at].sort(key=lambda i: (_middle([place[j] for j in near[i]], own[i]), own[i]))
        found = _crossings(now, follow)
        if found < fewest:
            best, fewest = [list(column) for column in now], found
    return best, fewest


def _middle(places: list[int], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _crossings(columns: list[list[int]], follow: list[list[int]]) -> int:
    """Pairs of links between two neighbouring columns that cross."""
    total = 0
    for column, following in pairwise(columns):
        place = {i: n for n, i in enumerate(following)}
        seen: list[int] = []
        for i in column:
            ends = sorted(place[j] for j in follow[i])
            for end in ends:  # links that began above and end below this one
                total += len(seen) - bisect_right(seen, end)
            for end in ends:
                insort(seen, end)
    return total


def _heights(columns: list[list[int]], waits: list[list[int]], follow: list[list[int]]) -> list[float]:
    """A height for everything: in the order of its column, at least one apart, nearly level with its neighbours."""
    count = sum(map(len, columns))
    height = [0.0] * count
    for column in columns:
        for n, i in enumerate(column):
            height[i] = float(n)
    for turn in range(LEVELLINGS):
        forth = turn % 2 == 0
        for column in columns if forth else reversed(columns):
            near = waits if forth else follow
            wanted = [_mean([height[j] for j in near[i]], height[i]) for i in column]
            for i, y in zip(column, _apart(wanted), strict=True):
                height[i] = y
    least = min(height, default=0.0)
    return [y - least for y in height]


def _mean(values: list[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _apart(wanted: list[float]) -> list[float]:
    """The ascending places, one apart at least, that are nearest to the wanted ones (least squares, by blocks)."""
    blocks: list[tuple[float, int]] = []  # mean of (wanted - rank), length
    for n, y in enumerate(wanted):
        mean, length = y - n, 1
        while blocks and blocks[-1][0] > mean:
            other, others = blocks.pop()
            mean, length = (other * others + mean * length) / (others + length), others + length
        blocks.append((mean, length))
    found: list[float] = []
    for mean, length in blocks:
        begin = len(found)
        found += [mean + begin + k for k in range(length)]
    return found
