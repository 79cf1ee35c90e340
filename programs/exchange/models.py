"""Files that came in: what was read, what it would change, and whether somebody accepted it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned


@pghistory.track(exclude=["draft"])
class PlanImport(ProgramOwned):
    """One uploaded plan: read (a dry run), then accepted or dropped. The same content is accepted once."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        READ = "read", "Read, waiting for acceptance"
        REFUSED = "refused", "Refused"
        ACCEPTED = "accepted", "Accepted"
        DROPPED = "dropped", "Dropped"

    class Format(models.TextChoices):
        BUNDLE = "bundle", "CSV bundle"
        MSPDI = "mspdi", "MS Project XML"
        XER = "xer", "Primavera XER"
        PMXML = "pmxml", "Primavera P6 XML"

    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=8, choices=Format.choices)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    draft = models.JSONField(default=dict, help_text="The plan as read, neutral of its format.")
    problems = models.JSONField(default=list)
    totals = models.JSONField(default=dict, help_text="Control totals shown before acceptance.")
    changes = models.JSONField(default=dict, help_text="What acceptance would create, change and leave.")
    uploaded_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    accepted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_planimport_in_program"),
            models.CheckConstraint(
                name="programs_planimport_acceptance",
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
