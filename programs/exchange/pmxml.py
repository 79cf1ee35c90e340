"""Primavera's P6 XML (PMXML) into a draft: its elements are renamed to XER's columns and read by the same code.

Namespaces differ from version to version and are not looked at. A working time ends with its last working minute in
this format: `11:59` is noon.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal

from .draft import Draft, from_wall
from .p6 import read_p6
from .p6_calendars import Own, clock, tidy
from .p6_file import P6File
from .p6_values import LINE, Fields, Row, moment, number
from .problems import ImportRefused, Problems
from .xml_stream import Element, records

ROOT = "*}APIBusinessObjects"
_HOLDERS = frozenset({"Project", "BaselineProject"})
_SKIPPED = frozenset({"ProjectList", "ActivityCodeType", "ActivityCode", "UDFType", "EPS", "OBS", "Spread"})
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_COLUMNS: dict[str, tuple[str, dict[str, str]]] = {
    "WBS": (
        "PROJWBS",
        {
            "wbs_id": "ObjectId",
            "proj_id": "ProjectObjectId",
            "parent_wbs_id": "ParentObjectId",
            "seq_num": "SequenceNumber",
            "wbs_short_name": "Code",
            "wbs_name": "Name",
        },
    ),
    "Activity": (
        "TASK",
        {
            "task_id": "ObjectId",
            "proj_id": "ProjectObjectId",
            "wbs_id": "WBSObjectId",
            "clndr_id": "CalendarObjectId",
            "task_code": "Id",
            "task_name": "Name",
            "task_type": "Type",
            "status_code": "Status",
            "complete_pct_type": "PercentCompleteType",
            "phys_complete_pct": "PhysicalPercentComplete",
            "target_drtn_hr_cnt": "PlannedDuration",
            "remain_drtn_hr_cnt": "RemainingDuration",
            "act_start_date": "ActualStartDate",
            "act_end_date": "ActualFinishDate",
            "cstr_type": "PrimaryConstraintType",
            "cstr_date": "PrimaryConstraintDate",
            "cstr_type2": "SecondaryConstraintType",
            "cstr_date2": "SecondaryConstraintDate",
            "act_work_qty": "ActualLaborUnits",
            "remain_work_qty": "RemainingLaborUnits",
            "act_equip_qty": "ActualNonLaborUnits",
            "remain_equip_qty": "RemainingNonLaborUnits",
            "suspend_date": "SuspendDate",
            "expect_end_date": "ExpectedFinishDate",
            "external_early_start_date": "ExternalEarlyStartDate",
            "external_late_end_date": "ExternalLateFinishDate",
            "early_start_date": "EarlyStartDate",
            "early_end_date": "EarlyFinishDate",
            "late_start_date": "LateStartDate",
            "late_end_date": "LateFinishDate",
            "total_float_hr_cnt": "TotalFloat",
            "free_float_hr_cnt": "FreeFloat",
        },
    ),
    "Relationship": (
        "TASKPRED",
        {
            "task_id": "SuccessorActivityObjectId",
            "pred_task_id": "PredecessorActivityObjectId",
            "proj_id": "SuccessorProjectObjectId",
            "pred_proj_id": "PredecessorProjectObjectId",
            "pred_type": "Type",
            "lag_hr_cnt": "Lag",
        },
    ),
    "Resource": (
        "RSRC",
        {
            "rsrc_id": "ObjectId",
            "rsrc_short_name": "Id",
            "rsrc_name": "Name",
            "rsrc_type": "ResourceType",
            "email_addr": "EmailAddress",
        },
    ),
    "ResourceRate": (
        "RSRCRATE",
        {
            "rsrc_id": "ResourceObjectId",
            "cost_per_qty": "PricePerUnit",
            "max_qty_per_hr": "MaxUnitsPerTime",
            "start_date": "EffectiveDate",
        },
    ),
    "ResourceAssignment": (
        "TASKRSRC",
        {
            "task_id": "ActivityObjectId",
            "rsrc_id": "ResourceObjectId",
            "rsrc_type": "ResourceType",
            "target_qty_per_hr": "PlannedUnitsPerTime",
            "target_qty": "PlannedUnits",
            "target_cost": "PlannedCost",
            "act_reg_cost": "ActualCost",
        },
    ),
    "ActivityExpense": ("PROJCOST", {"task_id": "ActivityObjectId", "target_cost": "PlannedCost"}),
}
_PROJECT = {
    "proj_id": "ObjectId",
    "proj_short_name": "Id",
    "proj_name": "Name",
    "clndr_id": "ActivityDefaultCalendarObjectId",
    "plan_start_date": "PlannedStartDate",
    "plan_end_date": "MustFinishByDate",
    "scd_end_date": "ScheduledFinishDate",
    "last_recalc_date": "DataDate",
}
_CONSTRAINTS = {
    "Start On": "CS_MSO",
    "Start On or Before": "CS_MSOB",
    "Start On or After": "CS_MSOA",
    "Finish On": "CS_MEO",
    "Finish On or Before": "CS_MEOB",
    "Finish On or After": "CS_MEOA",
    "As Late As Possible": "CS_ALAP",
    "Mandatory Start": "CS_MANDSTART",
    "Mandatory Finish": "CS_MANDFIN",
}
_WORDS: dict[tuple[str, str], dict[str, str]] = {
    ("TASK", "task_type"): {
        "Task Dependent": "TT_Task",
        "Resource Dependent": "TT_Rsrc",
        "Level of Effort": "TT_LOE",
        "Start Milestone": "TT_Mile",
        "Finish Milestone": "TT_FinMile",
        "WBS Summary": "TT_WBS",
    },
    ("TASK", "status_code"): {
        "Not Started": "TK_NotStart",
        "In Progress": "TK_Active",
        "Completed": "TK_Complete",
    },
    ("TASK", "complete_pct_type"): {"Duration": "CP_Drtn", "Units": "CP_Units", "Physical": "CP_Phys"},
    ("TASK", "cstr_type"): _CONSTRAINTS,
    ("TASK", "cstr_type2"): _CONSTRAINTS,
    ("TASKPRED", "pred_type"): {
        "Finish to Start": "PR_FS",
        "Start to Start": "PR_SS",
        "Finish to Finish": "PR_FF",
        "Start to Finish": "PR_SF",
    },
    ("RSRC", "rsrc_type"): {"Labor": "RT_Labor", "Nonlabor": "RT_Equip", "Material": "RT_Mat"},
    ("TASKRSRC", "rsrc_type"): {"Labor": "RT_Labor", "Nonlabor": "RT_Equip", "Material": "RT_Mat"},
}
_LAG_CALENDARS = {
    "Predecessor Activity Calendar": "rcal_Predecessor",
    "Successor Activity Calendar": "rcal_Successor",
    "24 Hour Calendar": "rcal_24Hour",
    "Project Default Calendar": "rcal_ProjDefault",
}
_COUNTED = {
    "ActivityNote": "TASKMEMO",
    "ProjectNote": "WBSMEMO",
    "ActivityStep": "TASKPROC",
    "ActivityCodeAssignment": "TASKACTV",
    "ProjectCodeAssignment": "PROJPCAT",
    "Document": "TASKDOC",
    "ProjectDocument": "TASKDOC",
    "ActivityOwner": "TASKUSER",
    "ProjectIssue": "PROJISSU",
    "Risk": "PROJRISK",
    "ResourceRole": "RSRCROLE",
    "RoleRate": "ROLERATE",
}


def read_pmxml(data: bytes, file: str, problems: Problems) -> Draft:
    """The draft of a P6 XML file. Raises `ImportRefused` where it is no such file; the rest is in `problems`."""
    fields = Fields(file, problems)
    found = _Found(fields)
    for element in records(data, file, ROOT, _HOLDERS, _SKIPPED, ends=True):
        found.take(element)
    if not found.tables.get("TASK"):
        raise ImportRefused("holds no activities", file=file)
    plan = P6File("pmxml", found.currency, found.tables, found.calendars, dict(found.counts))
    draft = read_p6(plan, file, problems)
    if found.baselines:
        noun = "baseline project" if found.baselines == 1 else "baseline projects"
        draft.dropped.append(f"{found.baselines:,} {noun}")
    return draft


class _Found:
    """The records met so far. What lies between two project ends belongs to the project that ends."""

    def __init__(self, fields: Fields) -> None:
        self.fields = fields
        self.tables: dict[str, list[Row]] = {}
        self.calendars: list[Own] = []
        self.counts: Counter[str] = Counter()
        self.currency = ""
        self.baselines = 0
        self._inside: list[Element] = []

    def take(self, element: Element) -> None:
        """One record, or the end of a holder (its tag begins with a slash)."""
        if element.tag == "/Project":
            self._project(element)
            self._inside = []
        elif element.tag == "/BaselineProject":
            self.baselines += 1
            self._inside = []
        elif element.tag == "Calendar":
            self.calendars.append(self._calendar(element))
        elif element.tag == "Currency":
            if element.get("IsBaseCurrency") in ("1", "true"):
                self.currency = element.get("Id")
        elif element.tag in ("Resource", "ResourceRate"):
            self._record(element)
        else:
            self._inside.append(element)

    def _project(self, end: Element) -> None:
        single = Element("Project", end.line)
        records_here = []
        for one in self._inside:
            if one.children or one.tag in _COLUMNS:
                records_here.append(one)
            else:
                single.children.append(one)
        row = _row(single, _PROJECT)
        number = row.get("proj_id", "")
        self.tables.setdefault("PROJECT", []).append(row)
        rule = single.get("OutOfSequenceScheduleType")
        if rule not in ("", "Retained Logic", "Progress Override"):
            self.fields.warn(
                row, "OutOfSequenceScheduleType", rule, "Not known here; retained logic is taken."
            )
        self.tables.setdefault("SCHEDOPTIONS", []).append(
            {
                "proj_id": number,
                "sched_progress_override": "Y" if rule == "Progress Override" else "N",
                "sched_retained_logic": "N" if rule == "Progress Override" else "Y",
                "sched_calendar_on_relationship_lag": _LAG_CALENDARS.get(
                    single.get("RelationshipLagCalendar"), single.get("RelationshipLagCalendar")
                ),
                LINE: str(end.line),
            }
        )
        for one in records_here:
            self._record(one, number, single.get("Name"), single.get("WBSObjectId"))

    def _record(self, element: Element, project: str = "", name: str = "", root: str = "") -> None:
        if element.tag not in _COLUMNS:
            if element.tag in _COUNTED:
                self.counts[_COUNTED[element.tag]] += 1
            return
        table, columns = _COLUMNS[element.tag]
        row = _row(element, columns)
        for column, text in row.items():
            row[column] = _WORDS.get((table, column), {}).get(text, text)
        if table in ("PROJWBS", "TASK"):
            row["proj_id"] = row.get("proj_id") or project
        if table == "PROJWBS":
            top = not row.get("parent_wbs_id")
            own = row["wbs_id"] == root or row.get("parent_wbs_id") == root
            itself = row["wbs_id"] == root or (top and row.get("wbs_name") == name)
            row["proj_node_flag"] = "Y" if itself else "N" if top or own else ""
        if table == "TASK":
            self.counts["TASKACTV"] += len(element.all("Code"))
            self.counts["UDFVALUE"] += len(element.all("UDF"))
            row["phys_complete_pct"] = _hundredfold(row.get("phys_complete_pct", ""))
        self.tables.setdefault(table, []).append(row)

    def _calendar(self, element: Element) -> Own:
        row = _row(
            element, {"clndr_id": "ObjectId", "clndr_name": "Name", "base_clndr_id": "BaseCalendarObjectId"}
        )
        row["default_flag"] = "Y" if element.get("IsDefault") in ("1", "true") else "N"
        own = Own(row)
        for week in element.all("StandardWorkWeek"):
            for hours in week.all("StandardWorkHours"):
                day = hours.get("DayOfWeek")
                if day in _DAYS:
                    own.days[_DAYS.index(day)] = self._shifts(hours, row)
        for holder in element.all("HolidayOrExceptions"):
            for each in holder.all("HolidayOrException"):
                day_off = self._day(each, row)
                if day_off is not None:
                    own.exceptions[day_off] = self._shifts(each, row)
        return own

    def _day(self, each: Element, row: Row) -> date | None:
        try:
            return from_wall(moment(each.get("Date"))).date()
        except ValueError as fault:
            self.fields.error(
                row | {LINE: str(each.line)}, "Date", each.get("Date"), f"The exception's date {fault}."
            )
            return None

    def _shifts(self, element: Element, row: Row) -> tuple[tuple[int, int], ...]:
        shifts = []
        for time in element.all("WorkTime"):
            start, end = time.get("Start"), time.get("Finish")
            if not start or not end:
                continue
            try:
                last = clock(end)
                shifts.append((clock(start), last + 1 if last % 10 == 9 else last or 1440))
            except ValueError as fault:
                self.fields.error(
                    row | {LINE: str(time.line)}, "WorkTime", f"{start}-{end}", f"The hours {fault}."
                )
        return tidy(shifts, row, self.fields)


def _row(element: Element, columns: dict[str, str]) -> Row:
    texts: dict[str, str] = {}
    for child in element.children:
        texts.setdefault(child.tag, child.text.strip())
    row = {column: texts[tag] for column, tag in columns.items() if tag in texts}
    row[LINE] = str(element.line)
    return row


def _hundredfold(text: str) -> str:
    """A fraction as percent; what is no number stays for the reader to complain about."""
    try:
        return format(number(text) * Decimal(100), "f") if text else text
    except ValueError:
        return text
