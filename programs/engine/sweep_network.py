"""The network of a large plan by levels: activities all of whose predecessors lie in lower ones (numpy)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from programs.engine.network import topological_order
from programs.engine.sweep_clocks import Bools, Ints


@dataclass(slots=True)
class Levels:
    """Activities ranked level by level, so that a pass is one slice after another."""

    order: Ints
    """Activities by rank; those that take no part in the passes come last."""
    rank: Ints
    """Per activity, its place in `order`; one more at the end for the slot that holds zero."""
    bounds: list[tuple[int, int, int]]
    """Per level: first rank, rank of the first activity without successors, first rank of the next level."""


def levels_of(taking_part: Bools, predecessor: Ints, successor: Ints, narrowest: int) -> Levels | None:
    """The levels of a network, or None where they hold fewer than `narrowest` activities on average.

    `predecessor` and `successor` are the links between activities that take part. Raises `CycleFound` with the same
    path as `topological_order`. Linear in activities, links and levels.
    """
    count = len(taking_part)
    most = count // narrowest + 1
    leaving = np.bincount(predecessor, minlength=count)
    waiting = np.bincount(successor, minlength=count)
    begins = np.cumsum(leaving) - leaving
    heads = successor[sorted_links(predecessor)]
    stamp = np.empty(count, dtype=np.int64)
    front = np.flatnonzero((waiting == 0) & taking_part)
    fronts: list[Ints] = []
    bounds: list[tuple[int, int, int]] = []
    done = 0
    while len(front):
        if len(bounds) >= most:
            return None
        goes_on = leaving[front] > 0
        going = front[goes_on]
        fronts += [going, front[~goes_on]]
        bounds.append((done, done + len(going), done + len(front)))
        done += len(front)
        if not len(going):
            break
        reached = heads[_ranges(begins[going], leaving[going])]
        np.subtract.at(waiting, reached, 1)
        freed = reached[waiting[reached] == 0]
        # Several links of one front may reach the same activity: the last to write its number counts.
        numbers = np.arange(len(freed))
        stamp[freed] = numbers
        front = freed[stamp[freed] == numbers]
    if done < np.count_nonzero(taking_part):
        topological_order(count, predecessor.tolist(), successor.tolist())  # raises, and shows the circle
    order = np.concatenate([*fronts, np.flatnonzero(~taking_part)])
    rank = np.empty(count + 1, dtype=np.int64)
    rank[order] = np.arange(count)
    rank[count] = count
    return Levels(order, rank, bounds)


def sorted_links(by: Ints) -> Ints:
    """The order of links by a number from zero on, and where that is equal by index.

    One number made of both is sorted: several times as fast as sorting indices.
    """
    bits = max(len(by) - 1, 1).bit_length()
    both = (by << bits) | np.arange(len(by))
    both.sort()
    order: Ints = both & ((1 << bits) - 1)
    return order


def _ranges(begins: Ints, counts: Ints) -> Ints:
    """The numbers `begins[n] .. begins[n] + counts[n] - 1` of every n, one after the other."""
    ends = np.cumsum(counts)
    numbers: Ints = np.arange(int(ends[-1])) + np.repeat(begins - (ends - counts), counts)
    return numbers
