"""Primavera's records into a draft: projects with their settings, calendars; the work is in `p6_work`.

XER and P6 XML hold the same records under other names; the XML reader renames them, so that both are read here.
Dates that Primavera computed are kept beside the draft for comparing, never as content.
"""

from __future__ import annotations

from pmo.currencies import EXPONENTS

from . import checks, p6_calendars, p6_notes, p6_people, p6_tree, p6_work
from .cells import NAME_LENGTH
from .draft import CalendarDraft, Draft, ProgramDraft, ProjectDraft, SettingsDraft
from .p6_file import P6File
from .p6_values import LAG_CALENDARS, Codes, Fields, moment
from .problems import ImportRefused, Problems

TABLES = frozenset(
    {
        *(
            "PROJECT",
            "SCHEDOPTIONS",
            "CALENDAR",
            "PROJWBS",
            "TASK",
            "TASKPRED",
            "RSRC",
            "RSRCRATE",
            "TASKRSRC",
        ),
        *("PROJCOST", "MEMOTYPE", "TASKMEMO", "WBSMEMO"),
        "UDFTYPE",
        "UDFVALUE",
    }
)
_STEPS = (
    "Primavera keeps no day on which a step is due or was done, by which weighted milestones earn here; "
    "where it counts in the activity's percent complete, that has come in"
)
_DROPPED = {
    "TASKACTV": ("activity code of an activity", "activity codes of activities"),
    "UDFVALUE": ("value of a user field", "values of user fields"),
    "TASKPROC": (f"step of an activity: {_STEPS}", f"steps of activities: {_STEPS}"),
    "TASKDOC": ("document of an activity", "documents of activities"),
    "TASKFIN": ("past period of an activity", "past periods of activities"),
    "TRSRCFIN": ("past period of an assignment", "past periods of assignments"),
    "PROJISSU": ("issue", "issues"),
    "PROJRISK": ("risk", "risks"),
    "RISKTYPE": ("kind of risk", "kinds of risks"),
    "PROJPCAT": ("project code", "project codes"),
    "TASKNOTE": ("note", "notes"),
    "TASKUSER": ("owner of an activity", "owners of activities"),
    "RSRCROLE": ("role of a resource", "roles of resources"),
    "ROLERATE": ("rate of a role", "rates of roles"),
    "PROJTHRS": ("threshold", "thresholds"),
    "WBSBUDG": ("budget of a WBS element", "budgets of WBS elements"),
    "WBSSTEP": ("milestone weight of a WBS element", "milestone weights of WBS elements"),
}
"""Tables of a plan's content that have no place here. Others (codes, currencies) are lists to pick from."""


def read_p6(found: P6File, file: str, problems: Problems) -> Draft:
    """The draft of a Primavera file. Raises `ImportRefused` where it holds no activity."""
    fields = Fields(file, problems)
    if not found.rows("TASK"):
        raise ImportRefused("holds no activities", file=file)
    draft = Draft(source=found.source)
    draft.calendars = p6_calendars.resolved(_once(found.calendars, fields), fields)
    usual = _usual_calendar(draft, found)
    used = {row.get("proj_id", "") for row in found.rows("TASK")}
    projects = _projects(draft, found, used, usual, fields)
    draft.program = ProgramDraft(
        name=draft.projects[0].name if draft.projects else "",
        currency=found.currency if found.currency in EXPONENTS else "",
    )
    if found.currency and not draft.program.currency:
        fields.warn(
            None, "currency", found.currency, "This is not a currency code such as EUR; it was not read."
        )
    work = p6_work.read_work(draft, found, projects, fields)
    p6_notes.read_notes(draft, found, work)
    p6_people.read_people(draft, found, work, fields)
    _start_at_data_date(draft)
    _keep_used_calendars(draft)
    _tell_dropped(draft, found)
    checks.check(draft, problems, checks.Places(file, file, file, file, file, file, file))
    return draft


def _once(calendars: list[p6_calendars.Own], fields: Fields) -> list[p6_calendars.Own]:
    seen: set[str] = set()
    kept = []
    for own in calendars:
        number = own.row.get("clndr_id", "")
        if not number.isascii() or not number.isdigit() or len(number) > 12 or number in seen:
            fields.error(own.row, "clndr_id", number, "A calendar needs a number of its own.")
            continue
        seen.add(number)
        kept.append(own)
    return kept


def _usual_calendar(draft: Draft, found: P6File) -> str:
    """The calendar of projects that name none: the default one, else the first, else Monday to Friday."""
    for own in found.calendars:
        if own.row.get("default_flag") == "Y":
            return p6_calendars.code_of(own.row.get("clndr_id", ""))
    if not draft.calendars:
        draft.calendars.append(CalendarDraft("standard", "Standard", (p6_calendars.STANDARD,) * 5 + ((), ())))
    return draft.calendars[0].code


def _projects(
    draft: Draft, found: P6File, used: set[str], usual: str, fields: Fields
) -> dict[str, ProjectDraft]:
    """The projects that hold activities, by Primavera's number."""
    projects: dict[str, ProjectDraft] = {}
    options = {row.get("proj_id", ""): row for row in found.rows("SCHEDOPTIONS")}
    general = next(iter(options.values()), {})
    names = {row.get("proj_id", ""): row for row in found.rows("PROJWBS") if row.get("proj_node_flag") == "Y"}
    known = {calendar.code for calendar in draft.calendars}
    codes = Codes()
    for row in found.rows("PROJECT"):
        number, short = row.get("proj_id", ""), fields.text(row, "proj_short_name", NAME_LENGTH)
        if number in projects:
            fields.error(row, "proj_id", number, "This project is given twice.")
            continue
        if number not in used:
            fields.warn(row, "PROJECT", short, "This project holds no activities and was left out.")
            continue
        calendar = p6_calendars.code_of(row.get("clndr_id", ""))
        option = options.get(number, general)
        lag = LAG_CALENDARS.get(option.get("sched_calendar_on_relationship_lag") or "rcal_Predecessor")
        if lag is None:
            fields.warn(
                option,
                "sched_calendar_on_relationship_lag",
                "",
                "Not known; lags run on the predecessor's calendar.",
            )
        project = ProjectDraft(
            code=codes.take(short, number or "PROJECT"),
            name=fields.text(row, "proj_name", NAME_LENGTH)
            or fields.text(names.get(number, {}), "wbs_name", NAME_LENGTH)
            or short
            or "Project",
            calendar=calendar if calendar in known else usual,
            start=fields.read(row, "plan_start_date", moment),
            finish=fields.read(row, "scd_end_date", moment),
            lag_calendar=lag or "predecessor",
            status_date=fields.read(row, "last_recalc_date", moment),
            row=int(row.get("#", "0")),
        )
        projects[number] = project
        draft.projects.append(project)
        if options and number not in options:
            draft.marks[project.code, ""] = "Primavera did not schedule this project together with the others"
        override = option.get("sched_progress_override") == "Y" or option.get("sched_retained_logic") == "N"
        draft.settings.append(
            SettingsDraft(
                project.code,
                "progress_override" if override else "retained_logic",
                fields.read(row, "plan_end_date", moment)
                if option.get("sched_use_project_end_date_for_float", "Y") == "Y"
                else None,
            )
        )
    for number in sorted(used - projects.keys()):
        if number not in {row.get("proj_id", "") for row in found.rows("PROJECT")}:
            fields.warn(
                None, "proj_id", number, "Activities of a project that the file does not hold were left out."
            )
    if not projects:
        raise ImportRefused("holds no project that its activities belong to", file=fields.file)
    return projects


def _start_at_data_date(draft: Draft) -> None:
    """Nothing begins before the data date: where nothing has begun at all, it is the project's beginning."""
    begun = {a.project for a in draft.activities if a.actual_start is not None}
    for project in draft.projects:
        if project.code not in begun and project.start is not None and project.status_date is not None:
            project.start = max(project.start, project.status_date)


def _keep_used_calendars(draft: Draft) -> None:
    used = {a.calendar for a in draft.activities} | {project.calendar for project in draft.projects}
    draft.calendars = [calendar for calendar in draft.calendars if calendar.code in used]


def _tell_dropped(draft: Draft, found: P6File) -> None:
    for table, (one, many) in _DROPPED.items():
        count = found.counts.get(table, 0)
        if table == "UDFVALUE":
            count -= len(p6_tree.own_codes(found))
        if count:
            draft.dropped.append(f"{count:,} {one if count == 1 else many}")
