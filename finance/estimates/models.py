"""Bottom-up cost estimates, and the rates by which labour is estimated."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from finance.structure.choices import SPENDABLE
from finance.structure.models import PERIOD_CODE, Nature
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project
from programs.resources.models import Resource


@pghistory.track()
class RateCard(ProgramOwned):
    """What an hour of a resource costs from a day on (minor units); before the first, what the resource says."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    resource = models.ForeignKey(Resource, models.PROTECT, related_name="rate_cards")
    from_day = models.DateField()
    cost_per_hour = models.DecimalField(max_digits=18, decimal_places=4)
    note = models.CharField(max_length=200, blank=True, default="")
    entered_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "resource", "from_day"], name="finance_ratecard_once"),
            models.CheckConstraint(
                name="finance_ratecard_amount", condition=Q(cost_per_hour__gte=0, cost_per_hour__lte=10**12)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.resource_id} from {self.from_day}"


@pghistory.track()
class Estimate(ProgramOwned, Versioned):
    """One version of a project's cost estimate: how mature it is, what it rests on, what it assumes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ISSUED = "issued", "Issued"

    class Maturity(models.IntegerChoices):
        """Classes as AACE International counts them: 5 is the roughest."""

        FIVE = 5, "Class 5, order of magnitude"
        FOUR = 4, "Class 4, feasibility"
        THREE = 3, "Class 3, budget authorisation"
        TWO = 2, "Class 2, control or tender"
        ONE = 1, "Class 1, check estimate"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, related_name="estimates")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its project.")
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    maturity = models.PositiveSmallIntegerField(choices=Maturity.choices)
    as_of = models.DateField(help_text="The day whose knowledge and prices it states.")
    basis = models.TextField(max_length=8000)
    assumptions = models.TextField(max_length=8000, blank=True, default="")
    labour_nature = models.CharField(max_length=10, choices=Nature.choices, default=Nature.OPERATING)
    labour_low_percent = models.PositiveSmallIntegerField(default=90)
    labour_high_percent = models.PositiveSmallIntegerField(default=120)
    labour_at = models.DateTimeField(
        null=True, blank=True, help_text="When labour was computed from the plan."
    )
    plan_version = models.PositiveBigIntegerField(null=True, blank=True)
    made_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    issued_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "number"], name="finance_estimate_number_once"
            ),
            models.UniqueConstraint(
                fields=["program", "project"], condition=Q(state="draft"), name="finance_estimate_one_draft"
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_estimate_in_program"),
            models.CheckConstraint(
                name="finance_estimate_maturity", condition=Q(maturity__gte=1, maturity__lte=5)
            ),
            models.CheckConstraint(
                name="finance_estimate_issue", condition=Q(state="draft") | Q(issued_at__isnull=False)
            ),
            models.CheckConstraint(
                name="finance_estimate_range",
                condition=Q(
                    labour_low_percent__lte=100, labour_high_percent__gte=100, labour_high_percent__lte=1000
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} E{self.number}"


@pghistory.track()
class EstimateLine(ProgramOwned, Versioned):
    """A cost in a month with its three points (minor units): typed, or labour of a resource computed from the plan."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    estimate = models.ForeignKey(Estimate, models.PROTECT, related_name="lines")
    category = models.CharField(max_length=20, choices=SPENDABLE)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    period = models.CharField(max_length=7, validators=[PERIOD_CODE])
    text = models.CharField(max_length=200)
    basis = models.CharField(max_length=400, blank=True, default="")
    low_minor = models.BigIntegerField()
    likely_minor = models.BigIntegerField()
    high_minor = models.BigIntegerField()
    resource = models.ForeignKey(Resource, models.PROTECT, null=True, blank=True, related_name="+")
    hours = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["estimate", "resource", "period"], name="finance_estimateline_labour_once"
            ),
            models.CheckConstraint(
                name="finance_estimateline_points",
                condition=Q(
                    low_minor__gte=0,
                    likely_minor__gte=F("low_minor"),
                    high_minor__gte=F("likely_minor"),
                    high_minor__lte=LIMIT,
                ),
            ),
            models.CheckConstraint(
                name="finance_estimateline_period", condition=Q(period__regex=r"^[0-9]{4}-(0[1-9]|1[0-2])$")
            ),
            models.CheckConstraint(
                name="finance_estimateline_category", condition=Q(category__in=[one[0] for one in SPENDABLE])
            ),
            models.CheckConstraint(name="finance_estimateline_nature", condition=Q(nature__in=Nature.values)),
            models.CheckConstraint(
                name="finance_estimateline_labour",
                condition=Q(resource=None, hours=None)
                | Q(resource__isnull=False, hours__isnull=False, category="labour"),
            ),
        ]

    def __str__(self) -> str:
        return self.text
