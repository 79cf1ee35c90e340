"""A capital request's cash month by month and what it is worth, each figure with its formula and the numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from finance.capex.models import CapitalRequest
from finance.engine import appraisal as engine
from pmo import formats
from pmo.money import round_half_even

MOST_SIGN_CHANGES = 6
"""Cash that turns more often than this has no rate looked for: the net present value says what it is worth."""

LOWEST_RATE = Decimal("-0.9999")
"""A yearly rate below would be read as -100 %, at which the money is gone and nothing can be discounted."""


@dataclass(frozen=True, slots=True)
class Month:
    """Cash of one month in minor units; `factor` and `worth` (present value) are None without a discount rate."""

    period: str
    paid: int
    returned: int
    net: int
    so_far: int
    factor: Decimal | None
    worth: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: `value` in minor units, a fraction (share, ratio) or months by `unit`; None where `why` says why."""

    name: str
    label: str
    unit: str
    formula: str
    worked: str
    value: Decimal | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Appraisal:
    """Months in order, and the figures; neither where the request does not say what is paid and comes back when."""

    months: list[Month]
    figures: list[Figure]


def appraise(request: CapitalRequest) -> Appraisal:
    """Months from the cash profile and the returns; figures once there are both. Pure: reads the request only."""
    codes = sorted({*request.cash_profile, *request.returns})
    if not codes:
        return Appraisal([], [])
    paid = [int(request.cash_profile.get(code, 0)) for code in codes]
    back = [int(request.returns.get(code, 0)) for code in codes]
    # What a month pays and what it brings back are kept apart: a profitability index needs both.
    flows = engine.monthly([(code, -out) for code, out in zip(codes, paid, strict=True)])
    came = [engine.Flow(flow.years, amount) for flow, amount in zip(flows, back, strict=True)]
    rate = None if request.discount_percent is None else Decimal(request.discount_percent) / 100
    net = [got - out for got, out in zip(back, paid, strict=True)]
    nets = [engine.Flow(flow.years, amount) for flow, amount in zip(flows, net, strict=True)]
    factors = [None if rate is None else engine.factor(rate, flow.years) for flow in flows]
    months = [
        Month(code, out, got, left, total, by, None if by is None else round_half_even(left * by))
        for code, out, got, left, total, by in zip(
            codes, paid, back, net, accumulate(net), factors, strict=True
        )
    ]
    if not (any(paid) and any(back)):
        return Appraisal(months, [])
    start = int(codes[0][:4]) * 12 + int(codes[0][5:]) - 1
    return Appraisal(months, _Reckoning(flows + came, nets, rate, start, request.currency).figures())


class _Reckoning:
    def __init__(
        self,
        gross: list[engine.Flow],
        nets: list[engine.Flow],
        rate: Decimal | None,
        start: int,
        currency: str,
    ) -> None:
        self.gross, self.nets, self.rate, self.start, self.currency = gross, nets, rate, start, currency
        self.received = [one for one in gross if one.amount > 0]
        self.paid = [one for one in gross if one.amount < 0]

    def figures(self) -> list[Figure]:
        found = [self._irr(), self._payback("payback", "Payback", Decimal(0))]
        if self.rate is None:
            why = "the request names no discount rate"
            return [
                Figure("npv", "Net present value", "money", NPV, "", None, why),
                found[0],
                Figure("mirr", "Modified rate of return", "share", MIRR, "", None, why),
                found[1],
                Figure("discounted_payback", "Discounted payback", "months", DISCOUNTED, "", None, why),
                Figure("profitability_index", "Profitability index", "ratio", INDEX, "", None, why),
            ]
        received = engine.present_value(self.received, self.rate)
        paid = -engine.present_value(self.paid, self.rate)
        npv = Figure(
            "npv", "Net present value", "money", NPV,
            f"{self._money(received)} received - {self._money(paid)} paid, each month at its factor for r ="
            f" {_share(self.rate)}",
            received - paid,
        )  # fmt: skip
        index = engine.profitability_index(self.gross, self.rate)
        ratio = Figure(
            "profitability_index", "Profitability index", "ratio", INDEX,
            f"{self._money(received)} / {self._money(paid)}", index,
        )  # fmt: skip
        later = self._payback("discounted_payback", "Discounted payback", self.rate)
        return [npv, found[0], self._mirr(self.rate), found[1], later, ratio]

    def _irr(self) -> Figure:
        def figure(worked: str, value: Decimal | None, why: str = "") -> Figure:
            return Figure("irr", "Internal rate of return", "share", IRR, worked, value, why)

        changes = engine.sign_changes(self.nets)
        if changes > MOST_SIGN_CHANGES:
            why = f"the cash changes its sign {changes} times, so a rate says little; look at the net present value"
            return figure("", None, why)
        rates = engine.internal_rates(self.nets)
        if rates.only is not None and rates.only < LOWEST_RATE:
            why = "it is lower than −99.99 % a year, so a rate says little; look at the net present value"
            return figure("", None, why)
        if rates.only is not None:
            left = engine.present_value(self.nets, rates.only)
            return figure(f"at r = {_share(rates.only, 4)} NPV = {self._money(left)}", rates.only)
        if rates.found:
            several = ", ".join(_share(one) for one in rates.found)
            return figure(
                "", None, f"there are several, {several}: the cash changes its sign {changes} times; look at the"
                " net present value",
            )  # fmt: skip
        if not changes:
            return figure("", None, "month for month the cash has one sign only")
        return figure("", None, "at no rate is the net present value zero")

    def _mirr(self, rate: Decimal) -> Figure:
        def figure(worked: str, value: Decimal | None, why: str = "") -> Figure:
            return Figure("mirr", "Modified rate of return", "share", MIRR, worked, value, why)

        value = engine.modified_rate(self.gross, rate, rate)
        if value is None:
            return figure("", None, "all cash is in one month, or nothing comes back above running cost")
        span = max(one.years for one in self.gross)
        later = engine.present_value(self.received, rate) / engine.factor(rate, span)
        paid = -engine.present_value(self.paid, rate)
        months = int(span * 12)
        return figure(f"({self._money(later)} / {self._money(paid)})^(12/{months}) - 1", value)

    def _payback(self, name: str, label: str, rate: Decimal) -> Figure:
        formula = DISCOUNTED if name == "discounted_payback" else PAYBACK
        sums = self._sums(rate)
        years = engine.payback(self.nets, rate)
        if years is None:
            last = self._money(sums[-1])
            why = f"what was paid does not come back: {last} at the end"
            if min(sums) >= 0:
                why = "nothing has to come back: what returns covers each payment in its month"
            return Figure(name, label, "months", formula, "", None, why)
        place = next(n for n, one in enumerate(self.nets) if one.years == years)
        worked = (
            f"{self._period(self.nets[place - 1].years)}: {self._money(sums[place - 1])}; "
            f"{self._period(years)}: {self._money(sums[place])}"
        )
        return Figure(name, label, "months", formula, worked, Decimal(int(years * 12)))

    def _sums(self, rate: Decimal) -> list[Decimal]:
        return list(accumulate(one.amount * engine.factor(rate, one.years) for one in self.nets))

    def _money(self, amount: Decimal) -> str:
        return formats.money_exact(round_half_even(amount), self.currency).removesuffix(
            f"{formats.GAP}{self.currency}"
        )

    def _period(self, years: Fraction) -> str:
        year, month = divmod(self.start + int(years * 12), 12)
        return formats.period(f"{year}-{month + 1:02}")


NPV = "sum of C_m / (1 + r)^(m/12), m months after the first cash"
IRR = "the r at which NPV = 0"
MIRR = "(value of receipts at the end / present value of payments)^(12/n) - 1, both at the discount rate"
PAYBACK = "months until the sum of cash stays at zero or above"
DISCOUNTED = "months until the sum of present values stays at zero or above"
INDEX = "present value of receipts / present value of payments"


def _share(rate: Decimal, places: int = 2) -> str:
    return formats.percent(rate * 100, places)


SHOWN: dict[str, Callable[[Decimal, str], str]] = {
    "money": lambda value, currency: formats.money_exact(round_half_even(value), currency),
    "share": lambda value, _: _share(value),
    "ratio": lambda value, _: formats.index(value),
    "months": lambda value, _: formats.counted(int(value), "month", "months"),
}


def shown(figure: Figure, currency: str) -> str:
    """A figure's value as people read it."""
    return formats.UNKNOWN if figure.value is None else SHOWN[figure.unit](figure.value, currency)
