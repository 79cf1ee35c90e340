"""The issue register: what is wrong now, who mends it by when, and what was done about it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q

from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project
from programs.raid.models import Risk
from programs.schedule.models import Activity


@pghistory.track()
class Issue(ProgramOwned, Versioned):
    """Something that is wrong now: found by somebody or by the office, worked on, resolved, and closed by another."""

    class Kind(models.TextChoices):
        SCHEDULE = "schedule", "Schedule"
        COST = "cost", "Cost"
        SCOPE = "scope", "Scope"
        QUALITY = "quality", "Quality"
        PEOPLE = "people", "People and capacity"
        SUPPLIER = "supplier", "Supplier"
        POLICY = "policy", "Policy"
        OTHER = "other", "Other"

    class Priority(models.IntegerChoices):
        CRITICAL = 1, "Critical"
        HIGH = 2, "High"
        MEDIUM = 3, "Medium"
        LOW = 4, "Low"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        WORKING = "working", "Being worked on"
        RESOLVED = "resolved", "Resolved"
        CLOSED = "closed", "Closed"

    class Source(models.TextChoices):
        PERSON = "person", "Entered by a person"
        RISK = "risk", "A risk that occurred"
        VARIANCE = "variance", "A variance beyond its limit"
        POLICY = "policy", "A finding of the budget policy"

    code = models.CharField(max_length=30, help_text="Given by the office: I-1, I-2, ...")
    title = models.CharField(max_length=200)
    description = models.TextField(blank=True, default="")
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="issues")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OTHER)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.MEDIUM)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.PERSON)
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, blank=True, related_name="issues")
    owner = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    raised_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    raised_at = models.DateTimeField()
    resolution = models.TextField(blank=True, default="")
    resolved_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_issue_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_issue_in_program"),
            models.UniqueConstraint(fields=["risk"], name="programs_issue_of_risk_once"),
            models.CheckConstraint(
                name="programs_issue_priority", condition=Q(priority__gte=1, priority__lte=4)
            ),
            models.CheckConstraint(
                name="programs_issue_source",
                condition=Q(source="risk", risk__isnull=False)
                | (Q(source__in=["person", "variance", "policy"]) & Q(risk=None)),
            ),
            models.CheckConstraint(
                name="programs_issue_resolution",
                condition=Q(state__in=["open", "working"], resolution="", resolved_at=None, resolved_by=None)
                | (Q(state__in=["resolved", "closed"], resolved_at__isnull=False) & ~Q(resolution="")),
            ),
            models.CheckConstraint(
                name="programs_issue_closing",
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None, closed_by=None)),
            ),
            models.CheckConstraint(
                name="programs_issue_four_eyes",
                condition=Q(closed_by=None) | Q(resolved_by=None) | ~Q(closed_by=F("resolved_by")),
            ),
        ]
        indexes = [models.Index(fields=["program", "state", "due_on"], name="programs_issue_due")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def going(self) -> bool:
        """Is there still something to do?"""
        return self.state in UNSOLVED


UNSOLVED = (Issue.State.OPEN, Issue.State.WORKING)


@pghistory.track()
class IssueActivity(ProgramOwned):
    """An activity of the plan that an issue is about."""

    issue = models.ForeignKey(Issue, models.CASCADE, related_name="about")
    activity = models.ForeignKey(Activity, models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issue", "activity"], name="programs_issueactivity_once")
        ]

    def __str__(self) -> str:
        return f"{self.issue_id} {self.activity_id}"


class IssueNote(ProgramOwned):
    """What was said or found about an issue since it was raised. Append-only; without a person: by the office."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="notes")
    text = models.TextField()
    by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["issue", "id"], name="programs_issuenote_of")]

    def __str__(self) -> str:
        return f"{self.issue_id}: {self.text[:40]}"
