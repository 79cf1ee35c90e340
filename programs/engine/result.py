"""What the engine gives back: dates, floats, the path, reasons and findings, parallel to the plan."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple


class Why(Enum):
    """What holds an activity's early start where it is."""

    PROJECT_START = "project start"
    STATUS_DATE = "status date"
    LINK = "link"
    CONSTRAINT = "constraint"
    ACTUAL = "actual date"
    AS_LATE_AS_POSSIBLE = "as late as possible"
    SPAN = "span of the work it supports"
    CHILDREN = "activities under it"


class FindingKind(Enum):
    """What a schedule health page lists about the computed schedule."""

    CONSTRAINT_BREAKS_LINK = "a hard constraint starts it before a predecessor allows"
    CONSTRAINT_BEFORE_START = "a hard constraint starts it before the project start or status date"
    OUT_OF_SEQUENCE = "it progressed before its predecessor allowed"
    DEADLINE_MISSED = "it finishes after its deadline"
    MUST_FINISH_BY_MISSED = "the project finishes after the date it must finish by"
    LINK_IGNORED = "a link to a summary takes no part in scheduling"
    NO_SPAN = "a level of effort without links to the work it supports"


class Finding(NamedTuple):
    """One thing to look at; indices are -1 where they do not apply, `minutes` is working time by which it misses."""

    kind: FindingKind
    activity: int = -1
    link: int = -1
    project: int = -1
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Schedule:
    """A computed schedule, parallel to the plan's activities (or links, or projects, where it says so).

    Dates are wall minutes, floats working minutes on the activity's own calendar, negative where a date
    cannot be kept. Started activities show their actual start, completed ones their actual dates early and
    late, with no float. A summary's floats: total from its rolled-up finishes, free as the least below it.
    """

    early_start: list[int]
    early_finish: list[int]
    late_start: list[int]
    late_finish: list[int]
    remaining_start: list[int]
    """Where the work still to do begins: the early start until work has started."""
    total_float: list[int]
    free_float: list[int]
    interfering_float: list[int]
    """Total less free: float that is taken from successors."""
    on_longest_path: list[bool]
    """Unfinished work on a chain of driving links to the finish of the program (or of its project, by the rules)."""
    critical: list[bool]
    """On the longest path, or within the threshold where the project sets one."""
    why: list[Why]
    driver: list[int]
    """Index of the first driving link, -1 where no link holds the early (or remaining) start."""
    driving: list[bool]
    """Per link: whether it holds its successor where it is."""
    findings: list[Finding]
    project_finish: list[int]
    """Per project: the last early finish; its start where it has no activity."""
    finish: int
    """The last early finish of the program."""
