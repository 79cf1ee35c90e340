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


class StatusUpdate(ProgramOwned):
    """Somebody set a new status date: for one project, or (none named) for every open one.

    Written once with what stood before, so that it can be taken back as one act; then it only takes who took it back,
    when and why.
    """

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(help_text="The status date.")
    remark = models.CharField(max_length=1000)
    by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    periods = models.JSONField(
        help_text="[project, its new status period, its status date before or null] each."
    )
    former_at = models.DateTimeField(null=True, help_text="The program's status date before.")
    facts = models.JSONField(
        default=dict, help_text="Activity -> progress before (as a plan edit keeps it), where there was any."
    )
    unstarted = models.PositiveIntegerField(
        help_text="Activities due to start by then that had no actual start."
    )
    unfinished = models.PositiveIntegerField(
        help_text="Activities due to finish by then that had no actual finish."
    )
    moved = models.PositiveIntegerField(
        null=True, help_text="Activities with new dates; none: a worker computes."
    )
    finish_before = models.DateTimeField(null=True)
    finish_after = models.DateTimeField(null=True)
    taken_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    taken_why = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_statusupdate_remark", condition=models.Q(remark__regex=r"\S")
            ),
            models.CheckConstraint(
                name="programs_statusupdate_taken",
                condition=models.Q(taken_by=None, taken_at=None, taken_why="")
                | models.Q(taken_by__isnull=False, taken_at__isnull=False, taken_why__regex=r"\S"),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="programs_statusupdate_latest")]

    def __str__(self) -> str:
        return f"{self.project_id or 'all'} {self.at:%Y-%m-%d}"
