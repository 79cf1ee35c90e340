"""What was found of a plan's health: a row for each day on which it was assessed, of the whole and of each project."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from pmo.owned import ProgramOwned
from programs.baselines.models import Baseline
from programs.portfolio.models import Project
from programs.schedule.models import Computation


class HealthAssessment(ProgramOwned):
    """The 14 points of one day: the last assessment of a day replaces the earlier ones of that day.

    `points`: in their order, `{check, numerator, denominator, limit, verdict, reason, offences}`; working minutes in
    points 12 and 13, counts elsewhere; `limit` is an exact fraction as text. `found`: by check, a list of
    `[activity, link, minutes]`, kept of the latest assessment only. Computed, never edited.
    """

    project = models.ForeignKey(Project, models.CASCADE, null=True, related_name="+")
    computation = models.ForeignKey(Computation, models.CASCADE, related_name="+")
    baseline = models.ForeignKey(Baseline, models.PROTECT, null=True, related_name="+")
    day = models.DateField()
    assessed_at = models.DateTimeField()
    plan_version = models.PositiveBigIntegerField()
    open_activities = models.PositiveIntegerField()
    links = models.PositiveIntegerField()
    failed = models.PositiveSmallIntegerField()
    applicable = models.PositiveSmallIntegerField()
    from_progress = models.BooleanField(
        default=False,
        help_text="Of a status date, assessed afterwards with its progress and the links of today.",
    )
    points = models.JSONField(default=list)
    found = models.JSONField(default=dict)
    repairs = models.JSONField(default=list)
    practices = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "day"],
                nulls_distinct=False,
                name="programs_health_once_a_day",
            ),
        ]
        ordering: ClassVar[list[str]] = ["-day", "id"]

    def __str__(self) -> str:
        return f"{self.program_id} {self.day}"
