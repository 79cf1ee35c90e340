"""Vendors' contracts on approved capital requests: their milestones, what is retained, and every change of value."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q

from finance.capex.models import CapitalRequest
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE
from programs.schedule.models import Activity

MOST_RETAINED = 50
"""Percent of an invoice that a contract may retain at most."""


@pghistory.track()
class Contract(ProgramOwned, Versioned):
    """What was agreed with a vendor, up to a value (minor units), out of one approved capital request.

    Orders under it never come to more than its value: a trigger. Of each invoice under it `retention_percent` is paid
    only once it was released, from `release_on` on.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        CLOSED = "closed", "Closed"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.ForeignKey(CapitalRequest, models.PROTECT, related_name="contracts")
    vendor = models.ForeignKey("finance.Vendor", models.PROTECT, related_name="contracts")
    code = models.CharField(max_length=30, validators=[CODE])
    title = models.CharField(max_length=200)
    value_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    starts_on = models.DateField()
    ends_on = models.DateField()
    retention_percent = models.DecimalField(max_digits=4, decimal_places=2, default=0)
    release_on = models.DateField(
        null=True, blank=True, help_text="The first day to release what is retained."
    )
    terms = models.CharField(max_length=400, blank=True, default="", help_text="What releases it, in words.")
    manager = models.ForeignKey(
        "pmo.User", models.PROTECT, related_name="+", help_text="Manages the contract."
    )
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    activated_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    activated_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_contract_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_contract_in_program"),
            models.CheckConstraint(
                name="finance_contract_value", condition=Q(value_minor__gt=0, value_minor__lte=LIMIT)
            ),
            models.CheckConstraint(name="finance_contract_days", condition=Q(ends_on__gte=F("starts_on"))),
            models.CheckConstraint(
                name="finance_contract_retention",
                condition=Q(retention_percent=0, release_on__isnull=True)
                | Q(
                    retention_percent__gt=0,
                    retention_percent__lte=MOST_RETAINED,
                    release_on__isnull=False,
                    release_on__gte=F("starts_on"),
                ),
            ),
            models.CheckConstraint(
                name="finance_contract_state",
                condition=Q(state="draft", activated_at__isnull=True, closed_at__isnull=True)
                | Q(state="active", activated_at__isnull=False, closed_at__isnull=True)
                | Q(state="closed", closed_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_contract_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


@pghistory.track()
class ContractMilestone(ProgramOwned):
    """A part of a contract that may be invoiced once somebody else than its manager accepted it (minor units)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="milestones")
    name = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    due_on = models.DateField()
    activity = models.ForeignKey(
        Activity,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Its milestone in the plan.",
    )
    accepted_on = models.DateField(null=True, blank=True)
    accepted_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True, default="", help_text="What was accepted, in words.")
    withdrawn_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "name"], name="finance_contractmilestone_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_contractmilestone_in_program"),
            models.CheckConstraint(
                name="finance_contractmilestone_amount",
                condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="finance_contractmilestone_acceptance",
                condition=Q(accepted_on__isnull=True, accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_on__isnull=False, accepted_by__isnull=False, accepted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_contractmilestone_withdrawal",
                condition=Q(withdrawn_by__isnull=True, withdrawn_at__isnull=True, withdrawn_why="")
                | Q(withdrawn_by__isnull=False, withdrawn_at__isnull=False, accepted_at__isnull=True)
                & ~Q(withdrawn_why=""),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ContractChange(ProgramOwned):
    """That the value of a contract in force was changed, and why (minor units). Written once."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="changes", db_constraint=False)
    from_minor = models.BigIntegerField()
    to_minor = models.BigIntegerField()
    reason = models.CharField(max_length=400)
    changed_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="finance_contractchange_reason", condition=~Q(reason="") & ~Q(from_minor=F("to_minor"))
            ),
        ]

    def __str__(self) -> str:
        return self.reason


class ContractHandover(ProgramOwned):
    """That somebody else manages a contract in force, from which version of it on, and why. Written once."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="handovers", db_constraint=False)
    n = models.PositiveIntegerField(help_text="The version of the contract that it made.")
    from_manager = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    to_manager = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400)
    handed_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    handed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "n"], name="finance_contracthandover_once"),
            models.CheckConstraint(
                name="finance_contracthandover_reason",
                condition=~Q(reason="") & ~Q(from_manager=F("to_manager")) & ~Q(to_manager=F("handed_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.reason


@pghistory.track()
class RetentionRelease(ProgramOwned, Versioned):
    """A part of what is retained under a contract that may be paid now (minor units), and when it was."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    contract = models.ForeignKey(Contract, models.PROTECT, related_name="releases")
    code = models.CharField(max_length=30, validators=[CODE])
    amount_minor = models.BigIntegerField()
    due_on = models.DateField()
    reason = models.CharField(max_length=400)
    released_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    released_at = models.DateTimeField()
    paid_on = models.DateField(null=True, blank=True)
    paid_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_retentionrelease_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_retentionrelease_in_program"),
            models.CheckConstraint(
                name="finance_retentionrelease_amount",
                condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="finance_retentionrelease_paid",
                condition=Q(paid_on__isnull=True, paid_by__isnull=True)
                | Q(paid_on__isnull=False, paid_by__isnull=False) & ~Q(paid_by=F("released_by")),
            ),
        ]

    def __str__(self) -> str:
        return self.code
