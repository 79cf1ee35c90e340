"""Fiscal years: twelve months from the month in which a program's fiscal year starts. Periods are codes: 2026-11."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

MOST_YEARS = 40
"""Fiscal years that one table shows at most."""


@dataclass(frozen=True, slots=True)
class FiscalYear:
    """One fiscal year: the calendar year in which it begins, what it is called, and its twelve periods in order."""

    begins: int
    label: str
    periods: tuple[str, ...]

    @property
    def key(self) -> str:
        """The year in an address: that of its first month."""
        return str(self.begins)


def begins(code: str, start_month: int) -> int:
    """The calendar year in which the fiscal year of this period begins (`start_month` 1 to 12)."""
    year, month = int(code[:4]), int(code[5:7])
    return year if month >= start_month else year - 1


def fiscal_year(year: int, start_month: int) -> FiscalYear:
    """The fiscal year that begins in this calendar year: `2026`, or `2026/27` where it spans two."""
    months = [divmod(12 * year + start_month - 1 + n, 12) for n in range(12)]
    label = str(year) if start_month == 1 else f"{year}/{(year + 1) % 100:02d}"
    return FiscalYear(year, label, tuple(f"{y:04d}-{m + 1:02d}" for y, m in months))


def span(codes: Iterable[str], start_month: int, *, since: int = 0, until: int = 0) -> list[FiscalYear]:
    """The fiscal years from the first to the last of these periods without a gap, widened to `since` and `until`.

    At most MOST_YEARS of them, from the first. `since` and `until` are calendar years in which fiscal years begin;
    0, and years more than MOST_YEARS away, widen nothing. Raises ValueError without any period.
    """
    years = {begins(code, start_month) for code in codes}
    first, last = min(years), max(years)
    if first - MOST_YEARS <= since < first:
        first = since
    if last < until <= last + MOST_YEARS:
        last = until
    return [fiscal_year(year, start_month) for year in range(first, min(last, first + MOST_YEARS - 1) + 1)]
