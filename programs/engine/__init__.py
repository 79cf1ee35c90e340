"""The schedule engine: working time, networks and critical path as plain integers.

Pure functions over parallel sequences: no Django, no database, no clock, standard library only. Times are
*wall minutes* (minutes since 1970-01-01T00:00 on the program's local clock); durations, lags and floats are
working minutes on the calendar that each docstring names.

    worktime       calendars: the wall clock and the work done on it
    plan, result   what goes in (`Plan`, `Rules`), what comes out (`Schedule`)
    checks         what is wrong with a plan, in words
    critical_path  `schedule(plan, rules)`: the door
    network, layout, links, dates, longest_path, reasons, rollup: its parts
"""

from programs.engine.checks import validate
from programs.engine.critical_path import schedule
from programs.engine.network import CycleFound, topological_order
from programs.engine.plan import (
    MICROSOFT_PROJECT,
    PRIMAVERA,
    Alap,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LatestFinish,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
    StartFloor,
)
from programs.engine.reasons import Reason, explain
from programs.engine.result import Finding, FindingKind, Schedule, Why
from programs.engine.worktime import BeyondCalendar, Shift, WorkCalendar

__all__ = [
    "MICROSOFT_PROJECT",
    "PRIMAVERA",
    "Alap",
    "BeyondCalendar",
    "Constraint",
    "CycleFound",
    "Finding",
    "FindingKind",
    "Kind",
    "LagCalendar",
    "LagUnit",
    "LatestFinish",
    "LinkKind",
    "Plan",
    "Progress",
    "Project",
    "Reason",
    "Rules",
    "Schedule",
    "Shift",
    "StartFloor",
    "Why",
    "WorkCalendar",
    "explain",
    "schedule",
    "topological_order",
    "validate",
]
