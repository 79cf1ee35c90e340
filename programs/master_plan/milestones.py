"""Milestones over time: where each of them was forecast by every computation that moved it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from pmo.clocks import AsOf
from programs.baselines.models import Baseline
from programs.master_plan.filters import Filters
from programs.master_plan.frame import computation_at, rows_of
from programs.portfolio.models import Program
from programs.schedule.models import ComputedDates

MOST = 200
"""Milestones of one page; the earliest ones."""


@dataclass(frozen=True, slots=True)
class Trend:
    """One milestone: its finish in the baseline, now, and by each computation that moved it, the oldest first."""

    activity_id: int
    project: str
    code: str
    name: str
    baseline: datetime | None
    now: datetime | None
    critical: bool
    points: list[tuple[datetime, datetime]]
    """(computed at, finish); one for each computation that gave it another date."""

    @property
    def moves(self) -> int:
        """How often the forecast moved since the first one."""
        return sum(one[1] != other[1] for one, other in zip(self.points, self.points[1:], strict=False))

    @property
    def since_first(self) -> float | None:
        """Days on the clock from the first forecast to the one in force; later is positive."""
        return days(self.points[0][1], self.points[-1][1]) if self.points else None

    @property
    def against_baseline(self) -> float | None:
        """Days on the clock from the baseline to the forecast in force."""
        return days(self.baseline, self.now) if self.baseline and self.now else None


def days(before: datetime, after: datetime) -> float:
    """Days on the clock between two instants."""
    return (after - before).total_seconds() / 86_400


def trends(program: Program, as_of: AsOf, *, project: str = "") -> list[Trend]:
    """The milestones, by their finish as known at the instant, with how that came about. Four queries at most."""
    baseline = Baseline.objects.filter(program_id=program.pk, is_current=True).first()
    known = None if as_of.is_now else computation_at(program, as_of)
    found = list(
        rows_of(program, as_of, Filters(project=project, milestones=True), baseline, known)
        .order_by(F("now__early_finish").asc(nulls_last=True), "pk")
        .values_list(
            "pk", "project__code", "code", "name", "base__finishes_at", "now__early_finish", "now__critical"
        )[:MOST]
    )
    points: dict[int, list[tuple[datetime, datetime]]] = {row[0]: [] for row in found}
    versions = (
        ComputedDates.objects.filter(
            program_id=program.pk, activity_id__in=points, computation__computed_at__lte=as_of.known
        )
        .order_by("computation_id")
        .values_list("activity_id", "computation__computed_at", "early_finish")
    )
    for pk, at, finish in versions:
        points[pk].append((at, finish))
    return [
        Trend(pk, owner, code, name, base, now, bool(critical), points[pk])
        for pk, owner, code, name, base, now, critical in found
    ]
