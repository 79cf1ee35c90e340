"""One shape for a plan that came in and for the plan that is here, so that the two can be laid side by side.

A plan is, kind by kind, a mapping from a natural key (codes, numbers, days) to a row: field names of our models and
values as the database gives them back, references as keys. Money is minor units, instants are UTC. A row that came
in may lack a field: the file says nothing about it, and what is here stays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Key = tuple[Any, ...]
Row = dict[str, Any]
Tables = dict[str, dict[Key, Row]]

CALENDAR, EXCEPTION, PROJECT, ACTIVITY, DEPENDENCY = (
    "calendar",
    "exception",
    "project",
    "activity",
    "dependency",
)
RESOURCE, ASSIGNMENT, STATUS, PROGRESS, BASELINE = (
    "resource",
    "assignment",
    "status",
    "progress",
    "baseline",
)
KINDS = (
    CALENDAR,
    EXCEPTION,
    PROJECT,
    ACTIVITY,
    DEPENDENCY,
    RESOURCE,
    ASSIGNMENT,
    STATUS,
    PROGRESS,
    BASELINE,
)
"""In the order in which they are written: whoever is referred to comes first."""

WORDS = {
    CALENDAR: ("calendar", "calendars"),
    EXCEPTION: ("calendar exception", "calendar exceptions"),
    PROJECT: ("component project", "component projects"),
    ACTIVITY: ("activity", "activities"),
    DEPENDENCY: ("dependency", "dependencies"),
    RESOURCE: ("resource", "resources"),
    ASSIGNMENT: ("assignment", "assignments"),
    STATUS: ("status date", "status dates"),
    PROGRESS: ("progress record", "progress records"),
    BASELINE: ("baseline line", "baseline lines"),
}


@dataclass(slots=True)
class Present:
    """The plan that is here: rows and ids by kind, as far as the projects of the file reach."""

    tables: Tables = field(default_factory=lambda: {kind: {} for kind in KINDS})
    ids: dict[str, dict[Key, int]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    baseline: tuple[int, str] | None = None
    """Number and origin of the current baseline."""
    usual_calendar: str = ""
    """Code of the calendar that holds for whatever names none; empty where the program has no calendar."""
    other_projects: int = 0
    """Projects of the program that the file does not name: none of their rows is touched."""

    def status_at(self, project: str) -> datetime | None:
        """The latest status date of a project here."""
        row = self.tables[PROJECT].get((project,))
        return row["status_at"] if row else None


def label(kind: str, key: Key, row: Row) -> str:
    """What a row is called in a list for people: its codes, and its name where it has one."""
    if kind == DEPENDENCY:
        source, target = f"{key[0]}/{key[1]}", f"{key[2]}/{key[3]}"
        return f"{source} → {target} {key[4]}"
    if kind == ASSIGNMENT:
        return f"{key[3]} on {key[0]}/{key[1]}"
    if kind in (STATUS, PROGRESS):
        where = f"{key[0]} status {key[1]}"
        return f"{where}, {key[2]}" if kind == PROGRESS else f"{where} {row.get('name', '')}".rstrip()
    code = "/".join(str(part) for part in key if part != "")
    return f"{code} {row.get('name', '')}".rstrip()
