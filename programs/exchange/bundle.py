"""A CSV bundle (zip or folder) into a draft. The format is described in `docs/bundle-format.md`."""

from __future__ import annotations

from typing import Final

from . import bundle_facts, bundle_work, checks
from .columns import FILES, REQUIRED_FILES
from .draft import CalendarDraft, Draft, ProgramDraft, ProgressNowDraft, ProjectDraft, Shift
from .problems import Problems
from .table import Table, read_table

STANDARD_DAY: Final[tuple[Shift, ...]] = ((480, 720), (780, 1020))
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_bundle(files: dict[str, bytes], problems: Problems) -> Draft:
    """The draft of a bundle given as file contents by name. Everything that does not fit is in `problems`."""
    draft = Draft(source="bundle")
    for name in REQUIRED_FILES:
        if name not in files:
            problems.error(name, None, "", "", "This file is missing from the bundle.")
    tables = {name: read_table(name, files[name], problems) for name in FILES if name in files}
    if any(name not in tables or not tables[name].present for name in REQUIRED_FILES):
        return draft
    for table in tables.values():
        draft.unknown += table.unknown
    absent = Table("")
    rows = {name: tables.get(name, absent) for name in FILES}
    program(draft, rows["program.csv"], rows["projects.csv"], problems)
    projects(draft, rows["projects.csv"], problems)
    _calendars(draft, rows["calendars.csv"], problems)
    _exceptions(draft, rows["calendar_exceptions.csv"], problems)
    bundle_work.activities(draft, rows["activities.csv"], problems)
    bundle_work.dependencies(draft, rows["dependencies.csv"], problems)
    bundle_work.resources(draft, rows["resources.csv"], problems)
    bundle_work.assignments(draft, rows["assignments.csv"], problems)
    bundle_facts.read(draft, rows, problems)
    checks.check(draft, problems, checks.BUNDLE)
    bundle_facts.compare_with_stated(draft, rows["projects.csv"], frozenset(tables), problems)
    return draft


def program(draft: Draft, table: Table, projects: Table, problems: Problems) -> None:
    """What program.csv says; the currency otherwise from the projects, all of which must use the same one."""
    for row, values in table.rows:
        if row != table.rows[0][0]:
            problems.error(table.file, row, "", "", "There is more than one row; a bundle is one program.")
            break
        draft.program = ProgramDraft(
            **{k: values[k] or "" for k in ("code", "name", "currency", "time_zone")}
        )
        if not checks.is_time_zone(draft.program.time_zone):
            problems.error(table.file, row, "time_zone", values["time_zone"], "This time zone is not known.")
    for row, values in projects.rows:
        currency = values["currency"]
        if currency and not draft.program.currency:
            draft.program.currency = currency
        elif currency and currency != draft.program.currency:
            problems.error(
                projects.file,
                row,
                "currency",
                currency,
                f"This project is in {currency}, the program in {draft.program.currency}: one currency is needed.",
            )


def projects(draft: Draft, table: Table, problems: Problems) -> None:
    """The component projects, one row each."""
    seen: dict[str, int] = {}
    for row, values in table.rows:
        code = values["project_id"]
        if checks.duplicate(seen, code.casefold(), table.file, row, "project_id", code, problems):
            continue
        per_day = values["hours_per_day"]
        if per_day is not None and not 0 < per_day <= 24:
            problems.error(
                table.file, row, "hours_per_day", per_day, "A day has more than 0 and at most 24 hours."
            )
            per_day = None
        draft.projects.append(
            ProjectDraft(
                code=code,
                name=values["name"] or "",
                kind=values["kind"] or "",
                manager=values["manager"] or "",
                calendar=values["calendar_id"] or "",
                start=values["start"] if values["start"] is not None else values["baseline_start"],
                finish=values["baseline_finish"],
                minutes_per_day=480 if per_day is None else round(per_day * 60),
                lag_calendar=values["lag_calendar"] or "predecessor",
                row=row,
            )
        )
        if values["progress_in"] == "activities":
            draft.progress_now.append(ProgressNowDraft(code, row))
        if None not in (values["baseline_start"], values["baseline_finish"]):
            checks.in_order(values, "baseline_start", "baseline_finish", table.file, row, problems)


def _calendars(draft: Draft, table: Table, problems: Problems) -> None:
    projects = {project.code: project for project in draft.projects}
    seen: dict[str, int] = {}
    for row, values in table.rows:
        project, code = values["project_id"], values["calendar_id"] or values["project_id"]
        if code is None:
            problems.error(table.file, row, "calendar_id", "", "Neither calendar_id nor project_id is given.")
            continue
        if project is not None and project not in projects:
            checks.unknown(table.file, row, "project_id", project, "project", problems)
            continue
        if checks.duplicate(seen, code, table.file, row, "calendar_id", code, problems):
            continue
        if project is not None and not projects[project].calendar:
            projects[project].calendar = code
        off = values["non_working_weekdays_mon0"] or frozenset()
        usual = values["working_hours"] or ()
        week = tuple(
            values[_WEEK[i]] if values[_WEEK[i]] is not None else () if i in off else usual for i in range(7)
        )
        if not any(week):
            problems.error(
                table.file, row, "working_hours", "", "This calendar has no working time in the week."
            )
            week = (STANDARD_DAY,) * 5 + ((), ())
        calendar = CalendarDraft(
            code, values["name"] or code, week, dict.fromkeys(values["holidays"] or (), ())
        )
        draft.calendars.append(calendar)
    if any(not project.calendar for project in draft.projects):
        problems.warn(
            "calendars.csv",
            None,
            "",
            "",
            "Some projects have no calendar: Monday to Friday, 08:00-12:00 and 13:00-17:00 is assumed for them.",
        )
        code = "standard" if "standard" not in seen else "standard-week"
        draft.calendars.append(CalendarDraft(code, "Standard", (STANDARD_DAY,) * 5 + ((), ())))
        for project in draft.projects:
            project.calendar = project.calendar or code


def _exceptions(draft: Draft, table: Table, problems: Problems) -> None:
    calendars = {calendar.code: calendar for calendar in draft.calendars}
    for row, values in table.rows:
        calendar = calendars.get(values["calendar_id"])
        first, last = values["date"], values["to_date"] or values["date"]
        if calendar is None:
            checks.unknown(table.file, row, "calendar_id", values["calendar_id"], "calendar", problems)
        elif last < first or (last - first).days > 3_660:
            problems.error(
                table.file, row, "to_date", last, "The exception ends before it begins or lasts ten years."
            )
        else:
            for number in range(first.toordinal(), last.toordinal() + 1):
                calendar.exceptions[first.fromordinal(number)] = values["shifts"] or ()
