"""Vendors and orders as the API shows and takes them. Amounts are minor units, quantities exact text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.capex.models import CapitalRequest
from finance.contracts.models import Contract
from finance.procurement.models import PurchaseOrder, Vendor
from finance.procurement.services import MOST_LINES, Wanted
from pmo.api.fields import SMALL, Choice, Day, Exact, Flag, Minor, Related, Text, Whole
from pmo.api.rows import OWN, Row, plain
from pmo.api.views import StrictSerializer


def capital_requests(program_id: int) -> Any:
    """The capital requests of one program."""
    return CapitalRequest.objects.filter(program_id=program_id)


def contracts(program_id: int) -> Any:
    """The contracts of one program."""
    return Contract.objects.filter(program_id=program_id)


def vendors(program_id: int) -> Any:
    """The vendors of one program."""
    return Vendor.objects.filter(program_id=program_id)


class VendorRow(Row):
    """A vendor; `payment_days` from the date of an invoice to the day it is due."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    tax_number = serializers.CharField()
    email = serializers.CharField()
    payment_days = serializers.IntegerField()
    active = serializers.BooleanField()
    version = serializers.IntegerField()


class NewVendor(StrictSerializer):
    """A vendor to register."""

    name = Text(max_length=200)
    tax_number = Text(max_length=40, allow_blank=True, required=False)
    email = Text(max_length=254, allow_blank=True, required=False)
    payment_days = Whole(max_value=365, required=False)
    active = Flag(required=False)


class VendorChanges(NewVendor):
    """What of a vendor changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    name = Text(max_length=200, required=False)


class OrderLineOut(serializers.Serializer[Any]):
    """A line of an order as it is now; quantity and amount are 0 where an amendment took it out."""

    id = serializers.IntegerField()
    n = serializers.IntegerField()
    text = serializers.CharField()
    quantity = serializers.CharField()
    unit_price_minor = serializers.IntegerField()
    amount_minor = serializers.IntegerField()


class PurchaseOrderRow(Row):
    """An order with its lines."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    capital_request_id = serializers.IntegerField(source="request_id")
    capital_request = serializers.CharField(source="request__code")
    project = serializers.CharField(source="request__project__code")
    vendor_id = serializers.IntegerField()
    vendor = serializers.CharField(source="vendor__name")
    contract_id = serializers.IntegerField(allow_null=True)
    contract = serializers.CharField(source="contract__code", allow_null=True)
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    expected_on = Day(allow_null=True)
    state = Choice(choices=PurchaseOrder.State.choices)
    ordered_by = serializers.CharField(source="ordered_by__name")
    ordered_at = serializers.DateTimeField()
    ended_by = serializers.CharField(source="ended_by__name", allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    ended_why = serializers.CharField()
    lines = OrderLineOut(source=OWN, many=True)
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """The lines come with the row, as one JSON value of the same query."""
        row["lines"] = [
            {**line, "quantity": plain(Decimal(str(line["quantity"])))} for line in values["written"] or []
        ]
        return row

    @classmethod
    def of(cls, queryset: Any) -> Any:
        """The row's own values and its lines."""
        return queryset.values(*{"id", "written", *(path for _, path, _ in cls.paths())})


class OrderLineIn(StrictSerializer):
    """A line to order: minor units for one, at most three decimals of quantity."""

    text = Text(max_length=200)
    quantity = Exact(max_digits=13, decimal_places=3, min_value=Decimal("0.001"))
    unit_price_minor = Minor(min_value=1)


class NewPurchaseOrder(StrictSerializer):
    """An order to place on an approved request."""

    capital_request = Related(capital_requests)
    vendor = Related(vendors)
    title = Text(max_length=200)
    expected_on = Day(allow_null=True, required=False)
    contract = Related(contracts, allow_null=True, required=False)
    lines = OrderLineIn(many=True, min_length=1, max_length=MOST_LINES)  # type: ignore[call-arg]

    def validate_lines(self, lines: list[dict[str, Any]]) -> list[Wanted]:
        """As the service takes them."""
        return [Wanted(**line) for line in lines]


class Cancelling(StrictSerializer):
    """Why what has not come is taken back; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=400)


class RequestMoneyOut(serializers.Serializer[Any]):
    """approved = reserved + ordered + accrued + spent + returned - beyond, from the request's journals."""

    currency = serializers.CharField()
    state = serializers.ChoiceField(choices=CapitalRequest.State.choices)
    approved_minor = serializers.IntegerField()
    reserved_minor = serializers.IntegerField()
    ordered_minor = serializers.IntegerField()
    accrued_minor = serializers.IntegerField()
    spent_minor = serializers.IntegerField()
    returned_minor = serializers.IntegerField()
    beyond_minor = serializers.IntegerField()
