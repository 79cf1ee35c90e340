"""What came and what is to be paid for it: receipts, invoices and credit notes with their lines, and the tolerance."""

from __future__ import annotations

from typing import ClassVar

import pghistory
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from finance.procurement.models import OrderLine, PurchaseOrder, Vendor
from pmo.accounts.roles import Permission
from pmo.money import LIMIT
from pmo.owned import ProgramOwned, Versioned
from programs.portfolio.models import CODE


@pghistory.track()
class Tolerance(ProgramOwned, Versioned):
    """How far an invoice may go beyond its order before its payment is held; without a row, not at all."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    quantity_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    price_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    price_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program"], name="finance_tolerance_once"),
            models.CheckConstraint(
                name="finance_tolerance_range",
                condition=Q(quantity_percent__gte=0, quantity_percent__lte=100)
                & Q(price_percent__gte=0, price_percent__lte=100)
                & Q(price_minor__gte=0, price_minor__lte=LIMIT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity_percent} % / {self.price_percent} %"


class Receipt(ProgramOwned):
    """Something ordered came, or was done. Written once; whoever ordered it does not receive it (a trigger)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="receipts", db_constraint=False)
    code = models.CharField(max_length=30, validators=[CODE])
    received_on = models.DateField()
    note = models.CharField(max_length=200, blank=True, default="")
    amount_minor = models.BigIntegerField()
    received_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_receipt_code_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_receipt_in_program"),
            models.CheckConstraint(
                name="finance_receipt_amount", condition=Q(amount_minor__gte=0, amount_minor__lte=LIMIT)
            ),
        ]
        indexes = [models.Index(fields=["program", "-id"], name="finance_receipt_latest")]

    def __str__(self) -> str:
        return self.code


class ReceiptLine(ProgramOwned):
    """How many of an order line came."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="lines", db_constraint=False)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="received", db_constraint=False)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["receipt", "line"], name="finance_receiptline_once"),
            models.CheckConstraint(name="finance_receiptline_quantity", condition=Q(quantity__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"


@pghistory.track()
class Invoice(ProgramOwned, Versioned):
    """What a vendor asks to be paid for an order, or credits on an earlier invoice (amounts above zero, minor units).

    It is a fact: it stands in the books from its entry. What does not match is held, not refused: it is paid only
    after somebody else has released it.
    """

    class Kind(models.TextChoices):
        INVOICE = "invoice", "Invoice"
        CREDIT = "credit", "Credit note"

    class State(models.TextChoices):
        CLEARED = "cleared", "Matched"
        HELD = "held", "Held"
        RELEASED = "released", "Released"
        PAID = "paid", "Paid"

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    order = models.ForeignKey(PurchaseOrder, models.PROTECT, related_name="invoices")
    vendor = models.ForeignKey(Vendor, models.PROTECT, related_name="invoices")
    code = models.CharField(max_length=30, validators=[CODE])
    number = models.CharField(max_length=60, help_text="The vendor's own.")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.INVOICE)
    credits = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="credited_by", db_constraint=False
    )
    invoiced_on = models.DateField()
    due_on = models.DateField()
    amount_minor = models.BigIntegerField()
    retained_minor = models.BigIntegerField(
        default=0, help_text="Of the amount, what the contract withholds until it is released."
    )
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=8, choices=State.choices)
    findings = models.JSONField(default=list, blank=True, help_text="What does not match, in sentences.")
    entered_by = models.ForeignKey("pmo.User", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    released_by = models.ForeignKey("pmo.User", models.PROTECT, null=True, blank=True, related_name="+")
    released_at = models.DateTimeField(null=True, blank=True)
    released_why = models.CharField(max_length=400, blank=True, default="")
    paid_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="finance_invoice_code_once"),
            models.UniqueConstraint("vendor", Lower("number"), name="finance_invoice_number_once"),
            models.UniqueConstraint(fields=["program", "id"], name="finance_invoice_in_program"),
            models.CheckConstraint(
                name="finance_invoice_amount", condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
            ),
            models.CheckConstraint(
                name="finance_invoice_retained",
                condition=Q(retained_minor__gte=0, retained_minor__lte=F("amount_minor")),
            ),
            models.CheckConstraint(
                name="finance_invoice_credits",
                condition=Q(kind="invoice", credits__isnull=True) | Q(kind="credit", credits__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_invoice_released_by_another",
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("entered_by")),
            ),
            models.CheckConstraint(
                name="finance_invoice_release",
                condition=Q(state="held", released_at__isnull=True)
                | ~Q(state__in=["held", "released"])
                | Q(state="released", released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="finance_invoice_paid",
                condition=Q(state="paid", paid_on__isnull=False)
                | (~Q(state="paid") & Q(paid_on__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(fields=["program", "-id"], name="finance_invoice_latest"),
            models.Index(
                fields=["program", "due_on"], name="finance_invoice_unpaid", condition=~Q(state="paid")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.number}"


class InvoiceLine(ProgramOwned):
    """How many of an order line are invoiced, at which price of one (minor units)."""

    view_permission: ClassVar[Permission] = Permission.VIEW_MONEY

    invoice = models.ForeignKey(Invoice, models.PROTECT, related_name="lines", db_constraint=False)
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="invoiced", db_constraint=False)
    quantity = models.DecimalField(max_digits=14, decimal_places=3)
    unit_price_minor = models.BigIntegerField()
    amount_minor = models.BigIntegerField(help_text="Quantity times price, rounded half to even.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invoice", "line"], name="finance_invoiceline_once"),
            models.CheckConstraint(name="finance_invoiceline_quantity", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="finance_invoiceline_amount",
                condition=Q(amount_minor__gt=0, amount_minor__lte=LIMIT)
                & Q(amount_minor__gte=F("quantity") * F("unit_price_minor") - 1)
                & Q(amount_minor__lte=F("quantity") * F("unit_price_minor") + 1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of {self.line_id}"
