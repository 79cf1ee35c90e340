"""How an activity of a float path holds the next one: the link, what lies between the two, and words for both."""

from __future__ import annotations

from dataclasses import dataclass

from pmo import formats
from programs.engine import Scheduled
from programs.engine.float_paths import slack_of, slip_of
from programs.master_plan.lines import in_days
from programs.schedule.inputs import LAG_UNITS, LINKS, Loaded
from programs.schedule.models import Dependency

FINDS = {
    "FS": "the next waits until it finishes",
    "SS": "the next waits until it starts",
    "FF": "the next can finish no earlier than it finishes",
    "SF": "the next can finish no earlier than it starts",
}


KIND_OF = {number: kind for kind, number in LINKS.items()}
UNIT_OF: dict[int, str] = {number: unit for unit, number in LAG_UNITS.items()}


@dataclass(frozen=True, slots=True)
class Link:
    """How an activity holds the next one of its path."""

    link_id: int | None
    """None where it is a link of a group."""
    kind: str
    lag: int
    lag_unit: str
    slack: int
    """Working minutes it could ask more before the next one moved: of the next one, or of the first by a group."""
    words: str


def link_of(base: Scheduled, loaded: Loaded, ways: tuple[int, ...], day: list[int]) -> Link:
    """What an activity and the next one have between them: one link, or several by way of a group.

    By way of a group what lies between is counted in the hours of the first: a group itself never rests.
    """
    given, plan, k = loaded.given, base.plan, ways[0]
    plain = len(ways) == 1 and k < len(loaded.link_ids)
    if not plain or (given.predecessor[k], given.successor[k]) != (plan.predecessor[k], plan.successor[k]):
        slack = 0
        for way in reversed(ways):
            slack = slip_of(base, way, slack) or 0
        rest = _rest(slack, day[plan.calendar[plan.predecessor[k]]])
        return Link(None, "", 0, "", slack, f"the next waits for it by a link of a group{rest}")
    slack = slack_of(base, k) or 0
    kind, lag, unit = KIND_OF[given.link_kind[k]], given.lag[k], UNIT_OF[given.lag_unit[k]]
    usual = day[given.calendar[given.successor[k]]]
    return Link(
        loaded.link_ids[k],
        kind,
        lag,
        unit,
        slack,
        f"{FINDS[kind]}{_lag(lag, unit, usual)}{_rest(slack, usual)}",
    )


def _lag(lag: int, unit: str, day: int) -> str:
    if not lag:
        return ""
    size = abs(lag)
    if unit == Dependency.LagUnit.PERCENT:
        text = f"{size}{formats.GAP}% of its duration"
    elif unit == Dependency.LagUnit.ELAPSED:
        text = f"{in_days(size, 1440)}{formats.GAP}d on the clock"
    else:
        text = f"{in_days(size, day)}{formats.GAP}d"
    return f", and {text} more" if lag > 0 else f", less {text}"


def _rest(slack: int, day: int) -> str:
    """What lies between the two beyond the link."""
    if slack > 0:
        return f"; {in_days(slack, day)}{formats.GAP}d lie between"
    return f"; a date holds the next {in_days(-slack, day)}{formats.GAP}d too early for it" if slack else ""
