"""Forecasts as the API shows and takes them. Amounts are minor units of the program's currency."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.forecast.models import Forecast, ForecastLine
from finance.structure.choices import SPENDABLE, projects
from finance.structure.models import PERIOD_CODE, Nature
from pmo.api.fields import SMALL, Choice, Instant, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class ForecastRow(Row):
    """A forecast of a project as of the end of a period; the estimate at completion is actual + ETC."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    number = serializers.IntegerField()
    period = serializers.CharField(source="period__code")
    state = Choice(choices=Forecast.State.choices)
    note = serializers.CharField()
    rate = serializers.DecimalField(max_digits=12, decimal_places=6)
    slipped = serializers.DecimalField(max_digits=7, decimal_places=6)
    computed_at = Instant()
    budget_minor = serializers.IntegerField()
    actual_minor = serializers.IntegerField()
    etc_minor = serializers.IntegerField()
    submitted_by = serializers.CharField(source="submitted_by__name", allow_null=True)
    submitted_at = Instant(allow_null=True)
    version = serializers.IntegerField()


class ForecastCellRow(Row):
    """What a line of a forecast is expected to cost in a period."""

    id = serializers.IntegerField()
    forecast = serializers.IntegerField(source="line__forecast_id")
    project = serializers.CharField(source="line__forecast__project__code")
    category = serializers.CharField(source="line__category")
    nature = serializers.CharField(source="line__nature")
    method = Choice(source="line__method", choices=ForecastLine.Method.choices)
    period = serializers.CharField(source="period__code")
    amount_minor = serializers.IntegerField()


class NewForecast(StrictSerializer):
    """A forecast to begin."""

    project = Related(projects)
    period = Text(max_length=7, validators=[PERIOD_CODE], help_text="The last period that counts as actual.")


class AmountIn(StrictSerializer):
    """A written amount of a line."""

    period = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor()


class LineIn(StrictSerializer):
    """A line: its method, and for written ones its amounts (periods left out: zero)."""

    category = Choice(choices=SPENDABLE)
    nature = Choice(choices=Nature.choices)
    method = Choice(choices=ForecastLine.Method.choices)
    amounts = AmountIn(many=True, required=False)


class ForecastIn(StrictSerializer):
    """What of a draft is written; `version` is the one that was seen. Lines left out stay as they are."""

    version = Whole(min_value=1, max_value=SMALL)
    note = Text(max_length=4000, allow_blank=True, required=False)
    lines = LineIn(many=True, required=False)


class ForecastVersion(StrictSerializer):
    """The version that was seen."""

    version = Whole(min_value=1, max_value=SMALL)


class ScoreOut(serializers.Serializer[Any]):
    """A forecast (null: all of a lead time in months) against what came to pass; shares as text."""

    forecast = serializers.IntegerField(allow_null=True)
    lead_months = serializers.IntegerField(allow_null=True)
    periods = serializers.IntegerField()
    forecast_minor = serializers.IntegerField()
    actual_minor = serializers.IntegerField()
    error_minor = serializers.IntegerField()
    bias = serializers.CharField(allow_null=True)
    mape = serializers.CharField(allow_null=True)


class ScoresAnswer(serializers.Serializer[Any]):
    """How good submitted forecasts were in the periods that ended."""

    currency = serializers.CharField()
    forecasts = ScoreOut(many=True)
    by_lead = ScoreOut(many=True)
