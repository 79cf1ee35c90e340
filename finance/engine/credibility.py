"""Whether an estimate at completion can be believed: what it asks of the rest, beside what was shown so far.

An estimate promises a cost efficiency for the remaining work, TCPI to the estimate. Where that differs from the
CPI so far by more than 0.10, the estimate is not credible (`standards.md`; DoD EVM guidance). The estimate BAC/CPI
promises exactly the CPI, so for it the gap is nothing by construction; the others are what the rule is for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from finance.engine.earned_value import Figures
from finance.engine.explained import decimals, money
from finance.engine.measures import credible


@dataclass(frozen=True, slots=True)
class Judged:
    """One estimate: `eac` and `vac` minor units, `tcpi` to it and its distance `gap` from the CPI.

    `credible` is None where either index is not defined, and `why` says which; `worked` is the rule with the
    numbers in it.
    """

    name: str
    label: str
    eac: Fraction
    vac: Fraction
    tcpi: Fraction | None
    gap: Fraction | None
    credible: bool | None
    worked: str
    why: str


def judged(
    figures: Figures, currency: str, estimates: Iterable[tuple[str, str, Fraction | None]]
) -> list[Judged]:
    """Judge each (name, label, EAC in minor units); estimates that are not defined are left out."""
    return [_judge(figures, currency, name, label, eac) for name, label, eac in estimates if eac is not None]


def _judge(figures: Figures, currency: str, name: str, label: str, eac: Fraction) -> Judged:
    cpi = figures.ev / figures.ac if figures.ac > 0 else None
    left = eac - figures.ac
    tcpi = figures.remaining / left if left > 0 else None
    gap = None if tcpi is None or cpi is None else abs(tcpi - cpi)
    bac, ev, ac, estimate = (
        money("", value, currency).shown for value in (figures.bac, figures.ev, figures.ac, eac)
    )
    shown = "not defined" if cpi is None else decimals(cpi, 4)
    why = "the estimate leaves nothing to spend" if tcpi is None else "no actual cost is recorded yet"
    return Judged(
        name=name,
        label=label,
        eac=eac,
        vac=figures.bac - eac,
        tcpi=tcpi,
        gap=gap,
        credible=credible(tcpi, cpi),
        worked=f"|({bac} - {ev}) / ({estimate} - {ac}) - {shown}|",
        why=why if gap is None else "",
    )
