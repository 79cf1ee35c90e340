"""Split work of MS Project: a task whose work pauses takes longer from its start to its finish than its duration.

Our activities work without a break, so the pauses become part of the duration; then every date and float is MS
Project's. Where the work stops and goes on stands in the time-phased work of the task's assignments, which is read
for these tasks only: a second pass over the file, and none where no task is split.
"""

from __future__ import annotations

from datetime import date, timedelta

from programs.engine.worktime import BeyondCalendar, WorkCalendar

from . import mspdi_calendars
from .draft import TASK, ActivityDraft, Draft, ProjectDraft, from_wall, iso
from .mspdi_known import SKIPPED
from .mspdi_values import Values, duration, moment
from .xml_stream import Element, records

BEGUN = "its work has begun and is split, and the pauses were not read"
SPREAD = "its work is spread over more time than its duration, by pauses that the file does not show"
_REMAINING = "1"
"""`Type` of time-phased data: work that remains."""
_MOST_TOLD = 5


def take_pauses(
    draft: Draft, project: ProjectDraft, tasks: list[Element], data: bytes, root: str, values: Values
) -> None:
    """Lengthen split tasks by their pauses. Call it once every task has its calendar."""
    found = _candidates(draft, project, tasks)
    worked = _worked(data, values.file, root, set(found)) if found else {}
    count = 0
    for uid, (activity, calendar, start, finish) in found.items():
        longer = calendar.between(start, finish) - activity.duration
        pauses = [
            pause for pause in _gaps(worked.get(uid, []), start, finish) if calendar.between(*pause) > 0
        ]
        if activity.actual_start is not None:
            draft.marks[project.code, uid] = BEGUN
        elif not worked.get(uid) or abs(sum(calendar.between(*pause) for pause in pauses) - longer) > 1:
            draft.marks[project.code, uid] = SPREAD
        else:
            activity.duration += longer
            if activity.remaining is not None:
                activity.remaining += longer
            count += 1
            values.problems.warn(
                values.file,
                activity.row,
                "Duration",
                activity.name,
                f"The work of this task is split: it pauses {_told(calendar, pauses)}. Activities here work "
                "without a break, so its duration holds the pauses.",
            )
    if count:
        many = "tasks, which are" if count > 1 else "task, which is"
        draft.dropped.append(f"the pauses in the work of {count} {many} as much longer")


def _candidates(
    draft: Draft, project: ProjectDraft, tasks: list[Element]
) -> dict[str, tuple[ActivityDraft, WorkCalendar, int, int]]:
    """Tasks with more working time from start to finish than their duration, and their calendars."""
    activities = {one.code: one for one in draft.activities}
    calendars = {one.code: one for one in draft.calendars}
    calendars[mspdi_calendars.CLOCK] = mspdi_calendars.around_the_clock()
    made: dict[str, WorkCalendar] = {}
    found: dict[str, tuple[ActivityDraft, WorkCalendar, int, int]] = {}
    for element in tasks:
        one = activities.get(element.get("UID"))
        if one is None or one.kind != TASK or one.manual or one.actual_finish is not None:
            continue
        if (project.code, one.code) in draft.marks or one.code in found:
            continue
        try:
            start, finish = moment(element.get("Start")), moment(element.get("Finish"))
        except ValueError:
            continue
        if not start < finish:
            continue
        code = one.calendar or project.calendar
        if code not in made:
            day = from_wall(start).date()
            hours = calendars[code]
            made[code] = WorkCalendar.weekly(hours.week, hours.exceptions, first=day, last=_after(day))
        try:
            if made[code].between(start, finish) > one.duration + 1:
                found[one.code] = (one, made[code], start, finish)
        except BeyondCalendar:
            continue
    return found


def _after(day: date) -> date:
    return day + timedelta(days=366)


def _worked(data: bytes, file: str, root: str, wanted: set[str]) -> dict[str, list[tuple[int, int]]]:
    """By task, the periods (wall minutes) in which its assignments have work that remains."""
    skipped = (SKIPPED - {"TimephasedData"}) | {"Tasks", "Resources", "Calendars"}
    found: dict[str, list[tuple[int, int]]] = {}
    for element in records(data, file, root, frozenset({"Assignments"}), frozenset(skipped)):
        uid = element.get("TaskUID")
        if element.tag != "Assignment" or uid not in wanted:
            continue
        for piece in element.all("TimephasedData"):
            try:
                if piece.get("Type") == _REMAINING and duration(piece.get("Value") or "PT0H0M0S"):
                    found.setdefault(uid, []).append(
                        (moment(piece.get("Start")), moment(piece.get("Finish")))
                    )
            except ValueError:
                continue
    return found


def _gaps(worked: list[tuple[int, int]], start: int, finish: int) -> list[tuple[int, int]]:
    """What of the time from start to finish none of these periods covers."""
    gaps, at = [], start
    for begin, end in sorted(worked):
        if begin > at:
            gaps.append((at, min(begin, finish)))
        at = max(at, end)
    if at < finish:
        gaps.append((at, finish))
    return [(a, b) for a, b in gaps if a < b]


def _told(calendar: WorkCalendar, pauses: list[tuple[int, int]]) -> str:
    said = [
        f"from {iso(calendar.finish_time(calendar.work_at(a)))} to {iso(calendar.start_time(calendar.work_at(b)))}"
        for a, b in pauses[:_MOST_TOLD]
    ]
    rest = len(pauses) - len(said)
    return ", ".join(said).replace("T", " ") + (f" and {rest} times more" if rest else "")
