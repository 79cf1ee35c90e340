"""WBS elements, activities and relationships of a Primavera plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from . import p6_calendars
from .cells import ACTIVITY_NAME_LENGTH
from .draft import (
    MILESTONES,
    NO_CONSTRAINT,
    SUMMARY,
    ActivityDraft,
    DependencyDraft,
    Draft,
    ProjectDraft,
    SecondConstraintDraft,
    StoredDraft,
    note,
)
from .p6_file import P6File
from .p6_values import (
    CONSTRAINTS,
    KINDS,
    LINKS,
    OWN_FIELD,
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
_WBS = 120
_MARKS = {
    "suspend_date": "the work was suspended for a while, which was not read",
    "expect_end_date": "an expected finish stretches the work, which was not read",
    "external_early_start_date": "a project outside of the file imposes a date, which was not read",
    "external_late_end_date": "a project outside of the file imposes a date, which was not read",
}
_BOUNDS = ("SNET", "SNLT", "FNET", "FNLT")


@dataclass(slots=True)
class Work:
    """Where Primavera's task numbers went, and how much was met that dates depend on and that is not read."""

    calendars: set[str]
    activities: dict[str, ActivityDraft] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    resource_dependent: int = 0
    suspended: int = 0
    expected: int = 0
    outside: int = 0
    external: int = 0


@dataclass(slots=True)
class _Element:
    """A WBS element, the one it lies in, the short names from the top, and the code it got here."""

    row: Row
    above: _Element | None = None
    path: str = ""
    code: str = ""


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
    for element in _tree(found.rows("PROJWBS"), projects, fields):
        number = element.row["proj_id"]
        element.code = element.above.code if element.above else ""
        if element.path:
            parent = element.code
            wbs = element.row["wbs_id"]
            element.code = codes[number].take(own.get(wbs, f"W{wbs[:12]}"), wbs[:12])
            draft.activities.append(
                ActivityDraft(
                    projects[number].code,
                    element.code,
                    fields.text(element.row, "wbs_name", ACTIVITY_NAME_LENGTH) or "(no name)",
                    SUMMARY,
                    wbs=element.path[:_WBS],
                    parent=parent,
                    row=line(element.row),
                )
            )
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
    _links(draft, found.rows("TASKPRED"), work, fields)
    _tell(work, fields)
    return work


def own_codes(found: P6File) -> dict[str, str]:
    """The codes that groups had here, where the file is one of ours."""
    types = {
        row.get("udf_type_id", "")
        for row in found.rows("UDFTYPE")
        if row.get("table_name") == "PROJWBS" and row.get("udf_type_label") == OWN_FIELD
    }
    return {
        row.get("fk_id", ""): row.get("udf_text", "")
        for row in found.rows("UDFVALUE")
        if row.get("udf_type_id") in types and row.get("udf_text")
    }


def _number_by_project(draft: Draft) -> None:
    at: dict[str, int] = {}
    for activity in draft.activities:
        activity.position = at.get(activity.project, 0)
        at[activity.project] = activity.position + 1


def _tell(work: Work, fields: Fields) -> None:
    for count, column, sentence in (
        (
            work.resource_dependent,
            "TT_Rsrc",
            "Activities that Primavera schedules on their resources' calendars are scheduled on their own.",
        ),
        (
            work.suspended,
            "suspend_date",
            "Activities were suspended for a while; the interruption was not read.",
        ),
        (
            work.expected,
            "expect_end_date",
            "Expected finish dates, to which Primavera stretches remaining work, were not read.",
        ),
        (
            work.outside,
            "external_early_start_date",
            "Dates that projects outside of the file impose were not read.",
        ),
        (work.external, "TASKPRED", "Links to activities of projects outside of the file were left out."),
    ):
        if count:
            fields.warn(None, column, count, sentence)


def _tree(elements: list[Row], projects: dict[str, ProjectDraft], fields: Fields) -> list[_Element]:
    """WBS elements from the top, each behind the one it lies in. The project's own element has no path."""
    below: dict[str, list[_Element]] = {}
    elements_by_id: dict[str, Row] = {}
    for row in elements:
        key = row.get("wbs_id", "")
        if row.get("proj_id") not in projects:
            continue
        if not key.isascii() or not key.isdigit() or key in elements_by_id:
            fields.error(row, "wbs_id", key, "A WBS element needs a number of its own.")
            continue
        elements_by_id[key] = row
    tops: dict[str, list[_Element]] = {number: [] for number in projects}
    for row in elements_by_id.values():
        above = row.get("parent_wbs_id", "")
        inside = above in elements_by_id and elements_by_id[above]["proj_id"] == row["proj_id"]
        if row.get("proj_node_flag") == "Y" or not inside:
            tops[row["proj_id"]].append(_Element(row))
        else:
            below.setdefault(above, []).append(_Element(row))
    waiting = []
    for several in tops.values():
        for element in _in_order(several):
            flag = element.row.get("proj_node_flag", "")
            if flag == "N" or (flag != "Y" and len(several) > 1):
                element.path = _short(
                    element, fields
                )  # not the project itself, only the top of what was exported
            waiting.append(element)
    waiting.reverse()
    order: list[_Element] = []
    while waiting:
        element = waiting.pop()
        order.append(element)
        inner = below.pop(element.row["wbs_id"], [])
        for one in reversed(_in_order(inner)):
            one.above = element
            one.path = f"{element.path}.{_short(one, fields)}" if element.path else _short(one, fields)
            waiting.append(one)
    for left in below.values():
        for element in left:
            row = element.row
            fields.error(row, "parent_wbs_id", row.get("parent_wbs_id"), "This WBS element is inside itself.")
    return order


def _short(element: _Element, fields: Fields) -> str:
    return fields.text(element.row, "wbs_short_name", _WBS) or element.row["wbs_id"]


def _in_order(elements: list[_Element]) -> list[_Element]:
    def place(element: _Element) -> int:
        text = element.row.get("seq_num", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0

    return sorted(elements, key=place)


def _activity(
    draft: Draft, project: ProjectDraft, row: Row, parent: _Element | None, work: Work, fields: Fields
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
    activity.wbs = activity.wbs[:_WBS]
    _constraints(draft, activity, row, fields)
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


def _constraints(draft: Draft, activity: ActivityDraft, row: Row, fields: Fields) -> None:
    """The primary constraint, then what else bounds it: a pair's second half, or the secondary constraint.

    A second "finish no later than" is a deadline: both bound the late finish and nothing else.
    """
    bounds: list[tuple[str, int]] = []
    for kind, day in (("cstr_type", "cstr_date"), ("cstr_type2", "cstr_date2")):
        text = row.get(kind, "").strip()
        if not text:
            continue
        if text not in CONSTRAINTS:
            fields.warn(row, kind, text, "This constraint is not known; it was not read.")
            continue
        first, second = CONSTRAINTS[text]
        if first == "ALAP":
            if not bounds:
                activity.constraint = first
            continue
        at = fields.read(row, day, moment)
        if at is None:
            fields.warn(row, day, text, "This constraint has no date; it was not read.")
            continue
        bounds += [(one, at) for one in (first, second) if one]
    for name, at in bounds:
        if activity.constraint == NO_CONSTRAINT:
            activity.constraint, activity.constraint_date = name, at
        elif name == "FNLT" and activity.deadline is None:
            activity.deadline = at
        elif name in _BOUNDS and not any(
            one.activity == activity.code and one.project == activity.project for one in draft.seconds[-1:]
        ):
            draft.seconds.append(
                SecondConstraintDraft(activity.project, activity.code, name, at, activity.row)
            )
        else:
            fields.warn(row, "cstr_type2", name, "A third bound on one activity was not read.")


def _links(draft: Draft, rows: list[Row], work: Work, fields: Fields) -> None:
    for row in rows:
        source, target = row.get("pred_task_id", ""), row.get("task_id", "")
        ends = [work.activities.get(number) for number in (source, target)]
        if source in work.left_out or target in work.left_out:
            fields.warn(
                row, "pred_task_id", source, "This link leads to an activity that was left out; so was it."
            )
            continue
        kind = LINKS.get(row.get("pred_type", ""))
        if kind is None:
            fields.error(row, "pred_type", row.get("pred_type"), "This is not a type of link.")
            continue
        before, after = ends
        if before is None or after is None:
            if row.get("pred_proj_id", "") not in ("", row.get("proj_id", "")):
                work.external += 1
                inside = before or after
                if inside is not None:
                    draft.marks[inside.project, inside.code] = (
                        "a link to a project outside of the file was left out"
                    )
            else:
                fields.error(
                    row,
                    "pred_task_id",
                    source if before is None else target,
                    "No activity with this number is in the file.",
                )
            continue
        draft.dependencies.append(
            DependencyDraft(
                before.project,
                before.code,
                after.project,
                after.code,
                kind,
                fields.read(row, "lag_hr_cnt", lag, 0),
                row=line(row),
            )
        )
