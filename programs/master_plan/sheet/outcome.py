"""What becomes of a batch: what it brought about, or why each of its edits was refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from pmo.refusals import Refused
from programs.master_plan.models import PlanEdit
from programs.schedule.models import Computation
from programs.schedule.services import Outcome


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one edit of a batch was refused."""

    op: int
    field: str
    message: str


class OpsRefused(Refused):
    """Some edits of a batch were refused, each with its sentence; none was saved."""

    def __init__(self, problems: list[Problem], *, conflict: bool) -> None:
        super().__init__(problems[0].message, field=problems[0].field, code="ops-refused")
        self.problems = problems
        self.status = 409 if conflict else 422


@dataclass(frozen=True)
class Saved:
    """What a batch brought about. `made` tells the ids of new rows by the keys that they were given."""

    computation: Computation | None
    moved: set[int]
    changed: int
    made: dict[str, int] = field(default_factory=dict)
    edit: PlanEdit | None = None
    reordered: bool = False
    """Rows came, went or changed their place: windows of the plan begin elsewhere."""
    says: str = ""
    """Who is asked for too much by it, in sentences."""

    @property
    def words(self) -> str:
        if not self.changed:
            return "Nothing was changed."
        done = self.edit.words if self.edit else "Saved."
        return f"{done} {Outcome(self.computation, self.moved).words} {self.says}".rstrip()
