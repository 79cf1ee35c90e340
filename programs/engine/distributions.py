"""Samples of many spreads at once: look-ups in tables of quantiles.

A distribution between 0 and 1 is a table of 4,096 quantiles at the middle of equally likely cells, so that a sample is
one random cell and one look-up, whatever the shape; scaling to a spread's own range is linear. PERT and triangular
tables are made for 61 places of the mode; a mode in between reads two tables and takes the share between them, which
gives the exact mean (that is linear in the mode) and the standard deviation to about one part in a thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from programs.engine.risk_inputs import Shape, Spread

CELL_BITS = 12
CELLS = 1 << CELL_BITS
KNOTS = 60
"""Steps of the mode: halves, thirds, quarters, fifths and tenths of a range lie on them."""

Floats = npt.NDArray[np.float32]
Floats64 = npt.NDArray[np.float64]
_SHAPES = list(Shape)
_UNIFORM, _DISCRETE = _SHAPES.index(Shape.UNIFORM), _SHAPES.index(Shape.DISCRETE)


@cache
def quantiles(shape: Shape, knot: int) -> Floats:
    """The quantiles on [0, 1] of a shape with its mode at `knot / KNOTS`, `CELLS` of them, ascending."""
    u = (np.arange(CELLS) + 0.5) / CELLS
    if shape is Shape.UNIFORM:
        return u.astype(np.float32)
    m = knot / KNOTS
    if shape is Shape.TRIANGULAR:
        rising = np.sqrt(u * m)
        return np.where(u < m, rising, 1 - np.sqrt((1 - u) * (1 - m))).astype(np.float32)
    # Beta by cumulative quadrature of its density: both exponents lie between 0 and 4, so it is smooth enough.
    x = np.linspace(0.0, 1.0, 8001)
    density = x ** (4 * m) * (1 - x) ** (4 * (1 - m))
    below = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    return np.interp(u, below / below[-1], x).astype(np.float32)


class Ranges:
    """A number of spreads, sampled row by row from sixteen random bits each.

    `order` lists the spreads' places in the order of the rows: those that need one table, those between two, and the
    discrete ones, so that each kind is one run of rows.
    """

    def __init__(self, spreads: Sequence[Spread]) -> None:
        low = np.array([spread.low for spread in spreads], np.float64)
        high = np.array([spread.high for spread in spreads], np.float64)
        likely = np.array([spread.likely for spread in spreads], np.float64)
        shape = np.array([_SHAPES.index(spread.shape) for spread in spreads], np.intp)
        knot, share = _places(shape, low, likely, high)
        kind = np.where(shape == _DISCRETE, 2, share > 0)
        self.order = np.argsort(kind, kind="stable").tolist()
        self.plain, self.between = int((kind == 0).sum()), int((kind < 2).sum())
        # Of each table in use, its quantiles and how far those of the next mode lie from them.
        shape[(kind < 2) & (high <= low)] = _UNIFORM
        tables, first = np.unique(np.where(kind < 2, shape * (KNOTS + 1) + knot, 0), return_inverse=True)
        pairs = [(_SHAPES[key // (KNOTS + 1)], key % (KNOTS + 1)) for key in tables.tolist()]
        own = [quantiles(*pair) for pair in pairs]
        self.table = np.concatenate(own) if own else np.zeros(CELLS, np.float32)
        following = [
            quantiles(at, min(mode + 1, KNOTS)) - here for (at, mode), here in zip(pairs, own, strict=True)
        ]
        self.rise = np.concatenate(following) if own else self.table
        self.low, self.span = low[self.order], (high - low)[self.order]
        self.first = (first * CELLS)[self.order]
        self.share = share.astype(np.float32)[self.order]
        self.discrete: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]] = []
        for at in self.order[self.between :]:
            weights = np.array(spreads[at].weights, np.float64)
            limits = np.rint(np.cumsum(weights) / weights.sum() * 65536).astype(np.int64)
            self.discrete.append((limits[:-1], np.array(spreads[at].values, np.float64)))

    def scale(self, parts: Floats64) -> None:
        """Multiply every row by a number of its own."""
        self.low *= parts
        self.span *= parts
        self.discrete = [
            (limits, values * parts[self.between + at]) for at, (limits, values) in enumerate(self.discrete)
        ]

    def bounds(self) -> tuple[Floats64, Floats64]:
        """The least and the greatest value of each row."""
        return self.low.copy(), self.low + self.span

    def draw(self, row: int, bits: npt.NDArray[np.uint16], more: float = 0.0) -> Floats64:
        """Values of the rows from `row` on plus `more`, one row of values per row of bits."""
        end = row + len(bits)
        values = np.empty(bits.shape, np.float64)
        for first, last in (
            (row, min(end, self.plain)),
            (max(row, self.plain), min(end, self.between)),
        ):
            if first < last:
                self._look_up(
                    first, last, bits[first - row : last - row], more, values[first - row : last - row]
                )
        for at in range(max(row, self.between), end):
            limits, choices = self.discrete[at - self.between]
            places = np.searchsorted(limits, bits[at - row].astype(np.int64), "right")
            values[at - row] = (choices + more)[places]
        return values

    def _look_up(
        self, first: int, last: int, bits: npt.NDArray[np.uint16], more: float, out: Floats64
    ) -> None:
        cell = np.add(bits >> np.uint16(16 - CELL_BITS), self.first[first:last, None], dtype=np.intp)
        shares = self.table.take(cell)
        if first >= self.plain:
            rise = self.rise.take(cell)
            rise *= self.share[first:last, None]
            shares += rise
        np.multiply(shares, self.span[first:last, None], out=out)
        out += self.low[first:last, None] + more


def _places(
    shape: npt.NDArray[np.intp], low: Floats64, likely: Floats64, high: Floats64
) -> tuple[npt.NDArray[np.intp], Floats64]:
    """The tables of shapes, and how far their modes lie towards the next ones."""
    width = high - low
    wide = (width > 0) & (shape != _UNIFORM) & (shape != _DISCRETE)
    mode = np.divide(likely - low, width, out=np.zeros(len(low)), where=wide) * KNOTS
    knot = np.minimum((mode + 1e-9).astype(np.intp), KNOTS)
    share = np.maximum(mode - knot, 0.0)
    return knot, np.where((share > 1e-6) & (knot < KNOTS), share, 0.0)
