"""Links, computations and reported progress as the API shows and takes them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from pmo.api.fields import Choice, Instant, Related, Whole
from pmo.api.rows import Row
from pmo.api.views import StrictSerializer
from programs.schedule.models import Activity, Dependency, Recalculation

MOST_LAG = 60 * 24 * 366 * 30


def activities(program_id: int) -> Any:
    """The activities of one program."""
    return Activity.objects.filter(program_id=program_id)


class DependencyRow(Row):
    """A link between two activities of the program."""

    id = serializers.IntegerField()
    predecessor_id = serializers.IntegerField()
    predecessor = serializers.CharField(source="predecessor__code")
    predecessor_project = serializers.CharField(source="predecessor__project__code")
    successor_id = serializers.IntegerField()
    successor = serializers.CharField(source="successor__code")
    successor_project = serializers.CharField(source="successor__project__code")
    kind = Choice(choices=Dependency.Kind.choices)
    lag = serializers.IntegerField(
        help_text="Minutes, or percent where the unit says so; a lead is negative."
    )
    lag_unit = Choice(choices=Dependency.LagUnit.choices)
    version = serializers.IntegerField()


class NewDependency(StrictSerializer):
    """A link to make."""

    predecessor = Related(activities, help_text="Id of an activity of this program.")
    successor = Related(activities, help_text="Id of an activity of this program.")
    kind = Choice(choices=Dependency.Kind.choices, default=Dependency.Kind.FS)
    lag = Whole(min_value=-MOST_LAG, max_value=MOST_LAG, default=0)
    lag_unit = Choice(choices=Dependency.LagUnit.choices, default=Dependency.LagUnit.WORKING)
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )


class DependencyChanges(StrictSerializer):
    """What of a link changes; `version` is the one that was seen."""

    version = Whole(min_value=1, max_value=2**31 - 1)
    kind = Choice(choices=Dependency.Kind.choices, required=False)
    lag = Whole(min_value=-MOST_LAG, max_value=MOST_LAG, required=False)
    lag_unit = Choice(choices=Dependency.LagUnit.choices, required=False)
    agreed = serializers.BooleanField(
        default=False, help_text="Save it although committed milestones move later; without it that is 409."
    )


class ComputationRow(Row):
    """One calculation of the program's dates, with the version of the plan it was made from."""

    id = serializers.IntegerField()
    plan_version = serializers.IntegerField()
    computed_at = Instant()
    plan_finish = Instant(allow_null=True)
    critical_minutes = serializers.IntegerField(help_text="Working minutes along the longest path.")
    activities = serializers.IntegerField()
    dependencies = serializers.IntegerField()
    milliseconds = serializers.IntegerField()
    findings = serializers.JSONField()


class LatestComputationRow(ComputationRow):
    """The computation in force. Where the plan is ahead of it, a worker computes the next one."""

    plan_is_at = serializers.IntegerField(source="*", help_text="The plan's version now.")
    state = Choice(
        source="*",
        choices=[
            ("fresh", "The dates are of the plan as it is"),
            ("behind", "The next edit computes them"),
            *Recalculation.State.choices,
        ],
        help_text="What becomes of the difference; `fresh` where there is none, or with `known`.",
    )
    step = serializers.CharField(source="*", help_text="What the worker is doing.")
    percent = serializers.IntegerField(source="*")
    error = serializers.CharField(source="*", help_text="Why the dates could not be computed.")


class StatusPeriodRow(Row):
    """A status date of a project."""

    id = serializers.IntegerField()
    project_id = serializers.IntegerField()
    project = serializers.CharField(source="project__code")
    number = serializers.IntegerField()
    name = serializers.CharField()
    at = Instant()


class ProgressRow(Row):
    """What was true of one activity at one status date; durations in working minutes."""

    id = serializers.IntegerField()
    period_id = serializers.IntegerField()
    at = Instant(source="period__at")
    activity_id = serializers.IntegerField()
    activity = serializers.CharField(source="activity__code")
    project = serializers.CharField(source="activity__project__code")
    actual_start = Instant(allow_null=True)
    actual_finish = Instant(allow_null=True)
    actual_minutes = serializers.IntegerField()
    remaining_minutes = serializers.IntegerField(allow_null=True)
    percent_complete = serializers.DecimalField(13, 10)
