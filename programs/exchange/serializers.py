"""Plan imports as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer

from .models import PlanImport


class PlanImportRow(Row):
    """A file that came in: control totals of what was read."""

    id = serializers.IntegerField()
    file_name = serializers.CharField()
    source_name = serializers.CharField(help_text="Of a table: by which source's columns it was read.")
    format = Choice(choices=PlanImport.Format.choices)
    digest = serializers.CharField(help_text="Of the content: the same plan is accepted once.")
    state = Choice(choices=PlanImport.State.choices)
    totals = serializers.JSONField()
    uploaded_by = serializers.CharField(source="uploaded_by__name", allow_null=True)
    uploaded_at = Instant()
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)
    accepted_at = Instant(allow_null=True)
    undone_by = serializers.CharField(source="undone_by__name", allow_null=True)
    undone_at = Instant(allow_null=True)
    undone_why = serializers.CharField()


class PlanImportDetail(PlanImportRow):
    """An import with what does not fit, row by row, and what acceptance would do."""

    problems = serializers.JSONField()
    changes = serializers.JSONField()


class Upload(serializers.Serializer[Any]):
    """One plan file: a zip of CSV files, MS Project XML, Primavera XER or P6 XML, GanttProject, or a source's table."""

    file = serializers.FileField(max_length=500)
    plan_source = serializers.IntegerField(
        required=False,
        help_text="For a CSV or XLSX table: the id of the plan source that says what its columns mean.",
    )


class PlanAcceptance(StrictSerializer):
    """How a dry run is accepted: what the file does not have any more is kept, but in the projects named here."""

    take_out = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=1000,
        help_text="Codes of projects: what came by an earlier import, is not in the file any more and can go, goes.",
    )
    agreed = serializers.BooleanField(
        required=False, help_text="Accept although committed milestones move later (409 names them)."
    )


class UndoKind(serializers.Serializer[Any]):
    """Rows of one kind that an undo takes away, gives former values, brings back, or leaves though it added them."""

    rows = serializers.CharField()
    taken = serializers.IntegerField()
    restored = serializers.IntegerField()
    returned = serializers.IntegerField(help_text="Rows that the acceptance took out.")
    kept = serializers.IntegerField()


class UndoKept(serializers.Serializer[Any]):
    """A value (or, without a field, a row) that stays, and why."""

    row = serializers.CharField()
    field = serializers.CharField(allow_blank=True)
    imported = serializers.CharField(allow_blank=True)
    now = serializers.CharField(allow_blank=True)
    why = serializers.CharField()


class UndoPreview(serializers.Serializer[Any]):
    """What undoing an accepted import would do now. Where there are refusals, it is refused with them."""

    plan_version = serializers.IntegerField(help_text="To be sent with the undo.")
    kinds = UndoKind(many=True)
    kept = UndoKept(many=True)
    gone = serializers.IntegerField(help_text="Rows that somebody took out since.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What follows besides.")
    refusals = serializers.ListField(child=serializers.CharField())


class UndoOrder(StrictSerializer):
    """Undo an accepted import: why, and the plan version that was shown."""

    reason = Text(max_length=500)
    plan_version = Whole()
    agreed = serializers.BooleanField(
        required=False, help_text="Undo although committed milestones move later (409 names them)."
    )
