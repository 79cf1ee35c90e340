"""Files of actual cost as the API shows and takes them."""

from __future__ import annotations

from rest_framework import serializers

from finance.imports.models import ActualBatch
from pmo.api.fields import Choice, Flag, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.money import LIMIT


class CostFileRow(Row):
    """A file: its control totals (sums in minor units), and the first rows that do not fit."""

    id = serializers.IntegerField()
    source = Choice(choices=ActualBatch.Source.choices)  # type: ignore[assignment]
    file_name = serializers.CharField()
    digest = serializers.CharField()
    state = Choice(choices=ActualBatch.State.choices)
    totals = serializers.DictField()
    control_minor = serializers.IntegerField(allow_null=True)
    late = serializers.BooleanField()
    problems = serializers.ListField(child=serializers.DictField())
    uploaded_at = serializers.DateTimeField()
    uploaded_by = serializers.CharField(source="uploaded_by__name", allow_null=True)
    accepted_at = serializers.DateTimeField(allow_null=True)
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)


class NewCostFile(StrictSerializer):
    """A CSV file as text (at most 1 MB here; larger ones through the page)."""

    file_name = Text(max_length=200)
    content = Text(max_length=1_000_000, trim_whitespace=False)
    control_minor = Whole(min_value=-LIMIT, max_value=LIMIT, required=False, allow_null=True, default=None)


class Late(StrictSerializer):
    """Whether costs of closed periods are entered in today's, as adjustments of theirs."""

    late = Flag()


class ControlTotal(StrictSerializer):
    """The ERP's own total of the file, in minor units of the program's currency; null: not known."""

    control_minor = Whole(min_value=-LIMIT, max_value=LIMIT, allow_null=True)
