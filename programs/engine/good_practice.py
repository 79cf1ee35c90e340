"""The GAO's ten practices of a good schedule, as far as a computation can see them.

Source: GAO Schedule Assessment Guide (GAO-16-89G) as listed in `standards.md`. A practice is met when all that can
be computed about it holds, partly when some of it does. Where a computation sees nothing, it says so: a practice
that needs a person is never called met here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from programs.engine.assessment import Check, Facts, Point, Verdict
from programs.engine.plan import Kind, Plan
from programs.engine.schedule_health import Assessment


class State(Enum):
    """How far a practice is kept."""

    MET = "met"
    PARTLY = "partly met"
    NOT_MET = "not met"
    PERSON = "needs a person"


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice: its number and name, how far it is kept, what was looked at, what only a person can tell."""

    number: int
    name: str
    state: State
    evidence: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside plan and assessment; None: not known, which a person must tell."""

    risk_analysis_days: int | None = None
    """Days since the last simulation of this plan; None: there was none, or it is not known."""
    status_age_days: int | None = None
    """Days from the oldest status date to today; None: no status date, or today is not known."""
    fresh_days: int = 35
    """Up to so many days a status date or a simulation counts as current: a month and some days of grace."""


def practices(
    plan: Plan, facts: Facts, found: Assessment, around: Surroundings, *, project: int | None = None
) -> list[Practice]:
    """The ten practices in their order; `project` (an index) narrows what is counted as in `assess`."""
    own = [
        i
        for i in range(len(facts.day))
        if (project is None or (plan.project[i] if plan.project else 0) == project)
        and (plan.kind[i] if plan.kind else Kind.TASK) < Kind.LEVEL_OF_EFFORT
    ]
    return [
        _captured(plan, found, own),
        _by_points(
            2,
            "Sequencing all activities",
            found,
            (Check.LOGIC, Check.LEADS, Check.LAGS, Check.RELATIONSHIP_TYPES, Check.HARD_CONSTRAINTS),
        ),
        _by_points(
            3, "Assigning resources to all activities", found, (Check.RESOURCES,),
            "Whether the resources are there when they are needed.",
        ),
        _by_points(
            4, "Establishing the durations of all activities", found, (Check.HIGH_DURATION,),
            "Whether durations rest on data and on those who do the work.",
        ),
        _by_points(
            5, "Verifying that the schedule can be traced horizontally and vertically", found,
            (Check.LOGIC, Check.CRITICAL_PATH_TEST),
            "Whether hand-offs between teams are the ones linked. Upwards the dates are rolled up by computation.",
        ),
        _by_points(
            6, "Confirming that the critical path is valid", found,
            (Check.CRITICAL_PATH_TEST, Check.HARD_CONSTRAINTS, Check.NEGATIVE_FLOAT, Check.CRITICAL_PATH_LENGTH_INDEX),
        ),
        _by_points(
            7, "Ensuring reasonable total float", found, (Check.HIGH_FLOAT, Check.NEGATIVE_FLOAT),
        ),
        _risk_analysis(around),
        _progress(found, around),
        _baseline(facts, found, own),
    ]  # fmt: skip


_NAMES = {
    Check.LOGIC: "logic",
    Check.LEADS: "leads",
    Check.LAGS: "lags",
    Check.RELATIONSHIP_TYPES: "relationship types",
    Check.HARD_CONSTRAINTS: "hard constraints",
    Check.HIGH_FLOAT: "high float",
    Check.NEGATIVE_FLOAT: "negative float",
    Check.HIGH_DURATION: "high duration",
    Check.INVALID_DATES: "invalid dates",
    Check.RESOURCES: "resources",
    Check.MISSED_ACTIVITIES: "missed activities",
    Check.CRITICAL_PATH_TEST: "critical path test",
    Check.CRITICAL_PATH_LENGTH_INDEX: "CPLI",
    Check.BASELINE_EXECUTION_INDEX: "BEI",
}


def _state(points: Sequence[Point]) -> State:
    """Met when every point that applies passes, not met when every one fails."""
    seen = [one for one in points if one.verdict is not Verdict.NOT_APPLICABLE]
    kept = sum(one.verdict is Verdict.PASS for one in seen)
    if not seen:
        return State.PERSON
    return State.MET if kept == len(seen) else State.PARTLY if kept else State.NOT_MET


def _words(points: Sequence[Point]) -> str:
    words = {Verdict.PASS: "passes", Verdict.FAIL: "fails", Verdict.NOT_APPLICABLE: "does not apply"}
    return "; ".join(f"{_NAMES[one.check]} {words[one.verdict]}" for one in points)


def _by_points(
    number: int, name: str, found: Assessment, checks: Sequence[Check], person: str = ""
) -> Practice:
    points = [found[check] for check in checks]
    return Practice(number, name, _state(points), _words(points), person)


def _captured(plan: Plan, found: Assessment, own: Sequence[int]) -> Practice:
    empty = set(range(len(plan.projects))) - {plan.project[i] if plan.project else 0 for i in own}
    seen = f"{len(own)} activities and milestones, {found.open} of them work left to do"
    if len(plan.projects) > 1 and empty:
        seen += f"; {len(empty)} of {len(plan.projects)} projects without any"
    return Practice(
        1,
        "Capturing all activities",
        State.PERSON,
        seen,
        "Whether all work of the scope, the customer's and suppliers' included, stands in the plan.",
    )


def _risk_analysis(around: Surroundings) -> Practice:
    name, person = (
        "Conducting a schedule risk analysis",
        "Whether the risks and ranges behind it are the real ones.",
    )
    age = around.risk_analysis_days
    if age is None:
        return Practice(8, name, State.NOT_MET, "no simulation of this plan is kept", person)
    fresh = age <= around.fresh_days
    return Practice(
        8, name, State.MET if fresh else State.PARTLY, f"the last simulation is {age} days old", person
    )


def _progress(found: Assessment, around: Surroundings) -> Practice:
    name = "Updating the schedule with actual progress and logic"
    dates, age = found[Check.INVALID_DATES], around.status_age_days
    if age is None:
        return Practice(9, name, State.NOT_MET, "no status date is set")
    state = _state([dates])
    if age > around.fresh_days:
        state = State.PARTLY if dates.verdict is Verdict.PASS else State.NOT_MET
    return Practice(
        9,
        name,
        state,
        f"{_words([dates])}; the oldest status date is {age} days old",
        "Whether a narrative explains what changed.",
    )


def _baseline(facts: Facts, found: Assessment, own: Sequence[int]) -> Practice:
    name, person = (
        "Maintaining a baseline schedule",
        "Whether its basis is documented and changes to it are controlled.",
    )
    known = sum(facts.baseline_finish[i] is not None for i in own) if facts.baseline_finish else 0
    if not known:
        return Practice(10, name, State.NOT_MET, "there is no baseline", person)
    points = [found[Check.MISSED_ACTIVITIES], found[Check.BASELINE_EXECUTION_INDEX]]
    state = _state(points)
    if known < len(own) or state is State.NOT_MET:
        state = State.PARTLY
    seen = f"{known} of {len(own)} activities stand in the baseline; {_words(points)}"
    return Practice(10, name, State.MET if state is State.PERSON else state, seen, person)
