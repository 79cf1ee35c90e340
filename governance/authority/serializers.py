"""Delegated authority as the API shows and takes it."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from governance.authority.models import SubjectKind
from governance.bodies.serializers import bodies
from pmo.api.fields import Choice, Day, Minor, Related, Text, Whole
from pmo.api.rows import OWN, Row
from pmo.api.views import StrictSerializer


class RuleRow(Row):
    """A rule; amounts in minor units of the program's currency, null: without limit."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    subject_kind = Choice(choices=SubjectKind.choices)
    up_to_minor = serializers.IntegerField(allow_null=True)
    up_to_days = serializers.IntegerField(allow_null=True, help_text="Working days of slip; change requests.")
    up_to_score = serializers.IntegerField(
        allow_null=True, help_text="Probability times impact; risk acceptances."
    )
    body_id = serializers.IntegerField()
    body = serializers.CharField(source="body__code")
    valid_from = Day(source=OWN)
    valid_to = Day(source=OWN, allow_null=True, help_text="The first day on which it no longer holds.")
    version = serializers.IntegerField()

    @classmethod
    def of(cls, queryset: Any) -> Any:
        return queryset.values(*{"id", "valid", *(path for _, path, _ in cls.paths())})

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {"valid_from": values["valid"].lower, "valid_to": values["valid"].upper}


class NewRule(StrictSerializer):
    """A rule to put in force."""

    code = Text(max_length=30)
    subject_kind = Choice(choices=SubjectKind.choices)
    body = Related(bodies)
    up_to_minor = Minor(min_value=1, required=False, allow_null=True)
    up_to_days = Whole(min_value=0, max_value=10_000, required=False, allow_null=True)
    up_to_score = Whole(min_value=1, max_value=25, required=False, allow_null=True)
    valid_from = Day()
    valid_to = Day(required=False, allow_null=True)
