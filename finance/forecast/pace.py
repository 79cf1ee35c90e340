"""How the work of a project went so far, as its forecasts take it: what it cost, and how much of it slipped."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from finance.earned_value import selectors as earned
from finance.forecast.models import Forecast
from pmo.clocks import instant


def pace_of(forecast: Forecast) -> tuple[Decimal, Decimal]:
    """AC / EV of the project at its latest status date by the end of the period (1 where not defined), and how much
    of what was planned by then is not earned: 1 - SPI, not below 0 (0 where not defined)."""
    run = earned.newest_run(forecast.program)
    history = earned.history(run, forecast.project, _end(forecast)) if run else []
    if not history:
        return Decimal(1), Decimal(0)
    now = history[-1]
    rate, slipped = Fraction(1), Fraction(0)
    if now.ev > 0 and now.ac > 0:
        rate = Fraction(now.ac, now.ev)
    if now.pv > 0:
        slipped = min(max(1 - Fraction(now.ev, now.pv), Fraction(0)), Fraction(1))
    return max(_six(rate), Decimal("0.000001")), _six(slipped)


def _six(value: Fraction) -> Decimal:
    return Decimal(round(value * 10**6)).scaleb(-6)


def _end(forecast: Forecast) -> datetime:
    """The last moment of the forecast's period, in the program's zone."""
    return instant(forecast.period.ends_on.isoformat(), forecast.program.time_zone)
