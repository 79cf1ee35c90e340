"""Assignments as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Exact, Related, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.resources.models import Resource
from programs.resources.wording import WHOLE
from programs.schedule.serializers import activities


def resources(program_id: int) -> Any:
    """The resources of one program."""
    return Resource.objects.filter(program_id=program_id)


class AssignmentRow(Row):
    """Units of a resource on an activity, for all of its duration."""

    id = serializers.IntegerField()
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    project = serializers.CharField(source="activity__project__code")
    resource_id = serializers.IntegerField()
    resource = serializers.CharField(source="resource__code")
    units = serializers.DecimalField(12, 4)
    version = serializers.IntegerField()


class AssignedRow(AssignmentRow):
    """What a write answers with: the assignment, and whom it asks for too much."""

    overload = serializers.CharField(
        source="*", help_text="Who is asked for more than there is now, and in which weeks; empty for nobody."
    )


class NewAssignment(StrictSerializer):
    """A resource to put on an activity."""

    activity = Related(activities, help_text="Id of an activity of this program.")
    resource = Related(resources, help_text="Id of a resource of this program.")
    units = Exact(11, 4, default=WHOLE, help_text="1 is one whole unit; up to 1,000,000.")


class AssignmentChanges(StrictSerializer):
    """Other units; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    units = Exact(11, 4)
