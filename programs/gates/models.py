"""Stage gates: where a project shows what it has, somebody looks at it, and a body lets it go on, or not."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import CODE, Project
from programs.schedule.models import Activity


class Outcome(models.TextChoices):
    """What a body can say about a gate."""

    PROCEED = "proceed", "Proceed"
    CONDITIONS = "proceed_with_conditions", "Proceed with conditions"
    REWORK = "rework", "Rework"
    STOP = "stop", "Stop"


@pghistory.track()
class Gate(ProgramOwned, Versioned):
    """One gate of a project, in its order. `asked` is the outcome that was put forward, `outcome` the one last decided.

    `revision` counts what was changed in criteria and evidence: an opinion names the one it is about. A gate that has
    passed or is stopped never changes again (the database sees to it).
    """

    class State(models.TextChoices):
        OPEN = "open", "In preparation"
        SUBMITTED = "submitted", "Put forward"
        PASSED = "passed", "Passed"
        STOPPED = "stopped", "Stopped"

    project = models.ForeignKey(Project, models.PROTECT, related_name="gates")
    position = models.PositiveSmallIntegerField(help_text="Its place among the gates of the project.")
    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, blank=True, related_name="gates")
    due_on = models.DateField(help_text="The day by which it is to be passed.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    revision = models.PositiveIntegerField(default=1)
    asked = models.CharField(max_length=24, choices=Outcome.choices, blank=True, default="")
    conditions = models.TextField(blank=True, default="")
    submitted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=24, choices=Outcome.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "code"], name="programs_gate_code_once"),
            models.UniqueConstraint(fields=["project", "position"], name="programs_gate_position_once"),
            models.UniqueConstraint(fields=["program", "id"], name="programs_gate_in_program"),
            models.CheckConstraint(name="programs_gate_position", condition=Q(position__lte=99)),
            models.CheckConstraint(
                name="programs_gate_asked",
                condition=Q(state="open", asked="", conditions="", submitted_by=None, submitted_at=None)
                | (~Q(state="open") & Q(asked__in=Outcome.values, submitted_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="programs_gate_conditions",
                condition=~Q(asked="proceed_with_conditions") | ~Q(conditions=""),
            ),
            models.CheckConstraint(
                name="programs_gate_decided",
                condition=Q(
                    state="passed",
                    outcome__in=["proceed", "proceed_with_conditions"],
                    warrant__isnull=False,
                    decided_at__isnull=False,
                )
                | Q(state="stopped", outcome="stop", warrant__isnull=False, decided_at__isnull=False)
                | Q(state__in=["open", "submitted"], outcome="", warrant=None, decided_at=None)
                | Q(
                    state__in=["open", "submitted"],
                    outcome="rework",
                    warrant__isnull=False,
                    decided_at__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track()
class GateCriterion(ProgramOwned, Versioned):
    """What must be true for the gate, and the evidence that it is; who said so, and when."""

    class State(models.TextChoices):
        OPEN = "open", "Not shown yet"
        MET = "met", "Met"
        NOT_MET = "not_met", "Not met"
        NOT_APPLICABLE = "not_applicable", "Not applicable"

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="criteria")
    position = models.PositiveSmallIntegerField(default=1)
    text = models.CharField(max_length=500)
    mandatory = models.BooleanField(default=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.OPEN)
    evidence = models.TextField(blank=True, default="")
    link = models.URLField(max_length=500, blank=True, default="")
    assessed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    assessed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_gatecriterion_in_program"),
            models.CheckConstraint(name="programs_gatecriterion_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="programs_gatecriterion_assessed",
                condition=Q(state="open", assessed_by=None, assessed_at=None)
                | (~Q(state="open") & Q(assessed_by__isnull=False, assessed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="programs_gatecriterion_evidence",
                condition=~Q(state__in=["met", "not_applicable"]) | ~Q(evidence="") | ~Q(link=""),
            ),
            models.CheckConstraint(
                name="programs_gatecriterion_link", condition=Q(link="") | Q(link__regex="^https?://")
            ),
        ]
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text[:80]


@pghistory.track()
class GateReviewer(ProgramOwned):
    """Somebody who looks at the gate and did not assess any of its criteria."""

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="reviewers")
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gate", "person"], name="programs_gatereviewer_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.gate_id}"


class GateOpinion(ProgramOwned):
    """What a reviewer said about one revision of a gate. Append-only: another opinion is another row."""

    class Opinion(models.TextChoices):
        READY = "ready", "Ready"
        REMARKS = "remarks", "Ready, with remarks"
        NOT_READY = "not_ready", "Not ready"

    gate = models.ForeignKey(Gate, models.PROTECT, related_name="opinions", db_constraint=False)
    person = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    revision = models.PositiveIntegerField()
    opinion = models.CharField(max_length=10, choices=Opinion.choices)
    remarks = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="programs_gateopinion_says_why", condition=Q(opinion="ready") | ~Q(remarks="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.opinion}"
