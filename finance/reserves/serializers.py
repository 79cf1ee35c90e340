"""Planned draws and kept expectations as the API shows and takes them. Amounts are minor units."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from finance.reserves.models import RESERVE_CHOICES, ReserveOutlook
from finance.structure.models import PERIOD_CODE
from pmo.api.fields import SMALL, Choice, Instant, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class PlannedDrawRow(Row):
    """A setting of what is planned to be drawn from a reserve in a month; the newest `n` of both holds."""

    id = serializers.IntegerField()
    category = Choice(choices=RESERVE_CHOICES)
    month = serializers.CharField()
    n = serializers.IntegerField()
    amount_minor = serializers.IntegerField()
    reason = serializers.CharField()
    set_by = serializers.CharField(source="set_by__name")
    set_at = Instant()


class NewPlannedDraw(StrictSerializer):
    """How much is planned (zero: nothing any more) and why; `seen` is the newest `n` of that reserve and month."""

    category = Choice(choices=RESERVE_CHOICES)
    month = Text(max_length=7, validators=[PERIOD_CODE])
    amount_minor = Minor()
    reason = Text(max_length=400)
    seen = Whole(min_value=0, max_value=SMALL)


class ReserveOutlookRow(Row):
    """What was expected of the reserves at a moment, as it was then; expected: exposure x probability."""

    id = serializers.IntegerField()
    number = serializers.IntegerField()
    occasion = Choice(choices=ReserveOutlook.Occasion.choices)
    month = serializers.CharField()
    status_at = Instant(allow_null=True)
    note = serializers.CharField()
    open_risks = serializers.IntegerField(source="risks")
    undated_risks = serializers.IntegerField(source="undated")
    gross_minor = serializers.IntegerField()
    left_minor = serializers.IntegerField()
    expected_minor = serializers.IntegerField()
    planned_minor = serializers.IntegerField()
    management_left_minor = serializers.IntegerField(source="reserve_left_minor")
    management_planned_minor = serializers.IntegerField(source="reserve_planned_minor")
    kept_by = serializers.CharField(source="kept_by__name", allow_null=True)
    kept_at = Instant()


class OutlookMonthRow(Row):
    """A month of a kept expectation."""

    id = serializers.IntegerField()
    expectation = serializers.IntegerField(source="outlook_id")
    category = Choice(choices=RESERVE_CHOICES)
    month = serializers.CharField()
    planned_minor = serializers.IntegerField()
    expected_minor = serializers.IntegerField()


class NewOutlook(StrictSerializer):
    """What it is kept for."""

    note = Text(max_length=400, allow_blank=True, required=False)


class OutlookScore(serializers.Serializer[Any]):
    """A kept expectation (null: all of a lead time in months) against what was drawn in the months that ended."""

    expectation = serializers.IntegerField(allow_null=True)
    lead_months = serializers.IntegerField(allow_null=True)
    months = serializers.IntegerField()
    expected_minor = serializers.IntegerField()
    planned_minor = serializers.IntegerField()
    drawn_minor = serializers.IntegerField()
    management_planned_minor = serializers.IntegerField()
    management_drawn_minor = serializers.IntegerField()
    bias_of_expected = serializers.CharField(allow_null=True)
    bias_of_planned = serializers.CharField(allow_null=True)


class OutlookScores(serializers.Serializer[Any]):
    """How kept expectations did; bias = (expected - drawn) / drawn as text."""

    currency = serializers.CharField()
    expectations = OutlookScore(many=True)
    by_lead = OutlookScore(many=True)
