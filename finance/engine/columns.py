"""The figures of a project as text columns, named and written as in the Ghent / OR-AS converter's `evm.csv`.

Money in major units with four decimals, so that whoever compares or sums rounds once, from the exact figure;
indices with four decimals; an empty text where a measure is not defined.
"""

from datetime import datetime, timedelta
from fractions import Fraction

from finance.engine.earned_value import Valuation
from finance.engine.explained import Measure, decimals
from pmo.money import exponent

COLUMNS = (
    *("bac", "pv", "ev", "ac", "sv", "cv", "spi", "cpi", "es", "sv_t", "spi_t", "p_factor"),
    *("eac_remaining_at_budget", "eac_cpi", "eac_spi", "eac_spi_t", "eac_cpi_x_spi", "eac_cpi_x_spi_t"),
    "eac_80cpi_20spi",
)
"""Column names in the order of `evm.csv`, after its project, period and status date."""

_MONEY_DECIMALS = 4
_EPOCH = datetime(1970, 1, 1)


def evm_columns(
    valuation: Valuation, measures: dict[str, Measure], currency: str, *, minutes_per_day: int = 480
) -> dict[str, str]:
    """One row of `COLUMNS` for a project's valuation and the measures taken of it."""
    unit = 10 ** exponent(currency)
    figures, schedule = valuation.total.exact, valuation.schedule
    row = {}
    for name in COLUMNS:
        if name in ("bac", "pv", "ev", "ac"):
            row[name] = decimals(getattr(figures, name) / unit, _MONEY_DECIMALS)
        elif name == "es":
            row[name] = wall_text(schedule.earned_at)
        elif name == "sv_t":
            row[name] = working_time_text(round(schedule.time.sv_t), minutes_per_day)
        else:
            value = measures[name].value
            scale = unit if name[:3] in ("sv", "cv", "eac") else 1
            row[name] = "" if value is None else decimals(Fraction(value) / scale, _MONEY_DECIMALS)
    return row


def wall_text(t: int) -> str:
    """A wall minute as `2014-02-28T17:00`."""
    return (_EPOCH + timedelta(minutes=t)).isoformat(timespec="minutes")


def working_time_text(minutes: int, minutes_per_day: int) -> str:
    """Working minutes in days, hours and minutes of work: `-7d 5h`, `36d`, `2h 30m`, `0`."""
    if minutes < 0:
        return f"-{working_time_text(-minutes, minutes_per_day)}"
    days, rest = divmod(minutes, minutes_per_day)
    hours, left = divmod(rest, 60)
    parts = [f"{count}{letter}" for count, letter in ((days, "d"), (hours, "h"), (left, "m")) if count]
    return " ".join(parts) or "0"
