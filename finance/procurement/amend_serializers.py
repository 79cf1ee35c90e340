"""Amendments of orders as the API shows and takes them. Minor units; quantities exact text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.procurement.bill_serializers import orders
from finance.procurement.serializers import OrderLineIn
from finance.procurement.services import MOST_LINES, Wanted
from pmo.api.fields import BIG, SMALL, Day, Exact, Related, Text, Whole
from pmo.api.rows import OWN, Row, plain
from pmo.api.views import StrictSerializer


class AmendedLineOut(serializers.Serializer[Any]):
    """What an amendment made of a line; one that it added comes from nothing."""

    order_line_id = serializers.IntegerField()
    text = serializers.CharField()
    unit_price_minor = serializers.IntegerField()
    from_quantity = serializers.CharField()
    to_quantity = serializers.CharField()
    from_minor = serializers.IntegerField()
    to_minor = serializers.IntegerField()


class OrderAmendmentRow(Row):
    """An amendment; `committed_minor` is the difference, less what was invoiced beyond the order before."""

    id = serializers.IntegerField()
    order_id = serializers.IntegerField()
    order = serializers.CharField(source="order__code")
    n = serializers.IntegerField()
    from_minor = serializers.IntegerField()
    to_minor = serializers.IntegerField()
    committed_minor = serializers.IntegerField()
    currency = serializers.CharField(source="order__currency")
    expected_before = Day(allow_null=True)
    expected_on = Day(allow_null=True)
    reason = serializers.CharField()
    amended_by = serializers.CharField(source="amended_by__name")
    amended_at = serializers.DateTimeField()
    lines = AmendedLineOut(source=OWN, many=True)

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        """The lines come with the row, as one JSON value of the same query."""
        row["lines"] = [
            line | {name: plain(Decimal(str(line[name]))) for name in ("from_quantity", "to_quantity")}
            for line in values["written"] or []
        ]
        return row

    @classmethod
    def of(cls, queryset: Any) -> Any:
        """The row's own values and its lines."""
        return queryset.values(*{"id", "written", *(path for _, path, _ in cls.paths())})


class LineQuantity(StrictSerializer):
    """How many of a line are ordered from now on; 0 takes it out."""

    order_line = Whole(min_value=1, max_value=BIG)
    quantity = Exact(max_digits=13, decimal_places=3, min_value=Decimal(0))


class NewOrderAmendment(StrictSerializer):
    """What becomes of an order under way; `version` is the one that was seen. A day that is left out stays."""

    order = Related(orders)
    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=400)
    expected_on = Day(allow_null=True, required=False)
    lines = LineQuantity(many=True, required=False, max_length=MOST_LINES * 2)  # type: ignore[call-arg]
    added = OrderLineIn(many=True, required=False, max_length=MOST_LINES)  # type: ignore[call-arg]

    def validate_lines(self, lines: list[dict[str, Any]]) -> dict[int, Decimal]:
        """By id of the line; each once."""
        found = {line["order_line"]: line["quantity"] for line in lines}
        if len(found) < len(lines):
            raise serializers.ValidationError("A line of the order occurs twice.")
        return found

    def validate_added(self, lines: list[dict[str, Any]]) -> list[Wanted]:
        """As the service takes them."""
        return [Wanted(**line) for line in lines]

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """The names of the service."""
        if "lines" in given:
            given["quantities"] = given.pop("lines")
        return given
