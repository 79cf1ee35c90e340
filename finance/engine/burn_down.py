"""How contingency is expected to burn down against the risks it is there for; no database, no Django.

Expected value of a risk = exposure x probability (PMI, Practice Standard for Project Risk Management: expected monetary
value). The register scores probability 1 to 5, each a fifth of all probabilities taken in its middle: 0.1, 0.3 .. 0.9,
as the simulation takes them. A risk is drawn for in the month in which it falls due: one that is overdue in the
present month, one without a day in the last month. Amounts are whole minor units of one currency, halves to even.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

LONGEST: Final = 120
"""Months that are told one by one: what falls due later is in the last of them."""


@dataclass(frozen=True, slots=True)
class Expected:
    """An open risk: what it would cost, how probable it is (1 to 5), its month (2026-11; "" without a day)."""

    exposure: int
    score: int
    month: str

    @property
    def value(self) -> int:
        """Exposure times probability. Raises ValueError for a score that is none."""
        if not 1 <= self.score <= 5:
            raise ValueError("a probability is scored 1 to 5")
        return round(Fraction(self.exposure * (2 * self.score - 1), 10))


@dataclass(frozen=True, slots=True)
class Ahead:
    """A month to come: what is drawn in it, left after it, and what the risks then still open are expected to cost."""

    month: str
    draw: int
    left: int
    exposure: int

    @property
    def cover(self) -> int:
        """Left less still expected: below zero, the contingency does not cover what is known."""
        return self.left - self.exposure


def ahead(left: int, risks: Iterable[Expected], *, now: str, last: str) -> list[Ahead]:
    """The months from `now` to `last` (or to the last risk that falls due later), with what is left after each.

    `left` is what stands in contingency today. What is left goes below zero where more is expected than is there:
    nobody can draw it, so that is what is missing. `cover` is the same in every month: left less all expected today.
    """
    draws: dict[str, int] = {}
    found = list(risks)
    final = min(max([now, last, *(risk.month for risk in found)]), _after(now, LONGEST - 1))
    for risk in found:
        month = min(max(now, risk.month), final) if risk.month else final
        draws[month] = draws.get(month, 0) + risk.value
    exposure = sum(draws.values())
    steps = []
    for month in _months(now, final):
        draw = draws.get(month, 0)
        left, exposure = left - draw, exposure - draw
        steps.append(Ahead(month, draw, left, exposure))
    return steps


@dataclass(frozen=True, slots=True)
class Planned:
    """A month to come: what somebody plans to draw in it, and what would then be left."""

    month: str
    draw: int
    left: int


def as_planned(left: int, draws: Mapping[str, int], *, drawn: int, months: Sequence[str]) -> list[Planned]:
    """What is left after each of `months` (the present one first) if reserves are drawn as planned (month -> amount).

    `drawn` is what was drawn in the present month since its draw was planned: only the rest of it is still ahead. What
    is planned after the last month is in the last one; what was planned before the present month lapsed with it.
    """
    steps = []
    for at, month in enumerate(months):
        draw = draws.get(month, 0)
        if at == 0:
            draw = max(0, draw - drawn)
        if at == len(months) - 1:
            draw += sum(amount for later, amount in draws.items() if later > month)
        left -= draw
        steps.append(Planned(month, draw, left))
    return steps


def _after(month: str, count: int) -> str:
    years, months = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{years:04d}-{months + 1:02d}"


def _months(first: str, last: str) -> Iterator[str]:
    code = first
    while code <= last:
        yield code
        code = _after(code, 1)
