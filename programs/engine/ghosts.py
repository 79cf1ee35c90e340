"""Numbers without ghosts: what was taken out of a plan keeps its place until the answer is written down."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

T = TypeVar("T")


def without(column: Sequence[T], ghosts: Sequence[int]) -> list[T]:
    """A copy that leaves out the entries at `ghosts`, which are in ascending order. Linear, in slices."""
    kept: list[T] = []
    begin = 0
    for ghost in ghosts:
        kept += column[begin:ghost]
        begin = ghost + 1
    kept += column[begin:]
    return kept


def numbering(count: int, ghosts: Collection[int]) -> list[int]:
    """Per number below `count`, its number once `ghosts` have left; -1 for those."""
    numbers: list[int] = []
    begin = 0
    for gone, ghost in enumerate(sorted(ghosts)):
        numbers += range(begin - gone, ghost - gone)
        numbers.append(-1)
        begin = ghost + 1
    numbers += range(begin - len(ghosts), count - len(ghosts))
    return numbers
