"""Vendors, and purchase orders on approved capital requests with their lines."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from finance.capex.models import CapitalRequest
from finance.contracts.models import Contract
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE


@pghistory.track()
class Vendor(ProgramOwned, Versioned):
    """Who is ordered from, and after how many days an invoice of theirs is due."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    code = models.CharField(max_length=30, validators=[CODE])
    name = models.CharField(max_length=200)
    tax_number = models.CharField(max_length=40, blank=True, default="")
    email = models.EmailField(max_length=254, blank=True, default="")
    payment_days = models.PositiveSmallIntegerField(default=30)
    active = models.BooleanField(default=True, help_text="An inactive vendor gets no new orders.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_vendor_code_once"),
            models.UniqueConstraint("program", Lower("name"), name="finance_vendor_name_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_vendor_in_program"),
            models.CheckConstraint(name="finance_vendor_days", condition=Q(payment_days__lte=365)),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@pghistory.track()
class PurchaseOrder(ProgramOwned, Versioned):
    """A promise to a vendor, out of the money that was set aside for one capital request (minor units)."""

    class State(models.TextChoices):
        ISSUED = "issued", "Issued"
        CLOSED = "closed", "Closed"
        CANCELLED = "cancelled", "Cancelled"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    request = models.ForeignKey(CapitalRequest, models.PROTECT, related_name="orders")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="orders")
    contract = models.ForeignKey(Contract, models.PROTECT, null=True, blank=True, related_name="orders")
    code = models.CharField(max_length=30, validators=[CODE])
    title = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    expected_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ISSUED)
    ordered_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    ended_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=400, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_purchaseorder_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_purchaseorder_in_program"),
            models.CheckConstraint(
                name="finance_purchaseorder_amount", condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_purchaseorder_currency", condition=Q(currency__regex=r"^[A-Z]{3}$")
            ),
            models.CheckConstraint(
                name="finance_purchaseorder_state",
                condition=Q(state="issued", ended_at__isnull=True)
                | Q(state__in=["closed", "cancelled"], ended_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_purchaseorder_latest")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class OrderLine(ProgramOwned):
    """What is ordered: so many of it at a price (minor units each). Written once, with its order."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="lines", db_constraint=False)
    n = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField(help_text="Quantity times price, rounded half to even.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "n"], name="finance_orderline_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_orderline_in_program"),
            models.CheckConstraint(name="finance_orderline_quantity", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="finance_orderline_price",
                condition=Q(unit_price_minor__gt=0, unit_price_minor__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="finance_orderline_amount",
                condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
                & Q(amount_minor__gte=F("quantity") * F("unit_price_minor") - 1)
                & Q(amount_minor__lte=F("quantity") * F("unit_price_minor") + 1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.text}"
