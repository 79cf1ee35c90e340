"""A draft as Primavera's P6 XML: the records of the XER file under this format's names, by the reader's own tables.

A project is the root of its WBS, so what lies directly in it names no element. A working time ends with its last
working minute: noon is 11:59. The children of a record stand in the order of the alphabet, as P6 writes them.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from ..draft import CalendarDraft, Draft, Shift
from ..p6_values import OWN_FIELD, OWN_NOTEBOOK
from ..pmxml_names import COLUMNS, DAYS, LAG_CALENDARS, PROJECT, WORDS
from .bundle_out import runs
from .mspdi_xml import moment, tag
from .spelling import plain
from .xer_out import calendars_of, tables_of
from .xer_work import Record, Work

NAMESPACE = "http://xmlns.oracle.com/Primavera/P6/V18.8/API/BusinessObjects"
_NAMES = {table: (element, columns) for element, (table, columns) in COLUMNS.items()}
_SAID = {place: {theirs: ours for ours, theirs in words.items()} for place, words in WORDS.items()}
_INSIDE = ("PROJWBS", "WBSMEMO", "TASK", "TASKMEMO", "PROJCOST", "TASKRSRC", "TASKPRED")
_FLAGS = {"Y": 1, "N": 0}
_LAG_NAMES = {xer: name for name, xer in LAG_CALENDARS.items()}


def pmxml(draft: Draft) -> bytes:
    """The draft as a P6 XML file; the same draft gives the same bytes.

    Raises Refused as `xer_out.xer` does, where the plan cannot be scheduled.
    """
    tables, work = tables_of(draft)
    codes = {record["fk_id"]: record["udf_text"] for record in tables.get("UDFVALUE", ())}
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<APIBusinessObjects xmlns="{NAMESPACE}">\n',
        _element("Currency", {"Id": draft.program.currency, "IsBaseCurrency": 1, "ObjectId": 1}),
    ]
    if codes:
        field = {"DataType": "Text", "ObjectId": 1, "SubjectArea": "WBS", "Title": OWN_FIELD}
        parts.append(_element("UDFType", field))
    parts += [
        _record("MEMOTYPE", {column: _FLAGS.get(str(value), value) for column, value in record.items()})
        for record in tables["MEMOTYPE"]
    ]
    parts += [_calendar(one, work) for one in calendars_of(draft, work)]
    parts += [_record("RSRC", record) for record in tables["RSRC"]]
    parts += [_record("RSRCRATE", record) for record in tables["RSRCRATE"]]
    within: dict[object, list[str]] = {}
    root = {one["proj_id"]: one["wbs_id"] for one in tables["PROJWBS"] if one["proj_node_flag"] == "Y"}
    roots = set(root.values())
    for table in _INSIDE:
        for record in tables[table]:
            if record.get("wbs_id") in roots and table == "PROJWBS":
                continue
            more = ""
            if table in ("WBSMEMO", "TASKMEMO"):
                record = record | {"memo_type": OWN_NOTEBOOK}
            if table == "PROJWBS" and record["wbs_id"] in codes:
                code = codes[record["wbs_id"]]
                more = f"<UDF>{tag('Text', code)}<TypeObjectId>1</TypeObjectId></UDF>"
            within.setdefault(record["proj_id"], []).append(_record(table, record, roots, more))
    options = {record["proj_id"]: record for record in tables["SCHEDOPTIONS"]}
    names = {one.code: one.name for one in draft.projects}
    for record in tables["PROJECT"]:
        number = record["proj_id"]
        said = {PROJECT[column]: record[column] for column in PROJECT if column in record}
        said["WBSObjectId"] = root[number]
        said["Name"] = names[str(record["proj_short_name"])]
        said["OutOfSequenceScheduleType"] = (
            "Progress Override" if options[number]["sched_progress_override"] == "Y" else "Retained Logic"
        )
        said["RelationshipLagCalendar"] = _LAG_NAMES[
            str(options[number]["sched_calendar_on_relationship_lag"])
        ]
        inside = "".join(within.get(number, ()))
        parts.append(f"<Project>{_children(said)}\n{inside}</Project>\n")
    parts.append("</APIBusinessObjects>\n")
    return "".join(parts).encode()


def _record(table: str, record: Record, roots: Iterable[object] = (), more: str = "") -> str:
    element, columns = _NAMES[table]
    said: Record = {}
    for column, name in columns.items():
        value = record.get(column)
        value = _SAID.get((table, column), {}).get(str(value), value)
        if column in ("wbs_id", "parent_wbs_id") and value in roots:
            value = None
        if column == "phys_complete_pct" and isinstance(value, Decimal):
            value = value / 100
        said[name] = value
    return _element(element, said, more)


def _element(name: str, said: Record, more: str = "") -> str:
    return f"<{name}>{_children(said)}{more}</{name}>\n"


def _children(said: Record) -> str:
    return "".join(tag(name, _text(name, said[name])) for name in sorted(said))


def _text(name: str, value: object) -> object:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, str) and name.endswith("Date"):
        return value.replace(" ", "T") + ":00" if value else ""
    return " ".join(value.split()) if isinstance(value, str) else value


def _calendar(one: CalendarDraft, work: Work) -> str:
    week = "".join(
        f"<StandardWorkHours><DayOfWeek>{DAYS[day]}</DayOfWeek>{_times(one.week[day]) or '<WorkTime/>'}"
        "</StandardWorkHours>"
        for day in (6, 0, 1, 2, 3, 4, 5)
    )
    days = "".join(
        f"<HolidayOrException><Date>{moment(ordinal * 1440)}</Date>{_times(shifts)}</HolidayOrException>"
        for first, last, shifts in runs(one)
        for ordinal in range(first.toordinal() - _EPOCH, last.toordinal() - _EPOCH + 1)
    )
    return (
        f"<Calendar><IsDefault>0</IsDefault>{tag('Name', one.name)}"
        f"<ObjectId>{work.calendar_id[one.code]}</ObjectId><Type>Global</Type>"
        f"<StandardWorkWeek>{week}</StandardWorkWeek><HolidayOrExceptions>{days}</HolidayOrExceptions></Calendar>\n"
    )


_EPOCH = 719_163
"""The ordinal of 1970-01-01."""


def _times(shifts: Iterable[Shift]) -> str:
    return "".join(
        f"<WorkTime><Start>{_clock(start)}</Start><Finish>{_clock(to - (to % 10 == 0))}</Finish></WorkTime>"
        for start, to in shifts
    )


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}:00"
