"""What must leave or be done later, written in the same transaction as its cause."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from pmo.owned import ProgramOwned


class Outbox(ProgramOwned):
    """One intention: a mail to one person, or one piece of heavy work. The relay carries it out."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        HANDED = "handed", "With a worker"
        SENT = "sent", "Done"
        KEPT = "kept", "Kept here (no mail server set)"
        DEAD = "dead", "Given up"
        UNKNOWN = "unknown", "Unclear: a person must look"

    actor = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    handed = models.PositiveIntegerField(default=0, help_text="Times given to the broker.")
    holder = models.CharField(
        max_length=32, blank=True, default="", help_text="The run that works on it now."
    )
    attempts = models.PositiveSmallIntegerField(
        default=0, help_text="Times begun without a clean end, counted before the work."
    )
    ambiguous = models.PositiveSmallIntegerField(default=0)
    due = models.DateTimeField(db_default=Now())
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key"], name="pmo_outbox_key_once")]
        indexes = [
            models.Index(
                fields=["due", "id"],
                condition=models.Q(state__in=["pending", "handed"]),
                name="pmo_outbox_todo",
            ),
            models.Index(fields=["program", "-id"], name="pmo_outbox_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"
