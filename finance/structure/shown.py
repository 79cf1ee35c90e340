"""Amounts with parts of a minor unit, as text."""

from __future__ import annotations

from decimal import Decimal

from pmo.money import exponent, format_exact, format_plain, round_half_even


def shown(minor: Decimal, currency: str) -> str:
    """Exactly, with parts of a minor unit only where there are some."""
    if minor == minor.to_integral_value():
        return format_exact(int(minor), currency)
    return f"{minor.scaleb(-exponent(currency)).normalize():,f} {currency}"


def plain(minor: Decimal, currency: str) -> str:
    """For a file."""
    if minor == minor.to_integral_value():
        return format_plain(round_half_even(minor), currency)
    return f"{minor.scaleb(-exponent(currency)).normalize():f}"
