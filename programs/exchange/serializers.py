"""Plan imports as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant
from pmo.api.rows import Row

from .models import PlanImport


class PlanImportRow(Row):
    """A file that came in: control totals of what was read."""

    id = serializers.IntegerField()
    file_name = serializers.CharField()
    format = Choice(choices=PlanImport.Format.choices)
    digest = serializers.CharField(help_text="Of the content: the same plan is accepted once.")
    state = Choice(choices=PlanImport.State.choices)
    totals = serializers.JSONField()
    uploaded_by = serializers.CharField(source="uploaded_by__name", allow_null=True)
    uploaded_at = Instant()
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)
    accepted_at = Instant(allow_null=True)


class PlanImportDetail(PlanImportRow):
    """An import with what does not fit, row by row, and what acceptance would do."""

    problems = serializers.JSONField()
    changes = serializers.JSONField()


class Upload(serializers.Serializer[Any]):
    """One file: a zip of the bundle's CSV files, MS Project XML, or Primavera XER or P6 XML."""

    file = serializers.FileField(max_length=500)
