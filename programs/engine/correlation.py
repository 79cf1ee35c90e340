"""Durations that move together: a Gaussian copula over the random bits of correlated activities.

Each correlated activity gets a standard normal number per run: a mix of shared ones (its drivers', or the rows of the
Cholesky factor of a matrix) and one of its own. The normal's probability becomes the random bits that its distribution
is read with, so every distribution keeps its exact shape. A rank correlation `r` (Spearman) of two normals belongs to
a product-moment correlation of `2 sin(pi r / 6)` (Pearson 1907), which is how a matrix of rank correlations is met.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import erf, sqrt

import numpy as np
import numpy.typing as npt

from programs.engine.random_numbers import cells, stream_key, stream_keys
from programs.engine.risk_inputs import CannotSimulate, Correlation

_EDGE = 6.0
_STEPS = 1 << 16
_SHARED, _OWN = 2, 3
"""Purposes of the random streams of this module (see `stream_key`)."""


@lru_cache(maxsize=1)
def _tables() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Normal probability on a grid of -6..6, and the normal quantile of each sixteen bits."""
    grid = np.linspace(-_EDGE, _EDGE, _STEPS + 1)
    below = np.array([0.5 * (1 + erf(z / sqrt(2))) for z in grid.tolist()])
    return below, np.interp((np.arange(65536) + 0.5) / 65536, below, grid)


def normals(keys: npt.NDArray[np.uint64], first: int, count: int) -> npt.NDArray[np.float64]:
    """Standard normal numbers per key and run."""
    quantile = _tables()[1]
    return quantile.take(cells(keys, first, count))


def bits_of(normal: npt.NDArray[np.float64]) -> npt.NDArray[np.uint16]:
    """The sixteen bits at which a distribution is read so that it stands where the normal number stands in its own."""
    below = _tables()[0]
    place = np.clip(np.rint((normal + _EDGE) * (_STEPS / (2 * _EDGE))), 0, _STEPS).astype(np.intp)
    return np.minimum(below.take(place) * 65536, 65535).astype(np.uint16)


class Copula:
    """The correlated activities of a simulation.

    `activities` are their indices in the order of the rows that `bits` gives; `notes` says what was changed. Raises
    `CannotSimulate` for a matrix that no quantities can have, unless the nearest one was asked for.
    """

    def __init__(self, correlation: Correlation, seed: int, keys: Sequence[int]) -> None:
        loadings: dict[int, dict[int, float]] = {}
        for at, driver in enumerate(correlation.drivers):
            for i, loading in driver.loadings.items():
                if loading:
                    loadings.setdefault(i, {})[at] = loading
        self.notes: list[str] = []
        self.activities = [*loadings, *correlation.activities]
        columns = len(correlation.drivers)
        mix = np.zeros((len(self.activities), columns + len(correlation.activities)))
        own = np.zeros(len(self.activities))
        for row, parts in enumerate(loadings.values()):
            for at, loading in parts.items():
                mix[row, at] = loading
            own[row] = sqrt(max(1.0 - sum(x * x for x in parts.values()), 0.0))
        if correlation.activities:
            mix[len(loadings) :, columns:] = self._factor(correlation)
        self._own, self._mix = own, mix
        self._own_keys = stream_keys(
            seed, _OWN, np.array([keys[i] & ((1 << 64) - 1) for i in self.activities], np.uint64)
        )
        # The shared numbers of a matrix are those of its activities, one each.
        self._shared_keys = np.array(
            [stream_key(seed, _SHARED, at) for at in range(columns)]
            + [stream_key(seed, _OWN, keys[i]) for i in correlation.activities],
            np.uint64,
        )

    def bits(self, first: int, count: int) -> npt.NDArray[np.uint16]:
        """Random bits per correlated activity and run."""
        shared = normals(self._shared_keys, first, count)
        mixed = normals(self._own_keys, first, count)
        mixed *= self._own[:, None]
        # Added term by term and not as a matrix product: the same sum whatever the portion, to the last bit.
        for row, weights in enumerate(self._mix):
            for column in np.flatnonzero(weights).tolist():
                mixed[row] += weights[column] * shared[column]
        return bits_of(mixed)

    def _factor(self, correlation: Correlation) -> npt.NDArray[np.float64]:
        """The Cholesky factor of the normals' correlation matrix."""
        wanted = 2 * np.sin(np.pi / 6 * np.array(correlation.matrix, np.float64))
        np.fill_diagonal(wanted, 1.0)
        lowest = float(np.linalg.eigvalsh(wanted)[0])
        if lowest < -1e-9:
            if not correlation.nearest:
                raise CannotSimulate(
                    [
                        "correlation matrix: no durations can correlate like this (its smallest eigenvalue is "
                        f"{lowest:.3g}); weaken some correlations or ask for the nearest possible matrix"
                    ]
                )
            wanted, moved = nearest(wanted)
            self.notes.append(
                "The correlation matrix was not possible; the nearest one that is was used, in which "
                f"no correlation differs by more than {moved:.2f}."
            )
        try:
            factor = np.linalg.cholesky(wanted)
        except np.linalg.LinAlgError:  # on the edge of what is possible: a hair inside it
            factor = np.linalg.cholesky(wanted * (1 - 1e-9) + np.eye(len(wanted)) * 1e-9)
        return factor.astype(np.float64)


def nearest(matrix: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], float]:
    """The nearest correlation matrix, and by how much an entry moved at most.

    Alternating projections with Dykstra's correction (Higham, Computing the nearest correlation matrix, 2002).
    """
    current, correction = matrix.copy(), np.zeros_like(matrix)
    for _ in range(500):
        shifted = current - correction
        values, vectors = np.linalg.eigh(shifted)
        positive = (vectors * np.maximum(values, 1e-9)) @ vectors.T
        correction = positive - shifted
        following = positive.copy()
        np.fill_diagonal(following, 1.0)
        if np.abs(following - current).max() < 1e-10:
            current = following
            break
        current = following
    scale = np.sqrt(np.diag(positive))
    result = positive / np.outer(scale, scale)
    np.fill_diagonal(result, 1.0)
    return result, float(np.abs(result - matrix).max())
