"""Actual cost that came in from elsewhere: the batch, its rows on trial, and the lines once accepted."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project
from programs.schedule.models import Activity


@pghistory.track()
class CostSource(ProgramOwned, Versioned):
    """Where files of cost come from, such as one ERP: its name, and how its files are written (`layout.Layout`)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    name = models.CharField(max_length=14, help_text="Stands before each reference: CODA, SAP.")
    layout = models.JSONField(default=dict)
    last_period = models.CharField(
        max_length=7,
        blank=True,
        default="",
        db_default="",
        help_text="2026-03: it ended with it. Empty: it goes on.",
    )
    end_why = models.CharField(
        max_length=400, blank=True, default="", db_default="", help_text="Why it ended, or goes on again."
    )
    edited_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "name"], name="finance_costsource_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_costsource_in_program"),
            models.CheckConstraint(
                name="finance_costsource_end_says_why",
                condition=Q(last_period="")
                | Q(last_period__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$", end_why__regex=r"\S"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def over_by(self, period: str) -> bool:
        """Whether it had ended before this period (a code, 2026-03) began."""
        return bool(self.last_period) and self.last_period < period


@pghistory.track(exclude=["problems", "step", "percent"])
class ActualBatch(ProgramOwned):
    """One file of actual cost: read (a dry run with control totals), then accepted or dropped.

    A larger one waits for a worker to be read, and to be entered; `step` and `percent` say how far that is.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Being read"
        REFUSED = "refused", "Could not be read"
        READ = "read", "Read, waiting for acceptance"
        ENTERING = "entering", "Being entered"
        ACCEPTED = "accepted", "Accepted"
        DROPPED = "dropped", "Dropped"

    class Source(models.TextChoices):
        FILE = "file", "Cost file"
        PLAN = "plan", "Plan import"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    source = models.CharField(max_length=6, choices=Source.choices, default=Source.FILE)
    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="sha256 of the content, in hex.")
    mapping = models.JSONField(default=dict, help_text="Our column -> the file's heading.")
    cost_source = models.ForeignKey(
        CostSource, models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    layout = models.JSONField(
        default=dict, help_text="How the file was read: the source's layout as it was then."
    )
    headings = models.JSONField(default=list, help_text="The file's own headings.")
    state = models.CharField(max_length=8, choices=State.choices, default=State.READ)
    totals = models.JSONField(default=dict, help_text="Control totals shown before acceptance.")
    problems = models.JSONField(default=list, help_text="The first row errors; all are in the staged rows.")
    step = models.CharField(max_length=80, blank=True, default="", db_default="")
    percent = models.PositiveSmallIntegerField(default=0, db_default=0)
    said = models.CharField(
        max_length=300, blank=True, default="", db_default="", help_text="Why a worker did not do it."
    )
    size = models.BigIntegerField(default=0, db_default=0, help_text="Bytes, where a worker reads it.")
    control_minor = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="The ERP's own total of the file, in minor units of the program's currency.",
    )
    late = models.BooleanField(
        default=False, db_default=False, help_text="Costs of closed periods are entered as adjustments."
    )
    uploaded_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()
    accepted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_batch_in_program"),
            models.CheckConstraint(
                name="finance_batch_acceptance", condition=~Q(state="accepted") | Q(accepted_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_batch_latest")]

    def __str__(self) -> str:
        return self.file_name


class UploadedPart(ProgramOwned):
    """A piece of a larger file that waits for a worker; removed once it is read or dropped."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    batch = models.ForeignKey(ActualBatch, models.CASCADE, related_name="parts", db_constraint=False)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="finance_uploadedpart_once")]

    def __str__(self) -> str:
        return f"part {self.number}"


class StagedActual(ProgramOwned):
    """A row on trial: as read, with what is wrong with it. Removed when its batch is accepted or dropped."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    # Held in its program by the composite key of its batch: a second check of a million rows costs seconds.
    program = models.ForeignKey("programs.Program", models.PROTECT, related_name="+", db_constraint=False)
    batch = models.ForeignKey(ActualBatch, models.CASCADE, related_name="staged", db_constraint=False)
    row = models.PositiveIntegerField(help_text="Line in the file; the heading is line 1.")
    source_reference = models.CharField(max_length=120, blank=True, default="")
    base = models.CharField(
        max_length=120,
        blank=True,
        default="",
        db_default="",
        help_text="The reference without its occurrence.",
    )
    cells = models.JSONField(null=True, help_text="The row's cells as they stand in the file.")
    project_code = models.CharField(max_length=60, blank=True, default="")
    activity_code = models.CharField(max_length=60, blank=True, default="")
    category = models.CharField(max_length=20, blank=True, default="")
    nature = models.CharField(max_length=10, blank=True, default="")
    effective = models.DateField(null=True)
    effective_at = models.DateTimeField(null=True)
    adjusts = models.CharField(max_length=7, blank=True, default="", db_default="")
    amount_exact = models.DecimalField(max_digits=22, decimal_places=4, null=True)
    amount_minor = models.BigIntegerField(null=True)
    source_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    source_minor = models.BigIntegerField(null=True)
    rate = models.DecimalField(max_digits=20, decimal_places=10, null=True)
    vendor = models.CharField(max_length=200, blank=True, default="")
    text = models.CharField(max_length=400, blank=True, default="")
    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+", db_constraint=False)
    activity = models.ForeignKey(Activity, models.PROTECT, null=True, related_name="+", db_constraint=False)
    problem = models.CharField(max_length=400, blank=True, default="")
    known = models.BooleanField(default=False, help_text="Posted before, by its source reference.")

    class Meta:
        indexes = [models.Index(fields=["batch", "row"], name="finance_staged_in_batch")]

    def __str__(self) -> str:
        return f"row {self.row}"


class ActualBatchSum(ProgramOwned):
    """What an accepted file entered in one period: the sums of its lines, for reconciliation. Append-only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    batch = models.ForeignKey(ActualBatch, models.PROTECT, related_name="sums", db_constraint=False)
    period = models.ForeignKey("finance.FiscalPeriod", models.PROTECT, related_name="+", db_constraint=False)
    adjusts = models.CharField(max_length=7, blank=True, default="")
    rows = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    rounding = models.DecimalField(
        max_digits=24, decimal_places=4, help_text="Exact less rounded amounts, in minor units."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "period", "adjusts"], name="finance_actualbatchsum_once"
            ),
        ]
        indexes = [models.Index(fields=["program", "period"], name="finance_batchsum_period")]

    def __str__(self) -> str:
        return f"{self.amount_minor}"


class LeftOutRow(ProgramOwned):
    """A row that somebody left out of its file, with the reason. Append-only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    batch = models.ForeignKey(ActualBatch, models.PROTECT, related_name="left_out", db_constraint=False)
    row = models.PositiveIntegerField()
    source_reference = models.CharField(max_length=120, blank=True, default="")
    cells = models.JSONField(null=True)
    problem = models.CharField(max_length=400, blank=True, default="")
    effective = models.DateField(null=True)
    amount_minor = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=400)
    left_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    left_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="finance_leftoutrow_once")]
        indexes = [models.Index(fields=["program", "effective"], name="finance_leftout_by_day")]

    def __str__(self) -> str:
        return f"row {self.row}"
