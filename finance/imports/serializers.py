"""Files of actual cost as the API shows and takes them."""

from __future__ import annotations

from rest_framework import serializers

from finance.imports.layout import CREDITS, DATE_ORDERS, DECIMALS
from finance.imports.models import ActualBatch
from pmo.api.fields import Choice, Flag, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.money import LIMIT


class CostFileRow(Row):
    """A file: its control totals (sums in minor units), and the first rows that do not fit."""

    id = serializers.IntegerField()
    source = Choice(choices=ActualBatch.Source.choices)  # type: ignore[assignment]
    cost_source = serializers.CharField(source="cost_source__name", allow_null=True)
    file_name = serializers.CharField()
    digest = serializers.CharField()
    state = Choice(choices=ActualBatch.State.choices)
    step = serializers.CharField()
    percent = serializers.IntegerField()
    said = serializers.CharField()
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
    control_minor = Minor(min_value=-LIMIT, required=False, allow_null=True, default=None)
    source = Text(  # type: ignore[assignment]
        max_length=14, required=False, allow_blank=True, default=""
    )


class CostUpload(StrictSerializer):
    """A CSV file or a workbook (XLSX) as it is, and how to read it."""

    file = serializers.FileField(max_length=500)
    sheet = Text(max_length=31, required=False, allow_blank=True, default="")
    control_minor = Minor(min_value=-LIMIT, required=False, default=None)
    source = Text(  # type: ignore[assignment]
        max_length=14, required=False, allow_blank=True, default=""
    )


class Late(StrictSerializer):
    """Whether costs of closed periods are entered in today's, as adjustments of theirs."""

    late = Flag()


class ControlTotal(StrictSerializer):
    """The ERP's own total of the file, in minor units of the program's currency; null: not known."""

    control_minor = Minor(min_value=-LIMIT, allow_null=True)


class CorrectedRows(StrictSerializer):
    """The CSV file of faults as text, its rows corrected."""

    content = Text(max_length=1_000_000, trim_whitespace=False)


class LeaveOut(StrictSerializer):
    """Rows by their numbers, and why they are left out."""

    rows = serializers.ListField(
        child=Whole(min_value=1, max_value=2**31 - 1), min_length=1, max_length=10_000
    )
    reason = Text(max_length=400)


class LayoutFields(StrictSerializer):
    """How a source's files are written."""

    columns = serializers.DictField(child=Text(max_length=200))
    reference = serializers.ListField(child=Text(max_length=200), required=False, max_length=20)
    count_same = Flag(required=False, default=False)
    date_order = Choice(choices=list(DATE_ORDERS.items()), required=False, default="ymd")
    decimal = Choice(choices=list(DECIMALS.items()), required=False, default=".")
    credit = Choice(choices=list(CREDITS.items()), required=False, default="minus")
    sheet = Text(max_length=31, required=False, allow_blank=True, default="")
    defaults = serializers.DictField(child=Text(max_length=60), required=False)
    values = serializers.DictField(child=serializers.DictField(child=Text(max_length=60)), required=False)


class CostSourceRow(Row):
    """A source of cost files."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    layout = serializers.DictField()
    last_period = serializers.CharField(help_text="2026-03: it ended with that period. Empty: it goes on.")
    end_why = serializers.CharField(help_text="Why it ended, or goes on again.")
    edited_at = serializers.DateTimeField()
    edited_by = serializers.CharField(source="edited_by__name", allow_null=True)
    version = serializers.IntegerField()


class NewCostSource(StrictSerializer):
    """A source to be described."""

    name = Text(max_length=14)
    layout = LayoutFields()


class CostSourceChanges(StrictSerializer):
    """A source described anew; `version` is the one that was read."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    name = Text(max_length=14)
    layout = LayoutFields()


class CostSourceEnd(StrictSerializer):
    """The last period of a source, and why it ends; `version` is the one that was read."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    last_period = serializers.RegexField(r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    reason = Text(max_length=400)


class CostSourceReopening(StrictSerializer):
    """Why a source goes on; `version` is the one that was read."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    reason = Text(max_length=400)
