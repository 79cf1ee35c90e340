"""Forecasts: what a project's owners expect the rest to cost, by line and period; frozen when submitted."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import Project


@pghistory.track()
class Forecast(ProgramOwned, Versioned):
    """A project's estimate to complete as of the end of a fiscal period. A submitted one never changes."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its project.")
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    note = models.TextField(blank=True, default="")
    rate = models.DecimalField(
        max_digits=12, decimal_places=6, default=1, help_text="AC / EV at the latest status date by then."
    )
    slipped = models.DecimalField(
        max_digits=7,
        decimal_places=6,
        default=0,
        help_text="Share of the plan to date that is not earned: 1 - SPI.",
    )
    computed_at = models.DateTimeField()
    actual_minor = models.BigIntegerField(default=0)
    etc_minor = models.BigIntegerField(default=0)
    budget_minor = models.BigIntegerField(default=0)
    submitted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="finance_forecast_number_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state="draft"), name="finance_forecast_one_draft"
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_forecast_in_program"),
            models.CheckConstraint(
                name="finance_forecast_submission",
                condition=Q(state="draft") | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_forecast_rate", condition=Q(rate__gt=0, slipped__gte=0, slipped__lte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} forecast {self.number}"

    @property
    def eac_minor(self) -> int:
        """Estimate at completion: spent and accrued plus what is still expected."""
        return self.actual_minor + self.etc_minor


@pghistory.track()
class ForecastLine(ProgramOwned):
    """A cost line of a forecast and the way its rest is estimated."""

    class Method(models.TextChoices):
        MANUAL = "manual", "Written"
        PLAN = "plan", "Remaining plan × rate"
        TREND = "trend", "Trend of three periods"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="lines")
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    method = models.CharField(max_length=6, choices=Method.choices, default=Method.PLAN)
    actual_minor = models.BigIntegerField(default=0)
    budget_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["forecast", "category", "nature"], name="finance_forecastline_once"
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_forecastline_in_program"),
            models.CheckConstraint(
                name="finance_forecastline_category",
                condition=~Q(category__in=["contingency", "management_reserve"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.nature}"


class ForecastCell(ProgramOwned):
    """What a line is expected to cost in a period to come."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    line = models.ForeignKey(ForecastLine, models.CASCADE, related_name="cells")
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "period"], name="finance_forecastcell_once"),
            models.CheckConstraint(
                name="finance_forecastcell_amount",
                condition=Q(amount_minor__gte=0, amount_minor__lte=LIMIT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.period_id}: {self.amount_minor}"
