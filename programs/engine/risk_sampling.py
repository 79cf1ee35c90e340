"""What is drawn for a portion of runs: the lengths of activities, which risks occurred, and what it costs.

Only work that is left varies. The spread of a started activity is that of its whole duration, scaled to the part that
is left; a completed one does not vary. Work that is there takes at least a minute.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from programs.engine.correlation import Copula
from programs.engine.distributions import Floats64, Ranges
from programs.engine.plan import Kind, Plan, Progress, Rules
from programs.engine.random_numbers import cells, stream_key, stream_keys, uniform
from programs.engine.risk_inputs import Correlation, Costs, RiskEvent, Spread

_DURATION, _OCCURS, _SEVERITY, _COST = 1, 4, 5, 6
"""Purposes of the random streams (2 and 3 are those of `correlation`)."""
_BATCH = 32


class Chance(NamedTuple):
    """Risks in a portion of runs."""

    occurs: npt.NDArray[np.bool_]
    """Per risk and run."""
    severity: npt.NDArray[np.uint16]
    """Random bits per risk and run, for all impacts of the risk."""


class _Hit(NamedTuple):
    """A risk's effect on the length of one activity."""

    risk: int
    factor: Ranges | None
    minutes: Ranges | None


class Sampling:
    """Draws lengths and costs; the same numbers whatever the portions.

    `rows` are the activities whose length varies, in the order of the rows of `lengths`.
    """

    def __init__(
        self,
        plan: Plan,
        rules: Rules,
        uncertainty: Mapping[int, Spread],
        risks: Sequence[RiskEvent],
        correlation: Correlation | None,
        costs: Costs | None,
        seed: int,
        keys: Sequence[int],
    ) -> None:
        self.plan, self.risks, self.notes = plan, risks, list[str]()
        self._left = _left(plan)
        left = self._left.tolist()
        spreads = {i: s for i, s in uncertainty.items() if left[i]}
        hits: dict[int, list[_Hit]] = {}
        missed = 0
        for at, risk in enumerate(risks):
            for impact in risk.impacts:
                if impact.minutes is None and impact.factor is None:
                    continue
                if not left[impact.activity]:
                    missed += 1
                    continue
                hits.setdefault(impact.activity, []).append(
                    _Hit(
                        at,
                        Ranges([impact.factor]) if impact.factor is not None else None,
                        Ranges([impact.minutes]) if impact.minutes is not None else None,
                    )
                )
        if missed:
            self.notes.append(
                f"{missed} impacts of risks fall on work that is complete and were passed over."
            )
        for i in hits:
            spreads.setdefault(i, Spread.fixed(plan.duration[i]))
        given = list(spreads)
        self._ranges = Ranges(list(spreads.values()))
        self.rows = [given[at] for at in self._ranges.order]
        self._whole = np.array([plan.duration[i] for i in self.rows], np.int64)
        part = self._left[self.rows] / self._whole
        settled = rules.progress is Progress.ACTUAL_DATES
        # Minutes behind that stay part of the length.
        self._done = (self._whole - self._left[self.rows] if settled else self._whole * 0).astype(np.int32)
        self._ranges.scale(part)
        self._hits = {row: hits[i] for row, i in enumerate(self.rows) if i in hits} if hits else {}
        least, most = self._bounds()
        self.ranges = dict(zip(self.rows, zip(least.tolist(), most.tolist(), strict=True), strict=True))
        self._keys = stream_keys(seed, _DURATION, _unsigned([keys[i] for i in self.rows]))
        own = [at if risk.key is None else risk.key for at, risk in enumerate(risks)]
        self._occurs = [stream_key(seed, _OCCURS, number) for number in own]
        self._severity = stream_keys(seed, _SEVERITY, _unsigned(own))
        self._correlated: dict[int, int] = {}
        self._copula: Copula | None = None
        self._drawn: npt.NDArray[np.int32] | None = None
        if correlation is not None:
            self._copula = Copula(correlation, seed, keys)
            self.notes += self._copula.notes
            places = {i: row for row, i in enumerate(self.rows)}
            self._correlated = {places[i]: at for at, i in enumerate(self._copula.activities) if i in places}
        self._price(costs, seed, keys)

    def _bounds(self) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Per row, the least and the most minutes that the passes are ever given."""
        low, high = self._ranges.bounds()
        for row, hits in self._hits.items():
            for hit in hits:
                if hit.factor is not None:
                    least, most = hit.factor.bounds()
                    low[row] *= min(1.0, float(least[0]))
                    high[row] *= max(1.0, float(most[0]))
                if hit.minutes is not None:
                    least, most = hit.minutes.bounds()
                    low[row] += min(0.0, float(least[0]))
                    high[row] += max(0.0, float(most[0]))
        # A minute more on either side: tables are kept in single precision.
        exact = low == high
        self._tiny = low < 2
        bounds = (np.where(exact, low + 0.5, low - 1), np.where(exact, high + 0.5, high + 2))
        return _minutes(bounds[0]) + self._done, _minutes(bounds[1]) + self._done

    # -------------------------------------------------------------- draws

    def chance(self, first: int, count: int) -> Chance:
        """Which risks occur, and how hard they would hit."""
        occurs = np.empty((len(self.risks), count), np.bool_)
        for at, (risk, key) in enumerate(zip(self.risks, self._occurs, strict=True)):
            np.less(uniform(key, first, count), risk.probability, out=occurs[at])
        return Chance(occurs, cells(self._severity, first, count))

    def lengths(self, first: int, count: int, chance: Chance) -> npt.NDArray[np.int32]:
        """Working minutes that the passes give each varying activity in the runs `first .. first + count`.

        Good until the next portion: its memory is used again.
        """
        drawn = self._drawn
        if drawn is None or drawn.shape[1] != count:
            drawn = self._drawn = np.empty((len(self.rows), count), np.int32)
        moved = self._copula.bits(first, count) if self._copula is not None else None
        for begin in range(0, len(self.rows), _BATCH):
            end = min(begin + _BATCH, len(self.rows))
            self._draw(begin, end, first, chance, moved, drawn[begin:end])
        return drawn

    def again(self, rows: Sequence[int], first: int, count: int) -> npt.NDArray[np.int32]:
        """Some of the rows drawn again, from their own ranges alone: what risks add is the risks' doing."""
        drawn = np.empty((len(rows), count), np.int32)
        moved = None
        if self._copula is not None and not self._correlated.keys().isdisjoint(rows):
            moved = self._copula.bits(first, count)
        for at, row in enumerate(rows):
            self._draw(row, row + 1, first, None, moved, drawn[at : at + 1])
        return drawn

    def _draw(
        self,
        begin: int,
        end: int,
        first: int,
        chance: Chance | None,
        moved: npt.NDArray[np.uint16] | None,
        out: npt.NDArray[np.int32],
    ) -> None:
        bits = cells(self._keys[begin:end], first, out.shape[1])
        if moved is not None:
            for row in self._correlated.keys() & range(begin, end):
                bits[row - begin] = moved[self._correlated[row]]
        left = self._ranges.draw(begin, bits, 0.5)
        if chance is not None and self._hits:
            for row in self._hits.keys() & range(begin, end):
                own = self._ranges.draw(row, bits[row - begin : row - begin + 1])
                for hit in self._hits[row]:
                    self._apply(hit, own[0], chance)
                np.add(own[0], 0.5, out=left[row - begin])
        if self._tiny[begin:end].any():
            np.maximum(left, 1.0, out=left)
        out[:] = left  # cut off towards zero: with the half above, rounded
        if self._done[begin:end].any():
            out += self._done[begin:end, None]

    def _apply(self, hit: _Hit, left: npt.NDArray[np.float64], chance: Chance) -> None:
        occurs, bits = chance.occurs[hit.risk], chance.severity[hit.risk : hit.risk + 1]
        if hit.factor is not None:
            np.multiply(left, hit.factor.draw(0, bits)[0], out=left, where=occurs)
        if hit.minutes is not None:
            np.add(left, hit.minutes.draw(0, bits)[0], out=left, where=occurs)

    # -------------------------------------------------------------- money

    def _price(self, costs: Costs | None, seed: int, keys: Sequence[int]) -> None:
        """Costs that never vary summed per project, and what is to be computed in each run."""
        plan = self.plan
        count = len(plan.duration)
        self._project = list(plan.project or bytes(count))
        self.priced = costs is not None or any(i.cost is not None for r in self.risks for i in r.impacts)
        self._fixed = np.zeros(len(plan.projects))
        self._by_length: list[tuple[int, int, float, float, int]] = []
        self._sure: list[tuple[int, float, int]] = []
        costs = costs or Costs()
        factors = {i: s for i, s in (costs.uncertainty or {}).items() if s.low != s.high or s.low != 1}
        self._factors = Ranges(list(factors.values()))
        given = list(factors)
        places = {given[at]: row for row, at in enumerate(self._factors.order)}
        self._factor_keys = stream_keys(
            seed, _COST, _unsigned([keys[given[at]] for at in self._factors.order])
        )
        rows = {i: row for row, i in enumerate(self.rows)}
        for i in range(count):
            if plan.kind and plan.kind[i] == Kind.SUMMARY:
                continue
            fixed = costs.fixed[i] if costs.fixed else 0.0
            rate = (costs.per_hour[i] if costs.per_hour else 0.0) / 60
            row, factor = rows.get(i, -1), places.get(i, -1)
            begun = bool(plan.actual_start) and plan.actual_start[i] is not None
            if begun:  # what is behind has been spent: only what is left can cost more or less
                left = int(self._left[i]) if row >= 0 else 0
                self._fixed[self._project[i]] += fixed + rate * (plan.duration[i] - left)
                fixed = 0.0
            if row >= 0 and rate:
                self._by_length.append((row, self._project[i], rate, fixed, factor))
            elif not begun and factor >= 0:
                self._sure.append((self._project[i], fixed + rate * plan.duration[i], factor))
            elif not begun:
                self._fixed[self._project[i]] += fixed + rate * plan.duration[i]
        self._cost_hits = [
            (
                at,
                Ranges([impact.cost]),
                self._project[impact.activity] if impact.activity >= 0 else impact.project,
            )
            for at, risk in enumerate(self.risks)
            for impact in risk.impacts
            if impact.cost is not None
        ]

    def planned_costs(self) -> list[float]:
        """Minor units per project as planned: planned durations, no risk."""
        total: list[float] = self._fixed.tolist()
        for row, project, rate, fixed, _ in self._by_length:
            total[project] += fixed + rate * int(self._left[self.rows[row]])
        for project, amount, _ in self._sure:
            total[project] += amount
        return total

    def costs(
        self, first: int, count: int, lengths: npt.NDArray[np.int32], chance: Chance
    ) -> npt.NDArray[np.float64]:
        """Minor units per project and run."""
        total = np.repeat(self._fixed[:, None], count, axis=1)
        factors = self._factors.draw(0, cells(self._factor_keys, first, count))
        for row, project, rate, fixed, factor in self._by_length:
            cost = (lengths[row] - self._done[row]) * rate
            cost += fixed
            if factor >= 0:
                cost *= factors[factor]
            total[project] += cost
        for project, amount, factor in self._sure:
            total[project] += factors[factor] * amount
        for at, ranges, project in self._cost_hits:
            np.add(
                total[project],
                ranges.draw(0, chance.severity[at : at + 1])[0],
                out=total[project],
                where=chance.occurs[at],
            )
        return total


def _minutes(amounts: Floats64) -> npt.NDArray[np.int64]:
    return np.maximum(amounts.astype(np.int64), 1)


def _left(plan: Plan) -> npt.NDArray[np.int64]:
    """Working minutes still to do of each activity; 0 for what is complete or has no length of its own."""
    left = np.array(plan.duration, np.int64)
    if plan.kind:
        left[np.frombuffer(bytes(plan.kind), np.uint8) != Kind.TASK] = 0
    for i, date in enumerate(plan.actual_start):
        if date is not None:
            if plan.actual_finish and plan.actual_finish[i] is not None:
                left[i] = 0
            elif plan.remaining and left[i] and (rest := plan.remaining[i]) is not None:
                left[i] = rest
    for i, date in enumerate(plan.actual_finish):
        if date is not None:
            left[i] = 0
    return left


def _unsigned(numbers: Sequence[int]) -> npt.NDArray[np.uint64]:
    return np.array([number & ((1 << 64) - 1) for number in numbers], np.uint64)
