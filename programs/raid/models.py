"""The risk register."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
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


@pghistory.track()
class RiskAcceptance(ProgramOwned):
    """Asked for: to carry a risk as it is, up to a score, until a day. Granted only by a decision.

    What is asked for never changes (`sha256` names it); only its state does. `appetite` is the highest score
    (probability times impact) that is accepted: a risk that scores higher, costs more or says something else than
    `words`, what it said when it was asked for, is not covered any more.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "Waits for a decision"
        APPROVED = "approved", "Accepted"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    risk = models.ForeignKey(Risk, models.PROTECT, related_name="acceptances")
    code = models.CharField(max_length=10)
    about = models.CharField(max_length=250, help_text="The risk as it was called.")
    probability = models.PositiveSmallIntegerField()
    impact = models.PositiveSmallIntegerField()
    appetite = models.PositiveSmallIntegerField(help_text="The highest score that is accepted.")
    exposure_minor = models.BigIntegerField()
    words = models.JSONField(
        default=dict, help_text="What the risk said: its title, cause, event, effect, response and owner."
    )
    reason = models.TextField()
    until = models.DateField(help_text="The last day on which it holds.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    requester = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_acceptance_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_acceptance_in_program"),
            models.UniqueConstraint(
                fields=["risk"], condition=Q(state="submitted"), name="programs_acceptance_one_waits"
            ),
            models.CheckConstraint(
                name="programs_acceptance_scores",
                condition=Q(
                    appetite__gte=models.F("probability") * models.F("impact"), appetite__lte=25,
                    probability__gte=1, impact__gte=1, exposure_minor__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="programs_acceptance_by_warrant",
                condition=Q(state="approved", warrant__isnull=False)
                | (~Q(state="approved") & Q(warrant=None)),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.code

    @property
    def score(self) -> int:
        return self.probability * self.impact
