"""Simulations of a plan: what was asked, how far it is, what came out."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned


class Asked(ProgramOwned):
    """A simulation that was asked for, of the plan or of a change of it: its settings, and how far it is."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class Shape(models.TextChoices):
        PERT = "pert", "Beta-PERT"
        TRIANGULAR = "triangular", "Triangular"

    iterations = models.PositiveIntegerField()
    seed = models.PositiveBigIntegerField()
    distribution = models.CharField(max_length=10, choices=Shape.choices, default=Shape.PERT)
    low_percent = models.PositiveSmallIntegerField(
        help_text="Optimistic duration, in percent of the planned one, where none is given."
    )
    high_percent = models.PositiveSmallIntegerField(
        help_text="Pessimistic duration, in percent of the planned one, where none is given."
    )
    risk_ids = models.JSONField(default=list, help_text="Risks of the register that may occur in a run.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=80, blank=True, default="")
    percent = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=300, blank=True, default="")
    requested_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class SimulationRun(Asked):
    """One Monte Carlo simulation of a program's plan, kept with its seed, its inputs' digest and the plan's version.

    `result` is what `programs.risk_analysis.stored` writes; times in it are wall minutes of the program's clock.
    """

    plan_version = models.PositiveBigIntegerField(null=True)
    inputs_digest = models.CharField(max_length=64, blank=True, default="")
    planned_finish = models.DateTimeField(null=True)
    p50_finish = models.DateTimeField(null=True)
    p80_finish = models.DateTimeField(null=True)
    confidence = models.FloatField(
        null=True, help_text="Share of the runs that finish by the planned date, 0 to 1."
    )
    result = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_simulationrun_in_program"),
            models.CheckConstraint(
                name="programs_simulationrun_asked",
                condition=Q(percent__lte=100, iterations__gte=100, iterations__lte=100_000)
                & Q(low_percent__lte=100, high_percent__gte=100, high_percent__lte=1000),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="programs_simulation_latest")]

    def __str__(self) -> str:
        return f"simulation {self.pk}"
