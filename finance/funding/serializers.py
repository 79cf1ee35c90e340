"""The capital program as the API shows and takes it; amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class FundingPlanRow(Row):
    """One file; `steps` are the columns of its amounts in their order."""

    id = serializers.IntegerField()
    file_name = serializers.CharField()
    steps = serializers.ListField(child=serializers.CharField())
    funds = serializers.ListField(child=serializers.CharField())
    rows = serializers.IntegerField()
    uploaded_by = serializers.CharField(source="uploaded_by__name", allow_null=True)
    uploaded_at = serializers.DateTimeField()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    why = serializers.CharField()


class FundingLineRow(Row):
    """What one request asks of one source; `amounts` as the file's steps."""

    id = serializers.IntegerField()
    plan = serializers.IntegerField(source="plan_id")
    row = serializers.IntegerField()
    fiscal_year = serializers.IntegerField()
    unit = serializers.CharField()
    unit_name = serializers.CharField()
    request = serializers.CharField()
    title = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    source_name = serializers.CharField()
    fund = serializers.CharField()
    amounts = serializers.ListField(child=serializers.IntegerField())


class NewFundingPlan(StrictSerializer):
    """A CSV file as text, the columns of its steps, and the groups of its sources (one a line: Bonds: 1, 657)."""

    name = Text(max_length=200)
    content = Text(max_length=3_000_000, trim_whitespace=False)
    steps = Text(max_length=800)
    funds = Text(max_length=4000, required=False, default="", allow_blank=True, trim_whitespace=False)


class Withdrawal(StrictSerializer):
    """Why a file is withdrawn."""

    why = Text(max_length=400)


class FundingUnit(serializers.Serializer[Any]):
    """One unit in one fiscal year."""

    fiscal_year = serializers.IntegerField()
    unit = serializers.CharField()
    name = serializers.CharField()
    requests = serializers.IntegerField()
    funds_minor = serializers.DictField(child=serializers.IntegerField())
    total_minor = serializers.IntegerField()


class FundingStep(serializers.Serializer[Any]):
    """The table as it stood at one step."""

    step = serializers.CharField()
    units = FundingUnit(many=True)


class FundingAnswer(serializers.Serializer[Any]):
    """Funding by source and year, step by step."""

    currency = serializers.CharField()
    steps = FundingStep(many=True)
