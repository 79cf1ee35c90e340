"""Files of actual cost as the API shows and takes them."""

from __future__ import annotations

from rest_framework import serializers

from finance.imports.models import ActualBatch
from pmo.api.fields import Choice, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer


class CostFileRow(Row):
    """A file: its control totals (sums in minor units), and the first rows that do not fit."""

    id = serializers.IntegerField()
    source = Choice(choices=ActualBatch.Source.choices)  # type: ignore[assignment]
    file_name = serializers.CharField()
    digest = serializers.CharField()
    state = Choice(choices=ActualBatch.State.choices)
    totals = serializers.DictField()
    problems = serializers.ListField(child=serializers.DictField())
    uploaded_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField(source="uploaded_by__name", allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)


class NewCostFile(StrictSerializer):
    """A CSV file as text (at most 1 MB here; larger ones through the page)."""

    file_name = Text(max_length=200)
    content = Text(max_length=1_000_000, trim_whitespace=False)
