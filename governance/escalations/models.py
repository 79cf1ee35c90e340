"""Escalations: a question that a project cannot answer itself, put to a body by a day, and the ladder it climbs."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from governance.bodies.models import Body
from governance.meetings.models import Meeting
from pmo.owned import ProgramOwned, Versioned
from programs.changes.models import ChangeRequest
from programs.raid.issue_models import Issue
from programs.raid.models import Risk


@pghistory.track()
class LadderStep(ProgramOwned, Versioned):
    """One rung: who is asked, and after how many calendar days without an answer the next one is."""

    position = models.PositiveSmallIntegerField(help_text="1 is asked first.")
    body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    days = models.PositiveSmallIntegerField(help_text="Calendar days to answer before it goes one up.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "position"], name="governance_ladder_position_once"),
            models.UniqueConstraint(fields=["program", "body"], name="governance_ladder_body_once"),
            models.CheckConstraint(name="governance_ladder_days", condition=Q(days__gte=1, days__lte=365)),
        ]
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position}: {self.body_id}"


@pghistory.track()
class Escalation(ProgramOwned, Versioned):
    """What is asked of which body, from where, needed by when; answered, returned or taken back."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        ANSWERED = "answered", "Answered"
        RETURNED = "returned", "Returned"
        WITHDRAWN = "withdrawn", "Taken back"

    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    question = models.TextField(help_text="What the body is asked to say or do.")
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, blank=True, related_name="escalations")
    change_request = models.ForeignKey(
        ChangeRequest, models.PROTECT, null=True, blank=True, related_name="escalations"
    )
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, blank=True, related_name="escalations")
    body = models.ForeignKey(Body, models.PROTECT, related_name="escalations", help_text="Who is asked now.")
    needed_by = models.DateField(help_text="The day by which this body is to answer.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    raised_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    answer = models.TextField(blank=True, default="")
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    answered_in = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="escalations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="governance_escalation_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="governance_escalation_in_program"),
            models.CheckConstraint(
                name="governance_escalation_one_origin",
                condition=Q(risk=None, change_request=None)
                | Q(risk=None, issue=None)
                | Q(change_request=None, issue=None),
            ),
            models.CheckConstraint(
                name="governance_escalation_closed",
                condition=Q(state="open", closed_at=None, answer="", answered_in=None)
                | (~Q(state="open") & Q(closed_at__isnull=False) & ~Q(answer="")),
            ),
        ]
        indexes = [models.Index(fields=["program", "state", "needed_by"], name="governance_escalation_due")]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"E-{self.number}"


class EscalationMove(ProgramOwned):
    """One step of an escalation up the ladder, or back to whoever raised it. Append-only."""

    escalation = models.ForeignKey(Escalation, models.PROTECT, related_name="moves")
    from_body = models.ForeignKey(Body, models.PROTECT, null=True, related_name="+")
    to_body = models.ForeignKey(Body, models.PROTECT, related_name="+")
    needed_by = models.DateField()
    why = models.CharField(max_length=400)
    by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="governance_escalationmove_moves",
                condition=Q(from_body=None) | ~Q(from_body=F("to_body")),
            ),
        ]
        indexes = [models.Index(fields=["escalation", "id"], name="governance_move_of")]

    def __str__(self) -> str:
        return f"{self.escalation_id} to {self.to_body_id}"
