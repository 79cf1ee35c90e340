"""Small Primavera XER files for tests, written as Primavera writes them."""

from __future__ import annotations

from programs.exchange.draft import Draft
from programs.exchange.problems import Problem, Problems
from programs.exchange.xer import read_xer

Table = list[dict[str, str]]
DAY = "(0||0(s|08:00|f|12:00)())(0||1(s|13:00|f|17:00)())"
WEEK = "".join(f"(0||{day}()({DAY if 1 < day < 7 else ''}))" for day in range(1, 8))


def hours(exceptions: str = "", week: str = WEEK) -> str:
    """The text of a calendar; `exceptions` such as `(0||0(d|46023)())` for a day off."""
    return f"(0||CalendarData()(\x7f\x7f  (0||DaysOfWeek()({week}))(0||Exceptions()({exceptions}))))"


def task(number: int, code: str, duration: int = 8, wbs: int = 1, **more: str) -> dict[str, str]:
    """One activity, durations in hours."""
    return {
        "task_id": str(number),
        "proj_id": "7",
        "wbs_id": str(wbs),
        "clndr_id": "5",
        "task_code": code,
        "task_name": f"Work {code}",
        "task_type": "TT_Task",
        "status_code": "TK_NotStart",
        "complete_pct_type": "CP_Drtn",
        "target_drtn_hr_cnt": str(duration),
        "remain_drtn_hr_cnt": str(duration),
    } | more


def link(before: int, after: int, kind: str = "PR_FS", lag: str = "0", **more: str) -> dict[str, str]:
    """One relationship, its lag in hours."""
    return {
        "task_pred_id": f"{before}{after}",
        "task_id": str(after),
        "pred_task_id": str(before),
        "proj_id": "7",
        "pred_proj_id": "7",
        "pred_type": kind,
        "lag_hr_cnt": lag,
    } | more


def xer(tasks: Table, links: Table = [], *, end: str = "%E", **tables: Table) -> bytes:  # noqa: B006 read only
    """A whole file: one project on Monday to Friday, its own WBS element 1 and element 2 below."""
    every: dict[str, Table] = {
        "PROJECT": [
            {
                "proj_id": "7",
                "proj_short_name": "PILOT",
                "clndr_id": "5",
                "plan_start_date": "2027-01-04 08:00",
                "last_recalc_date": "2027-01-04 08:00",
            }
        ],
        "CALENDAR": [
            {
                "clndr_id": "5",
                "default_flag": "Y",
                "clndr_name": "Office",
                "base_clndr_id": "",
                "clndr_data": hours(),
            }
        ],
        "PROJWBS": [
            {
                "wbs_id": "1",
                "proj_id": "7",
                "proj_node_flag": "Y",
                "wbs_short_name": "PILOT",
                "wbs_name": "Pilot",
            },
            {
                "wbs_id": "2",
                "proj_id": "7",
                "proj_node_flag": "N",
                "wbs_short_name": "B",
                "wbs_name": "Build",
                "parent_wbs_id": "1",
            },
        ],
        "TASK": tasks,
        "TASKPRED": links,
    } | tables
    lines = ["ERMHDR\t8.4\t2027-01-04\tProject\tadmin\tadmin\tdb\tProject Management\tEUR"]
    for name, rows in every.items():
        columns = list(dict.fromkeys(column for row in rows for column in row))
        if columns:
            lines += [f"%T\t{name}", "\t".join(["%F", *columns])]
            lines += ["\t".join(["%R", *(row.get(column, "") for column in columns)]) for row in rows]
    return "\r\n".join([*lines, end, ""]).encode("cp1252")


def read(data: bytes) -> tuple[Draft, list[Problem]]:
    """Draft and problems of a file."""
    problems = Problems()
    return read_xer(data, "plan.xer", problems), problems.shown()
