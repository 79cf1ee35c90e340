"""Which variances must be explained: the limits of a program, and what of an account lies beyond them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from finance.engine.earned_value import Figures
from finance.engine.explained import Measure, decimals
from pmo import formats
from pmo.money import round_half_even
from pmo.refusals import Refused


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a variance is explained; None: not looked at.

    `vac_percent` of the budget (10: an estimate more than 10 % above it); `smallest_minor` below which cost and
    schedule variance in minor units are too small to ask about; `answer_days` within which an answer is due.
    """

    cpi_low: Decimal | None = Decimal("0.900")
    cpi_high: Decimal | None = Decimal("1.200")
    spi_low: Decimal | None = Decimal("0.900")
    vac_percent: Decimal | None = Decimal("10.00")
    smallest_minor: int = 0
    answer_days: int = 10


def check(wanted: Limits) -> None:
    """Raise Refused, at its field, for a limit that makes no sense."""
    for name, lowest, highest, text in (
        ("cpi_low", 0, 1, "between 0 and 1"),
        ("spi_low", 0, 1, "between 0 and 1"),
        ("cpi_high", 1, 100, "above 1"),
        ("vac_percent", 0, 1000, "above 0"),
    ):
        value = getattr(wanted, name)
        if value is not None and not lowest < value < highest:
            raise Refused(f"This limit lies {text}.", field=name)
    if wanted.smallest_minor < 0:
        raise Refused("An amount of zero or more.", field="smallest_minor")
    if not 1 <= wanted.answer_days <= 90:
        raise Refused("An answer is due within 1 to 90 days.", field="answer_days")


def crossed(
    limits: Limits,
    figures: Figures,
    found: Mapping[str, Measure],
    currency: str,
    *,
    whose: str = "the program",
) -> list[dict[str, Any]]:
    """What lies beyond its limit: measure, value and limit as text, whose limit, and the sentence that says it.

    An index that is not defined crosses nothing. Whether the variance is large enough is asked of the amount that
    the index is about: CV for the CPI, SV for the SPI, VAC for itself.
    """
    said = []
    own = "" if whose == "the program" else f", the limit of {whose}"
    cpi, spi, vac = (found[name].value for name in ("cpi", "spi", "vac"))
    tests = (
        ("cpi", "CPI", cpi, limits.cpi_low, figures.cv, True, "the work cost more than it earned"),
        ("cpi", "CPI", cpi, limits.cpi_high, figures.cv, False, "the work cost far less than it earned"),
        ("spi", "SPI", spi, limits.spi_low, figures.sv, True, "less was earned than planned"),
    )
    for name, symbol, value, limit, amount, below, meaning in tests:
        if value is None or limit is None or abs(amount) < limits.smallest_minor:
            continue
        edge = Fraction(limit)
        if (value < edge) if below else (value > edge):
            what = "CV" if name == "cpi" else "SV"
            side = "below" if below else "above"
            said.append(
                {
                    "measure": name,
                    "value": decimals(value, 4),
                    "limit": f"{limit:f}",
                    "whose": whose,
                    "sentence": f"{symbol} {decimals(value, 3)} is {side} {plain(limit)}{own}: "
                    f"{meaning} ({what} {formats.money_exact(round_half_even(amount), currency)}).",
                }
            )
    if vac is not None and limits.vac_percent is not None and figures.bac > 0:
        share = -vac / figures.bac * 100
        if share > Fraction(limits.vac_percent) and -vac >= limits.smallest_minor:
            said.append(
                {
                    "measure": "vac",
                    "value": decimals(vac, 4),
                    "limit": f"{limits.vac_percent:f}",
                    "whose": whose,
                    "sentence": f"The estimate at completion is {decimals(share, 1)} % above the budget, more than "
                    f"{limits.vac_percent.normalize():f} %{own} "
                    f"(VAC {formats.money_exact(round_half_even(vac), currency)}).",
                }
            )
    return said


def plain(limit: Decimal) -> str:
    """Two decimals, or the third where there is one: 0.90, 0.955."""
    return f"{limit:.2f}" if limit == round(limit, 2) else f"{limit:.3f}"
