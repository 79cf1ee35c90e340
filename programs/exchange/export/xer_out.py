"""A draft as a Primavera P6 plan (XER): what P6 imports, and what `xer.read_xer` reads back with the same dates.

P6 schedules work only, on one lag calendar for each project. So links of groups lead through milestones that stand
for a group's beginning or end, as the engine has them, and lags by the clock or in percent become the working hours
that they are with the dates of now. Groups' codes go along as a user field; what else stays behind is listed in
`docs/exchange.md`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from pmo.refusals import Refused
from programs.engine.critical_path import schedule
from programs.engine.worktime import BeyondCalendar

from ..draft import CalendarDraft, Draft, ProjectDraft, Shift, from_wall
from ..network import PRIMAVERA, network_of, rules_for
from ..p6_values import LAG_CALENDARS, OWN_FIELD
from .bundle_out import runs
from .spelling import plain
from .xer_costs import RESOURCES, assignments, expenses
from .xer_notes import notebook
from .xer_work import Record, Work

_RELATIONSHIP_LAG = {ours: theirs for theirs, ours in LAG_CALENDARS.items() if theirs.startswith("rcal_")}
_EXCEL_EPOCH = date(1899, 12, 30)
_CLOCK = CalendarDraft("", "Around the clock", (((0, 1440),),) * 7)


def xer(draft: Draft) -> bytes:
    """The draft as an XER file; the same draft gives the same bytes.

    Windows-1252, as P6 writes it; UTF-8 where a name needs it. Raises Refused where the plan cannot be scheduled,
    because its links close a circle or a date lies beyond its calendars.
    """
    tables, _ = tables_of(draft)
    head = ("ERMHDR", "8.4", _day(draft), "Project", "office", "office", "office", "Project Management")
    lines = ["\t".join((*head, draft.program.currency))]
    for name, records in tables.items():
        lines += _table(name, records)
    return _encoded("\r\n".join([*lines, "%E", ""]))


def tables_of(draft: Draft) -> tuple[dict[str, list[Record]], Work]:
    """The draft as Primavera's records by table. Raises Refused where the plan cannot be scheduled."""
    network = network_of(draft)
    try:
        dates = schedule(network.plan, rules_for(draft))
    except (BeyondCalendar, ValueError) as fault:
        raise Refused(f"The plan has no dates to be written for Primavera: {fault}") from fault
    work = Work(draft, network, dates)
    book = notebook(draft, work)
    tables: dict[str, list[Record]] = {
        "CURRTYPE": [_currency(draft)],
        "MEMOTYPE": book["MEMOTYPE"],
        "OBS": [{"obs_id": 1, "seq_num": 0, "obs_name": "Enterprise"}],
        "PROJECT": [_project(one, draft, work) for one in draft.projects],
        "CALENDAR": [_calendar(one, work) for one in calendars_of(draft, work)],
        "SCHEDOPTIONS": [_options(number, one, draft) for number, one in enumerate(draft.projects, 1)],
        "PROJWBS": work.elements(),
        "WBSMEMO": book["WBSMEMO"],
        "RSRC": list(_resources(draft)),
        "RSRCRATE": list(_rates(draft)),
        "TASK": work.tasks(),
        "TASKMEMO": book["TASKMEMO"],
        "PROJCOST": expenses(work),
        "TASKPRED": work.links(),
        "TASKRSRC": assignments(
            work, {(one.project, one.code): at for at, one in enumerate(draft.resources, 1)}
        ),
        **_own_codes(draft, work),
    }
    return tables, work


def _table(name: str, records: list[Record]) -> Iterable[str]:
    if not records:
        return
    columns = list(records[0])
    yield f"%T\t{name}"
    yield "\t".join(["%F", *columns])
    for record in records:
        yield "\t".join(["%R", *(_text(record[column]) for column in columns)])


def _text(value: object) -> str:
    if value is None:
        return ""
    return plain(value) if isinstance(value, Decimal) else " ".join(str(value).split()).replace('"', '""')


def _encoded(text: str) -> bytes:
    """Windows-1252 where that holds every character and could not be taken for UTF-8."""
    try:
        narrow = text.encode("cp1252")
    except UnicodeEncodeError:
        return text.encode()
    try:
        return narrow if text.isascii() or not narrow.decode() else text.encode()
    except UnicodeDecodeError:
        return narrow


def _day(draft: Draft) -> str:
    """The day of the header: the latest that the plan itself speaks of, so that the same plan gives the same file."""
    known = [one.status_date or one.start for one in draft.projects]
    return from_wall(max((at for at in known if at is not None), default=0)).date().isoformat()


def _currency(draft: Draft) -> Record:
    return {
        "curr_id": 1,
        "decimal_digit_cnt": 2,
        "curr_symbol": draft.program.currency,
        "decimal_symbol": ".",
        "digit_group_symbol": ",",
        "pos_curr_fmt_type": "#1.1",
        "neg_curr_fmt_type": "(#1.1)",
        "curr_type": draft.program.currency,
        "curr_short_name": draft.program.currency,
        "group_digit_cnt": 3,
        "base_exch_rate": 1,
    }


def _project(one: ProjectDraft, draft: Draft, work: Work) -> Record:
    at = work.project_id[one.code]
    held = next((each.must_finish_by for each in draft.settings if each.project == one.code), None)
    status = one.status_date
    if draft.source not in PRIMAVERA and one.code not in work.started:
        status = one.start  # P6's data date holds back work also where nothing has begun
    finish = one.finish
    if draft.source not in PRIMAVERA and finish is None:
        finish = work.dates.project_finish[at - 1]
    return {
        "proj_id": at,
        "fy_start_month_num": 1,
        "allow_complete_flag": "Y",
        "project_flag": "Y",
        "name_sep_char": ".",
        "def_complete_pct_type": "CP_Phys",
        "proj_short_name": one.code,
        "clndr_id": work.calendar_id[one.calendar],
        "task_code_base": 1000,
        "task_code_step": 10,
        "priority_num": 10,
        "critical_drtn_hr_cnt": 0,
        "last_recalc_date": work.moment(status),
        "plan_start_date": work.moment(one.start),
        "plan_end_date": work.moment(held),
        "scd_end_date": work.moment(finish),
        "def_duration_type": "DT_FixedDUR2",
        "def_qty_type": "QT_Hour",
        "def_task_type": "TT_Task",
        "critical_path_type": "CT_DrivPath",
        "def_rollup_dates_flag": "Y",
        "export_flag": "Y",
    }


def _options(number: int, one: ProjectDraft, draft: Draft) -> Record:
    setting = next((each for each in draft.settings if each.project == one.code), None)
    override = setting is not None and setting.progress == "progress_override"
    return {
        "schedoptions_id": number,
        "proj_id": number,
        "sched_outer_depend_type": "SD_Both",
        "sched_open_critical_flag": "N",
        "sched_lag_early_start_flag": "Y",
        "sched_retained_logic": "N" if override else "Y",
        "sched_setplantoforecast": "N",
        "sched_float_type": "FT_FF",
        "sched_calendar_on_relationship_lag": _RELATIONSHIP_LAG[one.lag_calendar],
        "sched_use_expect_end_flag": "N",
        "sched_progress_override": "Y" if override else "N",
        "sched_use_project_end_date_for_float": "Y" if setting and setting.must_finish_by else "N",
    }


def calendars_of(draft: Draft, work: Work) -> list[CalendarDraft]:
    """The draft's calendars, and the one around the clock where a point of a group needs it."""
    return [*draft.calendars, _CLOCK] if _CLOCK.code in work.calendar_id else draft.calendars


def _calendar(one: CalendarDraft, work: Work) -> Record:
    hours = [sum(to - start for start, to in day) / 60 for day in one.week]
    days = "".join(f"(0||{(day + 1) % 7 + 1}()({_shifts(one.week[day])}))" for day in (6, 0, 1, 2, 3, 4, 5))
    exceptions = "".join(
        f"(0||{at}(d|{(day - _EXCEL_EPOCH).days})({_shifts(shifts)}))"
        for at, (day, shifts) in enumerate(_each_day(one))
    )
    most = max(hours)
    return {
        "clndr_id": work.calendar_id[one.code],
        "default_flag": "N",
        "clndr_name": one.name,
        "proj_id": "",
        "base_clndr_id": "",
        "clndr_type": "CA_Base",
        "day_hr_cnt": plain(Decimal(most)),
        "week_hr_cnt": plain(Decimal(sum(hours))),
        "month_hr_cnt": plain(Decimal(round(sum(hours) * 52 / 12))),
        "year_hr_cnt": plain(Decimal(round(sum(hours) * 52))),
        "clndr_data": f"(0||CalendarData()((0||DaysOfWeek()({days}))(0||Exceptions()({exceptions}))))",
    }


def _each_day(one: CalendarDraft) -> Iterable[tuple[date, tuple[Shift, ...]]]:
    for first, last, shifts in runs(one):
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield date.fromordinal(ordinal), shifts


def _shifts(shifts: Iterable[Shift]) -> str:
    return "".join(
        f"(0||{at}(s|{start // 60:02}:{start % 60:02}|f|{to // 60 % 24:02}:{to % 60:02})())"
        for at, (start, to) in enumerate(shifts)
    )


def _resources(draft: Draft) -> Iterable[Record]:
    for at, one in enumerate(draft.resources, 1):
        yield {
            "rsrc_id": at,
            "rsrc_seq_num": at,
            "email_addr": one.email,
            "rsrc_name": one.name,
            "rsrc_short_name": one.code,
            "cost_qty_type": "QT_Hour",
            "active_flag": "Y",
            "auto_compute_act_flag": "Y",
            "curr_id": 1,
            "rsrc_type": RESOURCES.get(one.kind, "RT_Labor"),
        }


def _rates(draft: Draft) -> Iterable[Record]:
    for at, one in enumerate(draft.resources, 1):
        yield {
            "rsrc_rate_id": at,
            "rsrc_id": at,
            "max_qty_per_hr": one.availability,
            "cost_per_qty": one.cost_per_hour,
            "start_date": "1950-01-01 00:00",
        }


def _own_codes(draft: Draft, work: Work) -> dict[str, list[Record]]:
    """Codes of groups as a user field, where they are not made of Primavera's own numbers."""
    values: list[Record] = [
        {"udf_type_id": 1, "fk_id": element, "proj_id": work.project_id[project], "udf_text": code}
        for (project, code), element in work.wbs_id.items()
        if code != f"W{element}"
    ]
    if not values:
        return {}
    return {
        "UDFTYPE": [
            {
                "udf_type_id": 1,
                "table_name": "PROJWBS",
                "udf_type_name": "user_field_1",
                "udf_type_label": OWN_FIELD,
                "logical_data_type": "FT_TEXT",
                "super_flag": "N",
            }
        ],
        "UDFVALUE": values,
    }
