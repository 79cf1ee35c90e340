"""What a project manager says about a period, in words, beside the figures."""

from __future__ import annotations

import pghistory
from django.db import models

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project


@pghistory.track()
class Narrative(ProgramOwned, Versioned):
    """One project's words for one status date: achieved, next, help needed."""

    project = models.ForeignKey(Project, models.PROTECT, related_name="narratives")
    as_of = models.DateField()
    achieved = models.TextField(blank=True)
    planned_next = models.TextField(blank=True)
    help_needed = models.TextField(blank=True)
    author = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "as_of"], name="programs_narrative_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.as_of}"
