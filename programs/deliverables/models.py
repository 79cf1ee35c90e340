"""What the program hands over, and what it must satisfy."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import CODE, Project


@pghistory.track()
class Deliverable(ProgramOwned, Versioned):
    """A thing to be handed over by a day, made of requirements.

    What a change request withdrew stays, with when and under which decision: it counts no more, changes no more, and
    takes no requirement (held by triggers).
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="deliverables")
    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    due_on = models.DateField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(
        Warrant, models.PROTECT, null=True, blank=True, related_name="+",
        help_text="The decision on the change request that withdrew it.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_deliverable_withdrawn",
                condition=Q(withdrawn_at=None, warrant=None)
                | Q(withdrawn_at__isnull=False, warrant__isnull=False),
            ),
            models.UniqueConstraint(fields=["program", "code"], name="programs_deliverable_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_deliverable_in_program"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track()
class Requirement(ProgramOwned, Versioned):
    """One requirement of a deliverable, accepted (or not yet) by somebody other than its producer."""

    deliverable = models.ForeignKey(Deliverable, models.PROTECT, related_name="requirements")
    code = models.CharField(max_length=30, validators=[CODE])
    text = models.CharField(max_length=400)
    due_on = models.DateField()
    produced_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    accepted_on = models.DateField(null=True, blank=True)
    accepted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")

    evidence = models.CharField(
        max_length=1000, blank=True, default="", help_text="By what it is seen to be met."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_requirement_evidence", condition=Q(evidence="") | Q(accepted_on__isnull=False)
            ),
            models.UniqueConstraint(fields=["program", "code"], name="programs_requirement_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_requirement_in_program"),
            models.CheckConstraint(
                name="programs_requirement_acceptance_pair",
                condition=Q(accepted_on=None, accepted_by=None)
                | Q(accepted_on__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="programs_requirement_four_eyes",
                condition=Q(accepted_by=None) | Q(produced_by=None) | ~Q(accepted_by=F("produced_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.code
