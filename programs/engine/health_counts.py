"""Points 1 to 11 of the assessment: what can be counted in a plan and its computed dates.

Population (standards.md): incomplete activities that are no summary, no level of effort and last longer than
nothing. Points about what was done by the status date (9, 11) count completed ones too. Links are those that hold
incomplete work: their successor is not complete and neither end is a summary or a level of effort.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from programs.engine.assessment import Check, Facts, Offence, Point, Thresholds, not_applicable, point
from programs.engine.plan import Constraint, Kind, LagUnit, LinkKind, Plan, Rules
from programs.engine.result import Schedule

HARD = frozenset(
    {
        Constraint.MUST_START_ON,
        Constraint.MUST_FINISH_ON,
        Constraint.START_NO_LATER_THAN,
        Constraint.FINISH_NO_LATER_THAN,
    }
)
NOTHING_LEFT = "No work is left to do."
NO_BASELINE = "No activity stands in a baseline."
NO_STATUS_DATE = "No status date is set."
_NONE = Fraction(0)


@dataclass(slots=True)
class Population:
    """What is counted: the whole program, or one project of it."""

    plan: Plan
    rules: Rules
    result: Schedule
    facts: Facts
    limits: Thresholds
    only: int | None = None
    """Index of the project assessed; None: all of them."""
    work: list[int] = field(default_factory=list)
    """Activities that last, complete or not."""
    left: list[int] = field(default_factory=list)
    """Those of them that are not complete."""
    links: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        plan, count = self.plan, len(self.facts.day)
        own = range(len(plan.predecessor) if self.facts.links is None else self.facts.links)
        self.work = [
            i for i in range(count) if self.has(i) and self.kind(i) == Kind.TASK and plan.duration[i] > 0
        ]
        self.left = [i for i in self.work if not self.complete(i)]
        self.links = [
            k
            for k in own
            if self.has(plan.successor[k])
            and not self.complete(plan.successor[k])
            and self.kind(plan.successor[k]) < Kind.LEVEL_OF_EFFORT
            and self.kind(plan.predecessor[k]) < Kind.LEVEL_OF_EFFORT
        ]

    def has(self, i: int) -> bool:
        """Whether the activity lies in what is assessed."""
        return self.only is None or self.project(i) == self.only

    def project(self, i: int) -> int:
        return self.plan.project[i] if self.plan.project else 0

    def kind(self, i: int) -> int:
        return self.plan.kind[i] if self.plan.kind else Kind.TASK

    def complete(self, i: int) -> bool:
        return bool(self.plan.actual_finish) and self.plan.actual_finish[i] is not None

    def status(self, i: int) -> int | None:
        """Wall minute of the status date of the activity's project."""
        return self.plan.projects[self.project(i)].status_date

    def work_between(self, i: int, a: int, b: int) -> int:
        """Working minutes from `a` to `b` on the activity's calendar: a night or a weekend is no delay."""
        return self.plan.calendars[self.plan.calendar[i]].between(a, b)

    def baseline_finish(self, i: int) -> int | None:
        return self.facts.baseline_finish[i] if self.facts.baseline_finish else None

    def left_of(self, i: int) -> int:
        """Working minutes still to do of an incomplete activity."""
        plan = self.plan
        if plan.remaining and plan.actual_start and plan.actual_start[i] is not None:
            left = plan.remaining[i]
            return plan.duration[i] if left is None else left
        return plan.duration[i]


def counted(of: Population) -> Iterator[Point]:
    """Points 1 to 11 in their order."""
    yield _logic(of)
    yield from _links(of)
    yield _hard_constraints(of)
    yield from _floats(of)
    yield _high_duration(of)
    yield _invalid_dates(of)
    yield _resources(of)
    yield _missed(of)


def _share(of: Population, check: Check, offences: list[Offence], reason: str = "") -> Point:
    return point(
        check,
        len(offences),
        len(of.left),
        of.limits.share,
        offences,
        nothing=NOTHING_LEFT,
        reason=reason,
    )


def _logic(of: Population) -> Point:
    """Missing a predecessor or a successor. A link of a group counts for all in the group."""
    plan = of.plan
    followed, held = set(), set()
    for i, j in zip(plan.predecessor, plan.successor, strict=True):
        if of.kind(i) < Kind.LEVEL_OF_EFFORT and of.kind(j) < Kind.LEVEL_OF_EFFORT:
            followed.add(i)
            held.add(j)
    found = [
        Offence(i, minutes=0 if i in followed else max(0, of.result.total_float[i]))
        for i in of.left
        if i not in followed or i not in held
    ]
    return _share(of, Check.LOGIC, found)


def lag_minutes(plan: Plan, k: int) -> int:
    """A link's lag in minutes, working ones unless it is elapsed; a percentage is one of its predecessor's duration."""
    if not plan.lag:
        return 0
    if plan.lag_unit and plan.lag_unit[k] == LagUnit.PERCENT:
        return round(Fraction(plan.duration[plan.predecessor[k]] * plan.lag[k], 100))
    return plan.lag[k]


def _links(of: Population) -> Iterator[Point]:
    plan, count = of.plan, len(of.links)
    nothing = "No link holds work that is left to do."
    lags: Sequence[int] = plan.lag or bytes(len(plan.predecessor))
    kinds: Sequence[int] = plan.link_kind or bytes(len(plan.predecessor))
    leads = [Offence(plan.successor[k], k, abs(lag_minutes(plan, k))) for k in of.links if lags[k] < 0]
    waits = [Offence(plan.successor[k], k, lag_minutes(plan, k)) for k in of.links if lags[k] > 0]
    others = [Offence(plan.successor[k], k) for k in of.links if kinds[k] != LinkKind.FINISH_START]
    yield point(Check.LEADS, len(leads), count, _NONE, leads, nothing=nothing)
    yield point(Check.LAGS, len(waits), count, of.limits.share, waits, nothing=nothing)
    backwards = sum(kinds[k] == LinkKind.START_FINISH for k in of.links)
    said = f"{backwards} of them run from start to finish, which should not occur." if backwards else ""
    yield point(
        Check.RELATIONSHIP_TYPES,
        count - len(others),
        count,
        of.limits.finish_start,
        others,
        nothing=nothing,
        reason=said,
    )


def _hard_constraints(of: Population) -> Point:
    first, second = of.plan.constraint, of.plan.second_constraint
    found = [
        Offence(i, minutes=max(0, -of.result.total_float[i]))
        for i in of.left
        if (first and first[i] in HARD) or (second and second[i] in HARD)
    ]
    return _share(of, Check.HARD_CONSTRAINTS, found)


def _floats(of: Population) -> Iterator[Point]:
    total, day = of.result.total_float, of.facts.day
    most = of.limits.float_days
    high = [Offence(i, minutes=total[i] - most * day[i]) for i in of.left if total[i] > most * day[i]]
    negative = [Offence(i, minutes=-total[i]) for i in of.left if total[i] < 0]
    yield _share(of, Check.HIGH_FLOAT, high)
    yield point(Check.NEGATIVE_FLOAT, len(negative), len(of.left), _NONE, negative, nothing=NOTHING_LEFT)


def _high_duration(of: Population) -> Point:
    """By baseline duration; what stands in no baseline is measured by its planned one, and that is said."""
    plan, day, known = of.plan, of.facts.day, of.facts.baseline_duration
    found, without = [], 0
    for i in of.left:
        long = known[i] if known else None
        if long is None:
            without, long = without + 1, plan.duration[i]
        if long > of.limits.duration_days * day[i]:
            found.append(Offence(i, minutes=long - of.limits.duration_days * day[i]))
    reason = f"{without} in no baseline, measured by planned duration." if without else ""
    return _share(of, Check.HIGH_DURATION, found, reason)


def _invalid_dates(of: Population) -> Point:
    """A forecast before the status date, or an actual date after it, of any work that lasts."""
    plan, result = of.plan, of.result
    dated = [i for i in of.work if of.status(i) is not None]
    if not dated:
        reason = NO_STATUS_DATE if of.work else NOTHING_LEFT
        return not_applicable(Check.INVALID_DATES, _NONE, reason)
    found = []
    for i in dated:
        status = of.status(i) or 0
        begun = plan.actual_start[i] if plan.actual_start else None
        ended = plan.actual_finish[i] if plan.actual_finish else None
        after = [date - status for date in (begun, ended) if date is not None and date > status]
        before = []
        if begun is None:
            before.append(of.work_between(i, result.early_start[i], status))
        if ended is None:
            before.append(of.work_between(i, result.early_finish[i], status))
        wrong = [gap for gap in before if gap > 0]
        if after:
            wrong.append(max(of.work_between(i, status, status + gap) for gap in after))
        if wrong:
            found.append(Offence(i, minutes=max(wrong)))
    return point(Check.INVALID_DATES, len(found), len(dated), _NONE, found, nothing=NO_STATUS_DATE)


def _resources(of: Population) -> Point:
    """Work of a day or more that has neither cost nor hours, where the schedule is loaded at all."""
    if not any(of.facts.loaded):
        return not_applicable(
            Check.RESOURCES, _NONE, "No activity has cost or hours: the plan is not loaded."
        )
    found = [
        Offence(i, minutes=of.left_of(i))
        for i in of.left
        if of.plan.duration[i] >= of.facts.day[i] and not of.facts.loaded[i]
    ]
    return point(Check.RESOURCES, len(found), len(of.left), _NONE, found, nothing=NOTHING_LEFT)


def due(of: Population, activities: Sequence[int]) -> list[int]:
    """Those whose baseline finish has come by their project's status date."""
    found = []
    for i in activities:
        baseline, status = of.baseline_finish(i), of.status(i)
        if baseline is not None and status is not None and baseline <= status:
            found.append(i)
    return found


def _missed(of: Population) -> Point:
    """Due by the status date, finished or forecast later than the baseline says; a later hour of no work is not."""
    planned = due(of, of.work)
    if not planned:
        known = any(finish is not None for finish in of.facts.baseline_finish)
        dated = any(project.status_date is not None for project in of.plan.projects)
        reason = (
            NO_BASELINE if not known else "Nothing was due by the status date." if dated else NO_STATUS_DATE
        )
        return not_applicable(Check.MISSED_ACTIVITIES, of.limits.share, reason)
    found = []
    for i in planned:
        late = of.work_between(i, of.baseline_finish(i) or 0, of.result.early_finish[i])
        if late > 0:
            found.append(Offence(i, minutes=late))
    return point(
        Check.MISSED_ACTIVITIES, len(found), len(planned), of.limits.share, found, nothing=NO_BASELINE
    )
