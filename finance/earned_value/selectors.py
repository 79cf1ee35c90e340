"""Earned value as it was kept: the newest run known by an instant, its snapshots, the rows behind them, the curve."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from finance.earned_value.models import (
    EarnedValueRow,
    EarnedValueRun,
    EarnedValueSnapshot,
    PlannedValuePoint,
)
from pmo.money import round_half_even
from programs.portfolio.models import Program, Project
from programs.schedule.models import Activity


@dataclass(frozen=True, slots=True)
class Shown:
    """A snapshot ready to be shown: whole minor units, and every measure by its name."""

    snapshot: EarnedValueSnapshot
    project: Project | None
    bac: int
    pv: int
    ev: int
    ac: int
    measures: dict[str, dict[str, Any]]

    @property
    def cv(self) -> int:
        """Cost variance EV - AC, minor units."""
        return self.ev - self.ac

    @property
    def sv(self) -> int:
        """Schedule variance EV - PV, minor units."""
        return self.ev - self.pv

    def value(self, name: str) -> Decimal | None:
        """A measure's value: ratio, share of one, minor units or working minutes; None where not defined."""
        text = self.measures.get(name, {}).get("value")
        return None if text is None else Decimal(text)

    def minor(self, name: str) -> int | None:
        """A money measure in whole minor units."""
        value = self.value(name)
        return None if value is None else round_half_even(value)


def newest_run(program: Program, known: datetime | None = None) -> EarnedValueRun | None:
    """The newest run that had been computed by `known` (None: now)."""
    runs = EarnedValueRun.objects.filter(program=program)
    if known is not None:
        runs = runs.filter(computed_at__lte=known)
    return runs.order_by("-pk").first()


def shown(snapshot: EarnedValueSnapshot, project: Project | None = None) -> Shown:
    """A snapshot with its figures rounded once."""
    return Shown(
        snapshot,
        project,
        round_half_even(snapshot.bac),
        round_half_even(snapshot.pv),
        round_half_even(snapshot.ev),
        round_half_even(snapshot.ac),
        {measure["name"]: measure for measure in snapshot.figures.get("measures", ())},
    )


def program_at(run: EarnedValueRun, at: datetime) -> Shown | None:
    """The program at the latest instant with a status at or before `at`; None before the first status."""
    snapshot = (
        EarnedValueSnapshot.objects.filter(program_id=run.program_id, run=run, project=None, at__lte=at)
        .order_by("-at")
        .first()
    )
    return shown(snapshot) if snapshot else None


def projects_at(run: EarnedValueRun, at: datetime) -> list[Shown]:
    """Each project at its latest status at or before `at`, in the order of the plan. One query."""
    snapshots = (
        EarnedValueSnapshot.objects.filter(program_id=run.program_id, run=run, at__lte=at)
        .exclude(project=None)
        .order_by("project_id", "-at")
        .distinct("project_id")
        .select_related("project", "period")
    )
    found = [shown(one, one.project) for one in snapshots]
    return sorted(found, key=lambda one: (one.project.position, one.project.pk) if one.project else (0, 0))


def history(run: EarnedValueRun, project: Project | None, at: datetime) -> list[Shown]:
    """A project (None: the program) at every status date at or before `at`, in order of time."""
    snapshots = (
        EarnedValueSnapshot.objects.filter(program_id=run.program_id, run=run, project=project, at__lte=at)
        .select_related("period")
        .order_by("at")
    )
    return [shown(one, project) for one in snapshots]


def behind(snapshot: EarnedValueSnapshot) -> QuerySet[EarnedValueRow]:
    """The activities whose sums a project's snapshot is, of any run since they are kept; none of runs before.

    Of each activity the row of this run or, where it was not changed since, of the next run that has one.
    """
    if snapshot.project_id is None:  # the program's sums are of projects
        return EarnedValueRow.objects.none()
    mine = EarnedValueRow.objects.filter(
        program_id=snapshot.program_id,
        snapshot__project_id=snapshot.project_id,
        snapshot__at=snapshot.at,
        snapshot__run_id__gte=snapshot.run_id,
    )
    holding = mine.order_by("activity_id", "snapshot__run_id").distinct("activity_id").values("pk")
    kept = EarnedValueRun.objects.filter(pk=snapshot.run_id, rows_kept=True)
    found: QuerySet[EarnedValueRow] = EarnedValueRow.objects.filter(
        Exists(kept), pk__in=holding, absent=False
    )
    return found


def rows(snapshot: EarnedValueSnapshot) -> list[EarnedValueRow]:
    """The activities under a snapshot in the order of the plan; none for runs of which they were not kept."""
    return list(behind(snapshot).select_related("activity").order_by("activity__position", "activity_id"))


def behind_all(run: EarnedValueRun | None) -> QuerySet[EarnedValueRow]:
    """The activities behind every project's every status date as a run computed them; none where they were not kept."""
    if run is None or not run.rows_kept:
        return EarnedValueRow.objects.none()
    dates = EarnedValueSnapshot.objects.filter(
        run=run, project_id=OuterRef("snapshot__project_id"), at=OuterRef("snapshot__at")
    )
    holding = (
        EarnedValueRow.objects.filter(Exists(dates), program_id=run.program_id, snapshot__run_id__gte=run.pk)
        .order_by("snapshot__project_id", "snapshot__at", "activity_id", "snapshot__run_id")
        .distinct("snapshot__project_id", "snapshot__at", "activity_id")
        .values("pk")
    )
    found: QuerySet[EarnedValueRow] = EarnedValueRow.objects.filter(pk__in=holding, absent=False)
    return found


def of_activity(run: EarnedValueRun, activity: Activity) -> list[EarnedValueRow]:
    """One activity at each status date of its project as a run computed it, newest first. One query."""
    dates = EarnedValueSnapshot.objects.filter(run=run, project_id=activity.project_id).values("at")
    holding = (
        EarnedValueRow.objects.filter(
            program_id=run.program_id,
            activity=activity,
            snapshot__project_id=activity.project_id,
            snapshot__run_id__gte=run.pk,
            snapshot__at__in=dates,
        )
        .order_by("snapshot__at", "snapshot__run_id")
        .distinct("snapshot__at")
        .values("pk")
    )
    found = EarnedValueRow.objects.filter(pk__in=holding, absent=False)
    return list(found.select_related("snapshot").order_by("-snapshot__at"))


def planned_curve(run: EarnedValueRun, project: Project | None) -> list[tuple[datetime, int]]:
    """Planned value week by week (instant, minor units) of a project or of the program."""
    points = PlannedValuePoint.objects.filter(program_id=run.program_id, run=run, project=project)
    return [(at, round_half_even(pv)) for at, pv in points.order_by("at").values_list("at", "pv")]


def is_current(run: EarnedValueRun, program: Program) -> bool:
    """Whether neither plan nor ledger has changed since the run."""
    return (run.plan_version, run.ledger_version) == (program.plan_version, program.ledger_version)
