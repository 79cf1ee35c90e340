"""The risk register."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE, Project


@pghistory.track()
class Risk(ProgramOwned, Versioned):
    """A risk in the words cause, event, effect; scored 1-5; exposure in minor currency units and working days."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MITIGATING = "mitigating", "Mitigating"
        OCCURRED = "occurred", "Occurred"
        CLOSED = "closed", "Closed"

    class Response(models.TextChoices):
        AVOID = "avoid", "Avoid"
        REDUCE = "reduce", "Reduce"
        TRANSFER = "transfer", "Transfer"
        ACCEPT = "accept", "Accept"

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="risks")
    code = models.CharField(max_length=30, validators=[CODE])
    title = models.CharField(max_length=200)
    cause = models.TextField(blank=True)
    event = models.TextField(blank=True)
    effect = models.TextField(blank=True)
    probability = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    exposure_minor = models.BigIntegerField(default=0)
    exposure_days = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    response = models.CharField(max_length=10, choices=Response.choices, default=Response.REDUCE)
    owner = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    raised_on = models.DateField()
    due_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_risk_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_risk_in_program"),
            models.CheckConstraint(
                name="programs_risk_scores",
                condition=Q(probability__gte=1, probability__lte=5, impact__gte=1, impact__lte=5),
            ),
            models.CheckConstraint(
                name="programs_risk_exposure", condition=Q(exposure_minor__gte=0, exposure_minor__lte=10**15)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def score(self) -> int:
        return self.probability * self.impact
