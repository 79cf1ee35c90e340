"""Planned value: the cost of a baseline spread over its working time.

Units: instants are wall minutes (minutes since 1970-01-01T00:00 on the program's local clock), durations
working minutes, money minor units of one currency as exact numbers (`int`, `Fraction` or `Decimal`; parts
of a cent are kept, because hourly rates times part-time units make real ones). Nothing is rounded here.

Start costs (fixed and per-use) are planned in full at the start, the rest linearly over the activity's own
working time: the rule of the Ghent / OR-AS project data. The discrete techniques of EIA-748 plan an
activity's value at the same events at which it will be earned, otherwise a perfectly run plan would show a
variance.
"""

from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import lcm

from programs.engine.worktime import WorkCalendar

Amount = int | Fraction | Decimal
"""Minor units, exactly; may have parts of one."""

_EPOCH = date(1970, 1, 1)
_DAY = 1440


class Technique(StrEnum):
    """How an activity's value is earned (and planned); the values are those stored with the activity."""

    PERCENT = "percent_complete"
    ZERO_HUNDRED = "zero_hundred"
    FIFTY_FIFTY = "fifty_fifty"
    MILESTONES = "weighted_milestones"
    LEVEL_OF_EFFORT = "level_of_effort"


class PeriodKind(StrEnum):
    """The calendar periods of a curve."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Step:
    """A weighted milestone inside an activity: when it is planned (wall minute) and its share of the cost."""

    planned: int
    weight: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was reported of one activity at a status date; everything is cumulative.

    `at` wall minute of the status date; `percent` physical percent complete, 0..100; `started` an actual
    start is recorded; `actual_cost` minor units; `steps_reached` places of the reached milestones in
    `Costed.steps`.
    """

    at: int
    percent: Amount = 0
    started: bool = False
    actual_cost: Amount = 0
    steps_reached: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Costed:
    """One baseline activity with its cost and what has been reported of it.

    `start`, `finish` baseline wall minutes; `calendar` place in the sequence of calendars; `start_cost`
    minor units planned in full at the start; `spread_cost` minor units planned over the working time;
    `steps` only for weighted milestones; `reports` in order of `at`. Raises `ValueError` for a plan that
    cannot be phased.
    """

    key: Hashable
    start: int
    finish: int
    calendar: int = 0
    start_cost: Amount = 0
    spread_cost: Amount = 0
    technique: Technique = Technique.PERCENT
    steps: tuple[Step, ...] = ()
    reports: tuple[Report, ...] = ()

    def __post_init__(self) -> None:
        if self.finish < self.start:
            raise ValueError(f"{self.key}: the baseline finish lies before the start")
        if self.start_cost < 0 or self.spread_cost < 0:
            raise ValueError(f"{self.key}: a planned cost cannot be negative")
        if (self.technique is Technique.MILESTONES) != bool(self.steps):
            raise ValueError(f"{self.key}: weighted milestones need steps, and only they have any")
        if any(step.weight <= 0 for step in self.steps):
            raise ValueError(f"{self.key}: a milestone's weight must be positive")
        if any(late.at <= early.at for early, late in pairwise(self.reports)):
            raise ValueError(f"{self.key}: reports must be in order of their status dates, one for each")
        if any(not 0 <= report.percent <= 100 for report in self.reports):
            raise ValueError(f"{self.key}: percent complete lies between 0 and 100")

    @property
    def budget(self) -> Fraction:
        """Start and spread cost together, in minor units: the activity's budget at completion."""
        return Fraction(self.start_cost) + Fraction(self.spread_cost)

    def report_at(self, at: int) -> Report | None:
        """The latest report at or before a wall minute."""
        place = bisect_right(self.reports, at, key=lambda report: report.at)
        return self.reports[place - 1] if place else None


class Phased:
    """A set of baseline activities laid out in time; answers the planned value at any instant.

    Built once, asked often: whole amounts are integers of a common scale, so that only activities in progress
    at the instant need a fraction.
    """

    __slots__ = (
        "_done",
        "_events",
        "_finishes",
        "_paid",
        "_parts",
        "_ramps",
        "_scale",
        "activities",
        "finish",
        "start",
    )

    def __init__(self, activities: Sequence[Costed], calendars: Sequence[WorkCalendar]) -> None:
        """Raises `ValueError` when there are no activities or two have the same key."""
        if not activities:
            raise ValueError("there are no activities to plan")
        if len({activity.key for activity in activities}) < len(activities):
            raise ValueError("two activities have the same key")
        self.activities = tuple(activities)
        self.start = min(activity.start for activity in activities)
        self.finish = max(activity.finish for activity in activities)
        self._parts = tuple(_parts(activity, calendars[activity.calendar]) for activity in activities)
        amounts = [amount for events, ramp in self._parts for _, amount in events]
        amounts += [ramp.amount for _, ramp in self._parts if ramp]
        self._scale = lcm(*(amount.denominator for amount in amounts))
        events = sorted((when, self._scaled(amount)) for steps, _ in self._parts for when, amount in steps)
        self._events = [when for when, _ in events]
        self._paid = _running([amount for _, amount in events])
        self._ramps = sorted((ramp for _, ramp in self._parts if ramp), key=lambda ramp: ramp.finish)
        self._finishes = [ramp.finish for ramp in self._ramps]
        self._done = _running([self._scaled(ramp.amount) for ramp in self._ramps])

    @property
    def budget(self) -> Fraction:
        """The whole planned cost in minor units: the budget at completion."""
        return Fraction(self._paid[-1] + self._done[-1], self._scale)

    def at(self, t: int) -> Fraction:
        """Planned value of all activities at wall minute `t`, in minor units, exactly."""
        past = bisect_right(self._finishes, t)
        whole = self._paid[bisect_right(self._events, t)] + self._done[past]
        running = sum((ramp.by(t) for ramp in self._ramps[past:] if ramp.start < t), Fraction(0))
        return Fraction(whole, self._scale) + running

    def each_at(self, t: int) -> list[Fraction]:
        """Planned value of every activity at wall minute `t` in minor units, in the order given."""
        values = []
        for events, ramp in self._parts:
            value = sum((amount for when, amount in events if when <= t), Fraction(0))
            values.append(value + ramp.by(t) if ramp else value)
        return values

    def curve(self, bounds: Sequence[int]) -> list[Fraction]:
        """Cumulative planned value at each of the given wall minutes, in minor units."""
        return [self.at(t) for t in bounds]

    def _scaled(self, amount: Fraction) -> int:
        return amount.numerator * (self._scale // amount.denominator)


def period_bounds(start: int, finish: int, kind: PeriodKind) -> list[int]:
    """Wall minutes that cut a plan into calendar weeks (from Monday 00:00) or months (from the first).

    The first bound is `start` itself, the last is the end of the period in which `finish` lies, so the
    planned value at the last bound is the whole budget. Period n (from 1) lies between bounds n-1 and n.
    """
    bounds = [start]
    while bounds[-1] < finish or len(bounds) == 1:
        bounds.append(_next_bound(bounds[-1], kind))
    return bounds


def period_position(bounds: Sequence[int], t: int) -> Fraction:
    """How many periods have passed at wall minute `t`; the running one counts by its share of the clock.

    Beyond the last bound periods as long as the last one are counted on; before the first the answer is 0.
    """
    if t <= bounds[0]:
        return Fraction(0)
    if t >= bounds[-1]:
        return len(bounds) - 1 + Fraction(t - bounds[-1], bounds[-1] - bounds[-2])
    place = bisect_right(bounds, t) - 1
    return place + Fraction(t - bounds[place], bounds[place + 1] - bounds[place])


def increments(cumulative: Sequence[Fraction]) -> list[Fraction]:
    """What falls into each period of a cumulative curve (one value fewer than the curve has points)."""
    return [late - early for early, late in pairwise(cumulative)]


@dataclass(frozen=True, slots=True)
class _Ramp:
    """An amount that accrues linearly with the working minutes between two instants."""

    start: int
    finish: int
    calendar: WorkCalendar
    from_work: int
    duration: int
    amount: Fraction

    def by(self, t: int) -> Fraction:
        if t <= self.start:
            return Fraction(0)
        if t >= self.finish:
            return self.amount
        return self.amount * (self.calendar.work_at(t) - self.from_work) / self.duration


def _parts(activity: Costed, calendar: WorkCalendar) -> tuple[list[tuple[int, Fraction]], _Ramp | None]:
    """An activity's cost as amounts that fall due at an instant, and the one that accrues."""
    budget = activity.budget
    match activity.technique:
        case Technique.ZERO_HUNDRED:
            return [(activity.finish, budget)], None
        case Technique.FIFTY_FIFTY:
            return [(activity.start, budget / 2), (activity.finish, budget / 2)], None
        case Technique.MILESTONES:
            weights = sum(step.weight for step in activity.steps)
            return [(step.planned, budget * step.weight / weights) for step in activity.steps], None
    at_start, spread = Fraction(activity.start_cost), Fraction(activity.spread_cost)
    from_work = calendar.work_at(activity.start)
    duration = calendar.work_at(activity.finish) - from_work
    events = [(activity.start, at_start)] if at_start else []
    if spread and duration <= 0:
        # A cost without any working time to spread it over is due when the activity is.
        return [*events, (activity.finish, spread)], None
    ramp = _Ramp(activity.start, activity.finish, calendar, from_work, duration, spread) if spread else None
    return events, ramp


def _running(amounts: Sequence[int]) -> list[int]:
    """Sums of the first 0, 1, 2 ... amounts."""
    sums = [0]
    for amount in amounts:
        sums.append(sums[-1] + amount)
    return sums


def _next_bound(t: int, kind: PeriodKind) -> int:
    day = _EPOCH + timedelta(days=t // _DAY)
    if kind is PeriodKind.WEEK:
        following = day + timedelta(days=7 - day.weekday())
    else:
        following = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return (following - _EPOCH).days * _DAY
