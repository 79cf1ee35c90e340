"""Any report: its run with progress, its files, and who gets it when."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from pmo.owned import ProgramOwned, Versioned
from pmo.zones import validate_zone


class ReportRun(ProgramOwned):
    """One building of one report, as of a status date, on figures known at an instant; kept with its input version."""

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    kind = models.CharField(max_length=24)
    about = models.CharField(
        max_length=60,
        blank=True,
        default="",
        help_text="What it is about besides the program, such as meeting:7.",
    )
    as_of = models.DateTimeField()
    known = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    step = models.CharField(max_length=80, blank=True, default="")
    percent = models.PositiveSmallIntegerField(default=0)
    inputs_version = models.CharField(max_length=80, blank=True, default="")
    figures = models.JSONField(default=dict)
    asked = models.JSONField(
        default=dict,
        db_default={},
        help_text="Of a register: its filters, format, and the page it was asked on.",
    )
    wants_mail = models.BooleanField(default=False, db_default=False)
    error = models.CharField(max_length=300, blank=True, default="")
    requested_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="pmo_reportrun_in_program"),
            models.CheckConstraint(name="pmo_reportrun_percent", condition=Q(percent__lte=100)),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="pmo_reportrun_latest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Artefact(ProgramOwned):
    """A file of a run, in the database with it: seen by the same people, never half-written."""

    class Format(models.TextChoices):
        PDF = "pdf", "PDF"
        XLSX = "xlsx", "Excel"
        CSV = "csv", "CSV"

    run = models.ForeignKey(ReportRun, models.PROTECT, related_name="artefacts")
    format = models.CharField(max_length=4, choices=Format.choices)
    name = models.CharField(max_length=120)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "format"], name="pmo_artefact_once"),
            models.UniqueConstraint(fields=["program", "id"], name="pmo_artefact_in_program"),
        ]

    def __str__(self) -> str:
        return self.name


class ArtefactPart(ProgramOwned):
    """A piece of a file that is too long for one value; such files are kept for some days only."""

    artefact = models.ForeignKey(Artefact, models.PROTECT, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artefact", "number"], name="pmo_artefactpart_once")]

    def __str__(self) -> str:
        return f"{self.artefact_id}: {self.number}"


class Subscription(ProgramOwned, Versioned):
    """Who gets which report when, at a wall-clock time in a zone of their own."""

    class Every(models.TextChoices):
        DAY = "day", "Every day"
        WEEKDAY = "weekday", "Every working day"
        WEEK = "week", "Every week"
        MONTH = "month", "Every month"

    recipient = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=24)
    every = models.CharField(max_length=8, choices=Every.choices, default=Every.WEEK)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="0 is Monday; used with every week.")
    monthday = models.PositiveSmallIntegerField(
        default=1, help_text="Used with every month; 31 means the last day."
    )
    at_time = models.CharField(
        max_length=5, default="07:30", validators=[RegexValidator(r"^([01]\d|2[0-3]):[0-5]\d$")]
    )
    time_zone = models.CharField(max_length=64, validators=[validate_zone])
    active = models.BooleanField(default=True)
    next_run_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "recipient", "kind"], name="pmo_subscription_once"),
            models.UniqueConstraint(fields=["program", "id"], name="pmo_subscription_in_program"),
            models.CheckConstraint(
                name="pmo_subscription_days", condition=Q(weekday__lte=6, monthday__gte=1, monthday__lte=31)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"


class Occurrence(ProgramOwned):
    """One due sending of a subscription: never skipped, never doubled."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="occurrences")
    due_at = models.DateTimeField()
    run = models.ForeignKey(ReportRun, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "due_at"], name="pmo_occurrence_once")]

    def __str__(self) -> str:
        return f"{self.subscription_id} {self.due_at}"
