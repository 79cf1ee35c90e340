"""Words about a period as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import BIG, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.portfolio.models import Project


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


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


class StatusUpdateRow(Row):
    """A status date that somebody set: of a project, or (null) of every open one."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    at = Instant()
    remark = serializers.CharField()
    person = serializers.CharField(source="by__name")
    made_at = Instant()
    unstarted = serializers.IntegerField(help_text="Due to start by then, without an actual start.")
    unfinished = serializers.IntegerField(help_text="Due to finish by then, without an actual finish.")
    moved = serializers.IntegerField(
        allow_null=True, help_text="Activities with new dates; null: by a worker."
    )
    finish_before = Instant(allow_null=True, help_text="The program's finish before.")
    finish_after = Instant(allow_null=True)
    taken_by = serializers.CharField(source="taken_by__name", allow_null=True)
    taken_at = Instant(allow_null=True)
    taken_why = serializers.CharField()


class NewStatusUpdate(StrictSerializer):
    """A new status date; without `project` of every open project.

    `seen` is the highest id of the program's status periods as they were read, 0 for none.
    """

    project = Related(projects, required=False, allow_null=True)
    at = Instant()
    remark = Text(max_length=1000)
    seen = Whole(max_value=BIG)


class TakeBack(StrictSerializer):
    """Why a status date is taken back."""

    reason = Text(max_length=1000)
