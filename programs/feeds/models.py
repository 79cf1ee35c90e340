"""Addresses under which a calendar program reads a program's milestones."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.owned import ProgramOwned


@pghistory.track(exclude=["digest"])
class CalendarFeed(ProgramOwned):
    """One private address of one person, kept only as a hash. It shows what that person may see at each request."""

    user = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    name = models.CharField(max_length=80, help_text="Which calendar reads it.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the address's secret.")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="programs_calendarfeed_once"),
            models.CheckConstraint(
                name="programs_calendarfeed_end",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("made_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.name
