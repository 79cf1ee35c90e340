"""The schedule engine: working time, networks and critical path as plain integers.

Pure functions over parallel sequences: no Django, no database, no clock, standard library only. Times are
*wall minutes* (minutes since 1970-01-01T00:00 on the program's local clock); durations, lags and floats are
working minutes on the calendar that each docstring names.

    worktime       calendars: the wall clock and the work done on it
    plan, result   what goes in (`Plan`, `Rules`), what comes out (`Schedule`)
    checks         what is wrong with a plan, in words
    critical_path  `schedule(plan, rules)`: the door
    what_if        edits to a copy of a scheduled plan, and the difference (scheduled, edits, ghosts, delta; growing,
                   ordering, relaying, rescheduling, propagation, open_ends, tracing, revision are its parts)
    levelling      `levelling.level(problem)`: plans that share resources; a package of its own
    float_paths    the paths next to the longest, near-critical work
    network, layout, links, dates, longest_path, reasons, rollup: its parts
    sweep, sweep_*  the same for large plans, by levels in numpy; loaded only when needed
"""

from programs.engine.checks import validate
from programs.engine.critical_path import schedule
from programs.engine.delta import Difference, difference
from programs.engine.edits import Edits, EditsRefused, NewLink
from programs.engine.float_paths import FloatKind, FloatPath, float_paths, near_critical, spare_before
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
from programs.engine.what_if import Scheduled, WhatIf, what_if
from programs.engine.worktime import BeyondCalendar, Shift, WorkCalendar

__all__ = [
    "MICROSOFT_PROJECT",
    "PRIMAVERA",
    "Alap",
    "BeyondCalendar",
    "Constraint",
    "CycleFound",
    "Difference",
    "Edits",
    "EditsRefused",
    "Finding",
    "FindingKind",
    "FloatKind",
    "FloatPath",
    "Kind",
    "LagCalendar",
    "LagUnit",
    "LatestFinish",
    "LinkKind",
    "NewLink",
    "Plan",
    "Progress",
    "Project",
    "Reason",
    "Rules",
    "Schedule",
    "Scheduled",
    "Shift",
    "StartFloor",
    "WhatIf",
    "Why",
    "WorkCalendar",
    "difference",
    "explain",
    "float_paths",
    "near_critical",
    "schedule",
    "spare_before",
    "topological_order",
    "validate",
    "what_if",
]
