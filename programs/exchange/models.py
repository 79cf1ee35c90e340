"""Files that came in: what was read, what it would change, whether somebody accepted it, and what that did."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned


@pghistory.track()
class PlanSource(ProgramOwned, Versioned):
    """Where plan tables come from, and how they are written (`sheet_layout.SheetLayout`)."""

    view_permission: ClassVar[Permission] = Permission.IMPORT

    name = models.CharField(max_length=40)
    layout = models.JSONField(default=dict)
    edited_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    edited_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "program", models.functions.Upper("name"), name="programs_plansource_name_once"
            ),
            models.CheckConstraint(name="programs_plansource_named", condition=~Q(name="")),
            models.UniqueConstraint(fields=["program", "id"], name="programs_plansource_in_program"),
        ]

    def __str__(self) -> str:
        return self.name


@pghistory.track(exclude=["draft"])
class PlanImport(ProgramOwned):
    """One uploaded plan: read (a dry run), then accepted or dropped; what was accepted may be undone, once.

    The same content is accepted once, and again after it was undone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting to be read"
        READ = "read", "Read, waiting for acceptance"
        REFUSED = "refused", "Refused"
        ACCEPTED = "accepted", "Accepted"
        DROPPED = "dropped", "Dropped"
        UNDONE = "undone", "Accepted and undone"

    class Format(models.TextChoices):
        BUNDLE = "bundle", "CSV bundle"
        MSPDI = "mspdi", "MS Project XML"
        XER = "xer", "Primavera XER"
        PMXML = "pmxml", "Primavera P6 XML"
        GAN = "gan", "GanttProject"
        SHEET = "sheet", "Table (CSV, XLSX)"

    file_name = models.CharField(max_length=200)
    source_name = models.CharField(
        max_length=40, blank=True, default="", help_text="Of a table: by which source's columns it was read."
    )
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
    undone_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_why = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="programs_planimport_in_program"),
            models.CheckConstraint(
                name="programs_planimport_acceptance",
                condition=~Q(state="accepted") | Q(accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="programs_planimport_undone",
                condition=~Q(state="undone") & Q(undone_at__isnull=True, undone_why="")
                | Q(state="undone", undone_at__isnull=False, accepted_at__isnull=False) & ~Q(undone_why=""),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportEffect(ProgramOwned):
    """What accepting an import did, row by row, so that it can be undone. Written once, with the acceptance.

    `created`: table -> ids of its rows that the import made; the database lets nobody delete other rows of those
    tables that are otherwise never deleted. `kept`: kind -> `{"fields": [...], "created": [[id, values...], ...],
    "changed": [[id, {field: [before, after]}], ...]}`, values as Postgres writes them in JSON, decimals as text.
    `taken`: kind -> `{"fields": [...], "rows": [[id, values...], ...]}` of rows that left the plan with it.
    `former_baseline`: id of the baseline that was the current one until the file's became it.
    """

    plan_import = models.OneToOneField(PlanImport, models.PROTECT, related_name="effect")
    created = models.JSONField(default=dict)
    kept = models.JSONField(default=dict)
    taken = models.JSONField(default=dict)
    former_baseline = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"of import {self.plan_import_id}"
