"""Fiscal periods, and budgets: what may be spent, by category, nature and period, once a decision allowed it."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import Project


class Category(models.TextChoices):
    LABOUR = "labour", "Labour"
    HARDWARE = "hardware", "Hardware"
    SOFTWARE = "software", "Software"
    SERVICES = "services", "Services"
    FACILITIES = "facilities", "Facilities"
    TRAVEL = "travel", "Travel"
    OTHER = "other", "Other"
    CONTINGENCY = "contingency", "Contingency"
    MANAGEMENT_RESERVE = "management_reserve", "Management reserve"


RESERVES = frozenset({Category.CONTINGENCY.value, Category.MANAGEMENT_RESERVE.value})
"""Categories that are kept apart: granted into a reserve account, never spent directly."""


class Nature(models.TextChoices):
    CAPITAL = "capital", "Capital"
    OPERATING = "operating", "Operating"


PERIOD_CODE = RegexValidator(r"^[0-9]{4}-(0[1-9]|1[0-2])$", "A period is written like 2026-11.")


class ProgramPoint(Func):
    """The program as a one-point range: GiST without the btree_gist extension (trust.md 4.2)."""

    function = "int8range"
    output_field = models.TextField()

    def __init__(self) -> None:
        super().__init__(F("program_id"), F("program_id"), Value("[]"))


class PeriodDays(Func):
    """The days of the period as a range, both ends included."""

    function = "daterange"
    output_field = models.TextField()

    def __init__(self) -> None:
        super().__init__(F("starts_on"), F("ends_on"), Value("[]"))


@pghistory.track()
class FiscalPeriod(ProgramOwned):
    """A month of a program's books. Once closed, no journal can be entered in it."""

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=7, validators=[PERIOD_CODE])
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_period_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_period_in_program"),
            models.CheckConstraint(name="finance_period_dates", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="finance_period_closing",
                condition=Q(state="open", closed_at=None) | Q(state="closed", closed_at__isnull=False),
            ),
            ExclusionConstraint(
                name="finance_period_no_overlap", expressions=[(ProgramPoint(), "&&"), (PeriodDays(), "&&")]
            ),
        ]
        ordering: ClassVar[list[str]] = ["program", "starts_on"]

    def __str__(self) -> str:
        return self.code


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
                condition=Q(state__in=["draft", "submitted"]),
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
