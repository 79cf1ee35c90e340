"""Money: whole minor units of one ISO 4217 currency, and the only place where an amount is rounded.

Everywhere inside the product an amount is an `int` of minor units (cents of a euro, whole yen, fils of a
dinar) together with its currency. Text is read by a parser of our own, because `Decimal`, Django's forms and
DRF all accept `1_000`, full-width and Arabic digits and `1e3`, and because `int(Decimal("1E9999999"))` never
comes back. Nothing here uses floats or the decimal context.

Sums with sub-cent parts (a rate times minutes) stay `Fraction`s of a minor unit until `round_half_even`.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import total_ordering
from typing import Final

from pmo.amount_faults import AmountRefused, not_an_amount, quoted
from pmo.currencies import EXPONENTS

LIMIT: Final = 10**15
"""The largest amount in minor units, either sign; the database checks the same number."""

LONGEST: Final = 40
"""Characters of a written amount that are looked at."""

_NUMBER: Final = re.compile(
    r"(?P<minus>-?)"
    r"(?:(?P<plain>0|[1-9][0-9]*)"
    # One kind of separator throughout, and whole groups of three only.
    r"|(?P<grouped>[1-9][0-9]{0,2}(?P<separator>[,'\u2019 \u00a0\u202f])[0-9]{3}(?:(?P=separator)[0-9]{3})*))"
    r"(?:\.(?P<decimals>[0-9]+))?"
)


class CurrencyMismatch(TypeError):
    """Two amounts of different currencies met without an exchange rate: a programming error, never input."""


def exponent(currency: str) -> int:
    """How many decimals the currency's minor unit has (EUR 2, JPY 0, KWD 3, CLF 4), by ISO 4217.

    Raises `AmountRefused` for a code that is unknown, not upper case, or has no minor unit (XAU, XXX).
    """
    try:
        return EXPONENTS[currency]
    except (KeyError, TypeError):
        raise AmountRefused(f"{quoted(currency)} is not an ISO 4217 currency with a minor unit.") from None


def parse_amount(text: str, currency: str, *, signed: bool = False) -> int:
    """Read one amount written by a person or a file; returns minor units of `currency`.

    Written with ASCII digits; the decimal sign is a point; at most as many decimals as the currency has;
    spaces around it are ignored. Thousands may be set apart by commas, apostrophes or (also non-breaking)
    spaces, always in whole groups of three. A comma is a decimal sign to half of Europe, so one lone comma
    group (`1,234`) is refused unless a decimal point follows or the currency has no decimals.
    A minus sign is accepted only with `signed`; a plus sign, brackets, exponents, underscores, leading zeros,
    `-0`, `.5`, `5.`, currency signs and digits of other scripts never are.

    Raises `AmountRefused` with the reason, also beyond +/- 10**15 minor units.
    """
    places = exponent(currency)
    digits, decimals = _read(text, places, signed=signed)
    return _in_range(digits * 10 ** (places - decimals), currency)


def parse_unrounded(text: str, currency: str, *, signed: bool = False, decimals: int = 16) -> Fraction:
    """Read an amount that may have parts of a minor unit (an hourly rate, a figure out of a float).

    Same grammar as `parse_amount`, but up to `decimals` decimals. Returns an exact `Fraction` of minor
    units; whoever stores it as money rounds it with `round_half_even` and says so to the person.
    Raises `AmountRefused`.
    """
    places = exponent(currency)
    digits, written = _read(text, decimals, signed=signed)
    amount = Fraction(digits * 10**places, 10**written)
    _in_range(round_half_even(amount), currency)
    return amount


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units to major units, with exactly the currency's decimals (1250, EUR -> 12.50)."""
    digits = tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((int(minor < 0), digits, -exponent(currency)))


def round_half_even(amount: Decimal | Fraction | int) -> int:
    """THE rounding of money: to the nearest whole minor unit, a half to the even one.

    `amount` is in minor units. Raises `AmountRefused` for a `Decimal` that is not finite or is out of any
    range (so that no huge exponent is ever expanded); a `float` is a `TypeError`.
    """
    if isinstance(amount, Decimal):
        if not amount.is_finite() or amount.adjusted() > 30:
            raise AmountRefused("An amount must be a number of a size that money can have.")
        if amount.adjusted() < -1:
            return 0
        return round(Fraction(amount))
    if isinstance(amount, Fraction | int):
        return round(amount)
    raise TypeError(f"money is never a {type(amount).__name__}")


def allocate(total_minor: int, weights: Sequence[int | Fraction | Decimal]) -> list[int]:
    """Split an amount in proportion to `weights` without losing or making a minor unit (largest remainder).

    Every part is within one minor unit of its exact share and has the total's sign; a zero weight gets
    nothing; equal remainders are served in order. Raises `ValueError` for no weights, a negative weight or
    weights that are all zero while there is something to split.
    """
    exact = [Fraction(weight) for weight in weights]
    if any(weight < 0 for weight in exact):
        raise ValueError("a weight cannot be negative")
    whole = sum(exact, Fraction(0))
    if whole == 0:
        if total_minor == 0 and exact:
            return [0] * len(exact)
        raise ValueError("there is nothing to split the amount over")
    if total_minor < 0:
        return [-part for part in allocate(-total_minor, exact)]
    shares = [weight * total_minor / whole for weight in exact]
    parts = [share.numerator // share.denominator for share in shares]
    left = total_minor - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - shares[place])
    for place in by_remainder[:left]:
        parts[place] += 1
    return parts


def format_exact(minor: int, currency: str, *, sign: bool = False) -> str:
    """`26,200,000.00 EUR`: every digit, for titles, tables and exports; `sign` shows a plus as well."""
    return f"{_prefix(minor, sign)}{_grouped(abs(minor), currency)} {currency}"


def format_plain(minor: int, currency: str) -> str:
    """`26200000.00`: no separators and no code, for CSV, APIs and input fields; `parse_amount` reads it."""
    return f"{to_decimal(minor, currency):f}"


def format_short(minor: int, currency: str, *, sign: bool = False) -> str:
    """`26.2M`, `400k`, `2.5k`, `950`: for headlines; the code stands beside it and the exact figure on hover.

    In major units, rounded half-even: one decimal from a million up and below ten thousand, none between;
    a trailing `.0` is dropped; amounts below one major unit are shown with all their decimals.
    """
    size = Fraction(abs(minor), 10 ** exponent(currency))
    start = _prefix(minor, sign)
    if 0 < size < 1:
        return f"{start}{_grouped(abs(minor), currency)}"
    for scale, letter, decimals, below in _SCALES:
        # Compared after rounding, so that 999,960 reads 1M and not 1000k.
        steps = round_half_even(size * 10**decimals / scale)
        if steps < below * 10**decimals:
            whole, part = divmod(steps, 10**decimals)
            return f"{start}{whole:,}.{part}{letter}" if part else f"{start}{whole:,}{letter}"
    return format_exact(minor, currency, sign=sign)


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of one ISO 4217 currency; adds to and compares with its own currency only."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"money is never a {type(self.minor).__name__}")
        exponent(self.currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __str__(self) -> str:
        return format_exact(self.minor, self.currency)

    def allocate(self, weights: Sequence[int | Fraction | Decimal]) -> list["Money"]:
        """Split by weights without losing a minor unit; see `allocate`."""
        return [Money(part, self.currency) for part in allocate(self.minor, weights)]

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> "Money":
        """The sum of amounts that are all in `currency`; raises `CurrencyMismatch` for any other."""
        return sum(amounts, start=cls(0, currency))

    def _same(self, other: "Money") -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money does not go together with a {type(other).__name__}")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} does not go together with {other.currency}")
        return other.minor


# Size of a step in major units, its letter, decimals shown, and how many steps are too many.
_SCALES: Final = (
    (1, "", 0, 1000),
    (10**3, "k", 1, 10),
    (10**3, "k", 0, 1000),
    (10**6, "M", 1, 1000),
    (10**9, "B", 1, LIMIT),
)


def _prefix(minor: int, sign: bool) -> str:
    return "-" if minor < 0 else "+" if sign and minor > 0 else ""


def _grouped(size: int, currency: str) -> str:
    places = exponent(currency)
    whole, part = divmod(size, 10**places)
    return f"{whole:,}.{part:0{places}}" if places else f"{whole:,}"


def _read(text: str, places: int, *, signed: bool) -> tuple[int, int]:
    """The digits of a written number as one integer, and how many of them stand behind the point."""
    if not isinstance(text, str):
        raise TypeError(f"an amount is read from text, not from a {type(text).__name__}")
    trimmed = text.strip(" \t\u00a0\u202f")
    if not trimmed:
        raise AmountRefused("An amount is missing.")
    if len(trimmed) > LONGEST:
        raise AmountRefused(f"An amount has at most {LONGEST} characters.")
    match = _NUMBER.fullmatch(trimmed)
    if match is None:
        raise not_an_amount(trimmed)
    decimals = match["decimals"] or ""
    if len(decimals) > places:
        raise AmountRefused(f"{quoted(trimmed)} has {len(decimals)} decimals; {_at_most(places)} fit here.")
    separator = match["separator"]
    whole = match["plain"] or match["grouped"].replace(separator, "")
    if separator == "," and match["grouped"].count(",") == 1 and not decimals and places:
        raise AmountRefused(f"{quoted(trimmed)} can be read two ways: write {whole} or {whole}.00 instead.")
    size = int(whole + decimals)
    if match["minus"]:
        if size == 0:
            raise AmountRefused(f"{quoted(trimmed)} is not an amount: zero has no sign.")
        if not signed:
            raise AmountRefused(f"{quoted(trimmed)} is negative; a positive amount is expected here.")
        size = -size
    return size, len(decimals)


def _in_range(minor: int, currency: str) -> int:
    if abs(minor) > LIMIT:
        raise AmountRefused(_too_large(currency))
    return minor


def _too_large(currency: str) -> str:
    return f"An amount can be at most {format_exact(LIMIT, currency)}."


def _at_most(places: int) -> str:
    return f"at most {places} decimals" if places else "no decimals"
