"""What earned value is computed from: baseline, progress and cost of a program, as the engine wants them.

Ten queries whatever the size. Units of the engine: wall minutes, minor currency units (exact), percent 0..100.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from django.db import connection

from finance.earned_value.models import EarningStep
from finance.earned_value.steps import steps_known
from finance.engine.phasing import Costed, Report, Step, Technique
from programs.baselines.models import Baseline, BaselineActivity
from programs.engine.worktime import WorkCalendar
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.inputs import load_calendars
from programs.schedule.models import Activity, Progress, StatusPeriod

UNALLOCATED = 0
"""The key of what was spent in a project and on no activity of it."""

_EPOCH_DAY = date(1970, 1, 1).toordinal()

TECHNIQUES = {
    Activity.Technique.PERCENT: Technique.PERCENT,
    Activity.Technique.ZERO_HUNDRED: Technique.ZERO_HUNDRED,
    Activity.Technique.FIFTY_FIFTY: Technique.FIFTY_FIFTY,
    Activity.Technique.EFFORT: Technique.LEVEL_OF_EFFORT,
    # Without steps: until they are written, physical percent complete is what is known.
    Activity.Technique.MILESTONES: Technique.PERCENT,
}


@dataclass(frozen=True, slots=True)
class Status:
    """A status date of a project: its row, number, name, instant (UTC) and wall minute."""

    id: int
    number: int
    name: str
    at: datetime
    wall: int


@dataclass(frozen=True, slots=True)
class ProjectInputs:
    """One project: its costed activities with their reports (keys are activity ids), calendars, status dates."""

    id: int
    code: str
    name: str
    activities: tuple[Costed, ...]
    calendars: list[WorkCalendar]
    calendar: int
    minutes_per_day: int
    statuses: tuple[Status, ...]
    forecasts: tuple[tuple[int, int], ...] = ()
    """Wall minute from which a submitted forecast counts, and its estimate at completion, in order of time."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """A program's projects that have a baseline, with the versions of plan and ledger that were read."""

    program: Program
    clock: ProgramClock
    baseline: Baseline | None
    projects: list[ProjectInputs]
    plan_version: int
    ledger_version: int


FORECASTS: list[Callable[[Program, datetime | None], dict[int, list[tuple[date, int]]]]] = []
"""Where bottom-up estimates come from: project -> (first day, EAC). The slice that keeps them adds itself."""

Spent = dict[tuple[int, int], list[tuple[int, Fraction]]]
"""(project, activity or UNALLOCATED) -> wall minutes and amounts, in order of time."""


def load(program: Program, *, known: datetime | None = None) -> Inputs:
    """Read a program's inputs; with `known`, the baseline, cost and steps that were recorded by that instant."""
    fresh = Program.objects.values_list("plan_version", "ledger_version").get(pk=program.pk)
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    baseline = _baseline(program, known)
    statuses: dict[int, list[Status]] = {}
    for pk, project_id, number, name, at in (
        StatusPeriod.objects.filter(program=program)
        .order_by("at")
        .values_list("pk", "project_id", "number", "name", "at")
    ):
        statuses.setdefault(project_id, []).append(Status(pk, number, name, at, clock.wall(at)))
    wall_of = {status.id: status.wall for listed in statuses.values() for status in listed}
    reported: dict[int, dict[int, tuple[Fraction, bool]]] = {}
    for activity_id, period_id, percent, started in Progress.objects.filter(program=program).values_list(
        "activity_id", "period_id", "percent_complete", "actual_start"
    ):
        reported.setdefault(activity_id, {})[wall_of[period_id]] = (Fraction(percent), started is not None)
    spent = _spent(program, clock, known)
    steps = _steps(program, known)
    planned: dict[int, list[tuple[int, Costed]]] = {}
    projects = list(
        Project.objects.filter(program=program)
        .order_by("position", "pk")
        .values_list("pk", "code", "name", "calendar_id")
    )
    own_calendar = {pk: calendars.index.get(calendar_id, 0) for pk, _, _, calendar_id in projects}
    for row in _planned(baseline):
        pk, project_id, kind, technique, calendar_id, starts, finishes, start_cost, spread_cost = row
        effort = kind == Activity.Kind.LEVEL_OF_EFFORT
        calendar = calendars.index[calendar_id] if calendar_id else own_calendar[project_id]
        start, finish = clock.wall(starts), clock.wall(finishes)
        own = steps.get(pk, ()) if technique == Activity.Technique.MILESTONES and not effort else ()
        costed = Costed(
            key=pk,
            start=start,
            finish=finish,
            calendar=calendar,
            start_cost=start_cost,
            spread_cost=spread_cost,
            technique=Technique.LEVEL_OF_EFFORT
            if effort
            else Technique.MILESTONES
            if own
            else TECHNIQUES[Activity.Technique(technique)],
            steps=tuple(
                Step(_due(calendars.order[calendar], start, finish, step.due), step.weight) for step in own
            ),
            reports=_reports(
                statuses.get(project_id, ()),
                reported.get(pk, {}),
                spent.get((project_id, pk), ()),
                [step.done for step in own],
            ),
        )
        planned.setdefault(project_id, []).append((pk, costed))
    told: dict[int, list[tuple[int, int]]] = {}
    for source in FORECASTS:
        for project_id, listed in source(program, known).items():
            told.setdefault(project_id, []).extend(
                ((day.toordinal() - _EPOCH_DAY) * 1440, estimate) for day, estimate in listed
            )
    made = []
    for pk, code, name, calendar_id in projects:
        if pk not in planned:
            continue
        activities = [costed for _, costed in planned[pk]]
        rest = _reports(statuses.get(pk, ()), {}, _elsewhere(spent, pk, {key for key, _ in planned[pk]}))
        if rest:
            first = min(costed.start for costed in activities)
            activities.append(Costed(key=UNALLOCATED, start=first, finish=first, reports=rest))
        made.append(
            ProjectInputs(
                pk,
                code,
                name,
                tuple(activities),
                calendars.order,
                own_calendar[pk],
                calendars.day_minutes(calendar_id),
                tuple(statuses.get(pk, ())),
                tuple(told.get(pk, ())),
            )
        )
    return Inputs(program, clock, baseline, made, *fresh)


def _baseline(program: Program, known: datetime | None) -> Baseline | None:
    mine = Baseline.objects.filter(program=program)
    if known is None:
        return mine.filter(is_current=True).first()
    return mine.filter(frozen_at__lte=known).order_by("-number").first()


def _planned(baseline: Baseline | None) -> Iterable[Any]:
    if baseline is None:
        return []
    return (
        BaselineActivity.objects.filter(baseline=baseline)
        .exclude(activity__kind=Activity.Kind.SUMMARY)
        .order_by("activity__project_id", "activity__position", "activity_id")
        .values_list(
            "activity_id", "activity__project_id", "activity__kind", "activity__technique", "activity__calendar_id",
            "starts_at", "finishes_at", "start_cost", "spread_cost",
        )
    )  # fmt: skip


def _spent(program: Program, clock: ProgramClock, known: datetime | None) -> Spent:
    """Cost by project and activity in order of time: the lines, and what the ledger has without lines."""
    found: Spent = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """select project_id, coalesce(activity_id, 0), effective, effective_at, sum(amount_exact)
                 from finance_actualline
                where program_id = %(program)s and (%(known)s::timestamptz is null or recorded_at <= %(known)s)
                group by 1, 2, 3, 4
               union all
               select a.project_id, 0, j.effective, null, sum(p.amount)
                 from finance_posting p
                 join finance_account a on a.id = p.account_id and a.kind in ('spent', 'accrued')
                 join finance_journal j on j.id = p.journal_id
                where p.program_id = %(program)s and a.project_id is not null
                  and (%(known)s::timestamptz is null or j.recorded_at <= %(known)s)
                  and not exists (select 1 from finance_actualline l where l.journal_id = j.id)
                group by 1, 2, 3
                order by 3, 4""",
            {"program": program.pk, "known": known},
        )
        for project_id, activity_id, day, instant, amount in cursor.fetchall():
            when = clock.wall(instant) if instant else (day.toordinal() - _EPOCH_DAY) * 1440
            found.setdefault((project_id, activity_id), []).append((when, Fraction(amount)))
    return found


def _elsewhere(spent: Spent, project_id: int, planned: set[int]) -> list[tuple[int, Fraction]]:
    """What was spent in a project on nothing that its baseline knows."""
    rest = [
        one
        for (project, activity), items in spent.items()
        if project == project_id and activity not in planned
        for one in items
    ]
    return sorted(rest, key=lambda one: one[0])


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A step as it is kept: its weight, its share of the working time (0..1), the wall minute of its day or None."""

    weight: int
    due: Fraction
    done: int | None


def _steps(program: Program, known: datetime | None) -> dict[int, list[KeptStep]]:
    """The steps of each activity that has some, in order, as known by an instant. One query."""
    found: dict[int, list[KeptStep]] = {}
    kept = EarningStep.objects.all() if known is None else steps_known(known)
    for activity_id, weight, due, done_on in (
        kept.filter(program=program)
        .order_by("activity_id", "n")
        .values_list("activity_id", "weight", "due_percent", "done_on")
    ):
        done = None if done_on is None else (done_on.toordinal() - _EPOCH_DAY) * 1440
        found.setdefault(activity_id, []).append(KeptStep(weight, Fraction(due) / 100, done))
    return found


def _due(calendar: WorkCalendar, start: int, finish: int, share: Fraction) -> int:
    """The wall minute at which a share of the working time between start and finish has passed."""
    worked = round(calendar.between(start, finish) * share)
    return calendar.finish_time(calendar.work_at(start) + worked) if worked else start


def _reports(
    statuses: Iterable[Status],
    reported: dict[int, tuple[Fraction, bool]],
    spent: Iterable[tuple[int, Fraction]],
    steps: Sequence[int | None] = (),
) -> tuple[Report, ...]:
    """What is known of one activity at each status date: the last progress told, the cost up to the date.

    `steps` are the wall minutes of the days on which its steps were done: a step counts from that day on.
    """
    items = sorted(spent, key=lambda one: one[0])
    reports: list[Report] = []
    place, cost, percent, started = 0, Fraction(0), Fraction(0), False
    for status in statuses:
        while place < len(items) and items[place][0] <= status.wall:
            cost += items[place][1]
            place += 1
        percent, started = reported.get(status.wall, (percent, started))
        reached = tuple(n for n, done in enumerate(steps) if done is not None and done <= status.wall)
        if reports or cost or started or percent or reached or status.wall in reported:
            reports.append(
                Report(
                    at=status.wall,
                    percent=percent,
                    started=started,
                    actual_cost=cost,
                    steps_reached=reached,
                )
            )
    return tuple(reports)
