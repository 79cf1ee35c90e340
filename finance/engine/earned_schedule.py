"""Earned schedule (Lipke): how much planned time the earned value is worth.

Two ways, both exact: by steps of working time on the baseline's own curve (the rule of the Ghent / OR-AS
converter: whole hours, no interpolation inside one), and interpolated between the ends of periods (the
textbook form). Units: wall minutes for instants, working minutes on the project's calendar or periods for
times, minor currency units for values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from finance.engine.phasing import Phased
from pmo.money import round_half_even
from programs.engine.worktime import WorkCalendar

FARTHEST_FORECAST = 10
"""A forecast of more than so many planned durations is a warning, not a date; none is given then."""


@dataclass(frozen=True, slots=True)
class TimeIndices:
    """Earned, actual and planned time in one unit, and what follows from them (None = not defined)."""

    earned: Fraction
    actual: Fraction
    planned: Fraction

    @property
    def sv_t(self) -> Fraction:
        """Schedule variance in time, ES - AT: negative is late."""
        return self.earned - self.actual

    @property
    def spi_t(self) -> Fraction | None:
        """Schedule performance index in time, ES / AT; not defined before any time has passed."""
        return self.earned / self.actual if self.actual > 0 else None

    @property
    def ieac_t(self) -> Fraction | None:
        """Estimated duration at completion, PD / SPI(t); not defined while nothing is earned."""
        spi_t = self.spi_t
        return self.planned / spi_t if spi_t else None

    @property
    def tspi(self) -> Fraction | None:
        """To-complete schedule index, (PD - ES) / (PD - AT); not defined once the planned time has passed."""
        left = self.planned - self.actual
        return (self.planned - self.earned) / left if left > 0 else None


@dataclass(frozen=True, slots=True)
class EarnedSchedule:
    """Earned schedule at a status date, in working minutes since the baseline start.

    `start`, `finish` of the baseline, `at` (status date), `earned_at` (the instant whose planned value equals
    the earned value) and `forecast_finish` (start + IEAC(t), None where it is not defined or farther off than
    ten planned durations) in wall minutes; `p_factor` Lipke's adherence to the schedule, 0..1, or None, and the
    two sums it is the quotient of: `in_order` earned where it was planned by ES, `planned_by_then` planned by ES,
    minor units; `planned_then` the latter of each activity, in the order of the plan.
    """

    start: int
    finish: int
    at: int
    earned_at: int
    time: TimeIndices
    forecast_finish: int | None
    p_factor: Fraction | None
    in_order: Fraction = Fraction(0)
    planned_by_then: Fraction = Fraction(0)
    planned_then: tuple[Fraction, ...] = ()


def earned_schedule(
    plan: Phased, calendar: WorkCalendar, earned: Sequence[Fraction], at: int, *, step: int = 60
) -> EarnedSchedule:
    """Find the whole step of working time on the plan's curve that the earned value matches.

    `earned` is the earned value of each of the plan's activities at `at`, in minor units and in their
    order; `step` working minutes on `calendar` (the project's). Values are compared in whole minor units,
    so that the dust of imported floats does not move a date. Behind plan it is the last step not worth more
    than what is earned, ahead of plan the first one worth as much, on plan the status date itself, never
    past the finish.
    """
    value = round_half_even(sum(earned, Fraction(0)))
    origin = calendar.work_at(plan.start)
    planned = calendar.between(plan.start, plan.finish)
    actual = calendar.between(plan.start, at)

    def instant(steps: int) -> int:
        return calendar.finish_time(origin + min(steps * step, planned)) if steps else plan.start

    def worth(steps: int) -> int:
        return round_half_even(plan.at(instant(steps)))

    last = -(-planned // step)
    now = min(max(actual, 0) // step, last)
    steps = now
    if value < worth(now):
        # Bisection: the curve never falls. `low` is affordable or the start, `high` is not.
        low, high = 0, now
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if worth(middle) <= value else (low, middle)
        steps = low
    elif value > worth(now):
        low, high = now, last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if worth(middle) >= value else (middle, high)
        steps = high
    earned_at = instant(steps)
    time = TimeIndices(Fraction(min(steps * step, planned)), Fraction(actual), Fraction(planned))
    planned_then = plan.each_at(earned_at)
    return EarnedSchedule(
        start=plan.start,
        finish=plan.finish,
        at=at,
        earned_at=earned_at,
        time=time,
        forecast_finish=_forecast(calendar, origin, time),
        p_factor=p_factor(planned_then, earned),
        in_order=_in_order(planned_then, earned),
        planned_by_then=sum(planned_then, Fraction(0)),
        planned_then=tuple(planned_then),
    )


def earned_periods(
    planned: Sequence[Fraction | int], earned: Fraction | int, actual: Fraction | int
) -> TimeIndices:
    """Earned schedule in periods, interpolated: ES = C + (EV - PV_C) / (PV_C+1 - PV_C).

    `planned` is the cumulative planned value at the start (n = 0) and at the end of each period n; C is the
    largest n with PV_n <= EV; `actual` periods passed at the status date. Raises `ValueError` for fewer than
    two points or a curve that falls.
    """
    if len(planned) < 2:
        raise ValueError("a curve of at least one period is needed")
    if any(late < early for early, late in pairwise(planned)):
        raise ValueError("a cumulative planned value cannot fall")
    whole = max((n for n, value in enumerate(planned) if value <= earned), default=None)
    if whole is None:
        found = Fraction(0)
    elif whole == len(planned) - 1:
        found = Fraction(whole)
    else:
        found = whole + Fraction(earned - planned[whole]) / Fraction(planned[whole + 1] - planned[whole])
    return TimeIndices(found, Fraction(actual), Fraction(len(planned) - 1))


def p_factor(planned_at_es: Sequence[Fraction], earned_at_at: Sequence[Fraction]) -> Fraction | None:
    """Lipke's P: the share of the value planned by ES that was earned on the very activities planned for it.

    Sum over activities of min(PV at ES, EV at AT) divided by the sum of PV at ES; None where that is zero.
    """
    whole = sum(planned_at_es, Fraction(0))
    if not whole:
        return None
    return _in_order(planned_at_es, earned_at_at) / whole


def _in_order(planned_at_es: Sequence[Fraction], earned_at_at: Sequence[Fraction]) -> Fraction:
    return sum((min(pair) for pair in zip(planned_at_es, earned_at_at, strict=True)), Fraction(0))


def _forecast(calendar: WorkCalendar, origin: int, time: TimeIndices) -> int | None:
    duration = time.ieac_t
    if duration is None or duration > FARTHEST_FORECAST * time.planned:
        return None
    return calendar.finish_time(origin + -(-duration.numerator // duration.denominator))
