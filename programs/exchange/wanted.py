"""A draft as the rows that it wants to be: wall minutes become instants, money minor units, codes keys."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from pmo.money import exponent
from pmo.single_precision import is_single_precision, restore_percent
from programs.baselines.services import four_decimals
from programs.portfolio.models import Program
from programs.resources.models import Resource
from programs.schedule.clock import ProgramClock

from . import rows
from .costs import own_costs, planned_costs
from .draft import SUMMARY, ActivityDraft, Draft, ProgressDraft, ProjectDraft, StatusDateDraft, note
from .mspdi_calendars import CLOCK
from .rows import Key, Present, Row, Tables

CALENDAR_NAME, STATUS_NAME, WBS = 120, 120, 120
_CODE = 30
_PERCENT = Decimal("0.0000000001")
_KINDS = {kind.value for kind in Resource.Kind}


def wanted(draft: Draft, program: Program, here: Present) -> Tables:
    """The rows of a draft without blocking problems, for this program (its zone, its currency)."""
    return _Wanted(draft, program, here).tables


class _Wanted:
    """Fills the tables one kind after the other."""

    def __init__(self, draft: Draft, program: Program, here: Present) -> None:
        self.draft = draft
        self.here = here
        self.program = program
        self.clock = ProgramClock(program.time_zone)
        self.scale = 10 ** exponent(program.currency)
        self.tables: Tables = {kind: {} for kind in rows.KINDS}
        self.calendar_codes = {one.code: self._calendar_code(one.code) for one in draft.calendars}
        self.status_dates, self.records = _reports(draft, here, self.clock)
        self._calendars()
        self._projects()
        self._activities()
        self._links()
        self._resources()
        self._progress()
        self._baseline()

    def instant(self, wall: int | None) -> datetime | None:
        return None if wall is None else self.clock.instant(wall)

    def minor(self, major: Decimal) -> Decimal:
        """Major units to minor units with four decimals."""
        return four_decimals(Fraction(major) * self.scale)

    def _calendar_code(self, code: str) -> str:
        """The tools number their calendars, MS Project in each file from 1: the project's code keeps files apart."""
        if self.draft.source == "bundle" or self.draft.own_codes or code == CLOCK:
            return code
        return f"{self.draft.projects[0].code[: _CODE - 1 - len(code)]}.{code}"[:_CODE]

    def _calendars(self) -> None:
        for one in self.draft.calendars:
            code = self.calendar_codes[one.code]
            week = [[list(shift) for shift in day] for day in one.week]
            self.tables[rows.CALENDAR][code,] = {"name": one.name[:CALENDAR_NAME], "week": week}
            for day, shifts in one.exceptions.items():
                self.tables[rows.EXCEPTION][code, day] = {"shifts": [list(shift) for shift in shifts]}

    def _projects(self) -> None:
        latest: dict[str, int] = {}
        for status in self.status_dates:
            latest[status.project] = max(latest.get(status.project, status.at), status.at)
        for one in self.draft.projects:
            row: Row = {
                "name": one.name,
                "lag_calendar": one.lag_calendar,
                "starts_at": self.instant(one.start),
                "calendar": self.calendar_codes[one.calendar],
            } | self._as_the_program(one)
            if one.kind:
                row["kind"] = one.kind
            status_at, known = self.instant(latest.get(one.code)), self.here.status_at(one.code)
            if status_at is not None and (known is None or status_at > known):
                row["status_at"] = status_at
            self.tables[rows.PROJECT][one.code,] = row

    def _as_the_program(self, one: ProjectDraft) -> Row:
        """A project without start or calendar of its own keeps having none where the file's is the program's."""
        here = self.here.tables[rows.PROJECT].get((one.code,), {"starts_at": "own", "calendar": "own"})
        same: Row = {}
        if here["starts_at"] is None and self.instant(one.start) == self.program.starts_at:
            same["starts_at"] = None
        if here["calendar"] == "" and self.calendar_codes[one.calendar] == self.here.usual_calendar:
            same["calendar"] = ""
        return same

    def _positions(self) -> dict[Key, int]:
        """Each activity's place: the file's, or the one here where all of a project's are here in the same order."""
        here, ids = self.here.tables[rows.ACTIVITY], self.here.ids[rows.ACTIVITY]
        places: dict[Key, int] = {}
        listed: dict[str, list[Key]] = {}
        for one in self.draft.activities:
            places[one.project, one.code] = one.position
            listed.setdefault(one.project, []).append((one.project, one.code))
        for keys in listed.values():
            if all(key in here for key in keys):
                now = [(here[key]["position"], ids[key]) for key in keys]
                if now == sorted(now):
                    places.update((key, place) for key, (place, _) in zip(keys, now, strict=True))
        return places

    def _activities(self) -> None:
        levels: dict[Key, int] = {}
        told, own, places = self._latest_told(), own_costs(self.draft), self._positions()
        parents = {(one.project, one.code): one.parent for one in self.draft.activities}
        for one in self.draft.activities:
            key = (one.project, one.code)
            self.tables[rows.ACTIVITY][key] = {
                "parent": one.parent,
                "level": _level(key, parents, levels),
                "wbs": one.wbs[:WBS],
                "position": places[key],
                "kind": one.kind,
                "name": one.name,
                "duration_minutes": one.duration,
                "calendar": self.calendar_codes[one.calendar] if one.calendar else "",
                "constraint": one.constraint,
                "constraint_at": self.instant(one.constraint_date),
                "deadline_at": self.instant(one.deadline),
                "optimistic_minutes": one.optimistic,
                "likely_minutes": one.most_likely,
                "pessimistic_minutes": one.pessimistic,
                "fixed_cost": four_decimals(own[key][0] * self.scale),
                "cost_per_hour": four_decimals(own[key][1] * self.scale),
            } | told.get(key, {})
            if one.notes or self.draft.own_codes:  # a tool that keeps none does not take ours away
                self.tables[rows.ACTIVITY][key]["notes"] = note(one.notes)

    def _latest_told(self) -> dict[Key, Row]:
        """Each activity's newest progress in the file, unless a later status is known here."""
        at = {(one.project, one.period): one.at for one in self.status_dates}
        newest: dict[Key, tuple[int, Row]] = {}
        for record, percent in self.records:
            key, when = (record.project, record.activity), at[record.project, record.period]
            if key not in newest or newest[key][0] < when:
                newest[key] = (when, self._now(record, percent))
        told = {key: row for key, (when, row) in newest.items() if not self._outdated(key[0], when)}
        newer = {one.project for one in self.draft.progress_now}
        reported = {one.project for one in self.status_dates} - newer
        for one in self.draft.activities:
            known = one.percent_complete is not None or one.actual_start is not None
            if one.project not in reported and known and one.kind != SUMMARY:
                told[one.project, one.code] = self._now(one, one.percent_complete or Decimal(0))
        return told

    def _outdated(self, project: str, when: int) -> bool:
        known = self.here.status_at(project)
        return known is not None and self.clock.instant(when) < known

    def _now(self, one: ProgressDraft | ActivityDraft, percent: Decimal) -> Row:
        """Progress as the activity itself repeats it: remaining work is noted only for what has begun."""
        begun = one.actual_start is not None
        return {
            "actual_start": self.instant(one.actual_start),
            "actual_finish": self.instant(one.actual_finish),
            "remaining_minutes": one.remaining if begun else None,
            "percent_complete": percent.quantize(_PERCENT),
        }

    def _links(self) -> None:
        for one in self.draft.dependencies:
            key = (one.from_project, one.from_activity, one.to_project, one.to_activity, one.type)
            self.tables[rows.DEPENDENCY][key] = {"type": one.type, "lag": one.lag, "lag_unit": one.lag_unit}

    def _resources(self) -> None:
        for one in self.draft.resources:
            self.tables[rows.RESOURCE][one.project, one.code] = {
                "name": one.name,
                "kind": one.kind if one.kind in _KINDS else Resource.Kind.ROLE.value,
                "capacity": round(one.availability, 4),
                "cost_per_use": self.minor(one.cost_per_use),
                "cost_per_hour": self.minor(one.cost_per_hour),
            }
        for each in self.draft.assignments:
            key = (each.project, each.activity, each.resource_project, each.resource)
            self.tables[rows.ASSIGNMENT][key] = {"units": round(each.units, 4)}

    def _progress(self) -> None:
        for status in self.status_dates:
            self.tables[rows.STATUS][status.project, status.period] = {
                "name": status.name[:STATUS_NAME],
                "at": self.clock.instant(status.at),
            }
        for record, percent in self.records:
            self.tables[rows.PROGRESS][record.project, record.period, record.activity] = {
                "actual_start": self.instant(record.actual_start),
                "actual_finish": self.instant(record.actual_finish),
                "actual_minutes": record.actual_duration or 0,
                "remaining_minutes": record.remaining,
                "percent_complete": percent.quantize(_PERCENT),
            }

    def _baseline(self) -> None:
        cost = planned_costs(self.draft)
        for one in self.draft.activities:
            if one.kind == SUMMARY or one.baseline_start is None or one.baseline_finish is None:
                continue
            start, spread = cost[one.project, one.code]
            minutes = one.duration if one.baseline_duration is None else one.baseline_duration
            self.tables[rows.BASELINE][one.project, one.code] = {
                "starts_at": self.clock.instant(one.baseline_start),
                "finishes_at": self.clock.instant(one.baseline_finish),
                "duration_minutes": minutes,
                "start_cost": four_decimals(start * self.scale),
                "spread_cost": four_decimals(spread * self.scale),
            }


def _level(key: Key, parents: dict[Any, str], levels: dict[Key, int]) -> int:
    """Depth in the tree, 0 at the top; walks up without recursion, remembering."""
    above: list[Key] = []
    at = key
    while at not in levels and parents[at]:
        above.append(at)
        at = (at[0], parents[at])
    depth = levels.setdefault(at, 0)
    for one in reversed(above):
        depth += 1
        levels[one] = depth
    return levels[key]


def _reports(
    draft: Draft, here: Present, clock: ProgramClock
) -> tuple[list[StatusDateDraft], list[tuple[ProgressDraft, Decimal]]]:
    """The status dates and progress records, with percentages as they were before a 32-bit float was cut.

    A file with one status date and progress on the activities (MS Project) makes one status of it: the one that is
    known here at that instant, else the next.
    """
    if draft.status_dates:
        return list(draft.status_dates), list(zip(draft.progress, _percents(draft.progress), strict=True))
    dates: list[StatusDateDraft] = []
    records: list[tuple[ProgressDraft, Decimal]] = []
    for project in draft.projects:
        mine = [a for a in draft.activities if a.project == project.code and a.kind != SUMMARY]
        if project.status_date is None or not any(a.percent_complete or a.actual_start for a in mine):
            continue
        number = _number_at(here, project.code, clock.instant(project.status_date))
        dates.append(StatusDateDraft(project.code, number, "", project.status_date))
        for one in mine:
            record = ProgressDraft(
                project.code,
                number,
                one.code,
                one.actual_start,
                one.actual_finish,
                max(one.duration - (one.remaining or 0), 0) if one.actual_start is not None else 0,
                one.remaining,
                one.percent_complete,
            )
            records.append((record, one.percent_complete or Decimal(0)))
    return dates, records


def _number_at(here: Present, project: str, at: datetime) -> int:
    known = {key[1]: row["at"] for key, row in here.tables[rows.STATUS].items() if key[0] == project}
    same = [number for number, when in known.items() if when == at]
    return same[0] if same else max(known, default=0) + 1


def _percents(records: Iterable[ProgressDraft]) -> list[Decimal]:
    records = list(records)
    written = [record.percent_complete or Decimal(0) for record in records]
    if not is_single_precision(written):
        return written
    return [
        restore_percent(percent, done=record.actual_duration or 0, left=record.remaining or 0)
        for percent, record in zip(written, records, strict=True)
    ]
