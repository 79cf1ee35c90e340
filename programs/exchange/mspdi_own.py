"""What we write into an MS Project file because the format has no field for it, and how it is told from other notes.

- `Text29` of a task is its code here, `Text30` what else belongs to it as `key=value` pairs (at most 255 characters,
  the length that MS Project holds).
- The note of the project's own row (UID 0) begins with `MARK`; it and the notes of the rows that stand for component
  projects hold tables of the CSV bundle. A file without the mark is read as MS Project wrote it.
- The note of a task ends with its progress at each status date, after `HISTORY`.

MS Project keeps all of these and shows plain values beside them; what is changed there wins over what stands here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from . import cells
from .draft import FINISH_MILESTONE, LEVEL_OF_EFFORT, START_MILESTONE, SUMMARY, TASK
from .xml_stream import Element

MARK: Final = "Program office plan. Keep this note: with it the plan comes back whole."
HISTORY: Final = "Progress at status dates:"
CODE_FIELD: Final = "188744015"
PAIRS_FIELD: Final = "188744016"
PROJECT: Final = "project"
"""`Text30` of a row that stands for a component project."""
TABLES: Final = ("program.csv", "projects.csv", "status_dates.csv")
CALENDARS: Final = "calendar_codes.csv"
"""Lines `UID,code`."""
NO_EFFORT: Final = "no_efforts"
"""A line of its own: work of assignments was written for MS Project and is none of ours."""
PROGRESS: Final = (
    "period",
    "actual_start",
    "actual_finish",
    "actual_duration_hours",
    "remaining_duration_hours",
    "percent_complete",
    "actual_cost",
)
"""Columns of `progress.csv` in a line of a task's history."""


def _minutes(text: str) -> int:
    value = cells.whole(text)
    if value > cells.MAX_DURATION:
        raise ValueError("is longer than thirty years")
    return value


def _flag(text: str) -> bool:
    return cells.yes_no(text)


PAIRS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "k": ("kind", cells.choice(of=(SUMMARY, TASK, START_MILESTONE, FINISH_MILESTONE, LEVEL_OF_EFFORT))),
    "n": ("position", cells.whole),
    "o": ("optimistic", _minutes),
    "m": ("most_likely", _minutes),
    "w": ("pessimistic", _minutes),
    "h": ("cost_per_hour", cells.positive),
    "p": ("percent_complete", cells.percent),
    "s": ("start_cost", cells.positive),
    "e": ("spread_cost", cells.positive),
    "u": ("usual_calendar", _flag),
    "a": ("manual", _flag),
}
"""Key -> what it says and how it is read: estimates in working minutes, costs in major units."""


def pairs_text(values: dict[str, Any]) -> str:
    """The pairs of a task, by the names in `PAIRS`; what is None or False is left out."""
    parts = []
    for key, (name, _) in PAIRS.items():
        value = values.get(name)
        if value is None or value is False:
            continue
        text = format(value, "f") if isinstance(value, Decimal) else "1" if value is True else str(value)
        parts.append(f"{key}={text}")
    return ";".join(parts)


def pairs(text: str) -> dict[str, Any]:
    """The values of a task's pairs by name. Raises ValueError with a sentence for what cannot be read."""
    found: dict[str, Any] = {}
    for part in filter(None, text.split(";")):
        key, _, value = part.partition("=")
        if key in PAIRS:
            name, parse = PAIRS[key]
            found[name] = parse(value)
    return found


def attributes(element: Element) -> dict[str, str]:
    """The extended attributes of a row by field."""
    return {one.get("FieldID"): one.get("Value") for one in element.all("ExtendedAttribute")}


def blocks(tasks: dict[str, Element], own: dict[str, dict[str, str]]) -> dict[str, list[str]]:
    """The lines of each table in the notes of the program's and the projects' rows; a header once."""
    found: dict[str, list[str]] = {}
    for uid, element in tasks.items():
        if uid != "0" and own[uid].get(PAIRS_FIELD) != PROJECT:
            continue
        name = ""
        for line in element.get("Notes").splitlines():
            if line.startswith("# "):
                name = line[2:].strip()
                found.setdefault(name, [])
            elif name and (not line.startswith("project_id,") or line not in found[name]):
                found[name].append(line)
    return found


def is_code(text: str) -> bool:
    """Whether a text is a code as we give them."""
    try:
        return bool(cells.code(text))
    except ValueError:
        return False
