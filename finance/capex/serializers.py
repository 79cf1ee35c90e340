"""Capital requests as the API shows and takes them. Amounts are minor units of the request's currency."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from finance.capex.appraisal import SHOWN
from finance.capex.models import CapitalRequest
from finance.structure.choices import SPENDABLE, projects
from finance.structure.models import PERIOD_CODE
from pmo.api.fields import SMALL, Choice, Day, Exact, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.money import LIMIT


class CapitalRequestRow(Row):
    """A capital request."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    code = serializers.CharField()
    title = serializers.CharField()
    justification = serializers.CharField()
    alternatives = serializers.CharField()
    amount_minor = serializers.IntegerField()
    currency = serializers.CharField()
    category = Choice(choices=SPENDABLE)
    vendor = serializers.CharField()
    cash_profile = serializers.DictField(child=serializers.IntegerField(), help_text="Period -> minor units.")
    returns = serializers.DictField(child=serializers.IntegerField(), help_text="Period -> minor units.")
    discount_percent = serializers.DecimalField(max_digits=6, decimal_places=3, allow_null=True)
    asset_class = Choice(choices=CapitalRequest.AssetClass.choices, allow_blank=True)
    in_service_on = Day(allow_null=True)
    state = Choice(choices=CapitalRequest.State.choices)
    requester = serializers.CharField(source="requester__name")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class CashPart(StrictSerializer):
    """What is paid in one period."""

    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor()


class ReturnPart(StrictSerializer):
    """What comes back in one period, net of running cost."""

    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor(min_value=-LIMIT)


class MonthOut(serializers.Serializer[Any]):
    """Cash of one month in minor units; factor and present value are null without a discount rate."""

    period = serializers.CharField()
    paid_minor = serializers.IntegerField()
    returned_minor = serializers.IntegerField()
    sum_minor = serializers.IntegerField()
    factor = serializers.CharField(allow_null=True)
    present_value_minor = serializers.IntegerField(allow_null=True)


class FigureOut(serializers.Serializer[Any]):
    """A figure: `value` as exact text (money in minor units, share as a fraction), null where `why` says why."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.ChoiceField(choices=list(SHOWN))
    formula = serializers.CharField()
    worked = serializers.CharField()
    value = serializers.CharField(allow_null=True)
    why = serializers.CharField()


class AppraisalOut(serializers.Serializer[Any]):
    """What a request is worth, and the months it follows from."""

    currency = serializers.CharField()
    discount_percent = serializers.CharField(allow_null=True)
    figures = FigureOut(many=True)
    months = MonthOut(many=True)


class _Typed(StrictSerializer):
    alternatives = Text(max_length=8_000, allow_blank=True, required=False)
    vendor = Text(max_length=200, allow_blank=True, required=False)
    cash_profile = CashPart(
        many=True, required=False, help_text="Unless empty, adds up to the amount; a period occurs once."
    )

    returns = ReturnPart(many=True, required=False, help_text="Net of running cost; a period occurs once.")
    discount_percent = Exact(
        max_digits=6,
        decimal_places=3,
        min_value=Decimal(0),
        max_value=Decimal(100),
        allow_null=True,
        required=False,
    )
    asset_class = Choice(choices=CapitalRequest.AssetClass.choices, allow_blank=True, required=False)
    in_service_on = Day(allow_null=True, required=False)

    def validate_returns(self, parts: list[dict[str, object]]) -> dict[str, int]:
        """Period -> minor units, as the services take it."""
        return self.validate_cash_profile(parts)

    def validate_cash_profile(self, parts: list[dict[str, object]]) -> dict[str, int]:
        """Period -> minor units, as the services take it."""
        profile = {str(part["period"]): int(str(part["amount_minor"])) for part in parts}
        if len(profile) < len(parts):
            raise serializers.ValidationError("A period occurs twice.")
        return profile


class NewCapitalRequest(_Typed):
    """A request to draft."""

    project = Related(projects)
    title = Text(max_length=200)
    justification = Text(max_length=8_000)
    amount_minor = Minor(min_value=1)
    category = Choice(choices=SPENDABLE)


class CapitalRequestChanges(_Typed):
    """What of a request changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    title = Text(max_length=200, required=False)
    justification = Text(max_length=8_000, required=False)
    amount_minor = Minor(min_value=1, required=False)
    category = Choice(choices=SPENDABLE, required=False)
