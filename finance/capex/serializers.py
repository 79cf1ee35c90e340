"""Capital requests as the API shows and takes them. Amounts are minor units of the request's currency."""

from __future__ import annotations

from rest_framework import serializers

from finance.capex.models import CapitalRequest
from finance.structure.choices import SPENDABLE, projects
from finance.structure.models import PERIOD_CODE
from pmo.api.fields import SMALL, Choice, Related, Text, Whole
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
    state = Choice(choices=CapitalRequest.State.choices)
    requester = serializers.CharField(source="requester__name")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class CashPart(StrictSerializer):
    """What is paid in one period."""

    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Whole(max_value=LIMIT)


class _Typed(StrictSerializer):
    alternatives = Text(max_length=8_000, allow_blank=True, required=False)
    vendor = Text(max_length=200, allow_blank=True, required=False)
    cash_profile = CashPart(
        many=True, required=False, help_text="Unless empty, adds up to the amount; a period occurs once."
    )

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
    amount_minor = Whole(min_value=1, max_value=LIMIT)
    category = Choice(choices=SPENDABLE)


class CapitalRequestChanges(_Typed):
    """What of a request changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    title = Text(max_length=200, required=False)
    justification = Text(max_length=8_000, required=False)
    amount_minor = Whole(min_value=1, max_value=LIMIT, required=False)
    category = Choice(choices=SPENDABLE, required=False)
