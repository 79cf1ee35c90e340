"""The 14 points in words: names, what is counted, thresholds, values, and what a repair costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pmo import formats
from pmo.formats import GAP
from programs.engine.assessment import Check

VERDICTS = {"pass": ("green", "Pass"), "fail": ("red", "Fail"), "not_applicable": ("", "Not applicable")}
STATES = {
    "met": ("green", "Met"),
    "partly": ("amber", "Partly met"),
    "not_met": ("red", "Not met"),
    "person": ("", "Needs a person"),
}


@dataclass(frozen=True, slots=True)
class Words:
    """A point: its name, what its figure is made of, and what its findings' minutes are."""

    name: str
    counts: str
    stake: str
    of_links: bool = False


WORDS: dict[int, Words] = {
    Check.LOGIC: Words(
        "Logic", "activities without a predecessor or without a successor", "Float that nothing bounds"
    ),
    Check.LEADS: Words("Leads", "links with a negative lag", "Lead", True),
    Check.LAGS: Words("Lags", "links with a positive lag", "Lag", True),
    Check.RELATIONSHIP_TYPES: Words("Relationship types", "links that run from finish to start", "", True),
    Check.HARD_CONSTRAINTS: Words(
        "Hard constraints",
        "activities that must, or may no later, start or finish on a date",
        "Missed by",
    ),
    Check.HIGH_FLOAT: Words("High float", "activities with more than 44 days of total float", "Above 44 d"),
    Check.NEGATIVE_FLOAT: Words(
        "Negative float", "activities that cannot keep a date set for them", "Late by"
    ),
    Check.HIGH_DURATION: Words("High duration", "activities baselined for more than 44 days", "Above 44 d"),
    Check.INVALID_DATES: Words(
        "Invalid dates", "activities forecast in the past or done in the future", "Off by"
    ),
    Check.RESOURCES: Words("Resources", "activities of a day or more without cost or hours", "Work left"),
    Check.MISSED_ACTIVITIES: Words(
        "Missed activities", "activities due by the status date, later than baselined", "Late by"
    ),
    Check.CRITICAL_PATH_TEST: Words(
        "Critical path test", "a delay of 600 days on the critical path reaches the finish", "Not passed on"
    ),
    Check.CRITICAL_PATH_LENGTH_INDEX: Words(
        "Critical path length index",
        "CPLI: path length and float of the finish to path length",
        "Short by",
    ),
    Check.BASELINE_EXECUTION_INDEX: Words(
        "Baseline execution index", "BEI: completed to what the baseline had completed by now", "Work left"
    ),
}
_COUNTED_TO_NONE = (Check.LEADS, Check.NEGATIVE_FLOAT, Check.INVALID_DATES, Check.RESOURCES)
_INDICES = (Check.CRITICAL_PATH_LENGTH_INDEX, Check.BASELINE_EXECUTION_INDEX)


def exact(point: Mapping[str, Any]) -> Fraction | None:
    """The figure of a stored point; None where it is not defined."""
    return Fraction(point["numerator"], point["denominator"]) if point["denominator"] else None


def value(point: Mapping[str, Any], day: int) -> str:
    """`2.5 %`, `3`, `0.95`, `600 of 600 d`; never rounded over its threshold. `day`: minutes of a usual day."""
    figure, check = exact(point), point["check"]
    if figure is None:
        return formats.UNKNOWN
    if check in _COUNTED_TO_NONE:
        return formats.number(point["numerator"])
    if check == Check.CRITICAL_PATH_TEST:
        moved, delay = (formats.number(point[name] / day) for name in ("numerator", "denominator"))
        return f"{moved} of {delay}{GAP}d"
    places = 3 if check in _INDICES else 1
    scale = 1 if check in _INDICES else 100
    rounded = round(figure * scale, places)
    if rounded == Fraction(point["limit"]) * scale and figure != Fraction(point["limit"]):
        places += 2
    text = formats.number(Decimal(figure.numerator * scale) / Decimal(figure.denominator), places)
    return text if check in _INDICES else f"{text}{GAP}%"


def threshold(point: Mapping[str, Any]) -> str:
    """`at most 5 %`, `none`, `at least 0.95`."""
    limit, check = Fraction(point["limit"]), point["check"]
    if not limit:
        return "none"
    if check in _INDICES:
        return f"at least {formats.number(Decimal(limit.numerator) / limit.denominator, 2)}"
    percent = formats.number(Decimal(limit.numerator * 100) / limit.denominator)
    return f"{'at least' if point['at_least'] else 'at most'} {percent}{GAP}%"


def made_of(point: Mapping[str, Any]) -> str:
    """`3 of 120`, or why there is no figure."""
    if not point["denominator"]:
        return ""
    if point["check"] in (Check.CRITICAL_PATH_TEST, Check.CRITICAL_PATH_LENGTH_INDEX):
        return ""
    return f"{formats.number(point['numerator'])} of {formats.number(point['denominator'])}"


def days(minutes: int, day: int) -> str:
    """Working minutes as `1,284 d`, one decimal where it matters."""
    figure = minutes / day
    return f"{formats.number(figure, 0 if abs(figure) >= 100 or figure == int(figure) else 1)}{GAP}d"


def price(repair: Mapping[str, Any], day: int) -> str:
    """What a repair moves, else what is at stake: a sentence."""
    check = repair["check"]
    if check == Check.CRITICAL_PATH_TEST:
        return "Until it passes, no computed date can be relied on."
    moved = repair["finish"]
    if moved:
        return f"Repaired, the finish is {days(abs(moved), day)} {'later' if moved > 0 else 'earlier'}."
    stake = repair["at_stake"]
    words = WORDS[check].stake.lower()
    at_stake = f" {WORDS[check].stake}: {days(stake, day)} in all." if stake and words else ""
    return ("The finish does not move." if moved == 0 else "") + at_stake or "No days hang on it."
