"""An amount of one currency in another: the rate of the day, an exact product, rounded once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from decimal import Context, Decimal
from typing import NamedTuple

from finance.rates.models import ExchangeRate
from pmo.amount_faults import AmountRefused
from pmo.money import LIMIT, exponent, format_exact, round_half_even

# 16 digits of an amount times 20 of a rate, and the shift between two currencies' minor units.
_CONTEXT = Context(prec=60)
_KEPT = Decimal("0.0001")


class Converted(NamedTuple):
    """In minor units of the program's currency: exact to four decimals of one, and rounded; the rate used."""

    exact: Decimal
    minor: int
    rate: Decimal


class Rates:
    """The rates of one program, as of the moment they were read."""

    def __init__(self, currency: str, rows: Iterable[tuple[str, date, Decimal]]) -> None:
        """`currency`: the program's own; rows of currency, first day and rate."""
        self.currency = currency
        self._by: dict[str, tuple[list[date], list[Decimal]]] = {}
        for code, day, rate in sorted(rows):
            days, values = self._by.setdefault(code, ([], []))
            days.append(day)
            values.append(rate)

    @classmethod
    def of(cls, program_id: int, currency: str) -> Rates:
        """Those of the program in one query."""
        rows = ExchangeRate.objects.filter(program_id=program_id)
        return cls(currency, rows.values_list("currency", "from_day", "rate"))

    def on(self, currency: str, day: date) -> Decimal | None:
        """The rate of the latest day on or before `day`; None where there is none."""
        days, values = self._by.get(currency, ([], []))
        place = bisect_right(days, day)
        return values[place - 1] if place else None

    def convert(self, minor: int, currency: str, rate: Decimal) -> Converted:
        """Minor units of `currency` at `rate` into the program's: source x rate, moved by the decimals of both.

        Raises AmountRefused beyond what money can be.
        """
        shift = exponent(self.currency) - exponent(currency)
        product = _CONTEXT.multiply(Decimal(minor), rate).scaleb(shift, _CONTEXT)
        whole = round_half_even(product) if product.adjusted() <= 30 else LIMIT + 1
        if abs(whole) > LIMIT:
            raise AmountRefused(f"An amount can be at most {format_exact(LIMIT, self.currency)}.")
        return Converted(product.quantize(_KEPT, context=_CONTEXT), whole, rate)


def plain(rate: Decimal) -> str:
    """A rate without trailing zeros, as it is typed."""
    return f"{rate.normalize():f}"
