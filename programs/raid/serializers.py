"""Risks as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Day, Exact, Instant, Minor, Related, Text, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.portfolio.models import CODE, Project
from programs.raid.models import Risk, RiskAcceptance


def projects(program_id: int) -> Any:
    """The component projects of one program."""
    return Project.objects.filter(program_id=program_id)


class RiskRow(Row):
    """A risk; exposure in minor units of the currency and in working days, `score` is probability times impact."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField(allow_null=True)
    project = serializers.CharField(source="project__code", allow_null=True)
    code = serializers.CharField()
    title = serializers.CharField()
    cause = serializers.CharField()
    event = serializers.CharField()
    effect = serializers.CharField()
    probability = serializers.IntegerField()
    impact = serializers.IntegerField()
    score = serializers.IntegerField(source="*")
    exposure_minor = serializers.IntegerField()
    exposure_days = serializers.DecimalField(8, 2)
    currency = serializers.CharField(source="*")
    response = Choice(choices=Risk.Response.choices)
    owner = serializers.CharField(source="owner__name", allow_null=True)
    state = Choice(choices=Risk.State.choices)
    raised_on = Day()
    due_on = Day(allow_null=True)
    version = serializers.IntegerField()

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        row["score"] = row["probability"] * row["impact"]
        row["currency"] = self.program.currency
        return row


class _Typed(StrictSerializer):
    project = Related(
        projects, required=False, allow_null=True, help_text="Id of a project; the whole program without."
    )
    cause = Text(max_length=5_000, allow_blank=True, required=False)
    event = Text(max_length=5_000, allow_blank=True, required=False)
    effect = Text(max_length=5_000, allow_blank=True, required=False)
    exposure_minor = Minor(required=False)
    exposure_days = Exact(max_digits=8, decimal_places=2, min_value=0, required=False)
    response = Choice(choices=Risk.Response.choices, required=False)
    state = Choice(choices=Risk.State.choices, required=False)
    due_on = Day(required=False, allow_null=True)


class NewRisk(_Typed):
    """A risk to record."""

    code = Text(max_length=30, validators=[CODE])
    title = Text(max_length=200)
    probability = Whole(min_value=1, max_value=5)
    impact = Whole(min_value=1, max_value=5)


class RiskChanges(_Typed):
    """What of a risk changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    code = Text(max_length=30, validators=[CODE], required=False)
    title = Text(max_length=200, required=False)
    probability = Whole(min_value=1, max_value=5, required=False)
    impact = Whole(min_value=1, max_value=5, required=False)


def risks_of(program_id: int) -> Any:
    """The risks of one program."""
    return Risk.objects.filter(program_id=program_id)


class AcceptanceRow(Row):
    """What was asked: the risk as it was scored, the highest score accepted, the last day; the decision if granted."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    risk_id = serializers.IntegerField()
    risk = serializers.CharField(source="risk__code")
    about = serializers.CharField()
    probability = serializers.IntegerField()
    impact = serializers.IntegerField()
    appetite = serializers.IntegerField(
        help_text="The highest score, probability times impact, that is accepted."
    )
    exposure_minor = serializers.IntegerField()
    currency = serializers.CharField(source="*")
    reason = serializers.CharField()
    until = Day(help_text="The last day on which it holds.")
    state = Choice(choices=RiskAcceptance.State.choices)
    requester = serializers.CharField(source="requester__name")
    asked_at = Instant()
    decision = serializers.CharField(source="warrant__number", allow_null=True)

    def complete(self, row: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
        return row | {"currency": self.program.currency}


class NewAcceptance(StrictSerializer):
    """A risk to accept; `version` is the risk's as it was seen."""

    risk = Related(risks_of)
    version = Whole(min_value=1, max_value=2**31 - 1)
    reason = Text(max_length=4000)
    until = Day()
    appetite = Whole(min_value=1, max_value=25, required=False, help_text="Its present score without.")
