"""Capitalisation as the API shows and takes it. Amounts are minor units of the program's currency."""

from __future__ import annotations

from datetime import date
from typing import Any

from rest_framework import serializers

from finance.capitalisation.models import CapitalisationMark, CapitalisationPolicy
from finance.engine.capitalisation import CRITERIA
from finance.structure.choices import projects
from finance.structure.models import Category, Nature
from pmo.api.fields import Choice, Day, Flag, Related, Text
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.schedule.models import Activity


class PolicyRow(Row):
    """Which standard holds for a project from a day on, and what was shown of it."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    standard = Choice(choices=CapitalisationPolicy.Standard.choices)
    from_day = Day()
    development_from = Day(allow_null=True)
    ready_on = Day(allow_null=True)
    funding_authorised_on = Day(allow_null=True)
    completion_probable_on = Day(allow_null=True)
    uncertain = serializers.BooleanField()
    uncertainty_resolved_on = Day(allow_null=True)
    criteria = serializers.DictField(child=serializers.CharField(), help_text="Criterion -> day shown.")
    evidence = serializers.CharField()
    author = serializers.CharField(source="author__name")
    recorded_at = serializers.DateTimeField()


class MarkRow(Row):
    """What the cost of an activity, and of all below it, is."""

    id = serializers.IntegerField()
    project = serializers.CharField(source="activity__project__code")
    activity = serializers.CharField(source="activity__code")
    stage = Choice(choices=CapitalisationMark.Stage.choices, allow_blank=True)
    cost_kind = Choice(choices=CapitalisationMark.CostKind.choices, allow_blank=True)
    reason = serializers.CharField()
    author = serializers.CharField(source="author__name")
    recorded_at = serializers.DateTimeField()


class CriterionIn(StrictSerializer):
    """A criterion of IAS 38.57 and the day on which it was shown."""

    criterion = Choice(choices=list(CRITERIA.items()))
    shown_on = Day()


class NewPolicy(StrictSerializer):
    """A record of a project's policy."""

    project = Related(projects)
    standard = Choice(choices=CapitalisationPolicy.Standard.choices)
    from_day = Day()
    development_from = Day(required=False, allow_null=True)
    ready_on = Day(required=False, allow_null=True)
    funding_authorised_on = Day(required=False, allow_null=True)
    completion_probable_on = Day(required=False, allow_null=True)
    uncertain = Flag(default=False)
    uncertainty_resolved_on = Day(required=False, allow_null=True)
    criteria = CriterionIn(many=True, required=False)
    evidence = Text(max_length=4000)

    def validate_criteria(self, parts: list[dict[str, Any]]) -> dict[str, date]:
        """Criterion -> day, as the service takes it."""
        return {str(part["criterion"]): part["shown_on"] for part in parts}


def activities(program_id: int) -> Any:
    """The activities of one program."""
    return Activity.objects.filter(program_id=program_id)


class NewMark(StrictSerializer):
    """What the cost of an activity is; empty texts take a mark back."""

    activity = Related(activities)
    stage = Choice(choices=CapitalisationMark.Stage.choices, allow_blank=True, default="")
    cost_kind = Choice(choices=CapitalisationMark.CostKind.choices, allow_blank=True, default="")
    reason = Text(max_length=400)


class RestatedOut(serializers.Serializer[Any]):
    """The capital part of the same spend under a standard."""

    standard = Choice(choices=CapitalisationPolicy.Standard.choices)
    capital_minor = serializers.IntegerField()


class ProjectOut(serializers.Serializer[Any]):
    """What a project spent; `proposed_capital_minor` is null where no policy is recorded."""

    project = serializers.CharField()
    standard = Choice(choices=CapitalisationPolicy.Standard.choices, allow_null=True)
    spent_minor = serializers.IntegerField()
    posted_capital_minor = serializers.IntegerField()
    proposed_capital_minor = serializers.IntegerField(allow_null=True)
    restated = RestatedOut(many=True)


class GroupOut(serializers.Serializer[Any]):
    """Cost lines that are treated alike; `proposed` is null before any policy holds."""

    project = serializers.CharField()
    activity = serializers.CharField()
    category = Choice(choices=Category.choices)
    cost_kind = Choice(choices=CapitalisationMark.CostKind.choices)
    stage = Choice(choices=CapitalisationMark.Stage.choices)
    first_day = Day()
    last_day = Day()
    lines = serializers.IntegerField()
    amount_minor = serializers.IntegerField()
    posted = Choice(choices=Nature.choices)
    proposed = Choice(choices=Nature.choices, allow_null=True)
    paragraph = serializers.CharField()
    why = serializers.CharField()
    evidence = serializers.ListField(child=serializers.CharField())


class CapitalisationOut(serializers.Serializer[Any]):
    """The program's spend as posted, as proposed and restated."""

    currency = serializers.CharField()
    projects = ProjectOut(many=True)
    groups = GroupOut(many=True)
