"""Reconciliation as the API shows and takes it. Amounts are minor units; rounding has parts of one, as text."""

from __future__ import annotations

from rest_framework import serializers

from finance.structure.models import FiscalPeriod
from pmo.api.fields import Choice, Minor, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.money import LIMIT


class ErpTotalRow(Row):
    """The ERP's own total of a period."""

    id = serializers.IntegerField()
    period = serializers.CharField(source="period__code")
    source = serializers.CharField(  # type: ignore[assignment]
        source="source__name", allow_null=True, help_text="None: all sources together."
    )
    amount_minor = serializers.IntegerField()
    note = serializers.CharField()
    entered_by = serializers.CharField(source="entered_by__name", allow_null=True)
    entered_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class NewErpTotal(StrictSerializer):
    """The ERP's total of a period; `version` is the one that was read, 0 where there was none."""

    period = serializers.RegexField(r"^[0-9]{4}-(0[1-9]|1[0-2])$")
    amount_minor = Minor(min_value=-LIMIT)
    source = Text(  # type: ignore[assignment]
        max_length=14, required=False, default="", allow_blank=True,
        help_text="Name of a source of cost files; without one it is the total of all sources together.",
    )  # fmt: skip
    note = Text(max_length=200, required=False, default="", allow_blank=True)
    version = Whole(max_value=2**31 - 1, required=False, default=0)


class ReconciliationStep(serializers.Serializer[None]):
    """One step."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    amount_minor = serializers.CharField()
    note = serializers.CharField(allow_blank=True)


class ReconciledSource(serializers.Serializer[None]):
    """What is explained of one source's total; `source` is none for files that were read without one."""

    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    erp_minor = serializers.CharField(allow_null=True)
    explained_minor = serializers.CharField()
    unexplained_minor = serializers.CharField(allow_null=True)


class ReconciliationOut(serializers.Serializer[None]):
    """A period's steps, in order."""

    period = serializers.CharField()
    state = Choice(choices=FiscalPeriod.State.choices)
    currency = serializers.CharField()
    steps = ReconciliationStep(many=True)
    unexplained_minor = serializers.CharField(allow_null=True)
    sources = ReconciledSource(many=True)
