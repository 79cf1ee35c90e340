"""What typed text means in one program: its calendars, its clock, the codes of its activities."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from pmo.refusals import Refused
from programs.calendars.models import Calendar
from programs.engine.worktime import WorkCalendar
from programs.master_plan.sheet import shown, typed
from programs.master_plan.sheet.people import People
from programs.portfolio.models import Program, Project
from programs.schedule.clock import ProgramClock
from programs.schedule.inputs import Calendars, load_calendars
from programs.schedule.models import Activity, ComputedDates, Constraint, Dependency
from programs.schedule.usual import usual_minutes

LABELS = {
    "name": "name",
    "days": "duration",
    "start": "start",
    "finish": "finish",
    "percent": "percent complete",
    "actual_start": "actual start",
    "actual_finish": "actual finish",
    "remaining": "remaining work",
    "predecessors": "predecessors",
    "calendar": "calendar",
    "constraint": "constraint",
    "resources": "who works on it",
}
"""What an edit calls each column."""
FIELDS = tuple(LABELS)
"""The columns that can be typed into."""
OFFICE = [[480, 720], [780, 1020]]
_NUMBERED = re.compile(r"(.*?)(\d{1,9})", re.ASCII)


class Reading:
    """Reads cells of a program. What it needs of the database it reads once."""

    def __init__(self, program: Program, today: datetime) -> None:
        self.program = program
        self.zone = ProgramClock(program.time_zone).zone
        self.aliases: dict[str, int] = {}
        """Names that rows added in this batch go by in it."""
        self.people = People(program)
        self.today = today.astimezone(self.zone).date()

    @cached_property
    def calendars(self) -> dict[int, Calendar]:
        return {one.pk: one for one in Calendar.objects.filter(program_id=self.program.pk).order_by("name")}

    @cached_property
    def projects(self) -> dict[int, Project]:
        return {one.pk: one for one in Project.objects.filter(program_id=self.program.pk)}

    @cached_property
    def codes(self) -> dict[tuple[str, str], int]:
        """(project, code) without case, of every activity."""
        rows = Activity.objects.filter(program_id=self.program.pk).values_list("pk", "project__code", "code")
        return {(project.casefold(), code.casefold()): pk for pk, project, code in rows}

    def calendar(self, activity: Activity) -> Calendar | None:
        """The calendar that an activity works by: its own, its project's, the program's."""
        project = self.projects[activity.project_id]
        for pk in (activity.calendar_id, project.calendar_id, self.program.calendar_id):
            if pk is not None:
                return self.calendars[pk]
        return None

    @cached_property
    def clock(self) -> ProgramClock:
        return ProgramClock(self.program.time_zone)

    @cached_property
    def _works(self) -> Calendars:
        return load_calendars(self.program, self.clock)

    def works(self, activity: Activity) -> WorkCalendar:
        """The working time of the activity's calendar, in wall minutes."""
        calendar = self.calendar(activity)
        return self._works.of(calendar.pk if calendar else None)

    @staticmethod
    def begins(activity: Activity) -> datetime | None:
        """When the activity begins as computed now; None before its first computation."""
        dates = ComputedDates.objects.filter(activity=activity, superseded_by=None)
        return dates.values_list("early_start", flat=True).first()

    def worktime(self, activity: Activity) -> typed.WorkTime:
        """Minutes of a day and of a week of the activity's calendar."""
        calendar = self.calendar(activity)
        day = usual_minutes(calendar)
        if calendar is None:
            return typed.WorkTime(day, 5 * day)
        return typed.WorkTime(day, sum(end - begin for shifts in calendar.week for begin, end in shifts))

    def text(self, activity: Activity, field: str, links: Iterable[Dependency] = ()) -> str:
        """What stands in a cell now: what an edit says that it saw. Of `start` and `finish`, what they set."""
        if field == "name":
            return activity.name
        if field == "remaining" or (
            field == "finish" and activity.actual_start is not None and not activity.is_milestone
        ):
            left = activity.remaining_minutes
            return "" if left is None else shown.days(left, self.worktime(activity).day)
        if field in ("actual_start", "actual_finish"):
            return shown.moment(getattr(activity, field), self.zone)
        if field in ("days", "finish"):
            return shown.days(activity.duration_minutes, self.worktime(activity).day)
        if field in ("start", "constraint"):
            return shown.constraint(activity.constraint, activity.constraint_at, self.zone)
        if field == "percent":
            return shown.percent(activity.percent_complete)
        if field == "calendar":
            pk = activity.calendar_id
            return self.calendars[pk].name if pk is not None else ""
        if field == "resources":
            return self.people.text(activity)
        if field == "predecessors":
            day = self.worktime(activity).day
            here = activity.project_id
            return shown.links(
                [
                    shown.link(
                        named(one.predecessor, here, self.projects), one.kind, one.lag, one.lag_unit, day
                    )
                    for one in links
                ]
            )
        raise Refused("This column cannot be typed into.", field=field, code="not-editable")

    def changes(self, activity: Activity, field: str, text: str) -> dict[str, Any]:
        """What typed text changes in an activity's own fields. Raises Refused at the field."""
        if "\x00" in text or len(text) > 2_000:
            raise Refused("This text is too long, or no text.", field=field)
        return {
            "name": self._name,
            "days": self._days,
            "start": self._start,
            "finish": self._finish,
            "calendar": self._calendar,
            "constraint": self._constraint,
        }[field](activity, text)

    def _name(self, activity: Activity, text: str) -> dict[str, Any]:
        name = " ".join(text.split())
        if not name:
            raise Refused("An activity needs a name.", field="name")
        if len(name) > 250:
            raise Refused("A name has at most 250 letters.", field="name")
        return {"name": name}

    def _days(self, activity: Activity, text: str) -> dict[str, Any]:
        minutes = typed.minutes(text, self.worktime(activity))
        if activity.is_milestone and minutes:
            return {"kind": Activity.Kind.TASK, "duration_minutes": minutes}
        if activity.kind == Activity.Kind.TASK and not minutes:
            return {"kind": Activity.Kind.FINISH_MILESTONE, "duration_minutes": 0}
        return {"duration_minutes": minutes}

    def _start(self, activity: Activity, text: str) -> dict[str, Any]:
        if activity.actual_start is not None:
            raise Refused(
                "It has started: type its actual start, which is a column of its own.", field="start"
            )
        if not text.strip():
            return {"constraint": Constraint.ASAP, "constraint_at": None}
        return self._dated(activity, Constraint.SNET, text, field="start")

    def _finish(self, activity: Activity, text: str) -> dict[str, Any]:
        """The duration that ends on the day typed, from where the work begins now."""
        day, at = typed.day(text, self.today, field="finish")
        if activity.is_milestone:
            raise Refused("A milestone has one date: type its start.", field="finish")
        begin = self.begins(activity)
        if begin is None:
            raise Refused("Its start is not computed yet: type a duration.", field="finish")
        works = self.works(activity)
        try:
            moment = typed.edge(day, at, [], finish=True).replace(tzinfo=self.zone)
            minutes = works.between(self.clock.wall(begin), self.clock.wall(moment))
        except (OverflowError, ValueError):
            raise Refused("This date lies beyond what calendars know.", field="finish") from None
        if minutes <= 0:
            raise Refused(
                f"There is no working time between its start, {shown.moment(begin, self.zone)}, and this day.",
                field="finish",
            )
        if minutes > typed.MOST_MINUTES:
            raise Refused("No activity lasts longer than thirty years.", field="finish")
        return {"duration_minutes": minutes}

    def _constraint(self, activity: Activity, text: str) -> dict[str, Any]:
        words = text.split(None, 1)
        kind = words[0].upper() if words else "ASAP"
        if kind not in Constraint.values:
            raise Refused(
                "Write ASAP, ALAP, or one of SNET, SNLT, FNET, FNLT, MSO, MFO with a date: SNET 2026-11-06.",
                field="constraint",
            )
        if kind in ("ASAP", "ALAP"):
            return {"constraint": kind, "constraint_at": None}
        if len(words) < 2:
            raise Refused(f"{Constraint(kind).label} needs a date: {kind} 2026-11-06.", field="constraint")
        return self._dated(activity, Constraint(kind), words[1], field="constraint")

    def _dated(self, activity: Activity, kind: Constraint, text: str, *, field: str) -> dict[str, Any]:
        finish = kind in (Constraint.FNET, Constraint.FNLT, Constraint.MFO)
        return {"constraint": kind, "constraint_at": self.moment(activity, text, field=field, finish=finish)}

    def moment(self, activity: Activity, text: str, *, field: str, finish: bool) -> datetime:
        """The instant meant by a day or moment typed: without a time, where work of that day begins (or ends)."""
        day, at = typed.day(text, self.today, field=field)
        calendar = self.calendar(activity)
        shifts = OFFICE if calendar is None else calendar.week[day.weekday()]
        try:
            moment = typed.edge(day, at, shifts, finish=finish).replace(tzinfo=self.zone).astimezone(UTC)
        except (OverflowError, ValueError):
            raise Refused("This date lies beyond what calendars know.", field=field) from None
        if not 1970 <= moment.year <= 2200:
            raise Refused("Give a date between 1970 and 2200.", field=field)
        return moment

    def _calendar(self, activity: Activity, text: str) -> dict[str, Any]:
        wanted = text.strip().casefold()
        if not wanted:
            return {"calendar": None}
        for one in self.calendars.values():
            if wanted in (one.name.casefold(), one.code.casefold()):
                return {"calendar": one}
        known = ", ".join(one.name for one in list(self.calendars.values())[:8])
        raise Refused(
            f"There is no calendar of that name. There are: {known}."
            if known
            else "This program has no calendars.",
            field="calendar",
        )

    def links(self, activity: Activity, text: str) -> list[tuple[int, str, typed.Lag]]:
        """(predecessor, kind, lag) of each predecessor named. Raises Refused at `predecessors`."""
        if len(text) > 2_000:
            raise Refused("These are too many predecessors for one cell.", field="predecessors")
        here = self.projects[activity.project_id].code.casefold()
        found: list[tuple[int, str, typed.Lag]] = []
        for ways in typed.links(text):
            for way in ways:
                project, slash, code = way.named.casefold().rpartition("/")
                pk = self.aliases.get(way.named.casefold()) or self.codes.get(
                    (project.strip() if slash else here, code.strip())
                )
                if pk is not None:
                    found.append((pk, way.kind, typed.lag(way.lag, self.worktime(activity))))
                    break
            else:
                raise Refused(
                    f"There is no activity “{ways[-1].named[:60]}”. Write a code of this project or "
                    "PROJECT/CODE, such as A10FS+2d; A20SS.",
                    field="predecessors",
                )
        seen = [(pk, kind) for pk, kind, _ in found]
        if len(set(seen)) < len(seen):
            raise Refused("A predecessor is named twice with the same kind of link.", field="predecessors")
        return found

    def next_code(self, project: Project, near: str) -> str:
        """A free code for a new activity: the numbering of its neighbour goes on; `1` in an empty project."""
        here = project.code.casefold()
        taken = [code for owner, code in self.codes if owner == here]
        near = near or (taken[-1].upper() if taken else "")
        match = _NUMBERED.fullmatch(near)
        prefix, width = (match[1], len(match[2])) if match else (f"{near}-" if near else "", 1)
        numbers = [
            int(code[len(prefix) :])
            for code in taken
            if code.startswith(prefix.casefold()) and code[len(prefix) :].isdigit() and len(code) < 50
        ]
        return f"{prefix}{max(numbers, default=0) + 1:0{width}d}"[:60]


def named(activity: Activity, here: int, projects: dict[int, Project]) -> str:
    """A code as it is written in a cell of the project `here`."""
    return (
        activity.code
        if activity.project_id == here
        else f"{projects[activity.project_id].code}/{activity.code}"
    )
