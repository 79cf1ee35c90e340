"""A capital program as it was asked for and approved: requests by unit, fiscal year and source of funds."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned

MOST_STEPS = 12


@pghistory.track()
class FundingPlan(ProgramOwned):
    """One file of requests: the steps at which each amount was decided, in their order, and how sources are grouped."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    file_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64, help_text="sha256 of the content, in hex.")
    steps = ArrayField(models.CharField(max_length=60), size=MOST_STEPS)
    funds = ArrayField(
        models.CharField(max_length=60), help_text="The groups of sources, as columns are ordered."
    )
    rows = models.PositiveIntegerField()
    uploaded_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField()
    withdrawn_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=400, blank=True, default="", help_text="Why it was withdrawn.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_fundingplan_in_program"),
            models.UniqueConstraint(
                fields=["program", "digest"],
                condition=Q(withdrawn_at=None),
                name="finance_fundingplan_once",
            ),
            models.CheckConstraint(
                name="finance_fundingplan_withdrawal",
                condition=Q(withdrawn_at=None, why="") | (Q(withdrawn_at__isnull=False) & ~Q(why="")),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name


class FundingLine(ProgramOwned):
    """What one request asks of one source in one fiscal year, at each step of its plan. Append-only; minor units."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    plan = models.ForeignKey(FundingPlan, models.PROTECT, related_name="lines", db_constraint=False)
    row = models.PositiveIntegerField(help_text="Line in the file; the heading is line 1.")
    fiscal_year = models.PositiveSmallIntegerField()
    unit = models.CharField(max_length=20, help_text="Who asks: an agency, a department.")
    unit_name = models.CharField(max_length=120)
    request = models.CharField(max_length=40)
    title = models.CharField(max_length=300)
    source = models.CharField(max_length=20)
    source_name = models.CharField(max_length=120)
    fund = models.CharField(max_length=60, help_text="The group of the source.")
    amounts = ArrayField(models.BigIntegerField(), size=MOST_STEPS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan", "row"], name="finance_fundingline_row_once"),
            models.CheckConstraint(
                name="finance_fundingline_year", condition=Q(fiscal_year__gte=1900, fiscal_year__lt=2200)
            ),
        ]
        indexes = [
            models.Index(
                fields=["program", "fiscal_year", "unit", "fund"], name="finance_fundingline_by_unit"
            )
        ]

    def __str__(self) -> str:
        return f"{self.fiscal_year} {self.request} {self.source}"
