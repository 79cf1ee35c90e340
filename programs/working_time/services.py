"""Commands on working calendars. New dates follow in the same transaction, as after any edit of the plan.

An edit that moves committed milestones later is refused until the person has agreed (`master_plan.services.hold`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError

from pmo import formats
from pmo.accounts.access import current_access
from pmo.accounts.models import User
from pmo.accounts.roles import Permission
from pmo.refusals import Conflict, Refused
from programs.calendars.models import Calendar, CalendarException
from programs.lives.services import refuse_planning
from programs.master_plan.services import hold
from programs.portfolio.models import Program, Project
from programs.schedule.following import follow
from programs.schedule.services import Outcome, bump, lock_plan
from programs.working_time import selectors
from programs.working_time.words import Shifts

FIELDS = frozenset({"code", "name", "week", "put", "fill", "take_out"})
MOST_CALENDARS = 200
MOST_DAYS = 5_000
"""Days that differ, of one calendar."""
REACH_YEARS = 30
"""How far from the program's start a day may lie."""
CHANGED = "Somebody changed this calendar after you opened it."


def _words(outcome: Outcome | None) -> str:
    return outcome.words if outcome else "Nothing is planned by it, so no date moved."


@dataclass(frozen=True, slots=True)
class Edited:
    """A calendar after a command, and what became of the dates (None: nothing is planned by it)."""

    calendar: Calendar
    outcome: Outcome | None = None

    @property
    def words(self) -> str:
        """What became of the dates, in a sentence."""
        return _words(self.outcome)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What became of the dates after a choice (None: there is no project yet)."""

    outcome: Outcome | None = None

    @property
    def words(self) -> str:
        """What became of the dates, in a sentence."""
        return _words(self.outcome)


def _keep(program_id: int) -> Program:
    """Who keeps the program keeps its calendars. The plan's row is locked: dates follow from what is written."""
    current_access().require(Permission.EDIT_PROGRAM, program_id)
    return lock_plan(program_id)


def _found(calendar: Calendar, version: int | None) -> Calendar:
    live: Calendar = Calendar.objects.select_for_update(of=("self",), no_key=True).get(pk=calendar.pk)
    if version is not None and version != live.version:
        raise Conflict(CHANGED, code="changed")
    return live


def _check(one: Calendar, *, named: bool = True) -> None:
    """Refused at the field; `named`: its name is new. People choose calendars by their names in the plan's table."""
    try:
        one.clean_fields(exclude=["program"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Refused(messages[0], field=field) from error
    if not one.name.strip():
        raise Refused("Give it a name.", field="name")
    others = Calendar.objects.filter(program_id=one.program_id).exclude(pk=one.pk)
    if others.filter(code__iexact=one.code).exists():
        raise Refused("The program has a calendar of this code already.", field="code")
    if named and others.filter(name__iexact=one.name).exists():
        raise Refused("The program has a calendar of this name already.", field="name")


def _planned(program: Program, at: datetime, agreed: bool | str, what: str = "") -> Outcome | None:
    """New dates for the whole plan, held where committed milestones move later unbeknown; None without a project."""
    if not Project.objects.filter(program_id=program.pk).exists():
        return None
    bump(program)
    computation, moved = follow(program, at=at)
    outcome = Outcome(computation, moved)
    hold(outcome, agreed, what)
    return outcome


def add(
    *,
    program: Program,
    code: str,
    name: str,
    week: list[Shifts],
    by: User | None,
    at: datetime,
    agreed: bool | str = True,
) -> Edited:
    """A further calendar. The first one of a program becomes the program's own: till then office hours are counted.

    The first is refused with `MovesCommitted` where a committed milestone moves later, unless `agreed` (see `hold`).
    """
    locked = _keep(program.pk)
    there = Calendar.objects.filter(program_id=program.pk)
    if there.count() >= MOST_CALENDARS:
        raise Refused(f"A program has at most {MOST_CALENDARS} calendars.")
    first = not there.exists()
    made = Calendar(program=locked, code=code, name=name, week=week)
    _check(made)
    made.save(force_insert=True)
    if not first:
        return Edited(made)
    locked.calendar = made
    locked.version += 1
    locked.save(update_fields=["calendar", "version"])
    return Edited(made, _planned(locked, at, agreed, repr((code, name, week))))


def copy(*, calendar: Calendar, code: str, name: str, by: User | None, at: datetime) -> Edited:
    """Another calendar with the same week and the same days that differ; nothing works by it yet."""
    locked = _keep(calendar.program_id)
    live = _found(calendar, None)
    made = Calendar(program=locked, code=code, name=name, week=live.week)
    _check(made)
    made.save(force_insert=True)
    CalendarException.objects.bulk_create(
        CalendarException(program=locked, calendar=made, day=one.day, shifts=one.shifts, reason=one.reason)
        for one in live.exceptions.all()
    )
    return Edited(made)


def edit(
    *,
    calendar: Calendar,
    version: int | None,
    changes: Mapping[str, Any],
    by: User | None,
    at: datetime,
    agreed: bool | str = True,
) -> Edited:
    """Change code, name or week, put days that differ (`put`: day -> (shifts, reason)), take some out (`take_out`).

    `fill` puts days as `put` does where none differs yet: sent twice, it is the same calendar and no refusal. Without
    `agreed` refused with `MovesCommitted` where a committed milestone moves later. Conflict where somebody changed the
    calendar, or one of its days, meanwhile.
    """
    if set(changes) - FIELDS:
        raise Refused("This cannot be edited here.", code="not-editable")
    locked = _keep(calendar.program_id)
    live = _found(calendar, None)
    put, out = selectors.days_written(live, changes)
    if set(changes) == {"fill"} and not put:
        return Edited(live)
    if version is not None and version != live.version:
        raise Conflict(CHANGED, code="changed")
    planned = live.week != changes.get("week", live.week) or bool(put or out)
    renamed = changes.get("name", live.name) != live.name
    own = [name for name in ("code", "name", "week") if name in changes]
    for name in own:
        setattr(live, name, changes[name])
    _check(live, named=renamed)
    _write_days(locked, live, put, out)
    live.version += 1
    live.save(update_fields=[*own, "version"])
    if not planned or not selectors.plans(locked, live):
        return Edited(live)
    return Edited(live, _planned(locked, at, agreed, _said(live, changes)))


def _said(calendar: Calendar, changes: Mapping[str, Any]) -> str:
    """These changes of this calendar in a text that no others have (see `hold`)."""
    ordered = {
        name: sorted(value.items())
        if isinstance(value, dict)
        else sorted(value)
        if isinstance(value, set)
        else value
        for name, value in sorted(changes.items())
    }
    return repr((calendar.pk, ordered))


def _write_days(
    program: Program, calendar: Calendar, put: Mapping[date, tuple[Shifts, str]], out: Any
) -> None:
    for day in (*put, *out):
        if abs(day.year - program.starts_at.year) > REACH_YEARS:
            raise Refused(
                f"{formats.day(day)} is more than {REACH_YEARS} years from the program’s start.",
                field="first",
            )
    there = CalendarException.objects.filter(calendar=calendar)
    there.filter(day__in=[*out]).delete()
    known = {one.day: one for one in there.filter(day__in=list(put))}
    new: list[CalendarException] = []
    other: list[CalendarException] = []
    for day, (shifts, reason) in put.items():
        one = known.get(day) or CalendarException(program=program, calendar=calendar, day=day)
        if one.pk and (one.shifts, one.reason) == (shifts, reason):
            continue
        one.shifts, one.reason = shifts, reason
        (other if one.pk else new).append(one)
    if there.count() + len(new) > MOST_DAYS:
        raise Refused(f"A calendar has at most {MOST_DAYS:,} days that differ.", field="last")
    CalendarException.objects.bulk_create(new)
    CalendarException.objects.bulk_update(other, ["shifts", "reason"])


def choose(
    *,
    program: Program,
    calendar: Calendar | None,
    version: int,
    by: User | None,
    at: datetime,
    project: Project | None = None,
    agreed: bool | str = True,
) -> Chosen:
    """By which calendar the program, or one of its projects (None: the program's), is planned.

    `version` is that of the program or of the project, as it was seen.
    """
    locked = _keep(program.pk)
    subject: Any = locked
    if project is not None:
        subject = Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)
        refuse_planning(subject)
    elif calendar is None:
        raise Refused("A program is planned by one of its calendars.", field="calendar")
    if subject.version != version:
        raise Conflict(f"Somebody changed {subject.code} after you opened this page.", code="changed")
    if calendar is not None and calendar.program_id != locked.pk:
        raise Refused("There is no such calendar in this program.", field="calendar")
    if subject.calendar_id == (calendar.pk if calendar else None):
        raise Refused(f"{subject.code} is planned by it already.", field="calendar")
    subject.calendar = calendar
    subject.version += 1
    subject.save(update_fields=["calendar", "version"])
    what = repr((type(subject).__name__, subject.pk, subject.calendar_id))
    return Chosen(_planned(locked, at, agreed, what))


def remove(*, calendar: Calendar, version: int | None, by: User | None, at: datetime) -> None:
    """Take a calendar away by which nothing works; its history stays."""
    locked = _keep(calendar.program_id)
    live = _found(calendar, version)
    users = selectors.users(locked, live)
    if users:
        raise Refused(f"{live.name} stays: {users.words}.", code="in-use")
    live.exceptions.all().delete()
    live.delete()
