"""Issues as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.accounts.models import User
from pmo.api.fields import Choice, Day, Instant, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.raid.issue_models import Issue
from programs.raid.serializers import projects
from programs.schedule.models import Activity


def people(program_id: int) -> Any:
    """Who holds a role in the program."""
    return User.objects.filter(memberships__program_id=program_id).distinct()


def activities(program_id: int) -> Any:
    """The activities of one program."""
    return Activity.objects.filter(program_id=program_id)


class IssueRow(Row):
    """An issue: what is wrong, who mends it by when, and how it was resolved. Priority 1 is the highest."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    kind = Choice(choices=Issue.Kind.choices)
    priority = serializers.IntegerField()
    came_from = Choice(source="source", choices=Issue.Source.choices)
    risk_id = serializers.IntegerField(allow_null=True)
    owner = serializers.CharField(source="owner__name", allow_null=True)
    due_on = Day(allow_null=True)
    state = Choice(choices=Issue.State.choices)
    raised_by = serializers.CharField(source="raised_by__name", allow_null=True)
    raised_at = Instant()
    resolution = serializers.CharField()
    resolved_by = serializers.CharField(source="resolved_by__name", allow_null=True)
    resolved_at = Instant(allow_null=True)
    closed_by = serializers.CharField(source="closed_by__name", allow_null=True)
    closed_at = Instant(allow_null=True)
    version = serializers.IntegerField()


class _TypedIssue(StrictSerializer):
    description = Text(max_length=5_000, allow_blank=True, required=False)
    project = Related(
        projects, required=False, allow_null=True, help_text="Id of a project; the whole program without."
    )
    kind = Choice(choices=Issue.Kind.choices, required=False)
    priority = Whole(
        min_value=1, max_value=4, required=False, help_text="1 critical, 2 high, 3 medium, 4 low."
    )
    owner = Related(
        people, required=False, allow_null=True, help_text="Id of a person with a role in the program."
    )
    due_on = Day(required=False, allow_null=True)
    activities = serializers.ListField(
        child=Related(activities),
        required=False,
        max_length=50,
        help_text="Ids of the activities it is about.",
    )


class NewIssue(_TypedIssue):
    """An issue to enter."""

    title = Text(max_length=200)


class IssueChanges(_TypedIssue):
    """What of an issue changes; `version` is the one that was seen."""

    version = Whole()
    title = Text(max_length=200, required=False)


class IssueWords(StrictSerializer):
    """What is said: how it goes, how it was resolved, or why it is not over."""

    version = Whole()
    text = Text(max_length=4000)


class IssueClosing(StrictSerializer):
    """The version that was seen."""

    version = Whole()
