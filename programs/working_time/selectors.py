"""Reads of calendars: who works by one, its days, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Count, Q

from pmo import formats
from programs.calendars.models import Calendar, CalendarException
from programs.portfolio.models import Program, Project
from programs.resources.models import Resource
from programs.schedule.models import Activity
from programs.working_time.words import Shifts, shifts_text, week_text

OFFICE = "The office"
TRAIL = 40
"""Acts that are shown, the latest."""
LISTED = 100


@dataclass(frozen=True, slots=True)
class Users:
    """What works by a calendar."""

    program: bool
    projects: list[str]
    """Codes of the projects whose own choice it is."""
    activities: int
    """Activities that name it themselves."""
    resources: int

    def __bool__(self) -> bool:
        return bool(self.program or self.projects or self.activities or self.resources)

    @property
    def words(self) -> str:
        """Who works by it, in words."""
        said = ["the program is planned by it"] if self.program else []
        if self.projects:
            more = len(self.projects) - 5
            named = ", ".join(self.projects[:5]) + (f" and {more} more" if more > 0 else "")
            said.append(f"{named} {'works' if len(self.projects) == 1 else 'work'} by it")
        if self.activities:
            said.append(f"{formats.counted(self.activities, 'activity names', 'activities name')} it")
        if self.resources:
            said.append(f"{formats.counted(self.resources, 'resource has', 'resources have')} it")
        return ", ".join(said) or "nothing works by it"


def users(program: Program, calendar: Calendar) -> Users:
    """What works by a calendar. Three queries."""
    return Users(
        program.calendar_id == calendar.pk,
        list(
            Project.objects.filter(program_id=program.pk, calendar=calendar)
            .order_by("position", "pk")
            .values_list("code", flat=True)
        ),
        Activity.objects.filter(program_id=program.pk, calendar=calendar).count(),
        Resource.objects.filter(program_id=program.pk, calendar=calendar).count(),
    )


def plans(program: Program, calendar: Calendar) -> bool:
    """Do dates follow from it? Also where the program chose none: then its first calendar counts."""
    if program.calendar_id in (None, calendar.pk):
        return True
    return (
        Project.objects.filter(program_id=program.pk, calendar=calendar).exists()
        or Activity.objects.filter(program_id=program.pk, calendar=calendar).exists()
    )


def calendars(program: Program, user: Any) -> Any:
    """The program's calendars with how many days differ, and how many activities and projects name each."""
    return (
        Calendar.objects.visible_to(user)
        .filter(program_id=program.pk)
        .annotate(
            days=Count("exceptions", distinct=True),
            off=Count("exceptions", filter=Q(exceptions__shifts=[]), distinct=True),
        )
        .order_by("name", "pk")
    )


def activities_by_calendar(program: Program) -> dict[int, int]:
    """How many activities name each calendar themselves. One query."""
    rows = Activity.objects.filter(program_id=program.pk, calendar__isnull=False).order_by()
    return dict(rows.values_list("calendar_id").annotate(n=Count("pk")))


def projects_by_calendar(program: Program) -> dict[int, list[str]]:
    """Codes of the projects that chose each calendar. One query."""
    found: dict[int, list[str]] = {}
    rows = Project.objects.filter(program_id=program.pk, calendar__isnull=False).order_by("position", "pk")
    for calendar_id, code in rows.values_list("calendar_id", "code"):
        found.setdefault(calendar_id, []).append(code)
    return found


def days(
    calendar: Calendar, first: date | None = None, last: date | None = None
) -> list[tuple[date, Shifts, str]]:
    """The days that differ, in order: day, shifts, reason."""
    rows = CalendarException.objects.filter(calendar=calendar)
    if first is not None:
        rows = rows.filter(day__gte=first, day__lte=last)
    return list(rows.order_by("day").values_list("day", "shifts", "reason"))


def days_written(
    calendar: Calendar, changes: Mapping[str, Any]
) -> tuple[dict[date, tuple[Shifts, str]], set[date]]:
    """What an edit puts and takes out of the calendar as it is: what is `fill`ed where no day differs, what goes if
    it is there. At most one query.
    """
    put, out, fill = (
        dict(changes.get("put") or {}),
        set(changes.get("take_out") or ()),
        changes.get("fill") or {},
    )
    if out or fill:
        there = {day for day, _, _ in days(calendar)}
        put = {day: what for day, what in fill.items() if day not in there} | put
        out &= there
    return put, out


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the trail: who did what when, and what was said."""

    at: datetime
    who: str
    what: str
    note: str = ""


def trail(calendar: Calendar) -> list[Step]:
    """What happened to a calendar and its days, one line for each act, the latest first. Two statements."""
    history: Any = apps.get_model("programs", "CalendarEvent")
    of_days: Any = apps.get_model("programs", "CalendarExceptionEvent")
    acts: dict[Any, dict[str, Any]] = {}

    def act(row: dict[str, Any]) -> dict[str, Any]:
        context = row["pgh_context"] or {}
        return acts.setdefault(
            row["pgh_context_id"] or row["pgh_created_at"],
            {
                "at": row["pgh_created_at"],
                "who": context.get("name") or OFFICE,
                "why": context.get("why") or "",
                "said": [],
                "put": [],
                "out": [],
                "what": "changed it",
            },
        )

    named = ("pgh_created_at", "pgh_context_id", "pgh_context")
    before: dict[str, Any] | None = None
    rows = history.objects.filter(pgh_obj_id=calendar.pk).order_by("pgh_id")
    for row in rows.values("code", "name", "week", *named):
        one = act(row)
        if before is None:
            one["what"] = "added it"
        else:
            for name in ("code", "name"):
                if row[name] != before[name]:
                    one["said"].append(f"{name} {before[name]} to {row[name]}")
            if row["week"] != before["week"]:
                one["said"].append(f"week {week_text(before['week'])} to {week_text(row['week'])}")
        before = row
    rows = of_days.objects.filter(calendar_id=calendar.pk).order_by("pgh_id")
    for row in rows.values("day", "shifts", "reason", "pgh_label", *named):
        act(row)["out" if row["pgh_label"] == "delete" else "put"].append(row)
    steps = []
    for one in acts.values():
        said = [*one["said"], *_days_said(one["put"], "set"), *_days_said(one["out"], "taken out")]
        if one["why"]:
            said.append(one["why"])
        if said or one["what"] != "changed it":
            steps.append(Step(one["at"], one["who"], one["what"], "; ".join(said)))
    return sorted(steps, key=lambda step: step.at, reverse=True)[:TRAIL]


def _days_said(rows: list[dict[str, Any]], verb: str) -> list[str]:
    if not rows:
        return []
    rows = sorted(rows, key=lambda row: row["day"])
    first, last = rows[0]["day"], rows[-1]["day"]
    when = formats.day(first) if first == last else f"{formats.day(first)} to {formats.day(last)}"
    same = {(str(row["shifts"]), row["reason"]) for row in rows}
    how = f" {shifts_text(rows[0]['shifts'])}" if verb == "set" and len(same) == 1 else ""
    why = f" ({rows[0]['reason']})" if len(same) == 1 and rows[0]["reason"] else ""
    count = "" if len(rows) == 1 else f"{len(rows)} days, "
    return [f"{count}{when}{how}{why} {verb}"]
