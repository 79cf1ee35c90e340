"""The estimate to complete of a cost line, period by period, and how good such estimates were. Pure.

All amounts are whole minor units of one currency. What is spread over periods adds up to its rounded total, to the
cent (largest remainder).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from finance.engine.earned_value import to_the_cent
from pmo.money import round_half_even

TREND_PERIODS = 3
"""Periods whose average a trend goes on with."""


def by_remaining_plan(planned: Sequence[int | Fraction], rate: Fraction) -> list[int]:
    """What is planned in each period still to come x the rate at which work has cost so far (AC / EV)."""
    parts = [Fraction(amount) * rate for amount in planned]
    return to_the_cent(parts, round_half_even(sum(parts, Fraction(0))))


def by_trend(spent: Sequence[int], periods: int) -> list[int]:
    """The average of the last three periods (fewer where there are fewer), in each of the periods to come.

    Never below zero: a period of credits is no forecast of more of them. Raises `ValueError` for fewer than no
    periods.
    """
    if periods < 0:
        raise ValueError("a forecast covers no fewer than zero periods")
    last = spent[-TREND_PERIODS:]
    average = max(Fraction(sum(last), len(last)), Fraction(0)) if last else Fraction(0)
    return to_the_cent([average] * periods, round_half_even(average * periods))


@dataclass(frozen=True, slots=True)
class Score:
    """How a forecast did over the periods that came to pass.

    `error` forecast - actual in all; `bias` the same as a share of the actual (above zero: forecast too much);
    `mape` the mean of abs(forecast - actual) / actual over the periods with cost, `counted` of them. None where
    nothing was spent.
    """

    periods: int
    forecast: int
    actual: int
    counted: int
    bias: Fraction | None
    mape: Fraction | None

    @property
    def error(self) -> int:
        """Forecast - actual, minor units."""
        return self.forecast - self.actual


def score(pairs: Sequence[tuple[int, int]]) -> Score:
    """Score (forecast, actual) of each period."""
    forecast, actual = sum(one for one, _ in pairs), sum(one for _, one in pairs)
    shares = [Fraction(abs(told - real), real) for told, real in pairs if real > 0]
    return Score(
        periods=len(pairs),
        forecast=forecast,
        actual=actual,
        counted=len(shares),
        bias=Fraction(forecast - actual, actual) if actual > 0 else None,
        mape=sum(shares, Fraction(0)) / len(shares) if shares else None,
    )
