"""Appraisal of an investment from its cash: NPV, IRR, MIRR, payback, profitability index.

Sources: Brealey, Myers, Allen, *Principles of Corporate Finance*, chapters 2, 5 and 6 (NPV, IRR and its
pitfalls, payback, profitability index); ISO/IEC 29500-1, 18.17.7 (XNPV and XIRR: 365 days a year, counted from
the first date; MIRR). A rate is yearly and a `Decimal` fraction (0.08 is 8 %); amounts are minor units,
received above zero, paid below. Arithmetic is decimal with 40 digits: a rate or a present value is right far
beyond the minor unit, and nobody sees it before `round_half_even` or a quantised share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction
from itertools import accumulate, pairwise
from math import lcm

PRECISION = 40
DAYS_A_YEAR = 365
RATE_PLACES = Decimal("1E-12")
_CLOSE = Decimal("1E-20")
"""A sum this small beside its own terms is a zero that only touches the axis."""
_ENOUGH = Decimal("1E-22")
"""Two logarithms of a growth so close together are one."""
_FARTHEST = Decimal(60)
"""|ln(1 + rate)| beyond which no rate is looked for: 1E26 a year and its reciprocal."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Cash at a time: years after the first cash, exact, and minor units."""

    years: Fraction
    amount: int


@dataclass(frozen=True, slots=True)
class Rates:
    """Every yearly rate at which the present value is zero, from the lowest, and how often the sign changes.

    None is a finding as well: cash of one sign only, or cash whose present value is zero at no rate.
    """

    found: tuple[Decimal, ...]
    sign_changes: int

    @property
    def only(self) -> Decimal | None:
        """The internal rate of return where it is the one rate; None where there are several or none."""
        return self.found[0] if len(self.found) == 1 else None


def periodic(amounts: Sequence[int], *, a_year: int = 1) -> list[Flow]:
    """One amount a period, the first one now; `a_year` periods make a year (12: months)."""
    if a_year < 1:
        raise ValueError("a year has at least one period")
    return [Flow(Fraction(n, a_year), amount) for n, amount in enumerate(amounts)]


def dated(cash: Iterable[tuple[date, int]]) -> list[Flow]:
    """Amounts at dates, in any order, in years of 365 days from the earliest."""
    known = sorted(cash)
    return [Flow(Fraction((day - known[0][0]).days, DAYS_A_YEAR), amount) for day, amount in known]


def monthly(cash: Iterable[tuple[str, int]]) -> list[Flow]:
    """Amounts by month (`2027-01`), in any order, in twelfths of a year from the earliest month."""
    known = sorted((int(code[:4]) * 12 + int(code[5:]), amount) for code, amount in cash)
    return [Flow(Fraction(month - known[0][0], 12), amount) for month, amount in known]


def factor(rate: Decimal, years: Fraction) -> Decimal:
    """What one unit received in so many years is worth now: 1 / (1 + rate)^years. ValueError from -100 % down."""
    if rate <= -1:
        raise ValueError("a yearly rate is above -100 %")
    with localcontext(prec=PRECISION):
        return (-_real(years) * (1 + rate).ln()).exp() if years else Decimal(1)


def present_value(flows: Sequence[Flow], rate: Decimal) -> Decimal:
    """Net present value at the time of the first cash, in minor units, not rounded.

    NPV = sum of C_t / (1 + r)^t, t in years. The worksheet function NPV takes the first amount as paid one
    period from now; here it is paid now, as in the textbooks.
    """
    with localcontext(prec=PRECISION):
        return sum((one.amount * factor(rate, one.years) for one in flows), Decimal(0))


def internal_rates(flows: Sequence[Flow]) -> Rates:
    """All internal rates of return above -100 %: none is missed and none is guessed at.

    With u = ln(1 + r) the present value is a sum of exponentials. By Descartes' rule of signs, which holds for
    real exponents too (Laguerre 1883), it has at most as many zeros as sign changes; multiplied by a fitting
    exponential its derivative has one change fewer, so the zeros of the derivative, found the same way, cut
    the line into stretches with at most one zero each. The work grows with the square of the sign changes:
    whoever takes cash from outside looks at `sign_changes` first.
    """
    terms, steps = _terms(flows)
    with localcontext(prec=PRECISION):
        found = sorted(_rate((u * steps).exp()) for u in _zeros(terms, _FARTHEST / steps))
    return Rates(tuple(found), _changes(terms))


def sign_changes(flows: Sequence[Flow]) -> int:
    """How often the sign changes from one time with cash to the next: at most so many rates of return."""
    return _changes(_terms(flows)[0])


def modified_rate(flows: Sequence[Flow], finance: Decimal, reinvest: Decimal) -> Decimal | None:
    """MIRR: what is paid, discounted at `finance`, grows in n years to what is received, kept at `reinvest`.

    (FV of receipts / PV of payments)^(1/n) - 1, n the years from first to last cash. None without both a
    payment and a receipt, or with all cash at one time.
    """
    span = max((one.years for one in flows), default=Fraction(0))
    paid = -present_value([one for one in flows if one.amount < 0], finance)
    received = present_value([one for one in flows if one.amount > 0], reinvest)
    if not (paid and received and span):
        return None
    with localcontext(prec=PRECISION):
        later = received / factor(reinvest, span)
        return (((later / paid).ln() / _real(span)).exp() - 1).quantize(RATE_PLACES)


def payback(flows: Sequence[Flow], rate: Decimal = Decimal(0)) -> Fraction | None:
    """Years until what came back covers what was paid, for good; with a `rate`, both discounted.

    The time of the cash that closes the gap, not interpolated: a year's cash counts when the year is over.
    Later payments that open the gap again count. None where it stays open or nothing was ever paid.
    """
    with localcontext(prec=PRECISION):
        inside = sorted(flows, key=lambda one: one.years)
        values = [one.amount * factor(rate, one.years) if rate else Decimal(one.amount) for one in inside]
        sums = list(accumulate(values))
    # Cash of one time is one amount: only the sum after the last of them counts.
    ends = [n for n, one in enumerate(inside) if n + 1 == len(inside) or inside[n + 1].years != one.years]
    open_until = [place for place, n in enumerate(ends) if sums[n] < 0]
    if not open_until or open_until[-1] == len(ends) - 1:
        return None
    return inside[ends[open_until[-1] + 1]].years


def profitability_index(flows: Sequence[Flow], rate: Decimal) -> Decimal | None:
    """PV of receipts / PV of payments = 1 + NPV / PV of payments; None where nothing is paid.

    With one payment at the start it is the textbooks' PV / investment.
    """
    paid = -present_value([one for one in flows if one.amount < 0], rate)
    if not paid:
        return None
    with localcontext(prec=PRECISION):
        return present_value([one for one in flows if one.amount > 0], rate) / paid


def _rate(growth: Decimal) -> Decimal:
    """A year's growth as a rate of twelve places; of all its digits where those would say -100 %, at which nothing
    has a present value."""
    rate = (growth - 1).quantize(RATE_PLACES)
    return rate if rate > -1 else growth - 1


def _real(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _terms(flows: Sequence[Flow]) -> tuple[list[tuple[int, Decimal]], int]:
    """Cash by time, zeros left out, and how many steps make a year: on a grid of equal steps (months, days)
    the exponentials are whole powers of one number."""
    together: dict[Fraction, int] = {}
    for one in flows:
        together[one.years] = together.get(one.years, 0) + one.amount
    steps = lcm(*(years.denominator for years in together))
    return [
        (int(years * steps), Decimal(amount)) for years, amount in sorted(together.items()) if amount
    ], steps


def _changes(terms: Sequence[tuple[int, Decimal]]) -> int:
    return sum((a > 0) != (b > 0) for (_, a), (_, b) in pairwise(terms))


def _zeros(terms: Sequence[tuple[int, Decimal]], farthest: Decimal) -> list[Decimal]:
    """Every u up to `farthest` with sum of a * exp(-k * u) = 0, ascending; `terms` are (k, a), k ascending."""
    flip = next((n for n, ((_, a), (_, b)) in enumerate(pairwise(terms)) if (a > 0) != (b > 0)), None)
    if flip is None:
        return []
    # Turned about a time between the two terms that differ in sign, the sum has the same zeros, and its
    # derivative one sign change fewer. Twice the distance keeps the numbers whole.
    middle = terms[flip][0] + terms[flip + 1][0]
    turning = _zeros([(k, -a * (2 * k - middle)) for k, a in terms if 2 * k != middle], farthest)
    gaps = [(later - k, a) for (k, a), (later, _) in pairwise(terms)]
    latest = terms[-1][1]

    def value(u: Decimal) -> Decimal:
        x = (-u).exp()
        whole, size = latest, abs(latest)
        for gap, a in reversed(gaps):  # Horner's rule
            power = x if gap == 1 else x**gap
            whole, size = whole * power + a, size * power + abs(a)
        return Decimal(0) if abs(whole) < _CLOSE * size else whole

    # Between neighbouring turning points, and beyond the outermost, the turned sum is monotone; only signs are asked.
    known = [(u, value(u)) for u in (-farthest, *turning, farthest)]
    found = [u for u, worth in known if worth == 0]
    for (left, at_left), (right, at_right) in pairwise(known):
        if at_left * at_right < 0:
            found.append(_between(value, left, right, rising=at_left < 0))
    return sorted(set(found))


def _between(value: Callable[[Decimal], Decimal], left: Decimal, right: Decimal, *, rising: bool) -> Decimal:
    """The zero between two points of different sign, by halving: as many steps whatever the sum looks like.

    Aiming at it (regula falsi, every third step a half) was tried: 75 to 166 steps, where this takes 75 to 79.
    """
    while right - left > _ENOUGH:
        middle = (left + right) / 2
        if (value(middle) < 0) == rising:
            left = middle
        else:
            right = middle
    return left
