"""What somebody did to the plan, batch by batch, so that it can be undone."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from pmo.owned import ProgramOwned


class PlanEdit(ProgramOwned):
    """One batch of edits of a person in a session, with every row of the plan before and after it.

    `rows` is a list of `[table, id, before, after]`: fields that changed, the whole row where it was made (before is
    null) or taken out (after is null). The rows' own history is kept by triggers; this serves undo and redo alone.
    """

    class State(models.TextChoices):
        DONE = "done", "Done"
        UNDONE = "undone", "Undone"
        DROPPED = "dropped", "Undone, and something else was done since"

    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    session = models.CharField(max_length=32)
    at = models.DateTimeField()
    words = models.CharField(max_length=200)
    rows = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DONE)

    class Meta:
        indexes = [
            models.Index(fields=["program", "by", "session", "-id"], name="programs_planedit_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.words}"


class PlanView(ProgramOwned):
    """What the plan's page shows, kept under a name: for its owner, or for everybody in the program."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=80)
    query = models.CharField(max_length=600, blank=True)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "owner", "name"], name="programs_planview_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
