"""Earned value (EIA-748) of activities, projects and a program at a status date.

Baseline activities with their cost and reports come in, exact figures per activity and in total come out.
Every figure exists twice: `exact` (a `Fraction` of minor units, the base of all indices and estimates) and
`minor` (whole minor units for pages, ledgers and exports). The minor figures of activities add up to those
of their project, and those of projects to the program's, to the cent; a project's own are its exact sums
rounded half-even. Units as in `phasing`.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from finance.engine.earned_schedule import EarnedSchedule, earned_schedule
from finance.engine.phasing import Amount, Costed, Phased, Report, Technique
from pmo.money import round_half_even
from programs.engine.worktime import WorkCalendar


@dataclass(frozen=True, slots=True)
class Figures:
    """Budget at completion, planned value, earned value and actual cost in minor units, exactly."""

    bac: Fraction = Fraction(0)
    pv: Fraction = Fraction(0)
    ev: Fraction = Fraction(0)
    ac: Fraction = Fraction(0)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.bac + other.bac, self.pv + other.pv, self.ev + other.ev, self.ac + other.ac)

    @property
    def cv(self) -> Fraction:
        """Cost variance EV - AC, exactly."""
        return self.ev - self.ac

    @property
    def sv(self) -> Fraction:
        """Schedule variance EV - PV, exactly."""
        return self.ev - self.pv

    @property
    def remaining(self) -> Fraction:
        """Budgeted cost of the work remaining, BAC - EV, exactly."""
        return self.bac - self.ev


@dataclass(frozen=True, slots=True)
class Minor:
    """The same four in whole minor units; the variances are differences of the whole figures shown."""

    bac: int = 0
    pv: int = 0
    ev: int = 0
    ac: int = 0

    def __add__(self, other: "Minor") -> "Minor":
        return Minor(self.bac + other.bac, self.pv + other.pv, self.ev + other.ev, self.ac + other.ac)

    @property
    def cv(self) -> int:
        """Cost variance EV - AC of the whole figures."""
        return self.ev - self.ac

    @property
    def sv(self) -> int:
        """Schedule variance EV - PV of the whole figures."""
        return self.ev - self.pv


@dataclass(frozen=True, slots=True)
class Value:
    """The figures of one activity, summary, project or program: `exact` for arithmetic, `minor` to show."""

    key: Hashable
    exact: Figures
    minor: Minor


@dataclass(frozen=True, slots=True)
class Valuation:
    """The earned value of one project at a status date (wall minute `at`).

    `activities` in the order given; `unassigned` actual cost that no activity carries; `total` the sum of
    both; `schedule` its earned schedule.
    """

    at: int
    activities: tuple[Value, ...]
    unassigned: Value
    total: Value
    schedule: EarnedSchedule


def earned_value(
    key: Hashable,
    activities: Sequence[Costed],
    calendars: Sequence[WorkCalendar],
    at: int,
    *,
    project_calendar: int = 0,
    step: int = 60,
    unassigned_cost: Amount = 0,
    plan: Phased | None = None,
) -> Valuation:
    """Value one project (or any set of activities) at wall minute `at`.

    Each activity counts with its latest report at or before `at`; actual cost is what those reports carry,
    and `unassigned_cost` (minor units, booked on the project only). `project_calendar` is the place of the
    calendar on which time is counted, `step` the working minutes of a step of earned schedule. Whoever asks
    for many dates passes the `Phased` plan of the same activities once made.
    Raises `ValueError` for an empty or contradictory plan.
    """
    plan = plan or Phased(activities, calendars)
    exact = activity_figures(plan, at)
    unassigned = Figures(ac=Fraction(unassigned_cost))
    total = sum(exact, unassigned)
    *minor, unassigned_minor = _add_up([*exact, unassigned], total)
    return Valuation(
        at=at,
        activities=tuple(
            Value(activity.key, figures, shown)
            for activity, figures, shown in zip(plan.activities, exact, minor, strict=True)
        ),
        unassigned=Value(None, unassigned, unassigned_minor),
        total=Value(key, total, sum(minor, unassigned_minor)),
        schedule=earned_schedule(
            plan, calendars[project_calendar], [figures.ev for figures in exact], at, step=step
        ),
    )


def activity_figures(plan: Phased, at: int) -> list[Figures]:
    """The exact figures of each of the plan's activities at wall minute `at`, in their order."""
    figures = []
    for activity, pv in zip(plan.activities, plan.each_at(at), strict=True):
        report = activity.report_at(at)
        ac = Fraction(report.actual_cost) if report else Fraction(0)
        figures.append(Figures(activity.budget, pv, earned(activity, report, pv), ac))
    return figures


def earned(activity: Costed, report: Report | None, planned: Fraction) -> Fraction:
    """The earned value of one activity in minor units, by its technique.

    Percent complete: start costs once started, plus the percentage of the rest. 0/100: all when complete.
    50/50: half when started, all when complete. Weighted milestones: the weights of those reached. Level of
    effort: what is `planned` by the status date, as it passes with time alone.
    """
    if activity.technique is Technique.LEVEL_OF_EFFORT:
        return planned
    if report is None:
        return Fraction(0)
    budget, complete = activity.budget, report.percent >= 100
    started = report.started or report.percent > 0
    match activity.technique:
        case Technique.ZERO_HUNDRED:
            return budget if complete else Fraction(0)
        case Technique.FIFTY_FIFTY:
            return budget if complete else budget / 2 if started else Fraction(0)
        case Technique.MILESTONES:
            reached = sum(activity.steps[place].weight for place in set(report.steps_reached))
            return budget * reached / sum(step.weight for step in activity.steps)
    if not started:
        return Fraction(0)
    return Fraction(activity.start_cost) + Fraction(activity.spread_cost) * Fraction(report.percent) / 100


def program_total(key: Hashable, projects: Iterable[Value]) -> Value:
    """A program's figures: the plain sums of its projects'; indices are taken from these, never averaged."""
    exact, minor = Figures(), Minor()
    for project in projects:
        exact, minor = exact + project.exact, minor + project.minor
    return Value(key, exact, minor)


def summaries(activities: Iterable[Value], parents: Mapping[Hashable, Hashable]) -> dict[Hashable, Value]:
    """Figures of every work-package above the activities, by the key of the summary.

    `parents` leads from an activity or summary to the summary above it; what is missing in it stands at the
    top. Raises `ValueError` for a summary that contains itself.
    """
    found: dict[Hashable, Value] = {}
    for value in activities:
        above, seen = parents.get(value.key), set()
        while above is not None:
            if above in seen:
                raise ValueError(f"summary {above} contains itself")
            seen.add(above)
            sofar = found.get(above, Value(above, Figures(), Minor()))
            found[above] = Value(above, sofar.exact + value.exact, sofar.minor + value.minor)
            above = parents.get(above)
    return found


def progress_curve(plan: Phased, dates: Sequence[int]) -> list[Figures]:
    """The exact totals of the plan's activities at each of the given wall minutes: the S-curve's points."""
    return [sum(activity_figures(plan, at), Figures()) for at in dates]


def to_the_cent(parts: Sequence[Fraction], total: int) -> list[int]:
    """Round amounts so that they add up to `total`, each within one minor unit of itself (largest remainder).

    `total` is their sum rounded; equal remainders are served in order.
    """
    whole = [part.numerator // part.denominator for part in parts]
    left = total - sum(whole)
    by_remainder = sorted(range(len(parts)), key=lambda place: whole[place] - parts[place])
    for place in by_remainder[:left]:
        whole[place] += 1
    return whole


def _add_up(exact: Sequence[Figures], total: Figures) -> list[Minor]:
    columns = [
        to_the_cent([getattr(figures, name) for figures in exact], round_half_even(getattr(total, name)))
        for name in ("bac", "pv", "ev", "ac")
    ]
    return [Minor(*row) for row in zip(*columns, strict=True)]
