"""Why this date: the stored chain of drivers, from an activity back to its ultimate cause.

Nothing is scheduled for a page. One recursive statement follows the driving link that each computed row keeps; what
it finds is laid out as a plan of just these activities, and the engine's own `chain` walks it, so that page and engine
cannot tell two stories.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from programs.engine import BeyondCalendar, Plan, Schedule, Why
from programs.engine import Project as EngineProject
from programs.engine.driver_chain import Step, chain
from programs.portfolio.models import Program
from programs.schedule.clock import ProgramClock
from programs.schedule.inputs import (
    KINDS,
    LAG_CALENDARS,
    LAG_UNITS,
    LINKS,
    SECONDS,
    Calendars,
    load_calendars,
)

MOST_STEPS = 1000
"""How far a chain is followed: a plan of twenty years in weekly steps."""
NOW = "d.superseded_by_id is null"
KNOWN = "d.computation_id <= %(computation)s and (d.superseded_by_id is null or d.superseded_by_id > %(computation)s)"
CHAIN = f"""
with recursive held (step, activity_id, early_start, early_finish, why, driver_id, over) as (
  select 0, d.activity_id, d.early_start, d.early_finish, d.why, d.driver_id, a.actual_finish is not null
    from programs_computeddates d join programs_activity a on a.id = d.activity_id
   where d.program_id = %(program)s and d.activity_id = %(activity)s and {{in_force}}
  union all
  select h.step + 1, d.activity_id, d.early_start, d.early_finish, d.why, d.driver_id, a.actual_finish is not null
    from held h join programs_dependency l on l.id = h.driver_id and l.program_id = %(program)s
    join programs_activity a on a.id = l.predecessor_id
    join programs_computeddates d on d.activity_id = a.id and {{in_force}}
   where not h.over and h.step < %(most)s
)
select a.id, a.code, a.name, p.id, p.code, a.kind, a.calendar_id, a.duration_minutes, a.remaining_minutes,
       a."constraint", a.constraint_at, {SECONDS.format("a.actual_start")}, {SECONDS.format("a.actual_finish")},
       {SECONDS.format("h.early_start")}, {SECONDS.format("h.early_finish")}, h.why,
       p.calendar_id, p.status_at, p.lag_calendar, l.id, l.kind, l.lag, l.lag_unit
  from held h join programs_activity a on a.id = h.activity_id join programs_project p on p.id = a.project_id
  left join programs_dependency l on l.id = h.driver_id
 order by h.step
"""  # noqa: S608 - made of constants of this file
WHYS = {one.name.lower(): one for one in Why}


class Held(NamedTuple):
    """One activity of a chain with the link that drives it, as stored; instants as seconds since 1970, UTC."""

    activity_id: int
    code: str
    name: str
    project_id: int
    project: str
    kind: str
    calendar_id: int | None
    duration: int
    remaining: int | None
    constraint: str
    constraint_at: datetime | None
    actual_start: int | None
    actual_finish: int | None
    early_start: int
    early_finish: int
    why: str
    project_calendar: int | None
    status_at: datetime | None
    lag_calendar: str
    link_id: int | None
    link_kind: str | None
    lag: int | None
    lag_unit: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """One activity of a chain and what holds it: the activity of the next one, or itself the ultimate cause."""

    held: Held
    why: Why
    """As in `driver_chain.Step`."""
    begins: datetime
    """Where the work still to do begins; the actual start of what is done, the start of a summary."""
    starts: datetime
    finishes: datetime
    """Its computed (or actual) dates."""
    day: int
    """Working minutes of a usual day of its calendar."""
    status_at: datetime | None
    before: Held | None = None
    """The predecessor of the driving link, None where the chain ends here."""
    left: datetime | None = None
    """The end of the predecessor that the link leaves."""
    work: int = 0
    """Working minutes of the predecessor from where its remaining work begins to that end."""
    lag: int = 0
    """Minutes that the link adds, on the calendar of the lag."""
    wait: int = 0
    """Minutes on the clock until the activity's calendar works."""
    by_group: bool = False
    """Held by a link of a summary, which no single link of its own stands for."""

    @property
    def crosses(self) -> bool:
        """Does the link come from another project?"""
        return self.before is not None and self.before.project_id != self.held.project_id


@dataclass(frozen=True, slots=True)
class Causes:
    """A chain, the activity itself first; empty where it has no dates yet."""

    steps: list[Cause]
    cut: bool = False
    """It goes on beyond `MOST_STEPS`."""


def causes(program: Program, activity_id: int, *, computation_id: int | None = None) -> Causes:
    """The chain behind an activity's date, of the dates in force or (`computation_id`) in force at that computation.

    Three statements, whatever the chain's length up to `MOST_STEPS`; two of them are the calendars.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CHAIN.format(in_force=NOW if computation_id is None else KNOWN),
            {
                "program": program.pk,
                "activity": activity_id,
                "most": MOST_STEPS,
                "computation": computation_id,
            },
        )
        rows = [Held(*row) for row in cursor.fetchall()]
    if not rows:
        return Causes([])
    clock = ProgramClock(program.time_zone)
    calendars = load_calendars(program, clock)
    cut = len(rows) > MOST_STEPS
    try:
        return Causes(list(_told(program, rows, clock, calendars)), cut)
    except BeyondCalendar:  # dates of a former computation, far from where the calendars lie now
        return Causes([])


def _told(program: Program, rows: list[Held], clock: ProgramClock, calendars: Calendars) -> Iterator[Cause]:
    plan, schedule = _small(program, rows, clock, calendars)
    instant = clock.instant
    for step in chain(plan, schedule, 0):
        i = step.activity
        held = rows[i]
        before = rows[step.predecessor] if step.link >= 0 else None
        yield Cause(
            held=held,
            why=step.why,
            begins=instant(step.begins),
            starts=instant(schedule.early_start[i]),
            finishes=instant(schedule.early_finish[i]),
            day=max(1, calendars.usual[plan.calendar[i]]),
            status_at=held.status_at or program.status_at,
            before=before,
            left=_left(step, plan, schedule, clock),
            work=step.work,
            lag=step.lag,
            wait=step.wait,
            by_group=step.link < 0 and step.why is Why.LINK and held.link_id is None,
        )


def _left(step: Step, plan: Plan, schedule: Schedule, clock: ProgramClock) -> datetime | None:
    """The end of the predecessor that the step's link leaves: kinds from a start are odd."""
    if step.link < 0:
        return None
    ends = schedule.early_start if plan.link_kind[step.link] & 1 else schedule.early_finish
    return clock.instant(ends[step.predecessor])


def _small(
    program: Program, rows: list[Held], clock: ProgramClock, calendars: Calendars
) -> tuple[Plan, Schedule]:
    """The chain alone as a plan with its schedule: activity n is driven by link n, which comes from activity n + 1."""
    project_ids = {row.project_id: row for row in rows}
    index = {pk: number for number, pk in enumerate(project_ids)}
    default = {pk: calendars.index.get(row.project_calendar, 0) for pk, row in project_ids.items()}
    wall = clock.wall_of_second
    links = rows[:-1]
    plan = Plan(
        calendars=calendars.order,
        projects=[
            EngineProject(
                start=0,
                status_date=clock.wall_or_none(row.status_at or program.status_at),
                lag_calendar=LAG_CALENDARS[row.lag_calendar],
                calendar=default[pk],
            )
            for pk, row in project_ids.items()
        ],
        calendar=[
            default[row.project_id] if row.calendar_id is None else calendars.index[row.calendar_id]
            for row in rows
        ],
        duration=[row.duration for row in rows],
        project=[index[row.project_id] for row in rows],
        kind=[KINDS[row.kind] for row in rows],
        actual_start=[None if row.actual_start is None else wall[row.actual_start] for row in rows],
        actual_finish=[None if row.actual_finish is None else wall[row.actual_finish] for row in rows],
        remaining=[row.remaining for row in rows],
        predecessor=list(range(1, len(rows))),
        successor=list(range(len(links))),
        link_kind=[LINKS[row.link_kind or "FS"] for row in links],
        lag=[row.lag or 0 for row in links],
        lag_unit=[LAG_UNITS[row.lag_unit or "working"] for row in links],
    )
    start = [wall[row.early_start] for row in rows]
    finish = [wall[row.early_finish] for row in rows]
    nothing: list[Any] = []
    return plan, Schedule(
        early_start=start,
        early_finish=finish,
        late_start=nothing,
        late_finish=nothing,
        remaining_start=[_remaining_start(plan, i, start[i], finish[i]) for i in range(len(rows))],
        total_float=nothing,
        free_float=nothing,
        interfering_float=nothing,
        on_longest_path=nothing,
        critical=nothing,
        why=[WHYS.get(row.why, Why.PROJECT_START) for row in rows],
        driver=[*range(len(links)), -1],
        driving=nothing,
        findings=nothing,
        project_finish=nothing,
        finish=0,
    )


def _remaining_start(plan: Plan, i: int, start: int, finish: int) -> int:
    """Where the work still to do begins: of begun work its remaining minutes before its finish, on its calendar."""
    if plan.actual_start[i] is None:
        return start
    left = plan.remaining[i]
    length = plan.duration[i]
    if left is not None and length:
        length = left
    if plan.actual_finish[i] is not None or not length:
        return finish
    calendar = plan.calendars[plan.calendar[i]]
    return calendar.start_time(calendar.work_at(finish) - length)
