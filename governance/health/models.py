"""What people say about the health of a program or project, beside what is computed of it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned
from programs.portfolio.models import Project


class StatedRating(ProgramOwned):
    """One person's colour for one dimension, with reason and last day. Append-only: another word is another row.

    A manager's or an independent assurance's (`voice`). It never replaces the computed colour: it stands beside it.
    Without a project it is about the program. The database holds who may say what, in whose voice, for how long.
    """

    class Voice(models.TextChoices):
        MANAGER = "manager", "Manager's"
        ASSURANCE = "assurance", "Independent assurance's"

    class Dimension(models.TextChoices):
        OVERALL = "overall", "Overall"
        SCHEDULE = "schedule", "Schedule"
        COST = "cost", "Cost"
        SCOPE = "scope", "Scope"
        RISK = "risk", "Risk"
        RESOURCES = "resources", "Resources"
        BENEFITS = "benefits", "Benefits"

    class Colour(models.TextChoices):
        GREEN = "green", "Green"
        AMBER = "amber", "Amber"
        RED = "red", "Red"

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="stated_ratings")
    dimension = models.CharField(max_length=10, choices=Dimension.choices)
    voice = models.CharField(max_length=10, choices=Voice.choices)
    colour = models.CharField(max_length=5, choices=Colour.choices)
    reason = models.CharField(max_length=1000)
    valid_until = models.DateField(help_text="The last day on which it counts.")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="governance_statedrating_chosen",
                condition=Q(
                    dimension__in=[
                        "overall", "schedule", "cost", "scope", "risk", "resources", "benefits",
                    ],
                    voice__in=["manager", "assurance"],
                    colour__in=["green", "amber", "red"],
                ),
            ),
            models.CheckConstraint(
                name="governance_statedrating_reason", condition=Q(reason__regex=r"\S")
            ),
        ]  # fmt: skip
        indexes: ClassVar = [
            models.Index(
                fields=["program", "project", "dimension", "voice", "-at", "-id"],
                name="governance_statedrating_latest",
            )
        ]

    def __str__(self) -> str:
        return f"{self.voice} {self.dimension}: {self.colour}"
