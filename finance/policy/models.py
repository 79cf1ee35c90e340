"""Budget policy: its clauses, and what was found against them, sentences beside the rows that they are about."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from finance.engine.clause_kinds import KINDS
from finance.engine.conformity import Kind as Rule
from finance.structure.models import Category, Nature
from pmo.accounts.roles import Permission
from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import Project

CLAUSE_CODE = RegexValidator(r"^[A-Z][A-Z0-9]{0,5}-[0-9]{1,3}$", "A clause's code is written like B-1.")


@pghistory.track()
class PolicyClause(ProgramOwned, Versioned):
    """One rule of a program's budget policy, in force from a day until (and without) another."""

    class Kind(models.TextChoices):
        FISCAL_YEAR_CEILING = "fiscal_year_ceiling", KINDS[Rule.FISCAL_YEAR_CEILING].label
        CONTINGENCY_BAND = "contingency_band", KINDS[Rule.CONTINGENCY_BAND].label
        CATEGORY_CAP = "category_cap", KINDS[Rule.CATEGORY_CAP].label
        BEYOND_BUDGET = "beyond_budget", KINDS[Rule.BEYOND_BUDGET].label
        CAPITALISATION_THRESHOLD = (
            "capitalisation_threshold",
            KINDS[Rule.CAPITALISATION_THRESHOLD].label,
        )
        SEPARATION_OF_DUTIES = "separation_of_duties", KINDS[Rule.SEPARATION_OF_DUTIES].label
        ACCRUAL_AGEING = "accrual_ageing", KINDS[Rule.ACCRUAL_AGEING].label
        QUOTES_ABOVE = "quotes_above", KINDS[Rule.QUOTES_ABOVE].label

    class Action(models.TextChoices):
        WARN = "warn", "Warns"
        BLOCK = "block", "Blocks promises"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=10, validators=[CLAUSE_CODE])
    kind = models.CharField(max_length=24, choices=Kind.choices)
    parameters = models.JSONField(default=dict, blank=True)
    action = models.CharField(max_length=5, choices=Action.choices, default=Action.WARN)
    text = models.TextField(blank=True, help_text="The words of the policy.")
    project = models.ForeignKey(
        Project,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        help_text="None: the whole program.",
    )
    issue_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        help_text="Days in which the issue of a finding is due; none: no issue by itself.",
    )
    from_day = models.DateField()
    to_day = models.DateField(null=True, blank=True, help_text="The first day on which it no longer holds.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_clause_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_clause_in_program"),
            models.CheckConstraint(
                name="finance_clause_days", condition=Q(to_day=None) | Q(to_day__gte=F("from_day"))
            ),
            models.CheckConstraint(
                name="finance_clause_issue_days",
                condition=Q(issue_days=None) | Q(issue_days__gte=1, issue_days__lte=90),
            ),
            models.CheckConstraint(
                name="finance_clause_kind", condition=Q(kind__in=[one.value for one in Rule])
            ),
        ]

    def __str__(self) -> str:
        return self.code


@pghistory.track()
class PolicyFinding(ProgramOwned):
    """A breach of budget policy that was seen and not refused. Open until cleared; a waiver is a warrant.

    Found against a clause it is named by its key and subject from one look to the next, and cleared when it is gone.
    """

    class Kind(models.TextChoices):
        WITHOUT_FUNDING = "without_funding", "Cost without approved budget"
        CREDIT_BEYOND_COST = "credit_beyond_cost", "Credit beyond what was spent"
        FISCAL_YEAR_CEILING = "fiscal_year_ceiling", PolicyClause.Kind.FISCAL_YEAR_CEILING.label
        CONTINGENCY_BAND = "contingency_band", PolicyClause.Kind.CONTINGENCY_BAND.label
        CATEGORY_CAP = "category_cap", PolicyClause.Kind.CATEGORY_CAP.label
        BEYOND_BUDGET = "beyond_budget", PolicyClause.Kind.BEYOND_BUDGET.label
        CAPITALISATION_THRESHOLD = (
            "capitalisation_threshold",
            PolicyClause.Kind.CAPITALISATION_THRESHOLD.label,
        )
        SEPARATION_OF_DUTIES = "separation_of_duties", PolicyClause.Kind.SEPARATION_OF_DUTIES.label
        ACCRUAL_AGEING = "accrual_ageing", PolicyClause.Kind.ACCRUAL_AGEING.label
        QUOTES_ABOVE = "quotes_above", PolicyClause.Kind.QUOTES_ABOVE.label

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    kind = models.CharField(max_length=24, choices=Kind.choices)
    sentence = models.CharField(max_length=400)
    clause = models.ForeignKey(
        PolicyClause, models.PROTECT, null=True, blank=True, related_name="findings", db_constraint=False
    )
    key = models.CharField(max_length=120, blank=True, default="")
    subject_kind = models.CharField(max_length=20, blank=True, default="")
    subject_id = models.BigIntegerField(default=0)
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    category = models.CharField(max_length=20, choices=Category.choices, blank=True, default="")
    nature = models.CharField(max_length=10, choices=Nature.choices, blank=True, default="")
    amount_minor = models.BigIntegerField(default=0)
    journal = models.ForeignKey(
        "finance.Journal", models.PROTECT, null=True, related_name="findings", db_constraint=False
    )
    found_at = models.DateTimeField(db_default=Now())
    cleared_at = models.DateTimeField(null=True, blank=True)
    waiver = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_finding_in_program"),
            models.CheckConstraint(
                name="finance_finding_waiver_clears", condition=Q(waiver=None) | Q(cleared_at__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["clause", "subject_kind", "subject_id", "key"],
                condition=Q(cleared_at=None, clause__isnull=False),
                name="finance_finding_open_once",
            ),
            models.UniqueConstraint(
                fields=["program", "project", "category", "nature"],
                condition=Q(cleared_at=None, kind="credit_beyond_cost"),
                name="finance_finding_credit_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["program", "-id"], condition=Q(cleared_at=None), name="finance_finding_open")
        ]

    def __str__(self) -> str:
        return self.sentence


@pghistory.track()
class PolicyWaiver(ProgramOwned):
    """Asked for: not to be held to a clause, in one matter or altogether, until a day. Granted only by a decision.

    What is asked for never changes (`sha256` names it); only its state does.
    """

    class State(models.TextChoices):
        SUBMITTED = "submitted", "Waits for a decision"
        APPROVED = "approved", "Granted"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=10)
    clause = models.ForeignKey(PolicyClause, models.PROTECT, related_name="waivers", db_constraint=False)
    key = models.CharField(
        max_length=120, blank=True, default="", help_text="Of the findings meant; empty: all of the clause."
    )
    project = models.ForeignKey(Project, models.PROTECT, null=True, blank=True, related_name="+")
    amount_minor = models.BigIntegerField(
        null=True, blank=True, help_text="By how much a breach may go beyond the clause; none: by any amount."
    )
    clause_version = models.PositiveIntegerField(
        help_text="Of the clause, as it was shown: no other is waived."
    )
    about = models.CharField(max_length=400, help_text="What it is about, in words.")
    reason = models.TextField()
    until = models.DateField(help_text="The last day on which it holds.")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.SUBMITTED)
    requester = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_waiver_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_waiver_in_program"),
            models.CheckConstraint(
                name="finance_waiver_approved_by_warrant",
                condition=Q(state="approved", warrant__isnull=False) | ~Q(state="approved"),
            ),
        ]

    def __str__(self) -> str:
        return self.code
