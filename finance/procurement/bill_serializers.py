"""Receipts, invoices and the tolerance as the API shows and takes them. Minor units; quantities exact text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.procurement.bills import Invoice
from finance.procurement.matching import Billed
from finance.procurement.models import PurchaseOrder
from finance.procurement.services import MOST_LINES
from pmo.api.fields import BIG, SMALL, Choice, Day, Exact, Minor, Related, Text, Whole
from pmo.api.rows import OWN, Row, plain
from pmo.api.views import StrictSerializer


def orders(program_id: int) -> Any:
    """The orders of one program."""
    return PurchaseOrder.objects.filter(program_id=program_id).select_related("request")


class _WithLines(Row):
    """A row that comes with its lines, as one JSON value of the same query."""

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        row["lines"] = [
            {**line, "quantity": plain(Decimal(str(line["quantity"])))} for line in values["written"] or []
        ]
        return row

    @classmethod
    def of(cls, queryset: Any) -> Any:
        """The row's own values and its lines."""
        return queryset.values(*{"id", "written", *(path for _, path, _ in cls.paths())})


class ReceiptLineOut(serializers.Serializer[Any]):
    """How many of an order line came."""

    order_line_id = serializers.IntegerField()
    quantity = serializers.CharField()


class ReceiptRow(_WithLines):
    """A receipt; `amount_minor` is what of it was not invoiced before."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    order_id = serializers.IntegerField()
    order = serializers.CharField(source="order__code")
    received_on = Day()
    note = serializers.CharField()
    amount_minor = serializers.IntegerField()
    received_by = serializers.CharField(source="received_by__name")
    received_at = serializers.DateTimeField()
    lines = ReceiptLineOut(source=OWN, many=True)


class InvoiceLineOut(ReceiptLineOut):
    """How many of an order line are invoiced, and at what price of one."""

    unit_price_minor = serializers.IntegerField()
    amount_minor = serializers.IntegerField()


class InvoiceRow(_WithLines):
    """An invoice or credit note; `findings` say what does not match."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    number = serializers.CharField()
    kind = Choice(choices=Invoice.Kind.choices)
    credits_id = serializers.IntegerField(allow_null=True)
    order_id = serializers.IntegerField()
    order = serializers.CharField(source="order__code")
    vendor_id = serializers.IntegerField()
    vendor = serializers.CharField(source="vendor__name")
    invoiced_on = Day()
    due_on = Day()
    amount_minor = serializers.IntegerField()
    retained_minor = serializers.IntegerField(help_text="Of the amount; withheld by the contract.")
    currency = serializers.CharField()
    state = Choice(choices=Invoice.State.choices)
    findings = serializers.ListField(child=serializers.CharField())
    entered_by = serializers.CharField(source="entered_by__name")
    entered_at = serializers.DateTimeField()
    released_by = serializers.CharField(source="released_by__name", allow_null=True)
    released_at = serializers.DateTimeField(allow_null=True)
    released_why = serializers.CharField()
    paid_on = Day(allow_null=True)
    lines = InvoiceLineOut(source=OWN, many=True)
    version = serializers.IntegerField()


class ReceiptLineIn(StrictSerializer):
    """How many of an order line came."""

    order_line = Whole(min_value=1, max_value=BIG)
    quantity = Exact(max_digits=13, decimal_places=3, min_value=Decimal("0.001"))


class NewReceipt(StrictSerializer):
    """What came of an order."""

    order = Related(orders)
    received_on = Day()
    note = Text(max_length=200, allow_blank=True, required=False)
    lines = ReceiptLineIn(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Each line of the order once."""
        if len({line["order_line"] for line in lines}) < len(lines):
            raise serializers.ValidationError("A line of the order occurs twice.")
        return lines

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """As the service takes it."""
        lines = attrs.pop("lines")
        return attrs | {"quantities": {line["order_line"]: line["quantity"] for line in lines}}


class InvoiceLineIn(ReceiptLineIn):
    """How many of an order line are invoiced, and at what price of one."""

    unit_price_minor = Minor(min_value=1)


class NewInvoice(StrictSerializer):
    """A vendor's invoice for an order."""

    order = Related(orders)
    number = Text(max_length=60)
    invoiced_on = Day()
    lines = InvoiceLineIn(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[Billed]:
        """As the service takes them."""
        return [Billed(line["order_line"], line["quantity"], line["unit_price_minor"]) for line in lines]


class NewCredit(StrictSerializer):
    """A credit note on an invoice."""

    number = Text(max_length=60)
    invoiced_on = Day()
    amount_minor = Minor(min_value=1)


class Releasing(StrictSerializer):
    """Why a held invoice may be paid; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=400)


class Paying(StrictSerializer):
    """When it was paid; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    paid_on = Day()


class OwedOut(serializers.Serializer[Any]):
    """What is owed to one vendor: minor units by bucket of days since it was due."""

    vendor_id = serializers.IntegerField()
    vendor = serializers.CharField()
    currency = serializers.CharField()
    buckets = serializers.DictField(child=serializers.IntegerField())
    held_minor = serializers.IntegerField()
    retained_minor = serializers.IntegerField(help_text="Owed besides, by contracts, until it is released.")
    total_minor = serializers.IntegerField()


class ToleranceOut(serializers.Serializer[Any]):
    """Percents as exact text, the amount in minor units."""

    quantity_percent = serializers.CharField()
    price_percent = serializers.CharField()
    price_minor = serializers.IntegerField()
    version = serializers.IntegerField()


class ToleranceIn(StrictSerializer):
    """The three limits; `version` is the one that was seen (0: none yet)."""

    version = Whole(max_value=SMALL)
    quantity_percent = Exact(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))
    price_percent = Exact(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100))
    price_minor = Minor()
