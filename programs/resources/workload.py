"""Reads for the workload page, its file and the API: what each resource is asked for, week by week or month by month.

Hours are units times working hours. Five queries for the loads of a page of resources, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q

from pmo.refusals import Refused
from programs.engine import workload as engine
from programs.engine.workload import UNIT, Work
from programs.portfolio.models import Program
from programs.resources.models import Assignment, Availability, Resource
from programs.schedule.clock import ProgramClock
from programs.schedule.inputs import Calendars, load_calendars

WEEK, MONTH = "week", "month"
MOST_PERIODS = {WEEK: 26, MONTH: 18}
REACH_YEARS = 30
"""How far from the program's start a period may lie."""
LISTED = 500
"""Activities behind one cell."""


@dataclass(frozen=True, slots=True)
class Period:
    """A week (Monday first) or a month: its name, its first day and the first day after it."""

    name: str
    first: date
    after: date


@dataclass(frozen=True, slots=True)
class Load:
    """One resource in one period: hours asked for, hours there are, the most units at once."""

    demand: Decimal
    available: Decimal
    peak: Decimal
    capacity: Decimal
    """Units at once; where they differ within the period, those of the days in which most are missing."""
    clash: bool
    """More units at one minute than there are then, even if the hours would do."""

    @property
    def over(self) -> bool:
        """More hours than there are."""
        return self.demand > self.available

    @property
    def percent(self) -> int | None:
        """Demand in percent of what there is; None where there is nothing."""
        return round(100 * self.demand / self.available) if self.available else None


@dataclass(frozen=True, slots=True)
class Part:
    """One activity of a resource in a span of days."""

    activity_id: int
    project: str
    code: str
    name: str
    start: datetime
    finish: datetime
    units: Decimal
    hours: Decimal
    total_float: int | None
    critical: bool


def periods(program: Program, by: str, first: date, count: int | None = None) -> list[Period]:
    """`count` weeks or months (at most `MOST_PERIODS`) from the one with `first` in it. Refused too far away."""
    if by not in MOST_PERIODS:
        raise Refused("Loads are by week or by month.", field="by")
    if abs(first.year - program.starts_at.year) > REACH_YEARS:
        raise Refused(f"Give a day within {REACH_YEARS} years of the program's start.", field="from")
    most = MOST_PERIODS[by]
    found = []
    begin = monday(first) if by == WEEK else first.replace(day=1)
    for _ in range(min(count or most, most)):
        if by == WEEK:
            after = begin + timedelta(days=7)
            name = f"{begin.isocalendar().year}-W{begin.isocalendar().week:02}"
        else:
            after = date(begin.year + begin.month // 12, begin.month % 12 + 1, 1)
            name = f"{begin:%Y-%m}"
        found.append(Period(name, begin, after))
        begin = after
    return found


def monday(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def resources(program: Program, user: Any, *, kind: str = "", project: str = "") -> Any:
    """Resources that are assigned to something, in a fixed order; `project`: those who work in it."""
    rows = (
        Resource.objects.visible_to(user).filter(program_id=program.pk).exclude(kind=Resource.Kind.MATERIAL)
    )
    work = Assignment.objects.filter(resource_id=OuterRef("pk"))
    if project:
        work = work.filter(activity__project__code__iexact=project)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(Exists(work)).select_related("project").order_by("code", "pk")


def after(rows: Any, code: str, pk: int) -> Any:
    """The resources behind one in that order: a page goes on from there, whatever came in before it."""
    return rows.filter(Q(code__gt=code) | Q(code=code, pk__gt=pk))


def _edges(clock: ProgramClock, spans: Sequence[Period]) -> list[int]:
    days = [spans[0].first, *(one.after for one in spans)]
    return [_minute_of(day) for day in days]


def _rows(clock: ProgramClock, edges: Sequence[int], **which: Any) -> Any:
    """Allocations in force that meet the time between the first and the last edge."""
    return Assignment.objects.filter(
        activity__dates__superseded_by=None,
        activity__dates__early_finish__gt=clock.instant(edges[0]),
        activity__dates__early_start__lt=clock.instant(edges[-1]),
        **which,
    ).exclude(activity__kind="summary")


def loads(program: Program, shown: Sequence[Resource], spans: Sequence[Period]) -> dict[int, list[Load]]:
    """What each of these resources is asked for in each period, by the dates in force; finished work counts too."""
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    edges = _edges(clock, spans)
    work: dict[int, list[Work]] = {one.pk: [] for one in shown}
    rows = _rows(clock, edges, program_id=program.pk, resource_id__in=list(work))
    for resource_id, units, own, of_project, start, finish in rows.values_list(
        "resource_id",
        "units",
        "activity__calendar_id",
        "activity__project__calendar_id",
        "activity__dates__early_start",
        "activity__dates__early_finish",
    ):
        work[resource_id].append(
            Work(clock.wall(start), clock.wall(finish), int(units * UNIT), calendars.of(own or of_project))
        )
    other: dict[int, list[Availability]] = {}
    first, last = spans[0].first, spans[-1].after
    for said in Availability.objects.filter(resource_id__in=list(work), first__lt=last, last__gte=first):
        other.setdefault(said.resource_id, []).append(said)
    return {one.pk: _loads(one, work[one.pk], calendars, edges, other.get(one.pk, ())) for one in shown}


def _minute_of(day: date) -> int:
    return (day - date(1970, 1, 1)).days * 1440


def _loads(
    one: Resource,
    work: list[Work],
    calendars: Calendars,
    edges: Sequence[int],
    other: Sequence[Availability],
) -> list[Load]:
    """Each period is cut where another capacity begins or ends; its hours are those of its parts together."""
    own = calendars.of(one.calendar_id or (one.project.calendar_id if one.project else None))
    turns = {_minute_of(day) for each in other for day in (each.first, each.last + timedelta(days=1))}
    cuts = sorted({*edges, *(turn for turn in turns if edges[0] < turn < edges[-1])})
    asked, most = engine.demand(work, cuts), engine.most_at_once(work, cuts)
    found: list[Load] = []
    part = 0
    for end in edges[1:]:
        demand = there = peak = 0
        missing, capacity = 0, int(one.capacity * UNIT)
        first = part
        while part < len(cuts) - 1 and cuts[part] < end:
            begin = cuts[part]
            units = _units(one, other, begin)
            demand += asked[part]
            there += engine.available(units, own, cuts[part : part + 2])[0]
            peak = max(peak, most[part])
            if part == first or most[part] - units > missing:
                missing, capacity = most[part] - units, units
            part += 1
        found.append(
            Load(_hours(demand), _hours(there), Decimal(peak) / UNIT, Decimal(capacity) / UNIT, missing > 0)
        )
    return found


def _units(one: Resource, other: Sequence[Availability], minute: int) -> int:
    """Units (ten-thousandths) that there are of it at a wall minute."""
    day = date(1970, 1, 1) + timedelta(minutes=minute)
    said = next((each.capacity for each in other if each.first <= day <= each.last), one.capacity)
    return int(said * UNIT)


def _hours(unit_minutes: int) -> Decimal:
    return (Decimal(unit_minutes) / (UNIT * 60)).quantize(Decimal("0.01"))


def parts(program: Program, resource: Resource, span: Period) -> list[Part]:
    """The activities that ask for a resource in a span of days, those that ask for most first; at most `LISTED`."""
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    edges = _edges(clock, [span])
    rows = _rows(clock, edges, program_id=program.pk, resource_id=resource.pk).values_list(
        "activity_id",
        "activity__project__code",
        "activity__code",
        "activity__name",
        "activity__dates__early_start",
        "activity__dates__early_finish",
        "units",
        "activity__dates__total_float",
        "activity__dates__critical",
        "activity__calendar_id",
        "activity__project__calendar_id",
    )
    found = []
    for pk, project, code, name, start, finish, units, total_float, critical, own, of_project in rows:
        one = Work(clock.wall(start), clock.wall(finish), int(units * UNIT), calendars.of(own or of_project))
        hours = _hours(engine.demand([one], edges)[0])
        if hours:
            found.append(
                Part(pk, project, code, name, start, finish, units, hours, total_float, bool(critical))
            )
    found.sort(key=lambda part: (-part.hours, part.start, part.activity_id))
    return found[:LISTED]
