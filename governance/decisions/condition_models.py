"""Conditions of an approval: who sees to what by when, and whether it was met."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned


@pghistory.track()
class Condition(ProgramOwned, Versioned):
    """One condition of an approval, sealed with it: its words, owner and day never change, only whether it is met.

    The owner reports; somebody else says that it is met. What is open after its day is unmet.
    """

    class State(models.TextChoices):
        OPEN = "open", "Open"
        MET = "met", "Met"
        UNMET = "unmet", "Not met by its day"

    decision = models.ForeignKey("governance.Decision", models.PROTECT, related_name="terms")
    n = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    owner = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    due_on = models.DateField(help_text="The last day on which it can be met in time.")
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    report = models.TextField(blank=True, help_text="What its owner says was done, with where that is seen.")
    reported_at = models.DateTimeField(null=True, blank=True)
    evidence = models.TextField(blank=True, help_text="What whoever says that it is met has seen.")
    settled_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "n"], name="governance_condition_n_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_condition_in_program"),
            models.CheckConstraint(name="governance_condition_words", condition=~Q(text="") & Q(n__gte=1)),
            models.CheckConstraint(
                name="governance_condition_settled",
                condition=(
                    Q(state="met") & ~Q(evidence="") & Q(settled_by__isnull=False, settled_at__isnull=False)
                )
                | (~Q(state="met") & Q(evidence="", settled_by=None, settled_at=None)),
            ),
            models.CheckConstraint(
                name="governance_condition_not_by_its_owner",
                condition=Q(settled_by=None) | ~Q(settled_by=models.F("owner")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "due_on"], condition=Q(state="open"), name="governance_condition_due"
            )
        ]

    def __str__(self) -> str:
        return f"{self.decision_id}/{self.n}"
