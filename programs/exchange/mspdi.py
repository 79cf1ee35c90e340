"""An MS Project plan saved as XML (MSPDI) into a draft of one project.

Summaries are recognised by having tasks below them. Manual tasks keep their dates by a must-start-on constraint,
elapsed durations run on a calendar that never rests, inactive and external tasks are left out and said so.
Money is stored in hundredths, lags in tenths of minutes. Dates that MS Project computed are not read: the engine
computes its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pmo.currencies import EXPONENTS

from . import checks, mspdi_calendars, mspdi_hours, mspdi_people, mspdi_restore, mspdi_splits, mspdi_work
from .cells import NAME_LENGTH
from .draft import CalendarDraft, Draft, ProgramDraft, ProjectDraft
from .mspdi_known import KNOWN, SKIPPED
from .mspdi_values import Values, moment, whole
from .problems import ImportRefused, Problems
from .xml_stream import Element, records

ROOT = "http://schemas.microsoft.com/project}Project"
_HOLDERS = {"Calendars": "Calendar", "Tasks": "Task", "Resources": "Resource", "Assignments": "Assignment"}
_RECORDS = frozenset(_HOLDERS.values())
_MOST_UNKNOWN = 50


def read_mspdi(data: bytes, file: str, problems: Problems) -> Draft:
    """The draft of an MSPDI file. Raises `ImportRefused` where it is no such file; the rest is in `problems`."""
    values = Values(file, problems)
    draft = Draft(source="mspdi")
    found: dict[str, list[Element]] = {name: [] for name in _RECORDS}
    header = Element("Project", 1)
    unknown: set[str] = set()
    for element in records(data, file, ROOT, frozenset(_HOLDERS), SKIPPED):
        if element.tag in _RECORDS:
            found[element.tag].append(element)
            names: Iterable[str] = (child.tag for child in element.children)
            unknown.update(f"{element.tag}/{tag}" for tag in names if tag not in KNOWN[element.tag])
        else:
            header.children.append(element)
            if element.tag not in KNOWN["Project"]:
                unknown.add(f"Project/{element.tag}")
    if not found["Task"]:
        raise ImportRefused("holds no tasks", file=file)
    draft.unknown = sorted(name[:80] for name in unknown)[:_MOST_UNKNOWN]
    for name in draft.unknown:
        problems.warn(file, None, name, "", "This element is not known and was not read.")
    project = _project(header, file, values)
    draft.projects = [project]
    draft.program = ProgramDraft(name=project.name, currency=_currency(header, values))
    _calendars(draft, project, header, found["Calendar"], values)
    mspdi_work.read_tasks(draft, project, found["Task"], values)
    mspdi_people.read_resources(draft, project, found["Resource"], values)
    mspdi_people.read_assignments(draft, project, found["Assignment"], values)
    ours = mspdi_restore.is_ours(found["Task"])
    if not ours:
        mspdi_hours.take_hours(draft, project, found["Task"], found["Resource"], values)
        mspdi_splits.take_pauses(draft, project, found["Task"], data, ROOT, values)
    _keep_used_calendars(draft, found["Calendar"])
    if ours:
        mspdi_restore.restore(draft, found["Task"], found["Resource"], values)
    checks.check(draft, problems, checks.Places(file, file, file, file, file, file, file))
    return draft


def _project(header: Element, file: str, values: Values) -> ProjectDraft:
    name = values.text(header, "Title", NAME_LENGTH) or values.text(header, "Name", NAME_LENGTH)
    name = re.sub(r"\.(xml|mpp)$", "", name or file, flags=re.IGNORECASE) or "Project"
    if header.get("ScheduleFromStart") == "0":
        values.problems.warn(
            file,
            None,
            "ScheduleFromStart",
            "0",
            "This plan is scheduled backwards from its finish; it is read as scheduled from its start.",
        )
    return ProjectDraft(
        code=project_code(name),
        name=name,
        manager=values.text(header, "Manager", NAME_LENGTH),
        start=values.read(header, "StartDate", moment),
        finish=values.read(header, "FinishDate", moment),
        minutes_per_day=values.read(header, "MinutesPerDay", whole, 480),
        lag_calendar="successor",
        status_date=values.read(header, "StatusDate", moment),
    )


def project_code(name: str) -> str:
    """A code made from a name: letters and digits of it, at most 30, joined by dashes."""
    parts = re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:30].strip("-")
    return parts or "PROJECT"


def _currency(header: Element, values: Values) -> str:
    code = header.get("CurrencyCode")
    if code and code not in EXPONENTS:
        values.problems.error(
            values.file, None, "CurrencyCode", code, "The CurrencyCode is not a currency code such as EUR."
        )
        return ""
    return code


def _calendars(
    draft: Draft, project: ProjectDraft, header: Element, elements: list[Element], values: Values
) -> None:
    draft.calendars = mspdi_calendars.calendars(elements, values)
    known = {calendar.code for calendar in draft.calendars}
    code = mspdi_calendars.code_of(header.get("CalendarUID"))
    if code not in known:
        if not draft.calendars:
            draft.calendars.append(
                CalendarDraft("standard", "Standard", (((480, 720), (780, 1020)),) * 5 + ((), ()))
            )
        code = draft.calendars[0].code
        values.problems.warn(
            values.file,
            None,
            "CalendarUID",
            header.get("CalendarUID"),
            f"The project's calendar is not in the file; {draft.calendars[0].name} is taken.",
        )
    project.calendar = code


def _keep_used_calendars(draft: Draft, elements: list[Element]) -> None:
    """Only calendars that are nobody's own, and those that a task uses: each resource has one of its own otherwise."""
    shared: set[Any] = {
        mspdi_calendars.code_of(e.get("UID")) for e in elements if e.get("IsBaseCalendar") == "1"
    }
    used = {activity.calendar for activity in draft.activities} | {draft.projects[0].calendar} | shared
    draft.calendars = [calendar for calendar in draft.calendars if calendar.code in used]
    if mspdi_calendars.CLOCK in used:
        draft.calendars.append(mspdi_calendars.around_the_clock())
