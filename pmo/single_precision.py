"""Numbers that came out of a program which keeps them as 32-bit floats, brought back to what they were.

ProTrack stores percent complete as a 32-bit fraction of one, exported with six decimals of a percent: 24 %
arrives as 23.999999. Estimates at completion that divide by small indices magnify such a cut a billion times,
so an importer that recognises the pattern restores the float itself; hand-made files are left as they are.
"""

import struct
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

PERCENT_DECIMALS = 13
"""Decimals of a percentage that hold a 32-bit fraction exactly enough; columns for percent have as many."""


def is_single_precision(percents: Iterable[Decimal], *, decimals: int = 6) -> bool:
    """Whether a column of percentages was cut from 32-bit fractions to so many decimals.

    True when every value is what some 32-bit fraction looks like at that length and at least one has the
    tell-tale digits (23.999999, 40.000001) that no person writes.
    """
    values = list(percents)
    looks_it = all(_cut(nearest_single(Fraction(value) / 100), decimals) == value for value in values)
    return looks_it and any(_is_dust(value, decimals) for value in values)


def restore_percent(written: Decimal, *, done: int, left: int, decimals: int = 6) -> Decimal:
    """The percentage that was cut to `decimals`, with `PERCENT_DECIMALS` decimals.

    `done` and `left` are actual and remaining duration in any one unit: where the written percentage is their
    ratio, the float is that of the ratio (the cut alone leaves two candidates), otherwise the nearest one.
    """
    fraction = Fraction(written) / 100
    if done + left > 0:
        ratio = Fraction(done, done + left)
        if _cut(nearest_single(ratio), decimals) == written:
            fraction = ratio
    return _cut(nearest_single(fraction), PERCENT_DECIMALS)


def nearest_single(value: Fraction) -> Fraction:
    """The 32-bit float nearest to a number, exactly."""
    return Fraction(struct.unpack("<f", struct.pack("<f", float(value)))[0])


def _cut(fraction: Fraction, decimals: int) -> Decimal:
    return Decimal(round(fraction * 100 * 10**decimals)).scaleb(-decimals)


def _is_dust(value: Decimal, decimals: int) -> bool:
    """One step of the last digit beside a value with at most two decimals."""
    step = Fraction(1, 10**decimals)
    off = abs(Fraction(value) - Fraction(round(Fraction(value) * 100), 100))
    return step <= off <= 4 * step
