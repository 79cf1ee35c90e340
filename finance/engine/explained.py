"""One figure with its explanation: the formula in symbols and the same with the numbers in it.

Values are exact: ratios as `Fraction`s, money in minor units, time in working minutes. A measure that is not
defined has the value None and says why: never 0, never 1.00, never infinity.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from pmo.money import format_plain, round_half_even


class Unit(StrEnum):
    """What a measure's value counts."""

    RATIO = "ratio"
    SHARE = "share"
    MONEY = "money"
    TIME = "working minutes"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its explanation: `formula` in symbols, `worked` the same with the numbers in it.

    `value` is None where `why_not` says why it is not defined.
    """

    name: str
    label: str
    unit: Unit
    formula: str
    worked: str
    value: Fraction | None
    why_not: str = ""

    @property
    def minor(self) -> int | None:
        """A money measure in whole minor units, rounded half-even."""
        return None if self.value is None else round_half_even(self.value)


@dataclass(frozen=True, slots=True)
class Term:
    """A value with its symbol and the way it is written in a worked formula."""

    symbol: str
    value: Fraction | None
    shown: str

    @property
    def known(self) -> Fraction:
        """The value of a term that is defined; raises `ValueError` where it is not."""
        if self.value is None:
            raise ValueError(f"{self.symbol} is not defined")
        return self.value


def money(symbol: str, value: Fraction | None, currency: str) -> Term:
    """An amount in minor units, written in major units with all decimals."""
    return Term(symbol, value, symbol if value is None else format_plain(round_half_even(value), currency))


def ratio(symbol: str, value: Fraction | None) -> Term:
    """A ratio, written with four decimals."""
    return Term(symbol, value, symbol if value is None else decimals(value, 4))


def hours(symbol: str, value: Fraction) -> Term:
    """Working minutes, written in hours, as people count them."""
    return Term(symbol, value, f"{decimals(value / 60, 2)} h")


def quotient(name: str, label: str, over: Term, under: Term, why: str, unit: Unit = Unit.RATIO) -> Measure:
    """`over` / `under`, not defined (`why`) unless the denominator is above zero."""
    value = over.known / under.value if under.value is not None and under.value > 0 else None
    formula, worked = f"{over.symbol} / {under.symbol}", f"{over.shown} / {under.shown}"
    return Measure(name, label, unit, formula, worked, value, "" if value is not None else why)


def difference(name: str, label: str, first: Term, second: Term) -> Measure:
    """`first` - `second`, two amounts."""
    formula, worked = f"{first.symbol} - {second.symbol}", f"{first.shown} - {second.shown}"
    return Measure(name, label, Unit.MONEY, formula, worked, first.known - second.known)


def product(factors: list[str]) -> str:
    """Factors as they stand under a fraction line."""
    return factors[0] if len(factors) == 1 else f"({' x '.join(factors)})"


def decimals(value: Fraction, places: int) -> str:
    """A number as text with `places` decimals, rounded half-even without passing through a float."""
    return f"{Decimal(round(value * 10**places)).scaleb(-places):.{places}f}"
