"""What the address of the plan chose to show: which rows, how deep, in which order, under which heads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class PathChoice(NamedTuple):
    """Paths to an activity, as an address names them."""

    activity: int = 0
    number: int = 0
    """Of one path; 0: all of them."""
    by: str = "spare"
    """What they are ordered by, and so numbered: a key of `float_chains.BY`."""
    many: int = 0
    """How many there are; 0: as many as are usual."""


NO_PATH = PathChoice()


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address chose to show."""

    project: str = ""
    critical: bool = False
    near: bool = False
    """Near-critical, see `grouping.near_critical`."""
    milestones: bool = False
    slipping: bool = False
    """Finishes on a later day than in the baseline."""
    unlinked: bool = False
    """Neither waits for another activity nor is waited for."""
    ahead: int = 0
    """Is at work, or to be, in so many weeks from the status date (or now); 0: whenever."""
    depth: int = 0
    """Down to this level of the WBS; 0: all of it."""
    sort: str = ""
    """Under each head: a key of `SORTS`, with `-` the other way round; empty: the order of the plan."""
    group: str = ""
    """What the heads are: a key of `GROUPS`, `FLAT` for one list of all projects, empty for the projects."""
    fold: frozenset[str] = frozenset()
    """Names of folded rows, see `folding`."""
    path: PathChoice = NO_PATH
    """Only what lies on these paths."""
    on: tuple[int, ...] = ()
    """The activities on those paths, once they are looked up (`path_rows`)."""

    @property
    def rows(self) -> bool:
        """Are rows left out for what they are?"""
        return bool(
            self.critical
            or self.near
            or self.milestones
            or self.slipping
            or self.unlinked
            or self.ahead
            or self.path.activity
        )

    @property
    def narrowed(self) -> bool:
        """Are rows left out, or in another order than that of the plan?"""
        return bool(self.rows or self.depth or self.sort or self.group)

    @property
    def tree(self) -> bool:
        """Does each row stand under its summary, so that one can be folded?"""
        return not (self.sort or self.group)


SORTS = {
    "name": "name",
    "days": "duration_minutes",
    "start": "now__early_start",
    "finish": "now__early_finish",
    "float": "now__total_float",
    "percent": "percent_complete",
}
