"""Vendors, purchase orders on approved capital requests with their lines, and what amendments made of them."""

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
    """A promise to a vendor, out of the money that was set aside for one capital request (minor units).

    `amount_minor` and `expected_on` are those of now: what was ordered at first, and what amendments changed.
    """

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
    """What is ordered: so many of it at a price (minor units each). Written once, with its order or an amendment.

    Quantity and amount are those of the order as it was placed, 0 for a line that an amendment added; `AmendedLine`
    says what became of them, and the database's `finance_ordered` how many are ordered now.
    """

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
            models.CheckConstraint(name="finance_orderline_quantity", condition=Q(quantity__gte=0)),
            models.CheckConstraint(
                name="finance_orderline_price",
                condition=Q(unit_price_minor__gt=0, unit_price_minor__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="finance_orderline_amount",
                condition=Q(quantity=0, amount_minor=0)
                | Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
                & Q(amount_minor__gte=F("quantity") * F("unit_price_minor") - 1)
                & Q(amount_minor__lte=F("quantity") * F("unit_price_minor") + 1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.text}"


class OrderAmendment(ProgramOwned):
    """That an order under way was raised, lowered or expected on another day, and why (minor units). Written once.

    `committed_minor` is what its journal moved between set aside and committed: the difference, less what was invoiced
    beyond the order before and is part of it now.
    """

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="amendments", db_constraint=False)
    n = models.PositiveSmallIntegerField(help_text="The first of an order is 1.")
    from_minor = models.BigIntegerField()
    to_minor = models.BigIntegerField()
    committed_minor = models.BigIntegerField()
    expected_before = models.DateField(null=True, blank=True)
    expected_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=400)
    amended_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    amended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "n"], name="finance_orderamendment_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_orderamendment_in_program"),
            models.CheckConstraint(name="finance_orderamendment_reason", condition=Q(reason__regex=r"\S")),
            models.CheckConstraint(
                name="finance_orderamendment_amount",
                condition=Q(from_minor__gt=0, to_minor__gt=0, from_minor__lte=LIMIT, to_minor__lte=LIMIT),
            ),
            models.CheckConstraint(
                name="finance_orderamendment_committed",
                condition=Q(committed_minor__lte=F("to_minor") - F("from_minor")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.reason}"


class AmendedLine(ProgramOwned):
    """How many of a line were ordered before an amendment, and how many since, with the amounts (minor units)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    amendment = models.ForeignKey(OrderAmendment, models.PROTECT, related_name="lines", db_constraint=False)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="amended", db_constraint=False)
    from_quantity = models.DecimalField(max_digits=14, decimal_places=3)
    to_quantity = models.DecimalField(max_digits=14, decimal_places=3)
    from_minor = models.BigIntegerField()
    to_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["amendment", "line"], name="finance_amendedline_once"),
            models.CheckConstraint(
                name="finance_amendedline_quantity",
                condition=Q(from_quantity__gte=0, to_quantity__gte=0) & ~Q(from_quantity=F("to_quantity")),
            ),
            models.CheckConstraint(
                name="finance_amendedline_amount",
                condition=Q(from_minor__gte=0, from_minor__lte=LIMIT, to_minor__lte=LIMIT)
                & (Q(to_quantity=0, to_minor=0) | Q(to_quantity__gt=0, to_minor__gt=0)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_quantity} to {self.to_quantity} of {self.line_id}"
