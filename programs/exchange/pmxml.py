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
from .p6_values import LINE, LONGEST_ENTRY, Fields, Row, moment, number
from .pmxml_names import COLUMNS, DAYS, LAG_CALENDARS, PROJECT, WORDS
from .problems import ImportRefused, Problems
from .xml_stream import Element, records

ROOT = "*}APIBusinessObjects"
_HOLDERS = frozenset({"Project", "BaselineProject"})
_SKIPPED = frozenset({"ProjectList", "ActivityCodeType", "ActivityCode", "EPS", "OBS", "Spread"})
_COUNTED = {
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
    for element in records(data, file, ROOT, _HOLDERS, _SKIPPED, ends=True, long={"Note": LONGEST_ENTRY}):
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
        elif element.tag in ("Resource", "ResourceRate", "NotebookTopic"):
            self._record(element)
        elif element.tag == "UDFType":
            self._user_field(element)
        else:
            self._inside.append(element)

    def _project(self, end: Element) -> None:
        single = Element("Project", end.line)
        records_here = []
        for one in self._inside:
            if one.children or one.tag in COLUMNS:
                records_here.append(one)
            else:
                single.children.append(one)
        row = _row(single, PROJECT)
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
                "sched_calendar_on_relationship_lag": LAG_CALENDARS.get(
                    single.get("RelationshipLagCalendar"), single.get("RelationshipLagCalendar")
                ),
                LINE: str(end.line),
            }
        )
        for one in records_here:
            self._record(one, number, single.get("Name"), single.get("WBSObjectId"))

    def _record(self, element: Element, project: str = "", name: str = "", root: str = "") -> None:
        if element.tag not in COLUMNS:
            if element.tag in _COUNTED:
                self.counts[_COUNTED[element.tag]] += 1
            return
        table, columns = COLUMNS[element.tag]
        row = _row(element, columns)
        for column, text in row.items():
            row[column] = WORDS.get((table, column), {}).get(text, text)
        if table in ("PROJWBS", "TASK"):
            row["proj_id"] = row.get("proj_id") or project
        if table == "PROJWBS":
            top = not row.get("parent_wbs_id")
            own = row["wbs_id"] == root or row.get("parent_wbs_id") == root
            itself = row["wbs_id"] == root or (not root and top and row.get("wbs_name") == name)
            row["proj_node_flag"] = "Y" if itself else "N" if top or own else ""
            self.counts["UDFVALUE"] += len(element.all("UDF"))
            for field in element.all("UDF"):
                value = {"fk_id": row["wbs_id"], "udf_type_id": field.get("TypeObjectId")}
                self.tables.setdefault("UDFVALUE", []).append(value | {"udf_text": field.get("Text")})
        if table == "TASK":
            self.counts["TASKACTV"] += len(element.all("Code"))
            self.counts["UDFVALUE"] += len(element.all("UDF"))
            row["phys_complete_pct"] = _hundredfold(row.get("phys_complete_pct", ""))
        self.tables.setdefault(table, []).append(row)

    def _user_field(self, element: Element) -> None:
        """Kept for groups only, whose codes our own files carry in one."""
        if element.get("SubjectArea") == "WBS":
            row = {"table_name": "PROJWBS", "udf_type_id": element.get("ObjectId")}
            self.tables.setdefault("UDFTYPE", []).append(row | {"udf_type_label": element.get("Title")})

    def _calendar(self, element: Element) -> Own:
        row = _row(
            element, {"clndr_id": "ObjectId", "clndr_name": "Name", "base_clndr_id": "BaseCalendarObjectId"}
        )
        row["default_flag"] = "Y" if element.get("IsDefault") in ("1", "true") else "N"
        own = Own(row)
        for week in element.all("StandardWorkWeek"):
            for hours in week.all("StandardWorkHours"):
                day = hours.get("DayOfWeek")
                if day in DAYS:
                    own.days[DAYS.index(day)] = self._shifts(hours, row)
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
