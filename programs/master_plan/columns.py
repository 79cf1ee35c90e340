"""The columns of the plan's table: which there are, which the address chooses, and which can be typed into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `typed`: activities, milestones included, are edited in it."""

    key: str
    heading: str
    spoken: str
    numeric: bool = False
    typed: bool = False


COLUMNS: Final = {
    one.key: one
    for one in (
        Column("project", "Project", "Project"),
        Column("code", "Code", "Code"),
        Column("days", "Days", "Days", numeric=True, typed=True),
        Column("start", "Start", "Start", numeric=True, typed=True),
        Column("finish", "Finish", "Finish", numeric=True, typed=True),
        Column("percent", "%", "Percent complete", numeric=True, typed=True),
        Column("actual_start", "Began", "Actual start", numeric=True, typed=True),
        Column("actual_finish", "Finished", "Actual finish", numeric=True, typed=True),
        Column("remaining", "Left", "Remaining days", numeric=True, typed=True),
        Column("predecessors", "Predecessors", "Predecessors", typed=True),
        Column("resources", "Resources", "Who works on it", typed=True),
        Column("calendar", "Calendar", "Calendar", typed=True),
        Column("constraint", "Constraint", "Constraint", typed=True),
        Column("float", "Float", "Float in days", numeric=True),
        Column("slip", "vs base", "Finish against baseline", numeric=True),
    )
}
OVERVIEW: Final = ("days", "float", "slip")
ACROSS: Final = ("project", "finish", "float", "slip")
"""Where rows of several projects stand under one head."""
PLANNING: Final = ("code", "days", "start", "finish", "percent", "predecessors")


def chosen(text: str, *, across: bool = False) -> tuple[str, ...]:
    """The columns that an address names (`code,days`), in their order there; those of the overview if none.

    `across`: rows of several projects stand under one head, so that the overview names their project.
    """
    found = tuple(dict.fromkeys(key for key in text[:200].split(",") if key in COLUMNS))
    return found or (ACROSS if across else OVERVIEW)


def toggled(now: tuple[str, ...], key: str) -> str:
    """What the address says once a column is put in (where it belongs) or taken out."""
    after = set(now) ^ {key}
    return ",".join(one for one in COLUMNS if one in after)
