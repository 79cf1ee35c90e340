"""Earned value as computed: apart from its inputs, with the version of the inputs it came from.

Money columns are minor units of the program's currency with four decimals: a plan's rates are finer than a cent.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned
from programs.portfolio.models import Project
from programs.schedule.models import Activity, StatusPeriod


def money_field() -> models.DecimalField[Any, Any]:
    """Minor units, four decimals."""
    return models.DecimalField(max_digits=22, decimal_places=4)


class EarnedValueRun(ProgramOwned):
    """One computation of a program's earned value over all its status dates. Kept; the newest one counts."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    plan_version = models.PositiveBigIntegerField()
    ledger_version = models.PositiveBigIntegerField()
    computed_at = models.DateTimeField()
    milliseconds = models.PositiveIntegerField(default=0)
    rows_kept = models.BooleanField(
        default=False, help_text="The activities behind it are kept; not of computations before they were."
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["program", "id"], name="finance_evrun_in_program")]
        indexes = [models.Index(fields=["program", "-id"], name="finance_evrun_latest")]

    def __str__(self) -> str:
        return f"{self.program_id} plan {self.plan_version} ledger {self.ledger_version}"


class EarnedValueSnapshot(ProgramOwned):
    """One project at one of its status dates, or (no project) the program at that instant.

    A project's without `period` was known at a status date that was taken back since.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    run = models.ForeignKey(EarnedValueRun, models.CASCADE, related_name="snapshots", db_constraint=False)
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+", db_constraint=False)
    period = models.ForeignKey(
        StatusPeriod, models.SET_NULL, null=True, related_name="+", db_constraint=False
    )
    at = models.DateTimeField()
    bac = money_field()
    pv = money_field()
    ev = money_field()
    ac = money_field()
    figures = models.JSONField(default=dict, help_text="Every index and estimate, as text, by its name.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "project", "at"], nulls_distinct=False, name="finance_evsnapshot_once"
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_evsnapshot_in_program"),
        ]
        indexes = [
            models.Index(fields=["program", "run", "at"], name="finance_evsnapshot_by_time"),
            models.Index(fields=["project", "at", "run"], name="finance_evsnapshot_by_run"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id or 'program'} {self.at:%Y-%m-%d}"

    @property
    def period_name(self) -> str:
        """The name of the status date, if it has one; of one that is no more, that it was taken back."""
        if self.period is not None:
            return self.period.name
        return "taken back" if self.project_id else ""


class EarnedValueRow(ProgramOwned):
    """One activity under a snapshot: of the newest run every row, of an earlier one those that the next changed.

    A row under a snapshot of run R holds for the runs before R as well, back to the one in which it differed. `absent`:
    up to run R there was no such activity at that date. `selectors.behind` puts a run's rows together.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    snapshot = models.ForeignKey(
        EarnedValueSnapshot, models.CASCADE, related_name="rows", db_constraint=False
    )
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="+", db_constraint=False)
    bac = money_field()
    pv = money_field()
    ev = money_field()
    ac = money_field()
    pv_then = models.DecimalField(
        max_digits=22,
        decimal_places=4,
        null=True,
        help_text="Planned by the earned date; none: computed before this.",
    )
    absent = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["snapshot", "activity"], name="finance_evrow_once")]

    def __str__(self) -> str:
        return f"{self.activity_id}"


class PlannedValuePoint(ProgramOwned):
    """A point of the planned value curve of a project, or (no project) of the program. Newest run only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    run = models.ForeignKey(EarnedValueRun, models.CASCADE, related_name="curve", db_constraint=False)
    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+", db_constraint=False)
    at = models.DateTimeField()
    pv = money_field()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "project", "at"], nulls_distinct=False, name="finance_pvpoint_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d} {self.pv}"


@pghistory.track()
class EarningStep(ProgramOwned):
    """A weighted milestone inside an activity: what share of its budget is earned when the step is done.

    `weight` counts against the sum of the activity's weights. `due_percent` is where in the activity's baseline
    working time the step is planned (100: at its finish), so that it moves with a new baseline.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    n = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    weight = models.PositiveIntegerField()
    due_percent = models.DecimalField(max_digits=5, decimal_places=2)
    done_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "n"], name="finance_step_once"),
            models.CheckConstraint(
                name="finance_step_weight", condition=Q(weight__gte=1, weight__lte=1_000_000)
            ),
            models.CheckConstraint(
                name="finance_step_due", condition=Q(due_percent__gte=0, due_percent__lte=100)
            ),
            models.CheckConstraint(name="finance_step_name", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return f"{self.n}. {self.name}"
