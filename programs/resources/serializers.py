"""Resources as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import SMALL, Choice, Day, Exact, Instant, Related, Text, Whole
from pmo.api.rows import Row, plain
from pmo.api.views import StrictSerializer
from programs.calendars.models import Calendar
from programs.portfolio.models import CODE, Project
from programs.resources.models import Resource


def projects(program_id: int) -> Any:
    """The projects of one program."""
    return Project.objects.filter(program_id=program_id)


def calendars(program_id: int) -> Any:
    """The working calendars of one program."""
    return Calendar.objects.filter(program_id=program_id)


class ResourceRow(Row):
    """Who or what does work. Rates in minor units with four decimals, null for who does not see money."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    code = serializers.CharField()
    name = serializers.CharField()
    kind = Choice(choices=Resource.Kind.choices)
    capacity = serializers.DecimalField(10, 4, help_text="Units available at once.")
    cost_per_use = serializers.DecimalField(18, 4, allow_null=True)
    cost_per_hour = serializers.DecimalField(18, 4, allow_null=True)
    currency = serializers.CharField(source="*")
    calendar_id = serializers.IntegerField(
        allow_null=True, help_text="For loads; its project's or the program's where null."
    )
    retired_at = Instant(allow_null=True)
    retired_why = serializers.CharField()
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        for name in ("cost_per_use", "cost_per_hour"):
            row[name] = plain(values[name]) if self.sees_money else None
        return row | {"currency": self.program.currency}


class NewResource(StrictSerializer):
    """Who or what does work. Costs in minor units with four decimals, given by who sees money."""

    code = Text(max_length=60, validators=[CODE])
    name = Text(max_length=200)
    kind = Choice(choices=Resource.Kind.choices, required=False)
    project = Related(projects, required=False, allow_null=True)
    capacity = Exact(10, 4, required=False, help_text="Units at once.")
    calendar = Related(calendars, required=False, allow_null=True)
    cost_per_hour = Exact(18, 4, required=False)
    cost_per_use = Exact(18, 4, required=False)


class ResourceChanges(NewResource):
    """What of a resource changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=SMALL)
    code = Text(max_length=60, validators=[CODE], required=False)
    name = Text(max_length=200, required=False)


class AvailabilityRow(Row):
    """From first to last (both included) there is this much of a resource at once; 0 while it is away."""

    id = serializers.IntegerField()
    resource_id = serializers.IntegerField()
    resource = serializers.CharField(source="resource__code")
    first = Day()
    last = Day()
    capacity = serializers.DecimalField(10, 4)
    reason = serializers.CharField()


def resources(program_id: int) -> Any:
    """The resources of one program."""
    return Resource.objects.filter(program_id=program_id)


class NewAvailability(StrictSerializer):
    """How much of a resource there is on some days; `version` is the resource's."""

    resource = Related(resources)
    version = Whole(min_value=1, max_value=SMALL)
    first = Day()
    last = Day()
    capacity = Exact(10, 4)
    reason = Text(max_length=200, required=False, allow_blank=True)


class ResourceCopy(StrictSerializer):
    """Another one like it, with no work."""

    code = Text(max_length=60, validators=[CODE])
    name = Text(max_length=200)


class ResourceRetirement(StrictSerializer):
    """Why it takes no new work from now on."""

    version = Whole(min_value=1, max_value=SMALL)
    reason = Text(max_length=400)


class ResourceVersion(StrictSerializer):
    """The version that was seen."""

    version = Whole(min_value=1, max_value=SMALL)


class LoadRow(serializers.Serializer[Any]):
    """One period of a resource: hours are units times working hours."""

    period = serializers.CharField(help_text="2027-W10 or 2027-03.")
    first = Day()
    after = Day(help_text="The first day that is not in it any more.")
    hours_asked = serializers.DecimalField(14, 2)
    hours_available = serializers.DecimalField(14, 2)
    percent = serializers.IntegerField(allow_null=True, help_text="Null where there is nothing.")
    most_units = serializers.DecimalField(12, 4, help_text="At any one working minute.")
    over = serializers.BooleanField(help_text="More hours than there are.")
    clash = serializers.BooleanField(help_text="More units at once than there are.")
