"""Resources as the API shows them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Day
from pmo.api.rows import Row, plain
from programs.resources.models import Resource


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
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        for name in ("cost_per_use", "cost_per_hour"):
            row[name] = plain(values[name]) if self.sees_money else None
        return row | {"currency": self.program.currency}


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
