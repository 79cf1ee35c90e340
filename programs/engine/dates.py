"""From work axes back to the wall clock: the dates that people see."""

from __future__ import annotations

from typing import NamedTuple

from programs.engine.layout import Layout
from programs.engine.plan import Kind, Plan


class Dates(NamedTuple):
    """Wall minutes per activity."""

    early_start: list[int]
    early_finish: list[int]
    late_start: list[int]
    late_finish: list[int]
    remaining_start: list[int]


def shown(plan: Plan, layout: Layout, early: list[int], late: list[int], finishes: list[int]) -> Dates:
    """Starts at the beginning of their work, finishes at its end; what has happened as it happened.

    `early` and `late` are slots on work axes, `finishes` the early finishes already on the wall clock.
    """
    start_time = [calendar.start_time for calendar in plan.calendars]
    finish_time = [calendar.finish_time for calendar in plan.calendars]
    calendar = plan.calendar
    # The last slot, which belongs to no activity, falls off here; late dates often equal early ones: once is
    # enough.
    early_start = [start_time[c](work) for c, work in zip(calendar, early[:-1:2], strict=True)]
    late_start = [
        known if first == last else start_time[c](last)
        for c, first, last, known in zip(calendar, early[:-1:2], late[:-1:2], early_start, strict=True)
    ]
    early_finish = finishes[:]
    late_finish = [
        known if first == last else finish_time[c](last)
        for c, first, last, known in zip(calendar, early[1::2], late[1::2], finishes, strict=True)
    ]
    dates = Dates(early_start, early_finish, late_start, late_finish, early_start)
    if 0 in layout.length:
        _show_points(plan, layout, early, late, dates)
    if layout.started:
        dates = dates._replace(remaining_start=early_start[:])
        _show_progress(plan, layout, dates)
    return dates


def _show_points(plan: Plan, layout: Layout, early: list[int], late: list[int], dates: Dates) -> None:
    """A point in time begins and ends at one moment: the end of the work before it, unless it stands for a start.

    At the very beginning the end of the work before lies in front of the project start: there it is the
    start.
    """
    for i, length in enumerate(layout.length):
        if length:
            continue
        start_milestone = bool(plan.kind) and plan.kind[i] == Kind.START_MILESTONE
        if start_milestone or early[2 * i] <= layout.base[i]:
            dates.early_finish[i] = dates.early_start[i]
        else:
            dates.early_start[i] = dates.early_finish[i]
        if start_milestone or late[2 * i] <= layout.base[i]:
            dates.late_finish[i] = dates.late_start[i]
        else:
            dates.late_start[i] = dates.late_finish[i]


def _show_progress(plan: Plan, layout: Layout, dates: Dates) -> None:
    for i in layout.started:
        begun = plan.actual_start[i]
        if begun is not None:
            dates.early_start[i] = dates.late_start[i] = begun
    for i in layout.completed:
        ended = plan.actual_finish[i]
        if ended is not None:
            dates.early_finish[i] = dates.late_finish[i] = dates.remaining_start[i] = ended


def project_finishes(plan: Plan, layout: Layout, early_finish: list[int]) -> list[int]:
    """Per project, the last early finish of what takes part in the passes; its start where nothing does."""
    project = plan.project or bytes(len(plan.duration))
    finishes: list[int | None] = [None] * len(plan.projects)
    for i in layout.order:
        known = finishes[project[i]]
        if known is None or early_finish[i] > known:
            finishes[project[i]] = early_finish[i]
    return [
        frame.start if finish is None else finish
        for frame, finish in zip(plan.projects, finishes, strict=True)
    ]
