"""Neutral dumps: a plan as lines of tab-separated text, calendars as working intervals, for engines to be compared by.

    P  file  kind  start  status  finish  must-finish-by  progress  lag-calendar  ...
    C  number  name  minutes-a-day  from-to from-to ...
    A  id  calendar  duration  remaining  constraint  date  constraint  date  actual-start  actual-finish  deadline
       type  mode  levelling  active  is-milestone  stored dates and floats ...
    L  predecessor  successor  FS|SS|FF|SF  lag  W|E|P  [S: suppressed]

Times are wall minutes, durations and lags minutes. Only for `manage.py schedule`: nobody's plan is kept like this.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from programs.engine.checks import validate
from programs.engine.plan import (
    MICROSOFT_PROJECT,
    Constraint,
    Kind,
    LagCalendar,
    LagUnit,
    LinkKind,
    Plan,
    Progress,
    Project,
    Rules,
)
from programs.engine.worktime import WorkCalendar

from .network import Key
from .problems import ImportRefused

LARGEST = 50_000_000
"""Bytes of one dump."""

_ACTIVITY = (
    *("id", "calendar", "duration", "remaining", "constraint", "constraint_date"),
    *("second_constraint", "second_constraint_date", "actual_start", "actual_finish", "deadline"),
    *("type", "mode", "levelling", "active", "milestone"),
)
_KINDS = {
    "START_MILESTONE": Kind.START_MILESTONE,
    "FINISH_MILESTONE": Kind.FINISH_MILESTONE,
    "LEVEL_OF_EFFORT": Kind.LEVEL_OF_EFFORT,
    "WBS_SUMMARY": Kind.SUMMARY,
}
_LINKS = {
    "FS": LinkKind.FINISH_START,
    "SS": LinkKind.START_START,
    "FF": LinkKind.FINISH_FINISH,
    "SF": LinkKind.START_FINISH,
}
_LAGS = {"E": LagUnit.ELAPSED, "P": LagUnit.PERCENT}
_LAG_CALENDARS = {
    "PREDECESSOR": LagCalendar.PREDECESSOR,
    "SUCCESSOR": LagCalendar.SUCCESSOR,
    "TWENTY_FOUR_HOUR": LagCalendar.ALL_HOURS,
    "PROJECT_DEFAULT": LagCalendar.PROJECT_DEFAULT,
}
_YIELDING = {
    "START_ON": (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN),
    "FINISH_ON": (Constraint.FINISH_NO_EARLIER_THAN, Constraint.FINISH_NO_LATER_THAN),
}
"""Primavera's "start on" yields to links: it is a pair of bounds."""


@dataclass(frozen=True, slots=True)
class Dump:
    """A plan, the rules of the tool it came from, and whose activities they are; `summaries` are their indices."""

    plan: Plan
    rules: Rules
    keys: list[Key]
    summaries: frozenset[int]


def dumps_in(path: Path) -> list[Dump] | None:
    """The dumps of a file, or of a zip that holds nothing else; None where it is something else.

    Raises `ImportRefused` with the row for a dump that cannot be read.
    """
    try:
        if not path.is_file():
            return None
        if not zipfile.is_zipfile(path):
            with path.open("rb") as file:
                data = file.read(LARGEST + 1) if file.read(2) == b"P\t" else None
            return None if data is None else [_dump(b"P\t" + data, path.name)]
        found: list[Dump] = []
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.is_dir():
                    continue
                with archive.open(member) as content:
                    if content.read(2) != b"P\t":
                        return None
                    found.append(_dump(b"P\t" + content.read(LARGEST + 1), member.filename))
        return found or None
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None  # the readers of bundles say what is wrong with it


def _dump(data: bytes, name: str) -> Dump:
    if len(data) > LARGEST:
        raise ImportRefused(f"has more than {LARGEST:,} bytes", file=name)
    head: list[str] = []
    calendars: list[WorkCalendar] = []
    activities: list[dict[str, str]] = []
    links: list[list[str]] = []
    row = 0
    try:
        for line in data.decode().splitlines():
            row += 1
            tag, *fields = line.split("\t")
            if tag == "P":
                head = fields
            elif tag == "C":
                calendars.append(WorkCalendar.intervals(list(_spans(fields[3]))))
            elif tag == "A":
                activity = dict(zip(_ACTIVITY, fields, strict=False))
                int(activity["id"]), int(activity["calendar"])
                if activity["active"] != "false":
                    activities.append(activity)
            elif tag == "L":
                int(fields[0]), int(fields[1]), _LINKS[fields[2]], _number(fields[3])
                links.append(fields)
        row = 1
        plan, rules = _plan(head, calendars, activities, links)
    except (ValueError, KeyError, IndexError, UnicodeDecodeError) as fault:
        raise ImportRefused(f"is not a line of a neutral dump ({fault})", file=name, row=row) from None
    # Negative durations, actual dates in the future or without a start stand in real plans, and their own tools
    # schedule them.
    told = [text for text in validate(plan) if "negative" not in text and "actual" not in text]
    if told:
        raise ImportRefused(told[0], file=name)
    summaries = frozenset(i for i, kind in enumerate(plan.kind) if kind == Kind.SUMMARY)
    return Dump(plan, rules, [(head[0], activity["id"]) for activity in activities], summaries)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    for span in text.split():
        start, _, end = span.partition("-")
        yield int(start), int(end)


def _number(text: str) -> int | None:
    return int(text) if text not in ("", "null") else None


def _plan(
    head: list[str], calendars: list[WorkCalendar], activities: list[dict[str, str]], links: list[list[str]]
) -> tuple[Plan, Rules]:
    primavera = head[1] in ("XER", "PMXML")
    index = {int(activity["id"]): at for at, activity in enumerate(activities)}
    held = [
        link
        for link in links
        if int(link[0]) in index and int(link[1]) in index and (len(link) < 6 or link[5] != "S")
    ]

    def column(name: str) -> list[int | None]:
        return [_number(activity[name]) for activity in activities]

    first, second = (
        [
            (
                getattr(Constraint, activity[name], Constraint.AS_SOON_AS_POSSIBLE),
                _number(activity[f"{name}_date"]),
            )
            for activity in activities
        ]
        for name in ("constraint", "second_constraint")
    )
    for at, activity in enumerate(activities):
        if activity["constraint"] in _YIELDING:
            early, late = _YIELDING[activity["constraint"]]
            first[at], second[at] = (early, first[at][1]), (late, first[at][1])
    start = _number(head[2])
    if start is None:
        raise ValueError("a plan needs a start")
    plan = Plan(
        calendars=calendars,
        projects=[
            Project(
                start=start,
                status_date=_number(head[3]) if primavera else None,
                must_finish_by=_number(head[5]) if primavera else None,
                lag_calendar=_LAG_CALENDARS[head[7]] if primavera else LagCalendar.SUCCESSOR,
            )
        ],
        calendar=[int(activity["calendar"]) for activity in activities],
        duration=[_number(activity["duration"]) or 0 for activity in activities],
        kind=[
            _KINDS.get(activity["type"], Kind.TASK)
            if activity["milestone"] == "true" or "MILE" not in activity["type"]
            else Kind.TASK
            for activity in activities
        ],
        constraint=[kind for kind, _ in first],
        constraint_date=[date for _, date in first],
        second_constraint=[kind for kind, _ in second],
        second_constraint_date=[date for _, date in second],
        deadline=[] if primavera else column("deadline"),
        actual_start=column("actual_start"),
        actual_finish=column("actual_finish"),
        remaining=column("remaining"),
        predecessor=[index[int(link[0])] for link in held],
        successor=[index[int(link[1])] for link in held],
        link_kind=[_LINKS[link[2]] for link in held],
        lag=[_number(link[3]) or 0 for link in held],
        lag_unit=[_LAGS.get(link[4], LagUnit.WORKING) for link in held],
    )
    if not primavera:
        return plan, MICROSOFT_PROJECT
    override = "OVERRIDE" in head[6]
    return plan, Rules(progress=Progress.PROGRESS_OVERRIDE if override else Progress.RETAINED_LOGIC)
