"""What contributes to which benefit: projects and deliverables, so that taking one away says what is lost."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned
from programs.deliverables.models import Deliverable
from programs.portfolio.models import Objective, Project


@pghistory.track()
class Contribution(ProgramOwned):
    """A project, or one of its deliverables, contributes to a benefit, and how."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="contributions")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="contributions")
    deliverable = models.ForeignKey(
        Deliverable, models.PROTECT, null=True, blank=True, related_name="contributions"
    )
    how = models.CharField(max_length=400)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="programs_contribution_of_one",
                condition=Q(project__isnull=True, deliverable__isnull=False)
                | Q(project__isnull=False, deliverable__isnull=True),
            ),
            models.CheckConstraint(name="programs_contribution_how", condition=Q(how__regex=r"\S")),
            models.UniqueConstraint(
                fields=["objective", "project"], name="programs_contribution_project_once"
            ),
            models.UniqueConstraint(
                fields=["objective", "deliverable"], name="programs_contribution_deliverable_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable_id or self.project_id} to {self.objective_id}"
