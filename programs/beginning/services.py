"""Commands that begin a program and that keep the list of its component projects.

Days are calendar days on the program's clock. Who begins a program becomes its administrator and its manager; that
gives no vote and no right over money that somebody else has to decide on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.currencies import CURRENCIES
from pmo.refusals import Refused
from pmo.zones import validate_zone
from programs.beginning import copying, planting, shipped
from programs.beginning.projects import (
    EDITABLE,
    check_fields,
    check_manager,
    held,
    new_project,
    require_keeping,
)
from programs.portfolio.models import Program, Project
from programs.portfolio.services import create_program, require_may_begin
from programs.schedule.clock import ProgramClock
from programs.schedule.following import follow
from programs.schedule.models import Activity, ComputedDates
from programs.schedule.services import bump, lock_plan

BLANK = "blank"
TEMPLATE, COPY = "template:", "copy:"
FIRST_YEAR, LAST_YEAR = 1990, 2100


@dataclass(frozen=True)
class Begun:
    """A program that was begun, and what was copied into it (None unless it is a copy)."""

    program: Program
    copied: copying.Copied | None = None


def begin(
    *,
    code: str,
    name: str,
    starts_on: date,
    by: User | None,
    at: datetime,
    begin: str = BLANK,
    currency: str = "EUR",
    time_zone: str = "UTC",
    fiscal_year_start_month: int = 1,
    week: str = "office",
    country: str = "",
) -> Begun:
    """Make a program with its calendar and, by `begin`, its plan.

    `begin`: "blank"; "template:KEY" of `shipped.PROGRAMS`; "copy:CODE" of a program that the person may see, whose
    plan, calendars and roles are copied and moved so that its start falls on `starts_on`. `week` (of
    `planting.WEEKS`) and `country` (ISO 3166, two letters, for public holidays; may be empty) make the calendar of a
    program that is no copy. Raises Refused at the field, NotAllowed for who may not begin programs.
    """
    require_may_begin(by)  # before anything typed is judged
    _check_start(starts_on)
    if currency not in CURRENCIES:
        raise Refused("This is no currency by ISO 4217, such as EUR.", field="currency")
    try:
        validate_zone(time_zone)
    except ValidationError as error:
        raise Refused(error.messages[0], field="time_zone") from error
    if not 1 <= fiscal_year_start_month <= 12:
        raise Refused("The fiscal year starts in a month from 1 to 12.", field="fiscal_year_start_month")
    if week not in planting.WEEKS:
        raise Refused("Choose one of the calendars.", field="week")
    source, template = _beginning(begin)
    if country and source is not None:
        raise Refused("A copy keeps the calendars it is made from: leave this empty.", field="country")
    days = _holidays(country, starts_on.year)
    values = {
        "fiscal_year_start_month": fiscal_year_start_month,
        "time_zone": time_zone,
        "phase": Program.Phase.FORMULATION,  # of a copy, too: it was planned, not run
    }
    clock = ProgramClock(time_zone)
    shifts = planting.WEEKS[week][2][0]
    minute = shifts[0][0]
    moved = 0
    if source is not None:
        source = lock_plan(source.pk)  # one state of it is copied
        local = source.starts_at.astimezone(ProgramClock(source.time_zone).zone)
        moved, minute = (starts_on - local.date()).days, 60 * local.hour + local.minute
        values |= {
            "progress_rule": source.progress_rule,
            "criticality_rule": source.criticality_rule,
            "critical_float_minutes": source.critical_float_minutes,
        }
    starts_at = clock.instant(clock.wall(datetime.combine(starts_on, time(), clock.zone)) + minute)
    program = create_program(
        code=code, name=name, currency=currency, starts_at=starts_at, by=by, at=at, lead=True, **values
    )
    copied = None
    if source is not None:
        copied = copying.copy_program(source, program, moved)
    else:
        program.calendar = planting.calendar(program, week, days)
        program.save(update_fields=["calendar"])
        if template is not None:
            planting.program_plan(program, template)
    if source is not None or template is not None:
        bump(program)
        follow(program, at=at, order_changed=True)
    return Begun(program, copied)


def _check_start(day: date) -> None:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Refused(f"Give a day from {FIRST_YEAR} to {LAST_YEAR}.", field="starts_on")


def _holidays(country: str, year: int) -> list[tuple[date, str]]:
    """Days off; Refused at the field for a country that is not known."""
    if not country:
        return []
    try:
        return planting.public_holidays(country, year)
    except KeyError:
        raise Refused(
            "There is no list of public holidays for this: give two letters, such as BE.", field="country"
        ) from None


def _beginning(text: str) -> tuple[Program | None, shipped.ProgramTemplate | None]:
    """What `begin` names: the program to copy, or the template."""
    if text == BLANK:
        return None, None
    if text.startswith(TEMPLATE):
        template = shipped.PROGRAMS.get(text.removeprefix(TEMPLATE))
        if template is not None:
            return None, template
    if text.startswith(COPY):
        seen = current_access().programs_with(Permission.VIEW_PROGRAM)
        source = Program.objects.filter(pk__in=seen, code__iexact=text.removeprefix(COPY)).first()
        if source is not None:
            return source, None
    raise Refused("There is nothing of that name to begin with.", field="begin")


def add_project(
    *, program: Program, values: Mapping[str, Any], by: User | None, at: datetime, template: str = ""
) -> Project:
    """A component project at the end of the list, empty or (a key of `shipped.PROJECTS`) with a template's plan."""
    require_keeping(program)
    if template and template not in shipped.PROJECTS:
        raise Refused("There is no template of that name.", field="template")
    locked = lock_plan(program.pk)
    if template:
        values = {"kind": shipped.PROJECTS[template].kind} | dict(values)
    project = new_project(locked, values)
    if template:
        one = shipped.PROJECTS[template]
        planting.project_plan(locked, project, one, planting.roles(locked, [one]))
        bump(locked)
        follow(locked, at=at, order_changed=True)
    return project


def copy_project(
    *,
    project: Project,
    version: int,
    code: str,
    name: str,
    by: User | None,
    at: datetime,
    starts_on: date | None = None,
) -> tuple[Project, copying.Copied]:
    """A copy of a project in the same program: its plan with the links inside it, planned anew.

    With `starts_on` the copy's first activity starts on or after that day: its dated constraints move by as many
    days as lie between, and so does its earliest start. Links to other projects are not copied.
    """
    require_keeping(project.program)
    locked = lock_plan(project.program_id)
    found = held(project, version)
    days, starts_at = 0, found.starts_at
    if starts_on is not None:
        _check_start(starts_on)
        clock = ProgramClock(locked.time_zone)
        first = (
            ComputedDates.objects.filter(project=found, superseded_by=None)
            .exclude(activity__kind=Activity.Kind.SUMMARY)
            .order_by("early_start")
            .values_list("early_start", flat=True)
            .first()
        )
        local = (first or found.starts_at or locked.starts_at).astimezone(clock.zone)
        days = (starts_on - local.date()).days
        starts_at = clock.instant(
            clock.wall(datetime.combine(starts_on, time(), clock.zone)) + 60 * local.hour + local.minute
        )
    copy = new_project(locked, {"code": code, "name": name, "kind": found.kind, "outcomes": found.outcomes})
    copy.calendar_id, copy.lag_calendar, copy.starts_at = found.calendar_id, found.lag_calendar, starts_at
    copy.priority = found.priority
    copy.save(update_fields=["calendar", "lag_calendar", "starts_at", "priority"])
    copied = copying.copy_project(found, copy, days)
    bump(locked)
    follow(locked, at=at, order_changed=True)
    return copy, copied


def edit_project(
    *, project: Project, version: int, changes: Mapping[str, Any], by: User | None, at: datetime
) -> Project:
    """Change what a project is called, for and led by (`EDITABLE`); Conflict if somebody did meanwhile.

    A manager holds a role in the program. Whoever manages it does not hand it over: nobody then decides on its life
    by giving it away first.
    """
    require_keeping(project.program)
    if set(changes) - EDITABLE:
        raise Refused("This cannot be edited here.", code="not-editable")
    locked = lock_plan(project.program_id)  # two people's codes meet here
    found = held(project, version)
    if "manager" in changes:
        check_manager(locked, found, changes["manager"], by, at)
    if not 1 <= changes.get("priority", 1) <= 5:
        raise Refused("A priority is from 1, the highest, to 5.", field="priority")
    for field, value in changes.items():
        setattr(found, field, value)
    check_fields(found)
    found.version += 1
    found.save(update_fields=[*changes, "version"])
    return found


def move_project(*, project: Project, up: bool, by: User | None, at: datetime) -> Project:
    """Put a project one place up or down in the list; at the end of it nothing happens."""
    require_keeping(project.program)
    locked = lock_plan(project.program_id)
    order = list(Project.objects.select_for_update(of=("self",), no_key=True).filter(program=locked))
    at_ = next(n for n, one in enumerate(order) if one.pk == project.pk)
    other = at_ - 1 if up else at_ + 1
    if 0 <= other < len(order):
        order[at_], order[other] = order[other], order[at_]
        for n, one in enumerate(order, 1):
            if one.position != n:
                Project.objects.filter(pk=one.pk).update(position=n, version=F("version") + 1)
    return Project.objects.get(pk=project.pk)
