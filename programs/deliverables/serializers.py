"""Deliverables as the API shows them."""

from __future__ import annotations

from rest_framework import serializers

from pmo.api.fields import Day
from pmo.api.rows import Row


class DeliverableRow(Row):
    """A thing to be handed over."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    code = serializers.CharField()
    name = serializers.CharField()
    due_on = Day()
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField(source="warrant__number", allow_null=True)
    version = serializers.IntegerField()


class RequirementRow(Row):
    """One requirement of a deliverable."""

    id = serializers.IntegerField()
    deliverable_id = serializers.IntegerField()
    deliverable = serializers.CharField(source="deliverable__code")
    code = serializers.CharField()
    text = serializers.CharField()
    due_on = Day()
    produced_by = serializers.CharField(source="produced_by__name", allow_null=True)
    accepted_on = Day(allow_null=True)
    accepted_by = serializers.CharField(source="accepted_by__name", allow_null=True)
    version = serializers.IntegerField()
