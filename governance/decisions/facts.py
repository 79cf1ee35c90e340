"""What is read of a subject when it is decided, and what each kind of subject must be able to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from pmo.accounts.models import User
from pmo.warrants import Warrant


@dataclass(frozen=True, slots=True)
class Facts:
    """A subject as it stands: `digest` names its exact content, `recused` says why persons may not vote on it."""

    kind: str
    subject_id: int
    program_id: int
    title: str
    amount_minor: int
    exposure_minor: int
    currency: str
    digest: str
    requested_by: User | None
    recused: dict[int, str] = field(default_factory=dict)
    split_with: tuple[str, ...] = ()
    row: Any = None
    slip_days: int = 0
    """Working days by which it moves the finish of the program or of a project: what it is routed by besides money."""
    score: int = 0
    """Of a risk acceptance: the highest score that is accepted, which it is routed by besides money."""

    @property
    def reach(self) -> tuple[int, int]:
        """What a rule must reach to besides money: slip in working days, and risk score."""
        return self.slip_days, self.score


class Subject(Protocol):
    """One kind of subject."""

    def facts(self, subject_id: int, *, lock: bool = False) -> Facts: ...
    def ready(self, facts: Facts) -> None: ...
    def put_to_vote(self, facts: Facts, *, by: User | None, at: datetime) -> None: ...
    def approve(self, facts: Facts, warrant: Warrant, *, by: User | None, at: datetime) -> None: ...
    def reject(self, facts: Facts, warrant: Warrant | None, *, by: User | None, at: datetime) -> None: ...
    def give_back(self, facts: Facts, *, by: User | None, at: datetime) -> None: ...
