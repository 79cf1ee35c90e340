"""Capital requests: asked for by a project, decided by governance, and only then set aside in the ledger."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.structure.models import Category
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from pmo.warrants import Warrant
from programs.portfolio.models import CODE, Project


@pghistory.track()
class CapitalRequest(ProgramOwned, Versioned):
    """What is wanted, why, and for how much (minor units). What was decided on is its current revision's digest."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SUBMITTED = "submitted", "Submitted"
        IN_REVIEW = "in_review", "In review"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        COMMITTED = "committed", "Committed"  # approved before money was set aside for orders (ADR 87)
        CLOSED = "closed", "Closed"

    class AssetClass(models.TextChoices):
        """What the money becomes, as a fixed asset register groups it (IAS 16.37, IAS 38.119)."""

        INTERNAL_SOFTWARE = "internal_software", "Internal-use software"
        LICENCE = "licence", "Software licence"
        IT_EQUIPMENT = "it_equipment", "IT equipment"
        BUILDING_WORK = "building_work", "Data centre and building work"
        OTHER_INTANGIBLE = "other_intangible", "Other intangible asset"
        OTHER_TANGIBLE = "other_tangible", "Other tangible asset"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    project = models.ForeignKey(Project, models.PROTECT, related_name="capital_requests")
    code = models.CharField(max_length=30, validators=[CODE])
    title = models.CharField(max_length=200)
    justification = models.TextField()
    alternatives = models.TextField(blank=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    category = models.CharField(max_length=20, choices=Category.choices)
    vendor = models.CharField(max_length=200, blank=True)
    cash_profile = models.JSONField(default=dict, blank=True, help_text="Period code -> minor units.")
    returns = models.JSONField(
        default=dict, blank=True, help_text="Period code -> minor units that come back, net of running cost."
    )
    discount_percent = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    asset_class = models.CharField(max_length=20, choices=AssetClass.choices, blank=True, default="")
    in_service_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    requester = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    warrant = models.ForeignKey(Warrant, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_capitalrequest_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_capitalrequest_in_program"),
            models.CheckConstraint(
                name="finance_capitalrequest_amount", condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_capitalrequest_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="finance_capitalrequest_approved_by_warrant",
                condition=~Q(state__in=["approved", "committed", "closed"]) | Q(warrant__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_capitalrequest_submission",
                condition=Q(state__in=["draft", "withdrawn"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_capitalrequest_category",
                condition=Q(
                    category__in=[
                        c for c in Category.values if c not in ("contingency", "management_reserve")
                    ]
                ),
            ),
            models.CheckConstraint(
                name="finance_capitalrequest_discount",
                condition=Q(discount_percent__isnull=True)
                | Q(discount_percent__gte=0, discount_percent__lte=100),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_capitalrequest_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class CapitalRequestRevision(ProgramOwned):
    """The exact bytes of one state of a request, and who wrote it: what a ballot shows and a warrant names."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.ForeignKey(CapitalRequest, models.PROTECT, related_name="revisions", db_constraint=False)
    n = models.PositiveIntegerField()
    canonical = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    edited_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["request", "n"], name="finance_revision_once")]

    def __str__(self) -> str:
        return f"{self.request_id} r{self.n}"
