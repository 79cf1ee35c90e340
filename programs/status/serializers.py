"""Words about a period as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Day
from pmo.api.rows import Row


class NarrativeRow(Row):
    """A project's words for one status date (Markdown)."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    as_of = Day()
    achieved = serializers.CharField()
    planned_next = serializers.CharField()
    help_needed = serializers.CharField()
    author = serializers.CharField(source="author__name", allow_null=True)
    version = serializers.IntegerField()
