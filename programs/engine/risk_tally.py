"""Figures of all runs, gathered portion by portion: sums, percentiles, criticality, what moves the finish.

Sums are whole numbers, so they do not depend on the portions. Percentiles of finishes are exact where all runs can be
kept (milestones always, everything in plans of usual size); otherwise they come from histograms whose bins lie between
the extremes of the first `PILOT` runs, with one bin below and one above.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt

import numpy as np
import numpy.typing as npt

from programs.engine.risk_results import Checkpoint, Convergence, Distribution, rank
from programs.engine.risk_sampling import Chance
from programs.engine.risk_sweep import Block
from programs.engine.sweep_clocks import Bools, Ints

PILOT = 256
BINS = 510
KEPT_BYTES = 64 << 20
"""How much memory may hold finishes run by run."""
_BATCH = 32

Whole = npt.NDArray[np.int64]


class Tally:
    """Gathers the portions of one simulation.

    `moving` are the activities whose finish differs between runs; of each activity, `rows` is the row of its finishes
    in a block, `keep` whether they must be kept and `planned` its planned finish on its work axis. `planned_lengths`
    are those of the varying activities. No finish and no length lies further than
    the two numbers of `widest` from what is planned.
    """

    def __init__(
        self,
        iterations: int,
        *,
        moving: Ints,
        rows: Ints,
        keep: Bools,
        planned: Ints,
        planned_lengths: Ints,
        planned_finish: int,
        projects: int,
        risks: int,
        priced: bool,
        widest: tuple[int, int],
    ) -> None:
        self.iterations = iterations
        self._widest, self._longest = widest
        # In the order of the blocks' rows; where not all can be kept, those first that must be.
        room = KEPT_BYTES // (4 * iterations)
        must = keep[moving] if len(moving) > room else np.zeros(len(moving), np.bool_)
        self.moving = moving[np.lexsort((rows[moving], ~must))]
        self._rows = rows[self.moving]
        kept = len(moving) if len(moving) <= room else min(int(must.sum()), room)
        size, varying = len(self.moving), len(planned_lengths)
        self.kept = np.empty((kept, iterations), np.int32)
        self._plan = planned[self.moving].astype(np.int32)
        self._bins = np.zeros((size - kept, BINS + 2), np.int32)
        self._base, self._shift = np.zeros(size - kept, np.int32), np.zeros(size - kept, np.int32)
        self._met = np.zeros(size, np.int64)
        self.finish_sums, self.finish_squares = np.zeros(size, np.int64), np.zeros(size, np.int64)
        self._lengths = planned_lengths.astype(np.int32)
        self.sums, self.squares = np.zeros(varying, np.int64), np.zeros(varying, np.int64)
        self.products = np.zeros(varying, np.int64)
        self.critical = np.zeros(len(planned), np.int64)
        self.projects = np.empty((projects, iterations), np.int32)
        self.finishes = np.empty(iterations, np.int64)
        self.planned_finish = planned_finish
        self.costs = np.zeros((projects if priced else 0, iterations))
        self.occurred = np.zeros((risks, iterations), np.bool_)

    def add(
        self,
        first: int,
        lengths: npt.NDArray[np.int32],
        block: Block,
        chance: Chance,
        costs: npt.NDArray[np.float64] | None,
    ) -> None:
        """The runs from `first` on; the first portion has at least `PILOT` of them, or all."""
        runs = slice(first, first + lengths.shape[1])
        self.projects[:, runs] = block.projects
        self.finishes[runs] = block.projects.max(0)
        self.occurred[:, runs] = chance.occurs
        if costs is not None:
            self.costs[:, runs] = costs
        self.critical += block.critical
        late = self.finishes[runs] - self.planned_finish
        furthest = max(int(np.abs(late).max(initial=0)), self._longest)
        numbers = _numbers(self._longest * furthest * len(late))
        late = late.astype(numbers)
        for begin in range(0, len(lengths), _BATCH):
            rows = slice(begin, begin + _BATCH)
            off = (lengths[rows] - self._lengths[rows, None]).astype(numbers)
            self.sums[rows] += _whole(off.sum(1))
            self.products[rows] += _whole(np.einsum("ij,j->i", off, late))
            self.squares[rows] += _whole(np.einsum("ij,ij->i", off, off))
        for begin in range(0, len(self.moving), _BATCH):
            rows = slice(begin, begin + _BATCH)
            own = self._rows[rows]
            apart = own[-1] - own[0] + 1 != len(own)
            places = block.finish.take(own, axis=0) if apart else block.finish[own[0] : own[-1] + 1]
            self._finishes(begin, places, runs)

    def _finishes(self, begin: int, places: npt.NDArray[np.int32], runs: slice) -> None:
        kept = len(self.kept)
        end = begin + len(places)
        off = places - self._plan[begin:end, None]
        self._met[begin:end] += np.count_nonzero(off <= 0, axis=1)
        exact = off.astype(_numbers(self._widest**2 * off.shape[1]))
        self.finish_sums[begin:end] += _whole(exact.sum(1))
        self.finish_squares[begin:end] += _whole(np.einsum("ij,ij->i", exact, exact))
        if begin < kept:
            self.kept[begin : min(end, kept), runs] = places[: kept - begin]
        if end > kept:
            self._count(max(begin - kept, 0), places[max(kept - begin, 0) :], runs.start == 0)

    def _count(self, begin: int, places: npt.NDArray[np.int32], pilot: bool) -> None:
        rows = slice(begin, begin + len(places))
        if pilot:
            low, high = places[:, :PILOT].min(1), places[:, :PILOT].max(1)
            self._base[rows] = low
            # The least power of two that makes the bins reach from end to end.
            width = (high - low) // BINS
            self._shift[rows] = np.ceil(np.log2(width + 1)).astype(np.int32)
        # The first bin takes what lies below, the last one what lies above.
        bins = places - (self._base[rows] - (1 << self._shift[rows]))[:, None]
        bins >>= self._shift[rows, None]
        np.clip(bins, 0, BINS + 1, out=bins)
        bins += np.arange(len(places), dtype=np.int32)[:, None] * (BINS + 2)
        counted = np.bincount(bins.ravel(), minlength=len(places) * (BINS + 2))
        own = self._bins[rows]
        np.add(own, counted.reshape(own.shape), out=own, casting="unsafe")

    # -------------------------------------------------------------- afterwards

    def percentiles(self, percents: Sequence[int]) -> npt.NDArray[np.int32]:
        """Percentiles of the finishes on their work axes: a row for each of `moving`, a column for each percentage."""
        ranks = [rank(self.iterations, percent) for percent in percents]
        found = np.empty((len(self.moving), len(ranks)), np.int32)
        kept = len(self.kept)
        for begin in range(0, kept, _BATCH):
            rows = slice(begin, min(begin + _BATCH, kept))
            found[rows] = np.sort(self.kept[rows], axis=1)[:, ranks]
        for begin in range(0, len(self._bins), _BATCH):
            found[kept + begin : kept + begin + _BATCH] = self._in_bins(slice(begin, begin + _BATCH), ranks)
        return found

    def steps(self, rows: Sequence[int], percents: Sequence[int]) -> npt.NDArray[np.int32]:
        """Percentiles on their work axes of a few of `moving` (their places in it), all of which must be kept."""
        ranks = [rank(self.iterations, percent) for percent in percents]
        found = np.empty((len(rows), len(ranks)), np.int32)
        for begin in range(0, len(rows), _BATCH):
            some = list(rows[begin : begin + _BATCH])
            found[begin : begin + len(some)] = np.sort(self.kept[some], axis=1)[:, ranks]
        return found

    def _in_bins(self, rows: slice, ranks: Sequence[int]) -> npt.NDArray[np.int64]:
        """The values of ranks, as if those in a bin lay evenly spread over it."""
        up_to = np.cumsum(self._bins[rows], axis=1)
        row = np.arange(len(up_to))
        base, width = self._base[rows].astype(np.int64), 1 << self._shift[rows].astype(np.int64)
        found = np.empty((len(up_to), len(ranks)), np.int64)
        for column, wanted in enumerate(ranks):
            b = np.count_nonzero(up_to <= wanted, axis=1)
            before = np.where(b > 0, up_to[row, b - 1], 0)
            within = (wanted - before) / np.maximum(up_to[row, b] - before, 1)
            found[:, column] = base + (b - 1) * width + (within * width).astype(np.int64)
        return found

    def exact(self) -> npt.NDArray[np.bool_]:
        """For each of `moving`, whether its percentiles are exact."""
        return np.concatenate((np.ones(len(self.kept), np.bool_), self._shift == 0))

    def confidences(self) -> npt.NDArray[np.float64]:
        """For each of `moving`, the share of runs that did not exceed the planned finish."""
        found: npt.NDArray[np.float64] = self._met / self.iterations
        return found

    def moments(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """For each of `moving`, mean (on its work axis) and standard deviation of its finish in working minutes."""
        mean, deviation = moments(self.finish_sums, self.finish_squares, self.iterations)
        return self._plan + mean, deviation

    def lengths(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """For each varying activity, mean and standard deviation of its length in working minutes."""
        mean, deviation = moments(self.sums, self.squares, self.iterations)
        return self._lengths + mean, deviation

    def crucialities(self) -> npt.NDArray[np.float64]:
        """For each varying activity, the correlation of its length with the program's finish."""
        late = self.finishes - self.planned_finish
        total = int(late.sum())
        spread = sqrt(max(self.iterations * int((late * late).sum()) - total * total, 0)) / self.iterations
        shared = self.products / self.iterations - self.sums / self.iterations * (total / self.iterations)
        scale = moments(self.sums, self.squares, self.iterations)[1] * spread
        found: npt.NDArray[np.float64] = np.divide(shared, scale, out=np.zeros(len(scale)), where=scale > 0)
        return found

    def convergence(self, begins: int) -> Convergence:
        """Running mean and P80 of the program's finish at up to twenty places, and how sure the last ones are.

        The interval of the P80 lies between the runs whose ranks are 1.96 standard deviations of a binomial count
        around 80 % (Conover, Practical Nonparametric Statistics, 3.2). `begins` is the wall minute from which what is
        left is counted.
        """
        runs, finishes = self.iterations, self.finishes
        course = []
        for place in sorted({max(runs * k // 20, 1) for k in range(1, 21)}):
            p80 = np.partition(finishes[:place], rank(place, 80))[rank(place, 80)]
            course.append(Checkpoint(place, float(finishes[:place].mean()), float(p80)))
        ordered = np.sort(finishes)
        half = 1.96 * sqrt(runs * 0.8 * 0.2)
        low = min(max(int(runs * 0.8 - half) - 1, 0), runs - 1)
        high = min(max(ceil(runs * 0.8 + half) - 1, 0), runs - 1)
        return Convergence(
            course=tuple(course),
            mean_error=float(finishes.std()) / sqrt(runs),
            p80_low=float(ordered[low]),
            p80_high=float(ordered[high]),
            tolerance=max((float(ordered[rank(runs, 80)]) - begins) / 100, 0.0),
        )


def _numbers(largest: int) -> type[np.float64] | type[np.int64]:
    """In which whole numbers are exact up to there: floating point, which is quicker, or 64 bits."""
    return np.float64 if largest < 1 << 53 else np.int64


def _whole(sums: npt.NDArray[np.float64] | npt.NDArray[np.int64]) -> Ints:
    return sums.astype(np.int64)


def moments(
    total: Whole, squares: Whole, runs: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Means and standard deviations from exact sums and sums of squares."""
    mean = total / runs
    return mean, np.sqrt(np.maximum(squares / runs - mean * mean, 0.0))


def distribution(values: npt.NDArray[np.generic], planned: float) -> Distribution:
    """Of kept values."""
    ordered = np.sort(values)
    runs = len(ordered)
    p10, p50, p80, p90 = (float(ordered[rank(runs, percent)]) for percent in (10, 50, 80, 90))
    off = ordered - planned
    mean, deviation = float(off.mean()) + planned, float(off.std())
    met = int(np.searchsorted(ordered, planned, "right"))
    return Distribution(p10, p50, p80, p90, mean, deviation, planned, met / runs)
