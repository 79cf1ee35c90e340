"""Assessments as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Instant
from pmo.api.rows import Row


class HealthPoint(Row):
    """The 14 points of one day, of the program (project null) or of one project."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    day = serializers.DateField()
    assessed_at = Instant()
    plan_version = serializers.IntegerField()
    computation_id = serializers.IntegerField()
    baseline_id = serializers.IntegerField(allow_null=True)
    open_activities = serializers.IntegerField()
    links = serializers.IntegerField()
    failed = serializers.IntegerField(help_text="Points that fail.")
    applicable = serializers.IntegerField(help_text="Points that apply.")
    from_progress = serializers.BooleanField(
        help_text="Of a status date, assessed afterwards with its progress and the links of today."
    )
    points = serializers.JSONField(
        help_text="The 14 points in order: numerator, denominator (working minutes in 12 and 13, else counts), "
        "limit as an exact fraction, verdict, reason."
    )
    found = serializers.JSONField(
        help_text="By point: [activity id, link id or null, working minutes], worst first; latest day only."
    )
    repairs = serializers.JSONField(
        help_text="Failed points in the order to repair them: working minutes by which the finish moves, and at stake."
    )
    practices = serializers.JSONField(help_text="The ten GAO practices as far as they can be computed.")
