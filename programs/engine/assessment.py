"""What an assessment of a schedule is made of: facts beside the plan, thresholds, points, offences.

Everything is plain: indices into the plan, working minutes, exact fractions. `schedule_health.assess` is the door.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from fractions import Fraction


class Check(IntEnum):
    """The 14 points of the DCMA assessment by their published numbers."""

    LOGIC = 1
    LEADS = 2
    LAGS = 3
    RELATIONSHIP_TYPES = 4
    HARD_CONSTRAINTS = 5
    HIGH_FLOAT = 6
    NEGATIVE_FLOAT = 7
    HIGH_DURATION = 8
    INVALID_DATES = 9
    RESOURCES = 10
    MISSED_ACTIVITIES = 11
    CRITICAL_PATH_TEST = 12
    CRITICAL_PATH_LENGTH_INDEX = 13
    BASELINE_EXECUTION_INDEX = 14


class Verdict(Enum):
    """Whether a point keeps its threshold. A threshold raises a question; it is no pass mark for people."""

    PASS = "pass"  # noqa: S105 (a verdict, no secret)
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The published thresholds. Shares are fractions of one, days are working days of the activity's calendar."""

    share: Fraction = Fraction(5, 100)
    """Most of the population that points 1, 3, 5, 6, 8 and 11 may find."""
    finish_start: Fraction = Fraction(90, 100)
    """Least share of links that run from finish to start."""
    float_days: int = 44
    """Total float above it is high; exactly it is not."""
    duration_days: int = 44
    delay_days: int = 600
    """By how much the critical path test delays."""
    passed_on: Fraction = Fraction(95, 100)
    """Least part of the delay that the finish shows. Not all of it: a weekend or a shutdown of the calendar of a
    later activity can take up some days of a delay counted on another calendar."""
    length_index: Fraction = Fraction(95, 100)
    execution_index: Fraction = Fraction(95, 100)


PUBLISHED = Thresholds()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the assessment is told beside the plan. One entry per activity, or empty where nothing is known.

    `day` decides how many activities are assessed: what the plan holds behind them (points that carry the links
    of groups) takes part in the network only. The same goes for `links`.
    """

    day: Sequence[int]
    """Working minutes of the usual day of the activity's calendar."""
    links: int | None = None
    """How many of the plan's links are people's own; None: all."""
    calendar: int = 0
    """Index of the calendar on which the length of the critical path is counted."""
    baseline_finish: Sequence[int | None] = ()
    """Wall minutes; None: the activity stands in no baseline."""
    baseline_duration: Sequence[int | None] = ()
    """Working minutes."""
    loaded: Sequence[bool] = ()
    """Whether the activity has cost or hours. Nowhere any: the schedule is not loaded, point 10 does not apply."""
    promised: int | None = None
    """Wall minute by which the program (or project) promised to finish."""


@dataclass(frozen=True, slots=True)
class Offence:
    """One activity or link that a point found (indices, -1 where not meant) and what it is about in working minutes.

    `minutes`: 1 the float that nothing bounds (0 with a successor), 2 and 3 the lag (elapsed ones as elapsed), 5 by
    how much a date is missed, 6 and 8 the excess over the threshold, 7 and 9 and 11 by how much it is late, 10 the
    work without resources, 14 the work left. Largest first.
    """

    activity: int = -1
    link: int = -1
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """One of the 14 points: `numerator` of `denominator` (a count, or working minutes in points 12 and 13)."""

    check: Check
    numerator: int
    denominator: int
    limit: Fraction
    verdict: Verdict
    offences: tuple[Offence, ...] = ()
    reason: str = ""
    """Why it does not apply, or what the figure leaves out: a sentence, empty where there is nothing to say."""

    @property
    def value(self) -> Fraction | None:
        """The exact figure; None where it is not defined."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None

    @property
    def at_least(self) -> bool:
        """Whether the value must reach the limit (points 4, 12, 13, 14) rather than stay within it."""
        return self.check in _AT_LEAST


_AT_LEAST = frozenset(
    {
        Check.RELATIONSHIP_TYPES,
        Check.CRITICAL_PATH_TEST,
        Check.CRITICAL_PATH_LENGTH_INDEX,
        Check.BASELINE_EXECUTION_INDEX,
    }
)


def point(
    check: Check,
    numerator: int,
    denominator: int,
    limit: Fraction,
    offences: Sequence[Offence] = (),
    *,
    nothing: str,
    reason: str = "",
) -> Point:
    """A point with its verdict; `nothing` is the sentence for a denominator of zero. Compared exactly."""
    if denominator <= 0:
        return Point(check, numerator, 0, limit, Verdict.NOT_APPLICABLE, tuple(offences), nothing)
    value = Fraction(numerator, denominator)
    kept = value >= limit if check in _AT_LEAST else value <= limit
    worst_first = tuple(sorted(offences, key=lambda one: (-one.minutes, one.activity, one.link)))
    return Point(
        check, numerator, denominator, limit, Verdict.PASS if kept else Verdict.FAIL, worst_first, reason
    )


def not_applicable(check: Check, limit: Fraction, reason: str) -> Point:
    """A point that this plan gives nothing to measure for."""
    return Point(check, 0, 0, limit, Verdict.NOT_APPLICABLE, (), reason)
