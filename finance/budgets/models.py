"""Budgets: what may be spent, by category, nature and period, once a decision allowed it."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.structure.models import Category, FiscalPeriod, Nature
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import Project


@pghistory.track()
class Budget(ProgramOwned, Versioned):
    """One version of a project's budget, or of the program's reserves (no project). Active only by a warrant."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        ACTIVE = "active", "Active"
        SUPERSEDED = "superseded", "Superseded"

    class Origin(models.TextChoices):
        TYPED = "typed", "Entered here"
        IMPORTED = "imported", "Imported, not approved here"
        AMENDMENT = "amendment", "Amendment"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="budgets")
    number = models.PositiveIntegerField(help_text="1, 2, 3 ... in its project.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.TYPED)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")
    submitted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "project", "number"],
                nulls_distinct=False,
                name="finance_budget_number_once",
            ),
            models.UniqueConstraint(
                fields=["program", "project"],
                condition=Q(state="active"),
                nulls_distinct=False,
                name="finance_budget_one_active",
            ),
            models.UniqueConstraint(
                fields=["program", "project"],
                # An amendment is a draft only while its decision is carried out, in one transaction.
                condition=Q(state__in=["draft", "submitted"]) & ~Q(origin="amendment"),
                nulls_distinct=False,
                name="finance_budget_one_in_preparation",
            ),
            models.UniqueConstraint(fields=["program", "id"], name="finance_budget_in_program"),
            models.CheckConstraint(
                name="finance_budget_active_by_warrant",
                condition=~Q(state__in=["active", "superseded"])
                | Q(warrant__isnull=False, activated_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_budget_submission", condition=Q(state="draft") | Q(submitted_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id or 'reserves'} v{self.number}"


@pghistory.track()
class BudgetLine(ProgramOwned, Versioned):
    """An amount (minor units of the program's currency) for one category, nature and period of a budget."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="lines")
    category = models.CharField(max_length=20, choices=Category.choices)
    nature = models.CharField(max_length=10, choices=Nature.choices)
    period = models.ForeignKey(FiscalPeriod, models.PROTECT, related_name="+")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["budget", "category", "nature", "period"], name="finance_budgetline_once"
            ),
            models.CheckConstraint(
                name="finance_budgetline_amount", condition=Q(amount_minor__gte=0, amount_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_budgetline_category", condition=Q(category__in=Category.values)
            ),
            models.CheckConstraint(name="finance_budgetline_nature", condition=Q(nature__in=Nature.values)),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.nature} {self.period_id}"
