"""Assets and reviews as the API shows and takes them. Amounts are minor units."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from rest_framework import serializers

from finance.assets.models import Asset, AssetChange, InvestmentReview
from finance.assets.values import taken_off
from finance.capex.models import CapitalRequest
from finance.capex.serializers import ReturnPart
from pmo.api.fields import SMALL, Choice, Day, Minor, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import StrictSerializer


class AssetRow(Row):
    """A fixed asset, at a part of the actual cost of its request."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    name = serializers.CharField()
    asset_class = Choice(choices=CapitalRequest.AssetClass.choices)
    capital_request_id = serializers.IntegerField(source="request_id")
    capital_request = serializers.CharField(source="request__code")
    project = serializers.CharField(source="request__project__code")
    in_service_on = Day()
    life_months = serializers.IntegerField()
    cost_minor = serializers.IntegerField()
    currency = serializers.CharField()
    handed_over_by = serializers.CharField(source="handed_over_by__name")
    handed_over_at = serializers.DateTimeField()
    retired_on = Day(allow_null=True)
    version = serializers.IntegerField()


_OF_ASSET = {name: f"asset__{name}" for name in ("cost_minor", "life_months", "in_service_on")}


class AssetChangeRow(Row):
    """What was written down of an asset, or its retirement; it counts unless it was taken back."""

    id = serializers.IntegerField()
    asset_id = serializers.IntegerField()
    asset = serializers.CharField(source="asset__code")
    kind = Choice(choices=AssetChange.Kind.choices)
    on_day = Day()
    amount_minor = serializers.IntegerField()
    taken_off_minor = serializers.IntegerField(
        source=OWN,
        help_text="What it takes off now: less than the amount where a credit note came later, 0 once taken back.",
    )
    reason = serializers.CharField()
    by = serializers.CharField(source="by__name")
    at = serializers.DateTimeField()
    taken_by = serializers.CharField(source="taken_by__name", allow_null=True)
    taken_at = serializers.DateTimeField(allow_null=True)
    taken_why = serializers.CharField()
    version = serializers.IntegerField()

    @classmethod
    def of(cls, queryset: Any) -> Any:
        """The row's own values, those of its asset, and all that stands on it, in the same query."""
        others = AssetChange.objects.filter(asset=OuterRef("asset"), taken_at=None).order_by("on_day", "pk")
        shown = JSONObject(pk="pk", kind="kind", on_day="on_day", amount_minor="amount_minor")
        return queryset.annotate(standing=ArraySubquery(others.values(shown=shown))).values(
            *{"id", "standing", *_OF_ASSET.values(), *(path for _, path, _ in cls.paths())}
        )

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        asset = Asset(**{name: values[path] for name, path in _OF_ASSET.items()})
        standing = [
            AssetChange(**one | {"on_day": date.fromisoformat(one["on_day"])}) for one in values["standing"]
        ]
        row["taken_off_minor"] = taken_off(asset, standing).get(row["id"], 0)
        return row


class AssetRetirement(StrictSerializer):
    """Out of service since a day; `version` is that of the asset as it was seen."""

    on_day = Day()
    reason = Text(max_length=1000)
    version = Whole(min_value=1, max_value=SMALL)


class AssetWriteDown(AssetRetirement):
    """Worth less by an amount; `version` is that of the asset as it was seen."""

    amount_minor = Minor(min_value=1)


class AssetChangeBack(StrictSerializer):
    """Why it was a mistake; `version` is the one that was seen."""

    reason = Text(max_length=1000)
    version = Whole(min_value=1, max_value=SMALL)


class NewAsset(StrictSerializer):
    """What stands in service."""

    name = Text(max_length=200)
    asset_class = Choice(choices=CapitalRequest.AssetClass.choices)
    in_service_on = Day()
    life_months = Whole(min_value=1, max_value=600)
    cost_minor = Minor(min_value=1)
    review_after_months = Whole(max_value=120, required=False)


class ReviewRow(Row):
    """The look back at an investment; the net present values are null without a discount rate."""

    id = serializers.IntegerField()
    capital_request_id = serializers.IntegerField(source="request_id")
    capital_request = serializers.CharField(source="request__code")
    due_on = Day()
    state = Choice(choices=InvestmentReview.State.choices)
    returns = serializers.DictField(child=serializers.IntegerField(), help_text="Period -> minor units.")
    promised_minor = serializers.IntegerField(allow_null=True)
    now_minor = serializers.IntegerField(allow_null=True)
    spent_minor = serializers.IntegerField(allow_null=True)
    lessons = serializers.CharField()
    reviewed_by = serializers.CharField(source="reviewed_by__name", allow_null=True)
    reviewed_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class Concluding(StrictSerializer):
    """What comes back as seen now, and what was learnt; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    returns = ReturnPart(many=True, required=False, help_text="Net of running cost; a period occurs once.")
    lessons = Text(max_length=8_000)

    def validate_returns(self, parts: list[dict[str, Any]]) -> dict[str, int]:
        """Period -> minor units, as the service takes it."""
        found = {str(part["period"]): int(part["amount_minor"]) for part in parts}
        if len(found) < len(parts):
            raise serializers.ValidationError("A period occurs twice.")
        return found
