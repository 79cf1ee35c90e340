"""Planned draws on the reserves, and what was expected of contingency at a moment, kept as it was then."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from finance.structure.models import PERIOD_CODE, RESERVES, Category
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned

RESERVE_CHOICES = [one for one in Category.choices if one[0] in RESERVES]
MONTH = r"^[0-9]{4}-(0[1-9]|1[0-2])$"


class PlannedDraw(ProgramOwned):
    """What somebody plans to draw from a reserve in a month, and why; minor units, zero: nothing any more.

    Each setting is a row, numbered by `n` for its reserve and month, and stays: the newest holds.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    category = models.CharField(max_length=20, choices=RESERVE_CHOICES)
    month = models.CharField(max_length=7, validators=[PERIOD_CODE], help_text="Like 2026-11.")
    n = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=400)
    set_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "category", "month", "n"], name="finance_planneddraw_once"
            ),
            models.CheckConstraint(
                name="finance_planneddraw_reserve", condition=Q(category__in=sorted(RESERVES))
            ),
            models.CheckConstraint(name="finance_planneddraw_month", condition=Q(month__regex=MONTH)),
            models.CheckConstraint(
                name="finance_planneddraw_amount", condition=Q(amount_minor__gte=0, amount_minor__lte=LIMIT)
            ),
            models.CheckConstraint(name="finance_planneddraw_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.month}"


class ReserveOutlook(ProgramOwned):
    """What was expected of the reserves at a moment, as the register and the planned draws said then. Never changes.

    Amounts are minor units. Kept by the office at the start of each month and at each status date, and by people.
    """

    class Occasion(models.TextChoices):
        MONTH = "month", "Start of the month"
        STATUS = "status", "Status date"
        PERSON = "person", "Kept by hand"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its program.")
    occasion = models.CharField(max_length=6, choices=Occasion.choices)
    month = models.CharField(max_length=7, help_text="In which it was kept, on the program's clock.")
    status_at = models.DateTimeField(null=True, help_text="The status date that it was kept for.")
    note = models.CharField(max_length=400, blank=True, default="")
    risks = models.PositiveIntegerField(help_text="Open risks with money.")
    undated = models.PositiveIntegerField(help_text="Of these, without a day.")
    gross_minor = models.BigIntegerField(help_text="If each open risk occurred.")
    left_minor = models.BigIntegerField(help_text="Contingency that stood there.")
    expected_minor = models.BigIntegerField(help_text="Exposure by probability of the open risks.")
    planned_minor = models.BigIntegerField(help_text="Planned draws on contingency from then on.")
    reserve_left_minor = models.BigIntegerField(help_text="Management reserve that stood there.")
    reserve_planned_minor = models.BigIntegerField(help_text="Planned draws on it from then on.")
    kept_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="finance_outlook_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_outlook_in_program"),
            models.UniqueConstraint(
                fields=["program", "month"],
                condition=Q(occasion="month"),
                name="finance_outlook_month_once",
            ),
            models.UniqueConstraint(
                fields=["program", "status_at"],
                condition=Q(occasion="status"),
                name="finance_outlook_status_once",
            ),
            models.CheckConstraint(
                name="finance_outlook_occasion",
                condition=Q(occasion="month", status_at=None, kept_by=None)
                | Q(occasion="status", status_at__isnull=False, kept_by=None)
                | Q(occasion="person", status_at=None, kept_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Expectation {self.number}"


class OutlookMonth(ProgramOwned):
    """A month of a kept expectation: planned to be drawn, and expected of the risks that fall due; minor units."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    outlook = models.ForeignKey(ReserveOutlook, models.PROTECT, related_name="months", db_constraint=False)
    category = models.CharField(max_length=20, choices=RESERVE_CHOICES)
    month = models.CharField(max_length=7)
    planned_minor = models.BigIntegerField(default=0)
    expected_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["outlook", "category", "month"], name="finance_outlookmonth_once"
            ),
            models.CheckConstraint(
                name="finance_outlookmonth_amounts",
                condition=Q(planned_minor__gte=0, expected_minor__gte=0),
            ),
            models.CheckConstraint(
                name="finance_outlookmonth_reserve", condition=Q(category__in=sorted(RESERVES))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.outlook_id} {self.category} {self.month}"
