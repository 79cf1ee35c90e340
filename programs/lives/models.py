"""The life of a component project: each step from one state to the next, with its reason."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from pmo.owned import ProgramOwned
from pmo.warrants import Warrant
from programs.portfolio.models import Project


class ProjectMove(ProgramOwned):
    """A project was authorised, paused, resumed, completed, cancelled or reopened. Append-only.

    The row is the deed: the database sets the project's state from it, and nothing else does.
    """

    project = models.ForeignKey(Project, models.PROTECT, related_name="moves")
    was = models.CharField(max_length=12, choices=Project.State.choices)
    became = models.CharField(max_length=12, choices=Project.State.choices)
    reason = models.CharField(max_length=1000)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")
    by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="programs_projectmove_reason", condition=Q(reason__regex=r"\S") & ~Q(was=F("became"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id}: {self.was} to {self.became}"
