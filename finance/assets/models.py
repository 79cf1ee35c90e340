"""What was bought stands in service: fixed assets, and the look back whether the investment was worth it."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import Q

from finance.capex.models import CapitalRequest
from finance.procurement.bills import Invoice
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE


@pghistory.track()
class Asset(ProgramOwned, Versioned):
    """A fixed asset handed over from a capital request: its cost (minor units) is part of the request's actual cost."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.ForeignKey(CapitalRequest, models.PROTECT, related_name="assets")
    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    asset_class = models.CharField(max_length=20, choices=CapitalRequest.AssetClass.choices)
    in_service_on = models.DateField()
    life_months = models.PositiveSmallIntegerField(help_text="Months over which the cost is written off.")
    cost_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    handed_over_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    handed_over_at = models.DateTimeField()
    retired_on = models.DateField(
        null=True, blank=True, help_text="Out of service since: nothing of it is left."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_asset_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_asset_in_program"),
            models.CheckConstraint(
                name="finance_asset_cost", condition=Q(cost_minor__gte=0, cost_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_asset_life", condition=Q(life_months__gte=1, life_months__lte=600)
            ),
            models.CheckConstraint(
                name="finance_asset_class", condition=Q(asset_class__in=CapitalRequest.AssetClass.values)
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_asset_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track()
class AssetChange(ProgramOwned, Versioned):
    """Taken off an asset besides its months: written down by an amount, or retired with all that was left.

    Amounts are minor units. It counts from the month of its day on, after that month's equal part. One that was a
    mistake is taken back with a reason and stays readable.
    """

    class Kind(models.TextChoices):
        DOWN = "written_down", "Written down"
        RETIRED = "retired", "Retired"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    on_day = models.DateField()
    amount_minor = models.BigIntegerField(help_text="Taken off; of a retired one all that was left.")
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    taken_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_why = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_assetchange_in_program"),
            models.UniqueConstraint(
                fields=["asset"],
                condition=Q(kind="retired", taken_at__isnull=True),
                name="finance_assetchange_retired_once",
            ),
            models.CheckConstraint(
                name="finance_assetchange_amount",
                condition=Q(kind="written_down", amount_minor__gt=0, amount_minor__lte=LIMIT)
                | Q(kind="retired", amount_minor__gte=0, amount_minor__lte=LIMIT),
            ),
            models.CheckConstraint(name="finance_assetchange_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="finance_assetchange_taken",
                condition=Q(taken_at=None, taken_by=None, taken_why="")
                | Q(taken_at__isnull=False, taken_by__isnull=False, taken_why__regex=r"\S"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on_day}"


class AssetAdjustment(ProgramOwned):
    """What a vendor's credit note took off an asset's cost after it was handed over (minor units). Append-only."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="adjustments")
    amount_minor = models.BigIntegerField(help_text="Below zero: the cost is less by that.")
    note = models.ForeignKey(
        Invoice,
        models.PROTECT,
        null=True,
        related_name="+",
        help_text="The credit note; none where it came before.",
    )
    by = models.ForeignKey("pmo.User", models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "note"], name="finance_assetadjustment_once"),
            models.CheckConstraint(name="finance_assetadjustment_less", condition=Q(amount_minor__lt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.asset_id} {self.amount_minor}"


@pghistory.track()
class InvestmentReview(ProgramOwned, Versioned):
    """Some months in service: what was promised against what it cost and brings (net present values, minor units)."""

    class State(models.TextChoices):
        DUE = "due", "Due"
        DONE = "done", "Done"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.OneToOneField(CapitalRequest, models.PROTECT, related_name="review")
    due_on = models.DateField()
    state = models.CharField(max_length=4, choices=State.choices, default=State.DUE)
    returns = models.JSONField(default=dict, blank=True, help_text="Period code -> minor units, as seen now.")
    promised_minor = models.BigIntegerField(null=True, blank=True)
    now_minor = models.BigIntegerField(null=True, blank=True)
    spent_minor = models.BigIntegerField(null=True, blank=True)
    lessons = models.TextField(blank=True, default="")
    reviewed_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "id"], name="finance_review_in_program"),
            models.CheckConstraint(
                name="finance_review_done",
                condition=Q(state="due", reviewed_at__isnull=True)
                | Q(
                    state="done",
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                    spent_minor__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"Review of {self.request_id}"
