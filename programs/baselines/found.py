"""What two sides of a comparison have different, as rows that can be counted and chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar


class Change(Protocol):
    """One row: of what kind it is, of which project, and how it was and is."""

    @property
    def what(self) -> str: ...
    @property
    def project(self) -> str: ...
    @property
    def before(self) -> str: ...
    @property
    def after(self) -> str: ...


T = TypeVar("T", bound=Change)


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The rows that differ with the words for their kinds, or why they cannot be told."""

    changes: list[T]
    kinds: Mapping[str, str]
    keeps_none: str = ""

    def counts(self, project: str = "") -> dict[str, int]:
        """How many rows of one project (or all) are of each kind."""
        found = dict.fromkeys(self.kinds, 0)
        for one in self.shown("", project):
            found[one.what] += 1
        return found

    def shown(self, kind: str, project: str) -> list[T]:
        """The rows of one kind (or all) of one project (or all)."""
        return [
            one
            for one in self.changes
            if (not kind or one.what == kind) and (not project or one.project.lower() == project.lower())
        ]
