"""Change requests as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Choice, Day, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.changes.models import ChangeRequest
from programs.portfolio.models import Project
from programs.raid.models import Risk


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)


def risks(program_id: int) -> Any:
    """The risks of one program."""
    return Risk.objects.filter(program_id=program_id)


class ChangeRequestRow(Row):
    """A change request. `edits` are in order, each with `do` and what it is about; instants UTC, lengths minutes."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    code = serializers.CharField()
    title = serializers.CharField()
    reason = serializers.CharField()
    alternatives = serializers.CharField()
    offered = serializers.CharField()
    tolerated_until = Day(allow_null=True)
    risk_id = serializers.IntegerField(allow_null=True)
    edits = serializers.ListField(child=serializers.DictField())
    state = Choice(choices=ChangeRequest.State.choices)
    requester = serializers.CharField(source="requester__name")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class _Typed(StrictSerializer):
    alternatives = Text(max_length=8_000, allow_blank=True, required=False)
    offered = Text(max_length=8_000, allow_blank=True, required=False)
    tolerated_until = Day(allow_null=True, required=False)
    risk = Related(risks, allow_null=True, required=False)


class NewChangeRequest(_Typed):
    """A change request to draft."""

    project = Related(projects)
    title = Text(max_length=200)
    reason = Text(max_length=8_000)


class ChangeRequestChanges(_Typed):
    """What of a request's words changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    title = Text(max_length=200, required=False)
    reason = Text(max_length=8_000, required=False)


class ImpactOut(serializers.Serializer[Any]):
    """What the edits do to the plan: as it was computed, with the digest that a ballot would be held on."""

    plan_version = serializers.IntegerField()
    stale = serializers.CharField(help_text="Why the figures no longer hold; empty where they do.")
    sha256 = serializers.CharField()
    computed_at = serializers.DateTimeField()
    finish_minutes = serializers.IntegerField(help_text="Working minutes; negative for earlier.")
    slip_minutes = serializers.IntegerField(help_text="The greatest slip of the program and its projects.")
    finish_before = serializers.CharField()
    finish_after = serializers.CharField()
    activities_moved = serializers.IntegerField()
    critical_joined = serializers.ListField(child=serializers.CharField())
    critical_left = serializers.ListField(child=serializers.CharField())
