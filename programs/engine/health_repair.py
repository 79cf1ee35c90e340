"""What to repair first: what each failed point costs in days of the finish, or puts at stake in days of float.

The rule. A failed critical path test comes first: until it passes no other date can be believed. Then come the
points whose repair moves the finish, by how far it moves: a copy of the plan is repaired and scheduled. Then come
the rest by what is at stake, the sum of their offences' minutes. Ties go by the number of the point.

Repairs that are scheduled: leads and lags (2, 3) become none; other links (4) run from finish to start; hard
constraints (5) become "no earlier than" or vanish; forecasts before the status date (9) begin at it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from programs.engine.assessment import Check, Offence, Point, Verdict
from programs.engine.critical_path import schedule
from programs.engine.health_counts import HARD, Population
from programs.engine.health_path import finish_of
from programs.engine.plan import Constraint, LinkKind, Plan
from programs.engine.worktime import BeyondCalendar


@dataclass(frozen=True, slots=True)
class Repair:
    """One failed point and its price."""

    check: Check
    findings: int
    finish: int | None
    """Working minutes on `Facts.calendar` by which the repaired copy finishes later (negative: earlier); None where
    no copy is scheduled."""
    at_stake: int
    """Sum of the offences' minutes."""


def repairs(of: Population, points: Iterable[Point]) -> list[Repair]:
    """The failed points in the order to repair them: one pass for each that can be scheduled."""
    before, calendar = finish_of(of, of.result), of.plan.calendars[of.facts.calendar]
    found = []
    for one in points:
        if one.verdict is not Verdict.FAIL:
            continue
        moved: int | None = None
        copy = repaired(of, one)
        if copy is not None:
            try:
                moved = calendar.between(before, finish_of(of, schedule(copy, of.rules)))
            except BeyondCalendar:
                moved = None
        stake = sum(offence.minutes for offence in one.offences)
        found.append(Repair(one.check, len(one.offences), moved, stake))
    found.sort(key=lambda r: (r.check != Check.CRITICAL_PATH_TEST, -abs(r.finish or 0), -r.at_stake, r.check))
    return found


def repaired(of: Population, one: Point) -> Plan | None:
    """A copy of the plan without what the point found, or None where no computation can say how to mend it."""
    plan = of.plan
    if one.check in (Check.LEADS, Check.LAGS):
        return replace(plan, lag=_with(plan.lag, one.offences, 0))
    if one.check == Check.RELATIONSHIP_TYPES:
        return replace(plan, link_kind=_with(plan.link_kind, one.offences, int(LinkKind.FINISH_START)))
    if one.check == Check.HARD_CONSTRAINTS:
        at = {offence.activity for offence in one.offences}
        return replace(
            plan,
            constraint=_softer(plan.constraint, at),
            second_constraint=_softer(plan.second_constraint, at),
        )
    if one.check == Check.INVALID_DATES:
        return _from_status_date(of, one.offences)
    return None


def _with(column: Sequence[int], offences: Iterable[Offence], value: int) -> list[int]:
    changed = list(column)
    for offence in offences:
        changed[offence.link] = value
    return changed


_SOFTER = {
    Constraint.MUST_START_ON: Constraint.START_NO_EARLIER_THAN,
    Constraint.MUST_FINISH_ON: Constraint.FINISH_NO_EARLIER_THAN,
}


def _softer(column: Sequence[int], at: set[int]) -> list[int]:
    soon = Constraint.AS_SOON_AS_POSSIBLE
    return [
        int(_SOFTER.get(Constraint(one), soon)) if i in at and one in HARD else one
        for i, one in enumerate(column)
    ]


def _from_status_date(of: Population, offences: Iterable[Offence]) -> Plan | None:
    """Unstarted work that was forecast in the past begins at the status date; None where there is none."""
    plan, count = of.plan, len(of.plan.duration)
    constraint = list(plan.constraint) or [int(Constraint.AS_SOON_AS_POSSIBLE)] * count
    dates: list[int | None] = list(plan.constraint_date) or [None] * count
    changed = False
    for offence in offences:
        i = offence.activity
        if of.complete(i) or (plan.actual_start and plan.actual_start[i] is not None):
            continue
        constraint[i], dates[i] = int(Constraint.START_NO_EARLIER_THAN), of.status(i)
        changed = True
    return replace(plan, constraint=constraint, constraint_date=dates) if changed else None
