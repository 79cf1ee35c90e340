"""Change requests: a deviation from the plan that is asked for, tried out on a copy, decided, and only then applied."""

from __future__ import annotations

import json
from typing import Any

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import CODE, Project
from programs.raid.models import Risk
from programs.risk_analysis.models import Asked, SimulationRun


@pghistory.track(exclude=["edits"])
class ChangeRequest(ProgramOwned, Versioned):
    """What is to change in the plan, and why. `edits` are what `programs.changes.edits` describes, in order."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        IN_REVIEW = "in_review", "In review"
        APPLIED = "applied", "Approved and applied"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    project = models.ForeignKey(Project, models.PROTECT, related_name="change_requests")
    code = models.CharField(max_length=30, validators=[CODE])
    title = models.CharField(max_length=200)
    reason = models.TextField()
    alternatives = models.TextField(blank=True)
    offered = models.TextField(blank=True, help_text="What the project offers in return.")
    tolerated_until = models.DateField(null=True, blank=True)
    risk = models.ForeignKey(Risk, models.PROTECT, null=True, blank=True, related_name="change_requests")
    edits = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    requester = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="programs_changerequest_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_changerequest_in_program"),
            models.CheckConstraint(
                name="programs_changerequest_applied_by_warrant",
                condition=~Q(state="applied") | Q(warrant__isnull=False, decided_at__isnull=False),
            ),
            models.CheckConstraint(
                name="programs_changerequest_submission",
                condition=Q(state__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="programs_changerequest_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ChangeRevision(ProgramOwned):
    """The exact bytes of one state of a request, edits included, and who wrote it."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="revisions", db_constraint=False)
    n = models.PositiveIntegerField()
    canonical = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    edited_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "n"], name="programs_changerevision_once")]

    def __str__(self) -> str:
        return f"{self.request_id} r{self.n}"


class ChangeImpact(ProgramOwned):
    """What one revision does to one version of the plan, in canonical bytes: what a ballot shows, a warrant names."""

    request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="impacts", db_constraint=False)
    n = models.PositiveIntegerField()
    plan_version = models.PositiveBigIntegerField()
    revision_sha256 = models.CharField(max_length=64)
    canonical = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    computed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "n"], name="programs_changeimpact_once")]

    def __str__(self) -> str:
        return f"{self.request_id} i{self.n}"

    @property
    def result(self) -> dict[str, Any]:
        """The figures, as `programs.changes.impact` writes them."""
        found: dict[str, Any] = json.loads(bytes(self.canonical))
        return found


class ChangeSimulation(Asked):
    """A simulation of what a request's edits do to how likely finish and cost are; its figures join the impact's.

    Of the impact it is about it keeps the digest: where the request was changed meanwhile, nothing is kept of it.
    """

    request = models.ForeignKey(
        ChangeRequest, models.PROTECT, related_name="simulations", db_constraint=False
    )
    impact_sha256 = models.CharField(max_length=64)
    stored = models.ForeignKey(
        SimulationRun, models.PROTECT, null=True, related_name="+", db_constraint=False,
        help_text="The run of the plan whose settings it has, and whose figures are those before.",
    )  # fmt: skip

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request"],
                condition=Q(state__in=["queued", "running"]),
                name="programs_changesimulation_one_at_a_time",
            ),
            models.CheckConstraint(
                name="programs_changesimulation_asked",
                condition=Q(percent__lte=100, iterations__gte=100, iterations__lte=100_000)
                & Q(low_percent__lte=100, high_percent__gte=100, high_percent__lte=1000),
            ),
        ]
        indexes = [models.Index(fields=["request", "-id"], name="programs_changesim_latest")]

    def __str__(self) -> str:
        return f"simulation {self.pk} of {self.request_id}"
