"""Sums that the database keeps with postings and cost lines, by statement triggers: nobody else writes them.

What a page shows of a million rows is added up from these. The ledger's at two levels; costs by vendor by month, by
quarter and year (a range of months is read from as few of them as make it up) and once for all time.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from finance.ledger.models import Kind
from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned
from programs.portfolio.models import Project


class LedgerCell(ProgramOwned):
    """Sum of postings by project, category, nature, period and account kind; kept by a statement trigger."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+", db_constraint=False)
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "category", "nature", "period", "kind"],
                nulls_distinct=False,
                include=["amount"],
                name="finance_ledgercell_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} {self.period_id}: {self.amount}"


class LedgerTotal(ProgramOwned):
    """The second level of the same sums: by project, period and account kind only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, null=True, related_name="+", db_constraint=False)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "period", "kind"],
                nulls_distinct=False,
                include=["amount"],
                name="finance_ledgertotal_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.period_id}: {self.amount}"


class LedgerDay(ProgramOwned):
    """The postings of a period by the day on which they are effective, grants left out (they count when recorded).

    For a moment inside a month: the months before it are in `LedgerCell`.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(
        Project, models.PROTECT, null=True, related_name="+", db_constraint=False, db_index=False
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    effective = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    amount = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "period", "effective", "project", "category", "nature", "kind"],
                nulls_distinct=False,
                include=["amount"],
                name="finance_ledgerday_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.category} {self.effective}: {self.amount}"


class OfVendor(ProgramOwned):
    """A sum of cost lines (minor units) at one place, of one vendor ("" where none is named)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(
        Project, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    vendor = models.CharField(max_length=200)
    amount = models.BigIntegerField()
    lines = models.BigIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.vendor} {self.category}: {self.amount}"


class VendorCell(OfVendor):
    """By period."""

    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "period", "vendor", "project", "category", "nature"],
                include=["amount", "lines"],
                name="finance_vendorcell_once",
            ),
        ]
        # What is asked of one place by vendor and month is read in that order, from the index alone.
        indexes = [
            models.Index(
                fields=["program", "project", "vendor", "period"],
                include=["category", "nature", "amount"],
                name="finance_vendorcell_project",
            ),
            models.Index(
                fields=["program", "category", "vendor", "period"],
                include=["project", "nature", "amount"],
                name="finance_vendorcell_category",
            ),
        ]


class VendorQuarter(OfVendor):
    """By the quarter of the period's code: `2026-3` is July to September."""

    quarter = models.CharField(max_length=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "quarter", "vendor", "project", "category", "nature"],
                include=["amount", "lines"],
                name="finance_vendorquarter_once",
            ),
        ]


class VendorYear(OfVendor):
    """By the year of the period's code."""

    year = models.CharField(max_length=4)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "year", "vendor", "project", "category", "nature"],
                include=["amount", "lines"],
                name="finance_vendoryear_once",
            ),
        ]


class VendorPlace(OfVendor):
    """Of all time."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "vendor", "project", "category", "nature"],
                include=["amount", "lines"],
                name="finance_vendorplace_once",
            ),
        ]


class VendorMonth(ProgramOwned):
    """A sum of cost lines (minor units) by vendor ("" where none is named) and period, whatever the place."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    vendor = models.CharField(max_length=200)
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    lines = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "period", "vendor"],
                include=["amount", "lines"],
                name="finance_vendormonth_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.period_id}: {self.amount}"


class VendorNature(ProgramOwned):
    """A sum of cost lines (minor units) by nature, vendor ("" where none is named) and period."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    nature = models.CharField(max_length=10, choices=Nature.choices)
    vendor = models.CharField(max_length=200)
    period = models.ForeignKey(
        FiscalPeriod, models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    amount = models.BigIntegerField()
    lines = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "nature", "vendor", "period"],
                include=["amount", "lines"],
                name="finance_vendornature_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.nature} {self.period_id}: {self.amount}"
