"""Report runs as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from pmo.reports.models import Artefact, ReportRun


class RunRow(Row):
    """One building of one report."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    as_of = Instant(help_text="Status date.")
    known = Instant(help_text="Instant of knowledge.")
    state = Choice(choices=ReportRun.State.choices)
    step = serializers.CharField()
    percent = serializers.IntegerField()
    inputs_version = serializers.CharField()
    error = serializers.CharField()
    requested_by = serializers.CharField(source="requested_by__name", allow_null=True)
    requested_at = Instant()
    finished_at = Instant(allow_null=True)


class FileRow(serializers.Serializer[Any]):
    """A file of a run."""

    format = Choice(choices=Artefact.Format.choices)
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()


class RunDetail(RunRow):
    """A run with the figures it keeps and its files."""

    figures = serializers.JSONField()
    files = FileRow(many=True, source="*")


class NewRun(StrictSerializer):
    """A report to build; without clocks as of now, as known now."""

    kind = Text(max_length=24)
    as_of = Instant(required=False, allow_null=True)
    known = Instant(required=False, allow_null=True)
