"""The plan that is kept here, as the same draft that the readers of files make: `wanted` the other way round.

Instants become wall minutes of the program's clock, minor units exact major ones, references codes. What a draft has
no place for (earned value techniques, reasons of calendar exceptions, baselines before the current one, outcomes and
managers of projects) stays behind; `docs/exchange.md` lists it.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pmo.money import exponent
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.models import ComputedDates

from .. import rows
from ..draft import (
    SUMMARY,
    ActivityDraft,
    AssignmentDraft,
    BaselineCostDraft,
    CalendarDraft,
    DependencyDraft,
    Draft,
    ProgramDraft,
    ProgressDraft,
    ProjectDraft,
    ResourceDraft,
    Shift,
    StatusDateDraft,
    StoredDraft,
)
from ..present import present
from ..progress_now import progress_now
from ..rows import Key, Present, Row

STANDARD = "standard"
_OFFICE: tuple[Shift, ...] = ((480, 720), (780, 1020))
_COST = Decimal("0.000001")
"""Planned costs of assignments are sums of products of rates: shown to a millionth of a major unit."""


def kept(program: Program) -> Draft:
    """The whole program as of now, within the scope of the reader: twelve queries, whatever its size."""
    return _Kept(program, present(program, None)).draft


class _Kept:
    """Fills the draft one kind after the other, in the order in which the plan is shown."""

    def __init__(self, program: Program, here: Present) -> None:
        self.program, self.here = program, here
        self.clock = ProgramClock(program.time_zone)
        self.digits = exponent(program.currency)
        self.draft = Draft(
            "bundle", ProgramDraft(program.code, program.name, program.currency, program.time_zone)
        )
        self.usual = here.usual_calendar or STANDARD
        self._calendars()
        self._projects()
        self._activities()
        self._links()
        self._resources()
        self._progress()
        self._baseline()
        self._planned_costs()
        self._computed()

    def wall(self, instant: datetime | None) -> int | None:
        return None if instant is None else self.clock.wall_of_second[int(instant.timestamp())]

    def major(self, minor: Decimal) -> Decimal:
        return minor.scaleb(-self.digits)

    def table(self, kind: str) -> dict[Key, Row]:
        return self.here.tables[kind]

    def _calendars(self) -> None:
        exceptions: dict[str, dict[Any, Any]] = {}
        for (code, day), row in sorted(self.table(rows.EXCEPTION).items()):
            exceptions.setdefault(code, {})[day] = _shifts(row["shifts"])
        for (code,), row in sorted(self.table(rows.CALENDAR).items()):
            week = tuple(_shifts(day) for day in row["week"])
            self.draft.calendars.append(CalendarDraft(code, row["name"], week, exceptions.get(code, {})))
        if not self.draft.calendars:  # what holds where a program has defined none
            self.draft.calendars.append(CalendarDraft(STANDARD, "Standard", (_OFFICE,) * 5 + ((), ())))

    def _projects(self) -> None:
        latest: dict[str, datetime] = {}
        for (project, _), row in self.table(rows.STATUS).items():
            latest[project] = max(latest.get(project, row["at"]), row["at"])
        for (code,), row in self.table(rows.PROJECT).items():
            self.draft.projects.append(
                ProjectDraft(
                    code=code,
                    name=row["name"],
                    kind=row["kind"],
                    calendar=row["calendar"] or self.usual,
                    start=self.wall(row["starts_at"] or self.program.starts_at),
                    lag_calendar=row["lag_calendar"],
                    status_date=self.wall(latest.get(code)),
                )
            )

    def _activities(self) -> None:
        places: dict[str, int] = {}
        for (project, code), row in self.table(rows.ACTIVITY).items():
            position = places[project] = places.get(project, -1) + 1
            summary = row["kind"] == SUMMARY
            self.draft.activities.append(
                ActivityDraft(
                    project=project,
                    code=code,
                    name=row["name"],
                    kind=row["kind"],
                    wbs=row["wbs"],
                    parent=row["parent"],
                    position=position,
                    calendar=row["calendar"],
                    duration=0 if summary else row["duration_minutes"],
                    constraint=row["constraint"],
                    constraint_date=self.wall(row["constraint_at"]),
                    deadline=self.wall(row["deadline_at"]),
                    optimistic=row["optimistic_minutes"],
                    most_likely=row["likely_minutes"],
                    pessimistic=row["pessimistic_minutes"],
                    fixed_cost=self.major(row["fixed_cost"]),
                    cost_per_hour=self.major(row["cost_per_hour"]),
                    actual_start=self.wall(row["actual_start"]),
                    actual_finish=self.wall(row["actual_finish"]),
                    remaining=row["remaining_minutes"],
                    percent_complete=None if summary else row["percent_complete"],
                    notes=row["notes"],
                )
            )

    def _links(self) -> None:
        for key, row in sorted(self.table(rows.DEPENDENCY).items()):
            before, first, after, second, kind = key
            self.draft.dependencies.append(
                DependencyDraft(before, first, after, second, kind, row["lag"], row["lag_unit"])
            )

    def _resources(self) -> None:
        for (project, code), row in sorted(self.table(rows.RESOURCE).items()):
            self.draft.resources.append(
                ResourceDraft(
                    project=project,
                    code=code,
                    name=row["name"],
                    kind=row["kind"],
                    availability=row["capacity"],
                    cost_per_use=self.major(row["cost_per_use"]),
                    cost_per_hour=self.major(row["cost_per_hour"]),
                )
            )
        for key, row in sorted(self.table(rows.ASSIGNMENT).items()):
            project, activity, owner, resource = key
            self.draft.assignments.append(AssignmentDraft(project, activity, owner, resource, row["units"]))

    def _progress(self) -> None:
        for (project, number), row in sorted(self.table(rows.STATUS).items()):
            self.draft.status_dates.append(
                StatusDateDraft(project, number, row["name"], self.clock.wall(row["at"]))
            )
        for (project, number, activity), row in sorted(self.table(rows.PROGRESS).items()):
            self.draft.progress.append(
                ProgressDraft(
                    project,
                    number,
                    activity,
                    self.wall(row["actual_start"]),
                    self.wall(row["actual_finish"]),
                    row["actual_minutes"],
                    row["remaining_minutes"],
                    row["percent_complete"],
                )
            )
        self.draft.progress_now = progress_now(self.draft)

    def _baseline(self) -> None:
        lines = self.table(rows.BASELINE)
        for one in self.draft.activities:
            row = lines.get((one.project, one.code))
            if row is None:
                continue
            one.baseline_start = self.wall(row["starts_at"])
            one.baseline_finish = self.wall(row["finishes_at"])
            one.baseline_duration = row["duration_minutes"]
            exact = BaselineCostDraft(
                one.project, one.code, self.major(row["start_cost"]), self.major(row["spread_cost"])
            )
            one.baseline_cost = exact.start + exact.spread
            self.draft.baseline_costs.append(exact)

    def _planned_costs(self) -> None:
        """What assignments are planned to cost now, and with it the whole: to be read, not to be kept."""
        rates = {(one.project, one.code): one for one in self.draft.resources}
        assigned: dict[Key, Decimal] = {}
        durations = {(one.project, one.code): one.duration for one in self.draft.activities}
        for each in self.draft.assignments:
            key, rate = (each.project, each.activity), rates[each.resource_project, each.resource]
            cost = each.units * (rate.cost_per_use + rate.cost_per_hour * durations[key] / 60)
            assigned[key] = assigned.get(key, Decimal(0)) + cost
        for one in self.draft.activities:
            one.resource_cost = assigned.get((one.project, one.code), Decimal(0)).quantize(_COST)
            direct = one.fixed_cost + one.cost_per_hour * one.duration / 60
            one.total_cost = direct + one.resource_cost

    def _computed(self) -> None:
        """The dates in force, for tools that show a file before they compute it."""
        keys = {pk: key for key, pk in self.here.ids[rows.ACTIVITY].items()}
        for pk, start, finish in ComputedDates.objects.filter(
            program_id=self.program.pk, superseded_by=None
        ).values_list("activity_id", "early_start", "early_finish"):
            if pk in keys:
                self.draft.stored[keys[pk]] = StoredDraft(self.wall(start), self.wall(finish))


def _shifts(pairs: list[list[int]]) -> tuple[Shift, ...]:
    return tuple((start, to) for start, to in pairs)
