"""Deliverables as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Day, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.deliverables.selectors import people
from programs.deliverables.services import EVIDENCE
from programs.deliverables.values import MOST
from programs.portfolio.models import CODE, Project


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


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
    evidence = serializers.CharField(
        help_text="By what it is seen to be met; empty while it is not accepted."
    )
    version = serializers.IntegerField()


class NewDeliverable(StrictSerializer):
    """A deliverable of a project that stands in no baseline."""

    project = Related(projects, help_text="Id of a project of this program.")
    code = Text(max_length=30, validators=[CODE])
    name = Text(max_length=200)
    due_on = Day()
    requirements = serializers.ListField(
        child=Text(max_length=400), min_length=1, max_length=MOST, help_text="What it is accepted by."
    )


class DeliverableChanges(StrictSerializer):
    """Another name or day, or more requirements; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    name = Text(max_length=200, required=False)
    due_on = Day(required=False)
    requirements = serializers.ListField(
        child=Text(max_length=400),
        max_length=MOST,
        required=False,
        help_text="Added to those that are there.",
    )


class RequirementChanges(StrictSerializer):
    """Other words, day or producer of a requirement that is not accepted yet."""

    version = Whole(min_value=1, max_value=SMALL)
    text = Text(max_length=400, required=False)
    due_on = Day(required=False)
    produced_by = Related(people, required=False, allow_null=True, help_text="Id of a member of the program.")


class Acceptance(StrictSerializer):
    """That a requirement is met; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    accepted_on = Day(help_text="Today or earlier.")
    evidence = Text(max_length=EVIDENCE, help_text="By what it is seen.")


class AcceptanceTakenBack(StrictSerializer):
    """Why an acceptance no longer stands."""

    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=1000)
