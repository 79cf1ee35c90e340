"""Are the dates those of the plan as it is? If a worker still computes them: of which version, and how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from programs.portfolio.models import Program
from programs.schedule.models import Recalculation

State = Recalculation.State


@dataclass(frozen=True, slots=True)
class Behind:
    """The dates in force are of an earlier version than the plan (None: of none)."""

    dates_version: int | None
    plan_version: int
    state: str
    step: str
    percent: int
    error: str

    @property
    def under_way(self) -> bool:
        """Will new dates come without anybody doing anything?"""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def versions(self) -> str:
        """`the dates are of version 6 of the plan, which is at 8`."""
        return in_words(self.dates_version, self.plan_version)

    @property
    def now(self) -> str:
        """What is being done about it."""
        if self.state == State.FAILED:
            return f"New dates could not be computed: {self.error}"
        return self.step if self.state == State.RUNNING and self.step else "Waiting for a worker"


def in_words(dates_version: int | None, plan_version: int) -> str:
    """Of which version the dates are, for a line of facts."""
    if dates_version is None:
        return "no dates are computed yet"
    return f"dates are of version {dates_version} of the plan, which is at {plan_version}"


def behind(program: Program, version: int | None) -> Behind | None:
    """None where the newest computation (of that plan version) is of the plan as it is; no query then, else one."""
    if version == program.plan_version:
        return None
    row = Recalculation.objects.filter(program_id=program.pk).first()
    if row is None or row.state == State.DONE:
        if version is None:
            return None  # nothing was ever asked for: an empty plan
        return Behind(version, program.plan_version, "", "", 0, "")
    return Behind(version, program.plan_version, row.state, row.step, row.percent, row.error)
