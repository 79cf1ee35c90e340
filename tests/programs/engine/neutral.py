"""Reads the neutral dumps: real plans as text, with the dates that their own tool computed and stored."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field

from programs.engine import (
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
    WorkCalendar,
    schedule,
)
from tests.shared import shared

_COLUMNS = (
    *("id", "cal", "dur", "rem", "ct", "cd", "ct2", "cd2", "as_", "af", "dl", "at", "mode", "lev", "active"),
    *("ms", "ES", "EF", "LS", "LF", "TF", "FF"),
)
_KINDS = {
    "START_MILESTONE": Kind.START_MILESTONE,
    "FINISH_MILESTONE": Kind.FINISH_MILESTONE,
    "LEVEL_OF_EFFORT": Kind.LEVEL_OF_EFFORT,
    "WBS_SUMMARY": Kind.SUMMARY,
}
_LINKS = {"FS": LinkKind.FINISH_START, "SS": LinkKind.START_START}
_LINKS |= {"FF": LinkKind.FINISH_FINISH, "SF": LinkKind.START_FINISH}
_LAGS = {"E": LagUnit.ELAPSED, "P": LagUnit.PERCENT}
_LAG_CALENDARS = {
    "PREDECESSOR": LagCalendar.PREDECESSOR,
    "SUCCESSOR": LagCalendar.SUCCESSOR,
    "TWENTY_FOUR_HOUR": LagCalendar.ALL_HOURS,
    "PROJECT_DEFAULT": LagCalendar.PROJECT_DEFAULT,
}


@dataclass
class Dump:
    """One real plan: what the engine is given, and per activity what the tool stored (None: nothing)."""

    plan: Plan
    rules: Rules
    primavera: bool
    ids: list[int]
    stored: dict[str, list[int | None]] = field(default_factory=dict)
    manual: list[bool] = field(default_factory=list)


def _number(text: str) -> int | None:
    return int(text) if text not in ("", "null") else None


def read(name: str) -> Dump:
    """The dump of a file of `plans/`, such as `p6_hotel_project.xer`."""
    with zipfile.ZipFile(shared("plans/neutral_dumps.zip")) as archive:
        lines = archive.read(f"{name}.txt").decode().splitlines()
    calendars: list[WorkCalendar] = []
    activities: list[dict[str, str]] = []
    links: list[list[str]] = []
    head: list[str] = []
    for line in lines:
        tag, *fields = line.split("\t")
        if tag == "P":
            head = fields
        elif tag == "C":
            spans = [tuple(map(int, span.split("-"))) for span in fields[3].split()]
            calendars.append(WorkCalendar.intervals([(a, b) for a, b in spans]))
        elif tag == "A":
            activities.append(dict(zip(_COLUMNS, fields, strict=False)))
        elif tag == "L":
            links.append(fields)
    primavera = head[1] in ("XER", "PMXML")
    activities = [a for a in activities if a["active"] != "false"]
    index = {int(a["id"]): i for i, a in enumerate(activities)}
    links = [x for x in links if int(x[0]) in index and int(x[1]) in index and (len(x) < 6 or x[5] != "S")]

    def column(key: str) -> list[int | None]:
        return [_number(a[key]) for a in activities]

    first, second = _constraints(activities, "ct", "cd"), _constraints(activities, "ct2", "cd2")
    for i, a in enumerate(activities):
        if a["ct"] in ("START_ON", "FINISH_ON"):  # Primavera's yields to links: no earlier and no later
            kinds = (
                (Constraint.START_NO_EARLIER_THAN, Constraint.START_NO_LATER_THAN)
                if a["ct"] == "START_ON"
                else (Constraint.FINISH_NO_EARLIER_THAN, Constraint.FINISH_NO_LATER_THAN)
            )
            first[i], second[i] = (kinds[0], _number(a["cd"])), (kinds[1], _number(a["cd"]))
    plan = Plan(
        calendars=calendars,
        projects=[
            Project(
                start=int(head[2]),
                status_date=_number(head[3]) if primavera else None,
                must_finish_by=_number(head[5]) if primavera else None,
                lag_calendar=_LAG_CALENDARS[head[7]] if primavera else LagCalendar.SUCCESSOR,
            )
        ],
        calendar=[int(a["cal"]) for a in activities],
        duration=[_number(a["dur"]) or 0 for a in activities],
        kind=[
            _KINDS.get(a["at"], Kind.TASK) if a["ms"] == "true" or "MILE" not in a["at"] else Kind.TASK
            for a in activities
        ],
        constraint=[c for c, _ in first],
        constraint_date=[d for _, d in first],
        second_constraint=[c for c, _ in second],
        second_constraint_date=[d for _, d in second],
        deadline=[] if primavera else column("dl"),
        actual_start=column("as_"),
        actual_finish=column("af"),
        remaining=column("rem"),
        predecessor=[index[int(x[0])] for x in links],
        successor=[index[int(x[1])] for x in links],
        link_kind=[_LINKS[x[2]] for x in links],
        lag=[_number(x[3]) or 0 for x in links],
        lag_unit=[_LAGS.get(x[4], LagUnit.WORKING) for x in links],
    )
    rules = MICROSOFT_PROJECT
    if primavera:
        override = "OVERRIDE" in head[6]
        rules = Rules(progress=Progress.PROGRESS_OVERRIDE if override else Progress.RETAINED_LOGIC)
    return Dump(
        plan,
        rules,
        primavera,
        ids=list(index),
        stored={key: column(key) for key in ("ES", "EF", "LS", "LF", "TF", "FF")},
        manual=[a["mode"] == "MANUALLY_SCHEDULED" for a in activities],
    )


def _constraints(activities: list[dict[str, str]], kind: str, date: str) -> list[tuple[int, int | None]]:
    return [
        (getattr(Constraint, a[kind], Constraint.AS_SOON_AS_POSSIBLE), _number(a[date])) for a in activities
    ]


@dataclass(frozen=True)
class Difference:
    """A stored value that the engine does not give: the activity's id in its file, field, ours and theirs."""

    activity: int
    field: str
    ours: int
    theirs: int
    gap: int
    """Ours less theirs in working minutes of the activity's calendar."""


def compare(dump: Dump) -> tuple[dict[str, int], list[Difference]]:
    """Per stored field (ES EF LS LF TF FF) how many were compared, and those off by more than a minute of work."""
    plan = dump.plan
    result = schedule(plan, dump.rules)
    ours = {
        "ES": result.early_start,
        "EF": result.early_finish,
        "LS": result.late_start,
        "LF": result.late_finish,
        "TF": result.total_float,
        "FF": result.free_float,
    }
    compared = dict.fromkeys(ours, 0)
    off: list[Difference] = []
    for key, values in ours.items():
        for i, stored in enumerate(dump.stored[key]):
            begun = plan.actual_start[i] is not None
            done = plan.actual_finish[i] is not None
            late = plan.constraint[i] == Constraint.AS_LATE_AS_POSSIBLE and not dump.primavera
            if stored is None or dump.manual[i] or late or (dump.primavera and done):
                continue
            if plan.kind[i] >= Kind.LEVEL_OF_EFFORT or (begun and key in ("ES", "LS")):
                continue
            compared[key] += 1
            calendar = plan.calendars[plan.calendar[i]]
            gap = calendar.between(stored, values[i]) if key not in ("TF", "FF") else values[i] - stored
            if abs(gap) > 1 and not (key == "FF" and abs(max(values[i], 0) - stored) <= 1):
                off.append(Difference(dump.ids[i], key, values[i], stored, gap))
    return compared, off


def agreement(dump: Dump) -> dict[str, tuple[int, int]]:
    """Per stored field, how many the engine gives within a minute of work, of how many."""
    compared, off = compare(dump)
    return {key: (count - sum(d.field == key for d in off), count) for key, count in compared.items()}
