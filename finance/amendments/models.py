"""Budget amendments: what a change request would add to the approved budget, or take from it, line by line."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Project


@pghistory.track()
class AmendmentLine(ProgramOwned):
    """An amount (signed, minor units of the program's currency) for a cost line and period of the active budget.

    Without a project it is of the program's reserves. The request's version is the version of its lines.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    change_request = models.ForeignKey(ChangeRequest, models.PROTECT, related_name="+", db_constraint=False)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["change_request", "project", "category", "nature", "period"],
                nulls_distinct=False,
                name="finance_amendmentline_once",
            ),
            models.CheckConstraint(
                name="finance_amendmentline_amount",
                condition=Q(amount_minor__gte=-LIMIT, amount_minor__lte=LIMIT) & ~Q(amount_minor=0),
            ),
            models.CheckConstraint(
                name="finance_amendmentline_category", condition=Q(category__in=Category.values)
            ),
            models.CheckConstraint(
                name="finance_amendmentline_nature", condition=Q(nature__in=Nature.values)
            ),
            models.CheckConstraint(
                name="finance_amendmentline_place",
                condition=Q(project__isnull=False) & ~Q(category="management_reserve")
                | Q(project=None, category__in=["contingency", "management_reserve"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.nature} {self.amount_minor}"
