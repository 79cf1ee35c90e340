"""The accounting policy under which a project's cost is capital or expense, with its evidence; written once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned
from programs.portfolio.models import Project
from programs.schedule.models import Activity


class CapitalisationPolicy(ProgramOwned):
    """Which standard holds for a project from a day on, and what was shown of it by then. The newest says it all."""

    class Standard(models.TextChoices):
        ASC_350_40 = "asc350_40_stages", "ASC 350-40 (stages)"
        ASU_2025_06 = "asu_2025_06", "ASU 2025-06"
        IAS_38 = "ias_38", "IAS 38"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, related_name="+", db_constraint=False)
    standard = models.CharField(max_length=20, choices=Standard.choices)
    from_day = models.DateField()
    development_from = models.DateField(null=True, blank=True)
    ready_on = models.DateField(null=True, blank=True)
    funding_authorised_on = models.DateField(null=True, blank=True)
    completion_probable_on = models.DateField(null=True, blank=True)
    uncertain = models.BooleanField(default=False)
    uncertainty_resolved_on = models.DateField(null=True, blank=True)
    criteria = models.JSONField(default=dict, blank=True, help_text="Criterion of IAS 38.57 -> day shown.")
    evidence = models.TextField(help_text="Where it can be read: minutes, charter, test report.")
    author = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_capitalisationpolicy_standard",
                condition=Q(standard__in=["asc350_40_stages", "asu_2025_06", "ias_38"]),
            ),
            models.CheckConstraint(
                name="finance_capitalisationpolicy_days",
                condition=Q(ready_on=None)
                | Q(development_from=None)
                | Q(ready_on__gte=models.F("development_from")),
            ),
        ]
        indexes = [models.Index(fields=["program", "project", "-id"], name="finance_capitalisation_newest")]

    def __str__(self) -> str:
        return f"{self.project_id} {self.standard} from {self.from_day}"


class CapitalisationMark(ProgramOwned):
    """What the cost of an activity, and of all below it, is: its stage and kind; empty where the days say it."""

    class Stage(models.TextChoices):
        PRELIMINARY = "preliminary", "Preliminary (research)"
        DEVELOPMENT = "development", "Development"
        POST = "post_implementation", "After ready for use"

    class CostKind(models.TextChoices):
        EXTERNAL_DIRECT = "external_direct", "External direct cost"
        PAYROLL = "payroll", "Payroll of those who build it"
        TRAINING = "training", "Training"
        DATA_CONVERSION = "data_conversion", "Data conversion"
        OVERHEAD = "overhead", "Overhead"
        MAINTENANCE = "maintenance", "Maintenance"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="+", db_constraint=False)
    stage = models.CharField(max_length=20, choices=Stage.choices, blank=True, default="")
    cost_kind = models.CharField(max_length=20, choices=CostKind.choices, blank=True, default="")
    reason = models.CharField(max_length=400)
    author = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_capitalisationmark_stage",
                condition=Q(stage__in=["", "preliminary", "development", "post_implementation"]),
            ),
            models.CheckConstraint(
                name="finance_capitalisationmark_kind",
                condition=Q(
                    cost_kind__in=[
                        "",
                        "external_direct",
                        "payroll",
                        "training",
                        "data_conversion",
                        "overhead",
                        "maintenance",
                    ]
                ),
            ),
        ]
        indexes = [models.Index(fields=["program", "activity", "-id"], name="finance_capitalisation_mark")]

    def __str__(self) -> str:
        return f"{self.activity_id} {self.stage} {self.cost_kind}"
