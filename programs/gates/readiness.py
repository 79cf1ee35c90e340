"""How likely a gate's milestone is reached by the gate's day, by the latest simulation that kept it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from programs.gates import selectors
from programs.gates.models import Gate
from programs.portfolio.models import Program
from programs.risk_analysis.models import SimulationRun
from programs.risk_analysis.stored import share_by

_FIRST = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Chance:
    """At least `low` and at most `high` percent of the runs reach the milestone by the end of the gate's day."""

    low: int
    high: int
    run_id: int
    finished_at: datetime | None
    moved_on: bool
    """The plan was changed since."""

    @property
    def words(self) -> str:
        if self.low == self.high:
            return f"{self.low} %"
        if self.low == 0:
            return f"under {self.high} %"
        return f"{self.low} % or more" if self.high == 100 else f"{self.low} to {self.high} %"


def end_of(day: date) -> int:
    """The wall minute in which a day ends, on the program's clock."""
    return (day.toordinal() - _FIRST + 1) * 1440


def chances(program: Program, gates: Sequence[Any]) -> dict[int, Chance]:
    """The chance of each gate that is not decided and has a milestone; none without a simulation. One statement.

    `gates` come from `selectors.gates`. A milestone that no run moves is reached as planned: by the forecast, in all
    runs or in none.
    """
    open_ones = [
        one for one in gates if one.activity_id and one.state in (Gate.State.OPEN, Gate.State.SUBMITTED)
    ]
    runs = SimulationRun.objects.filter(program_id=program.pk, state=SimulationRun.State.DONE)
    found = (
        runs.filter(result__has_key="steps")
        .order_by("-pk")
        .values_list("pk", "finished_at", "plan_version", "result__steps")
        .first()
        if open_ones
        else None
    )
    if found is None:
        return {}
    pk, finished_at, version, steps = found
    made = {}
    for one in open_ones:
        kept = steps.get(str(one.activity_id))
        if kept is None:
            day = selectors.day_of(program, one.forecast)
            if day is None:
                continue
            low = high = 100 if day <= one.due_on else 0
        else:
            low, high = share_by(kept, end_of(one.due_on))
        made[one.pk] = Chance(low, high, pk, finished_at, version != program.plan_version)
    return made


def colour(chance: Chance | None) -> str:
    """Green from 80 percent, amber from 50, red below; "" where it is not known."""
    if chance is None:
        return ""
    return "green" if chance.low >= 80 else "amber" if chance.low >= 50 else "red"
