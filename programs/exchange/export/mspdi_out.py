"""A draft as an MS Project plan in XML (MSPDI): what MS Project shows, and what `mspdi.read_mspdi` reads back equal.

MS Project's file is one project: the component projects are its top rows, work on a calendar of its project's names
it. What the format has no field for is added as `mspdi_own` says.
"""

from __future__ import annotations

from datetime import date, datetime, time

from pmo.refusals import Refused

from .. import mspdi_own
from ..draft import CalendarDraft, Draft, ResourceDraft, wall
from . import bundle_out
from .mspdi_tasks import Tasks
from .mspdi_xml import duration, moment, tag, working_times
from .spelling import plain

_MOST = 19_000
"""Characters of a note that the reader takes."""
_DAYS = (6, 0, 1, 2, 3, 4, 5)
"""Sunday first."""


def mspdi(draft: Draft) -> bytes:
    """The draft as an XML document in UTF-8; the same draft gives the same bytes.

    Raises Refused where a program has so many calendars that their codes do not fit.
    """
    calendars = {one.code: uid for uid, one in enumerate(draft.calendars, 1)}
    resources = {(one.project, one.code): uid for uid, one in enumerate(draft.resources, 1)}
    tasks = Tasks(draft, calendars)
    parts = [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<Project xmlns="http://schemas.microsoft.com/project">\n',
        _header(draft, calendars[tasks.file_calendar]),
        "\n<Calendars>\n",
        *(_calendar(one, calendars[one.code]) for one in draft.calendars),
        "</Calendars>\n<Tasks>\n",
        tasks.program_row(_note(draft, calendars)),
        *tasks.rows(),
        "</Tasks>\n<Resources>\n",
        *(_resource(one, resources[one.project, one.code]) for one in draft.resources),
        "</Resources>\n<Assignments>\n",
        *_assignments(draft, tasks, resources),
        "</Assignments>\n</Project>\n",
    ]
    return "".join(parts).encode()


def _header(draft: Draft, calendar: int) -> str:
    starts = [one.start for one in draft.projects if one.start is not None]
    statuses = [one.status_date for one in draft.projects if one.status_date is not None]
    name = draft.program.name or (draft.projects[0].name if draft.projects else "")
    fields = "".join(
        f"<ExtendedAttribute>{tag('FieldID', field)}{tag('FieldName', text)}{tag('Alias', alias)}</ExtendedAttribute>"
        for field, text, alias in (
            (mspdi_own.CODE_FIELD, "Text29", "Office code"),
            (mspdi_own.PAIRS_FIELD, "Text30", "Office data"),
        )
    )
    return (
        tag("SaveVersion", 14)
        + tag("Name", f"{draft.program.code or 'plan'}.xml")
        + tag("Title", name)
        + "<ScheduleFromStart>1</ScheduleFromStart>"
        + tag("StartDate", moment(min(starts, default=None)))
        + tag("CurrencyCode", draft.program.currency)
        + tag("CalendarUID", calendar)
        + tag("MinutesPerDay", 480)
        + tag("StatusDate", moment(max(statuses, default=None)))
        + "<NewTasksAreManual>0</NewTasksAreManual>"
        + f"<ExtendedAttributes>{fields}</ExtendedAttributes>"
    )


def _note(draft: Draft, calendars: dict[str, int]) -> str:
    """The program's own note: itself and the codes of its calendars."""
    lines = [mspdi_own.MARK]
    if draft.program.code or draft.program.name or draft.program.currency or draft.program.time_zone:
        lines += ["# program.csv", *bundle_out.table("program.csv", draft)]
    lines += [f"# {mspdi_own.CALENDARS}", *(f"{uid},{code}" for code, uid in calendars.items())]
    if all(one.effort is None for one in draft.assignments):
        lines.append(f"# {mspdi_own.NO_EFFORT}")
    note = "\n".join(lines)
    if len(note) > _MOST:
        raise Refused(
            "There are too many calendars for an MS Project file. Take the plan along as a CSV bundle."
        )
    return note


def _calendar(one: CalendarDraft, uid: int) -> str:
    week = "".join(
        f"<WeekDay><DayType>{kind}</DayType>{working_times(one.week[day])}</WeekDay>"
        for kind, day in enumerate(_DAYS, 1)
    )
    exceptions = "".join(
        "<Exception><EnteredByOccurrences>0</EnteredByOccurrences>"
        f"<TimePeriod><FromDate>{_at(first)}</FromDate><ToDate>{_at(last, 59 + 60 * 23)}</ToDate></TimePeriod>"
        f"<Occurrences>{(last - first).days + 1}</Occurrences><Name>{first.isoformat()}</Name><Type>1</Type>"
        f"{working_times(shifts)}</Exception>"
        for first, last, shifts in bundle_out.runs(one)
    )
    if exceptions:
        exceptions = f"<Exceptions>{exceptions}</Exceptions>"
    return (
        f"<Calendar><UID>{uid}</UID>{tag('Name', one.name)}<IsBaseCalendar>1</IsBaseCalendar>"
        f"<BaseCalendarUID>-1</BaseCalendarUID><WeekDays>{week}</WeekDays>{exceptions}</Calendar>\n"
    )


def _at(day: date, minute: int = 0) -> str:
    return moment(wall(datetime.combine(day, time())) + minute)


def _resource(one: ResourceDraft, uid: int) -> str:
    return (
        f"<Resource><UID>{uid}</UID><ID>{uid}</ID>"
        + tag("Name", one.name)
        + tag("Type", 0 if one.kind == "material" else 1)
        + tag("Code", one.code)
        + tag("Group", one.project)
        + tag("EmailAddress", one.email)
        + tag("MaxUnits", plain(one.availability))
        + tag("StandardRate", plain(one.cost_per_hour))
        + tag("StandardRateFormat", 2)
        + tag("CostPerUse", plain(one.cost_per_use * 100))
        + tag("Notes", one.kind)
        + "</Resource>\n"
    )


def _assignments(draft: Draft, tasks: Tasks, resources: dict[tuple[str, str], int]) -> list[str]:
    work = {(one.project, one.code): one.duration for one in draft.activities}
    return [
        f"<Assignment><UID>{uid}</UID>"
        + tag("TaskUID", tasks.uid[one.project, one.activity])
        + tag("ResourceUID", resources[one.resource_project, one.resource])
        + tag("Cost", None if one.cost is None else plain(one.cost * 100))
        + tag("Units", plain(one.units))
        + tag(
            "Work",
            duration(
                round(work[one.project, one.activity] * one.units) if one.effort is None else one.effort
            ),
        )
        + "</Assignment>\n"
        for uid, one in enumerate(draft.assignments, 1)
    ]
