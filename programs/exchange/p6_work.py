"""The activities of a Primavera plan, each in its WBS element, and what else is read of its work."""

from __future__ import annotations

from decimal import Decimal

from . import p6_calendars
from .cells import ACTIVITY_NAME_LENGTH
from .draft import (
    MILESTONES,
    SUMMARY,
    ActivityDraft,
    Draft,
    ProjectDraft,
    StoredDraft,
    note,
)
from .p6_file import P6File
from .p6_links import read_constraints, read_links
from .p6_met import Work, tell
from .p6_tree import WBS, Element, own_codes, tree_of
from .p6_values import (
    KINDS,
    Codes,
    Fields,
    Row,
    hours,
    known,
    lag,
    line,
    moment,
    number,
    percent,
)

_HUNDRED = Decimal(100)
_MARKS = {
    "suspend_date": "the work was suspended for a while, which was not read",
    "expect_end_date": "an expected finish stretches the work, which was not read",
    "external_early_start_date": "a project outside of the file imposes a date, which was not read",
    "external_late_end_date": "a project outside of the file imposes a date, which was not read",
}


def read_work(draft: Draft, found: P6File, projects: dict[str, ProjectDraft], fields: Fields) -> Work:
    """Fill the draft's activities (WBS elements are its groups), links and further constraints."""
    work = Work({calendar.code for calendar in draft.calendars})
    codes = {number: Codes() for number in projects}
    rows: dict[tuple[str, str], list[Row]] = {}
    for row in found.rows("TASK"):  # their codes first: those of WBS elements give way
        project = row.get("proj_id", "")
        if project in codes:
            row["code"] = codes[project].take(row.get("task_code", ""), row.get("task_id", "")[:12] or "A")
            rows.setdefault((project, row.get("wbs_id", "")), []).append(row)
    own = own_codes(found)
    for (place, wbs), several in rows.items():
        for row in several if not wbs else ():  # P6 XML names no element for what lies in the project itself
            _activity(draft, projects[place], row, None, work, fields)
    rows = {place: several for place, several in rows.items() if place[1]}
    for element in tree_of(found.rows("PROJWBS"), projects, fields):
        number = element.row["proj_id"]
        element.code = element.above.code if element.above else ""
        if element.path:
            parent = element.code
            wbs = element.row["wbs_id"]
            element.code = codes[number].take(own.get(wbs, f"W{wbs[:12]}"), wbs[:12])
            group = work.groups[wbs] = ActivityDraft(
                projects[number].code,
                element.code,
                fields.text(element.row, "wbs_name", ACTIVITY_NAME_LENGTH) or "(no name)",
                SUMMARY,
                wbs=element.path[:WBS],
                parent=parent,
                row=line(element.row),
            )
            draft.activities.append(group)
        for one in rows.pop((number, element.row["wbs_id"]), ()):
            _activity(draft, projects[number], one, element, work, fields)
    for (number, wbs), several in rows.items():
        for row in several:
            if found.rows("PROJWBS"):
                fields.warn(
                    row, "wbs_id", wbs, "This WBS element is not in the file; the activity stands at the top."
                )
            _activity(draft, projects[number], row, None, work, fields)
    _number_by_project(draft)
    read_links(draft, found.rows("TASKPRED"), work, fields)
    tell(work, fields)
    return work


def _number_by_project(draft: Draft) -> None:
    at: dict[str, int] = {}
    for activity in draft.activities:
        activity.position = at.get(activity.project, 0)
        at[activity.project] = activity.position + 1


def _activity(
    draft: Draft, project: ProjectDraft, row: Row, parent: Element | None, work: Work, fields: Fields
) -> None:
    number = row.get("task_id", "")
    kind = KINDS.get(row.get("task_type", ""))
    if number in work.activities or number in work.left_out:
        fields.error(row, "task_id", number, "This number was already used by another activity.")
        return
    if row.get("task_type") == "TT_WBS":
        work.left_out.add(number)
        fields.warn(
            row,
            "task_type",
            row["code"],
            "A WBS summary activity was left out: the WBS element itself shows its dates.",
        )
        return
    if kind is None:
        fields.warn(
            row,
            "task_type",
            row.get("task_type"),
            "This type of activity is not known; it is read as a task.",
        )
        kind = KINDS["TT_Task"]
    if row.get("task_type") == "TT_Rsrc":
        work.resource_dependent += 1
    length = fields.read(row, "target_drtn_hr_cnt", hours, 0)
    left = fields.read(row, "remain_drtn_hr_cnt", hours)
    begun = fields.read(row, "act_start_date", moment)
    ended = fields.read(row, "act_end_date", moment)
    if row.get("status_code") == "TK_NotStart":
        if begun is not None or ended is not None:
            fields.warn(
                row, "status_code", "TK_NotStart", "Not started, yet with actual dates; these were not read."
            )
            begun = ended = None
        length = length if left is None else left  # what has not begun is scheduled by what remains of it
    if ended is not None:
        left = 0
    calendar = p6_calendars.code_of(row.get("clndr_id", ""))
    if calendar not in work.calendars:
        if row.get("clndr_id"):
            fields.warn(
                row, "clndr_id", row["clndr_id"], "This calendar is not in the file; the project's is taken."
            )
        calendar = ""
    activity = ActivityDraft(
        project=project.code,
        code=row["code"],
        name=fields.text(row, "task_name", ACTIVITY_NAME_LENGTH) or "(no name)",
        kind=kind,
        wbs=(f"{parent.path}." if parent and parent.path else "") + row["code"],
        parent=parent.code if parent else "",
        calendar=calendar,
        duration=0 if kind in MILESTONES else length,
        actual_start=begun,
        actual_finish=ended,
        remaining=left if begun is not None else None,
        percent_complete=_percent(row, length, left, fields),
        notes=note(row.get("task_notes", "")),
        row=line(row),
    )
    activity.wbs = activity.wbs[:WBS]
    read_constraints(draft, activity, row, fields)
    work.suspended += bool(row.get("suspend_date"))
    work.expected += bool(row.get("expect_end_date"))
    for column, rule in _MARKS.items():
        if row.get(column):
            draft.marks[project.code, activity.code] = rule
    if row.get("task_type") == "TT_Rsrc":
        draft.marks[project.code, activity.code] = "Primavera uses the calendars of its resources"
    work.outside += bool(row.get("external_early_start_date") or row.get("external_late_end_date"))
    draft.activities.append(activity)
    work.activities[number] = activity
    draft.stored[project.code, activity.code] = StoredDraft(
        known(row, "early_start_date", moment),
        known(row, "early_end_date", moment),
        known(row, "late_start_date", moment),
        known(row, "late_end_date", moment),
        known(row, "total_float_hr_cnt", lag),
        known(row, "free_float_hr_cnt", lag),
    )


def _percent(row: Row, length: int, left: int | None, fields: Fields) -> Decimal | None:
    """Percent complete by the activity's own way of measuring it: duration, units or a typed figure."""
    if row.get("status_code") == "TK_Complete":
        return _HUNDRED
    if row.get("status_code") == "TK_NotStart":
        return Decimal(0)
    way = row.get("complete_pct_type") or "CP_Phys"
    if way == "CP_Drtn" and length and left is not None:
        return max(_HUNDRED * (length - left) / Decimal(length), Decimal(0))
    if way == "CP_Units":
        done = sum(fields.read(row, name, number, Decimal(0)) for name in ("act_work_qty", "act_equip_qty"))
        rest = sum(
            fields.read(row, name, number, Decimal(0)) for name in ("remain_work_qty", "remain_equip_qty")
        )
        if done + rest > 0:
            share: Decimal = _HUNDRED * done / (done + rest)
            return min(max(share, Decimal(0)), _HUNDRED)
    typed: Decimal = fields.read(row, "phys_complete_pct", percent, Decimal(0))
    return typed
