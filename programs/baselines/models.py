"""Baselines: frozen copies of dates, durations and costs."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned
from pmo.warrants import Warrant
from programs.deliverables.models import Deliverable, Requirement
from programs.schedule.models import Activity, Constraint, Dependency


@pghistory.track()
class Baseline(ProgramOwned):
    """A frozen plan. Approved here (with a warrant), or brought along by an import (said so everywhere)."""

    class Origin(models.TextChoices):
        APPROVED = "approved", "Approved by decision"
        IMPORTED = "imported", "Imported, approved elsewhere"

    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")
    is_current = models.BooleanField(default=False)
    frozen_at = models.DateTimeField()
    plan_version = models.PositiveBigIntegerField(default=0)
    # Project id -> [earliest start, latest finish (seconds since 1970, UTC), activities]: what its lines sum up to.
    project_dates = models.JSONField(default=dict)
    links_kept = models.PositiveIntegerField(
        null=True, help_text="How many links it keeps; null: none were kept, as before links were."
    )
    scope_kept = models.PositiveIntegerField(
        null=True, help_text="How many deliverables and requirements it keeps; null: none were kept."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="programs_baseline_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_baseline_in_program"),
            models.UniqueConstraint(
                fields=["program"], condition=Q(is_current=True), name="programs_baseline_one_current"
            ),
            models.CheckConstraint(
                name="programs_baseline_approved_by_warrant",
                condition=~Q(origin="approved") | Q(warrant__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"B{self.number}"


class BaselineActivity(ProgramOwned):
    """One activity in a baseline. Costs are exact: minor units with four decimals, since a rate can be finer.

    `start_cost` is planned (and earned) in full at the start, `spread_cost` evenly over the working time.
    """

    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="activities")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="baselines")
    starts_at = models.DateTimeField()
    finishes_at = models.DateTimeField()
    duration_minutes = models.PositiveIntegerField()
    start_cost = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    spread_cost = models.DecimalField(max_digits=22, decimal_places=4, default=0)
    # Kept where the baseline keeps links; empty and null in older and in imported ones.
    constraint = models.CharField(max_length=4, choices=Constraint.choices, blank=True, default="")
    constraint_at = models.DateTimeField(null=True)
    critical = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["baseline", "activity"], name="programs_baseline_activity_once"),
            models.CheckConstraint(
                name="programs_baseline_activity_order", condition=Q(finishes_at__gte=models.F("starts_at"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} in {self.baseline_id}"


class BaselineLink(ProgramOwned):
    """One link as a baseline froze it. Rows are only added, with their baseline."""

    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="links")
    predecessor = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    successor = models.ForeignKey(Activity, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=2, choices=Dependency.Kind.choices)
    lag = models.IntegerField(help_text="Minutes, or percent where the unit says so.")
    lag_unit = models.CharField(max_length=8, choices=Dependency.LagUnit.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["baseline", "predecessor", "successor", "kind"], name="programs_baseline_link_once"
            ),
            models.CheckConstraint(
                name="programs_baseline_link_not_itself", condition=~Q(predecessor=models.F("successor"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.predecessor_id} {self.kind} {self.successor_id} in {self.baseline_id}"


class BaselineScope(ProgramOwned):
    """One deliverable as a baseline froze it, or (with `requirement`) one requirement of it. Rows are only added."""

    baseline = models.ForeignKey(Baseline, models.PROTECT, related_name="scope")
    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="+")
    requirement = models.ForeignKey(Requirement, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(
        max_length=400, help_text="The deliverable's name, or what the requirement asks for."
    )
    due_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["baseline", "deliverable", "requirement"],
                nulls_distinct=False,
                name="programs_baseline_scope_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requirement_id or self.deliverable_id} in {self.baseline_id}"
