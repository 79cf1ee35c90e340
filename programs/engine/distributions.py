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
        kinds: list[list[int]] = [[], [], []]
        placed: list[tuple[Shape, int, float]] = []
        for at, spread in enumerate(spreads):
            shape, knot, share = _place(spread)
            placed.append((shape, knot, share))
            kinds[2 if shape is Shape.DISCRETE else 1 if share else 0].append(at)
        self.order = [at for kind in kinds for at in kind]
        self.plain, self.between = len(kinds[0]), len(kinds[0]) + len(kinds[1])
        tables: dict[tuple[Shape, int], int] = {}
        for shape, knot, share in placed:
            if shape is not Shape.DISCRETE:
                tables.setdefault((shape, knot), len(tables))
                if share:
                    tables.setdefault((shape, knot + 1), len(tables))
        self.table = (
            np.concatenate([quantiles(*key) for key in tables]) if tables else np.zeros(CELLS, np.float32)
        )
        self.low = np.array([spreads[at].low for at in self.order], np.float64)
        self.span = np.array([spreads[at].high - spreads[at].low for at in self.order], np.float64)
        self.first = np.array([tables.get(placed[at][:2], 0) for at in self.order], np.intp) * CELLS
        self.second = np.zeros_like(self.first)
        self.share = np.array([placed[at][2] for at in self.order], np.float32)
        for row, at in enumerate(self.order[: self.between]):
            shape, knot, share = placed[at]
            self.second[row] = tables[shape, knot + 1] * CELLS if share else self.first[row]
        self.discrete: list[tuple[npt.NDArray[Any], npt.NDArray[Any]]] = []
        for at in kinds[2]:
            weights = np.array(spreads[at].weights, np.float64)
            limits = np.rint(np.cumsum(weights) / weights.sum() * 65536).astype(np.int64)
            self.discrete.append((limits[:-1], np.array(spreads[at].values, np.float64)))

    def draw(self, row: int, bits: npt.NDArray[np.uint16]) -> npt.NDArray[np.float64]:
        """Values of the rows from `row` on, one row of values per row of bits."""
        end = row + len(bits)
        values = np.empty(bits.shape, np.float64)
        for first, last in (
            (row, min(end, self.plain)),
            (max(row, self.plain), min(end, self.between)),
        ):
            if first < last:
                self._look_up(first, last, bits[first - row : last - row], values[first - row : last - row])
        for at in range(max(row, self.between), end):
            limits, choices = self.discrete[at - self.between]
            values[at - row] = choices[np.searchsorted(limits, bits[at - row].astype(np.int64), "right")]
        return values

    def _look_up(
        self, first: int, last: int, bits: npt.NDArray[np.uint16], out: npt.NDArray[np.float64]
    ) -> None:
        cell = (bits >> np.uint16(16 - CELL_BITS)).astype(np.intp)
        cell += self.first[first:last, None]
        shares = self.table.take(cell)
        if first >= self.plain:
            cell += (self.second - self.first)[first:last, None]
            other = self.table.take(cell)
            other -= shares
            other *= self.share[first:last, None]
            shares += other
        np.multiply(shares, self.span[first:last, None], out=out)
        out += self.low[first:last, None]


def _place(spread: Spread) -> tuple[Shape, int, float]:
    """The table of a spread's shape, and how far the mode lies towards the next one."""
    width = spread.high - spread.low
    if spread.shape in (Shape.UNIFORM, Shape.DISCRETE) or width <= 0:
        return (Shape.DISCRETE if spread.shape is Shape.DISCRETE else Shape.UNIFORM), 0, 0.0
    mode = (spread.likely - spread.low) / width * KNOTS
    knot = min(int(mode + 1e-9), KNOTS)
    share = max(mode - knot, 0.0)
    return spread.shape, knot, share if share > 1e-6 and knot < KNOTS else 0.0
