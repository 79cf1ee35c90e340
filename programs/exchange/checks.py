"""What must fit together in a draft, whatever it was read from: references, the tree, order of dates, no cycle."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from .cycles import cycles
from .draft import MILESTONES, SUMMARY, ActivityDraft, Draft, iso
from .problems import Problems

MAX_LAG = 60 * 24 * 366 * 10
_DATED = {"SNET", "SNLT", "FNET", "FNLT", "MSO", "MFO"}


@dataclass(frozen=True, slots=True)
class Places:
    """The file in which a reader found each kind of record, for naming the place of a problem."""

    projects: str
    activities: str
    dependencies: str
    assignments: str
    status_dates: str
    progress: str
    resources: str


BUNDLE = Places(
    "projects.csv",
    "activities.csv",
    "dependencies.csv",
    "assignments.csv",
    "status_dates.csv",
    "progress.csv",
    "resources.csv",
)


def check(draft: Draft, problems: Problems, places: Places) -> None:
    """Report everything in the draft that does not fit together, and drop links that lead nowhere."""
    activities = {(activity.project, activity.code): activity for activity in draft.activities}
    calendars = {calendar.code for calendar in draft.calendars}
    for project in draft.projects:
        if project.calendar not in calendars:
            unknown(places.projects, project.row, "calendar_id", project.calendar, "calendar", problems)
    for resource in draft.resources:
        if resource.calendar and resource.calendar not in calendars:
            unknown(places.resources, resource.row, "calendar_id", resource.calendar, "calendar", problems)
    for activity in draft.activities:
        if activity.calendar and activity.calendar not in calendars:
            unknown(places.activities, activity.row, "calendar_id", activity.calendar, "calendar", problems)
        _dates(activity, places.activities, problems)
    for assignment in draft.assignments:
        if (assignment.project, assignment.activity) not in activities:
            unknown(
                places.assignments, assignment.row, "activity_id", assignment.activity, "activity", problems
            )
    _tree(draft, activities, places, problems)
    _links(draft, activities, places, problems)
    _starts(draft, places, problems)
    for path in cycles(draft):
        last, first = path[-1], path[0]
        row = next(
            (
                d.row
                for d in draft.dependencies
                if (d.from_project, d.from_activity) == last and (d.to_project, d.to_activity) == first
            ),
            None,
        )
        text = _path(path)
        problems.error(
            places.dependencies,
            row,
            "to_activity",
            first[1],
            f"The dependencies run in a circle: {text}. Work cannot wait for itself.",
        )


def _path(path: list[tuple[str, str]]) -> str:
    """The codes of a cycle, closed; with projects where it crosses them; the middle of a long one left out."""
    several = len({project for project, _ in path}) > 1
    names = [f"{project}/{code}" if several else code for project, code in [*path, path[0]]]
    if len(names) > 14:
        names = [*names[:7], f"({len(names) - 13} more)", *names[-6:]]
    return " → ".join(names)


def _tree(
    draft: Draft, activities: Mapping[tuple[str, str], ActivityDraft], places: Places, problems: Problems
) -> None:
    sound: set[tuple[str, str]] = set()
    for activity in draft.activities:
        if not activity.parent:
            continue
        parent = activities.get((activity.project, activity.parent))
        if parent is None:
            unknown(places.activities, activity.row, "parent_id", activity.parent, "activity", problems)
            activity.parent = ""
        elif parent.kind != SUMMARY:
            problems.error(
                places.activities, activity.row, "parent_id", activity.parent, "The parent is not a group."
            )
            activity.parent = ""
    for activity in draft.activities:
        walked: list[tuple[str, str]] = []
        on_the_way: set[tuple[str, str]] = set()
        at = activity
        while (at.project, at.code) not in sound:
            key = (at.project, at.code)
            if key in on_the_way:
                problems.error(
                    places.activities, at.row, "parent_id", at.parent, "This group is inside itself."
                )
                at.parent = ""
                break
            on_the_way.add(key)
            walked.append(key)
            if not at.parent:
                break
            at = activities[(at.project, at.parent)]
        sound.update(walked)


def _links(
    draft: Draft, activities: Mapping[tuple[str, str], ActivityDraft], places: Places, problems: Problems
) -> None:
    kept = []
    seen: dict[Hashable, tuple[int, str]] = {}
    file = places.dependencies
    for link in draft.dependencies:
        ends = [(link.from_project, link.from_activity), (link.to_project, link.to_activity)]
        missing = [key for key in ends if key not in activities]
        for key in missing:
            column = "from_activity" if key == ends[0] else "to_activity"
            unknown(file, link.row, column, f"{key[0]}/{key[1]}", "activity", problems)
        if missing:
            continue
        same = (*ends, link.type)
        if same in seen:
            if seen[same] == (link.lag, link.lag_unit):
                problems.warn(file, link.row, "", "", "This link is given twice; it is read once.")
            else:
                problems.error(
                    file, link.row, "lag_hours", link.lag, "This link is given twice with different lags."
                )
            continue
        seen[same] = (link.lag, link.lag_unit)
        if activities[ends[0]].kind == SUMMARY and link.type in ("SS", "SF"):
            problems.error(
                file, link.row, "type", link.type, "A link from a group waits for its finish: FS or FF."
            )
            continue
        if activities[ends[1]].kind == SUMMARY and link.type in ("FF", "SF"):
            problems.error(
                file, link.row, "type", link.type, "A link to a group holds back its start: FS or SS."
            )
            continue
        kept.append(link)
    draft.dependencies = kept


def _starts(draft: Draft, places: Places, problems: Problems) -> None:
    """Every project needs a day to begin; where the file gives none, its earliest known date serves."""
    for project in draft.projects:
        if project.start is not None:
            continue
        dates = [
            at
            for activity in draft.activities
            if activity.project == project.code
            for at in (activity.baseline_start, activity.actual_start, activity.constraint_date)
            if at is not None
        ]
        if dates:
            project.start = min(dates)
            problems.warn(
                places.projects,
                project.row or None,
                "start",
                iso(project.start),
                "The project has no start; the earliest date of its activities is taken.",
            )
        else:
            problems.error(
                places.projects,
                project.row or None,
                "start",
                "",
                "The project has no start and no dated activity: it needs a first day.",
            )


def _dates(activity: ActivityDraft, file: str, problems: Problems) -> None:
    row = activity.row
    if activity.constraint in _DATED and activity.constraint_date is None:
        problems.error(
            file, row, "constraint_date", "", f"The constraint {activity.constraint} needs a date."
        )
    if activity.constraint not in _DATED and activity.constraint_date is not None:
        problems.warn(
            file, row, "constraint_date", iso(activity.constraint_date), "There is a date but no constraint."
        )
        activity.constraint_date = None
    for before, after in (("baseline_start", "baseline_finish"), ("actual_start", "actual_finish")):
        start, finish = getattr(activity, before), getattr(activity, after)
        if start is not None and finish is not None and finish < start:
            problems.error(
                file, row, after, iso(finish), f"The {after} is before the {before} ({iso(start)})."
            )
    if activity.actual_finish is not None and activity.actual_start is None:
        problems.error(
            file, row, "actual_finish", iso(activity.actual_finish), "It finished without having started."
        )
    low, likely, high = activity.optimistic, activity.most_likely, activity.pessimistic
    known = [estimate for estimate in (low, likely, high) if estimate is not None]
    if known != sorted(known):
        problems.error(
            file,
            row,
            "dur_most_likely_h",
            " / ".join(f"{minutes / 60:g}" for minutes in known),
            "The three estimates are not in order: optimistic, most likely, pessimistic.",
        )
    if activity.kind in MILESTONES and activity.duration:
        problems.error(file, row, "duration_hours", activity.duration / 60, "A milestone has no duration.")


def in_order(
    values: Mapping[str, Any], before: str, after: str, file: str, row: int, problems: Problems
) -> None:
    """Report a pair of dates of one row of which the later comes first."""
    if values[after] < values[before]:
        problems.error(file, row, after, iso(values[after]), f"The {after} is before the {before}.")


def unknown(file: str, row: int, column: str, value: object, what: str, problems: Problems) -> None:
    """Report a reference to something that the file does not hold."""
    problems.error(file, row or None, column, value, f"No {what} with this code is in the import.")


def duplicate(
    seen: dict[Any, int], key: Hashable, file: str, row: int, column: str, value: object, problems: Problems
) -> bool:
    """Whether the key was there before (then reported); otherwise it is remembered with its row."""
    if key in seen:
        problems.error(file, row, column, value, f"This code was already used in row {seen[key]}.")
        return True
    seen[key] = row
    return False


def is_time_zone(name: str) -> bool:
    """Whether this is a time zone's name, such as Europe/Brussels; the empty name stands for none given."""
    if not name:
        return True
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, malformed, or a folder of zones
        return False
    return True
